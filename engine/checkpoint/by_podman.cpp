// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/by_podman.h"

#include "engine/base/parse.h"
#include "engine/base/strings.h"
#include "engine/checkpoint/by_runtime.h"
#include "engine/checkpoint/host_story.h"
#include "engine/checkpoint/images.h"
#include "engine/checkpoint/oci_container.h"
#include "engine/checkpoint/own_verb.h"
#include "engine/checkpoint/podman_archive.h"
#include "engine/checkpoint/steps.h"
#include "engine/runtime/json.h"
#include "engine/runtime/tool.h"

#include <algorithm>
#include <array>
#include <filesystem>

namespace gantry::checkpoint {

using runtime::Clock;
using runtime::Patience;

namespace {

constexpr const char *kPodman = "podman_checkpoint"; ///< in Manifest::values: the name podman calls it by
constexpr const char *kArchive = "archive.tar";
constexpr std::chrono::seconds kGrace{30}; ///< beyond the deadline: killed in between, podman takes its CRIU along
/// What podman has a word for; the rest CRIU reads from nowhere.
constexpr std::array<std::string_view, 2> kOwnOptions{"tcp-established", "file-locks"};

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
        if (std::ranges::find(kOwnOptions, option) != kOwnOptions.end())
            words.push_back("--" + option);
    }
}

/// "running", "exited"; empty: there is none.
Result<std::string> stateOf(const std::string &name, const Patience &patience)
{
    const auto out = GANTRY_TRY(
        runtime::runTool({"podman", "container", "inspect", "--format", "{{.State.Status}}", name}, patience));
    return out.exitCode == 0 ? std::string(trim(out.standardOutput)) : std::string();
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

Result<> checkPodman(const runtime::Known &known, bool leaveRunning, const CriuFacts &criu)
{
    const runtime::Facts &facts = *known.facts;
    GANTRY_CHECK(checkRootsOwn(facts));
    GANTRY_CHECK(checkRunsOn(facts, leaveRunning));
    return checkSystemCriu("checkpoint", facts.name, facts.runtime, criu);
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
    out.options = GANTRY_TRY(optionsForEngine(out.findings, wish, kOwnOptions, facts));
    repository::Manifest manifest = wish.manifest;
    tellHost(manifest, means.criu);
    manifest.container.runtime = "podman";
    manifest.container.id = facts.id;
    manifest.values[kPodman] = facts.name;
    manifest.values[kOptionsKey] = joined(out.options);
    // How much it changed of its root podman alone knows: on the store's disk, where that is much.
    const ImageFolder folder = GANTRY_TRY(ImageFolder::create(Bytes{roomFor(looked.tree).v * 2}, means.spillFolder));
    tell(onPhase, "dump");
    manifest.time = std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
    std::vector<std::string> words{"container",
                                   "checkpoint",
                                   "--leave-running",
                                   "--compress",
                                   "none",
                                   "--export",
                                   strCat(pathOf(folder.fd()), "/", kArchive)};
    addOptions(words, out.options);
    words.push_back(facts.id);
    GANTRY_TRY(podman("checkpoint", facts.name, words, {patience.deadline + kGrace}));
    tell(onPhase, "write");
    repository::Writer writer = GANTRY_TRY(store.write());
    const UniqueFd archive = GANTRY_TRY(openAt(folder.fd(), kArchive, O_RDONLY));
    GANTRY_TRY(takePodmanArchive(repository::sourceOf(archive.get(), kArchive), writer, patience.stop));
    out.id = GANTRY_TRY(writer.commit(manifest));
    out.sizes = writer.sizes();
    out.files = true;
    return out;
}

Result<> checkRestoreByPodman(const repository::Checkpoint &checkpoint, const Means &means, const Patience &patience)
{
    const std::string name = valueOf(checkpoint.manifest, kPodman);
    if (name.empty() || name.starts_with('-'))
        return fail(EBADMSG, "restore", printable(name), "no name of a container");
    GANTRY_CHECK(checkSystemCriu("restore", name, "podman", means.criu));
    GANTRY_CHECK(checkReader(name, means.criu, checkpoint.manifest));
    const std::string state = GANTRY_TRY(stateOf(name, patience));
    if (!state.empty() && state != "exited" && state != "created" && state != "stopped")
        return fail(
            EEXIST, "restore", name, strCat("podman has it: it is ", printable(state)),
            strCat("End it first: podman stop ", name, "; what it does now is lost then, unless it is saved before"));
    return {};
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
    tell(onPhase, "restore");
    if (!GANTRY_TRY(stateOf(name, patience)).empty())
        GANTRY_TRY(podman("restore", name, {"rm", name}, patience)); // it has ended, says the check
    std::vector<std::string> words{"container", "restore", "--import", strCat(pathOf(folder.fd()), "/", kArchive)};
    const std::vector<std::string> options = podmanOptions(checkpoint.manifest);
    words.insert(words.end(), options.begin(), options.end());
    GANTRY_TRY(podman("restore", name, words, patience));
    const std::string pid =
        GANTRY_TRY(podman("restore", name, {"container", "inspect", "--format", "{{.State.Pid}}", name}, patience));
    Restored out;
    out.pid = static_cast<std::int32_t>(parseI64(pid).value_or(0));
    out.processes = processesOf(checkpoint.manifest);
    return out;
}

} // namespace gantry::checkpoint
