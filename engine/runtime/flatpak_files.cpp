// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runtime/flatpak_files.h"

#include "engine/base/parse.h"
#include "engine/base/strings.h"
#include "engine/runtime/files.h"
#include "engine/runtime/folder_watch.h"

#include <array>
#include <cerrno>
#include <utility>

namespace gantry::runtime {

namespace {

constexpr std::string_view kFolder = ".flatpak";

class FlatpakFiles final : public Source
{
public:
    FlatpakFiles(std::string runFolder, std::uint32_t uid, uid_t owner, ProcessLook look)
        : m_runFolder(std::move(runFolder)), m_uid(uid), m_owner(owner), m_look(std::move(look))
    {}

    [[nodiscard]] std::string_view runtime() const override { return "flatpak"; }
    [[nodiscard]] std::string endpoint() const override { return strCat(m_runFolder, "/", kFolder); }
    [[nodiscard]] std::optional<std::uint32_t> userUid() const override { return m_uid; }
    [[nodiscard]] Rank rank() const override { return Rank::Files; }
    /// No file tells it.
    [[nodiscard]] Result<std::string> version(const Patience &) const override { return std::string(); }
    [[nodiscard]] Result<Listing> list(const Patience &patience) override;
    [[nodiscard]] Result<> waitForChange(const Patience &patience) override { return m_watch.wait(patience); }

private:
    [[nodiscard]] Result<Facts> read(const Folder &parent, const std::string &instance);

    const std::string m_runFolder;
    const std::uint32_t m_uid;
    const uid_t m_owner;
    const ProcessLook m_look;
    FolderWatch m_watch;
};

Result<Facts> FlatpakFiles::read(const Folder &parent, const std::string &instance)
{
    const Folder folder = GANTRY_TRY(parent.sub(instance));
    m_watch.folder(folder.path(), {"info", "pid", "bwrapinfo.json"});
    const FileText info = GANTRY_TRY(folder.read("info"));
    Facts facts = parseFlatpakInfo(info.text);
    facts.runtime = "flatpak";
    facts.id = instance;
    if (facts.name.empty())
        facts.name = instance;
    facts.userUid = m_uid;
    facts.createdMicros = info.modifiedMicros;
    facts.source = strCat("flatpak's files in ", endpoint());
    PidClaim claim{.pid = 0, .startTicks = 0, .writtenMicros = 0, .id = {}, .owner = m_owner};
    if (const auto bwrap = folder.read("bwrapinfo.json")) {
        claim.pid = parseBwrapInfo(bwrap->text);
        claim.writtenMicros = bwrap->modifiedMicros;
    }
    const auto process = confirm(m_look, claim);
    // Folders of instances that ended stay until the next one starts: those are no containers any more.
    if (!process)
        return failErrno("flatpak", instance, ESRCH);
    applyProcess(facts, claim.pid, *process, false);
    m_watch.files(process->stateFiles);
    claim.pid = folder.pid("pid", claim.writtenMicros);
    if (confirm(m_look, claim))
        facts.monitorPid = claim.pid;
    return facts;
}

Result<Listing> FlatpakFiles::list(const Patience &patience)
{
    m_watch.begin();
    m_watch.folder(endpoint());
    const Folder run = GANTRY_TRY(Folder::openOwned(m_runFolder, m_owner));
    const Folder folder = GANTRY_TRY(run.sub(std::string(kFolder)));
    Listing out;
    for (const std::string &instance : GANTRY_TRY(folder.folders())) {
        GANTRY_CHECK(checkPatience("list", endpoint(), patience));
        auto facts = read(folder, instance);
        if (facts && out.containers.size() < kMost)
            out.containers.push_back(*std::move(facts));
    }
    m_watch.end();
    return out;
}

} // namespace

Facts parseFlatpakInfo(std::string_view text)
{
    Facts out;
    std::string_view section;
    while (const auto each = takeLine(text)) {
        const std::string_view line = trim(*each);
        if (line.starts_with('[') && line.ends_with(']')) {
            section = line.substr(1, line.size() - 2);
            continue;
        }
        const std::size_t equals = line.find('=');
        if (line.starts_with('#') || equals == std::string_view::npos)
            continue;
        const std::string_view key = trim(line.substr(0, equals));
        const std::string value(trim(line.substr(equals + 1)));
        if (section == "Application" && key == "name")
            out.name = value;
        else if (section == "Application" && key == "runtime")
            out.image = value;
        else if (section == "Instance" && (key == "branch" || key == "arch" || key == "flatpak-version"))
            out.labels.insert_or_assign(key == "flatpak-version" ? "flatpak.version" : strCat("flatpak.", key), value);
    }
    return out;
}

std::int32_t parseBwrapInfo(std::string_view text)
{
    const auto json = parseJson("bwrapinfo.json", text);
    return json ? pidAt(*json, {"child-pid"}) : 0;
}

std::unique_ptr<Source> makeFlatpakFiles(std::string runFolder, std::uint32_t userUid, uid_t owner, ProcessLook look)
{
    return std::make_unique<FlatpakFiles>(std::move(runFolder), userUid, owner, std::move(look));
}

std::vector<Candidate> findFlatpakFiles(const HostTree &host)
{
    std::vector<Candidate> out;
    for (const RunningUser &user : host.users()) {
        const std::string folder = strCat(user.runFolder, "/", kFolder);
        if (isFolderOf(user.owner, user.runFolder, std::string(kFolder)))
            out.push_back({strCat("flatpak ", folder),
                           [user] { return makeFlatpakFiles(user.runFolder, user.uid, user.owner); }});
    }
    return out;
}

} // namespace gantry::runtime
