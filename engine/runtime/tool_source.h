// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/runtime/source.h"

#include <span>
#include <string>
#include <utility>
#include <vector>

namespace gantry::runtime {

/// A source whose verbs are done by the runtime's own tool.
class ToolSource : public Source
{
public:
    [[nodiscard]] Result<> update(const Facts &container, std::span<const std::pair<LimitKey, LimitValue>> limits,
                                  const Patience &patience) const override;
    [[nodiscard]] Result<> act(const Facts &container, Verb verb, const Patience &patience) const override;
    [[nodiscard]] std::string command(const Facts &container, Verb verb) const override;
    [[nodiscard]] std::string updateCommand(const Facts &container,
                                            std::span<const std::pair<LimitKey, LimitValue>> limits) const override;

protected:
    /// The tool and its arguments; empty: not for this container or verb. @param handle what the container is called by.
    [[nodiscard]] virtual std::vector<std::string> words(const Facts &container, Verb verb,
                                                         const std::string &handle) const = 0;
    /// The same up to the options of update(); empty: it has no such verb.
    [[nodiscard]] virtual std::vector<std::string> updateWords(const Facts & /*container*/) const { return {}; }
    /// What a person calls it by; done is by the id: a name may be another container's meanwhile.
    [[nodiscard]] virtual const std::string &shownHandle(const Facts &container) const { return container.id; }

private:
    [[nodiscard]] Result<std::vector<std::string>>
    wholeUpdate(const Facts &container, std::span<const std::pair<LimitKey, LimitValue>> limits,
                const std::string &handle) const;
};

/// What a tool prints about its version, trimmed; empty where there is no such tool. @errors as runTool().
[[nodiscard]] Result<std::string> toolVersion(const std::vector<std::string> &words, const Patience &patience);

} // namespace gantry::runtime
