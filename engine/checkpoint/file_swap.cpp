// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/file_swap.h"

#include "engine/base/log.h"
#include "engine/base/parse.h"
#include "engine/base/strings.h"
#include "engine/checkpoint/file_walk.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>
#include <span>
#include <string_view>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gantry::checkpoint {

namespace {

constexpr const char *kPrefix = "files.";
constexpr std::size_t kMostJournal = TextBuffer::kMax / 4; ///< of one exchange; what is read back whole
// First texts of records, and what follows them.
constexpr std::string_view kMaking = "making"; ///< folder, name
constexpr std::string_view kFolder = "folder"; ///< path, mode, uid, gid; modified, accessed: seconds and nanoseconds
constexpr std::string_view kUnit = "unit";     ///< folder, name, aside, fresh, "1" where there was something
constexpr std::string_view kLives = "lives";   ///< pid, start ticks
constexpr std::string_view kBegins = "begins"; ///< pid, start ticks; file that is there once it runs
constexpr std::string_view kKeep = "keep";     ///< it is good

/// One that things are exchanged in, as it was.
struct Folder
{
    std::string path;
    mode_t mode = 0;
    uid_t uid = 0;
    gid_t gid = 0;
    std::array<timespec, 2> times{}; ///< accessed, modified
};

struct Journal
{
    std::vector<std::array<std::string, 2>> made;
    std::vector<Folder> folders;
    std::vector<FileSwap::Unit> units;
    std::vector<bool> had; ///< by unit
    std::int32_t pid = 0;
    std::uint64_t startTicks = 0;
    std::string pidFile; ///< empty: it runs
    bool kept = false;
};

std::string nextText(std::string_view &rest)
{
    const std::size_t zero = rest.find('\0');
    std::string out(rest.substr(0, zero));
    rest.remove_prefix(zero == std::string_view::npos ? rest.size() : zero + 1);
    return out;
}

timespec nextTime(std::string_view &rest)
{
    const std::int64_t seconds = parseI64(nextText(rest)).value_or(0);
    return {seconds, parseI64(nextText(rest)).value_or(0)};
}

/// A record that was not written to its end is one that nothing was done of.
Journal parseJournal(std::string_view text)
{
    Journal out;
    text = text.substr(0, text.rfind('\0') == std::string_view::npos ? 0 : text.rfind('\0') + 1);
    while (!text.empty()) {
        const std::string kind = nextText(text);
        if (kind == kMaking) {
            std::string folder = nextText(text);
            out.made.push_back({std::move(folder), nextText(text)});
        } else if (kind == kFolder) {
            Folder folder;
            folder.path = nextText(text);
            for (std::uint32_t *number : {&folder.mode, &folder.uid, &folder.gid})
                *number = static_cast<std::uint32_t>(parseU64(nextText(text)).value_or(0));
            folder.times[1] = nextTime(text);
            folder.times[0] = nextTime(text);
            out.folders.push_back(std::move(folder));
        } else if (kind == kUnit) {
            FileSwap::Unit unit;
            for (std::string *field : {&unit.folder, &unit.name, &unit.aside, &unit.fresh})
                *field = nextText(text);
            out.units.push_back(std::move(unit));
            out.had.push_back(nextText(text) == "1");
        } else if (kind == kLives || kind == kBegins) {
            out.pid = static_cast<std::int32_t>(parseI64(nextText(text)).value_or(0));
            out.startTicks = parseU64(nextText(text)).value_or(0);
            out.pidFile = kind == kBegins ? nextText(text) : std::string();
        } else {
            out.kept = out.kept || kind == kKeep;
        }
    }
    return out;
}

bool isThere(int dir, const std::string &name)
{
    struct stat info
    {};
    return !name.empty() && ::fstatat(dir, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0;
}

/// The first failure of several steps that are all done.
class Failures
{
public:
    void operator()(Result<> done)
    {
        if (!done && m_first)
            m_first = std::move(done);
    }
    [[nodiscard]] Result<> first() const { return m_first; }

private:
    Result<> m_first;
};

Result<> renameIn(int dir, const std::string &from, const std::string &to, const std::string &folder)
{
    if (::renameat2(dir, from.c_str(), dir, to.c_str(), RENAME_NOREPLACE) != 0)
        return failErrno("rename", strCat(printable(folder), "/", printable(from)));
    return {};
}

Result<> undoUnit(const FileSwap::Unit &unit, bool had)
{
    const UniqueFd dir = GANTRY_TRY(openPlain(AT_FDCWD, unit.folder, O_RDONLY | O_DIRECTORY));
    const bool aside = isThere(dir.get(), unit.aside);
    // The name is the new one's if the old one is aside, or there was none and the new one is not where it was made.
    const bool taken = aside || (!had && !unit.fresh.empty() && !isThere(dir.get(), unit.fresh));
    if (taken && isThere(dir.get(), unit.name))
        GANTRY_CHECK(removeAll(dir.get(), unit.name));
    return aside ? renameIn(dir.get(), unit.aside, unit.name, unit.folder) : Result<>();
}

Result<> removeMade(const Journal &journal)
{
    Failures failures;
    for (const auto &[folder, name] : journal.made) {
        const auto dir = openPlain(AT_FDCWD, folder, O_RDONLY | O_DIRECTORY);
        if (dir)
            failures(removeAll(dir->get(), name));
        else if (dir.error().posix() != ENOENT)
            failures(std::unexpected(dir.error()));
    }
    return failures.first();
}

Result<> resetFolders(const Journal &journal)
{
    for (const Folder &folder : journal.folders) {
        const UniqueFd dir = GANTRY_TRY(openPlain(AT_FDCWD, folder.path, O_RDONLY | O_DIRECTORY));
        if (::fchown(dir.get(), folder.uid, folder.gid) != 0 || ::fchmod(dir.get(), folder.mode & 07777U) != 0 ||
            ::futimens(dir.get(), folder.times.data()) != 0)
            return failErrno("chmod", printable(folder.path));
    }
    return {};
}

Result<> undo(const Journal &journal)
{
    Failures failures;
    for (std::size_t i = journal.units.size(); i > 0; --i)
        failures(undoUnit(journal.units[i - 1], journal.had[i - 1]));
    // What could not be put back may be in what was made.
    if (failures.first())
        failures(removeMade(journal));
    failures(resetFolders(journal));
    return failures.first();
}

Result<> removeOld(const Journal &journal)
{
    Failures failures;
    for (const FileSwap::Unit &unit : journal.units) {
        const auto dir = openPlain(AT_FDCWD, unit.folder, O_RDONLY | O_DIRECTORY);
        if (!dir) {
            failures(std::unexpected(dir.error()));
            continue;
        }
        failures(removeAll(dir->get(), unit.aside));
    }
    failures(removeMade(journal));
    return failures.first();
}

/// Lives, and is the same one.
bool livesBy(const Journal &journal)
{
    const auto stat =
        journal.pid > 0 ? process::readStat(journal.pid) : Result<process::Stat>(failErrno("", "", ESRCH));
    return stat && stat->startTicks == journal.startTicks && stat->state != 'Z' && stat->state != 'X';
}

} // namespace

Result<> removeAll(int dir, const std::string &name)
{
    if (name.empty() || ::unlinkat(dir, name.c_str(), 0) == 0 || errno == ENOENT)
        return {};
    std::error_code failed;
    std::filesystem::remove_all(strCat("/proc/self/fd/", dir, "/", name), failed); // follows no symbolic link
    if (failed)
        return failErrno("remove", printable(name), failed.value());
    return {};
}

Result<FileSwap> FileSwap::begin(const std::string &stateFolder)
{
    return FileSwap(GANTRY_TRY(LockedEntry::create(stateFolder, kPrefix, LockedEntry::Kind::File)));
}

FileSwap::~FileSwap()
{
    if (!m_journal)
        return;
    const auto text = readFile(m_journal.path());
    const auto undone = text ? undo(parseJournal(*text)) : std::unexpected(text.error());
    if (undone)
        m_journal.remove();
    else // the journal stays, and is gone by once more
        log::warning(log::Area::Control, "files are not as they were: ", undone.error().message());
}

Result<> FileSwap::note(const std::vector<std::string> &record)
{
    std::string text;
    for (const std::string &word : record) {
        text += word;
        text += '\0';
    }
    return writeAll(m_journal.fd(), std::as_bytes(std::span(text)), m_journal.path());
}

Result<> FileSwap::making(const std::string &folder, const std::string &name)
{
    return note({std::string(kMaking), folder, name});
}

Result<> FileSwap::remembering(const std::string &folder)
{
    const UniqueFd dir = GANTRY_TRY(openPlain(AT_FDCWD, folder, O_RDONLY | O_DIRECTORY));
    struct stat info
    {};
    if (::fstat(dir.get(), &info) != 0)
        return failErrno("stat", printable(folder));
    return note({std::string(kFolder), folder, strCat(info.st_mode), strCat(info.st_uid), strCat(info.st_gid),
                 strCat(info.st_mtim.tv_sec), strCat(info.st_mtim.tv_nsec), strCat(info.st_atim.tv_sec),
                 strCat(info.st_atim.tv_nsec)});
}

Result<> FileSwap::exchange(const std::vector<Unit> &units)
{
    std::vector<bool> had;
    std::size_t bytes = 0;
    for (const Unit &unit : units)
        bytes += unit.folder.size() + unit.name.size() + unit.aside.size() + unit.fresh.size();
    if (bytes > kMostJournal)
        return fail(EFBIG, "restore", units.front().folder, strCat(units.size(), " names are in it"),
                    "Name the folders in it one by one");
    for (const Unit &unit : units) {
        const UniqueFd dir = GANTRY_TRY(openPlain(AT_FDCWD, unit.folder, O_RDONLY | O_DIRECTORY));
        had.push_back(isThere(dir.get(), unit.name));
        GANTRY_CHECK(
            note({std::string(kUnit), unit.folder, unit.name, unit.aside, unit.fresh, had.back() ? "1" : "0"}));
    }
    if (::fdatasync(m_journal.fd()) != 0)
        return failErrno("fdatasync", m_journal.path());
    for (std::size_t i = 0; i < units.size(); ++i) {
        const UniqueFd dir = GANTRY_TRY(openPlain(AT_FDCWD, units[i].folder, O_RDONLY | O_DIRECTORY));
        if (had[i])
            GANTRY_CHECK(renameIn(dir.get(), units[i].name, units[i].aside, units[i].folder));
        if (!units[i].fresh.empty())
            GANTRY_CHECK(renameIn(dir.get(), units[i].fresh, units[i].name, units[i].folder));
    }
    return {};
}

Result<> FileSwap::lives(std::int32_t pid)
{
    const auto stat = GANTRY_TRY(process::readStat(pid));
    return note({std::string(kLives), strCat(pid), strCat(stat.startTicks)});
}

Result<> FileSwap::begins(std::int32_t keeper, const std::string &pidFile)
{
    const auto stat = GANTRY_TRY(process::readStat(keeper));
    return note({std::string(kBegins), strCat(keeper), strCat(stat.startTicks), pidFile});
}

Result<> FileSwap::keep()
{
    const Journal journal = parseJournal(GANTRY_TRY(readFile(m_journal.path())));
    // The new ones are to last before the old ones go.
    std::set<std::string> folders;
    for (const Unit &unit : journal.units)
        folders.insert(unit.folder);
    for (const std::string &folder : folders) {
        const UniqueFd dir = GANTRY_TRY(openPlain(AT_FDCWD, folder, O_RDONLY | O_DIRECTORY));
        if (::syncfs(dir.get()) != 0)
            return failErrno("syncfs", printable(folder));
    }
    GANTRY_CHECK(note({std::string(kKeep)}));
    LockedEntry done = std::move(m_journal);
    GANTRY_CHECK(removeOld(journal)); // the journal stays then, and is gone by once more
    done.remove();
    return {};
}

std::vector<std::string> undoLeftSwaps(const std::string &stateFolder)
{
    std::vector<std::string> out;
    for (LockedEntry &left : LockedEntry::takeLeft(stateFolder, kPrefix, LockedEntry::Kind::File)) {
        const auto text = readFile(left.path());
        if (!text)
            continue;
        const Journal journal = parseJournal(*text);
        const bool lives = livesBy(journal);
        if (!journal.kept && lives && !journal.pidFile.empty() && ::access(journal.pidFile.c_str(), F_OK) != 0)
            continue; // a runtime that we left is still at it
        const bool good = journal.kept || lives;
        const auto done = good ? removeOld(journal) : undo(journal);
        if (done)
            left.remove();
        const std::string first = journal.units.empty()
                                      ? std::string("none")
                                      : strCat(journal.units.front().folder, "/", journal.units.front().name);
        out.push_back(strCat("files of a restore that was killed (", printable(first),
                             done ? (good ? "): what they replaced was removed" : "): they are as they were before it")
                                  : strCat("): ", done.error().message())));
        log::warning(log::Area::Control, out.back(), "");
    }
    return out;
}

} // namespace gantry::checkpoint
