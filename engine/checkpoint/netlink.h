// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"

#include <memory>

#include <libmnl/libmnl.h>

namespace gantry::checkpoint {

struct CloseNetlink
{
    void operator()(mnl_socket *socket) const { mnl_socket_close(socket); }
};
using Netlink = std::unique_ptr<mnl_socket, CloseNetlink>;

/// A netlink socket that sees the net namespace of that descriptor. @param bus NETLINK_SOCK_DIAG ... of
/// <linux/netlink.h>. @param name of it, for errors. @errors of setns(2), socket(2). Thread: any.
[[nodiscard]] Result<Netlink> netlinkIn(int space, int bus, const char *name);

/// Reads the answer to what was sent last. @param take called with each message and `data`; null: only its end matters.
/// @errors the kernel's; EAGAIN after 2 s.
[[nodiscard]] Result<> readAnswer(mnl_socket *socket, const char *name, mnl_cb_t take, void *data);

} // namespace gantry::checkpoint
