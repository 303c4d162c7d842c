// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/cgroup/freezer.h"

#include "tests/fuzz/fuzz_input.h"

using namespace gantry;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const std::string_view text = fuzz::textOf(data, size);
    const auto newline = text.find('\n');
    const std::string_view second = newline == text.npos ? text : text.substr(newline + 1);
    (void)cgroup::parseV1Freezer(text.substr(0, newline), second);
    (void)cgroup::parseV2Freezer(text.substr(0, newline), second);
    return 0;
}
