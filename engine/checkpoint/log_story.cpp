// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/log_story.h"

#include "engine/base/parse.h"
#include "engine/checkpoint/log_lines.h"

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <set>

namespace gantry::checkpoint {

namespace {

/// Most processes and sockets whose lines are kept in mind; a log is not trusted to end.
constexpr std::size_t kMostRemembered = 65'536;

/// The line as it is shown: without what a terminal would take for a command, and not without end.
std::string shown(std::string_view line)
{
    std::string out = printable(line.substr(0, kMostStoryLine));
    if (line.size() > kMostStoryLine)
        out += "...";
    return out;
}

std::int32_t pidOf(std::optional<std::int64_t> number)
{
    return number && *number > 0 && *number <= INT32_MAX ? static_cast<std::int32_t>(*number) : 0;
}

/// Where in the work of CRIU a line of its log is.
class Place
{
public:
    void note(const LogLine &line);

    [[nodiscard]] std::int32_t pid() const { return m_pid; }
    [[nodiscard]] int fd() const { return m_fd; }
    /// Named last.
    [[nodiscard]] const PeerOutside &peer() const { return m_peer; }
    /// Back to the process and file whose end of a UNIX connection was found to lead outside.
    void goToPeersOwner();
    /// To the process that holds a lock.
    void goToLocksOwner();
    /// "pid 812 (node)", or without the name where the log has none.
    [[nodiscard]] std::string nameOf(std::int32_t pid) const;
    /// "port 8080" of the socket that this process restores; empty: none.
    [[nodiscard]] std::string socketOf(std::int32_t pid) const;

private:
    void goTo(std::int32_t pid)
    {
        m_pid = pid;
        m_fd = -1;
    }
    void noteTask(std::string_view text);
    void noteFile(std::string_view text);
    void noteSocket(const LogLine &line);
    void noteLock(std::string_view text);

    struct Owner
    {
        std::int32_t pid = 0;
        int fd = -1;
    };
    std::int32_t m_pid = 0;
    int m_fd = -1;
    PeerOutside m_peer;
    std::set<std::int32_t> m_tasks;                ///< that are saved
    std::map<std::int32_t, std::string> m_names;   ///< of them
    std::vector<std::int32_t> m_locks;             ///< who holds one, of the whole host
    std::map<std::int64_t, Owner> m_owners;        ///< by the inode of the other end
    std::map<std::int32_t, std::string> m_sockets; ///< that each process restores just then
};

/// "Dumping task (pid: 812 comm: node)"; before CRIU 4.2 without the name.
void Place::noteTask(std::string_view text)
{
    static constexpr std::array<std::string_view, 10> kBegins{
        "Dumping task (",        "Pre-dumping task (",     "Dumping processes (", "Collecting mappings (",
        "Collecting fds (",      "Dumping opened files (", "Dumping core (",      "Dumping mm (",
        "Obtaining task stat (", "Dumping pstree ("};
    if (text == "Dumping file-locks")
        goTo(0); // all processes are done
    for (const std::string_view begin : kBegins) {
        if (!text.starts_with(begin))
            continue;
        const std::int32_t pid = pidOf(numberAfter(text, "(pid: "));
        if (pid == 0)
            return;
        goTo(pid);
        if (m_tasks.size() < kMostRemembered)
            m_tasks.insert(pid);
        const std::size_t name = text.find(" comm: ");
        if (name != std::string_view::npos && text.ends_with(')') && m_names.size() < kMostRemembered)
            m_names[pid] = printable(text.substr(name + 7, text.size() - name - 8));
        return;
    }
}

/// "812 fdinfo 14: pos: ..."
void Place::noteFile(std::string_view text)
{
    std::string_view rest = text;
    const auto pid = parseU64(takeToken(rest));
    if (!pid || takeToken(rest) != "fdinfo")
        return;
    std::string_view number = takeToken(rest);
    if (!number.ends_with(':'))
        return;
    number.remove_suffix(1);
    const auto fd = parseU64(number);
    if (!fd || *fd > INT32_MAX || *pid == 0 || *pid > INT32_MAX)
        return;
    m_pid = static_cast<std::int32_t>(*pid);
    m_fd = static_cast<int>(*fd);
}

/// "unix: \tDumping: ino 5 peer_ino 7 family ...", "unix: \tRunaway socket: ino 7 ... type    1 ...",
/// "inet: \tRestore: family AF_INET ... port     8080 ...".
void Place::noteSocket(const LogLine &line)
{
    std::string_view text = line.text;
    if (text.starts_with("inet: \tRestore: ")) {
        const std::size_t port = text.find(" port ");
        std::string_view rest = port == std::string_view::npos ? std::string_view() : text.substr(port + 6);
        const auto number = parseU64(takeToken(rest));
        if (number && m_sockets.size() < kMostRemembered)
            m_sockets[line.pid] = strCat("port ", *number);
        return;
    }
    const bool dumped = text.starts_with("unix: \tDumping: ");
    const auto inode = numberAfter(text, " ino ");
    if (dumped) {
        const auto peer = numberAfter(text, " peer_ino ");
        if (peer && *peer != 0 && m_owners.size() < kMostRemembered)
            m_owners[*peer] = {m_pid, m_fd};
        return;
    }
    const std::size_t type = text.find(" type ");
    if (!inode || type == std::string_view::npos)
        return;
    std::string_view rest = text.substr(type + 6);
    m_peer = {*inode, static_cast<int>(parseU64(takeToken(rest)).value_or(0)), !text.ends_with(" name null")};
}

void Place::note(const LogLine &line)
{
    if (line.text.empty() || !line.message.empty())
        return;
    // By the first letter: a log may have a million lines.
    switch (line.text.front()) {
    case 'D':
    case 'P':
    case 'C':
    case 'O':
        noteTask(line.text);
        break;
    case 'l':
        if (line.text.starts_with("lockinfo: "))
            noteLock(line.text);
        break;
    case '-':
        m_fd = -1; // the end of the files of a process
        break;
    case 'u':
    case 'i':
        if (line.text.starts_with("unix: \tDumping: ") || line.text.starts_with("unix: \tRunaway socket: ") ||
            line.text.starts_with("unix: \tExt ") || line.text.starts_with("inet: \tRestore: "))
            noteSocket(line);
        break;
    default:
        if (line.text.front() >= '1' && line.text.front() <= '9')
            noteFile(line.text);
    }
}

/// "lockinfo: 1:2 1 812 fe:00:10970040 0 EOF": number and kind, access, process, file.
void Place::noteLock(std::string_view text)
{
    for (int word = 0; word < 3; ++word)
        (void)takeToken(text);
    const auto pid = parseI64(takeToken(text));
    if (pid && m_locks.size() < kMostRemembered)
        m_locks.push_back(pidOf(*pid));
}

void Place::goToLocksOwner()
{
    const auto owner = std::ranges::find_if(m_locks, [this](std::int32_t pid) { return m_tasks.contains(pid); });
    if (owner != m_locks.end())
        goTo(*owner);
}

void Place::goToPeersOwner()
{
    const auto owner = m_owners.find(m_peer.inode);
    if (owner == m_owners.end())
        return;
    m_pid = owner->second.pid;
    m_fd = owner->second.fd;
}

std::string Place::nameOf(std::int32_t pid) const
{
    const auto name = m_names.find(pid);
    return name == m_names.end() ? strCat("pid ", pid) : strCat("pid ", pid, " (", name->second, ")");
}

std::string Place::socketOf(std::int32_t pid) const
{
    const auto socket = m_sockets.find(pid);
    return socket == m_sockets.end() ? std::string() : socket->second;
}

/// Whom and what it happened to.
void nameObject(FailureStory &story, const LogLine &line, Place &place)
{
    const bool peerOutside = story.cause == Cause::UnixStreamPeer || story.cause == Cause::UnixDatagramPeer ||
                             story.cause == Cause::UnixNamelessPeer;
    if (peerOutside && place.peer().inode != 0)
        place.goToPeersOwner();
    if (story.cause == Cause::FileLock)
        place.goToLocksOwner();
    const std::int32_t named = pidIn(line.message);
    // What the message says of itself counts more than where in the log it stands.
    story.pid = named != 0 ? named : line.pid != 0 ? line.pid : place.pid();
    const int fd = story.pid == place.pid() ? place.fd() : -1;
    std::string object = objectIn(line.message, fd);
    if (object.empty() && (story.cause == Cause::AddressTaken || story.cause == Cause::AddressMissing))
        object = place.socketOf(line.pid);
    if (story.pid != 0)
        object += strCat(object.empty() ? "" : " of ", place.nameOf(story.pid));
    story.object = shown(object);
}

/// Lines that are no errors, and yet the reason of what follows.
class Hints
{
public:
    void note(const LogLine &line)
    {
        if (const std::int32_t pid = refusedIn(line.text); pid != 0) {
            m_refused = pid;
            m_refusal = line.text;
        }
        // Every checkpoint has them; without one CRIU ends with no word.
        if (line.text == "No pstree.img image" || line.text == "No inventory.img image")
            m_missingImage = line.text;
    }

    /// The process that the kernel did not let CRIU stop, which it only warns of: the error after it is that the
    /// process, never seized, cannot be let go. Nothing in the log tells whether it has a tracer already, its first
    /// thread has ended, or a security module forbids it. (A child that has ended is warned of as well, and is no
    /// failure.)
    [[nodiscard]] std::int32_t refused() const { return m_refused; }
    [[nodiscard]] std::string_view refusal() const { return m_refusal; }
    [[nodiscard]] std::string_view missingImage() const { return m_missingImage; }

private:
    static std::int32_t refusedIn(std::string_view text)
    {
        constexpr std::string_view kBegin = "Warn  (compel/src/lib/infect.c:";
        constexpr std::string_view kWhat = "): Unable to interrupt task: ";
        const std::size_t what = text.find(kWhat);
        const bool refusal = text.starts_with(kBegin) && what != std::string_view::npos &&
                             text.find_first_not_of("0123456789", kBegin.size()) == what &&
                             text.ends_with(" (Operation not permitted)");
        return refusal ? pidOf(numberAfter(text, kWhat)) : 0;
    }

    std::int32_t m_refused = 0;
    std::string_view m_refusal;
    std::string_view m_missingImage;
};

/// What pre-flight found at this process that keeps it from being stopped.
std::optional<Cause> foundBefore(std::span<const Finding> findings, std::int32_t pid)
{
    static constexpr std::array kCauses{Cause::Traced, Cause::LeaderGone, Cause::NotDumpable};
    for (const Finding &finding : findings) {
        if (finding.pid == pid && std::ranges::find(kCauses, finding.cause) != kCauses.end())
            return finding.cause;
    }
    return std::nullopt;
}

/// A restore says after the error which open file it was about: "Unable to open fd=3 id=0x8".
void nameFile(FailureStory &story, const LogLine &line)
{
    constexpr std::string_view kBegin = "Unable to open fd=";
    const auto fd = line.message.starts_with(kBegin) ? numberAfter(line.message, kBegin) : std::nullopt;
    if (fd && line.pid == story.pid && !story.object.starts_with("fd "))
        story.object = shown(strCat("fd ", *fd, story.object.starts_with("pid ") ? " of " : " -> ", story.object));
}

} // namespace

FailureStory explainLog(std::string_view log, std::span<const Finding> findings)
{
    FailureStory story;
    Place place;
    Hints hints;
    std::deque<std::string_view> before;
    while (const auto raw = takeLine(log)) {
        const LogLine line = parseLogLine(*raw);
        if (!trim(*raw).empty())
            before.push_back(*raw);
        if (before.size() > kStoryLinesBefore + 1)
            before.pop_front();
        if (line.message.empty() || isBenign(line)) {
            place.note(line);
            hints.note(line);
            continue;
        }
        const std::int32_t refused = hints.refused();
        if (refused != 0 && line.message.starts_with(strCat("Unable to detach from ", refused, ":"))) {
            story.line = shown(hints.refusal());
            story.cause = foundBefore(findings, refused);
            story.pid = refused;
            story.object = shown(place.nameOf(refused));
        } else {
            story.line = shown(line.text);
            story.cause = causeOf(line.message, place.peer());
            nameObject(story, line, place);
        }
        break;
    }
    if (story.line.empty() && !hints.missingImage().empty()) {
        story.line = shown(hints.missingImage());
        story.cause = Cause::DamagedCheckpoint;
    }
    for (const std::string_view line : before)
        story.around.push_back(shown(line));
    for (std::size_t after = 0; !story.line.empty() && after < kStoryLinesAfter; ++after) {
        const auto line = takeLine(log);
        if (!line)
            break;
        story.around.push_back(shown(*line));
        nameFile(story, parseLogLine(*line));
    }
    return story;
}

} // namespace gantry::checkpoint
