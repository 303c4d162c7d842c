// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runtime/oci_config.h"
#include "engine/runtime/oci_source.h"

#include "tests/fuzz/fuzz_input.h"

using namespace gantry;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const std::string_view text = fuzz::textOf(data, size);
    if (const auto state = runtime::parseRuncState(text))
        fuzz::require(state->facts.initPid > 0 && !state->facts.id.empty());
    if (const auto state = runtime::parseCrunStatus(text))
        fuzz::require(state->facts.initPid > 0);
    if (const auto json = runtime::parseJson("config.json", text))
        (void)runtime::readOciConfig(*json);
    const std::string path = runtime::cgroupOfOci(text);
    fuzz::require(path.empty() || path.front() == '/');
    (void)runtime::containerCgroup(text, path);
    const std::string pod = runtime::podmanPodIn(text);
    fuzz::require(pod.empty() || pod.size() == 64);
    return 0;
}
