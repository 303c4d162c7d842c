// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/tree_look.h"

#include "tests/fuzz/fuzz_input.h"

using namespace gantry;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const std::string_view text = fuzz::textOf(data, size);
    checkpoint::SocketLook sockets;
    checkpoint::parseTcp(text, sockets);
    if (const auto mounts = checkpoint::parseMounts(text))
        for (const checkpoint::MountLook &mount : *mounts)
            fuzz::require(mount.id > 0 && mount.mountPoint.starts_with('/'));
    return 0;
}
