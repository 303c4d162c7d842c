// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/sampler/host.h"

#include "tests/fuzz/fuzz_input.h"

using namespace gantry;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const std::string_view text = fuzz::textOf(data, size);
    std::vector<cgroup::Figure> figures;
    (void)sampler::parseMeminfo(text, figures);
    (void)sampler::parseVmstat(text, figures);
    (void)sampler::parseStat(text, figures);
    (void)sampler::parseLoadavg(text, figures);
    std::vector<sampler::DeviceIo> devices;
    (void)sampler::parseDiskstats(text, devices);
    return 0;
}
