// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/launch/copy.h"

#include "engine/base/parse.h"
#include "engine/base/replace_file.h"
#include "engine/base/strings.h"
#include "engine/launch/keeper.h"
#include "engine/runtime/files.h"
#include "engine/runtime/oci_source.h"
#include "engine/runtime/tool.h"

#include <algorithm>
#include <array>
#include <set>

namespace gantry::launch {

using runtime::Json;
using runtime::Patience;

namespace {

constexpr std::string_view kRestoreOp = "restore";
constexpr std::chrono::seconds kCleanPatience{20};
/// What a container must have for itself, so that another one like it takes nothing away from it: pids, mounts, its
/// host name, IPC keys, addresses and ports, cgroups.
constexpr std::array<std::string_view, 6> kNamespaces{"pid", "mount", "uts", "ipc", "network", "cgroup"};

/// Namespaces of the config that are made anew.
std::set<std::string> ownNamespaces(const Json &config)
{
    std::set<std::string> out;
    const Json &all = runtime::at(config, {"linux", "namespaces"});
    const bool hasNetwork = !runtime::textAt(config, {"annotations", std::string(kNetworkLabel)}).empty();
    for (const Json &one : all.is_array() ? all : Json::array()) {
        const std::string kind = runtime::textAt(one, {"type"});
        if (runtime::textAt(one, {"path"}).empty() || (kind == "network" && hasNetwork))
            out.insert(kind);
    }
    return out;
}

Result<Json> copiedConfig(const Model &model, const std::string &name, const Place &place, bool bySystemd)
{
    Json config = GANTRY_TRY(runtime::parseJson("config.json", model.config));
    if (!config.is_object() || !runtime::at(config, {"linux"}).is_object())
        return fail(EBADMSG, kRestoreOp, name, "its config.json is none of a container of Linux");
    config["root"]["path"] = "rootfs";
    config["linux"]["cgroupsPath"] = cgroupsPathOf(name, bySystemd);
    config["annotations"][std::string(runtime::kLogLabel)] = place.log();
    if (GANTRY_TRY(networkIn(model.config)))
        setSpace(config["linux"]["namespaces"], place.space());
    // Not its host name: the kernel's is what it was saved with, and a file that tells another one would be wrong.
    if (model.limits)
        config["linux"]["resources"] = GANTRY_TRY(resourcesOf(*model.limits));
    return config;
}

void addMissingFolders(const std::string &lower, std::vector<Error> &out)
{
    std::string_view rest = lower;
    while (!rest.empty()) {
        const std::string folder(rest.substr(0, rest.find(':')));
        rest.remove_prefix(std::min(rest.size(), folder.size() + 1));
        if (!runtime::isFolder(folder))
            out.push_back(fail(ENOENT, kRestoreOp, folder, "it is not there any more, and the root begins with it",
                               "Put the folder back as it was")
                              .error());
    }
}

} // namespace

std::string cgroupOf(const std::string &name, bool bySystemd)
{
    return bySystemd ? strCat("/gantry.slice/gantry-", name, ".scope") : strCat("/gantry/", name);
}

Plan planCopy(const Model &model, const std::string &name, const std::string &stateFolder)
{
    return planFor(model.runtime, name, stateFolder);
}

Result<std::vector<Error>> lacksOf(const Model &model, const std::string &stateFolder, const Patience &patience)
{
    std::vector<Error> out;
    const auto add = [&out](auto failure) { out.push_back(std::move(failure).error()); };
    const Json config = GANTRY_TRY(runtime::parseJson("config.json", model.config));
    const std::set<std::string> own = ownNamespaces(config);
    for (const std::string_view kind : kNamespaces) {
        if (!own.contains(std::string(kind)))
            add(fail(ENOTSUP, kRestoreOp, strCat(kind, " namespace"),
                     "it had none for itself: what it had there is taken"));
    }
    if (runtime::toolPath(model.runtime).empty())
        add(fail(ENOENT, kRestoreOp, model.runtime, "it is not here", strCat("Install the package ", model.runtime)));
    const auto network = networkIn(model.config);
    if (const auto bridge = network && *network ? checkBridge((*network)->bridge) : Result<>(); !bridge)
        add(bridge);
    else if (!network)
        add(network);
    if (keeperPath().empty())
        add(fail(ENOENT, kRestoreOp, "gantry-keeper", "it is not beside this program", "Install all of Gantry"));
    if (!fitsOverlay(stateFolder))
        add(fail(EINVAL, kRestoreOp, stateFolder, "overlayfs takes no path with one of : , \\ \" in it"));
    addMissingFolders(model.lower, out);
    if (!model.image.empty()) {
        const auto layers = layersOfImage(model.image, patience);
        if (!layers)
            add(layers);
        else if (!layers->empty() && *layers != model.lower)
            add(fail(ESTALE, kRestoreOp, model.image, "podman has another image of this name now"));
    }
    return out;
}

Result<std::vector<Error>> conflictsOf(const std::string &name, const std::string &stateFolder)
{
    if (!isName(name))
        return fail(EINVAL, kRestoreOp, printable(name), "no name for a container",
                    "Letters, digits, \".\", \"_\" and \"-\", at most 63, a letter or digit first");
    std::vector<Error> out;
    const Place place(stateFolder, name);
    const std::string remedy = strCat("Choose another name, or remove it first: gantryctl rmrun ", name);
    const std::string tool = holderOf(name);
    const std::string files = strCat("files of one of this name are in ", place.bundle());
    if (!tool.empty())
        out.push_back(fail(EEXIST, kRestoreOp, name,
                           strCat(tool, " has a container of this name", place.exists() ? "; " : "",
                                  place.exists() ? files : std::string()),
                           remedy)
                          .error());
    else if (place.exists())
        out.push_back(fail(EEXIST, kRestoreOp, name, files, remedy).error());
    return out;
}

Result<Copy> Copy::make(const Model &model, const std::string &name, const std::string &stateFolder,
                        const Patience &patience)
{
    auto conflicts = GANTRY_TRY(conflictsOf(name, stateFolder));
    if (!conflicts.empty())
        return std::unexpected(std::move(conflicts.front()));
    Copy out(Place(stateFolder, name), planCopy(model, name, stateFolder));
    GANTRY_CHECK(out.m_place.make(model.lower)); // whoever was faster in the meantime is told here: EEXIST
    out.m_active = true;
    GANTRY_CHECK(out.fill(model, name, patience));
    return out;
}

Result<> Copy::fill(const Model &model, const std::string &name, const Patience &patience)
{
    m_config = GANTRY_TRY(copiedConfig(model, name, m_place, m_plan.bySystemd)).dump(2);
    GANTRY_CHECK(replaceFile(m_place.config(), m_config));
    if (model.image.empty())
        return {};
    // Held as often as there are containers of it.
    const auto told = GANTRY_TRY(runtime::runTool({"podman", "image", "mount", model.image}, patience));
    if (told.exitCode != 0)
        return fail(EIO, kRestoreOp, model.image, strCat("podman says: ", printable(trim(told.standardError))));
    m_mountedImage = model.image;
    return replaceFile(m_place.image(), model.image);
}

Copy::Copy(Copy &&other) noexcept
    : m_place(std::move(other.m_place))
    , m_plan(std::move(other.m_plan))
    , m_config(std::move(other.m_config))
    , m_mountedImage(std::move(other.m_mountedImage))
    , m_active(std::exchange(other.m_active, false))
{}

Copy::~Copy()
{
    if (!m_active)
        return;
    (void)m_place.remove(); // the failure that led here is what is told
    if (!m_mountedImage.empty())
        (void)runtime::runTool({"podman", "image", "unmount", m_mountedImage},
                               {runtime::Clock::now() + kCleanPatience});
    removeParents();
}

} // namespace gantry::launch
