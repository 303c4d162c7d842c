// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runtime/docker_files.h"

#include "engine/base/parse.h"
#include "engine/base/strings.h"
#include "engine/runtime/docker_json.h"
#include "engine/runtime/files.h"
#include "engine/runtime/folder_watch.h"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace gantry::runtime {

namespace {

constexpr std::size_t kMostLogBytes = std::size_t{2} << 20;

State stateOf(const Json &state)
{
    if (flagAt(state, {"RemovalInProgress"}))
        return State::Stopping;
    if (flagAt(state, {"Paused"}))
        return State::Paused;
    if (flagAt(state, {"Restarting"}))
        return State::Created;
    if (flagAt(state, {"Running"}))
        return State::Running;
    // One that never ran has no start.
    return microsOfTime(textAt(state, {"StartedAt"})) == 0 ? State::Created : State::Exited;
}

std::vector<Mount> mountPointsOf(const Json &points)
{
    std::vector<Mount> out;
    if (!points.is_object())
        return out;
    for (const auto &[destination, point] : points.items())
        out.push_back(dockerMount(point, destination));
    return out;
}

void applyHostConfig(Facts &facts, std::string_view text)
{
    const auto json = parseJson("hostconfig.json", text);
    if (!json)
        return;
    facts.restartPolicy = dockerRestartPolicy(at(*json, {"RestartPolicy"}));
    facts.ociRuntime = textAt(*json, {"Runtime"});
}

class DockerFiles final : public Source
{
public:
    DockerFiles(DockerPlace place, ProcessLook look) : m_place(std::move(place)), m_look(std::move(look)) {}

    [[nodiscard]] std::string_view runtime() const override { return "docker"; }
    [[nodiscard]] std::string endpoint() const override { return strCat(m_place.baseFolder, "/", m_place.below); }
    [[nodiscard]] std::optional<std::uint32_t> userUid() const override { return m_place.userUid; }
    [[nodiscard]] Rank rank() const override { return Rank::Files; }
    /// No file tells it.
    [[nodiscard]] Result<std::string> version(const Patience &) const override { return std::string(); }
    [[nodiscard]] Result<Listing> list(const Patience &patience) override;
    [[nodiscard]] Result<> waitForChange(const Patience &patience) override { return m_watch.wait(patience); }
    [[nodiscard]] Result<LogTail> tailLog(const Facts &container, std::size_t lines,
                                          const Patience &patience) const override;

private:
    [[nodiscard]] Result<Folder> open() const
    {
        const Folder base = GANTRY_TRY(m_place.owner ? Folder::openOwned(m_place.baseFolder, *m_place.owner)
                                                     : Folder::open(m_place.baseFolder));
        return base.sub(m_place.below);
    }
    [[nodiscard]] Result<Facts> read(const Folder &parent, const std::string &id);

    const DockerPlace m_place;
    const ProcessLook m_look;
    FolderWatch m_watch;
};

Result<Facts> DockerFiles::read(const Folder &parent, const std::string &id)
{
    const Folder folder = GANTRY_TRY(parent.sub(id));
    m_watch.folder(folder.path(), {"config.v2.json", "hostconfig.json"});
    const FileText config = GANTRY_TRY(folder.read("config.v2.json"));
    const auto host = folder.read("hostconfig.json");
    Facts facts = GANTRY_TRY(parseDockerContainer(config.text, host ? host->text : std::string()));
    facts.userUid = m_place.userUid;
    facts.source = strCat("docker's files in ", endpoint());
    const std::int32_t pid = std::exchange(facts.initPid, 0);
    const bool lives = facts.state == State::Running || facts.state == State::Paused;
    if (lives) {
        const PidClaim claim{.pid = pid,
                             .startTicks = 0,
                             .writtenMicros = config.modifiedMicros,
                             .id = facts.id,
                             .owner = m_place.owner};
        if (const auto process = confirm(m_look, claim)) {
            const State told = facts.state;
            applyProcess(facts, pid, *process, true);
            facts.state = told == State::Paused ? State::Paused : facts.state;
            m_watch.files(process->stateFiles);
        } else {
            // dockerd ended, or the host, before it could write that.
            facts.state = State::Exited;
        }
    }
    if (folder.has(facts.id + "-json.log"))
        facts.verbs = {Verb::Log};
    return facts;
}

Result<Listing> DockerFiles::list(const Patience &patience)
{
    m_watch.begin();
    m_watch.folder(endpoint());
    const Folder folder = GANTRY_TRY(open());
    Listing out;
    for (const std::string &id : GANTRY_TRY(folder.folders())) {
        GANTRY_CHECK(checkPatience("list", endpoint(), patience));
        auto facts = read(folder, id);
        if (facts && facts->id == id && out.containers.size() < kMost)
            out.containers.push_back(*std::move(facts));
    }
    m_watch.end();
    return out;
}

Result<LogTail> DockerFiles::tailLog(const Facts &container, std::size_t lines, const Patience & /*patience*/) const
{
    if (!isPlainName(container.id))
        return fail(EINVAL, "log", container.name, "no id of docker");
    const std::string name = strCat(container.id, "/", container.id, "-json.log");
    const Folder folder = GANTRY_TRY(open());
    LogTail out{.lines = parseDockerLog(GANTRY_TRY(folder.tail(name, kMostLogBytes))),
                .source = strCat(endpoint(), "/", name)};
    const std::size_t most = std::clamp<std::size_t>(lines, 1, kMostLogLines);
    if (out.lines.size() > most)
        out.lines.erase(out.lines.begin(), out.lines.end() - static_cast<std::ptrdiff_t>(most));
    return out;
}

} // namespace

Result<Facts> parseDockerContainer(std::string_view config, std::string_view hostConfig)
{
    const Json json = GANTRY_TRY(parseJson("config.v2.json", config));
    Facts out;
    out.runtime = "docker";
    out.id = textAt(json, {"ID"});
    if (out.id.empty())
        return fail(EBADMSG, "json", "config.v2.json", "without an id");
    out.name = textAt(json, {"Name"});
    if (out.name.starts_with('/'))
        out.name.erase(0, 1);
    out.image = textAt(json, {"Config", "Image"});
    out.imageId = textAt(json, {"Image"});
    out.labels = textMapAt(json, {"Config", "Labels"});
    out.state = stateOf(at(json, {"State"}));
    out.createdMicros = microsOfTime(textAt(json, {"Created"}));
    out.startedMicros = microsOfTime(textAt(json, {"State", "StartedAt"}));
    out.ports = dockerPorts(at(json, {"NetworkSettings", "Ports"}));
    out.mounts = mountPointsOf(at(json, {"MountPoints"}));
    out.addresses = dockerAddresses(at(json, {"NetworkSettings", "Networks"}));
    if (std::string path = textAt(json, {"Path"}); !path.empty())
        out.command.push_back(std::move(path));
    std::ranges::move(textsAt(json, {"Args"}), std::back_inserter(out.command));
    // State.Health is not used: dockerd keeps the results of health checks in memory, so the file goes on saying
    // "starting" (seen with 26.1.5).
    out.initPid = pidAt(json, {"State", "Pid"});
    applyHostConfig(out, hostConfig);
    return out;
}

std::vector<LogLine> parseDockerLog(std::string_view text)
{
    std::vector<LogLine> out;
    while (const auto line = takeLine(text)) {
        const auto json = parseJson("log", *line);
        if (!json || !at(*json, {"log"}).is_string())
            continue;
        std::string words = textAt(*json, {"log"});
        while (words.ends_with('\n') || words.ends_with('\r'))
            words.pop_back();
        out.push_back({microsOfTime(textAt(*json, {"time"})), textAt(*json, {"stream"}) == "stderr", std::move(words)});
    }
    return out;
}

std::unique_ptr<Source> makeDockerFiles(DockerPlace place, ProcessLook look)
{
    return std::make_unique<DockerFiles>(std::move(place), std::move(look));
}

std::vector<Candidate> findDockerFiles(const HostTree &host)
{
    std::vector<Candidate> out;
    const auto add = [&out](DockerPlace place) {
        const std::string folder = strCat(place.baseFolder, "/", place.below);
        if (place.owner ? isFolderOf(*place.owner, place.baseFolder, place.below) : isFolder(folder))
            out.push_back({strCat("docker ", folder), [place] { return makeDockerFiles(place); }});
    };
    std::string data = host.root() + "/var/lib/docker";
    if (const auto settings = Folder::open(host.root() + "/etc/docker")) {
        const auto json = settings->json("daemon.json");
        const std::string other = json ? textAt(*json, {"data-root"}) : std::string();
        if (other.starts_with('/'))
            data = host.root() + other;
    }
    add({.baseFolder = data, .below = "containers", .userUid = std::nullopt, .owner = std::nullopt});
    for (const RunningUser &user : host.users()) {
        if (user.uid != 0 && !user.homeFolder.empty())
            add({.baseFolder = user.homeFolder,
                 .below = ".local/share/docker/containers",
                 .userUid = user.uid,
                 .owner = user.owner});
    }
    return out;
}

} // namespace gantry::runtime
