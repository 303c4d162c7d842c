// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/runtime/process_look.h"
#include "engine/runtime/source.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::runtime {

/// Containers and virtual machines that registered with systemd-machined, by its bus (org.freedesktop.machine1(5)):
/// those of systemd-nspawn and libvirt, say. machinectl stops, restarts and kills them; virsh stops and kills those of libvirt-lxc. Their log is in the journal,
/// which is not read here. Changes are seen in the folder of machined's own files; what is in them is not read.
/// @param folder "/run/systemd/machines".
[[nodiscard]] std::unique_ptr<Source> makeMachined(std::string folder, ProcessLook look = lookAtProcess);

/// The domain that libvirt registered as this machine: "lxc-581-web" is "web" (its id comes first), as is "qemu-3-web";
/// another name is its own. machined takes no more than 64 characters of host names, so libvirt may have shortened it.
/// Source: libvirt's src/util/virsystemd.c, virSystemdMakeMachineName().
[[nodiscard]] std::string domainOfMachine(std::string_view machine);

/// Facts::runtime of a machine by its Service property: "nspawn", "libvirt", or the word itself.
[[nodiscard]] std::string runtimeOfService(std::string_view service);

/// Source if machined runs and has a machine, or had one since the boot: asking would start it.
[[nodiscard]] std::vector<Candidate> findMachined(const HostTree &host);

} // namespace gantry::runtime
