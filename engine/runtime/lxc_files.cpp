// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runtime/lxc_files.h"

#include "engine/base/fd.h"
#include "engine/base/parse.h"
#include "engine/base/strings.h"
#include "engine/runtime/files.h"
#include "engine/runtime/folder_watch.h"
#include "engine/runtime/tool.h"
#include "engine/runtime/tool_source.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <utility>

namespace gantry::runtime {

namespace {

constexpr std::array<std::string_view, 3> kTrees{"/sys/fs/cgroup", "/sys/fs/cgroup/unified", "/sys/fs/cgroup/systemd"};

/// "key = value" of a line; the key is empty for a comment and for what is no setting.
std::pair<std::string_view, std::string_view> settingIn(std::string_view line)
{
    line = trim(line);
    const std::size_t equals = line.find('=');
    if (line.starts_with('#') || equals == std::string_view::npos)
        return {};
    return {trim(line.substr(0, equals)), trim(line.substr(equals + 1))};
}

/// "/srv/data data none bind,ro 0 0", as in fstab(5); the destination is below the container's root.
void addMount(std::string_view entry, Facts &facts)
{
    const std::string_view source = takeToken(entry);
    const std::string_view destination = takeToken(entry);
    (void)takeToken(entry); // type
    const std::string options = strCat(",", takeToken(entry), ",");
    const bool bind = options.find(",bind,") != std::string::npos || options.find(",rbind,") != std::string::npos;
    if (!bind || !source.starts_with('/') || destination.empty())
        return;
    facts.mounts.push_back({.type = "bind",
                            .source = std::string(source),
                            .destination = strCat(destination.starts_with('/') ? "" : "/", destination),
                            .readOnly = options.find(",ro,") != std::string::npos});
}

std::int32_t onePid(const std::string &path)
{
    return pidIn(readFile(path).value_or(std::string()));
}

std::vector<Verb> lxcVerbs(State state)
{
    switch (state) {
    case State::Running:
        return {Verb::Pause, Verb::Stop, Verb::Restart, Verb::Kill};
    case State::Paused:
        return {Verb::Unpause, Verb::Kill};
    default:
        return {Verb::Start, Verb::Remove};
    }
}

class LxcFiles final : public ToolSource
{
public:
    LxcFiles(std::string folder, LxcLook lxc, ProcessLook look)
        : m_folder(std::move(folder)), m_lxc(std::move(lxc)), m_look(std::move(look))
    {}

    [[nodiscard]] std::string_view runtime() const override { return "lxc"; }
    [[nodiscard]] std::string endpoint() const override { return m_folder; }
    [[nodiscard]] Rank rank() const override { return Rank::Files; }
    [[nodiscard]] Result<std::string> version(const Patience &patience) const override;
    [[nodiscard]] Result<Listing> list(const Patience &patience) override;
    [[nodiscard]] Result<> waitForChange(const Patience &patience) override { return m_watch.wait(patience); }

private:
    [[nodiscard]] Result<Facts> read(const Folder &parent, const std::string &name);
    [[nodiscard]] std::vector<std::string> words(const Facts &container, Verb verb,
                                                 const std::string &handle) const override;

    const std::string m_folder;
    const LxcLook m_lxc;
    const ProcessLook m_look;
    FolderWatch m_watch;
};

Result<std::string> LxcFiles::version(const Patience &patience) const
{
    return printable(GANTRY_TRY(toolVersion({"lxc-info", "--version"}, patience)));
}

Result<Facts> LxcFiles::read(const Folder &parent, const std::string &name)
{
    const Folder folder = GANTRY_TRY(parent.sub(name));
    m_watch.folder(folder.path(), {"config"});
    const FileText config = GANTRY_TRY(folder.read("config"));
    Facts facts = parseLxcConfig(config.text);
    facts.runtime = "lxc";
    facts.id = name;
    facts.name = name;
    facts.source = strCat("LXC's files in ", m_folder);
    facts.state = State::Exited;
    // Its cgroups come and go with it, and no file of LXC does.
    for (const std::string_view tree : kTrees) {
        if (isFolder(std::string(tree)))
            m_watch.folder(strCat(tree, "/lxc.payload.", name));
    }
    if (const auto running = m_lxc(name)) {
        if (const auto process = m_look(running->initPid)) {
            facts.cgroupPath = strCat("/lxc.payload.", name);
            applyProcess(facts, running->initPid, *process, false);
            facts.monitorPid = running->monitorPid;
            m_watch.files(process->stateFiles);
        }
    }
    if (!toolPath("lxc-start").empty())
        facts.verbs = lxcVerbs(facts.state);
    return facts;
}

Result<Listing> LxcFiles::list(const Patience &patience)
{
    m_watch.begin();
    m_watch.folder(m_folder);
    const Folder folder = GANTRY_TRY(Folder::open(m_folder));
    Listing out;
    for (const std::string &name : GANTRY_TRY(folder.folders())) {
        GANTRY_CHECK(checkPatience("list", m_folder, patience));
        auto facts = read(folder, name); // a folder without a config is no container
        if (facts && out.containers.size() < kMost)
            out.containers.push_back(*std::move(facts));
    }
    m_watch.end();
    return out;
}

std::vector<std::string> LxcFiles::words(const Facts & /*container*/, Verb verb, const std::string &handle) const
{
    const auto with = [&](std::string_view tool, std::initializer_list<std::string_view> more) {
        std::vector<std::string> out{std::string(tool), "-P", m_folder, "-n", handle};
        out.insert(out.end(), more.begin(), more.end());
        return out;
    };
    switch (verb) {
    case Verb::Pause:
        return with("lxc-freeze", {});
    case Verb::Unpause:
        return with("lxc-unfreeze", {});
    case Verb::Start:
        return with("lxc-start", {"-d"});
    case Verb::Stop:
        return with("lxc-stop", {});
    case Verb::Restart:
        return with("lxc-stop", {"-r"});
    case Verb::Kill:
        return with("lxc-stop", {"-k"});
    case Verb::Remove:
        return with("lxc-destroy", {});
    default:
        return {};
    }
}

} // namespace

Facts parseLxcConfig(std::string_view text)
{
    Facts out;
    out.restartPolicy = "no";
    while (const auto line = takeLine(text)) {
        auto [key, value] = settingIn(*line);
        if (key == "lxc.rootfs.path" || key == "lxc.rootfs") {
            // "dir:/path", "overlayfs:/lower:/upper": what is not a folder tells where it lies all the same.
            if (value.starts_with("dir:"))
                value.remove_prefix(4);
            out.rootFolder = value;
        } else if (key == "lxc.mount.entry") {
            addMount(value, out);
        } else if (key == "lxc.start.auto") {
            out.restartPolicy = value == "1" ? "always" : "no";
        } else if (key == "lxc.init.cmd" || key == "lxc.init_cmd") {
            out.command = splitWords(value);
        }
    }
    return out;
}

std::string parseLxcPath(std::string_view text)
{
    std::string out;
    while (const auto line = takeLine(text)) {
        const auto [key, value] = settingIn(*line);
        if (key == "lxc.lxcpath" && value.starts_with('/'))
            out = value;
    }
    return out;
}

std::optional<LxcRunning> lookAtLxc(const std::string &name)
{
    for (const std::string_view tree : kTrees) {
        for (const std::string_view monitors : {"/lxc.monitor.", "/lxc.monitor/"}) {
            const std::int32_t monitor = onePid(strCat(tree, monitors, name, "/cgroup.procs"));
            if (monitor == 0)
                continue;
            // Source: proc_pid_children(5).
            const std::int32_t init = onePid(strCat("/proc/", monitor, "/task/", monitor, "/children"));
            if (init != 0)
                return LxcRunning{init, monitor};
        }
    }
    return std::nullopt;
}

std::unique_ptr<Source> makeLxcFiles(std::string folder, LxcLook lxc, ProcessLook look)
{
    return std::make_unique<LxcFiles>(std::move(folder), std::move(lxc), std::move(look));
}

std::vector<Candidate> findLxcFiles(const HostTree &host)
{
    std::string folder = host.root() + "/var/lib/lxc";
    if (const auto settings = Folder::open(host.root() + "/etc/lxc")) {
        const auto file = settings->read("lxc.conf");
        const std::string other = file ? parseLxcPath(file->text) : std::string();
        if (!other.empty())
            folder = host.root() + other;
    }
    if (!isFolder(folder))
        return {};
    return {{strCat("lxc ", folder), [folder] { return makeLxcFiles(folder); }}};
}

} // namespace gantry::runtime
