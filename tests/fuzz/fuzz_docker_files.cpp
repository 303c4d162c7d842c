// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runtime/docker_files.h"

#include "tests/fuzz/fuzz_input.h"

using namespace gantry;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const std::string_view text = fuzz::textOf(data, size);
    if (const auto facts = runtime::parseDockerContainer(text, text))
        fuzz::require(!facts->id.empty() && facts->initPid >= 0);
    (void)runtime::parseDockerLog(text);
    return 0;
}
