// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"
#include "engine/base/ids.h"

#include <cstdint>
#include <map>
#include <stop_token>
#include <unordered_map>
#include <vector>

namespace gantry::inventory {

/// Which processes are in pid namespaces other than the host's, as /proc shows it. A value.
class PidSpaces
{
public:
    struct Space
    {
        std::uint64_t inode = 0;
        std::uint64_t parent = 0; ///< namespace of its init's parent process; 0: not known
        ProcessKey init;          ///< the process that is pid 1 in it; pid 0: not seen
        std::vector<std::int32_t> members;
    };

    /// Looks at every process, 3 us each: workers only. Those that may not be read count as the host's.
    /// @errors of listing /proc; ECANCELED.
    [[nodiscard]] static Result<PidSpaces> read(std::stop_token stop);

    /// By inode; the host's own is not among them.
    [[nodiscard]] const std::map<std::uint64_t, Space> &all() const { return m_spaces; }
    /// True if the process is in this namespace or in one nested in it.
    [[nodiscard]] bool isInside(std::int32_t pid, std::uint64_t inode) const;

private:
    std::map<std::uint64_t, Space> m_spaces;
    std::unordered_map<std::int32_t, std::uint64_t> m_spaceOf;
};

} // namespace gantry::inventory
