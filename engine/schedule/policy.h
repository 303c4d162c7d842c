// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"
#include "engine/repository/retention.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// When checkpoints are taken by themselves, how long they are kept, and whether what dies comes back. No process, no
/// store, no thread: that is engine/service.
namespace gantry::schedule {

/// How a subject is found again.
enum class Follow : std::uint8_t {
    Life,     ///< a tree of processes: by its first one, and by its restores
    Cgroup,   ///< what is in it
    Container ///< by its runtime's id
};

/// What an admin wants for one subject.
struct Policy
{
    std::string key;     ///< ContainerIdentity::id of its checkpoints: names it
    std::string subject; ///< as it is shown: "pid 812 (node)", "/a/b"
    Follow follow = Follow::Life;
    std::string where; ///< life, path or id
    std::chrono::milliseconds every{60'000};
    repository::Retention retention;
    bool restart = false; ///< from its newest checkpoint that can be read, where it dies by itself
    std::string by;       ///< whose wish it is, for the audit log
    bool operator==(const Policy &other) const;
};

inline constexpr std::chrono::milliseconds kLeastPeriod{1'000};
inline constexpr std::chrono::milliseconds kMostPeriod{std::chrono::hours(24 * 366)};
inline constexpr std::size_t kMostPolicies = 1'000;

/// @errors EINVAL naming the value that is out of its range.
[[nodiscard]] Result<> checkPolicy(const Policy &policy);

/// The file of policies, JSON. @errors EILSEQ: a text is not UTF-8.
[[nodiscard]] Result<std::string> formatPolicies(const std::vector<Policy> &policies);
/// @errors EBADMSG for what is no file of policies, ENOTSUP where a newer Gantry wrote it.
[[nodiscard]] Result<std::vector<Policy>> parsePolicies(std::string_view json);

} // namespace gantry::schedule
