// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace gantry::test {

/// For checkpoint_target's case "write-memory": 16 MiB of private and 1 MiB of shared memory, no page like another.
void fillWrittenMemory();

/// Writes some of it all the time, and compares what it reads with what it wrote last; a child does the same in its own
/// memory. Answers SIGUSR1 as the case "remember" does: a number of its own, the sum of the pages that are never
/// written, how many rounds it has done; all pages are compared before. Where one is wrong it says so in the file
/// "wrong", and ends.
[[noreturn]] void writeMemory();

} // namespace gantry::test
