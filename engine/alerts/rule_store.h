// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/alerts/rules.h"
#include "engine/base/observers.h"

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace gantry::alerts {

/// The rules in force: the built-in ones, as changed by the user, and the user's own, kept in one file. Thread: any.
class RuleStore
{
public:
    using Rules = std::shared_ptr<const std::vector<AlertRule>>;

    /// @param file of the user's rules; empty: nothing is kept over a restart.
    explicit RuleStore(std::string file);

    /// Reads the file; a missing one is an empty one. The built-in rules hold whatever it returns, and a file that
    /// cannot be understood is not overwritten: it is kept beside as FILE.bad at the next change.
    /// @errors of reading; EILSEQ/EINVAL naming file, line and text.
    [[nodiscard]] Result<> load();

    /// Built-in ones first, then by id.
    [[nodiscard]] Rules rules() const;

    /// Adds a rule (empty id: one is made up) or replaces it, on disk first (temporary file, fsync, rename).
    /// @return the rule as kept. @errors of checkRule(), EEXIST never, EDQUOT for more than kMost rules, of writing.
    [[nodiscard]] Result<AlertRule> set(AlertRule rule);
    /// Removes a user's rule; a built-in one goes back to what it was. @errors ENOENT, EPERM for a built-in rule that
    /// is unchanged (disable it instead), of writing.
    [[nodiscard]] Result<> remove(const std::string &id);

    /// Woken after each change.
    [[nodiscard]] Observers::Subscription subscribe(std::function<void()> callback)
    {
        return m_observers.subscribe(std::move(callback));
    }

    static constexpr std::size_t kMost = 1000;

private:
    [[nodiscard]] Result<> save(const std::map<std::string, AlertRule> &own);
    void publish();

    const std::string m_file;
    std::mutex m_writing;       ///< one change at a time; held over the file's write, never with m_mutex
    bool m_unreadable = false;  ///< under m_writing: the file is to be kept beside
    mutable std::mutex m_mutex; ///< of what follows
    std::map<std::string, AlertRule> m_own;
    Rules m_rules;
    Observers m_observers;
};

} // namespace gantry::alerts
