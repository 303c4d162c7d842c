// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/gui/fake_host.h"

#include <initializer_list>
#include <string>
#include <vector>

namespace gantry::test {

/// Containers as runtimes tell of them, for FakeEngine and the pages.

inline constexpr std::uint64_t kWebInode = 30;
inline constexpr const char *kWebId = "4be1c0ffee5f7a1d4be1c0ffee5f7a1d4be1c0ffee5f7a1d4be1c0ffee5f7a1d";
inline constexpr const char *kWebPath = "/machine.slice/libpod-4be1c0ffee5f7a1d.scope";

inline void setVerbs(v1::ContainerDetail &container, std::initializer_list<const char *> verbs)
{
    container.clear_runtime_verbs();
    for (const char *verb : verbs)
        container.add_runtime_verbs(verb);
}

/// What its runtime can do for a container in that state.
inline void setState(v1::ContainerDetail &container, v1::ContainerState state)
{
    container.set_state(state);
    if (state == v1::CONTAINER_STATE_RUNNING)
        setVerbs(container, {"pause", "update", "stop", "restart", "kill", "log"});
    else
        setVerbs(container, {"start", "remove", "log"});
}

/// A container with everything a runtime can tell. @param state RUNNING: with a cgroup; else without.
inline v1::Node webNode(v1::ContainerState state = v1::CONTAINER_STATE_RUNNING)
{
    v1::Node node = containerNode(kWebInode, "web", kWebPath);
    v1::ContainerDetail &container = *node.mutable_container();
    container.set_id(kWebId);
    container.set_image("docker.io/library/nginx:1.25");
    container.set_image_id("sha256:a8758716bb6aa4d90071160d27028fe4eaee7ce8166221a97d30440c8eac2be6");
    (*container.mutable_labels())["com.example.tier"] = "front";
    (*container.mutable_labels())["maintainer"] = "<ops & co>";
    container.set_created_realtime_usec(1'700'000'000'000'000);
    container.set_started_realtime_usec(1'700'000'100'000'000);
    container.set_restart_policy("unless-stopped");
    v1::PublishedPort &port = *container.add_ports();
    port.set_host_port(8'080);
    port.set_container_port(80);
    port.set_protocol("tcp");
    port.set_count(10);
    for (const bool readOnly : {false, true}) {
        v1::ContainerMount &mount = *container.add_mounts();
        mount.set_type(readOnly ? "bind" : "volume");
        mount.set_source(readOnly ? "/srv/www" : "/var/lib/containers/storage/volumes/data/_data");
        mount.set_destination(readOnly ? "/usr/share/nginx/html" : "/data");
        mount.set_read_only(readOnly);
    }
    v1::ContainerAddress &address = *container.add_addresses();
    address.set_network("podman");
    address.set_address("10.88.0.2");
    address.set_mac("5e:12:34:56:78:9a");
    for (const char *word : {"nginx", "-g", "daemon off;"})
        container.add_command(word);
    container.set_health("healthy");
    container.set_oci_runtime("crun");
    container.set_root_folder("/var/lib/containers/storage/overlay/4be1/merged");
    container.set_facts_source("podman API at /run/podman/podman.sock");
    container.set_pod_id("9d0a");
    container.set_pod_name("shop");
    setState(container, state);
    if (state == v1::CONTAINER_STATE_RUNNING) {
        container.set_init_pid(4'711);
        container.set_monitor_pid(4'700);
        v1::NamespaceRef &space = *container.add_namespaces();
        space.set_type(v1::NAMESPACE_TYPE_NET);
        space.set_inode(4'026'532'000);
        space.set_own(true);
    } else {
        node.set_id(NodeId::containerByHash(7).v);
        container.set_cgroup_id(0);
        container.clear_cgroup_path();
    }
    return node;
}

/// Another container of the same pod that has ended. @param number makes it unique.
inline v1::Node endedNode(std::uint64_t number, const std::string &name)
{
    v1::Node node = webNode(v1::CONTAINER_STATE_EXITED);
    node.set_id(NodeId::containerByHash(1'000 + number).v);
    node.set_name(name);
    node.mutable_container()->set_id(name + "-id");
    return node;
}

} // namespace gantry::test
