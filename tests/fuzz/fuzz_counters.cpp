// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/cgroup/counters.h"

#include "tests/fuzz/fuzz_input.h"

using namespace gantry;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const std::string_view text = fuzz::textOf(data, size);
    cgroup::Figures figures;
    for (const cgroup::CounterFile &file : cgroup::counterFiles())
        if (cgroup::parseCounters(file, text, figures))
            fuzz::require(figures.values.size() <= file.keys.size());
    return 0;
}
