// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/oci_container.h"

#include "engine/base/mountinfo.h"
#include "engine/base/parse.h"
#include "engine/base/replace_file.h"
#include "engine/base/strings.h"
#include "engine/checkpoint/refusal.h"
#include "engine/launch/launch.h"
#include "engine/process/process.h"
#include "engine/runtime/files.h"
#include "engine/runtime/oci_source.h"
#include "engine/runtime/tool.h"

#include <algorithm>
#include <array>
#include <filesystem>

#include <sys/mount.h>
#include <unistd.h>

namespace gantry::checkpoint {

namespace fs = std::filesystem;

namespace {

// Names in Manifest::values.
constexpr const char *kStateFolder = "oci_state_folder";
constexpr const char *kBundle = "oci_bundle";
constexpr const char *kBySystemd = "oci_by_systemd";
constexpr const char *kLower = "launched_lower"; ///< of one that Gantry started
constexpr const char *kImage = "launched_image";
constexpr const char *kDocker = "docker_name";
constexpr const char *kDockersRunc = "/run/docker/runtime-runc/moby"; ///< of a dockerd with its usual --exec-root

constexpr const char *kCriuName = "criu"; ///< what runc and libcriu look for in PATH
constexpr const char *kOptionsFile = "criu.conf";
constexpr const char *kToolLog = "tool.log";
constexpr std::string_view kFolderPrefix = "runtime.";
constexpr std::array<std::string_view, 4> kRuntimeOptions{"tcp-established", "ext-unix-sk", "shell-job", "file-locks"};

bool isBySystemd(const runtime::Json &config)
{
    const std::string path = runtime::textAt(config, {"linux", "cgroupsPath"});
    return !path.starts_with('/') && std::ranges::count(path, ':') == 2;
}

/// The value of "upperdir=" in an overlay's options.
std::string upperIn(std::string_view options)
{
    constexpr std::string_view kUpper = "upperdir=";
    while (!options.empty()) {
        const std::string_view option = options.substr(0, options.find(','));
        if (option.starts_with(kUpper))
            return std::string(option.substr(kUpper.size()));
        options.remove_prefix(std::min(options.size(), option.size() + 1));
    }
    return {};
}

/// Takes away what a CRIU or a runtime that was killed has left mounted below a folder. @return false: something is
/// still mounted.
bool unmountBelow(const std::string &folder)
{
    std::error_code unknown;
    const std::string path = fs::weakly_canonical(folder, unknown).string() + "/"; // as mount points are told
    const auto text = readFile("/proc/self/mountinfo");
    std::string_view rest = text ? std::string_view(*text) : std::string_view();
    std::vector<std::string> found;
    while (const auto line = takeLine(rest)) {
        const auto mount = parseMountInfoLine(*line);
        if (mount && mount->mountPoint.starts_with(path))
            found.push_back(mount->mountPoint);
    }
    bool all = text.has_value();
    for (auto point = found.rbegin(); point != found.rend(); ++point)
        all = ::umount2(point->c_str(), MNT_DETACH | UMOUNT_NOFOLLOW) == 0 && all;
    return all;
}

/// Not where something is mounted in it: that may have files of the host.
void removeUnmounted(LockedEntry &folder)
{
    if (unmountBelow(folder.path()))
        folder.remove();
}

/// A runtime that works in it: of a Gantry that was killed it goes on.
bool isInUse(const std::string &folder)
{
    const std::string inside = strCat("/", fs::path(folder).filename().string(), "/");
    const auto pids = process::listPids();
    return !pids || std::ranges::any_of(*pids, [&inside](std::int32_t pid) {
        const auto words = process::readArguments(pid);
        return words && joined(*words).find(inside) != std::string::npos;
    });
}

std::string stateFile(const OciContainer &container)
{
    return strCat(container.stateFolder, "/", container.id, container.runtime == "runc" ? "/state.json" : "/status");
}

} // namespace

Result<std::string> bundleNow(const OciContainer &container)
{
    const std::string text = GANTRY_TRY(readFile(stateFile(container)));
    const auto state = container.runtime == "runc" ? runtime::parseRuncState(text) : runtime::parseCrunStatus(text);
    return state ? Result<std::string>(state->bundle) : std::unexpected(state.error());
}

Result<OciContainer> ociContainer(const runtime::Known &known)
{
    const runtime::Facts &facts = *known.facts;
    const bool byHand = known.owner != nullptr && (facts.runtime == "runc" || facts.runtime == "crun") &&
                        facts.runtime == facts.ociRuntime && known.owner->runtime() == facts.runtime;
    const bool byDocker =
        known.owner != nullptr && facts.runtime == "docker" && runtime::isFolder(strCat(kDockersRunc, "/", facts.id));
    if (!(byHand || byDocker) || facts.userUid || !runtime::isPlainName(facts.id))
        return fail(ENOTSUP, "checkpoint", facts.name,
                    strCat(facts.runtime, " keeps its state, and would not know what is restored"),
                    "Its own program can do it, where it has such a verb (podman container checkpoint)");
    OciContainer out{
        .runtime = facts.runtime, .stateFolder = known.owner->endpoint(), .id = facts.id, .bundle = {}, .config = {}};
    if (byDocker) {
        out.runtime = "runc";
        out.stateFolder = kDockersRunc;
        out.docker = facts.name;
    }
    out.bundle = GANTRY_TRY(bundleNow(out));
    if (!out.bundle.starts_with('/'))
        return fail(EBADMSG, "checkpoint", stateFile(out), "it tells no bundle");
    out.config = GANTRY_TRY(readFile(out.bundle + "/config.json"));
    out.bySystemd = isBySystemd(GANTRY_TRY(runtime::parseJson("config.json", out.config)));
    if (auto place = launch::Place::ofBundle(out.bundle))
        out.place = *std::move(place);
    return out;
}

void addToManifest(const OciContainer &container, repository::Manifest &manifest)
{
    manifest.container.runtime = container.runtime;
    manifest.container.id = container.id;
    manifest.values[kStateFolder] = container.stateFolder;
    manifest.values[kBundle] = container.bundle;
    manifest.values[kBySystemd] = strCat(container.bySystemd ? '1' : '0');
    if (!container.docker.empty()) {
        manifest.container.runtime = "docker";
        manifest.values[kDocker] = container.docker;
    }
    if (!container.place)
        return;
    // They are needed when its own folder is gone.
    if (auto lower = readFile(container.place->lower()))
        manifest.values[kLower] = *std::move(lower);
    if (auto image = readFile(container.place->image()))
        manifest.values[kImage] = *std::move(image);
}

std::optional<LaunchedRoot> launchedRoot(const repository::Manifest &manifest)
{
    if (const auto lower = manifest.values.find(kLower); lower != manifest.values.end()) {
        const auto image = manifest.values.find(kImage);
        return LaunchedRoot{lower->second, image == manifest.values.end() ? std::string() : image->second};
    }
    const auto container = containerOf(manifest);
    if (!container || !container->place)
        return std::nullopt;
    auto lower = readFile(container->place->lower());
    if (!lower)
        return std::nullopt;
    return LaunchedRoot{*std::move(lower), readFile(container->place->image()).value_or("")};
}

bool isByRuntime(const repository::Manifest &manifest)
{
    return manifest.values.contains(kBundle) && !manifest.values.contains(kDocker);
}

Result<OciContainer> containerOf(const repository::Manifest &manifest)
{
    const auto value = [&manifest](const char *key) {
        const auto found = manifest.values.find(key);
        return found == manifest.values.end() ? std::string() : found->second;
    };
    OciContainer out{.runtime = manifest.container.runtime,
                     .stateFolder = value(kStateFolder),
                     .id = manifest.container.id,
                     .bundle = value(kBundle),
                     .config = {},
                     .bySystemd = value(kBySystemd) == "1",
                     .place = {},
                     .docker = value(kDocker)};
    if (!out.docker.empty())
        out.runtime = "runc";
    if ((out.runtime != "runc" && out.runtime != "crun") || !out.stateFolder.starts_with('/') ||
        !out.bundle.starts_with('/') || !runtime::isPlainName(out.id) || out.id.starts_with('-'))
        return fail(EBADMSG, "restore", printable(manifest.container.name), "it does not tell whose it is");
    if (auto place = launch::Place::ofBundle(out.bundle))
        out.place = *std::move(place);
    return out;
}

std::string upperFolderOf(const OciContainer &container, std::int32_t pid)
{
    if (container.place)
        return container.place->upper();
    const auto text = readFile(strCat("/proc/", pid, "/mountinfo"));
    std::string_view rest = text ? std::string_view(*text) : std::string_view();
    std::string out;
    while (const auto line = takeLine(rest)) {
        const auto mount = parseMountInfoLine(*line);
        // Of several on top of each other the last is the one that is seen.
        if (mount && mount->mountPoint == "/")
            out = mount->type == "overlay" ? upperIn(mount->superOptions) : std::string();
    }
    // A relative one is relative to wherever the one was who mounted it.
    return out.starts_with('/') && runtime::isFolder(out) ? out : std::string();
}

Result<ToolFolder> ToolFolder::create(const std::string &parent, const CriuFacts &criu,
                                      const std::vector<std::string> &options)
{
    std::error_code failed;
    fs::create_directories(parent, failed);
    removeLeft(parent);
    ToolFolder out(GANTRY_TRY(LockedEntry::create(parent, kFolderPrefix, LockedEntry::Kind::Folder)));
    fs::create_directory(out.work(), failed);
    if (failed)
        return failErrno("mkdir", out.work(), failed.value());
    const std::string program = runtime::toolPath(criu.path);
    if (::symlink(program.c_str(), out.file(kCriuName).c_str()) != 0)
        return failErrno("symlink", out.file(kCriuName));
    // In CRIU itself; its default executes iptables-restore, which is not on every host.
    std::string text = "network-lock nftables\n";
    for (const std::string &option : options) {
        std::string line = option;
        if (const std::size_t equals = line.find('='); equals != std::string::npos)
            line[equals] = ' ';
        text += line + '\n';
    }
    GANTRY_CHECK(replaceFile(out.file(kOptionsFile), text));
    return out;
}

void ToolFolder::removeLeft(const std::string &parent)
{
    for (LockedEntry &left : LockedEntry::takeLeft(parent, kFolderPrefix, LockedEntry::Kind::Folder)) {
        if (!isInUse(left.path()))
            removeUnmounted(left);
    }
}

ToolFolder::~ToolFolder()
{
    if (m_folder)
        removeUnmounted(m_folder);
}

Result<std::vector<std::string>> ToolFolder::words(const OciContainer &container, const std::string &verb,
                                                   const std::vector<std::string> &rest) const
{
    const auto tool = GANTRY_TRY(launch::toolWords(container.runtime, container.stateFolder, container.bySystemd));
    std::vector<std::string> out{
        runtime::toolPath("env"),
        strCat("PATH=", path(), ":/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
        strCat("CRIU_CONFIG_FILE=", file(kOptionsFile))};
    if (out.front().empty())
        return fail(ENOENT, "run", "env", "it is not here");
    out.insert(out.end(), tool.begin(), tool.end());
    for (const std::string &word :
         {std::string("--log"), file(kToolLog), std::string("--log-format"), std::string("json"), verb})
        out.push_back(word);
    out.insert(out.end(), rest.begin(), rest.end());
    out.push_back(container.id);
    return out;
}

std::string ToolFolder::lastWords() const
{
    return launch::lastWords(readFile(file(kToolLog)).value_or(""));
}

std::vector<std::string> toolOptions(const std::vector<std::string> &options)
{
    std::vector<std::string> out;
    for (const std::string &option : options) {
        if (std::ranges::find(kRuntimeOptions, option) != kRuntimeOptions.end())
            out.push_back("--" + option);
    }
    return out;
}

std::string pathOf(int folder)
{
    return strCat("/proc/", ::getpid(), "/fd/", folder);
}

std::unexpected<Error> toolRefusal(std::string_view op, const OciContainer &container, const ToolFolder &tools,
                                   std::string_view logName, const std::vector<Finding> &findings)
{
    const FailedRun run{.op = op,
                        .subject = container.id,
                        .stateFolder = fs::path(tools.work()).parent_path().parent_path(),
                        .options = {},
                        .findings = findings};
    return refusalOf(EIO, run, readFile(strCat(tools.work(), "/", logName)).value_or(""),
                     strCat(container.runtime, " says: ", tools.lastWords()));
}

Result<std::string> stateOf(const OciContainer &container, const runtime::Patience &patience)
{
    std::error_code unknown;
    if (!fs::exists(strCat(container.stateFolder, "/", container.id), unknown))
        return std::string();
    std::vector<std::string> words =
        GANTRY_TRY(launch::toolWords(container.runtime, container.stateFolder, container.bySystemd));
    words.emplace_back("state");
    words.push_back(container.id);
    const auto told = GANTRY_TRY(runtime::runTool(words, patience));
    const auto json = runtime::parseJson("state", told.standardOutput);
    return json ? runtime::textAt(*json, {"status"}) : std::string("in a state that cannot be told");
}

Result<> removeFailed(const OciContainer &container, const runtime::Patience &patience)
{
    if (const auto now = bundleNow(container); now && *now != container.bundle)
        return {};
    // Source: runc's libcontainer, criu_linux.go: "criu-root", a bind mount, since CRIU wants a mount point.
    if (const std::string folder = strCat(container.stateFolder, "/", container.id); !unmountBelow(folder))
        return fail(EBUSY, "delete", folder, "something is mounted in it", "unmount it before you remove it");
    return runVerb(container, {"delete", "--force"}, patience);
}

Result<> runVerb(const OciContainer &container, const std::vector<std::string> &verb, const runtime::Patience &patience)
{
    std::vector<std::string> words =
        GANTRY_TRY(launch::toolWords(container.runtime, container.stateFolder, container.bySystemd));
    words.insert(words.end(), verb.begin(), verb.end());
    words.push_back(container.id);
    const auto out = GANTRY_TRY(runtime::runTool(words, patience));
    if (out.exitCode == 0)
        return {};
    return fail(EIO, verb.front(), container.id,
                strCat(container.runtime, " says: ", printable(trim(out.standardError))));
}

} // namespace gantry::checkpoint
