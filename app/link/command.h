// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/link/destination.h"
#include "app/link/ssh_words.h"
#include "engine/base/child.h"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::link {

/// What a program left behind.
struct Ran
{
    int exitCode = 0; ///< as Child::reap()
    std::string out;  ///< the last 16 KiB
    std::string err;  ///< the same
};

/// Runs a program of the user's here. @param input read by it; -1: nothing. @errors of starting it; ETIMEDOUT: it did not
/// end, and was killed. Thread: any, blocks.
[[nodiscard]] Result<Ran> runHere(const std::vector<std::string> &words, int input, std::chrono::milliseconds patience);

/// Runs a POSIX shell script on a host. @errors as runHere(); those of ssh itself, in its words.
[[nodiscard]] Result<Ran> runThere(const Destination &destination, const Programs &programs, bool mayAsk,
                                   std::string_view script, int input, std::chrono::milliseconds patience);

} // namespace gantry::link
