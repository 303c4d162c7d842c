// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/limit.h"

#include "tests/fuzz/fuzz_input.h"

using namespace gantry;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const std::string_view text = fuzz::textOf(data, size);
    (void)parseBytes(text);
    (void)parseDeviceNumber(text);
    (void)limitKeyByName(text);
    for (const LimitInfo &info : limitTable()) {
        const auto value = parseLimitValue(info.key, text);
        // What was accepted is legal, and its own spelling is read back as the same value.
        if (!value)
            continue;
        fuzz::require(checkLimitValue(info.key, *value).has_value());
        const auto again = parseLimitValue(info.key, limitValueText(*value));
        fuzz::require(again && *again == *value);
    }
    return 0;
}
