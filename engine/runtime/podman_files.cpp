// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runtime/podman_files.h"

#include "engine/base/parse.h"
#include "engine/base/strings.h"
#include "engine/runtime/docker_json.h"
#include "engine/runtime/files.h"
#include "engine/runtime/folder_watch.h"
#include "engine/runtime/oci_config.h"
#include "engine/runtime/recognise.h"
#include "engine/runtime/tool.h"
#include "engine/runtime/tool_source.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <set>
#include <utility>

namespace gantry::runtime {

namespace {

constexpr std::array<std::string_view, 4> kDrivers{"overlay", "vfs", "btrfs", "zfs"};
class PodmanFiles final : public ToolSource
{
public:
    PodmanFiles(PodmanPlace place, ProcessLook look) : m_place(std::move(place)), m_look(std::move(look)) {}

    [[nodiscard]] std::string_view runtime() const override { return "podman"; }
    [[nodiscard]] std::string endpoint() const override { return storagePath(); }
    [[nodiscard]] std::optional<std::uint32_t> userUid() const override { return m_place.userUid; }
    [[nodiscard]] Rank rank() const override { return Rank::Files; }
    [[nodiscard]] Result<std::string> version(const Patience &patience) const override;
    [[nodiscard]] Result<Listing> list(const Patience &patience) override;
    [[nodiscard]] Result<> waitForChange(const Patience &patience) override { return m_watch.wait(patience); }
    [[nodiscard]] bool sets(const Facts &container, LimitKey key) const override
    {
        return isOurs(container) && hasLimitOption(key);
    }
    [[nodiscard]] Result<LogTail> tailLog(const Facts &container, std::size_t lines,
                                          const Patience &patience) const override;

private:
    /// Folders of one list().
    struct Opened
    {
        Folder storage;
        std::optional<Folder> run; ///< none since the boot
    };
    [[nodiscard]] std::string storagePath() const
    {
        return m_place.storage.empty() ? m_place.baseFolder : strCat(m_place.baseFolder, "/", m_place.storage);
    }
    [[nodiscard]] bool isOurs(const Facts &container) const
    {
        return !m_place.userUid && container.runtime == "podman";
    }
    [[nodiscard]] Result<Opened> open() const;
    void describe(Facts &facts, const Opened &opened, std::string &sandboxId);
    void addProcess(Facts &facts, const Folder &run);
    [[nodiscard]] std::vector<std::string> words(const Facts &container, Verb verb,
                                                 const std::string &handle) const override;
    [[nodiscard]] std::vector<std::string> updateWords(const Facts &container) const override;
    [[nodiscard]] const std::string &shownHandle(const Facts &container) const override { return container.name; }

    const PodmanPlace m_place;
    const ProcessLook m_look;
    FolderWatch m_watch;
};

Result<std::string> PodmanFiles::version(const Patience &patience) const
{
    // "podman version 5.4.2"; where only the files are left there is no version to tell.
    const std::string line = GANTRY_TRY(toolVersion({"podman", "--version"}, patience));
    return printable(std::string_view(line).substr(std::min(line.size(), line.rfind(' ') + 1)));
}

Result<PodmanFiles::Opened> PodmanFiles::open() const
{
    Folder base = GANTRY_TRY(m_place.owner ? Folder::openOwned(m_place.baseFolder, *m_place.owner)
                                           : Folder::open(m_place.baseFolder));
    const std::string containers = strCat(m_place.driver, "-containers");
    const std::string below = m_place.storage.empty() ? containers : strCat(m_place.storage, "/", containers);
    Opened out{GANTRY_TRY(base.sub(below)), std::nullopt};
    const auto runBase =
        m_place.owner ? Folder::openOwned(m_place.runAnchor, *m_place.owner) : Folder::open(m_place.runFolder);
    if (!runBase)
        return out;
    std::string inner = containers;
    if (m_place.owner)
        inner = strCat(m_place.runFolder.substr(m_place.runAnchor.size() + 1), "/", containers);
    if (auto run = runBase->sub(inner))
        out.run = *std::move(run);
    return out;
}

void PodmanFiles::addProcess(Facts &facts, const Folder &run)
{
    const std::string inner = facts.id + "/userdata";
    m_watch.folder(strCat(run.path(), "/", inner), {"pidfile", "conmon.pid"});
    const auto folder = run.sub(inner);
    if (!folder)
        return;
    PidClaim claim{.pid = 0, .startTicks = 0, .writtenMicros = 0, .id = facts.id, .owner = m_place.owner};
    claim.pid = folder->pid("pidfile", claim.writtenMicros);
    if (claim.pid == 0)
        return;
    facts.state = State::Exited;
    const auto process = confirm(m_look, claim);
    if (!process)
        return;
    applyProcess(facts, claim.pid, *process, false);
    m_watch.files(process->stateFiles);
    claim.pid = folder->pid("conmon.pid", claim.writtenMicros);
    if (confirm(m_look, claim))
        facts.monitorPid = claim.pid;
}

void PodmanFiles::describe(Facts &facts, const Opened &opened, std::string &sandboxId)
{
    facts.runtime = "podman";
    facts.userUid = m_place.userUid;
    facts.state = State::Created;
    facts.source = strCat("files below ", storagePath());
    if (opened.run)
        addProcess(facts, *opened.run);
    const auto json = opened.storage.json(facts.id + "/userdata/config.json");
    if (json) { // written at the first start
        OciConfig config = readOciConfig(*json);
        facts.labels = std::move(config.facts.labels);
        facts.command = std::move(config.facts.command);
        facts.mounts = std::move(config.facts.mounts);
        facts.podId = std::move(config.facts.podId);
        facts.rootFolder = std::move(config.rootFolder);
        facts.infrastructure = config.facts.infrastructure;
        sandboxId = std::move(config.sandboxId);
        if (config.manager == "cri-o") {
            facts.runtime = config.manager;
            facts.podName = std::move(config.facts.podName);
            facts.name = std::move(config.facts.name);
        }
        // The run folder does not outlive a boot, the configuration does.
        if (facts.state == State::Created)
            facts.state = State::Exited;
    } else if (json.error().posix() != ENOENT) {
        facts.problem = json.error().message();
    }
    if (!facts.podId.empty() && facts.name == strCat(facts.podId.substr(0, kShortId), "-infra"))
        facts.infrastructure = true;
}

Result<Listing> PodmanFiles::list(const Patience &patience)
{
    m_watch.begin();
    const std::string folder = strCat(storagePath(), "/", m_place.driver, "-containers");
    m_watch.folder(folder, {"containers.json", "volatile-containers.json"});
    m_watch.folder(strCat(m_place.runFolder, "/", m_place.driver, "-containers"));
    const Opened opened = GANTRY_TRY(open());
    Listing out;
    for (const char *name : {"containers.json", "volatile-containers.json"}) {
        const auto file = opened.storage.read(name);
        if (!file && file.error().posix() == ENOENT)
            continue;
        if (!file)
            return std::unexpected(file.error());
        std::ranges::move(GANTRY_TRY(parsePodmanList(file->text)), std::back_inserter(out.containers));
    }
    if (out.containers.size() > kMost)
        out.containers.resize(kMost);
    std::set<std::string> sandboxes;
    for (Facts &facts : out.containers) {
        GANTRY_CHECK(checkPatience("list", folder, patience));
        std::string sandbox;
        describe(facts, opened, sandbox);
        sandboxes.insert(std::move(sandbox));
    }
    const bool mayAct = !m_place.userUid && !toolPath("podman").empty();
    for (Facts &facts : out.containers) {
        facts.infrastructure = facts.infrastructure || sandboxes.contains(facts.id);
        if (mayAct && isOurs(facts))
            facts.verbs = engineVerbs(facts.state);
    }
    m_watch.end();
    return out;
}

std::vector<std::string> PodmanFiles::words(const Facts &container, Verb verb, const std::string &handle) const
{
    if (!isOurs(container))
        return {};
    return {"podman",
            std::string(verb == Verb::Log      ? "logs"
                        : verb == Verb::Remove ? "rm"
                                               : verbName(verb)),
            handle};
}

std::vector<std::string> PodmanFiles::updateWords(const Facts &container) const
{
    return isOurs(container) ? std::vector<std::string>{"podman", "update"} : std::vector<std::string>();
}

Result<LogTail> PodmanFiles::tailLog(const Facts &container, std::size_t lines, const Patience &patience) const
{
    if (!isOurs(container))
        return Source::tailLog(container, lines, patience);
    const std::string count = strCat(std::clamp<std::size_t>(lines, 1, kMostLogLines));
    const ToolOutput got =
        GANTRY_TRY(runToolFor(Verb::Log, container, {"podman", "logs", "-t", "--tail", count, container.id}, patience));
    LogTail out{.lines = {}, .source = command(container, Verb::Log)};
    addTimedLines(got.standardOutput, false, out.lines);
    addTimedLines(got.standardError, true, out.lines);
    // Each stream is in order; together they are by their time.
    std::ranges::stable_sort(out.lines, {}, &LogLine::realtimeMicros);
    return out;
}

} // namespace

Result<std::vector<Facts>> parsePodmanList(std::string_view text)
{
    const Json rows = GANTRY_TRY(parseJson("containers.json", text));
    if (!rows.is_array())
        return fail(EBADMSG, "json", "containers.json", "no list");
    std::vector<Facts> out;
    for (const Json &row : rows) {
        Facts facts;
        facts.id = textAt(row, {"id"});
        const auto metadata = parseJson("metadata", textAt(row, {"metadata"}));
        // The id becomes a name of a folder. Without podman's (or cri-o's) metadata it is another tool's, as buildah's.
        if (!isPlainName(facts.id) || !metadata || textAt(*metadata, {"image-id"}).empty())
            continue;
        const std::vector<std::string> names = textsAt(row, {"names"});
        facts.name = names.empty() ? textAt(*metadata, {"name"}) : names.front();
        facts.image = textAt(*metadata, {"image-name"});
        facts.imageId = textAt(*metadata, {"image-id"});
        facts.createdMicros = microsOfTime(textAt(row, {"created"}));
        if (out.size() < Source::kMost)
            out.push_back(std::move(facts));
    }
    return out;
}

std::unique_ptr<Source> makePodmanFiles(PodmanPlace place, ProcessLook look)
{
    return std::make_unique<PodmanFiles>(std::move(place), std::move(look));
}

std::vector<Candidate> findPodmanFiles(const HostTree &host)
{
    std::vector<Candidate> out;
    const auto add = [&out](PodmanPlace place) {
        const std::string storage = place.storage.empty() ? std::string() : place.storage + "/";
        for (const std::string_view driver : kDrivers) {
            const std::string below = strCat(storage, driver, "-containers");
            const std::string folder = strCat(place.baseFolder, "/", below);
            place.driver = driver;
            if (place.owner ? isFolderOf(*place.owner, place.baseFolder, below) : isFolder(folder))
                out.push_back({strCat("podman ", folder), [place] { return makePodmanFiles(place); }});
        }
    };
    add({.baseFolder = host.root() + "/var/lib/containers/storage",
         .storage = {},
         .driver = {},
         .runFolder = host.root() + "/run/containers/storage",
         .runAnchor = {},
         .userUid = std::nullopt,
         .owner = std::nullopt});
    for (const RunningUser &user : host.users()) {
        if (user.uid != 0 && !user.homeFolder.empty())
            add({.baseFolder = user.homeFolder,
                 .storage = ".local/share/containers/storage",
                 .driver = {},
                 .runFolder = user.runFolder + "/containers",
                 .runAnchor = user.runFolder,
                 .userUid = user.uid,
                 .owner = user.owner});
    }
    return out;
}

} // namespace gantry::runtime
