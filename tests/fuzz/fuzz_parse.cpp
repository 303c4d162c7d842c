// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/parse.h"

#include "tests/fuzz/fuzz_input.h"

using namespace gantry;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const std::string_view text = fuzz::textOf(data, size);
    (void)parseU64(text);
    (void)parseI64(text);
    (void)parseDouble(text);
    std::size_t length = 0;
    (void)forEachFlatKey(text, [&length](std::string_view key, std::uint64_t) { length += key.size(); });
    fuzz::require(length <= size);
    return 0;
}
