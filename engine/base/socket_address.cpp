// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/socket_address.h"

#include <algorithm>
#include <iterator>

namespace gantry {

Result<SocketAddress> socketAddress(std::string_view path)
{
    SocketAddress out;
    out.m_address.sun_family = AF_UNIX;
    if (path.size() >= sizeof out.m_address.sun_path)
        return failErrno("socket", path, ENAMETOOLONG);
    std::ranges::copy(path, std::begin(out.m_address.sun_path));
    return out;
}

} // namespace gantry
