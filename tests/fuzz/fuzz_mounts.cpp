// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/cgroup/mounts.h"

#include "tests/fuzz/fuzz_input.h"

using namespace gantry;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const std::string_view text = fuzz::textOf(data, size);
    (void)cgroup::parseMountInfo(text);
    (void)cgroup::parseControllers(text);
    fuzz::require(cgroup::slotOfController(text) < 16);
    return 0;
}
