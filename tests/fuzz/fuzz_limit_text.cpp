// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/cgroup/limit_text.h"

#include "tests/fuzz/fuzz_input.h"

using namespace gantry;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const std::string_view text = fuzz::textOf(data, size);
    for (const LimitInfo &info : limitTable())
        (void)cgroup::parseV2Limit(info.key, text);
    (void)cgroup::parseV1Bytes(text);
    (void)cgroup::parseThrottle(text);
    const auto newline = text.find('\n');
    (void)cgroup::parseV1CpuMax(text.substr(0, newline), newline == text.npos ? text : text.substr(newline));
    return 0;
}
