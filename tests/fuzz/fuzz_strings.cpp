// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/strings.h"

#include "tests/fuzz/fuzz_input.h"

using namespace gantry;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const std::string_view text = fuzz::textOf(data, size);
    fuzz::require(isUtf8(printable(text)));
    fuzz::require(trim(text).size() <= size);
    return 0;
}
