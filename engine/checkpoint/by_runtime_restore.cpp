// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/by_runtime.h"

#include "engine/base/log.h"
#include "engine/base/parse.h"
#include "engine/base/strings.h"
#include "engine/checkpoint/copies.h"
#include "engine/checkpoint/host_story.h"
#include "engine/checkpoint/own_verb.h"
#include "engine/checkpoint/restore_steps.h"
#include "engine/checkpoint/runtime_watch.h"
#include "engine/checkpoint/steps.h"
#include "engine/launch/keeper.h"
#include "engine/launch/launch.h"
#include "engine/launch/network.h"
#include "engine/runtime/files.h"
#include "engine/runtime/tool.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <set>

namespace gantry::checkpoint {

namespace fs = std::filesystem;

using runtime::Clock;
using runtime::Patience;

namespace {

constexpr std::chrono::seconds kCleanPatience{20};
/// Beyond the deadline: for the runtime to clean up when its CRIU is ended.
constexpr std::chrono::seconds kRestoreGrace{20};

Result<> checkBundle(const OciContainer &container, const std::string &saved)
{
    const auto now = readFile(container.bundle + "/config.json");
    if (!now)
        return fail(ENOENT, "restore", container.bundle, "its bundle is not there any more",
                    "A container comes back into the bundle that it was started from");
    if (*now != saved)
        return fail(ESTALE, "restore", container.bundle, "its config.json has another content than it had then",
                    "Put the old one back");
    return {};
}

/// Whether a folder has what an archive of it has, and nothing else. False also where that cannot be told.
bool isSame(const std::string &archive, const std::string &folder, const Patience &patience)
{
    const std::string file = strCat("--file=", archive);
    const auto compared =
        runtime::runTool({"tar", "--compare", file, "--numeric-owner", strCat("--directory=", folder)}, patience);
    if (!compared || compared->exitCode != 0)
        return false;
    // All of the archive is there; as many entries as it has means that there is no more.
    const auto counted = runtime::runTool({"sh", "-c", R"(tar --list "$0" | wc -l)", file}, patience);
    const auto count = counted ? parseI64(trim(counted->standardOutput)) : std::unexpected(counted.error());
    std::int64_t entries = 1; // the folder itself
    std::error_code failed;
    for (fs::recursive_directory_iterator entry(folder, failed), end; !failed && entry != end; entry.increment(failed))
        entries += entry->symlink_status(failed).type() == fs::file_type::socket ? 0 : 1; // tar has no sockets
    return count && !failed && entries == *count;
}

/// What ends one that was restored and stands still where Gantry cannot any more.
/// Kernel: what cgroup v1 has frozen dies when it is thawed, and before anything else.
Result<std::vector<std::string>> endWords(const OciContainer &container)
{
    std::vector<std::string> out{runtime::toolPath("sh"), "-c",
                                 R"("$@" kill "$0" KILL; "$@" resume "$0"; "$@" delete --force "$0")", container.id};
    const auto tool = GANTRY_TRY(launch::toolWords(container.runtime, container.stateFolder, container.bySystemd));
    out.insert(out.end(), tool.begin(), tool.end());
    return out;
}

/// One container on its way back.
class Restoring
{
public:
    Restoring(const repository::Checkpoint &checkpoint, OciContainer container, const Means &means,
              const repository::Store &store, const Patience &patience, const OnPhase &onPhase, FilesOfNow now,
              KeptFilesUse use, const OnHeld &onHeld)
        : m_checkpoint(checkpoint)
        , m_container(std::move(container))
        , m_means(means)
        , m_store(store)
        , m_patience(patience)
        , m_onPhase(onPhase)
        , m_now(now)
        , m_use(use)
        , m_onHeld(onHeld)
    {}

    [[nodiscard]] Result<Restored> run();

private:
    [[nodiscard]] Result<> putFilesBack(std::optional<launch::UpperExchange> &exchange);
    [[nodiscard]] Result<std::string> logFile() const;
    void settle(launch::UpperExchange &exchange, Restored &restored) const;
    /// As OnHeld has it. @param stopped as stoppedIn().
    [[nodiscard]] Result<> hold(const Restored &restored, const std::set<std::int32_t> &stopped) const;

    const repository::Checkpoint &m_checkpoint;
    const OciContainer m_container;
    const Means &m_means;
    const repository::Store &m_store;
    const Patience &m_patience;
    const OnPhase &m_onPhase;
    FilesOfNow m_now;
    const KeptFilesUse m_use;
    const OnHeld &m_onHeld;
    std::string m_remark;
};

Result<> Restoring::putFilesBack(std::optional<launch::UpperExchange> &exchange)
{
    const bool saved = hasStream(m_store, m_checkpoint.id, kUpperStream);
    if (!m_container.place) {
        m_remark = saved
                       ? "What it changed of its root is in the checkpoint, and was not put back: Gantry did not start "
                         "it. Files that it had open have to be as they were then."
                       : "Files are not part of it: those that it had open have to be as they were then.";
        return {};
    }
    if (!saved)
        return launch::mountRoot(*m_container.place, m_patience);
    const ImageFolder archive = GANTRY_TRY(readUpper(m_checkpoint, m_means, m_store, m_patience.stop));
    const std::string file = strCat(pathOf(archive.fd()), "/", kUpperFile);
    if (m_now != FilesOfNow::Drop && isSame(file, m_container.place->upper(), m_patience))
        m_now = FilesOfNow::Drop;
    exchange.emplace(GANTRY_TRY(launch::UpperExchange::begin(*m_container.place)));
    GANTRY_CHECK(unpackUpper(archive, m_container.place->upper(), m_patience));
    return launch::mountRoot(*m_container.place, m_patience);
}

Result<std::string> Restoring::logFile() const
{
    std::string log = logOf(m_container, m_means.spillFolder);
    const fs::path folder = fs::path(log).parent_path();
    std::error_code failed;
    fs::create_directories(folder, failed);
    if (failed)
        return failErrno("mkdir", folder.string(), failed.value());
    return log;
}

Result<> Restoring::hold(const Restored &restored, const std::set<std::int32_t> &stopped) const
{
    const std::string &name = m_container.id;
    const auto cgroup = GANTRY_TRY(cgroup::CgroupPath::parse(launch::cgroupOf(name, m_container.bySystemd)));
    auto held = [&]() -> Result<> {
        const auto words = GANTRY_TRY(endWords(m_container));
        const auto guard = GANTRY_TRY(launch::Guard::post(words));
        GANTRY_CHECK(freezeStopped(restored.pid, stopped, cgroup, *m_means.hierarchies, m_patience.stop));
        GANTRY_CHECK(m_onHeld(restored));
        return runHeld(name, cgroup, m_means.spillFolder, *m_means.hierarchies);
    }();
    if (held)
        return {};
    if (auto ended = endHeld(name, cgroup, m_means, {Clock::now() + kCleanPatience}); !ended)
        held.error().detail += strCat("; what was restored of it could not be ended: ", ended.error().message());
    return held;
}

Result<Restored> Restoring::run()
{
    tell(m_onPhase, "read");
    const bool isHeld = static_cast<bool>(m_onHeld);
    const auto stopped =
        isHeld ? GANTRY_TRY(stoppedIn(m_store, m_checkpoint.id, m_patience.stop)) : std::set<std::int32_t>();
    const ImageFolder images = GANTRY_TRY(readAllImages(m_checkpoint, m_means, m_store, m_patience.stop));
    tell(m_onPhase, "restore");
    if (!GANTRY_TRY(stateOf(m_container, m_patience)).empty())
        GANTRY_CHECK(runVerb(m_container, {"delete"}, m_patience)); // it has ended, says the check
    // Those beside its root: volumes, and what else was named.
    const std::unique_ptr<FileReturn> files =
        GANTRY_TRY(FileReturn::ofCheckpoint(m_checkpoint, m_use, m_store, m_means.spillFolder, m_patience.stop));
    std::optional<launch::UpperExchange> exchange;
    GANTRY_CHECK(putFilesBack(exchange));
    // Anew: nothing of what it had since then is in its way.
    std::optional<launch::Network> network;
    if (m_container.place) {
        const std::string config = GANTRY_TRY(readFile(m_container.place->config()));
        network = GANTRY_TRY(launch::networkIn(config));
    }
    if (network)
        GANTRY_CHECK(launch::makeNetwork(*m_container.place, *network));
    auto restored = runRestore(m_checkpoint.manifest, m_container, images, GANTRY_TRY(logFile()), m_means, m_patience,
                               isHeld ? std::vector<std::string>{kLeaveStopped} : std::vector<std::string>(),
                               [&files](std::int32_t keeper, const std::string &pidFile) {
                                   return files ? files->begins(keeper, pidFile) : Result<>();
                               });
    if (!restored) {
        if (const auto removed = network ? launch::removeNetwork(*m_container.place) : Result<>(); !removed)
            log::warning(log::Area::Runtime, "its network is left: ", removed.error().message());
        return restored;
    }
    if (isHeld)
        GANTRY_CHECK(hold(*restored, stopped));
    else if (const auto plugged = network ? launch::plugIn(*m_container.place) : Result<>(); !plugged)
        restored->notes.push_back(strCat("It has no network: ", plugged.error().message()));
    if (files != nullptr)
        files->keepInto(restored->notes);
    if (!m_remark.empty())
        restored->notes.push_back(m_remark);
    if (exchange)
        settle(*exchange, *restored);
    return restored;
}

void Restoring::settle(launch::UpperExchange &exchange, Restored &restored) const
{
    if (m_now == FilesOfNow::Drop) {
        exchange.keep();
        return;
    }
    const auto aside = exchange.putAside();
    restored.notes.push_back(
        aside ? strCat("What it had changed of its root until now is in ", *aside, ": remove it when it is not needed")
              : strCat("What it had changed of its root until now stays beside its files: ", aside.error().message()));
    if (m_now != FilesOfNow::PutLastAside)
        return;
    std::vector<std::string> all = m_container.place->asides();
    for (std::size_t i = 0; i + kMostAsides < all.size(); ++i) {
        std::error_code failed;
        fs::remove_all(all[i], failed);
        if (failed)
            log::warning(log::Area::Runtime, all[i], " takes room: ", failed.message());
    }
}

} // namespace

Result<std::string> savedText(const repository::Store &store, const repository::CheckpointId &id, std::string_view name)
{
    std::string out;
    GANTRY_CHECK(store.read(id, name, [&out, name](std::span<const std::byte> bytes) -> Result<> {
        if (out.size() + bytes.size() > runtime::kMostFileBytes)
            return failErrno("restore", name, EFBIG);
        for (const std::byte byte : bytes)
            out += static_cast<char>(byte);
        return {};
    }));
    return out;
}

bool hasStream(const repository::Store &store, const repository::CheckpointId &id, std::string_view name)
{
    const auto streams = store.streams(id);
    return streams && std::ranges::find(*streams, name, &repository::StreamInfo::name) != streams->end();
}

Result<ImageFolder> readAllImages(const repository::Checkpoint &checkpoint, const Means &means,
                                  const repository::Store &store, const std::stop_token &stop)
{
    ImageFolder out =
        GANTRY_TRY(ImageFolder::create(Bytes{checkpoint.sizes.logical.v + kRoomBesides}, means.spillFolder));
    GANTRY_CHECK(readAllImages(store, checkpoint.id, out.fd(), stop));
    return out;
}

Result<> readAllImages(const repository::Store &store, const repository::CheckpointId &id, int folder,
                       const std::stop_token &stop)
{
    GANTRY_CHECK(readImages(store, id, folder, stop));
    return readPages(store, id, folder, {}, stop);
}

Result<ImageFolder> readUpper(const repository::Checkpoint &checkpoint, const Means &means,
                              const repository::Store &store, const std::stop_token &stop)
{
    ImageFolder out =
        GANTRY_TRY(ImageFolder::create(Bytes{checkpoint.sizes.logical.v + kRoomBesides}, means.spillFolder));
    GANTRY_CHECK(readStream(store, checkpoint.id, kUpperStream, out.fd(), kUpperFile, stop));
    return out;
}

Result<> unpackUpper(const ImageFolder &archive, const std::string &upper, const Patience &patience)
{
    const auto told = GANTRY_TRY(
        runtime::runTool({"tar", "--extract", strCat("--file=", pathOf(archive.fd()), "/", kUpperFile), "--xattrs",
                          "--xattrs-include=*", "--acls", "--numeric-owner", "--same-permissions", "--same-owner",
                          strCat("--directory=", upper)},
                         patience));
    if (told.exitCode != 0)
        return fail(EIO, "restore", upper, strCat("tar says: ", printable(trim(told.standardError))));
    return {};
}

Result<Restored> runRestore(const repository::Manifest &manifest, const OciContainer &container,
                            const ImageFolder &images, const std::string &log, const Means &means,
                            const Patience &patience, const std::vector<std::string> &more, const OnBegun &onBegun)
{
    std::vector<std::string> options = wordsOf(manifest, kOptionsKey);
    options.insert(options.end(), more.begin(), more.end());
    const auto tools = GANTRY_TRY(ToolFolder::create(means.spillFolder, means.criu, options));
    const std::string folder = pathOf(images.fd());
    const std::string pidFile = tools.file("pid");
    std::vector<std::string> rest{"--detach", "--image-path",     folder,       "--work-path", tools.work(),
                                  "--bundle", container.bundle, "--pid-file", pidFile};
    const std::vector<std::string> own = toolOptions(options);
    rest.insert(rest.end(), own.begin(), own.end());
    const auto words = GANTRY_TRY(tools.words(container, "restore", rest));
    auto kept = [&] {
        const RuntimeWatch watch(tools.work(), patience);
        return launch::runKept(
            words, log, {patience.deadline + kRestoreGrace, {}},
            [&](pid_t keeper) { return onBegun ? onBegun(keeper, pidFile) : Result<>(); },
            container.place ? launch::linkOf(*container.place) : std::string());
    }();
    if (!kept || kept->exitCode != 0) {
        const auto removed = removeFailed(container, {Clock::now() + kCleanPatience});
        if (!removed && removed.error().posix() == EBUSY)
            log::warning(log::Area::Runtime, removed.error().message(), "");
        if (!kept)
            return std::unexpected(std::move(kept).error());
        GANTRY_CHECK(runtime::checkPatience("restore", container.id, patience));
        return toolRefusal("restore", container, tools, "restore.log", {});
    }
    Restored restored;
    restored.child = kept->keeper;
    restored.pid = runtime::pidIn(readFile(pidFile).value_or(""));
    restored.processes = processesOf(manifest);
    return restored;
}

std::string logOf(const OciContainer &container, const std::string &stateFolder)
{
    return container.place ? container.place->log() : strCat(stateFolder, "/logs/", container.id, ".log");
}

Result<> checkRestoreByRuntime(const repository::Checkpoint &checkpoint, const Means &means,
                               const repository::Store &store, const Patience &patience, bool endsBefore)
{
    const OciContainer container = GANTRY_TRY(containerOf(checkpoint.manifest));
    GANTRY_CHECK(checkReader(container.id, means.criu, checkpoint.manifest));
    GANTRY_TRY(launch::toolWords(container.runtime, container.stateFolder, container.bySystemd));
    GANTRY_CHECK(checkBundle(container, GANTRY_TRY(savedText(store, checkpoint.id, kConfigStream))));
    const std::string state = GANTRY_TRY(stateOf(container, patience));
    if (!state.empty() && state != "stopped" && !endsBefore)
        return failRuns(container.id, container.runtime, state, checkpoint.id);
    return {};
}

Result<Restored> restoreByRuntime(const repository::CheckpointId &id, const Means &means,
                                  const repository::Store &store, const Patience &patience, const OnPhase &onPhase,
                                  FilesOfNow now, KeptFilesUse use, const OnHeld &onHeld)
{
    tell(onPhase, "check");
    const repository::Checkpoint checkpoint = GANTRY_TRY(store.checkpoint(id));
    GANTRY_CHECK(checkRestoreByRuntime(checkpoint, means, store, patience));
    OciContainer container = GANTRY_TRY(containerOf(checkpoint.manifest));
    if (onHeld && !container.place)
        return fail(ENOTSUP, "restore", container.id, "Gantry did not start it",
                    "Containers that \"gantryctl run\" started can be restored together");
    return Restoring(checkpoint, std::move(container), means, store, patience, onPhase, now, use, onHeld).run();
}

} // namespace gantry::checkpoint
