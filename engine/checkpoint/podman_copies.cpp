// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/podman_copies.h"

#include "engine/base/log.h"
#include "engine/base/parse.h"
#include "engine/base/strings.h"
#include "engine/checkpoint/by_podman.h"
#include "engine/checkpoint/host_story.h"
#include "engine/checkpoint/images.h"
#include "engine/checkpoint/oci_container.h"
#include "engine/checkpoint/own_verb.h"
#include "engine/checkpoint/podman_archive.h"
#include "engine/checkpoint/restore_steps.h"
#include "engine/checkpoint/steps.h"
#include "engine/runtime/files.h"
#include "engine/runtime/json.h"
#include "engine/runtime/tool.h"

#include <algorithm>
#include <chrono>

#include <netinet/in.h>
#include <sys/socket.h>

namespace gantry::checkpoint {

using runtime::Clock;
using runtime::Json;
using runtime::Patience;

namespace {

constexpr std::string_view kPodmanCopyOp = "restore";
constexpr const char *kArchive = "archive.tar";
constexpr std::chrono::seconds kCleanPatience{20};
constexpr std::uint64_t kMostPorts = 1'000; ///< looked at

/// True if nobody could listen there now. Source: ip(7), bind(2).
bool isTaken(std::uint16_t port, bool udp)
{
    const UniqueFd socket(::socket(AF_INET, (udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC, 0));
    const int yes = 1; // a connection that has just ended does not count
    if (socket && !udp)
        ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    return socket && ::bind(socket.get(), reinterpret_cast<const sockaddr *>(&address), sizeof(address)) != 0 &&
           errno == EADDRINUSE;
}

/// Ports of this host that it publishes: only one container can have them. Source: podman's "newPortMappings".
void addPorts(const Json &config, std::size_t copies, std::vector<CopyConflict> &out)
{
    std::uint64_t looked = 0;
    for (const Json &mapping : runtime::at(config, {"newPortMappings"})) {
        const auto first = runtime::numberAt(mapping, {"host_port"});
        const auto count = std::max<std::int64_t>(1, runtime::numberAt(mapping, {"range"}));
        const std::string protocol = runtime::textAt(mapping, {"protocol"});
        for (std::int64_t port = first; port < first + count && port > 0 && port < 65'536 && looked < kMostPorts;
             ++port, ++looked) {
            const std::string name = strCat("port ", port, "/", printable(protocol));
            if (copies > 1)
                out.push_back({"", fail(EADDRINUSE, kPodmanCopyOp, name,
                                        "it publishes it, and only one container can have it", "Restore one")
                                       .error()});
            else if (isTaken(static_cast<std::uint16_t>(port), protocol == "udp"))
                out.push_back({"", fail(EADDRINUSE, kPodmanCopyOp, name, "it publishes it, and it is taken here",
                                        "End what has it, the container that was saved, maybe")
                                       .error()});
        }
    }
}

Result<bool> has(const std::string &what, const std::string &name, const Patience &patience)
{
    return GANTRY_TRY(runtime::runTool({"podman", what, "exists", name}, patience)).exitCode == 0;
}

Result<Restored> restoreOne(const std::string &archive, const std::string &name,
                            const std::vector<std::string> &options, const Patience &patience)
{
    const auto since = Clock::now();
    GANTRY_CHECK(runtime::checkPatience(kPodmanCopyOp, name, patience));
    std::vector<std::string> words{"podman", "container", "restore", "--import", archive, "--name", name};
    words.insert(words.end(), options.begin(), options.end());
    auto begun = runOwnVerb(kPodmanCopyOp, name, words, patience);
    if (!begun) {
        // What podman has made before it failed. One that runs is somebody else's, who was faster.
        const auto left = runtime::runTool({"podman", "rm", name}, {Clock::now() + kCleanPatience});
        if (!left)
            log::warning(log::Area::Runtime, "what is left of ", name, " stays: ", left.error().message());
        return std::unexpected(std::move(begun).error());
    }
    const std::string pid = GANTRY_TRY(runOwnVerb(
        kPodmanCopyOp, name, {"podman", "container", "inspect", "--format", "{{.State.Pid}}", name}, patience));
    Restored out;
    out.pid = static_cast<std::int32_t>(parseI64(pid).value_or(0));
    out.stood = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - since);
    return out;
}

} // namespace

Result<std::vector<CopyConflict>> checkPodmanCopies(const repository::Checkpoint &checkpoint,
                                                    const std::vector<std::string> &names, const Means &means,
                                                    const repository::Store &store, const Patience &patience)
{
    std::vector<CopyConflict> out;
    const std::string subject = printable(checkpoint.manifest.container.name);
    for (Result<> checked : {checkSystemCriu(kPodmanCopyOp, subject, "podman", means.criu),
                             checkReader(subject, means.criu, checkpoint.manifest)}) {
        if (!checked)
            out.push_back({"", std::move(checked).error()});
    }
    const std::vector<std::string> options = podmanOptions(checkpoint.manifest);
    if (std::ranges::find(options, "--tcp-established") != options.end())
        out.push_back(
            {"", fail(ENOTSUP, kPodmanCopyOp, subject, "it was saved with open TCP connections, which only it can have",
                      "Checkpoint it while it has none")
                     .error()});
    const std::string text = GANTRY_TRY(savedText(store, checkpoint.id, strCat(kPodmanMembers, "config.dump")));
    const Json config = GANTRY_TRY(runtime::parseJson("config.dump", text));
    const std::string image = runtime::textAt(config, {"rootfsImageID"});
    if (!image.empty() && !GANTRY_TRY(has("image", image, patience)))
        out.push_back({"", fail(ENOENT, kPodmanCopyOp, printable(runtime::textAt(config, {"rootfsImageName"})),
                                "podman does not have its image", "podman pull")
                               .error()});
    addPorts(config, names.size(), out);
    for (const std::string &name : names) {
        if (!runtime::isPlainName(name) || name.starts_with('-'))
            out.push_back({name, fail(EINVAL, kPodmanCopyOp, printable(name), "no name of a container").error()});
        else if (GANTRY_TRY(has("container", name, patience)))
            out.push_back(
                {name, fail(EEXIST, kPodmanCopyOp, name, "podman has a container of this name", "Choose another name")
                           .error()});
    }
    return out;
}

Result<std::vector<CopyMade>> restorePodmanCopies(const repository::Checkpoint &checkpoint,
                                                  const std::vector<std::string> &names, const Means &means,
                                                  const repository::Store &store, const Patience &patience,
                                                  const OnPhase &onPhase, const OnCopy &onCopy)
{
    tell(onPhase, "check");
    auto conflicts = GANTRY_TRY(checkPodmanCopies(checkpoint, names, means, store, patience));
    if (!conflicts.empty()) {
        Error failure = std::move(conflicts.front().error);
        failure.detail += strCat("; in the way: ", conflicts.size());
        return std::unexpected(std::move(failure));
    }
    tell(onPhase, "read");
    const ImageFolder folder =
        GANTRY_TRY(ImageFolder::create(Bytes{checkpoint.sizes.logical.v + kRoomBesides}, means.spillFolder));
    GANTRY_CHECK(readPodmanArchive(store, checkpoint.id, folder.fd(), kArchive, patience.stop));
    const std::string archive = strCat(pathOf(folder.fd()), "/", kArchive);
    const std::vector<std::string> options = GANTRY_TRY(podmanImportOptions(checkpoint, store, patience));
    std::vector<CopyMade> out;
    for (std::size_t i = 0; i < names.size() && (i == 0 || out.back().restored); ++i) {
        tell(onPhase, strCat("copy ", i + 1, "/", names.size()));
        out.push_back({names[i], restoreOne(archive, names[i], options, patience)});
        if (onCopy)
            onCopy(out.back());
    }
    return out;
}

} // namespace gantry::checkpoint
