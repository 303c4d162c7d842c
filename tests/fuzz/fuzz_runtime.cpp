// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runtime/recognise.h"

#include "tests/fuzz/fuzz_input.h"

using namespace gantry;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const std::string_view text = fuzz::textOf(data, size);
    const auto match = runtime::recognise(text);
    fuzz::require(!match || text.starts_with(match->root));
    return 0;
}
