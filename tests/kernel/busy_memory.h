// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace gantry::test {

/// For checkpoint_target's case "busy-memory": makes 96 MiB of private memory, no page like another.
void fillMemory();

/// Does without a pause what userfaultfd(2) tells of: reads, writes, forks, moves, empties, unmaps; and compares each
/// page that it reads with what it has to be. Answers SIGUSR1 as the case "remember" does: a number of its own, the sum
/// of all pages, how many rounds it has done. Where one is wrong it says so in the file "wrong", and ends.
[[noreturn]] void useMemory();

} // namespace gantry::test
