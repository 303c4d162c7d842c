// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/inventory/containers.h"

#include "engine/base/strings.h"
#include "engine/cgroup/procs.h"
#include "engine/inventory/host_facts.h"
#include "engine/inventory/pid_spaces.h"
#include "engine/inventory/processes.h"
#include "engine/process/process.h"
#include "engine/runtime/recognise.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>

namespace gantry::inventory {

namespace {

using cgroup::CgroupPath;
using namespaces::Type;

void applyFacts(ContainerNode &detail, std::string &name, const runtime::FactsPtr &facts)
{
    detail.facts = facts;
    detail.runtime = facts->runtime;
    if (!facts->id.empty())
        detail.id = printable(facts->id);
    if (!facts->name.empty())
        name = printable(facts->name);
}

/// One scan.
class Scan
{
public:
    Scan(const cgroup::Hierarchies &hierarchies, const Snapshot &snapshot, const runtime::Table &table,
         std::stop_token stop, PidSpaces spaces)
        : m_hierarchies(hierarchies)
        , m_snapshot(snapshot)
        , m_table(table)
        , m_stop(std::move(stop))
        , m_spaces(std::move(spaces))
        , m_hostName(hostName())
    {
        if (auto refs = namespaces::ofHost())
            m_hostSpaces = *std::move(refs);
    }

    void matchPaths();
    void matchRuntimes();
    void matchPidSpaces();
    void finish();
    void addStopped();
    [[nodiscard]] std::vector<Node> take();

private:
    struct Container
    {
        Node node;
        ContainerNode detail;
    };
    void addCgroup(const std::string &path, NodeId cgroup, const runtime::Match &match);
    void giveFacts(Container &container);
    [[nodiscard]] Container *containerOfPath(const std::string &path);
    [[nodiscard]] Container *containerOfProcess(std::int32_t pid);
    void addBare(const PidSpaces::Space &space);
    void findOwnCgroup(ContainerNode &container, const PidSpaces::Space &space) const;
    [[nodiscard]] bool holdsOnly(const CgroupPath &path, const PidSpaces::Space &space) const;
    [[nodiscard]] ProcessKey oldestProcess(NodeId cgroup) const;
    void describeNamespaces(ContainerNode &container) const;
    [[nodiscard]] std::string nameByMonitor(const ContainerNode &container) const;
    [[nodiscard]] std::string nameOfBare(const ContainerNode &container) const;

    const cgroup::Hierarchies &m_hierarchies;
    const Snapshot &m_snapshot;
    const runtime::Table &m_table;
    const std::stop_token m_stop;
    const PidSpaces m_spaces;
    const std::string m_hostName;
    std::vector<namespaces::Ref> m_hostSpaces;
    std::map<std::string, Container, std::less<>> m_byPath; ///< by the path of their cgroup
    std::vector<Container> m_bare;
    std::set<const runtime::Facts *> m_claimed; ///< facts that have their container
};

void Scan::matchPaths()
{
    for (const NodePtr &node : m_snapshot.nodes()) {
        const CgroupNode *cgroup = node->cgroup();
        const auto match = cgroup != nullptr ? runtime::recognise(cgroup->cgroup.path.text()) : std::nullopt;
        if (!match || match->root != cgroup->cgroup.path.text())
            continue;
        addCgroup(match->root, node->id, *match);
    }
}

void Scan::addCgroup(const std::string &path, NodeId cgroup, const runtime::Match &match)
{
    Container &out = m_byPath[path];
    out.node.id = NodeId::containerOfCgroup(cgroup);
    out.node.name = printable(match.name);
    out.detail.runtime = match.runtime;
    out.detail.id = printable(match.id);
    out.detail.cgroup = cgroup;
    out.detail.cgroupPath = path;
}

/// Containers whose cgroup follows no convention, but whose runtime tells it.
void Scan::matchRuntimes()
{
    std::map<std::string_view, const runtime::Facts *> wanted;
    for (const runtime::Known &known : m_table.all()) {
        const runtime::Facts &facts = *known.facts;
        if (facts.cgroupPath.size() > 1 && containerOfPath(facts.cgroupPath) == nullptr &&
            (!facts.userUid || runtime::isOfUser(facts.cgroupPath, *facts.userUid)))
            wanted.emplace(facts.cgroupPath, &facts);
    }
    if (wanted.empty())
        return;
    for (const NodePtr &node : m_snapshot.nodes()) {
        const CgroupNode *cgroup = node->cgroup();
        const auto found = cgroup != nullptr ? wanted.find(cgroup->cgroup.path.text()) : wanted.end();
        if (found == wanted.end())
            continue;
        const runtime::Facts &facts = *found->second;
        addCgroup(facts.cgroupPath, node->id, {facts.runtime, facts.id, facts.name, facts.cgroupPath});
    }
}

Scan::Container *Scan::containerOfPath(const std::string &path)
{
    // What a runtime told first: its cgroup may lie inside one that looks like another's.
    for (std::string_view here = path; here.size() > 1; here = here.substr(0, here.rfind('/'))) {
        if (const auto found = m_byPath.find(here); found != m_byPath.end())
            return &found->second;
    }
    return nullptr;
}

Scan::Container *Scan::containerOfProcess(std::int32_t pid)
{
    const auto paths = cgroup::cgroupsOf(m_hierarchies, pid);
    if (!paths)
        return nullptr;
    for (const std::string &path : *paths) {
        if (Container *container = containerOfPath(path))
            return container;
    }
    return nullptr;
}

void Scan::matchPidSpaces()
{
    // Of spaces inside each other the outermost makes the container; what it nests is part of it.
    for (const auto &[inode, space] : m_spaces.all()) {
        if (m_stop.stop_requested())
            return;
        if (space.init.pid == 0)
            continue;
        Container *container = containerOfProcess(space.init.pid);
        const bool nested = m_spaces.all().contains(space.parent);
        if (container == nullptr) {
            if (!nested)
                addBare(space);
            continue;
        }
        const PidSpaces::Space *outer = nested ? &m_spaces.all().at(space.parent) : nullptr;
        if (outer == nullptr || outer->init.pid == 0 || containerOfProcess(outer->init.pid) != container)
            container->detail.init = space.init;
    }
}

void Scan::addBare(const PidSpaces::Space &space)
{
    Container out;
    out.node.id = NodeId::containerOfProcess(NodeId::process(space.init.pid, space.init.startTicks));
    out.detail.runtime = "bare";
    out.detail.init = space.init;
    findOwnCgroup(out.detail, space);
    m_bare.push_back(std::move(out));
}

bool Scan::holdsOnly(const CgroupPath &path, const PidSpaces::Space &space) const
{
    const NodePtr node = m_snapshot.findCgroup(path);
    const auto pids = node != nullptr ? pidsOf(m_hierarchies, m_snapshot, node->id, true, m_stop)
                                      : Result<std::vector<std::int32_t>>();
    return pids && !pids->empty() &&
           std::ranges::all_of(*pids, [&](std::int32_t pid) { return m_spaces.isInside(pid, space.inode); });
}

void Scan::findOwnCgroup(ContainerNode &container, const PidSpaces::Space &space) const
{
    const auto paths = cgroup::cgroupsOf(m_hierarchies, space.init.pid);
    if (!paths)
        return;
    for (const std::string &text : *paths) {
        const auto parsed = CgroupPath::parse(text);
        if (!parsed || parsed->isRoot() || !holdsOnly(*parsed, space))
            continue;
        // The topmost one that holds nothing else: an init moves itself into a child of it.
        CgroupPath own = *parsed;
        while (!own.parent().isRoot() && holdsOnly(own.parent(), space))
            own = own.parent();
        container.cgroup = m_snapshot.findCgroup(own)->id;
        container.cgroupPath = own.text();
        return;
    }
}

ProcessKey Scan::oldestProcess(NodeId cgroup) const
{
    ProcessKey oldest;
    const auto pids = pidsOf(m_hierarchies, m_snapshot, cgroup, true, m_stop);
    for (const std::int32_t pid : pids.value_or(std::vector<std::int32_t>{})) {
        const auto stat = process::readStat(pid);
        if (stat && (oldest.pid == 0 || stat->startTicks < oldest.startTicks))
            oldest = {pid, stat->startTicks};
    }
    return oldest;
}

void Scan::describeNamespaces(ContainerNode &container) const
{
    const auto refs = namespaces::ofProcess(container.init.pid);
    for (const namespaces::Ref ref : refs.value_or(std::vector<namespaces::Ref>{}))
        container.namespaces.push_back({ref, std::ranges::find(m_hostSpaces, ref) == m_hostSpaces.end()});
}

/// conmon, which podman and CRI-O start as the parent of a container, has its name in its arguments ("-n NAME").
std::string Scan::nameByMonitor(const ContainerNode &container) const
{
    const auto init = process::readStat(container.init.pid);
    const auto parent = init ? process::readStat(init->parentPid) : std::unexpected(init.error());
    if (!parent || parent->comm != "conmon")
        return {};
    const auto arguments = process::readArguments(parent->pid);
    if (!arguments)
        return {};
    const auto flag = std::ranges::find(*arguments, "-n");
    return flag != arguments->end() && flag + 1 != arguments->end() ? printable(*(flag + 1)) : std::string();
}

/// Host name where it has one of its own, else command and pid.
std::string Scan::nameOfBare(const ContainerNode &container) const
{
    const bool ownSpace = std::ranges::any_of(
        container.namespaces, [](const NamespaceRef &space) { return space.own && space.ref.type == Type::Uts; });
    const auto name = ownSpace ? namespaces::hostNameOf(container.init.pid) : Result<std::string>();
    if (name && !name->empty() && *name != m_hostName)
        return *name;
    const auto stat = process::readStat(container.init.pid);
    return strCat(stat ? printable(stat->comm) : "process", ' ', container.init.pid);
}

void Scan::finish()
{
    for (auto &[path, container] : m_byPath) {
        ContainerNode &detail = container.detail;
        if (detail.init.pid == 0)
            detail.init = oldestProcess(detail.cgroup);
        if (detail.init.pid == 0)
            continue;
        describeNamespaces(detail);
        if (std::string name = nameByMonitor(detail); !name.empty())
            container.node.name = std::move(name);
    }
    for (Container &container : m_bare) {
        describeNamespaces(container.detail);
        container.node.name = nameOfBare(container.detail);
    }
    for (auto &[path, container] : m_byPath)
        giveFacts(container);
    for (Container &container : m_bare)
        giveFacts(container);
}

void Scan::giveFacts(Container &container)
{
    ContainerNode &detail = container.detail;
    const runtime::Known *known = m_table.find(detail.cgroupPath, detail.id, detail.init.pid);
    if (known == nullptr)
        return;
    // One container, one cgroup: who comes second is another's child, or a mistake.
    if (!m_claimed.insert(known->facts.get()).second)
        return;
    applyFacts(detail, container.node.name, known->facts);
}

/// A container keeps its id over restarts of Gantry.
std::uint64_t hashOf(const runtime::Facts &facts)
{
    return stableHash(
        strCat(facts.runtime, "\n", facts.userUid.value_or(0), "\n", facts.id, "\n", facts.name));
}

/// What its runtime keeps without running it.
void Scan::addStopped()
{
    for (const runtime::Known &known : m_table.all()) {
        const runtime::Facts &facts = *known.facts;
        const bool stopped = facts.state == runtime::State::Created || facts.state == runtime::State::Exited;
        if (!stopped || m_claimed.contains(&facts))
            continue;
        Container out;
        out.node.id = NodeId::containerByHash(hashOf(facts));
        out.node.name = printable(facts.name.empty() ? std::string_view(facts.id).substr(0, 12) : facts.name);
        out.detail.runtime = facts.runtime;
        out.detail.id = printable(facts.id);
        out.detail.facts = known.facts;
        m_bare.push_back(std::move(out));
    }
}

std::vector<Node> Scan::take()
{
    std::vector<Container> found = std::move(m_bare);
    for (auto &[path, container] : m_byPath)
        found.push_back(std::move(container));
    std::vector<Node> out;
    for (Container &container : found) {
        container.node.parent = NodeId::host();
        container.node.depth = 1;
        container.node.detail = std::move(container.detail);
        out.push_back(std::move(container.node));
    }
    return out;
}

} // namespace

Result<std::vector<Node>> scanContainers(const cgroup::Hierarchies &hierarchies, const Snapshot &snapshot,
                                         const runtime::Table &table, std::stop_token stop)
{
    Scan scan(hierarchies, snapshot, table, stop, GANTRY_TRY(PidSpaces::read(stop)));
    scan.matchPaths();
    scan.matchRuntimes();
    scan.matchPidSpaces();
    scan.finish();
    scan.addStopped();
    if (stop.stop_requested())
        return fail(ECANCELED, "scanContainers", "", "cancelled");
    return scan.take();
}

void refreshFacts(Node &node, const runtime::Table &table)
{
    auto &detail = std::get<ContainerNode>(node.detail);
    const runtime::Known *const known =
        detail.facts ? table.again(*detail.facts) : table.find(detail.cgroupPath, detail.id, detail.init.pid);
    if (known != nullptr)
        applyFacts(detail, node.name, known->facts);
}

} // namespace gantry::inventory
