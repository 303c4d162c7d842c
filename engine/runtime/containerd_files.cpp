// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runtime/containerd_files.h"

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

constexpr std::string_view kNamespaceLabel = "containerd.namespace";
constexpr std::string_view kDocker = "moby";
constexpr std::string_view kKubernetes = "k8s.io";
std::string namespaceOf(const Facts &facts)
{
    const auto found = facts.labels.find(std::string(kNamespaceLabel));
    return found != facts.labels.end() ? found->second : std::string();
}

class ContainerdFiles final : public ToolSource
{
public:
    ContainerdFiles(std::string folder, ProcessLook look) : m_folder(std::move(folder)), m_look(std::move(look)) {}

    [[nodiscard]] std::string_view runtime() const override { return "containerd"; }
    [[nodiscard]] std::string endpoint() const override { return m_folder; }
    [[nodiscard]] Rank rank() const override { return Rank::Files; }
    [[nodiscard]] Result<std::string> version(const Patience &patience) const override;
    [[nodiscard]] Result<Listing> list(const Patience &patience) override;
    [[nodiscard]] Result<> waitForChange(const Patience &patience) override { return m_watch.wait(patience); }
    [[nodiscard]] Result<> act(const Facts &container, Verb verb, const Patience &patience) const override;

private:
    [[nodiscard]] Result<Facts> read(const Folder &parent, const std::string &space, const std::string &id);
    [[nodiscard]] std::vector<std::string> words(const Facts &container, Verb verb,
                                                 const std::string &handle) const override;

    const std::string m_folder;
    const ProcessLook m_look;
    FolderWatch m_watch;
};

Result<std::string> ContainerdFiles::version(const Patience &patience) const
{
    // "containerd github.com/containerd/containerd 1.7.24~ds1 1.7.24~ds1-6+deb13u1"
    const std::string text = GANTRY_TRY(toolVersion({"containerd", "--version"}, patience));
    std::string_view rest = text;
    for (int i = 0; i < 2; ++i)
        rest.remove_prefix(std::min(rest.size(), rest.find(' ') + 1));
    return printable(rest.substr(0, rest.find(' ')));
}

Result<Facts> ContainerdFiles::read(const Folder &parent, const std::string &space, const std::string &id)
{
    const Folder folder = GANTRY_TRY(parent.sub(id));
    m_watch.folder(folder.path(), {"config.json", "init.pid"});
    const auto json = folder.json("config.json");
    PidClaim claim{.pid = 0, .startTicks = 0, .writtenMicros = 0, .id = id, .owner = std::nullopt};
    claim.pid = folder.pid("init.pid", claim.writtenMicros);
    if (!json && claim.pid == 0)
        return std::unexpected(json.error()); // being made, or removed
    OciConfig config = json ? readOciConfig(*json) : OciConfig();
    Facts facts = std::move(config.facts);
    facts.runtime = config.manager.empty() ? std::string("containerd") : config.manager;
    facts.id = id;
    if (facts.name.empty())
        facts.name = isLongId(id) ? id.substr(0, kShortId) : id;
    if (!json)
        facts.problem = json.error().message();
    facts.labels.insert_or_assign(std::string(kNamespaceLabel), space);
    facts.rootFolder = folder.path() + "/rootfs";
    facts.source = strCat("containerd's tasks in ", m_folder);
    facts.cgroupPath = cgroupOfOci(config.cgroupsPath);
    // By the cgroupfs driver a pod's container is Kubernetes' by its path.
    if (const auto match = recognise(facts.cgroupPath); match && match->runtime == "kubernetes")
        facts.runtime = match->runtime;
    facts.state = claim.pid != 0 ? State::Exited : State::Created;
    if (const auto process = confirm(m_look, claim)) {
        applyProcess(facts, claim.pid, *process, true);
        m_watch.files(process->stateFiles);
    } else {
        facts.cgroupPath.clear();
    }
    const bool lives = facts.state == State::Running || facts.state == State::Paused;
    if (space != kKubernetes && !toolPath("ctr").empty())
        facts.verbs = !lives                          ? std::vector<Verb>{Verb::Remove}
                      : facts.state == State::Running ? std::vector<Verb>{Verb::Pause, Verb::Kill}
                                                      : std::vector<Verb>{Verb::Unpause, Verb::Kill};
    return facts;
}

Result<Listing> ContainerdFiles::list(const Patience &patience)
{
    m_watch.begin();
    m_watch.folder(m_folder);
    const Folder folder = GANTRY_TRY(Folder::open(m_folder));
    Listing out;
    for (const std::string &space : GANTRY_TRY(folder.folders())) {
        if (space == kDocker)
            continue;
        const auto inside = folder.sub(space);
        if (!inside)
            continue;
        m_watch.folder(inside->path());
        const auto ids = inside->folders();
        for (const std::string &id : ids ? *ids : std::vector<std::string>()) {
            GANTRY_CHECK(checkPatience("list", m_folder, patience));
            auto facts = read(*inside, space, id);
            if (facts && out.containers.size() < kMost)
                out.containers.push_back(*std::move(facts));
        }
    }
    m_watch.end();
    return out;
}

std::vector<std::string> ContainerdFiles::words(const Facts &container, Verb verb, const std::string &handle) const
{
    const std::string space = namespaceOf(container);
    if (space.empty() || space == kKubernetes)
        return {};
    std::vector<std::string> out{"ctr", "-n", space, "tasks"};
    switch (verb) {
    case Verb::Pause:
        out.insert(out.end(), {"pause", handle});
        return out;
    case Verb::Unpause:
        out.insert(out.end(), {"resume", handle});
        return out;
    case Verb::Kill:
        out.insert(out.end(), {"kill", "-s", "SIGKILL", handle});
        return out;
    case Verb::Remove: // the task; act() goes on with the container
        out.insert(out.end(), {"rm", handle});
        return out;
    default:
        return {};
    }
}

Result<> ContainerdFiles::act(const Facts &container, Verb verb, const Patience &patience) const
{
    GANTRY_CHECK(ToolSource::act(container, verb, patience));
    if (verb == Verb::Remove)
        GANTRY_CHECK(runToolFor(verb, container,
                                {"ctr", "-n", namespaceOf(container), "containers", "rm", container.id}, patience));
    return {};
}

} // namespace

std::unique_ptr<Source> makeContainerdFiles(std::string folder, ProcessLook look)
{
    return std::make_unique<ContainerdFiles>(std::move(folder), std::move(look));
}

std::vector<Candidate> findContainerdFiles(const HostTree &host)
{
    const std::string folder = host.root() + "/run/containerd/io.containerd.runtime.v2.task";
    if (!isFolder(folder))
        return {};
    return {{strCat("containerd ", folder), [folder] { return makeContainerdFiles(folder); }}};
}

} // namespace gantry::runtime
