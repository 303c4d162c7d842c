// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/inventory/protection.h"

#include "engine/base/log.h"
#include "engine/base/parse.h"
#include "engine/cgroup/procs.h"

#include <algorithm>

#include <unistd.h>

namespace gantry::inventory {

using cgroup::CgroupPath;

Protection Protection::read(const cgroup::Hierarchies &hierarchies, const std::vector<CgroupPath> &configured,
                            const std::string &proc)
{
    Protection out;
    out.m_configured = configured;
    const auto own = cgroup::cgroupsOf(hierarchies, ::getpid(), proc);
    const auto pid1 = cgroup::cgroupsOf(hierarchies, 1, proc);
    if (!own || !pid1) {
        out.m_unknown = strCat("it is not known where Gantry and PID 1 are: ", (own ? pid1 : own).error().message());
        return out;
    }
    out.m_own.insert("/");
    for (std::string path : *own) {
        while (path.starts_with('/')) {
            out.m_own.insert(path);
            path.resize(path.rfind('/'));
        }
    }
    out.m_pid1.insert(pid1->begin(), pid1->end());
    return out;
}

std::string Protection::reason(const CgroupPath &path) const
{
    if (!m_unknown.empty())
        return m_unknown;
    const auto holds = [&path](const CgroupPath &top) { return top.contains(path); };
    if (std::ranges::any_of(m_configured, holds))
        return "protected by configuration";
    if (m_own.contains(path.text()))
        return "ancestor of Gantry itself";
    if (m_pid1.contains(path.text()))
        return "cgroup of PID 1";
    return {};
}

std::vector<CgroupPath> configuredProtection(const std::vector<std::string> &given, const std::string &file)
{
    std::vector<std::string> lines = given;
    if (const auto text = readFile(file)) {
        std::string_view rest = *text;
        while (const auto line = takeLine(rest)) {
            const std::string_view path = trim(line->substr(0, line->find('#')));
            if (!path.empty())
                lines.emplace_back(path);
        }
    } else if (text.error().posix() != ENOENT) {
        log::warning(log::Area::Inventory, "protected cgroups", text.error());
    }
    std::vector<CgroupPath> out;
    for (const std::string &line : lines) {
        if (auto path = CgroupPath::parse(line))
            out.push_back(*std::move(path));
        else
            log::warning(log::Area::Inventory, "protected cgroups", path.error());
    }
    return out;
}

} // namespace gantry::inventory
