// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/copies.h"

#include "engine/base/strings.h"
#include "engine/cgroup/hierarchy.h"
#include "engine/checkpoint/by_docker.h"
#include "engine/checkpoint/by_lxc.h"
#include "engine/checkpoint/by_podman.h"
#include "engine/checkpoint/by_runtime.h"
#include "engine/checkpoint/host_story.h"
#include "engine/checkpoint/restore_steps.h"
#include "engine/checkpoint/steps.h"

#include <algorithm>
#include <mutex>
#include <optional>
#include <thread>

#include <sys/statvfs.h>

namespace gantry::checkpoint {

using runtime::Patience;

namespace {

constexpr std::string_view kCopyOp = "restore";
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

/// One copy on its way.
class Copying
{
public:
    Copying(const repository::Checkpoint &checkpoint, const launch::Model &model, const Means &means,
            const Patience &patience)
        : m_checkpoint(checkpoint), m_model(model), m_means(means), m_patience(patience)
    {}
    [[nodiscard]] Result<> read(const repository::Store &store);
    [[nodiscard]] Result<Restored> run(const std::string &name) const;

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

Result<Restored> Copying::run(const std::string &name) const
{
    const auto since = runtime::Clock::now();
    GANTRY_CHECK(runtime::checkPatience(kCopyOp, name, m_patience));
    launch::Copy copy = GANTRY_TRY(launch::Copy::make(m_model, name, m_means.spillFolder, m_patience));
    if (m_files)
        GANTRY_CHECK(unpackUpper(*m_files, copy.place().upper(), m_patience));
    GANTRY_CHECK(copy.place().mount());
    const OciContainer container{.runtime = copy.plan().runtime,
                                 .stateFolder = copy.plan().stateFolder,
                                 .id = name,
                                 .bundle = copy.place().bundle(),
                                 .config = copy.config(),
                                 .bySystemd = copy.plan().bySystemd,
                                 .place = copy.place()};
    // The images tell the cgroup of what was saved. crun gives CRIU no other one; runc does by controller, and CRIU
    // knows none of v2 by its name "": there the copy would come up in the cgroup of what was saved.
    const std::vector<std::string> more{strCat("cgroup-root=", launch::cgroupOf(name, container.bySystemd))};
    Restored out = GANTRY_TRY(
        runRestore(m_checkpoint.manifest, container, *m_images, copy.place().log(), m_means, m_patience, more));
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
    for (const std::string &name : wish.names) {
        const std::size_t before = out.size();
        for (Error &error : GANTRY_TRY(launch::conflictsOf(name, means.spillFolder)))
            out.push_back({name, std::move(error)});
        if (out.size() == before) // its own cgroup otherwise
            addCgroup(name, means, model, out);
    }
    return out;
}

} // namespace

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
    if (!conflicts.empty()) {
        Error first = std::move(conflicts.front().error);
        if (conflicts.size() > 1)
            first.detail += strCat("; and ", conflicts.size() - 1, " more in the way");
        return std::unexpected(std::move(first));
    }
    model.limits = wish.limits;
    Copying copying(checkpoint, model, means, patience);
    tell(onPhase, "read");
    GANTRY_CHECK(copying.read(store));
    return Crew(copying, wish, onPhase, onCopy).run();
}

} // namespace gantry::checkpoint
