// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"

#include <functional>
#include <memory>

#include <libmnl/libmnl.h>

namespace gantry::namespaces {

struct CloseNetlink
{
    void operator()(mnl_socket *socket) const { mnl_socket_close(socket); }
};
using Netlink = std::unique_ptr<mnl_socket, CloseNetlink>;

/// Calls it on a thread that is in the net namespace of that descriptor, and waits for it: setns(2) holds for one
/// thread, a socket stays in the namespace it was made in. @param name for errors. @errors of setns(2); of `make`.
[[nodiscard]] Result<> inNetwork(int space, const char *name, const std::function<Result<>()> &make);

/// A netlink socket that sees the net namespace of that descriptor. @param bus NETLINK_SOCK_DIAG ... of
/// <linux/netlink.h>. @param name of it, for errors. @errors of setns(2), socket(2). Thread: any.
[[nodiscard]] Result<Netlink> netlinkIn(int space, int bus, const char *name);

/// Reads the answer to what was sent last. @param take called with each message and `data`; null: only its end matters.
/// @errors the kernel's; EAGAIN after 2 s.
[[nodiscard]] Result<> readAnswer(mnl_socket *socket, const char *name, mnl_cb_t take, void *data);

} // namespace gantry::namespaces
