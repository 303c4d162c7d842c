// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace gantry {

/// What a node of the tree is; the numbers are those of gantry.v1.NodeKind.
enum class NodeKind : std::uint8_t { None = 0, Host = 1, Cgroup = 2, Container = 3, Namespace = 4, Process = 5 };

/// Identity of a node of one host during one boot: never reused for another object of that boot.
///
/// 64 bits: kind (4), sub-space (4), number (56).
///   host       1, 0, 1
///   cgroup     2, hierarchy slot, inode of its directory in the first hierarchy it was seen in
///   container  3, 0 = by cgroup (slot in the number's top 4 bits) or 1 = by init process, that object's number; 2 = one
///              that does not run: hash of what its runtime calls it
///   namespace  4, gantry.v1.NamespaceType, inode of the nsfs file
///   process    5, 0, pid (22 bits, PID_MAX_LIMIT) and start time in clock ticks (34 bits: 5 years at 100 Hz)
/// 0 is "no node".  Kernel: a re-created cgroup path has another inode, and a reused pid another start time.
struct NodeId
{
    std::uint64_t v = 0;

    auto operator<=>(const NodeId &) const = default;
    [[nodiscard]] explicit operator bool() const { return v != 0; }
    [[nodiscard]] constexpr NodeKind kind() const { return static_cast<NodeKind>(v >> 60); }
    [[nodiscard]] constexpr unsigned space() const { return static_cast<unsigned>(v >> 56 & 0xF); }
    [[nodiscard]] constexpr std::uint64_t number() const { return v & kNumberMask; }

    static constexpr std::uint64_t kNumberMask = (std::uint64_t{1} << 56) - 1;

    [[nodiscard]] static constexpr NodeId make(NodeKind kind, unsigned space, std::uint64_t number)
    {
        return NodeId{static_cast<std::uint64_t>(kind) << 60 | static_cast<std::uint64_t>(space & 0xF) << 56 |
                      (number & kNumberMask)};
    }
    [[nodiscard]] static constexpr NodeId host() { return make(NodeKind::Host, 0, 1); }
    /// @param slot HierarchyIndex of the hierarchy whose inode it is.
    [[nodiscard]] static constexpr NodeId cgroup(unsigned slot, std::uint64_t inode)
    {
        return make(NodeKind::Cgroup, slot, inode);
    }
    [[nodiscard]] static constexpr NodeId process(std::int32_t pid, std::uint64_t startTicks)
    {
        return make(NodeKind::Process, 0, static_cast<std::uint64_t>(pid) << 34 | (startTicks & 0x3'FFFF'FFFF));
    }
    /// @param type number of gantry.v1.NamespaceType.
    [[nodiscard]] static constexpr NodeId nameSpace(unsigned type, std::uint64_t inode)
    {
        return make(NodeKind::Namespace, type, inode);
    }
    [[nodiscard]] static constexpr NodeId containerOfCgroup(NodeId cgroup)
    {
        return make(NodeKind::Container, 0, static_cast<std::uint64_t>(cgroup.space()) << 52 | cgroup.number());
    }
    [[nodiscard]] static constexpr NodeId containerOfProcess(NodeId process)
    {
        return make(NodeKind::Container, 1, process.number());
    }
    /// One that has neither cgroup nor process. @param hash of its runtime, owner and id.
    [[nodiscard]] static constexpr NodeId containerByHash(std::uint64_t hash)
    {
        return make(NodeKind::Container, 2, hash ^ hash >> 56);
    }
};

/// A process that cannot be confused with a later one of the same pid.
struct ProcessKey
{
    std::int32_t pid = 0;
    std::uint64_t startTicks = 0; ///< field 22 of /proc/PID/stat; 0: not known
    auto operator<=>(const ProcessKey &) const = default;
};

} // namespace gantry

template <> struct std::hash<gantry::NodeId>
{
    std::size_t operator()(gantry::NodeId id) const noexcept
    {
        // Inodes are dense and the top byte is nearly constant: one multiplication spreads them.
        return static_cast<std::size_t>((id.v ^ id.v >> 29) * 0x9E37'79B9'7F4A'7C15u);
    }
};
