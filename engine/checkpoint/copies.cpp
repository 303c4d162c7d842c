// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/copies.h"

#include "engine/base/strings.h"
#include "engine/cgroup/freezer.h"
#include "engine/cgroup/hierarchy.h"
#include "engine/cgroup/procs.h"
#include "engine/checkpoint/by_docker.h"
#include "engine/checkpoint/by_lxc.h"
#include "engine/checkpoint/by_podman.h"
#include "engine/checkpoint/by_runtime.h"
#include "engine/checkpoint/host_story.h"
#include "engine/checkpoint/image_store.h"
#include "engine/checkpoint/inner_pids.h"
#include "engine/checkpoint/restore_steps.h"
#include "engine/checkpoint/steps.h"
#include "engine/launch/network.h"

#include <algorithm>
#include <csignal>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

#include <sys/statvfs.h>

namespace gantry::checkpoint {

using runtime::Patience;

namespace {

constexpr std::string_view kCopyOp = "restore";
constexpr std::chrono::milliseconds kHoldPatience{5'000};
constexpr std::chrono::seconds kHeldPatience{20};
constexpr unsigned kMostAtOnce = 4; ///< each reads all of the memory images, and has a CRIU of its own

/// Bytes of its archive of files; 0: it has none.
std::uint64_t upperSize(const repository::Store &store, const repository::CheckpointId &id)
{
    const auto streams = store.streams(id);
    if (!streams)
        return 0;
    const auto found = std::ranges::find(*streams, std::string(kUpperStream), &repository::StreamInfo::name);
    return found == streams->end() ? 0 : found->size.v;
}

/// What a cgroup that is there already would do: the copy would share its limits, and end with it.
void addCgroup(const std::string &name, const Means &means, const launch::Model &model, std::vector<CopyConflict> &out)
{
    const launch::Plan plan = launch::planCopy(model, name, means.spillFolder);
    const auto path = cgroup::CgroupPath::parse(launch::cgroupOf(name, plan.bySystemd));
    if (path && cgroup::locate(*means.hierarchies, *path))
        out.push_back({name, fail(EEXIST, kCopyOp, path->text(), "there is such a cgroup already",
                                  strCat("Choose another name, or remove it first: gantryctl rmcgroup ", path->text()))
                                 .error()});
}

void addRoom(const repository::Checkpoint &checkpoint, std::size_t copies, const Means &means,
             const repository::Store &store, std::vector<CopyConflict> &out)
{
    struct statvfs facts
    {};
    const std::uint64_t needed = upperSize(store, checkpoint.id) * copies;
    if (::statvfs(means.spillFolder.c_str(), &facts) != 0 || facts.f_bavail * facts.f_frsize >= needed)
        return;
    out.push_back({"", fail(ENOSPC, kCopyOp, means.spillFolder,
                            strCat("what the copies have of files takes ", needed, " bytes, and ",
                                   facts.f_bavail * facts.f_frsize, " are free"),
                            "Make room, or fewer copies")
                           .error()});
}

/// The one that runc or crun has under this name, as Gantry would have started it. nullopt: neither has one.
std::optional<OciContainer> launchedOf(const std::string &name, const std::string &stateFolder)
{
    const std::string runtime = launch::holderOf(name);
    if (runtime.empty())
        return std::nullopt;
    const launch::Plan plan = launch::planFor(runtime, name, stateFolder);
    return OciContainer{.runtime = runtime,
                        .stateFolder = plan.stateFolder,
                        .id = name,
                        .bundle = plan.bundle,
                        .config = {},
                        .bySystemd = plan.bySystemd};
}

/// @errors the first, with how many there are.
Result<> noneOf(std::vector<CopyConflict> conflicts)
{
    if (conflicts.empty())
        return {};
    Error first = std::move(conflicts.front().error);
    if (conflicts.size() > 1)
        first.detail += strCat("; and ", conflicts.size() - 1, " more in the way");
    return std::unexpected(std::move(first));
}

/// Its network, unless somebody has its address, who may well be what was saved.
void plugInCopy(const launch::Place &place, const launch::Network &network, std::vector<std::string> &notes)
{
    const auto have = launch::whoHas(network.bridge, network.address);
    const std::string address = launch::addressText(network.address);
    if (have && !have->empty())
        notes.push_back(strCat("It has no network: ", address, " is another one's on ", network.bridge,
                               "; when that one is gone: ip link set ", launch::linkOf(place), " up"));
    else if (const auto plugged = have ? launch::plugIn(place) : std::unexpected(have.error()); !plugged)
        notes.push_back(strCat("It has no network: ", plugged.error().message()));
}

/// One copy on its way.
class Copying
{
public:
    Copying(const repository::Checkpoint &checkpoint, const launch::Model &model, const Means &means,
            const Patience &patience)
        : m_checkpoint(checkpoint), m_model(model), m_means(means), m_patience(patience)
    {}
    [[nodiscard]] Result<> read(const repository::Store &store);
    /// @param held stopped by CRIU before its first instruction, then frozen; of those that were stopped when they were
    /// saved, the own pids. nullptr: it runs.
    [[nodiscard]] Result<Restored> run(const std::string &name, const std::set<std::int32_t> *held = nullptr) const;

private:
    const repository::Checkpoint &m_checkpoint;
    const launch::Model &m_model;
    const Means &m_means;
    const Patience &m_patience;
    std::optional<ImageFolder> m_images; ///< of all copies: a restore only reads them
    std::optional<ImageFolder> m_files;
};

Result<> Copying::read(const repository::Store &store)
{
    m_images.emplace(GANTRY_TRY(readAllImages(m_checkpoint, m_means, store, m_patience.stop)));
    if (hasStream(store, m_checkpoint.id, kUpperStream))
        m_files.emplace(GANTRY_TRY(readUpper(m_checkpoint, m_means, store, m_patience.stop)));
    return {};
}

Result<Restored> Copying::run(const std::string &name, const std::set<std::int32_t> *held) const
{
    const auto since = runtime::Clock::now();
    GANTRY_CHECK(runtime::checkPatience(kCopyOp, name, m_patience));
    launch::Copy copy = GANTRY_TRY(launch::Copy::make(m_model, name, m_means.spillFolder, m_patience));
    if (m_files)
        GANTRY_CHECK(unpackUpper(*m_files, copy.place().upper(), m_patience));
    GANTRY_CHECK(copy.place().mount());
    const auto network = GANTRY_TRY(launch::networkIn(copy.config()));
    if (network)
        GANTRY_CHECK(launch::makeNetwork(copy.place(), *network));
    const OciContainer container{.runtime = copy.plan().runtime,
                                 .stateFolder = copy.plan().stateFolder,
                                 .id = name,
                                 .bundle = copy.place().bundle(),
                                 .config = copy.config(),
                                 .bySystemd = copy.plan().bySystemd,
                                 .place = copy.place()};
    // The images tell the cgroup of what was saved. crun gives CRIU no other one; runc does by controller, and CRIU
    // knows none of v2 by its name "": there the copy would come up in the cgroup of what was saved.
    std::vector<std::string> more{strCat("cgroup-root=", launch::cgroupOf(name, container.bySystemd))};
    // criu(8): SIGSTOP waits for each when it is let go. (CRIU itself may be in the cgroup until its end.)
    if (held != nullptr)
        more.emplace_back(kLeaveStopped);
    Restored out = GANTRY_TRY(
        runRestore(m_checkpoint.manifest, container, *m_images, copy.place().log(), m_means, m_patience, more));
    if (held != nullptr) {
        const auto path = GANTRY_TRY(cgroup::CgroupPath::parse(launch::cgroupOf(name, container.bySystemd)));
        if (auto frozen = freezeStopped(out.pid, *held, path, *m_means.hierarchies, m_patience.stop); !frozen) {
            GANTRY_CHECK(removeHeld(name, path, m_means, {runtime::Clock::now() + kHeldPatience}));
            return std::unexpected(std::move(frozen).error());
        }
    } else if (network) {
        plugInCopy(copy.place(), *network, out.notes);
    }
    copy.keep();
    out.stood = std::chrono::duration_cast<std::chrono::microseconds>(runtime::Clock::now() - since);
    return out;
}

/// The copies of one wish, begun in the order of their names by as many threads as there are to be.
class Crew
{
public:
    Crew(const Copying &copying, const CopyWish &wish, const OnPhase &onPhase, const OnCopy &onCopy)
        : m_copying(copying)
        , m_wish(wish)
        , m_onPhase(onPhase)
        , m_onCopy(onCopy)
        , m_ended(wish.names.size())
    {}
    [[nodiscard]] std::vector<CopyMade> run();

private:
    void work();

    const Copying &m_copying;
    const CopyWish &m_wish;
    const OnPhase &m_onPhase;
    const OnCopy &m_onCopy;
    std::mutex m_mutex; ///< of what follows, and held while a phase or a copy is told
    std::size_t m_next = 0;
    bool m_failed = false;
    std::vector<std::optional<CopyMade>> m_ended; ///< by their place among the names
};

void Crew::work()
{
    std::unique_lock lock(m_mutex);
    while (!m_failed && m_next < m_wish.names.size()) {
        const std::size_t mine = m_next++;
        const std::string &name = m_wish.names[mine];
        tell(m_onPhase, strCat("copy ", m_next, "/", m_wish.names.size()));
        lock.unlock();
        CopyMade made{name, m_copying.run(name)};
        lock.lock();
        m_failed = m_failed || !made.restored;
        m_ended[mine] = std::move(made);
        if (m_onCopy)
            m_onCopy(*m_ended[mine]);
    }
}

std::vector<CopyMade> Crew::run()
{
    const unsigned automatic = std::clamp(std::thread::hardware_concurrency(), 1U, kMostAtOnce);
    const std::size_t workers =
        std::min<std::size_t>(m_wish.names.size(), m_wish.atOnce == 0 ? automatic : m_wish.atOnce);
    {
        std::vector<std::jthread> others;
        for (std::size_t i = 1; i < workers; ++i)
            others.emplace_back([this] { work(); });
        work();
    }
    std::vector<CopyMade> out;
    for (std::optional<CopyMade> &one : m_ended) {
        if (one)
            out.push_back(*std::move(one));
    }
    return out;
}

std::string kindOf(const repository::Manifest &manifest)
{
    if (isByPodman(manifest) || isByDocker(manifest) || isByLxc(manifest))
        return strCat(manifest.container.runtime, " keeps it, and knows what it restores by its own verb alone");
    if (isByRuntime(manifest))
        return strCat(manifest.container.runtime,
                      " keeps it, and Gantry did not start it: what its root and its mounts are made of is not known");
    return "its processes come back with the pids they had, in the namespaces they were in: there can be one of it";
}

/// As checkCopies(). @param model of the checkpoint.
Result<std::vector<CopyConflict>> conflictsWith(const repository::Checkpoint &checkpoint, const launch::Model &model,
                                                const CopyWish &wish, const Means &means,
                                                const repository::Store &store, const Patience &patience)
{
    std::vector<CopyConflict> out;
    if (auto reader = checkReader(printable(checkpoint.manifest.container.name), means.criu, checkpoint.manifest);
        !reader)
        out.push_back({"", std::move(reader).error()});
    for (Error &error : GANTRY_TRY(launch::lacksOf(model, means.spillFolder, patience)))
        out.push_back({"", std::move(error)});
    addRoom(checkpoint, wish.names.size(), means, store, out);
    for (CopyConflict &conflict : GANTRY_TRY(checkCopyNames(model, wish.names, means)))
        out.push_back(std::move(conflict));
    return out;
}

} // namespace

Result<std::vector<CopyConflict>> checkCopyNames(const launch::Model &model, std::span<const std::string> names,
                                                 const Means &means)
{
    std::vector<CopyConflict> out;
    for (const std::string &name : names) {
        const std::size_t before = out.size();
        for (Error &error : GANTRY_TRY(launch::conflictsOf(name, means.spillFolder)))
            out.push_back({name, std::move(error)});
        if (out.size() == before) // its own cgroup otherwise
            addCgroup(name, means, model, out);
    }
    return out;
}

Result<std::set<std::int32_t>> stoppedIn(const repository::Store &store, const repository::CheckpointId &id,
                                         const std::stop_token &stop)
{
    repository::OpenedCheckpoint opened = GANTRY_TRY(store.look(id));
    std::set<std::int32_t> out;
    for (const SavedTask &task : GANTRY_TRY(readTree(opened, stop)).tasks) {
        if (task.state == "stopped")
            out.insert(task.pid);
    }
    return out;
}

// Kernel: what is stopped counts as frozen, and stays so when SIGCONT comes.
Result<> freezeStopped(std::int32_t first, const std::set<std::int32_t> &stopped, const cgroup::CgroupPath &path,
                       const cgroup::Hierarchies &hierarchies, const std::stop_token &stop)
{
    const auto cgroup = GANTRY_TRY(cgroup::locate(hierarchies, path));
    GANTRY_CHECK(cgroup::writeFreezer(hierarchies, cgroup, true));
    GANTRY_TRY(cgroup::waitFreezer(hierarchies, cgroup, true, kHoldPatience, stop));
    const std::vector<std::int32_t> pids = GANTRY_TRY(treeOf(first));
    const std::vector<std::int32_t> inner = stopped.empty() ? pids : GANTRY_TRY(innerPids(pids));
    for (std::size_t i = 0; i < pids.size(); ++i) {
        const bool stays = !stopped.empty() && i < inner.size() && stopped.contains(inner[i]);
        if (!stays && ::kill(pids[i], SIGCONT) != 0)
            return failErrno("kill", strCat("pid ", pids[i]));
    }
    GANTRY_TRY(cgroup::waitFreezer(hierarchies, cgroup, true, kHoldPatience, stop));
    return {};
}

Result<HeldCopy> restoreHeld(const repository::Checkpoint &checkpoint, const std::string &name,
                             const std::optional<launch::LimitSettings> &limits, const Means &means,
                             const repository::Store &store, const Patience &patience, const OnPhase &onPhase)
{
    tell(onPhase, "check");
    launch::Model model = GANTRY_TRY(modelOf(checkpoint, store));
    GANTRY_CHECK(noneOf(GANTRY_TRY(conflictsWith(checkpoint, model, {{name}, limits}, means, store, patience))));
    model.limits = limits;
    Copying copying(checkpoint, model, means, patience);
    tell(onPhase, "read");
    GANTRY_CHECK(copying.read(store));
    tell(onPhase, "restore");
    const launch::Plan plan = launch::planCopy(model, name, means.spillFolder);
    auto cgroup = GANTRY_TRY(cgroup::CgroupPath::parse(launch::cgroupOf(name, plan.bySystemd)));
    const std::set<std::int32_t> stopped = GANTRY_TRY(stoppedIn(store, checkpoint.id, patience.stop));
    return HeldCopy{name, GANTRY_TRY(copying.run(name, &stopped)), std::move(cgroup)};
}

Result<> runHeld(const std::string &name, const cgroup::CgroupPath &path, const std::string &stateFolder,
                 const cgroup::Hierarchies &hierarchies)
{
    GANTRY_CHECK(launch::plugIn(launch::Place(stateFolder, name)));
    return cgroup::writeFreezer(hierarchies, GANTRY_TRY(cgroup::locate(hierarchies, path)), false);
}

Result<> endHeld(const std::string &name, const cgroup::CgroupPath &path, const Means &means, const Patience &patience)
{
    if (const auto cgroup = cgroup::locate(*means.hierarchies, path)) {
        // Kernel: what v1 has frozen dies when it is thawed, and before anything else; what v2 has, at once. What is
        // gone already needs neither.
        for (const std::int32_t pid :
             cgroup::readProcs(*means.hierarchies, *cgroup).value_or(std::vector<std::int32_t>()))
            static_cast<void>(::kill(pid, SIGKILL));
        static_cast<void>(cgroup::writeFreezer(*means.hierarchies, *cgroup, false));
    }
    if (const auto container = launchedOf(name, means.spillFolder))
        GANTRY_CHECK(removeFailed(*container, patience));
    return launch::removeNetwork(launch::Place(means.spillFolder, name));
}

Result<> removeHeld(const std::string &name, const cgroup::CgroupPath &path, const Means &means,
                    const Patience &patience)
{
    GANTRY_CHECK(endHeld(name, path, means, patience));
    return launch::Place(means.spillFolder, name).exists() ? launch::remove(name, means.spillFolder, patience)
                                                           : Result<>();
}

Result<> forgetEnded(const std::string &name, const std::string &stateFolder, const Patience &patience)
{
    const auto container = launchedOf(name, stateFolder);
    if (!container || GANTRY_TRY(stateOf(*container, patience)) != "stopped")
        return {};
    const auto bundle = bundleNow(*container);
    return bundle && *bundle == container->bundle ? runVerb(*container, {"delete"}, patience) : Result<>();
}

Result<launch::Model> modelOf(const repository::Checkpoint &checkpoint, const repository::Store &store)
{
    const repository::Manifest &manifest = checkpoint.manifest;
    auto root = isByRuntime(manifest) ? launchedRoot(manifest) : std::nullopt;
    if (!root)
        return fail(ENOTSUP, kCopyOp, printable(manifest.container.name), kindOf(manifest),
                    "Containers that \"gantryctl run\" started can be restored as new ones, and podman's");
    launch::Model out;
    out.runtime = GANTRY_TRY(containerOf(manifest)).runtime;
    out.config = GANTRY_TRY(savedText(store, checkpoint.id, kConfigStream));
    out.lower = std::move(root->lower);
    out.image = std::move(root->image);
    return out;
}

Result<std::vector<CopyConflict>> checkCopies(const repository::Checkpoint &checkpoint, const CopyWish &wish,
                                              const Means &means, const repository::Store &store,
                                              const Patience &patience)
{
    return conflictsWith(checkpoint, GANTRY_TRY(modelOf(checkpoint, store)), wish, means, store, patience);
}

Result<std::vector<CopyMade>> restoreCopies(const repository::Checkpoint &checkpoint, const CopyWish &wish,
                                            const Means &means, const repository::Store &store,
                                            const Patience &patience, const OnPhase &onPhase, const OnCopy &onCopy)
{
    tell(onPhase, "check");
    launch::Model model = GANTRY_TRY(modelOf(checkpoint, store));
    auto conflicts = GANTRY_TRY(conflictsWith(checkpoint, model, wish, means, store, patience));
    GANTRY_CHECK(noneOf(std::move(conflicts)));
    model.limits = wish.limits;
    Copying copying(checkpoint, model, means, patience);
    tell(onPhase, "read");
    GANTRY_CHECK(copying.read(store));
    return Crew(copying, wish, onPhase, onCopy).run();
}

} // namespace gantry::checkpoint
