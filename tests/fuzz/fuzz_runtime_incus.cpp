// SPDX-License-Identifier: GPL-3.0-or-later
// What Incus' or LXD's API socket may answer.
#include "engine/runtime/incus_source.h"

#include "tests/fuzz/fuzz_input.h"

using namespace gantry::runtime;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const std::string_view text = gantry::fuzz::textOf(data, size);
    static_cast<void>(parseIncusList(IncusKind::Incus, text));
    static_cast<void>(parseIncusState(text));
    static_cast<void>(parseIncusEvent(text));
    static_cast<void>(incusMessage(text));
    static_cast<void>(listensAt(text, "/var/lib/incus/guestapi/sock"));
    gantry::fuzz::require(incusLogLines(text, 3).size() <= 3);
    // A name comes back as it went, whatever it is; what may not be in a URL is not.
    const IncusName name = IncusName::ofFull(text);
    gantry::fuzz::require(name.full() == text || name.project == "default" || name.project.empty());
    gantry::fuzz::require(name.path().find_first_of(" \r\n\"") == std::string::npos);
    return 0;
}
