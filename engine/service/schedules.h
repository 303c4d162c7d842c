// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/fd.h"
#include "engine/cgroup/hierarchy.h"
#include "engine/schedule/policy.h"
#include "engine/schedule/state.h"
#include "engine/service/lives.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace gantry::service {

/// The schedules of this host, as files below the state folder, which the engines of console and gantryctl share:
///   schedules.json        what is wanted (schedule::Policy)
///   schedules.state.json  how it goes, written by whoever runs them
///   schedules.lock        held over a change of schedules.json
///   schedules.run         held, with its pid in it, by whoever runs them
///   ended/PID             a life that somebody ended on purpose: it does not come back by itself
/// Thread: any; blocks.
class Schedules
{
public:
    using Change = std::function<Result<>(std::vector<schedule::Policy> &)>;

    explicit Schedules(std::string stateFolder) : m_folder(std::move(stateFolder)) {}

    /// Empty where there is no file. @errors as parsePolicies() with the file; of reading.
    [[nodiscard]] Result<std::vector<schedule::Policy>> policies() const;
    /// Reads, changes, writes; nobody else does so meanwhile. @errors of `change`, and nothing is written then.
    [[nodiscard]] Result<> edit(const Change &change) const;
    /// Of the file as it is now: another one means that it was changed. 0: there is none.
    [[nodiscard]] std::uint64_t version() const;

    [[nodiscard]] std::vector<schedule::State> states() const; ///< empty where they cannot be read
    [[nodiscard]] Result<> keepStates(const std::vector<schedule::State> &states) const;

    /// To run them: held until it is closed. @return nullopt: another one runs them. @errors of the file.
    [[nodiscard]] Result<std::optional<UniqueFd>> tryToRun() const;
    /// @return 0: nobody runs them.
    [[nodiscard]] std::int32_t runner() const;

    /// What was ended on purpose, of these processes: only those that a schedule follows are kept in mind. To be called
    /// before the end. Failures are logged: an admin must be able to end something on a full disk.
    void ending(std::span<const std::int32_t> pids) const;
    /// The same for all in a cgroup and below it.
    void endingIn(const cgroup::Hierarchies &hierarchies, const cgroup::CgroupPath &path) const;
    [[nodiscard]] bool wasEnded(const Life &life) const;
    /// It was not ended after all, or it lives again.
    void forgetEnd(const Life &life) const;

private:
    [[nodiscard]] std::vector<Life> followed() const;
    void keepEnd(const Life &life) const;
    [[nodiscard]] std::string file(const char *name) const { return m_folder + "/" + name; }

    const std::string m_folder;
};

} // namespace gantry::service
