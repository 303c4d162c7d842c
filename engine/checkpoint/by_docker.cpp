// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/by_docker.h"

#include "engine/base/log.h"
#include "engine/base/parse.h"
#include "engine/base/strings.h"
#include "engine/base/time_text.h"
#include "engine/checkpoint/by_runtime.h"
#include "engine/checkpoint/file_return.h"
#include "engine/checkpoint/host_story.h"
#include "engine/checkpoint/images.h"
#include "engine/checkpoint/own_verb.h"
#include "engine/checkpoint/restore_steps.h"
#include "engine/checkpoint/steps.h"
#include "engine/runtime/files.h"
#include "engine/runtime/tool.h"

#include <filesystem>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gantry::checkpoint {

namespace fs = std::filesystem;

using runtime::Patience;

namespace {

constexpr const char *kPidFile = "/run/docker.pid"; ///< of a dockerd with its usual --pidfile
constexpr std::chrono::seconds kDockerLook{20};
constexpr std::chrono::seconds kDockerGrace{30}; ///< beyond the deadline: killed in between, docker tells nothing

Result<std::string> docker(std::string_view op, std::string_view name, std::vector<std::string> words,
                           const Patience &patience)
{
    words.insert(words.begin(), "docker");
    return runOwnVerb(op, name, words, patience);
}

/// What Docker tells of one that it has. @param format a template of Go's.
Result<std::string> inspect(std::string_view op, const OciContainer &container, std::string_view format,
                            const Patience &patience)
{
    return docker(op, container.docker, {"container", "inspect", "--format", std::string(format), container.id},
                  patience);
}

/// What Docker tells of one that it has.
struct DockersOwn
{
    std::string state; ///< "running", "exited"
    std::string upper; ///< of its root's overlay; empty: it does not tell
};

Result<DockersOwn> askDocker(const OciContainer &container, const Patience &patience)
{
    const auto told = inspect("restore", container,
                              R"({{.State.Status}}{{"\n"}}{{with .GraphDriver.Data}}{{.UpperDir}}{{end}})", patience);
    if (!told)
        return fail(ENOENT, "restore", container.docker, strCat("Docker does not have it: ", told.error().detail),
                    "It comes back into the container that it was saved from");
    std::string_view rest = *told;
    DockersOwn out;
    out.state = takeLine(rest).value_or("");
    out.upper = trim(rest);
    if (!out.upper.starts_with('/') || !runtime::isFolder(out.upper))
        out.upper.clear();
    return out;
}

bool isOver(const DockersOwn &now)
{
    return now.state == "exited" || now.state == "created";
}

/// Images where Docker looks for them, gone with this object.
class DockersImages
{
public:
    [[nodiscard]] static Result<DockersImages> create(const OciContainer &container, const std::string &name,
                                                      const Patience &patience)
    {
        const std::string root =
            GANTRY_TRY(docker("restore", container.docker, {"info", "--format", "{{.DockerRootDir}}"}, patience));
        const std::string own = strCat(root, "/containers/", container.id);
        if (!root.starts_with('/') || !runtime::isFolder(own))
            return fail(ENOENT, "restore", own, "Docker has no folder for it there");
        std::error_code failed;
        fs::create_directory(own + "/checkpoints", failed);
        std::string path = strCat(own, "/checkpoints/", name);
        fs::remove_all(path, failed); // of a Gantry that died in its midst
        if (::mkdir(path.c_str(), 0700) != 0)
            return failErrno("mkdir", path);
        DockersImages out(std::move(path));
        out.m_folder = GANTRY_TRY(openAt(AT_FDCWD, out.m_path, O_RDONLY | O_DIRECTORY));
        return out;
    }
    DockersImages(DockersImages &&other) noexcept
        : m_path(std::exchange(other.m_path, {})), m_folder(std::move(other.m_folder))
    {}
    DockersImages(const DockersImages &) = delete;
    DockersImages &operator=(const DockersImages &) = delete;
    DockersImages &operator=(DockersImages &&) = delete;
    ~DockersImages()
    {
        std::error_code failed;
        fs::remove_all(m_path, failed);
        if (failed)
            log::warning(log::Area::Runtime, m_path, " takes room: ", failed.message());
    }
    [[nodiscard]] int fd() const { return m_folder.get(); }

private:
    explicit DockersImages(std::string path) : m_path(std::move(path)) {}

    std::string m_path;
    UniqueFd m_folder;
};

/// The upper folder of a container that does not run, with another content; the old one is put back unless the new one
/// is said to be good.
class UpperSwap
{
public:
    /// @errors of mkdir(2), rename(2), as unpackUpper(); nothing is changed then.
    [[nodiscard]] static Result<UpperSwap> begin(const std::string &upper, const ImageFolder &archive,
                                                 const Patience &patience)
    {
        UpperSwap out(upper);
        std::error_code failed;
        if (fs::exists(out.before(), failed)) // a Gantry died in its midst: that is what the container had
            out.putBack();
        fs::remove_all(out.coming(), failed);
        struct stat facts
        {};
        if (::stat(upper.c_str(), &facts) != 0 || ::mkdir(out.coming().c_str(), facts.st_mode & 07777) != 0)
            return failErrno("mkdir", out.coming());
        if (auto unpacked = unpackUpper(archive, out.coming(), patience); !unpacked) {
            fs::remove_all(out.coming(), failed);
            return std::unexpected(std::move(unpacked).error());
        }
        if (::rename(upper.c_str(), out.before().c_str()) != 0)
            return failErrno("rename", upper);
        out.m_active = true;
        if (::rename(out.coming().c_str(), upper.c_str()) != 0)
            return failErrno("rename", out.coming());
        return out;
    }
    UpperSwap(UpperSwap &&other) noexcept
        : m_upper(std::move(other.m_upper)), m_active(std::exchange(other.m_active, false))
    {}
    UpperSwap(const UpperSwap &) = delete;
    UpperSwap &operator=(const UpperSwap &) = delete;
    UpperSwap &operator=(UpperSwap &&) = delete;
    ~UpperSwap()
    {
        if (m_active)
            putBack();
    }
    /// The new content stays. @return where the old one is: its folder is Docker's, and goes with the container.
    [[nodiscard]] std::string putAside()
    {
        m_active = false;
        const std::string aside = strCat(m_upper, ".until-", sortableNow());
        return ::rename(before().c_str(), aside.c_str()) == 0 ? aside : before();
    }
    /// The new content stays, and nobody wants the old one.
    void drop()
    {
        m_active = false;
        std::error_code failed;
        fs::remove_all(before(), failed);
        if (failed)
            log::warning(log::Area::Control, before(), " takes room: ", failed.message());
    }

private:
    explicit UpperSwap(std::string upper) : m_upper(std::move(upper)) {}
    [[nodiscard]] std::string before() const { return m_upper + ".before"; }
    [[nodiscard]] std::string coming() const { return m_upper + ".coming"; }
    void putBack() const
    {
        std::error_code failed;
        fs::remove_all(m_upper, failed);
        if (::rename(before().c_str(), m_upper.c_str()) != 0)
            log::warning(log::Area::Control,
                         "the files of before were not put back: ", failErrno("rename", before()).error().message());
    }

    std::string m_upper;
    bool m_active = false;
};

/// "docker start --checkpoint". @param pidFile is there once it runs, also where Gantry has died by then: files that it
/// lives by stay then.
Result<> startFrom(const OciContainer &container, const std::string &checkpoint, const std::string &pidFile,
                   FileReturn *files, const Patience &patience)
{
    constexpr const char *kScript = R"(docker start --checkpoint "$0" "$1" > /dev/null &&
docker container inspect --format '{{.State.Pid}}' "$1" > "$2.new" && mv "$2.new" "$2")";
    ::unlink(pidFile.c_str()); // of a Gantry that died in its midst
    if (files != nullptr) {
        const std::int32_t dockerd = runtime::pidIn(readFile(kPidFile).value_or(""));
        if (dockerd == 0)
            return fail(ENOENT, "restore", kPidFile, "dockerd does not tell its pid there, by which files are put back",
                        "Restore it with --without-files");
        GANTRY_CHECK(files->begins(dockerd, pidFile));
    }
    GANTRY_TRY(runOwnVerb("restore", container.docker, {"sh", "-c", kScript, checkpoint, container.id, pidFile},
                          patience, "docker"));
    return {};
}

/// As checkRestoreByDocker().
Result<DockersOwn> lookForRestore(const repository::Checkpoint &checkpoint, const Means &means,
                                  const Patience &patience, bool endsBefore)
{
    const OciContainer container = GANTRY_TRY(containerOf(checkpoint.manifest));
    GANTRY_CHECK(checkSystemCriu("restore", container.docker, "Docker", means.criu));
    GANTRY_CHECK(checkReader(container.docker, means.criu, checkpoint.manifest));
    DockersOwn now = GANTRY_TRY(askDocker(container, patience));
    if (!isOver(now) && !endsBefore)
        return failRuns(container.docker, "Docker", now.state, checkpoint.id);
    const std::string experimental =
        GANTRY_TRY(docker("restore", container.docker, {"version", "--format", "{{.Server.Experimental}}"}, patience));
    if (experimental != "true")
        return fail(ENOTSUP, "restore", container.docker, "Docker restores only where dockerd is experimental",
                    R"(Put "experimental": true into /etc/docker/daemon.json, and restart dockerd)");
    return now;
}

} // namespace

bool isByDocker(const repository::Manifest &manifest)
{
    const auto container = containerOf(manifest);
    return container && !container->docker.empty();
}

Result<> checkDocker(const OciContainer &container, const runtime::Facts &facts, bool leaveRunning,
                     const CriuFacts &criu)
{
    GANTRY_CHECK(checkRootsOwn(facts));
    if (runtime::toolPath("docker").empty())
        return fail(ENOTSUP, "checkpoint", container.docker, "there is no docker program, which would restore it",
                    "Install docker-cli");
    GANTRY_CHECK(checkSystemCriu("checkpoint", container.docker, "Docker", criu));
    if (leaveRunning)
        return {};
    const std::string removed = GANTRY_TRY(
        inspect("checkpoint", container, "{{.HostConfig.AutoRemove}}", {runtime::Clock::now() + kDockerLook}));
    if (removed == "true")
        return fail(ENOTSUP, "checkpoint", container.docker,
                    "Docker removes it once it has ended (--rm), and it could not come back", "Save it without --stop");
    return {};
}

Result<Saved> saveByDocker(const OciContainer &container, const runtime::Known &known, const SaveWish &wish,
                           const Means &means, repository::Store &store, const Patience &patience,
                           const OnPhase &onPhase)
{
    GANTRY_CHECK(checkDocker(container, *known.facts, wish.leaveRunning, means.criu));
    Saved out = GANTRY_TRY(saveByRuntime(container, known, wish, means, store, patience, onPhase));
    if (!wish.leaveRunning)
        GANTRY_CHECK(waitUntilEnded(container.docker, "Docker", [&container]() -> Result<bool> {
            return isOver(GANTRY_TRY(askDocker(container, {runtime::Clock::now() + kDockerLook})));
        }));
    return out;
}

Result<std::int32_t> pidByDocker(const repository::Manifest &manifest, const Patience &patience)
{
    const OciContainer container = GANTRY_TRY(containerOf(manifest));
    return pidTold(inspect("restore", container, "{{.State.Pid}}", patience));
}

Result<> checkRestoreByDocker(const repository::Checkpoint &checkpoint, const Means &means, const Patience &patience,
                              bool endsBefore)
{
    const auto ready = lookForRestore(checkpoint, means, patience, endsBefore);
    return ready ? Result<>() : std::unexpected(ready.error());
}

Result<Restored> restoreByDocker(const repository::CheckpointId &id, const Means &means, const repository::Store &store,
                                 const Patience &patience, const OnPhase &onPhase, FilesOfNow now, KeptFilesUse use)
{
    tell(onPhase, "check");
    const repository::Checkpoint checkpoint = GANTRY_TRY(store.checkpoint(id));
    const DockersOwn own = GANTRY_TRY(lookForRestore(checkpoint, means, patience, false));
    const OciContainer container = GANTRY_TRY(containerOf(checkpoint.manifest));
    tell(onPhase, "read");
    const std::string name = strCat("gantry-", id.text());
    const DockersImages images = GANTRY_TRY(DockersImages::create(container, name, patience));
    GANTRY_CHECK(readAllImages(store, id, images.fd(), patience.stop));
    // Those beside its root: volumes, and what else was named.
    const std::unique_ptr<FileReturn> files =
        GANTRY_TRY(FileReturn::ofCheckpoint(checkpoint, use, store, means.spillFolder, patience.stop));
    std::optional<UpperSwap> swap;
    Restored out;
    if (!hasStream(store, id, kUpperStream)) {
        out.notes.emplace_back("Files are not part of it: those that it had open have to be as they were then.");
    } else if (own.upper.empty()) {
        out.notes.emplace_back(
            "What it changed of its root is in the checkpoint, and was not put back: Docker does not "
            "tell where that is.");
    } else {
        const ImageFolder archive = GANTRY_TRY(readUpper(checkpoint, means, store, patience.stop));
        swap.emplace(GANTRY_TRY(UpperSwap::begin(own.upper, archive, patience)));
    }
    tell(onPhase, "restore");
    GANTRY_CHECK(runtime::checkPatience("restore", container.docker, patience));
    const std::string pidFile = strCat(means.spillFolder, "/", name, ".pid");
    GANTRY_CHECK(startFrom(container, name, pidFile, files.get(), {patience.deadline + kDockerGrace}));
    if (files != nullptr)
        files->keepInto(out.notes);
    ::unlink(pidFile.c_str());
    if (swap && now == FilesOfNow::Drop)
        swap->drop();
    else if (swap)
        out.notes.push_back(strCat("What it had changed of its root until now is in ", swap->putAside(),
                                   ": remove it when it is not needed"));
    out.pid = GANTRY_TRY(pidByDocker(checkpoint.manifest, patience));
    out.processes = processesOf(checkpoint.manifest);
    return out;
}

} // namespace gantry::checkpoint
