// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/service/program_requests.h"

#include "engine/base/log.h"
#include "engine/base/parse.h"
#include "engine/base/socket_address.h"
#include "engine/base/strings.h"
#include "engine/checkpoint/program_talk.h"
#include "engine/launch/programs.h"
#include "engine/process/process.h"
#include "engine/service/checkpoint_common.h"
#include "engine/service/checkpoint_jobs.h"

#include <algorithm>
#include <array>
#include <filesystem>

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gantry::service {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

namespace {

constexpr int kLookMillis = 250;
constexpr milliseconds kProgramDeadline{600'000};
constexpr std::size_t kLongestRequest = 64;

/// Anybody may send: who may be answered is decided by whom the kernel names.
constexpr mode_t kMode = 0666;

/// The container whose first process is this one, or above it; null: none is known.
inventory::NodePtr containerAbove(const inventory::Snapshot &snapshot, std::int32_t pid)
{
    constexpr int kMostAbove = 64;
    for (int i = 0; i < kMostAbove && pid > 1; ++i) {
        const auto found = std::ranges::find_if(snapshot.nodes(), [pid](const inventory::NodePtr &node) {
            return node->container() != nullptr && node->container()->init.pid == pid;
        });
        if (found != snapshot.nodes().end())
            return *found;
        const auto stat = process::readStat(pid);
        pid = stat ? stat->parentPid : 0;
    }
    return nullptr;
}

} // namespace

std::string ProgramRequests::pathFor(const std::string &stateFolder)
{
    return strCat(launch::programsFolder(stateFolder), "/", launch::kProgramsSocket);
}

void ProgramRequests::start()
{
    m_thread = std::jthread([this](const std::stop_token &stop) { run(stop); });
}

Result<> ProgramRequests::open()
{
    const std::string path = pathFor(m_parts.store.spillFolder());
    std::error_code failed;
    std::filesystem::create_directories(std::filesystem::path(path).parent_path(), failed);
    const std::string lock = path + ".lock";
    UniqueFd turn = GANTRY_TRY(openAt(AT_FDCWD, lock, O_RDWR | O_CREAT, 0600));
    if (::flock(turn.get(), LOCK_EX | LOCK_NB) != 0)
        return errno == EWOULDBLOCK ? fail(EBUSY, "flock", lock, "another engine takes them")
                                    : failErrno("flock", lock);
    const SocketAddress address = GANTRY_TRY(socketAddress(path));
    UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    ::unlink(path.c_str()); // of an engine that was killed: the lock is ours
    constexpr int kOn = 1;
    if (!socket || ::bind(socket.get(), address.get(), address.size()) != 0 ||
        ::setsockopt(socket.get(), SOL_SOCKET, SO_PASSCRED, &kOn, sizeof kOn) != 0 || ::chmod(path.c_str(), kMode) != 0)
        return failErrno("bind", path);
    m_turn = std::move(turn);
    m_socket = std::move(socket);
    return {};
}

void ProgramRequests::run(const std::stop_token &stop)
{
    while (!stop.stop_requested()) {
        if (!m_socket) {
            const auto done = open();
            const std::string problem = done || done.error().posix() == EBUSY ? std::string() : done.error().message();
            if (problem != m_problem && !problem.empty())
                log::warning(log::Area::Service, "programs cannot ask for checkpoints: ", problem);
            m_problem = problem;
        }
        pollfd wait{m_socket.get(), POLLIN, 0}; // -1: only the time
        if (::poll(&wait, 1, kLookMillis) > 0)
            receive();
    }
    if (m_socket)
        ::unlink(pathFor(m_parts.store.spillFolder()).c_str());
}

void ProgramRequests::receive()
{
    std::array<char, kLongestRequest> words{};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(ucred))> control{};
    iovec part{words.data(), words.size()};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const ssize_t got = ::recvmsg(m_socket.get(), &message, MSG_CMSG_CLOEXEC);
    const cmsghdr *header = got >= 0 ? CMSG_FIRSTHDR(&message) : nullptr;
    if (header == nullptr || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_CREDENTIALS)
        return;
    ucred who{};
    std::copy_n(CMSG_DATA(header), sizeof who, reinterpret_cast<unsigned char *>(&who));
    const auto stat = process::readStat(who.pid);
    if (!stat)
        return; // it has ended, or it is none that is seen from here
    const Asker asker{who.pid, who.uid, printable(stat->comm)};
    const auto taken = take(asker, trim(std::string_view(words.data(), static_cast<std::size_t>(got))));
    if (taken)
        return;
    const std::array<std::int32_t, 1> pids{who.pid};
    checkpoint::ProgramTalk::with(pids).tell(strCat("refused ", printable(taken.error().detail)));
    log::info(log::Area::Service, "a request of pid ", who.pid, " was refused: ", taken.error().message());
}

Result<v1::Target> ProgramRequests::targetOf(const Asker &asker) const
{
    v1::Target itself;
    itself.set_pid(asker.pid);
    const auto cgroup = m_parts.targets.cgroupOf(itself);
    const inventory::SnapshotPtr snapshot = m_parts.inventory.snapshot();
    const inventory::NodePtr node = cgroup ? snapshot->find(cgroup->id) : nullptr;
    inventory::NodePtr container =
        node && node->cgroup() != nullptr ? snapshot->find(node->cgroup()->container) : nullptr;
    if (container == nullptr) // its runtime tells of it before the tree has its cgroup
        container = containerAbove(*snapshot, asker.pid);
    if (container == nullptr && asker.uid != 0)
        return fail(EPERM, "checkpoint", strCat("pid ", asker.pid), "only root and what is in a container may ask");
    if (container == nullptr)
        return itself;
    v1::Target out;
    out.set_node_id(container->id.v);
    return out;
}

Result<> ProgramRequests::take(const Asker &asker, std::string_view words)
{
    if (words != "checkpoint")
        return fail(EINVAL, "checkpoint", strCat("pid ", asker.pid), "the only request is: checkpoint");
    const v1::Target target = GANTRY_TRY(targetOf(asker));
    const std::string subject = target.ShortDebugString();
    {
        const std::scoped_lock lock(m_mutex);
        const auto now = Clock::now();
        std::erase_if(m_next, [now](const auto &one) { return one.second <= now; });
        if (m_next.contains(subject))
            return fail(EBUSY, "checkpoint", strCat("pid ", asker.pid),
                        strCat("one is being made, or was less than ", kEvery.count(), " s ago"));
        m_next.emplace(subject, Clock::time_point::max());
    }
    m_workers.run([this, target, subject, asker](const std::stop_token &) {
        if (const auto saved = save(target, asker); !saved) {
            const std::array<std::int32_t, 1> pids{asker.pid};
            checkpoint::ProgramTalk::with(pids).tell(strCat("refused ", printable(saved.error().message())));
        }
        const std::scoped_lock lock(m_mutex);
        m_next[subject] = Clock::now() + kEvery;
    });
    return {};
}

Result<> ProgramRequests::save(const v1::Target &target, const Asker &asker) const
{
    v1::CreateCheckpointRequest request;
    *request.mutable_target() = target;
    checkpoint::SaveWish wish = GANTRY_TRY(m_parts.checkpoints.wishFor(request));
    const auto kept = GANTRY_TRY(m_parts.checkpoints.keptBy(target));
    if (kept)
        wish.manifest.values[kSubject] = wish.manifest.container.name = kept->known.facts->name;
    wish.manifest.trigger = "program";
    const checkpoint::Means means = GANTRY_TRY(m_parts.checkpoints.meansFor("checkpoint"));
    const CheckpointStore::StorePtr store = GANTRY_TRY(m_parts.store.forWriting());
    const control::Actor actor{.program = asker.comm, .user = "itself", .uid = asker.uid, .pid = asker.pid};
    auto answer = m_parts.executor.run<checkpoint::Saved>(
        {"checkpoint", wish.manifest.container.name, true, kProgramDeadline},
        {.actor = actor, .deadline = kProgramDeadline},
        [tools = m_parts.checkpoints.toolsFor(means, store), wish, kept](const control::Call &call) {
            return saveRecorded(tools, wish, kept, kProgramDeadline, call);
        });
    GANTRY_TRY(std::move(answer.result));
    return {};
}

} // namespace gantry::service
