// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/gui/fake_host.h"

#include <map>
#include <random>
#include <string>
#include <vector>

namespace gantry::test {

/// A host that changes at random: cgroups come, go, change their slices and become containers, of pods and users;
/// containers without a cgroup come and go, and some change what they are grouped by.
class RandomHost
{
public:
    explicit RandomHost(unsigned seed) : m_random(seed)
    {
        m_nodes.emplace(NodeId::host().v, hostNode());
        const v1::Node root = cgroupNode(m_nextInode++, NodeId::host().v, "/");
        m_nodes.emplace(root.id(), root);
        m_cgroups.push_back(root.id());
    }

    v1::InventoryUpdate snapshot() const
    {
        v1::InventoryUpdate update;
        update.set_snapshot(true);
        *update.add_upserted() = m_nodes.at(NodeId::host().v);
        for (const std::uint64_t id : m_cgroups) // parents were made first
            *update.add_upserted() = m_nodes.at(id);
        for (const auto &[id, node] : m_nodes) {
            if (node.has_container())
                *update.add_upserted() = node;
        }
        return update;
    }

    const std::vector<std::uint64_t> &cgroups() const { return m_cgroups; }

    v1::InventoryUpdate step()
    {
        v1::InventoryUpdate update;
        const unsigned choice = pick(10);
        if (choice < 4)
            create(update);
        else if (choice < 6)
            remove(update);
        else if (choice < 8)
            makeContainer(update);
        else
            changeContainers(update);
        return update;
    }

private:
    unsigned pick(std::size_t below)
    {
        return std::uniform_int_distribution<unsigned>(0, static_cast<unsigned>(below) - 1)(m_random);
    }

    void create(v1::InventoryUpdate &update)
    {
        const std::uint64_t parent = m_cgroups.at(pick(m_cgroups.size()));
        const std::string &above = m_nodes.at(parent).cgroup().path();
        const std::uint64_t inode = m_nextInode++;
        const v1::Node node = cgroupNode(inode, parent, (above == "/" ? "" : above) + "/n" + std::to_string(inode));
        m_nodes.emplace(node.id(), node);
        m_cgroups.push_back(node.id());
        *update.add_upserted() = node;
    }

    void remove(v1::InventoryUpdate &update)
    {
        if (m_cgroups.size() < 3)
            return;
        removeBelow(m_cgroups.at(1 + pick(m_cgroups.size() - 1)), update);
    }

    void removeBelow(std::uint64_t id, v1::InventoryUpdate &update)
    {
        const std::vector<std::uint64_t> all = m_cgroups;
        for (const std::uint64_t child : all) {
            if (m_nodes.contains(child) && m_nodes.at(child).parent_id() == id)
                removeBelow(child, update);
        }
        if (const std::uint64_t container = m_nodes.at(id).cgroup().container_id(); container != 0) {
            update.add_removed(container);
            m_nodes.erase(container);
        }
        update.add_removed(id);
        m_nodes.erase(id);
        std::erase(m_cgroups, id);
    }

    void makeContainer(v1::InventoryUpdate &update)
    {
        v1::Node &cgroup = m_nodes.at(m_cgroups.at(pick(m_cgroups.size())));
        if (cgroup.cgroup().container_id() != 0 || cgroup.cgroup().path() == "/")
            return;
        v1::Node container =
            containerNode(NodeId{cgroup.id()}.number(), "c-" + cgroup.name(), cgroup.cgroup().path());
        dress(*container.mutable_container());
        cgroup.mutable_cgroup()->set_container_id(container.id());
        m_nodes.emplace(container.id(), container);
        *update.add_upserted() = cgroup;
        *update.add_upserted() = container;
    }

    /// Pod, label, owner and runtime at random.
    void dress(v1::ContainerDetail &container)
    {
        static const char *const kSome[]{"", "a", "b", "c"};
        container.set_pod_id(kSome[pick(4)]);
        container.set_pod_name(container.pod_id().empty() || pick(2) == 0 ? "" : "pod-" + container.pod_id());
        container.set_runtime(pick(2) == 0 ? "podman" : "docker");
        container.clear_labels();
        if (pick(2) == 0)
            (*container.mutable_labels())["tier"] = kSome[pick(4)];
        container.clear_user_uid();
        if (pick(2) == 0)
            container.set_user_uid(1'000 + pick(2));
    }

    void changeContainers(v1::InventoryUpdate &update)
    {
        std::vector<std::uint64_t> containers;
        for (const auto &[id, node] : m_nodes) {
            if (node.has_container())
                containers.push_back(id);
        }
        const unsigned choice = pick(4);
        if (choice == 0 || containers.empty()) {
            v1::Node ended = containerNode(0, "ended" + std::to_string(m_nextInode), "");
            ended.set_id(NodeId::containerByHash(m_nextInode++).v);
            ended.mutable_container()->set_cgroup_id(0);
            ended.mutable_container()->set_state(v1::CONTAINER_STATE_EXITED);
            dress(*ended.mutable_container());
            m_nodes.emplace(ended.id(), ended);
            *update.add_upserted() = ended;
            return;
        }
        v1::Node &container = m_nodes.at(containers.at(pick(containers.size())));
        if (container.container().cgroup_id() == 0 && choice == 1) {
            update.add_removed(container.id());
            m_nodes.erase(container.id());
        } else if (container.container().cgroup_id() != 0 && choice == 2) {
            v1::Node &cgroup = m_nodes.at(container.container().cgroup_id());
            cgroup.mutable_cgroup()->mutable_ownership()->set_slice(pick(2) == 0 ? "machine.slice" : "user.slice");
            *update.add_upserted() = cgroup;
        } else {
            dress(*container.mutable_container());
            *update.add_upserted() = container;
        }
    }

    std::mt19937 m_random;
    std::uint64_t m_nextInode = 100;
    std::map<std::uint64_t, v1::Node> m_nodes;
    std::vector<std::uint64_t> m_cgroups;
};

} // namespace gantry::test
