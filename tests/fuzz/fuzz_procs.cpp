// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/cgroup/procs.h"

#include "tests/fuzz/fuzz_input.h"

using namespace gantry;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const std::string_view text = fuzz::textOf(data, size);
    if (const auto pids = cgroup::parseProcs(text))
        for (const std::int32_t pid : *pids)
            fuzz::require(pid > 0);
    (void)cgroup::parseMembership(text);
    return 0;
}
