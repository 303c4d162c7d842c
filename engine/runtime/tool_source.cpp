// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runtime/tool_source.h"

#include "engine/base/strings.h"
#include "engine/runtime/tool.h"

#include <algorithm>
#include <cerrno>
#include <iterator>

namespace gantry::runtime {

Result<std::vector<std::string>> ToolSource::wholeUpdate(const Facts &container,
                                                         std::span<const std::pair<LimitKey, LimitValue>> limits,
                                                         const std::string &handle) const
{
    std::vector<std::string> out = updateWords(container);
    if (out.empty())
        return out;
    std::ranges::move(GANTRY_TRY(limitOptions(limits)), std::back_inserter(out));
    out.push_back(handle);
    return out;
}

Result<> ToolSource::update(const Facts &container, std::span<const std::pair<LimitKey, LimitValue>> limits,
                            const Patience &patience) const
{
    const std::vector<std::string> all = GANTRY_TRY(wholeUpdate(container, limits, container.id));
    if (all.empty())
        return Source::update(container, limits, patience);
    GANTRY_CHECK(runToolFor(Verb::Update, container, all, patience));
    return {};
}

Result<> ToolSource::act(const Facts &container, Verb verb, const Patience &patience) const
{
    const bool isAct = verb != Verb::Update && verb != Verb::Log;
    const std::vector<std::string> all = isAct ? words(container, verb, container.id) : std::vector<std::string>();
    if (all.empty())
        return Source::act(container, verb, patience);
    GANTRY_CHECK(runToolFor(verb, container, all, patience));
    return {};
}

std::string ToolSource::command(const Facts &container, Verb verb) const
{
    return typedCommand(words(container, verb, shownHandle(container)));
}

std::string ToolSource::updateCommand(const Facts &container,
                                      std::span<const std::pair<LimitKey, LimitValue>> limits) const
{
    const auto all = wholeUpdate(container, limits, shownHandle(container));
    return all ? typedCommand(*all) : std::string();
}

Result<std::string> toolVersion(const std::vector<std::string> &words, const Patience &patience)
{
    const auto out = runTool(words, patience);
    if (!out && out.error().posix() == ENOENT)
        return std::string();
    if (!out)
        return std::unexpected(out.error());
    return std::string(trim(out->standardOutput));
}

} // namespace gantry::runtime
