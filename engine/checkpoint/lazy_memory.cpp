// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/lazy_memory.h"

#include "engine/base/parse.h"
#include "engine/base/strings.h"
#include "engine/checkpoint/image_tree.h"
#include "engine/checkpoint/preflight.h"
#include "engine/checkpoint/userfault.h"
#include "engine/process/process.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstring>
#include <set>

#include <linux/userfaultfd.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

namespace gantry::checkpoint {

namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kPage = LazyMap::kPage;
constexpr std::uint64_t kAround = 16;                    ///< pages that are put at a touch: neighbours are touched next
constexpr std::size_t kGathered = std::size_t{64} << 10; ///< bytes that are put at a time, behind the touches
constexpr std::string_view kPrefix = "pagemap-";
constexpr std::string_view kSuffix = ".img";
constexpr const char *kSocket = "lazy-pages.socket"; ///< CRIU's name for it, in its folder of images
constexpr std::uint32_t kFinished = 0x52535446;      ///< in place of a pid: all are restored
constexpr auto kAgain = 100us;                       ///< a process is changing its mappings

/// The pid that an image of this name is about.
std::optional<std::int32_t> pidOf(std::string_view name)
{
    if (!name.starts_with(kPrefix) || !name.ends_with(kSuffix) || name.size() < kPrefix.size() + kSuffix.size())
        return std::nullopt;
    name.remove_prefix(kPrefix.size());
    name.remove_suffix(kSuffix.size());
    const auto pid = parseI64(name); // "shmem-7" is none: that memory is shared, and never lazy
    return pid ? std::optional(static_cast<std::int32_t>(*pid)) : std::nullopt;
}

Result<LazyPlan::Task> planOf(const SavedPageMap &pages, std::int32_t pid, std::string_view name)
{
    LazyPlan::Task out;
    out.pid = pid;
    out.stream = strCat("pages-", pages.image, kSuffix);
    for (const SavedPages &run : pages.runs) {
        if (!run.lazy)
            out.eager.emplace_back(run.first, run.count);
        else if (!out.map.add({run.address, run.first, run.count}))
            return fail(EBADMSG, "read", name, strCat("address ", run.address, " is in it twice"));
    }
    return out;
}

/// The stream of bytes has them one after the other. @return false: the other end is gone.
Result<bool> take(int socket, void *bytes, std::size_t size)
{
    const ssize_t got = ::recv(socket, bytes, size, MSG_WAITALL);
    if (got < 0)
        return failErrno("recv", kSocket);
    return static_cast<std::size_t>(got) == size;
}

Result<UniqueFd> takeFd(int socket)
{
    char byte = 0;
    iovec bytes{&byte, 1};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> room{};
    msghdr message{};
    message.msg_iov = &bytes;
    message.msg_iovlen = 1;
    message.msg_control = room.data();
    message.msg_controllen = room.size();
    const ssize_t got = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    const cmsghdr *head = got > 0 ? CMSG_FIRSTHDR(&message) : nullptr;
    if (head == nullptr || head->cmsg_type != SCM_RIGHTS)
        return fail(EPROTO, "recv", kSocket, "CRIU sent no descriptor");
    int fd = -1;
    std::memcpy(&fd, CMSG_DATA(head), sizeof fd);
    return UniqueFd(fd);
}

Result<UniqueFd> listenIn(int folder)
{
    UniqueFd out(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!out)
        return failErrno("socket", kSocket);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = strCat("/proc/self/fd/", std::to_string(folder), "/", kSocket);
    path.copy(static_cast<char *>(address.sun_path), sizeof address.sun_path - 1);
    if (::bind(out.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0 ||
        ::listen(out.get(), 1) != 0)
        return failErrno("bind", kSocket);
    return out;
}

} // namespace

Bytes LazyPlan::bytes() const
{
    std::uint64_t pages = 0;
    for (const Task &task : tasks)
        pages += task.map.pages();
    return Bytes{pages * kPage};
}

const LazyPlan::Task *LazyPlan::ofStream(std::string_view stream) const
{
    const auto found =
        std::ranges::find(tasks, stream, [](const Task &task) -> std::string_view { return task.stream; });
    return found == tasks.end() ? nullptr : &*found;
}

Result<LazyPlan> planLazy(int folder)
{
    LazyPlan out;
    TextBuffer buffer;
    const DirStream stream = GANTRY_TRY(openStream(folder));
    while (const dirent *entry = ::readdir(stream.get())) {
        const std::string name(static_cast<const char *>(entry->d_name));
        if (const auto pid = pidOf(name)) {
            const std::string_view image = GANTRY_TRY(buffer.readAt(folder, name));
            const SavedPageMap pagemap = GANTRY_TRY(parsePageMap(image, name));
            out.tasks.push_back(GANTRY_TRY(planOf(pagemap, *pid, name)));
        }
    }
    return out;
}

LazyMemory::LazyMemory(const repository::Store &store, const repository::CheckpointId &id, LazyPlan plan)
    : m_store(store), m_id(id), m_plan(std::move(plan)), m_wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))
{}

Result<std::unique_ptr<LazyMemory>> LazyMemory::create(const repository::Store &store,
                                                       const repository::CheckpointId &id, LazyPlan plan, int folder)
{
    std::unique_ptr<LazyMemory> out(new LazyMemory(store, id, std::move(plan)));
    if (!out->m_wake)
        return failErrno("eventfd", "restore");
    for (const LazyPlan::Task &task : out->m_plan.tasks)
        out->m_images.push_back({task.stream, GANTRY_TRY(store.pages(id, task.stream))});
    out->m_guard = GANTRY_TRY(RestoreGuard::start());
    out->m_socket = GANTRY_TRY(listenIn(folder));
    out->m_thread = std::jthread([memory = out.get()](const std::stop_token &stop) { memory->serve(stop); });
    return out;
}

LazyMemory::~LazyMemory()
{
    m_thread.request_stop();
    ::eventfd_write(m_wake.get(), 1);
}

Result<> LazyMemory::receive()
{
    if (!m_connected) {
        UniqueFd connection(::accept4(m_socket.get(), nullptr, nullptr, SOCK_CLOEXEC));
        if (!connection)
            return failErrno("accept", kSocket);
        m_socket = std::move(connection);
        m_connected = true;
        return {};
    }
    std::int32_t pid = 0;
    if (!GANTRY_TRY(take(m_socket.get(), &pid, sizeof pid))) {
        m_socket.reset(); // all have told theirs
        return {};
    }
    if (pid <= 0 || static_cast<std::uint32_t>(pid) == kFinished) // a zombie has no memory
        return {};
    Space space;
    space.fd = GANTRY_TRY(takeFd(m_socket.get()));
    GANTRY_CHECK(m_guard->hold(space.fd.get()));
    for (LazyPlan::Task &task : m_plan.tasks) {
        if (task.pid == pid) {
            space.map = std::move(task.map);
            space.image = &*std::ranges::find(m_images, task.stream, &Image::stream);
        }
    }
    const std::scoped_lock lock(m_mutex);
    m_spaces.push_back(std::move(space));
    return {};
}

Result<> LazyMemory::takeFork(const Space &parent, int fd)
{
    Space child;
    child.fd = UniqueFd(fd);
    child.image = parent.image;
    child.map = parent.map;
    GANTRY_CHECK(m_guard->hold(fd));
    m_spaces.push_back(std::move(child));
    return {};
}

Result<> LazyMemory::takeEvents(Space &space)
{
    // What was read must be known before the next page is put: the process goes on from there.
    const std::scoped_lock lock(m_mutex);
    uffd_msg message{};
    while (::read(space.fd.get(), &message, sizeof message) == sizeof message) {
        switch (message.event) {
        case UFFD_EVENT_PAGEFAULT:
            m_faults.push_back({&space, message.arg.pagefault.address & ~(kPage - 1)});
            break;
        case UFFD_EVENT_FORK:
            GANTRY_CHECK(takeFork(space, static_cast<int>(message.arg.fork.ufd)));
            break;
        case UFFD_EVENT_REMAP:
            space.map.move(message.arg.remap.from, message.arg.remap.to, message.arg.remap.len);
            break;
        case UFFD_EVENT_REMOVE:
        case UFFD_EVENT_UNMAP:
            space.map.remove(message.arg.remove.start, message.arg.remove.end);
            break;
        default:
            return fail(EPROTO, "read", "userfaultfd", strCat("event ", unsigned{message.event}, " is not known"));
        }
    }
    return {};
}

Result<bool> LazyMemory::put(Space &space, std::uint64_t page, std::span<const std::byte> bytes)
{
    for (const LazyMap::Part &part : space.map.partsOf(page, bytes.size() / kPage)) {
        const auto these = bytes.subspan((part.page - page) * kPage, part.count * kPage);
        const Put done = GANTRY_TRY(putPages(space.fd.get(), part.address, these, space.unmapped));
        space.gone = space.gone || done == Put::Gone;
        if (done != Put::Done)
            return space.gone;
    }
    return true;
}

Result<bool> LazyMemory::resolve(const Fault &fault)
{
    Space &space = *fault.space;
    std::unique_lock lock(m_mutex);
    const auto page = space.map.pageAt(fault.address);
    if (space.gone)
        return true;
    if (!page || space.image == nullptr) {
        const Put done = GANTRY_TRY(putZeros(space.fd.get(), fault.address));
        space.gone = done == Put::Gone;
        return done != Put::Again;
    }
    lock.unlock();
    const std::uint64_t first = *page - *page % kAround;
    const std::uint64_t count = std::min(kAround, space.image->reader.count() - first);
    std::vector<std::byte> bytes;
    bytes.reserve(count * kPage);
    GANTRY_CHECK(space.image->reader.read(first, count, [&bytes](std::span<const std::byte> some) -> Result<> {
        bytes.insert(bytes.end(), some.begin(), some.end());
        return {};
    }));
    bytes.resize(count * kPage);
    lock.lock();
    // It may have changed in between; what is asked for now is asked for again.
    return put(space, first, bytes);
}

Result<> LazyMemory::resolveAll()
{
    std::vector<Fault> again;
    for (const Fault &fault : std::exchange(m_faults, {})) {
        if (!GANTRY_TRY(resolve(fault)))
            again.push_back(fault);
    }
    m_faults.insert(m_faults.end(), again.begin(), again.end());
    return {};
}

void LazyMemory::serve(const std::stop_token &stop)
{
    std::vector<pollfd> waits;
    std::vector<Space *> spaces;
    Result<> good;
    while (!stop.stop_requested() && good) {
        waits.assign({{m_wake.get(), POLLIN, 0}, {m_socket.get(), POLLIN, 0}}); // poll(2) leaves -1 out
        spaces.clear();
        {
            const std::scoped_lock lock(m_mutex);
            for (Space &space : m_spaces) {
                if (space.gone)
                    continue;
                spaces.push_back(&space);
                waits.push_back({space.fd.get(), POLLIN, 0});
            }
        }
        const int patience = m_faults.empty() ? -1 : 1;
        if (::poll(waits.data(), waits.size(), patience) < 0 && errno != EINTR)
            good = failErrno("poll", "userfaultfd");
        for (std::size_t i = 0; i < spaces.size() && good; ++i) {
            if ((waits[i + 2].revents & POLLIN) != 0)
                good = takeEvents(*spaces[i]);
        }
        if (good)
            good = resolveAll();
        if (good && waits[1].revents != 0)
            good = receive();
    }
    if (!good) {
        const std::scoped_lock lock(m_mutex);
        m_failure = good.error();
    }
}

Result<> LazyMemory::guard(std::int32_t pid)
{
    m_root = pid;
    const std::vector<std::int32_t> tree = GANTRY_TRY(treeOfStopped(pid));
    for (const std::int32_t one : tree)
        GANTRY_CHECK(m_guard->watch(one));
    return {};
}

Result<> LazyMemory::deliver(const Image &image, std::uint64_t page, std::span<const std::byte> bytes)
{
    while (true) {
        {
            const std::scoped_lock lock(m_mutex);
            if (m_failure)
                return std::unexpected(*m_failure);
            bool all = true;
            for (Space &space : m_spaces) {
                if (space.image == &image && !space.gone)
                    all = GANTRY_TRY(put(space, page, bytes)) && all;
            }
            if (all)
                return {};
        }
        std::this_thread::sleep_for(kAgain); // for the other thread to read what changes
    }
}

Result<> LazyMemory::fill(const std::stop_token &stop, const repository::Progress &progress)
{
    const Bytes all = [this] {
        std::uint64_t pages = 0;
        for (const Image &image : m_images)
            pages += image.reader.count();
        return Bytes{pages * kPage};
    }();
    std::uint64_t done = 0;
    std::vector<std::byte> gathered;
    for (const Image &image : m_images) {
        std::uint64_t page = 0;
        const auto hand = [&](std::span<const std::byte> bytes) -> Result<> {
            GANTRY_CHECK(deliver(image, page, bytes));
            page += bytes.size() / kPage;
            done += bytes.size();
            if (progress)
                progress(Bytes{done}, all);
            return {};
        };
        const auto handGathered = [&]() -> Result<> {
            GANTRY_CHECK(hand(gathered));
            gathered.clear();
            return {};
        };
        const auto take = [&](std::span<const std::byte> bytes) -> Result<> {
            if (bytes.size() % kPage != 0)
                return fail(EBADMSG, "read", image.stream, "it ends within a page");
            // Of a late checkpoint each page comes by itself, and one at a time takes a call of the kernel each.
            if (gathered.empty() && bytes.size() >= kGathered)
                return hand(bytes);
            gathered.insert(gathered.end(), bytes.begin(), bytes.end());
            return gathered.size() < kGathered ? Result<>() : handGathered();
        };
        GANTRY_CHECK(m_store.read(m_id, image.stream, take, stop));
        GANTRY_CHECK(handGathered());
    }
    m_thread.request_stop();
    ::eventfd_write(m_wake.get(), 1);
    m_thread.join();
    if (m_failure)
        return std::unexpected(*m_failure);
    for (Space &space : m_spaces) {
        GANTRY_CHECK(takeEvents(space)); // of what could not be put, this may have been unmapped
        for (const std::uint64_t address : space.unmapped) {
            if (!space.gone && space.map.pageAt(address))
                return fail(EFAULT, "restore", strCat("address ", address), "CRIU has not mapped it");
        }
    }
    m_spaces.clear(); // empty memory is the kernel's again
    m_guard.reset();
    return {};
}

void LazyMemory::endTree()
{
    constexpr int kRounds = 100;
    if (m_root <= 0)
        return;
    // Nobody reads what it does any more: a fork(2) that waits for that never makes a child, which would be found too
    // late and run on with empty memory.
    m_thread.request_stop();
    ::eventfd_write(m_wake.get(), 1);
    if (m_thread.joinable())
        m_thread.join();
    ::kill(m_root, SIGSTOP); // it is not to act on the end of its children
    const auto running = [this] {
        const auto stat = process::readStat(m_root);
        return stat && (stat->state == 'R' || stat->state == 'S');
    };
    for (int round = 0; round < kRounds && running(); ++round)
        std::this_thread::sleep_for(1ms);
    std::set<std::int32_t> seen;
    for (int round = 0; round < kRounds; ++round) {
        const auto tree = treeOf(m_root);
        const bool alone = !tree || tree->size() <= 1;
        // The first one last: who is below it is found by it.
        for (std::size_t i = 1; tree && i < tree->size(); ++i) {
            ::kill((*tree)[i], SIGKILL);
            seen.insert((*tree)[i]);
        }
        if (alone)
            break;
        std::this_thread::sleep_for(1ms);
    }
    ::kill(m_root, SIGKILL);
    const auto reap = [](std::int32_t pid) {
        while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
        }
    };
    reap(m_root);
    std::ranges::for_each(seen, reap); // they are ours now where we take orphans in; else it has none to wait for
}

} // namespace gantry::checkpoint
