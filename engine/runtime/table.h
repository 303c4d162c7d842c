// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/runtime/source.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace gantry::runtime {

/// One container as all sources together know it.
struct Known
{
    FactsPtr facts;
    std::shared_ptr<const Source> owner; ///< the highest of those that know it: its verbs are this one's
};

/// The containers of one source as it listed them last.
struct Listed
{
    std::shared_ptr<const Source> source;
    std::vector<FactsPtr> containers;
};

/// Everything the sources know, one entry a container: where several know the same one (podman and crun, docker and
/// containerd), the highest rank is believed and the others fill what it leaves empty. Immutable. Thread: any.
class Table
{
public:
    Table() = default;
    explicit Table(std::vector<Listed> sources);

    [[nodiscard]] const std::vector<Known> &all() const { return m_all; }
    /// By the runtime's id, cgroup or first process, whichever is known; nullptr: no source knows it. A rootless
    /// container is only found in a cgroup of its user: what a user's own files say holds for nobody else.
    /// @param cgroupPath of the container. @param id, initPid may be empty and 0.
    [[nodiscard]] const Known *find(std::string_view cgroupPath, std::string_view id, std::int32_t initPid) const;

    /// The same container as these facts are of, now; nullptr: it is gone.
    [[nodiscard]] const Known *again(const Facts &facts) const;

private:
    void add(const std::shared_ptr<const Source> &source, const FactsPtr &facts);
    [[nodiscard]] Known *sameAs(const Facts &facts);

    std::vector<Known> m_all;
    std::unordered_multimap<std::string, std::size_t> m_byId; ///< index into m_all
    std::unordered_multimap<std::string, std::size_t> m_byCgroup;
    std::unordered_multimap<std::int32_t, std::size_t> m_byInit;
};
using TablePtr = std::shared_ptr<const Table>;

/// True if a cgroup lies below the slice of this user. Source: systemd's user@.service(5).
[[nodiscard]] bool isOfUser(std::string_view cgroupPath, std::uint32_t uid);

} // namespace gantry::runtime
