// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/fd.h"
#include "engine/base/strings.h"
#include "engine/namespaces/namespaces.h"
#include "engine/process/process.h"

#include <algorithm>
#include <deque>
#include <filesystem>
#include <map>
#include <set>

#include <linux/nsfs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

namespace gantry::namespaces {

namespace fs = std::filesystem;

namespace {

/// One walk over /proc. Collects what processes, descriptors and mounts show, then asks the kernel how it hangs
/// together.
class Scanner
{
public:
    explicit Scanner(const std::string &proc) : m_proc(proc)
    {
        if (const auto refs = ofHost(proc))
            m_initial.insert(refs->begin(), refs->end());
    }

    void lookAtProcess(std::int32_t pid);
    void lookAtMounts();
    void askRelations();
    [[nodiscard]] std::vector<Namespace> take();

private:
    Namespace &add(Ref ref, const std::string &openPath);
    void lookAtDescriptors(std::int32_t pid);
    void pin(Ref ref, Pin pin);
    void askRelationsOf(Namespace &space, int fd);
    std::uint64_t askOther(int fd, unsigned long request, Type type);

    const std::string m_proc;
    std::map<Ref, Namespace> m_found;
    std::map<Ref, std::string> m_openPaths;           ///< a file that opens it
    std::deque<std::pair<Ref, UniqueFd>> m_relatives; ///< owners and parents that nothing else showed
    std::set<Ref> m_initial;
    std::size_t m_unreadable = 0; ///< processes
};

Namespace &Scanner::add(Ref ref, const std::string &openPath)
{
    const auto [found, added] = m_found.try_emplace(ref);
    if (added) {
        found->second.ref = ref;
        m_openPaths.emplace(ref, openPath);
    }
    return found->second;
}

void Scanner::lookAtProcess(std::int32_t pid)
{
    const auto refs = ofProcess(pid, m_proc);
    if (!refs) {
        m_unreadable += refs.error().posix() == ESRCH ? 0u : 1u;
        return;
    }
    for (const Ref ref : *refs) {
        Namespace &space = add(ref, strCat(m_proc, '/', pid, "/ns/", typeName(ref.type)));
        if (space.members++ == 0) {
            // Pids come in ascending order.
            const auto stat = process::readStat(pid, m_proc);
            space.firstPid = pid;
            space.firstComm = stat ? printable(stat->comm) : std::string();
        }
    }
    lookAtDescriptors(pid);
}

void Scanner::lookAtDescriptors(std::int32_t pid)
{
    std::error_code code;
    fs::directory_iterator entries(strCat(m_proc, '/', pid, "/fd"), code);
    for (; !code && entries != fs::directory_iterator(); entries.increment(code)) {
        std::error_code closed;
        const std::string target = fs::read_symlink(entries->path(), closed).native();
        if (const auto ref = parseRef(target))
            pin(*ref, {Pin::Kind::OpenFd, entries->path().native(), pid});
    }
    if (code == std::errc::permission_denied)
        ++m_unreadable;
}

void Scanner::pin(Ref ref, Pin pin)
{
    // A mount can be opened only where it is seen: through the root of a process there.
    const std::string open =
        pin.kind == Pin::Kind::OpenFd ? pin.where : strCat(m_proc, '/', pin.pid, "/root", pin.where);
    Namespace &space = add(ref, open);
    pin.where = printable(pin.where);
    const bool known = std::ranges::any_of(
        space.pins, [&pin](const Pin &other) { return other.kind == pin.kind && other.where == pin.where; });
    if (!known)
        space.pins.push_back(std::move(pin));
}

void Scanner::lookAtMounts()
{
    std::vector<std::int32_t> viewers; // one process of each mount namespace
    for (const auto &[ref, space] : m_found) {
        if (ref.type == Type::Mnt && space.firstPid != 0)
            viewers.push_back(space.firstPid);
    }
    for (const std::int32_t pid : viewers) {
        const auto text = readFile(strCat(m_proc, '/', pid, "/mountinfo"));
        const auto mounts = text ? parseBindMounts(*text) : std::unexpected(text.error());
        if (!mounts) {
            ++m_unreadable;
            continue;
        }
        for (const BindMount &mount : *mounts)
            pin(mount.ref, {Pin::Kind::BindMount, mount.mountPoint, pid});
    }
}

/// Inode of the namespace that an ioctl opens; 0 where there is none, or it is outside what we may see (EPERM).
std::uint64_t Scanner::askOther(int fd, unsigned long request, Type type)
{
    UniqueFd other(::ioctl(fd, request));
    struct stat status{};
    if (!other || ::fstat(other.get(), &status) != 0)
        return 0;
    const Ref ref{type, status.st_ino};
    if (!m_found.contains(ref)) {
        add(ref, {});
        m_relatives.emplace_back(ref, std::move(other));
    }
    return ref.inode;
}

void Scanner::askRelationsOf(Namespace &space, int fd)
{
    const Type type = space.ref.type;
    space.ownerUser = askOther(fd, NS_GET_USERNS, Type::User);
    if (type == Type::Pid || type == Type::User)
        space.parent = askOther(fd, NS_GET_PARENT, type);
    // Kernel: NS_GET_OWNER_UID knows user namespaces only.
    const UniqueFd owner(type == Type::User ? -1 : ::ioctl(fd, NS_GET_USERNS));
    uid_t uid = 0;
    if (::ioctl(type == Type::User ? fd : owner.get(), NS_GET_OWNER_UID, &uid) == 0)
        space.ownerUid = uid;
}

void Scanner::askRelations()
{
    for (const auto &[ref, path] : std::map(m_openPaths)) {
        Namespace &space = m_found.at(ref);
        if (const auto fd = openAt(AT_FDCWD, path, O_RDONLY))
            askRelationsOf(space, fd->get());
        else
            space.incompleteReason = fd.error().message();
    }
    while (!m_relatives.empty()) {
        const auto [ref, fd] = std::move(m_relatives.front());
        m_relatives.pop_front();
        askRelationsOf(m_found.at(ref), fd.get());
    }
}

std::vector<Namespace> Scanner::take()
{
    std::vector<Namespace> out;
    out.reserve(m_found.size());
    for (auto &[ref, space] : m_found) {
        space.initial = m_initial.contains(ref);
        if (m_unreadable > 0)
            space.incompleteReason = strCat(m_unreadable, " processes could not be read (CAP_SYS_PTRACE)");
        out.push_back(std::move(space));
    }
    return out;
}

} // namespace

Result<std::vector<Namespace>> scan(std::stop_token stop, const std::string &proc)
{
    Scanner scanner(proc);
    for (const std::int32_t pid : GANTRY_TRY(process::listPids(proc))) {
        if (stop.stop_requested())
            return fail(ECANCELED, "namespaces::scan", proc, "cancelled");
        scanner.lookAtProcess(pid);
    }
    scanner.lookAtMounts();
    scanner.askRelations();
    return scanner.take();
}

} // namespace gantry::namespaces
