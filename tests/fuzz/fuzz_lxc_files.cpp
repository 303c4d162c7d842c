// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runtime/lxc_files.h"

#include "tests/fuzz/fuzz_input.h"

using namespace gantry;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const std::string_view text = fuzz::textOf(data, size);
    for (const runtime::Mount &mount : runtime::parseLxcConfig(text).mounts)
        fuzz::require(mount.source.starts_with('/') && mount.destination.starts_with('/'));
    const std::string path = runtime::parseLxcPath(text);
    fuzz::require(path.empty() || path.front() == '/');
    return 0;
}
