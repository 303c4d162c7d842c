// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/ids.h"
#include "engine/base/metric.h"
#include "gantry/v1/inventory.pb.h"
#include "gantry/v1/metrics.pb.h"

#include <string>
#include <vector>

namespace gantry::test {

/// Messages of a host that does not exist, for models and pages.

inline v1::Node hostNode()
{
    v1::Node node;
    node.set_id(NodeId::host().v);
    node.set_kind(v1::NODE_KIND_HOST);
    node.set_name("db-host-03");
    node.mutable_host()->set_cgroup_mode("hybrid");
    return node;
}

inline v1::Node cgroupNode(std::uint64_t inode, std::uint64_t parent, const std::string &path)
{
    v1::Node node;
    node.set_id(NodeId::cgroup(0, inode).v);
    node.set_parent_id(parent);
    node.set_kind(v1::NODE_KIND_CGROUP);
    node.set_name(path.substr(path.rfind('/') + 1));
    node.mutable_cgroup()->set_path(path);
    node.mutable_cgroup()->set_freezer(v1::FREEZER_STATE_THAWED);
    return node;
}

inline v1::Node containerNode(std::uint64_t inode, const std::string &name, const std::string &path)
{
    const NodeId cgroup = NodeId::cgroup(0, inode);
    v1::Node node;
    node.set_id(NodeId::containerOfCgroup(cgroup).v);
    node.set_parent_id(NodeId::host().v);
    node.set_kind(v1::NODE_KIND_CONTAINER);
    node.set_name(name);
    node.mutable_container()->set_runtime("podman");
    node.mutable_container()->set_id("4be1" + name);
    node.mutable_container()->set_cgroup_id(cgroup.v);
    node.mutable_container()->set_cgroup_path(path);
    return node;
}

/// A frame with the tree's metrics for the nodes; `value(metric, row)` gives the number.
template <class Value> v1::Frame frameOf(const std::vector<std::uint64_t> &nodes, Value value)
{
    v1::Frame frame;
    frame.mutable_node_ids()->Add(nodes.begin(), nodes.end());
    for (const Metric metric : kTreeMetrics) {
        v1::Frame::Column &column = *frame.add_columns();
        column.set_metric(static_cast<std::uint32_t>(metric));
        column.set_states(std::string(nodes.size(), static_cast<char>(v1::CELL_STATE_VALUE)));
        for (std::size_t row = 0; row < nodes.size(); ++row) {
            if (metricInfo(metric)->integral)
                column.add_integers(static_cast<std::uint64_t>(value(metric, row)));
            else
                column.add_reals(static_cast<double>(value(metric, row)));
        }
    }
    return frame;
}

} // namespace gantry::test
