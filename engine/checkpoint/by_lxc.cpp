// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/by_lxc.h"

#include "engine/base/parse.h"
#include "engine/base/strings.h"
#include "engine/checkpoint/by_runtime.h"
#include "engine/checkpoint/host_story.h"
#include "engine/checkpoint/images.h"
#include "engine/checkpoint/oci_container.h"
#include "engine/checkpoint/own_verb.h"
#include "engine/checkpoint/refusal.h"
#include "engine/checkpoint/restore_steps.h"
#include "engine/checkpoint/standstill.h"
#include "engine/checkpoint/steps.h"
#include "engine/runtime/files.h"
#include "engine/runtime/tool.h"

#include <array>
#include <optional>

#include <fcntl.h>

namespace gantry::checkpoint {

using runtime::Patience;

namespace {

constexpr const char *kFolder = "lxc_folder"; ///< in Manifest::values: where LXC has it, as its option -P
constexpr std::chrono::seconds kLxcLook{20};
constexpr std::chrono::seconds kLxcGrace{30}; ///< beyond the deadline: killed in between, LXC takes its CRIU along
/// LXC gives CRIU these itself, always.
constexpr std::array<std::string_view, 3> kLxcOptions{"tcp-established", "file-locks", "link-remap"};

struct Named
{
    std::string folder;
    std::string name;
};

std::vector<std::string> wordsFor(const char *program, const Named &container)
{
    return {program, "-P", container.folder, "-n", container.name};
}

/// lxc-checkpoint with the images in a folder of ours. @errors EIO with the reason from CRIU's log there.
Result<> runCheckpoint(std::string_view op, const Named &container, const std::string &images, std::string_view logName,
                       const std::vector<std::string> &more, const Means &means, const Patience &patience)
{
    std::vector<std::string> words = wordsFor("lxc-checkpoint", container);
    words.insert(words.end(), {"-D", images});
    words.insert(words.end(), more.begin(), more.end());
    const auto out = GANTRY_TRY(runtime::runTool(words, {patience.deadline + kLxcGrace}));
    if (out.exitCode == 0)
        return {};
    // Its monitor knows its cgroups only where it has made them itself; lxc-cgroup does not tell that beforehand.
    if (out.standardError.find("Failed getting freezer path") != std::string::npos)
        return fail(ENOTSUP, op, container.name, "LXC cannot save again what it has restored (seen with LXC 6.0)",
                    "Stop it and start it anew, where it need not go on from what it is now");
    const FailedRun run{.op = op, .subject = container.name, .stateFolder = means.spillFolder};
    return refusalOf(EIO, run, readFile(strCat(images, "/", logName)).value_or(""),
                     strCat("lxc-checkpoint says: ", printable(trim(out.standardError))));
}

/// "RUNNING", "STOPPED".
Result<std::string> lxcInfo(std::string_view op, const Named &container, const char *what, const Patience &patience)
{
    std::vector<std::string> words = wordsFor("lxc-info", container);
    words.insert(words.end(), {"-H", what});
    return runOwnVerb(op, container.name, words, patience);
}

Result<Named> namedIn(const repository::Manifest &manifest)
{
    Named out{manifest.values.at(kFolder), manifest.container.id};
    if (!out.folder.starts_with('/') || !runtime::isPlainName(out.name) || out.name.starts_with('-'))
        return fail(EBADMSG, "restore", printable(out.name), "no name of a container of LXC");
    return out;
}

} // namespace

bool isByLxc(const repository::Manifest &manifest)
{
    return manifest.values.contains(kFolder);
}

Result<> checkLxc(const runtime::Known &known, bool leaveRunning, const CriuFacts &criu)
{
    const runtime::Facts &facts = *known.facts;
    GANTRY_CHECK(checkRootsOwn(facts));
    GANTRY_CHECK(checkSystemCriu("checkpoint", facts.name, "lxc-checkpoint", criu));
    if (leaveRunning)
        return {};
    std::vector<std::string> words = wordsFor("lxc-info", {known.owner->endpoint(), facts.name});
    words.insert(words.end(), {"-H", "-c", "lxc.ephemeral"});
    const std::string told =
        GANTRY_TRY(runOwnVerb("checkpoint", facts.name, words, {runtime::Clock::now() + kLxcLook}));
    if (told.ends_with('1'))
        return fail(ENOTSUP, "checkpoint", facts.name,
                    "LXC removes it once it has ended (lxc.ephemeral), and it could not come back",
                    "Save it without --stop");
    return {};
}

Result<Saved> saveByLxc(const runtime::Known &known, const SaveWish &wish, const Means &means, repository::Store &store,
                        const Patience &patience, const OnPhase &onPhase)
{
    const runtime::Facts &facts = *known.facts;
    GANTRY_CHECK(checkLxc(known, wish.leaveRunning, means.criu));
    tell(onPhase, "check");
    Looked looked = GANTRY_TRY(lookForSave(wish.pids, means.criu, facts.name, patience.stop));
    Saved out;
    out.findings = std::move(looked.findings);
    out.processes = static_cast<std::uint32_t>(looked.tree.tasks.size());
    out.options = GANTRY_TRY(optionsForEngine(out.findings, wish, kLxcOptions, facts));
    const Named container{known.owner->endpoint(), facts.name};
    repository::Manifest manifest = wish.manifest;
    tellHost(manifest, means.criu);
    manifest.container.runtime = "lxc";
    manifest.container.id = facts.id;
    manifest.values[kFolder] = container.folder;
    const ImageFolder images = GANTRY_TRY(ImageFolder::create(roomFor(looked.tree), means.spillFolder));
    tell(onPhase, "dump");
    std::optional<Standstill> standstill;
    if (!wish.leaveRunning) {
        std::vector<std::string> resume = wordsFor("lxc-unfreeze", container);
        resume.front() = runtime::toolPath(resume.front());
        standstill.emplace(
            GANTRY_TRY(Standstill::byRuntime(known, resume, pathOf(images.fd()), *means.hierarchies, patience)));
    }
    manifest.time = std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
    GANTRY_CHECK(runCheckpoint("checkpoint", container, pathOf(images.fd()), "dump.log", {}, means, patience));
    out.stood = readDumpStats(images.fd()).value_or(DumpStats()).frozen;
    if (standstill)
        GANTRY_CHECK(standstill->check(patience.stop));
    tell(onPhase, "write");
    repository::Writer writer = GANTRY_TRY(store.write());
    GANTRY_CHECK(writeImages(writer, std::array{images.fd()}, patience.stop));
    out.id = GANTRY_TRY(writer.commit(manifest));
    out.sizes = writer.sizes();
    if (!standstill)
        return out;
    GANTRY_CHECK(standstill->letDie(wish.pids));
    GANTRY_CHECK(waitUntilEnded(facts.name, "LXC", [&container]() -> Result<bool> {
        const std::string state =
            GANTRY_TRY(lxcInfo("checkpoint", container, "-s", {runtime::Clock::now() + kLxcLook}));
        return state == "STOPPED";
    }));
    return out;
}

Result<std::int32_t> pidByLxc(const repository::Manifest &manifest, const Patience &patience)
{
    const Named container = GANTRY_TRY(namedIn(manifest));
    return pidTold(lxcInfo("restore", container, "-p", patience)); // it tells nothing of one that does not run
}

Result<> checkRestoreByLxc(const repository::Checkpoint &checkpoint, const Means &means, const Patience &patience,
                           bool endsBefore)
{
    const Named container = GANTRY_TRY(namedIn(checkpoint.manifest));
    GANTRY_CHECK(checkSystemCriu("restore", container.name, "lxc-checkpoint", means.criu));
    GANTRY_CHECK(checkReader(container.name, means.criu, checkpoint.manifest));
    if (!runtime::isFolder(strCat(container.folder, "/", container.name)))
        return fail(ENOENT, "restore", container.name, strCat("LXC has it no more in ", container.folder),
                    "It comes back into the container that it was saved from");
    const std::string state = GANTRY_TRY(lxcInfo("restore", container, "-s", patience));
    if (state != "STOPPED" && !endsBefore)
        return failRuns(container.name, "LXC", state, checkpoint.id);
    return {};
}

Result<Restored> restoreByLxc(const repository::CheckpointId &id, const Means &means, const repository::Store &store,
                              const Patience &patience, const OnPhase &onPhase)
{
    tell(onPhase, "check");
    const repository::Checkpoint checkpoint = GANTRY_TRY(store.checkpoint(id));
    GANTRY_CHECK(checkRestoreByLxc(checkpoint, means, patience));
    const Named container = GANTRY_TRY(namedIn(checkpoint.manifest));
    tell(onPhase, "read");
    // LXC has no word for another folder to work in, and CRIU mounts there: one that others see too.
    const ToolFolder folder = GANTRY_TRY(ToolFolder::create(means.spillFolder, means.criu, {}));
    const UniqueFd images = GANTRY_TRY(openAt(AT_FDCWD, folder.work(), O_RDONLY | O_DIRECTORY));
    GANTRY_CHECK(readAllImages(store, id, images.get(), patience.stop));
    tell(onPhase, "restore");
    GANTRY_CHECK(runCheckpoint("restore", container, folder.work(), "restore.log", {"-r"}, means, patience));
    Restored out;
    out.pid = GANTRY_TRY(pidByLxc(checkpoint.manifest, patience));
    out.processes = processesOf(checkpoint.manifest);
    out.notes.emplace_back("Files are not part of it: those that it had open have to be as they were then.");
    return out;
}

} // namespace gantry::checkpoint
