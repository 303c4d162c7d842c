// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/launch/network.h"

/// Packets of ARP, for network.h. Source: RFC 826, RFC 5227, packet(7). Thread: any.
namespace gantry::launch {

/// Asks three times who has an address, and listens for half a second in all. @param index of a network device in the
/// net namespace of the calling thread. @param own its MAC address. @return each once. @errors of packet(7).
[[nodiscard]] Result<std::vector<Mac>> probe(int index, const Mac &own, in_addr address);
/// Tells everybody that an address is at this MAC address. @param index as above. @errors of packet(7).
[[nodiscard]] Result<> announce(int index, const Mac &mac, in_addr address);

} // namespace gantry::launch
