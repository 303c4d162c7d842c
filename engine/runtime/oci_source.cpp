// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runtime/oci_source.h"

#include "engine/base/parse.h"
#include "engine/base/strings.h"
#include "engine/runtime/files.h"
#include "engine/runtime/folder_watch.h"
#include "engine/runtime/oci_config.h"
#include "engine/runtime/recognise.h"
#include "engine/runtime/tool.h"
#include "engine/runtime/tool_source.h"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace gantry::runtime {

namespace {

constexpr std::string_view kCgroups = "/sys/fs/cgroup";
constexpr std::size_t kMostLogBytes = std::size_t{2} << 20; ///< that are looked at for the last lines

/// {"": "/sys/fs/cgroup/a"} on v2, {"memory": "/sys/fs/cgroup/memory/a", ...} on v1.
std::string cgroupIn(const std::map<std::string, std::string> &paths)
{
    for (const auto &[controller, path] : paths) {
        std::string_view rest = path;
        if (!rest.starts_with(kCgroups))
            continue;
        rest.remove_prefix(kCgroups.size());
        const std::string mount = controller.empty() ? std::string("/unified/") : strCat("/", controller, "/");
        if (rest.starts_with(mount))
            rest.remove_prefix(mount.size() - 1);
        else if (!controller.empty())
            continue; // mounted together with others, under a name that is not told
        return std::string(rest);
    }
    return {};
}

class OciSource final : public ToolSource
{
public:
    OciSource(OciPlace place, ProcessLook look) : m_place(std::move(place)), m_look(std::move(look)) {}

    [[nodiscard]] std::string_view runtime() const override { return m_place.runtime; }
    [[nodiscard]] std::string endpoint() const override { return m_place.folder; }
    [[nodiscard]] std::optional<std::uint32_t> userUid() const override { return m_place.userUid; }
    [[nodiscard]] Rank rank() const override { return Rank::OciState; }
    [[nodiscard]] Result<std::string> version(const Patience &patience) const override;
    [[nodiscard]] Result<Listing> list(const Patience &patience) override;
    [[nodiscard]] Result<> waitForChange(const Patience &patience) override { return m_watch.wait(patience); }
    [[nodiscard]] bool sets(const Facts &container, LimitKey key) const override
    {
        return isByHand(container) && hasLimitOption(key);
    }
    [[nodiscard]] Result<LogTail> tailLog(const Facts &container, std::size_t lines,
                                          const Patience &patience) const override;

private:
    [[nodiscard]] std::string_view toolName() const { return m_place.tool == OciTool::Runc ? "runc" : "crun"; }
    /// Not made by an engine, which gives long ids and is to be asked.
    [[nodiscard]] bool isByHand(const Facts &container) const
    {
        return !m_place.userUid && m_place.runtime == toolName() && !isLongId(container.id);
    }
    [[nodiscard]] Result<> listFolder(const Folder &folder, std::string_view space, const Patience &patience,
                                      std::vector<Facts> &out);
    [[nodiscard]] Result<Facts> read(const Folder &folder, const std::string &id, std::string_view space);
    [[nodiscard]] Result<Folder> openBundle(const std::string &path) const;
    void addConfig(Facts &facts, const Folder &folder, const std::string &bundle) const;
    [[nodiscard]] std::vector<Verb> verbsFor(const Facts &facts) const;
    [[nodiscard]] std::string logOf(const Facts &facts) const;
    [[nodiscard]] std::vector<std::string> words(const Facts &container, Verb verb,
                                                 const std::string &handle) const override;
    [[nodiscard]] std::vector<std::string> updateWords(const Facts &container) const override;

    const OciPlace m_place;
    const ProcessLook m_look;
    FolderWatch m_watch;
};

Result<std::string> OciSource::version(const Patience &patience) const
{
    // "runc version 1.1.15+ds1", "crun version 1.21"
    const std::string all = GANTRY_TRY(toolVersion({std::string(toolName()), "--version"}, patience));
    std::string_view text = all;
    const std::string_view line = takeLine(text).value_or(std::string_view());
    return printable(line.substr(std::min(line.size(), line.rfind(' ') + 1)));
}

/// A user may claim any path: only what lies in the home folder is looked at.
Result<Folder> OciSource::openBundle(const std::string &path) const
{
    if (!m_place.owner)
        return Folder::open(path);
    const std::string inHome = m_place.homeFolder + "/";
    if (m_place.homeFolder.empty() || !path.starts_with(inHome))
        return fail(EACCES, "open", path, "not in the user's home folder");
    const Folder home = GANTRY_TRY(Folder::openOwned(m_place.homeFolder, *m_place.owner));
    return home.sub(path.substr(inHome.size()));
}

/// Adds what the bundle tells: runc's state says where it is, crun keeps a copy beside the state.
void OciSource::addConfig(Facts &facts, const Folder &folder, const std::string &bundle) const
{
    Result<Json> json = fail(ENOENT, "open", bundle, "no bundle");
    if (m_place.tool == OciTool::Crun) {
        json = folder.json("config.json");
    } else if (bundle.starts_with('/')) {
        if (const auto opened = openBundle(m_place.root + bundle))
            json = opened->json("config.json");
    }
    if (!json)
        return; // a bundle may be thrown away while its container runs
    OciConfig config = readOciConfig(*json);
    facts.name = config.facts.name;
    facts.image = std::move(config.facts.image);
    facts.labels = std::move(config.facts.labels);
    facts.command = std::move(config.facts.command);
    facts.mounts = std::move(config.facts.mounts);
    facts.podId = std::move(config.facts.podId);
    facts.podName = std::move(config.facts.podName);
    facts.infrastructure = config.facts.infrastructure;
    if (!config.manager.empty())
        facts.runtime = config.manager;
    if (!facts.rootFolder.starts_with('/') && !facts.rootFolder.empty())
        facts.rootFolder = strCat(bundle, "/", facts.rootFolder);
}

Result<Facts> OciSource::read(const Folder &parent, const std::string &id, std::string_view space)
{
    const Folder folder = GANTRY_TRY(parent.sub(id));
    m_watch.folder(folder.path(), {"state.json", "status", "config.json", "exec.fifo"});
    const bool runc = m_place.tool == OciTool::Runc;
    const FileText file = GANTRY_TRY(folder.read(runc ? "state.json" : "status"));
    OciState state = GANTRY_TRY(runc ? parseRuncState(file.text) : parseCrunStatus(file.text));
    Facts facts = std::move(state.facts);
    facts.id = id;
    facts.runtime = m_place.runtime;
    facts.ociRuntime = toolName();
    facts.userUid = m_place.userUid;
    facts.source = strCat(toolName(), " state in ", m_place.folder);
    addConfig(facts, folder, state.bundle);
    if (facts.name.empty() && !isLongId(id))
        facts.name = id;
    if (!space.empty())
        facts.labels.emplace("containerd.namespace", space);
    const std::int32_t pid = std::exchange(facts.initPid, 0);
    facts.state = State::Exited;
    const auto process = confirm(
        m_look, {.pid = pid, .startTicks = state.startTicks, .writtenMicros = 0, .id = {}, .owner = m_place.owner});
    if (process) {
        applyProcess(facts, pid, *process, false);
        m_watch.files(process->stateFiles);
        // The FIFO goes when the container is started.
        if (folder.has("exec.fifo"))
            facts.state = State::Created;
        if (facts.state == State::Created)
            facts.startedMicros = 0;
    }
    facts.verbs = verbsFor(facts);
    if (!logOf(facts).empty())
        facts.verbs.push_back(Verb::Log);
    return facts;
}

/// Of a bundle of the system alone: a user's could name any file.
std::string OciSource::logOf(const Facts &facts) const
{
    const auto path = facts.labels.find(std::string(kLogLabel));
    return isByHand(facts) && path != facts.labels.end() && path->second.starts_with('/') ? path->second
                                                                                          : std::string();
}

Result<LogTail> OciSource::tailLog(const Facts &container, std::size_t lines, const Patience &patience) const
{
    const std::string path = logOf(container);
    if (path.empty())
        return Source::tailLog(container, lines, patience);
    const std::size_t slash = path.rfind('/');
    const Folder folder = GANTRY_TRY(Folder::open(path.substr(0, slash + 1)));
    const std::string text = GANTRY_TRY(folder.tail(path.substr(slash + 1), kMostLogBytes));
    LogTail out{.lines = {}, .source = path};
    std::string_view rest = text;
    while (const auto line = takeLine(rest))
        out.lines.push_back({.text = std::string(*line)});
    const std::size_t most = std::clamp<std::size_t>(lines, 1, kMostLogLines);
    if (out.lines.size() > most)
        out.lines.erase(out.lines.begin(), out.lines.end() - static_cast<std::ptrdiff_t>(most));
    return out;
}

Result<> OciSource::listFolder(const Folder &folder, std::string_view space, const Patience &patience,
                               std::vector<Facts> &out)
{
    m_watch.folder(folder.path());
    for (const std::string &id : GANTRY_TRY(folder.folders())) {
        GANTRY_CHECK(checkPatience("list", m_place.folder, patience));
        // One without a state is being made or removed; the watch tells when that is done.
        auto facts = read(folder, id, space);
        // Of those that ended their engine tells, which may have made another of that name.
        if (facts && m_place.namespaces && facts->state == State::Exited)
            continue;
        if (facts && out.size() < kMost)
            out.push_back(*std::move(facts));
    }
    return {};
}

Result<Listing> OciSource::list(const Patience &patience)
{
    m_watch.begin();
    m_watch.folder(m_place.folder);
    const Folder folder =
        GANTRY_TRY(m_place.owner ? Folder::openOwned(m_place.folder, *m_place.owner) : Folder::open(m_place.folder));
    Listing out;
    if (m_place.namespaces) {
        for (const std::string &space : GANTRY_TRY(folder.folders())) {
            const auto inside = folder.sub(space);
            if (inside)
                GANTRY_CHECK(listFolder(*inside, m_place.runtime == "containerd" ? space : std::string(), patience,
                                        out.containers));
        }
    } else {
        GANTRY_CHECK(listFolder(folder, {}, patience, out.containers));
    }
    m_watch.end();
    return out;
}

std::vector<Verb> OciSource::verbsFor(const Facts &facts) const
{
    if (!isByHand(facts) || toolPath(std::string(toolName())).empty())
        return {};
    switch (facts.state) {
    case State::Running:
        return {Verb::Pause, Verb::Update, Verb::Kill};
    case State::Paused:
        return {Verb::Unpause, Verb::Update, Verb::Kill};
    case State::Created:
        return {Verb::Start, Verb::Kill};
    default:
        return {Verb::Remove};
    }
}

std::vector<std::string> OciSource::words(const Facts &container, Verb verb, const std::string &handle) const
{
    if (!isByHand(container))
        return {};
    std::vector<std::string> out{std::string(toolName()), "--root", m_place.folder};
    switch (verb) {
    case Verb::Pause:
    case Verb::Start:
        out.emplace_back(verbName(verb));
        break;
    case Verb::Unpause:
        out.emplace_back("resume");
        break;
    case Verb::Remove:
        out.emplace_back("delete");
        break;
    case Verb::Kill:
        out.emplace_back("kill");
        break;
    default:
        return {};
    }
    out.push_back(handle);
    if (verb == Verb::Kill)
        out.emplace_back("KILL");
    return out;
}

std::vector<std::string> OciSource::updateWords(const Facts &container) const
{
    if (!isByHand(container))
        return {};
    return {std::string(toolName()), "--root", m_place.folder, "update"};
}

} // namespace

Result<OciState> parseRuncState(std::string_view text)
{
    const Json json = GANTRY_TRY(parseJson("state.json", text));
    OciState out;
    out.facts.id = textAt(json, {"id"});
    out.facts.initPid = pidAt(json, {"init_process_pid"});
    if (out.facts.id.empty() || out.facts.initPid == 0)
        return fail(EBADMSG, "json", "state.json", "without id or pid");
    out.startTicks = static_cast<std::uint64_t>(std::max<std::int64_t>(0, numberAt(json, {"init_process_start"})));
    out.facts.createdMicros = microsOfTime(textAt(json, {"created"}));
    out.facts.rootFolder = textAt(json, {"config", "rootfs"});
    out.facts.cgroupPath = cgroupIn(textMapAt(json, {"cgroup_paths"}));
    constexpr std::string_view kBundle = "bundle=";
    for (const std::string &label : textsAt(json, {"config", "labels"})) {
        if (label.starts_with(kBundle))
            out.bundle = label.substr(kBundle.size());
    }
    return out;
}

Result<OciState> parseCrunStatus(std::string_view text)
{
    const Json json = GANTRY_TRY(parseJson("status", text));
    OciState out;
    out.facts.initPid = pidAt(json, {"pid"});
    if (out.facts.initPid == 0)
        return fail(EBADMSG, "json", "status", "without pid");
    out.startTicks = static_cast<std::uint64_t>(std::max<std::int64_t>(0, numberAt(json, {"process-start-time"})));
    out.facts.createdMicros = microsOfTime(textAt(json, {"created"}));
    out.facts.rootFolder = textAt(json, {"rootfs"});
    out.facts.cgroupPath = textAt(json, {"cgroup-path"});
    out.bundle = textAt(json, {"bundle"});
    return out;
}

std::unique_ptr<Source> makeOciSource(OciPlace place, ProcessLook look)
{
    return std::make_unique<OciSource>(std::move(place), std::move(look));
}

std::vector<Candidate> findOciStates(const HostTree &host)
{
    std::vector<Candidate> out;
    const auto add = [&out](OciPlace place) {
        const bool there =
            place.owner ? isFolderOf(*place.owner, place.anchor, std::string(place.runtime)) : isFolder(place.folder);
        if (there)
            out.push_back({strCat("oci ", place.folder), [place] { return makeOciSource(place); }});
    };
    const auto system = [&host](OciTool tool, std::string_view path, std::string_view runtime, bool namespaces) {
        return OciPlace{.tool = tool,
                        .folder = strCat(host.root(), path),
                        .runtime = std::string(runtime),
                        .namespaces = namespaces,
                        .userUid = std::nullopt,
                        .owner = std::nullopt,
                        .anchor = {},
                        .homeFolder = {},
                        .root = host.root()};
    };
    add(system(OciTool::Runc, "/run/runc", "runc", false));
    add(system(OciTool::Crun, "/run/crun", "crun", false));
    add(system(OciTool::Runc, "/run/docker/runtime-runc", "docker", true));
    add(system(OciTool::Runc, "/run/containerd/runc", "containerd", true));
    for (const RunningUser &user : host.users()) {
        for (const OciTool tool : {OciTool::Runc, OciTool::Crun}) {
            const std::string_view name = tool == OciTool::Runc ? "runc" : "crun";
            OciPlace place = system(tool, {}, name, false);
            place.folder = strCat(user.runFolder, "/", name);
            // root's own run folder holds containers of the system.
            if (user.uid != 0) {
                place.userUid = user.uid;
                place.owner = user.owner;
                place.anchor = user.runFolder;
                place.homeFolder = user.homeFolder;
            }
            add(std::move(place));
        }
    }
    return out;
}

} // namespace gantry::runtime
