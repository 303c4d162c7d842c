// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runtime/flatpak_files.h"

#include "tests/fuzz/fuzz_input.h"

using namespace gantry;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const std::string_view text = fuzz::textOf(data, size);
    (void)runtime::parseFlatpakInfo(text);
    fuzz::require(runtime::parseBwrapInfo(text) >= 0);
    return 0;
}
