// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/by_podman.h"

#include "engine/base/parse.h"
#include "engine/base/strings.h"
#include "engine/checkpoint/by_runtime.h"
#include "engine/checkpoint/host_story.h"
#include "engine/checkpoint/images.h"
#include "engine/checkpoint/oci_container.h"
#include "engine/checkpoint/own_verb.h"
#include "engine/checkpoint/placement.h"
#include "engine/checkpoint/podman_archive.h"
#include "engine/checkpoint/standstill.h"
#include "engine/checkpoint/steps.h"
#include "engine/runtime/json.h"
#include "engine/runtime/tool.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>

namespace gantry::checkpoint {

using runtime::Clock;
using runtime::Patience;

namespace {

constexpr const char *kPodman = "podman_checkpoint"; ///< in Manifest::values: the name podman calls it by
constexpr const char *kArchive = "archive.tar";
constexpr std::string_view kIgnoreVolumes = "--ignore-volumes";
constexpr std::chrono::seconds kPodmanLook{20};
/// Beyond the deadline: killed in between, podman takes its CRIU along.
constexpr std::chrono::seconds kPodmanGrace{30};
/// What podman has a word for; the rest CRIU reads from nowhere.
constexpr std::array<std::string_view, 2> kPodmanOptions{"tcp-established", "file-locks"};

/// Podman's verb for one container. @errors EIO with its words.
Result<std::string> podman(std::string_view op, std::string_view name, std::vector<std::string> words,
                           const Patience &patience)
{
    words.insert(words.begin(), "podman");
    return runOwnVerb(op, name, words, patience);
}

void addOptions(std::vector<std::string> &words, const std::vector<std::string> &options)
{
    for (const std::string &option : options) {
        if (std::ranges::find(kPodmanOptions, option) != kPodmanOptions.end())
            words.push_back("--" + option);
    }
}

/// What podman tells of the container of a name. @param format a template of Go's. @return empty: there is none.
Result<std::string> inspect(const std::string &name, std::string_view format, const Patience &patience)
{
    const auto out = GANTRY_TRY(
        runtime::runTool({"podman", "container", "inspect", "--format", std::string(format), name}, patience));
    return out.exitCode == 0 ? std::string(trim(out.standardOutput)) : std::string();
}

/// "running", "exited"; empty: there is none.
Result<std::string> stateOf(const std::string &name, const Patience &patience)
{
    return inspect(name, "{{.State.Status}}", patience);
}

bool isOver(std::string_view state)
{
    return state.empty() || state == "exited" || state == "created" || state == "initialized" || state == "stopped";
}

/// Podman does not remove one that others need, and it has to be removed before it comes back.
/// @errors EBUSY naming one of them.
Result<> checkNobodyNeeds(std::string_view op, const std::string &name, const Patience &patience)
{
    const std::string id = GANTRY_TRY(inspect(name, "{{.ID}}", patience));
    std::string all = GANTRY_TRY(podman(op, name, {"ps", "--all", "--quiet", "--no-trunc"}, patience));
    std::vector<std::string> words{"container", "inspect", "--format", "{{.Name}} {{.Dependencies}}"};
    std::string_view ids = all;
    while (const auto line = takeLine(ids))
        words.emplace_back(*line);
    if (id.empty() || words.size() == 4)
        return {};
    const std::string told = GANTRY_TRY(podman(op, name, words, patience));
    for (std::string_view rest = told; const auto line = takeLine(rest);) {
        if (line->find(id) != std::string_view::npos)
            return fail(EBUSY, op, name,
                        strCat("the container ", printable(line->substr(0, line->find(' '))),
                               " needs it, so that podman does not remove it, which comes before it is restored"),
                        "Remove that one first");
    }
    return {};
}

/// The cgroup that its runtime names to CRIU: frozen above that, it would hang in CRIU's hands.
/// @errors ENOTSUP: it cannot be told.
Result<cgroup::CgroupPath> cgroupOf(const runtime::Facts &facts, const cgroup::Hierarchies &hierarchies)
{
    const auto places = GANTRY_TRY(placesOf(hierarchies, std::array{facts.initPid}));
    const auto unified = std::ranges::find(places, 0U, &Place::hierarchy);
    const std::string path = unified == places.end() ? std::string() : podmansCgroup(unified->path, facts.id);
    if (path.empty())
        return fail(ENOTSUP, "checkpoint", facts.name,
                    strCat("its cgroup ", unified == places.end() ? "" : unified->path,
                           " is none that podman makes: it cannot stand still until it is in the store"),
                    "Save it without --stop");
    return cgroup::CgroupPath::parse(path);
}

/// True if a volume that the archive has is here: podman makes them anew, and refuses those.
Result<bool> hasVolumes(const repository::Store &store, const repository::CheckpointId &id, const Patience &patience)
{
    constexpr std::string_view kVolumes = "volumes/";
    constexpr std::string_view kTar = ".tar";
    const std::string prefix = strCat(kPodmanMembers, kVolumes);
    for (const repository::StreamInfo &stream : GANTRY_TRY(store.streams(id))) {
        std::string_view name = stream.name;
        if (!name.starts_with(prefix) || !name.ends_with(kTar))
            continue;
        name.remove_prefix(prefix.size());
        name.remove_suffix(kTar.size());
        const auto there = GANTRY_TRY(runtime::runTool({"podman", "volume", "exists", std::string(name)}, patience));
        if (there.exitCode == 0)
            return true;
    }
    return false;
}

} // namespace

bool isByPodman(const repository::Manifest &manifest)
{
    return manifest.values.contains(kPodman);
}

void describePodmans(repository::Manifest &manifest, const std::string &name, std::uint32_t processes,
                     const std::vector<std::string> &options)
{
    manifest.values["subject"] = name;
    manifest.values[kPodman] = name;
    manifest.values[kProcessesKey] = std::to_string(processes);
    manifest.values[kOptionsKey] = joined(options);
}

std::vector<std::string> podmanOptions(const repository::Manifest &manifest)
{
    std::vector<std::string> out;
    addOptions(out, wordsOf(manifest, kOptionsKey));
    return out;
}

Result<std::vector<std::string>> podmanImportOptions(const repository::Checkpoint &checkpoint,
                                                     const repository::Store &store, const Patience &patience)
{
    std::vector<std::string> out = podmanOptions(checkpoint.manifest);
    if (GANTRY_TRY(hasVolumes(store, checkpoint.id, patience)))
        out.emplace_back(kIgnoreVolumes);
    return out;
}

std::string podmansCgroup(std::string_view cgroupPath, std::string_view id)
{
    constexpr std::string_view kInner = "/container";
    std::size_t at = id.empty() ? std::string_view::npos : cgroupPath.find(strCat("/libpod-", id));
    if (at == std::string_view::npos && !id.empty())
        at = cgroupPath.find(strCat("/libpod-payload-", id)); // --cgroups=split
    if (at == std::string_view::npos)
        return {};
    std::size_t end = std::min(cgroupPath.find('/', at + 1), cgroupPath.size());
    const std::string_view rest = cgroupPath.substr(end);
    if (rest == kInner || rest.starts_with(strCat(kInner, "/")))
        end += kInner.size();
    return std::string(cgroupPath.substr(0, end));
}

Result<> checkPodman(const runtime::Known &known, bool leaveRunning, const CriuFacts &criu)
{
    const runtime::Facts &facts = *known.facts;
    GANTRY_CHECK(checkRootsOwn(facts));
    GANTRY_CHECK(checkSystemCriu("checkpoint", facts.name, facts.runtime, criu));
    if (leaveRunning)
        return {};
    constexpr std::string_view kRemedy = "Save it without --stop";
    if (!facts.podId.empty())
        return fail(ENOTSUP, "checkpoint", facts.name, "it is of a pod, where podman does not bring it back", kRemedy);
    if (const std::string unit = runtime::keepingUnit(facts); !unit.empty())
        return fail(ENOTSUP, "checkpoint", facts.name,
                    strCat("systemd's ", printable(unit), " starts it anew once it has ended"), kRemedy);
    if (facts.state == runtime::State::Paused)
        return fail(ENOTSUP, "checkpoint", facts.name, "podman does not save what it has paused",
                    strCat("podman unpause ", facts.name));
    return checkNobodyNeeds("checkpoint", facts.name, {Clock::now() + kPodmanLook});
}

Result<Saved> saveByPodman(const runtime::Known &known, const SaveWish &wish, const Means &means,
                           repository::Store &store, const Patience &patience, const OnPhase &onPhase)
{
    const runtime::Facts &facts = *known.facts;
    GANTRY_CHECK(checkPodman(known, wish.leaveRunning, means.criu));
    tell(onPhase, "check");
    Looked looked = GANTRY_TRY(lookForSave(wish.pids, means.criu, facts.name, patience.stop));
    Saved out;
    out.findings = std::move(looked.findings);
    out.processes = static_cast<std::uint32_t>(looked.tree.tasks.size());
    out.options = GANTRY_TRY(optionsForEngine(out.findings, wish, kPodmanOptions, facts));
    repository::Manifest manifest = wish.manifest;
    tellHost(manifest, means.criu);
    manifest.container.runtime = "podman";
    manifest.container.id = facts.id;
    manifest.values[kPodman] = facts.name;
    manifest.values[kOptionsKey] = joined(out.options);
    // How much it changed of its root podman alone knows: on the store's disk, where that is much.
    const ImageFolder folder = GANTRY_TRY(ImageFolder::create(Bytes{roomFor(looked.tree).v * 2}, means.spillFolder));
    tell(onPhase, "dump");
    const std::string file = strCat(pathOf(folder.fd()), "/", kArchive);
    std::optional<Standstill> standstill;
    if (!wish.leaveRunning) {
        const cgroup::CgroupPath cgroup = GANTRY_TRY(cgroupOf(facts, *means.hierarchies));
        standstill.emplace(GANTRY_TRY(Standstill::ofCgroup(known, cgroup, file, *means.hierarchies, patience)));
    }
    manifest.time = std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
    std::vector<std::string> words{"container", "checkpoint", "--leave-running", "--compress", "none",
                                   "--export",  file};
    addOptions(words, out.options);
    words.push_back(facts.id);
    GANTRY_TRY(podman("checkpoint", facts.name, words, {patience.deadline + kPodmanGrace}));
    if (standstill)
        GANTRY_CHECK(standstill->check(patience.stop));
    tell(onPhase, "write");
    repository::Writer writer = GANTRY_TRY(store.write());
    const UniqueFd archive = GANTRY_TRY(openAt(folder.fd(), kArchive, O_RDONLY));
    GANTRY_TRY(takePodmanArchive(repository::sourceOf(archive.get(), kArchive), writer, patience.stop));
    out.id = GANTRY_TRY(writer.commit(manifest));
    out.sizes = writer.sizes();
    out.files = true;
    if (!standstill)
        return out;
    GANTRY_CHECK(standstill->letDie(wish.pids));
    GANTRY_CHECK(waitUntilEnded(facts.name, "podman", [&facts]() -> Result<bool> {
        return isOver(GANTRY_TRY(stateOf(facts.id, {Clock::now() + kPodmanLook})));
    }));
    return out;
}

Result<std::int32_t> pidByPodman(const repository::Manifest &manifest, const Patience &patience)
{
    const std::string pid = GANTRY_TRY(inspect(valueOf(manifest, kPodman), "{{.State.Pid}}", patience));
    return static_cast<std::int32_t>(parseI64(pid).value_or(0));
}

Result<> checkRestoreByPodman(const repository::Checkpoint &checkpoint, const Means &means, const Patience &patience,
                              bool endsBefore)
{
    const std::string name = valueOf(checkpoint.manifest, kPodman);
    if (name.empty() || name.starts_with('-'))
        return fail(EBADMSG, "restore", printable(name), "no name of a container");
    GANTRY_CHECK(checkSystemCriu("restore", name, "podman", means.criu));
    GANTRY_CHECK(checkReader(name, means.criu, checkpoint.manifest));
    const std::string state = GANTRY_TRY(stateOf(name, patience));
    if (!isOver(state) && !endsBefore)
        return failRuns(name, "podman", state, checkpoint.id);
    return state.empty() ? Result<>() : checkNobodyNeeds("restore", name, patience);
}

Result<Restored> restoreByPodman(const repository::CheckpointId &id, const Means &means, const repository::Store &store,
                                 const Patience &patience, const OnPhase &onPhase)
{
    tell(onPhase, "check");
    const repository::Checkpoint checkpoint = GANTRY_TRY(store.checkpoint(id));
    GANTRY_CHECK(checkRestoreByPodman(checkpoint, means, patience));
    const std::string name = valueOf(checkpoint.manifest, kPodman);
    tell(onPhase, "read");
    const ImageFolder folder =
        GANTRY_TRY(ImageFolder::create(Bytes{checkpoint.sizes.logical.v + kRoomBesides}, means.spillFolder));
    GANTRY_CHECK(readPodmanArchive(store, id, folder.fd(), kArchive, patience.stop));
    const std::vector<std::string> options = GANTRY_TRY(podmanImportOptions(checkpoint, store, patience));
    tell(onPhase, "restore");
    if (!GANTRY_TRY(stateOf(name, patience)).empty())
        GANTRY_TRY(podman("restore", name, {"rm", name}, patience)); // it has ended, says the check
    std::vector<std::string> words{"container", "restore", "--import", strCat(pathOf(folder.fd()), "/", kArchive)};
    words.insert(words.end(), options.begin(), options.end());
    Restored out;
    if (std::ranges::find(options, kIgnoreVolumes) != options.end())
        out.notes.emplace_back("Its named volumes stay as they are now.");
    GANTRY_TRY(podman("restore", name, words, patience));
    out.pid = GANTRY_TRY(pidByPodman(checkpoint.manifest, patience));
    out.processes = processesOf(checkpoint.manifest);
    return out;
}

} // namespace gantry::checkpoint
