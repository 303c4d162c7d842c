// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runtime/podman_files.h"

#include "tests/fuzz/fuzz_input.h"

using namespace gantry;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    if (const auto rows = runtime::parsePodmanList(fuzz::textOf(data, size))) {
        for (const runtime::Facts &facts : *rows) // a name of a folder
            fuzz::require(!facts.id.empty() && facts.id.find('/') == std::string::npos && facts.id.front() != '.');
    }
    return 0;
}
