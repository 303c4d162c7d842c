// SPDX-License-Identifier: GPL-3.0-or-later
// What a runtime's API socket may answer: a user's own may say anything.
#include "engine/runtime/api_json.h"

#include "tests/fuzz/fuzz_input.h"

using namespace gantry::runtime;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const std::string_view text = gantry::fuzz::textOf(data, size);
    for (const Dialect dialect : {Dialect::Docker, Dialect::Podman}) {
        static_cast<void>(parseApiList(dialect, text));
        static_cast<void>(parseApiInspect(dialect, text));
    }
    static_cast<void>(parseApiEvent(text));
    static_cast<void>(parseApiLog(text, true));
    static_cast<void>(parseApiLog(text, false));
    static_cast<void>(apiMessage(text));
    static_cast<void>(microsOfTime(text));
    return 0;
}
