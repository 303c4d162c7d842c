// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/cgroup/cgroup_path.h"

#include "engine/base/strings.h"

#include <algorithm>

#include <climits>

namespace gantry::cgroup {

namespace {

constexpr std::string_view kOp = "cgroup path";

/// What is wrong with one component; empty if nothing is.
std::string_view wrongWith(std::string_view name)
{
    if (name.empty())
        return "has an empty component";
    if (name == "." || name == "..")
        return "has a component that is \".\" or \"..\"";
    if (name.size() > NAME_MAX)
        return "has a component longer than 255 bytes";
    if (name.find('/') != std::string_view::npos)
        return "has a / inside a name";
    return {};
}

std::string_view wrongWithTyped(std::string_view name)
{
    if (std::ranges::any_of(name, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }))
        return "has a control character";
    return wrongWith(name);
}

} // namespace

Result<CgroupPath> CgroupPath::parse(std::string_view text)
{
    if (!text.starts_with('/'))
        return fail(EINVAL, kOp, printable(text), "does not begin with /");
    if (text.size() == 1)
        return CgroupPath();
    std::string_view rest = text.substr(1);
    while (true) {
        const auto slash = rest.find('/');
        if (const std::string_view wrong = wrongWithTyped(rest.substr(0, slash)); !wrong.empty())
            return fail(EINVAL, kOp, printable(text), wrong);
        if (slash == std::string_view::npos)
            return CgroupPath(std::string(text));
        rest.remove_prefix(slash + 1);
    }
}

std::string_view CgroupPath::name() const
{
    return isRoot() ? std::string_view(m_text) : std::string_view(m_text).substr(m_text.rfind('/') + 1);
}

CgroupPath CgroupPath::parent() const
{
    const auto slash = m_text.rfind('/');
    return slash == 0 ? CgroupPath() : CgroupPath(m_text.substr(0, slash));
}

Result<CgroupPath> CgroupPath::child(std::string_view name) const
{
    if (const std::string_view wrong = wrongWithTyped(name); !wrong.empty())
        return fail(EINVAL, kOp, printable(name), wrong);
    return listedChild(name);
}

Result<CgroupPath> CgroupPath::listedChild(std::string_view name) const
{
    if (const std::string_view wrong = wrongWith(name); !wrong.empty())
        return fail(EINVAL, kOp, printable(name), wrong);
    return CgroupPath(isRoot() ? strCat('/', name) : strCat(m_text, '/', name));
}

bool CgroupPath::contains(const CgroupPath &other) const
{
    return isRoot() || other.m_text == m_text ||
           (other.m_text.starts_with(m_text) && other.m_text[m_text.size()] == '/');
}

std::size_t CgroupPath::depth() const
{
    return isRoot() ? 0 : static_cast<std::size_t>(std::ranges::count(m_text, '/'));
}

} // namespace gantry::cgroup
