// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/criu_run.h"

#include "engine/base/child.h"
#include "engine/base/log.h"
#include "engine/base/strings.h"
#include "engine/checkpoint/network_lock.h"
#include "engine/checkpoint/refusal.h"
#include "engine/checkpoint/tree_look.h"
#include "engine/process/process.h"
#include "engine/runtime/tool.h"

#include <criu/rpc.pb.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <optional>
#include <thread>

#include <fcntl.h>
#include <poll.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

namespace gantry::checkpoint {

using runtime::Clock;
using runtime::Patience;

namespace {

constexpr const char *kOptionsFile = "options.conf";
constexpr int kSocketOfCriu = 3;
constexpr int kLogLevel = 4; ///< names processes and descriptors before what fails
/// How often it is looked whether a round is still wanted.
constexpr std::chrono::milliseconds kLook{20};
/// Notices after which there is no way back: nothing is asked any more.
constexpr std::array<std::string_view, 4> kPastReturn{"network-unlock", "pre-resume", "post-resume", "status-ready"};

std::string_view opOf(CriuRun::Verb verb)
{
    return verb == CriuRun::Verb::Restore ? "restore" : "checkpoint";
}

/// The socket to a "criu swrk", and the process at its other end.
struct Worker
{
    Child child;
    UniqueFd socket;
};

Result<Worker> startWorker(const std::string &criu)
{
    const std::string program = runtime::toolPath(criu);
    if (program.empty())
        return failErrno("run", criu, ENOENT);
    std::array<int, 2> ends{};
    // Packets: one message each, as CRIU's cr-service.c wants it.
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0)
        return failErrno("socketpair", criu);
    UniqueFd ours(ends[0]);
    const UniqueFd theirs(ends[1]);
    const std::array descriptors{Child::Descriptor{theirs.get(), kSocketOfCriu}};
    Child child = GANTRY_TRY(Child::start(program, {criu, "swrk", std::to_string(kSocketOfCriu)}, descriptors));
    return Worker{std::move(child), std::move(ours)};
}

Result<> send(const Worker &worker, const criu_req &request)
{
    const std::string bytes = request.SerializeAsString();
    if (::send(worker.socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) < 0)
        return failErrno("send", "criu swrk");
    return {};
}

/// Waits for one message until then. @return nothing when the time is over.
Result<std::optional<criu_resp>> receive(const Worker &worker, Clock::time_point until)
{
    // Its end, too: a child of its may have the socket open still, see DumpWatch.
    std::array<pollfd, 2> waits{{{worker.socket.get(), POLLIN, 0}, {worker.child.endFd(), POLLIN, 0}}};
    while (true) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
        if (left <= 0)
            return std::nullopt;
        const int ready = ::poll(waits.data(), waits.size(), static_cast<int>(std::min<std::int64_t>(left, 3'600'000)));
        if (ready < 0 && errno != EINTR)
            return failErrno("poll", "criu swrk");
        if (ready > 0)
            break;
    }
    std::array<char, 65'536> packet{};
    const ssize_t got = ::recv(worker.socket.get(), packet.data(), packet.size(), MSG_TRUNC | MSG_DONTWAIT);
    if (got < 0 && errno != ECONNRESET && errno != EAGAIN)
        return failErrno("recv", "criu swrk");
    if (got <= 0)
        return fail(EPIPE, "recv", "criu swrk", "it ended without an answer");
    criu_resp response;
    if (static_cast<std::size_t>(got) > packet.size() || !response.ParseFromArray(packet.data(), static_cast<int>(got)))
        return fail(EBADMSG, "recv", "criu swrk", "no message of its protocol");
    return response;
}

Result<criu_req> requestOf(const CriuRun &run)
{
    criu_req request;
    request.set_type(run.verb == CriuRun::Verb::Dump      ? DUMP
                     : run.verb == CriuRun::Verb::Restore ? RESTORE
                                                          : SINGLE_PRE_DUMP);
    criu_opts &options = *request.mutable_opts();
    // CRIU opens it as /proc/PID/fd/N of the socket's other end.
    options.set_images_dir_fd(run.images);
    options.set_log_level(kLogLevel);
    options.set_log_file(std::string(logName(run.verb)));
    options.set_notify_scripts(true);
    // In CRIU itself; the default executes iptables-restore, which is not on every host.
    options.set_network_lock(NFTABLES);
    options.set_manage_cgroups_mode(IGNORE); // see placement.h
    if (run.verb == CriuRun::Verb::Restore) {
        options.set_rst_sibling(true);
    } else {
        options.set_pid(run.pid);
        options.set_leave_running(run.leaveRunning);
    }
    if (run.trackMemory)
        options.set_track_mem(true);
    if (!run.parent.empty())
        options.set_parent_img(run.parent);
    // Memory is read after the tree runs again, not held in pipes while it stands still.
    if (run.verb == CriuRun::Verb::PreDump)
        options.set_pre_dump_mode(VM_READ);
    // Not every option has a field, and a file takes them all by the names of criu(8).
    std::string text;
    for (const std::string &option : run.options) {
        std::string line = option;
        if (const std::size_t equals = line.find('='); equals != std::string::npos)
            line[equals] = ' ';
        text += line + '\n';
    }
    if (!text.empty()) {
        const UniqueFd file = GANTRY_TRY(openAt(run.images, kOptionsFile, O_WRONLY | O_CREAT | O_TRUNC, 0600));
        GANTRY_CHECK(writeAll(file.get(), std::as_bytes(std::span(text)), kOptionsFile));
        options.set_config_file(strCat("/proc/", ::getpid(), "/fd/", run.images, "/", kOptionsFile));
    }
    return request;
}

/// @param otherwise told where the log gives no reason.
std::unexpected<Error> refusal(const CriuRun &run, int code, std::string_view otherwise)
{
    const bool restores = run.verb == CriuRun::Verb::Restore;
    const FailedRun failed{.op = opOf(run.verb),
                           .subject = restores ? std::string("images") : strCat("pid ", run.pid),
                           .stateFolder = run.stateFolder,
                           .options = run.options,
                           .findings = run.findings};
    TextBuffer buffer;
    const auto log = buffer.readAt(run.images, std::string(logName(run.verb)));
    if (!log)
        return fail(code, failed.op, failed.subject, strCat(otherwise, ", and left no log: ", log.error().message()));
    return refusalOf(code, failed, *log, otherwise);
}

/// Whether all below that process stand still by SIGSTOP, itself included.
bool allStopped(pid_t pid)
{
    const auto tree = treeOf(pid);
    return tree && std::ranges::all_of(*tree, [](std::int32_t one) {
        const auto stat = process::readStat(one);
        return !stat || stat->state == 'T' || stat->state == 'Z';
    });
}

/// Kills a CRIU, unless it holds this process: what it has in hand could be in the middle of CRIU's own code. It stands
/// still while that is looked at, so that it does not take hold of it meanwhile. @return false: to be tried again.
bool endBetween(const Child &criu, std::int32_t root)
{
    constexpr std::chrono::milliseconds kMost{200};
    constexpr std::chrono::milliseconds kStep{1};
    ::kill(-criu.pid(), SIGSTOP);
    const auto last = Clock::now() + kMost;
    bool stopped = allStopped(criu.pid());
    for (; !stopped && Clock::now() < last; stopped = allStopped(criu.pid()))
        std::this_thread::sleep_for(kStep);
    const auto status = process::readStatus(root);
    if (stopped && (!status || status->tracerPid == 0)) {
        criu.kill();
        return true;
    }
    ::kill(-criu.pid(), SIGCONT);
    return false;
}

/// The talk with one worker, until its answer.
class Talk
{
public:
    Talk(Worker &worker, const CriuRun &run, const Patience &patience)
        : m_worker(worker), m_run(run), m_patience(patience)
    {}

    [[nodiscard]] Result<std::int32_t> follow();

private:
    [[nodiscard]] Result<> answer(const criu_notify &notice);
    /// Why it is to give up; nothing while it is not.
    [[nodiscard]] Result<> wish() const;
    /// Until CRIU has answered about a round, which it does not talk about meanwhile. @errors as wish(): it was ended.
    [[nodiscard]] Result<> awaitRound(Clock::time_point last) const;

    Worker &m_worker;
    const CriuRun &m_run;
    const Patience &m_patience;
    Result<> m_refused; ///< by us: what is told instead of CRIU's words
};

Result<> Talk::wish() const
{
    if (m_patience.stop.stop_requested())
        return failErrno(opOf(m_run.verb), "criu", ECANCELED);
    if (Clock::now() >= m_patience.deadline)
        return fail(ETIMEDOUT, opOf(m_run.verb), "criu", "not finished in time");
    return {};
}

Result<> Talk::awaitRound(Clock::time_point last) const
{
    pollfd wait{m_worker.socket.get(), POLLIN, 0};
    while (::poll(&wait, 1, static_cast<int>(kLook.count())) <= 0) {
        const auto wanted = wish();
        if (!wanted && endBetween(m_worker.child, m_run.pid))
            return wanted;
        if (Clock::now() >= last)
            return {};
    }
    return {};
}

Result<> Talk::answer(const criu_notify &notice)
{
    const bool canReturn = std::ranges::find(kPastReturn, notice.script()) == kPastReturn.end();
    Result<> good = canReturn ? wish() : Result<>();
    if (good && m_run.onNotice)
        good = m_run.onNotice(notice.script(), notice.pid());
    criu_req reply;
    reply.set_type(NOTIFY);
    reply.set_notify_success(good.has_value() || !canReturn);
    if (!good && m_refused)
        m_refused = good;
    return send(m_worker, reply);
}

Result<std::int32_t> Talk::follow()
{
    const Clock::time_point last = m_patience.deadline + m_run.grace;
    if (m_run.verb == CriuRun::Verb::PreDump)
        GANTRY_CHECK(awaitRound(last));
    while (true) {
        // Stopping waits for the next notice: CRIU killed in between could leave a task in the middle of its own code.
        const auto response = receive(m_worker, last);
        if (!response)
            return response.error().posix() == EPIPE ? refusal(m_run, EPIPE, response.error().detail)
                                                     : std::unexpected(response.error());
        if (!*response)
            return fail(ETIMEDOUT, opOf(m_run.verb), "criu", "it hangs, and was ended");
        const criu_resp &told = **response;
        if (told.type() == NOTIFY) {
            GANTRY_CHECK(answer(told.notify()));
            continue;
        }
        if (!m_refused)
            return std::unexpected(m_refused.error());
        if (!told.success()) {
            const bool known = told.cr_errno() == ESRCH || told.cr_errno() == EEXIST;
            return refusal(m_run, known ? told.cr_errno() : EIO, "CRIU gave up without a reason");
        }
        return m_run.verb == CriuRun::Verb::Restore ? told.restore().pid() : m_run.pid;
    }
}

} // namespace

std::string_view logName(CriuRun::Verb verb)
{
    switch (verb) {
    case CriuRun::Verb::Dump:
        return "dump.log";
    case CriuRun::Verb::PreDump:
        return "pre-dump.log";
    case CriuRun::Verb::Restore:
        break;
    }
    return "restore.log";
}

Result<std::int32_t> runCriu(const std::string &criu, const CriuRun &run, const Patience &patience)
{
    if (patience.stop.stop_requested())
        return failErrno(opOf(run.verb), "criu", ECANCELED);
    const criu_req request = GANTRY_TRY(requestOf(run));
    // A process that is not there is CRIU's to tell.
    const auto lock = run.verb == CriuRun::Verb::Dump ? NetworkLock::of(run.pid)
                                                      : Result<NetworkLock>(failErrno("look", "restore", ESRCH));
    if (lock)
        lock->removeStale();
    Worker worker = GANTRY_TRY(startWorker(criu));
    GANTRY_CHECK(send(worker, request));
    Result<std::int32_t> done = Talk(worker, run, patience).follow();
    if (!done && lock)
        lock->letGoAfter(run.images, std::string(logName(run.verb))); // before one that hangs is killed: until then the tree stands still
    const bool hung = !done && !worker.child.hasEnded();
    // It ends by itself when the socket does.
    worker.socket.reset();
    if (hung)
        worker.child.kill();
    if (done || hung)
        (void)worker.child.reap();
    if (hung && lock)
        lock->letGoAfter(run.images, std::string(logName(run.verb))); // it may have gone on in between
    return done;
}

Result<UniqueFd> folderInMemory(Bytes most)
{
    const UniqueFd settings(::fsopen("tmpfs", FSOPEN_CLOEXEC));
    if (!settings)
        return failErrno("fsopen", "tmpfs");
    const std::string size = std::to_string(most.v);
    if (::fsconfig(settings.get(), FSCONFIG_SET_STRING, "size", size.c_str(), 0) != 0 ||
        ::fsconfig(settings.get(), FSCONFIG_SET_STRING, "mode", "0700", 0) != 0)
        return failErrno("fsconfig", "tmpfs");
    // Fewer faults while the tree stands still; a kernel without huge pages in tmpfs refuses it, and does without.
    (void)::fsconfig(settings.get(), FSCONFIG_SET_STRING, "huge", "within_size", 0);
    if (::fsconfig(settings.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0)
        return failErrno("fsconfig", "tmpfs");
    const UniqueFd mount(::fsmount(settings.get(), FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV));
    if (!mount)
        return failErrno("fsmount", "tmpfs");
    // What fsmount(2) gives is a path only; CRIU reads the folder.
    return openAt(mount.get(), ".", O_RDONLY | O_DIRECTORY);
}

} // namespace gantry::checkpoint
