// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace gantry::test {

/// Connects to itself by TCP. @param apart in a net namespace of its own. @return false: errno.
[[nodiscard]] bool connectToSelf(bool apart);

/// Sends bytes that count up and receives them, for ever; tells in the file "answer" each time `asked` is set:
/// "refused received": how many calls were refused as those of a socket in repair mode are (EINVAL, EPERM), how many
/// bytes came. A byte that is missing, wrong or comes twice ends it, and so does any other error.
[[noreturn]] void talkToSelf();

} // namespace gantry::test
