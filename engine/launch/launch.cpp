// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/launch/launch.h"

#include "engine/base/fd.h"
#include "engine/base/parse.h"
#include "engine/base/replace_file.h"
#include "engine/base/strings.h"
#include "engine/launch/keeper.h"
#include "engine/launch/programs.h"
#include "engine/runtime/files.h"
#include "engine/runtime/oci_source.h"
#include "engine/runtime/tool.h"
#include "engine/systemd/ownership.h"

#include <array>
#include <filesystem>

#include <unistd.h>

namespace gantry::launch {

using runtime::Json;
using runtime::Patience;

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kRunOp = "run";
constexpr std::array<std::string_view, 2> kRuntimes{"runc", "crun"};
constexpr std::size_t kMostWords = 600; ///< of a tool in an Error
constexpr const char *kCgroups = "/sys/fs/cgroup";

Result<std::string> runtimeFor(const std::string &wished)
{
    if (!wished.empty() && wished != "runc" && wished != "crun")
        return fail(EINVAL, kRunOp, wished, "no runtime that can be asked for", "runc or crun");
    for (const std::string_view name : kRuntimes) {
        if ((wished.empty() || wished == name) && !runtime::toolPath(std::string(name)).empty())
            return std::string(name);
    }
    return fail(ENOENT, kRunOp, wished.empty() ? "runc or crun" : wished, "it is not here",
                "Install one of the packages runc and crun");
}

/// A tool that has to work. @errors EIO with its words.
Result<std::string> worked(const std::vector<std::string> &words, std::string_view subject, const Patience &patience,
                           int code = EIO)
{
    const auto out = GANTRY_TRY(runtime::runTool(words, patience));
    if (out.exitCode == 0)
        return std::string(trim(out.standardOutput));
    const std::string_view said = trim(out.standardError.empty() ? out.standardOutput : out.standardError);
    return fail(code, kRunOp, subject,
                strCat(fs::path(words.front()).filename().string(),
                       " says: ", printable(said.substr(said.size() - std::min(said.size(), kMostWords)))));
}

Result<ImageFacts> factsOfImage(const std::string &image, const Patience &patience)
{
    if (image.starts_with('-'))
        return fail(EINVAL, kRunOp, image, "no name of an image");
    const std::string text = GANTRY_TRY(
        worked({"podman", "image", "inspect", "--format", "{{json .Config}}", image}, image, patience, ENOENT));
    const Json json = GANTRY_TRY(runtime::parseJson("podman image inspect", text));
    return ImageFacts{runtime::textsAt(json, {"Env"}), runtime::textAt(json, {"WorkingDir"})};
}

Result<std::string> checkedRoot(const std::string &given, const std::string &stateFolder)
{
    std::error_code failed;
    const fs::path root = fs::canonical(given, failed);
    if (failed)
        return failErrno(kRunOp, given, failed.value());
    if (!fs::is_directory(root, failed))
        return failErrno(kRunOp, given, ENOTDIR);
    const fs::path state = fs::weakly_canonical(stateFolder, failed);
    if (root == "/" || isPathWithin(state.string(), root.string()) || isPathWithin(root.string(), state.string()))
        return fail(EINVAL, kRunOp, given,
                    strCat("Gantry's own folder ", state.string(), " and it are within each other"),
                    "Name a folder that holds the root of the container and nothing else");
    if (!fitsOverlay(root.string()))
        return fail(EINVAL, kRunOp, given, "overlayfs takes no path with one of : , \\ \" in it", "Rename the folder");
    return root.string();
}

Result<> checkWords(const Wish &wish)
{
    if (!isName(wish.name))
        return fail(EINVAL, kRunOp, printable(wish.name), "no name for a container",
                    "Letters, digits, \".\", \"_\" and \"-\", at most 63, a letter or digit first");
    if (wish.rootFolder.empty() && wish.image.empty())
        return fail(EINVAL, kRunOp, wish.name, "nothing says what its root is",
                    "Give a folder (--rootfs DIR) or an image that podman has on this host (--image NAME)");
    if (!wish.rootFolder.empty() && !wish.image.empty())
        return fail(EINVAL, kRunOp, wish.name, "a folder and an image exclude each other");
    if (wish.command.empty() || wish.command.front().empty())
        return fail(EINVAL, kRunOp, wish.name, "nothing says what to run in it", "Give the program after --");
    for (const std::vector<std::string> *texts : {&wish.command, &wish.environment, &wish.labels}) {
        for (const std::string &text : *texts) {
            if (!isUtf8(text) || text.find('\0') != std::string::npos)
                return fail(EINVAL, kRunOp, printable(text), "it is no text in UTF-8");
        }
    }
    for (const std::vector<std::string> *settings : {&wish.environment, &wish.labels}) {
        for (const std::string &setting : *settings) {
            if (setting.find('=') == std::string::npos || setting.starts_with('='))
                return fail(EINVAL, kRunOp, printable(setting), "no KEY=VALUE");
        }
    }
    for (const std::string &label : wish.labels) {
        if (label.starts_with("gantry."))
            return fail(EINVAL, kRunOp, printable(label), "labels that begin with \"gantry.\" are Gantry's own");
    }
    return {};
}

/// @errors EADDRINUSE.
Result<> checkNetwork(const Network &network)
{
    const auto have = GANTRY_TRY(whoHas(network.bridge, network.address));
    if (have.empty())
        return {};
    return fail(EADDRINUSE, kRunOp, addressText(network.address),
                strCat("the host with the MAC address ", macText(have.front()), " on ", network.bridge, " has it"),
                "Choose another address");
}

/// Everything of one start that must not stay where it fails.
class Starting
{
public:
    Starting(const Wish &wish, const std::string &stateFolder, Plan plan, const Patience &patience)
        : m_wish(wish), m_place(stateFolder, wish.name), m_plan(std::move(plan)), m_patience(patience)
    {}
    Starting(const Starting &) = delete;
    Starting &operator=(const Starting &) = delete;
    Starting(Starting &&) = delete;
    Starting &operator=(Starting &&) = delete;
    ~Starting();

    [[nodiscard]] Result<Started> run(const std::string &stateFolder, const OnPhase &onPhase);

private:
    [[nodiscard]] Result<std::string> lower(const std::string &stateFolder);
    [[nodiscard]] Result<Started> start();

    const Wish &m_wish;
    const Place m_place;
    const Plan m_plan;
    const Patience &m_patience;
    bool m_imageMounted = false;
    bool m_made = false;
    bool m_done = false;
};

Starting::~Starting()
{
    if (m_done)
        return;
    if (m_made)
        (void)m_place.remove(); // the failure that led here is what is told
    if (m_imageMounted)
        (void)runtime::runTool({"podman", "image", "unmount", m_wish.image},
                               {runtime::Clock::now() + std::chrono::seconds(20)});
    removeParents();
}

Result<std::string> Starting::lower(const std::string &stateFolder)
{
    if (m_wish.image.empty())
        return checkedRoot(m_wish.rootFolder, stateFolder);
    // Podman leaves alone what is mounted.
    std::string mounted = GANTRY_TRY(worked({"podman", "image", "mount", m_wish.image}, m_wish.image, m_patience));
    m_imageMounted = true;
    const std::string layers = GANTRY_TRY(layersOfImage(m_wish.image, m_patience));
    return layers.empty() ? std::move(mounted) : layers;
}

Result<Started> Starting::run(const std::string &stateFolder, const OnPhase &onPhase)
{
    const auto tell = [&onPhase](std::string_view phase) {
        if (onPhase)
            onPhase(phase);
    };
    ImageFacts image;
    if (!m_wish.image.empty()) {
        tell("image");
        image = GANTRY_TRY(factsOfImage(m_wish.image, m_patience));
    }
    const Json config = GANTRY_TRY(bundleConfig(m_wish, image, m_place, m_plan.bySystemd));
    const std::string lower = GANTRY_TRY(this->lower(stateFolder));
    GANTRY_CHECK(m_place.make(lower));
    m_made = true;
    if (!m_wish.image.empty())
        GANTRY_CHECK(replaceFile(m_place.image(), m_wish.image));
    GANTRY_CHECK(replaceFile(m_place.config(), config.dump(2)));
    GANTRY_CHECK(makeProgramsFolder(m_place));
    GANTRY_CHECK(m_place.mount());
    if (m_wish.network) {
        GANTRY_CHECK(makeNetwork(m_place, *m_wish.network));
        GANTRY_CHECK(plugIn(m_place));
    }
    tell("start");
    return start();
}

Result<Started> Starting::start()
{
    const std::string pidFile = m_place.bundle() + "/pid";
    const std::string toolLog = m_place.bundle() + "/tool.log";
    std::vector<std::string> words = GANTRY_TRY(toolWords(m_plan.runtime, m_plan.stateFolder, m_plan.bySystemd));
    const std::vector<std::string> rest{"--log",    toolLog,          "--log-format", "json",  "run",      "--detach",
                                        "--bundle", m_place.bundle(), "--pid-file",   pidFile, m_wish.name};
    words.insert(words.end(), rest.begin(), rest.end());
    Result<Kept> kept = runKept(words, m_place.log(), m_patience, {}, linkOf(m_place));
    if (!kept) {
        // Killed in the middle: what it made so far is not known.
        std::vector<std::string> away = GANTRY_TRY(toolWords(m_plan.runtime, m_plan.stateFolder, m_plan.bySystemd));
        for (const char *word : {"delete", "--force"})
            away.emplace_back(word);
        away.push_back(m_wish.name);
        (void)runtime::runTool(away, {runtime::Clock::now() + std::chrono::seconds(20)});
        return std::unexpected(std::move(kept).error());
    }
    if (kept->exitCode != 0)
        return fail(EIO, kRunOp, m_wish.name,
                    strCat(m_plan.runtime, " says: ", lastWords(readFile(toolLog).value_or("")), " (exit code ",
                           kept->exitCode, ")"));
    m_done = true;
    return Started{m_plan, runtime::pidIn(readFile(pidFile).value_or("")), kept->keeper};
}

} // namespace

std::string stateFolderOf(std::string_view runtime)
{
    return strCat("/run/", runtime);
}

Result<std::string> layersOfImage(const std::string &image, const Patience &patience)
{
    const std::string text =
        GANTRY_TRY(worked({"podman", "image", "inspect", "--format", "{{json .GraphDriver}}", image}, image, patience));
    const Json json = GANTRY_TRY(runtime::parseJson("podman image inspect", text));
    if (runtime::textAt(json, {"Name"}) != "overlay")
        return std::string();
    // Source: containers/storage, drivers/overlay: the newest layer is "UpperDir", those below "LowerDir".
    const std::string below = runtime::textAt(json, {"Data", "LowerDir"});
    return strCat(runtime::textAt(json, {"Data", "UpperDir"}), below.empty() ? "" : ":", below);
}

bool fitsOverlay(std::string_view path)
{
    return path.find_first_of(":,\\\"") == std::string::npos;
}

std::string holderOf(const std::string &name)
{
    for (const std::string_view tool : kRuntimes) {
        std::error_code unknown;
        if (fs::exists(strCat(stateFolderOf(tool), "/", name), unknown))
            return std::string(tool);
    }
    return {};
}

void removeParents()
{
    std::error_code unknown;
    ::rmdir(strCat(kCgroups, "/gantry").c_str());
    for (const auto &mount : fs::directory_iterator(kCgroups, unknown))
        ::rmdir((mount.path() / "gantry").c_str());
}

std::string lastWords(std::string_view toolLog)
{
    std::string out;
    while (const auto line = takeLine(toolLog)) {
        const auto json = runtime::parseJson("log", *line);
        if (std::string words = json ? runtime::textAt(*json, {"msg"}) : std::string(); !words.empty())
            out = std::move(words);
    }
    return printable(std::string_view(out).substr(0, kMostWords));
}

Result<std::vector<std::string>> toolWords(const std::string &runtime, const std::string &stateFolder, bool bySystemd)
{
    std::vector<std::string> out{runtime::toolPath(runtime), "--root", stateFolder};
    if (out.front().empty())
        return fail(ENOENT, "run", runtime, "it is not here");
    if (bySystemd)
        out.emplace_back("--systemd-cgroup");
    return out;
}

Plan planFor(std::string runtime, const std::string &name, const std::string &stateFolder)
{
    const Place place(stateFolder, name);
    Plan out;
    out.runtime = std::move(runtime);
    out.stateFolder = stateFolderOf(out.runtime);
    out.bundle = place.bundle();
    out.log = place.log();
    out.bySystemd = systemd::isBooted();
    out.cgroupsPath = cgroupsPathOf(name, out.bySystemd);
    return out;
}

Result<Plan> check(const Wish &wish, const std::string &stateFolder, const Patience &patience)
{
    GANTRY_CHECK(checkWords(wish));
    const Place place(stateFolder, wish.name);
    if (!fitsOverlay(place.bundle()))
        return fail(EINVAL, kRunOp, place.bundle(), "overlayfs takes no path with one of : , \\ \" in it");
    if (const std::string tool = holderOf(wish.name); !tool.empty())
        return fail(EEXIST, kRunOp, wish.name, strCat(tool, " has a container of this name"),
                    strCat("Choose another name, or remove it first: gantryctl rmrun ", wish.name));
    if (place.exists())
        return fail(EEXIST, kRunOp, wish.name, strCat("files of one of this name are in ", place.bundle()),
                    strCat("Choose another name, or remove it first: gantryctl rmrun ", wish.name));
    Plan out = planFor(GANTRY_TRY(runtimeFor(wish.runtime)), wish.name, stateFolder);
    if (wish.image.empty())
        GANTRY_TRY(checkedRoot(wish.rootFolder, stateFolder));
    else
        GANTRY_TRY(factsOfImage(wish.image, patience));
    GANTRY_TRY(bundleConfig(wish, {}, place, out.bySystemd));
    if (wish.network)
        GANTRY_CHECK(checkNetwork(*wish.network));
    if (keeperPath().empty())
        return fail(ENOENT, kRunOp, "gantry-keeper", "it is not beside this program", "Install all of Gantry");
    return out;
}

std::vector<std::string> resultLines(const Started &started)
{
    return {strCat("pid ", started.pid, " by ", started.plan.runtime), strCat("log: ", started.plan.log)};
}

Result<Started> run(const Wish &wish, const std::string &stateFolder, const Patience &patience, const OnPhase &onPhase)
{
    if (onPhase)
        onPhase("check");
    Plan plan = GANTRY_TRY(check(wish, stateFolder, patience));
    return Starting(wish, stateFolder, std::move(plan), patience).run(stateFolder, onPhase);
}

Result<> mountRoot(const Place &place, const Patience &patience)
{
    GANTRY_CHECK(makeProgramsFolder(place));
    if (place.isMounted())
        return {};
    if (const auto image = readFile(place.image())) {
        const std::string layers = GANTRY_TRY(layersOfImage(*image, patience));
        if (!layers.empty() && layers != GANTRY_TRY(readFile(place.lower())))
            return fail(ESTALE, kRunOp, *image, "podman has another image of this name now");
    }
    return place.mount();
}

Result<Place> checkRemove(const std::string &name, const std::string &stateFolder, const Patience &patience)
{
    constexpr std::string_view kRemove = "remove";
    if (!isName(name))
        return fail(EINVAL, kRemove, printable(name), "no name of a container");
    const Place place(stateFolder, name);
    if (!place.exists())
        return fail(ENOENT, kRemove, name, "no container of this name was started by \"run\"");
    if (const std::string tool = holderOf(name); !tool.empty()) {
        const auto words = GANTRY_TRY(toolWords(tool, stateFolderOf(tool), false));
        std::vector<std::string> all = words;
        all.emplace_back("state");
        all.push_back(name);
        const auto told = GANTRY_TRY(runtime::runTool(all, patience));
        const auto json = runtime::parseJson("state", told.standardOutput);
        const std::string state = json ? runtime::textAt(*json, {"status"}) : std::string();
        if (told.exitCode == 0 && state != "stopped")
            return fail(EBUSY, kRemove, name, strCat("it is ", printable(state)),
                        strCat("End it first: gantryctl kill ", name));
    }
    return place;
}

Result<> remove(const std::string &name, const std::string &stateFolder, const Patience &patience)
{
    const Place place = GANTRY_TRY(checkRemove(name, stateFolder, patience));
    if (const std::string tool = holderOf(name); !tool.empty()) {
        std::vector<std::string> words = GANTRY_TRY(toolWords(tool, stateFolderOf(tool), systemd::isBooted()));
        words.emplace_back("delete");
        words.push_back(name);
        GANTRY_TRY(worked(words, name, patience));
    }
    const auto image = readFile(place.image());
    GANTRY_CHECK(place.remove());
    if (image)
        (void)runtime::runTool({"podman", "image", "unmount", *image}, patience); // somebody may have removed the image
    removeParents();
    return {};
}

} // namespace gantry::launch
