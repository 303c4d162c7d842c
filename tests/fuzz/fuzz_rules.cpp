// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/alerts/rules.h"

#include "tests/fuzz/fuzz_input.h"

using namespace gantry;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const auto rules = alerts::parseRules(fuzz::textOf(data, size));
    if (!rules)
        return 0;
    // What was accepted is legal, and is the same after it was written and read.
    for (const alerts::AlertRule &rule : *rules)
        fuzz::require(alerts::checkRule(rule).has_value());
    const auto again = alerts::parseRules(alerts::formatRules(*rules));
    fuzz::require(again && *again == *rules);
    return 0;
}
