// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/coming_in.h"

#include "engine/base/parse.h"
#include "engine/base/strings.h"
#include "engine/checkpoint/tree_look.h"

#include <algorithm>
#include <string_view>

namespace gantry::checkpoint {

namespace {

constexpr std::string_view kPrefix = "lazy.";

} // namespace

Result<std::unique_ptr<ComingIn>> ComingIn::say(const std::string &folder, std::int32_t pid)
{
    constexpr auto kFile = LockedEntry::Kind::File;
    LockedEntry::removeLeft(folder, kPrefix, kFile);
    LockedEntry said = GANTRY_TRY(LockedEntry::create(folder, strCat(kPrefix, pid, '.'), kFile));
    return std::unique_ptr<ComingIn>(new ComingIn(std::move(said)));
}

ComingIn::~ComingIn()
{
    m_said.remove();
}

Result<> ComingIn::check(const std::string &folder, std::span<const std::int32_t> pids)
{
    for (const std::string &name : GANTRY_TRY(heldFiles(folder, kPrefix))) {
        const auto root = parseI64(std::string_view(name).substr(0, name.find('.')));
        const auto tree = root ? treeOf(static_cast<std::int32_t>(*root)) : std::unexpected(root.error());
        if (tree && std::ranges::find_first_of(*tree, pids) != tree->end())
            return fail(EBUSY, "checkpoint", strCat("pid ", *root), "its memory is still coming in after a restore",
                        "Try again when that job is done");
    }
    return {};
}

} // namespace gantry::checkpoint
