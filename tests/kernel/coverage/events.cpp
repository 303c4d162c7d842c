// SPDX-License-Identifier: GPL-3.0-or-later
// Signals, timers, and the descriptors that tell of something.
#include "tests/kernel/coverage/target.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <memory>

#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <unistd.h>

namespace gantry::coverage {

namespace {

std::atomic<int> handled = 0;
void handle(int /*signal*/, siginfo_t * /*info*/, void * /*context*/)
{
    ++handled;
}

sigset_t setOf(std::initializer_list<int> signals)
{
    sigset_t out;
    ::sigemptyset(&out);
    for (const int signal : signals)
        ::sigaddset(&out, signal);
    return out;
}

/// Signals that wait because they are blocked: one of the process, two of a kind that queues, one of the thread.
void raiseAll()
{
    must(::kill(::getpid(), SIGUSR2), "kill");
    for (const int value : {11, 22}) {
        sigval carried{};
        carried.sival_int = value;
        must(::sigqueue(::getpid(), SIGRTMIN + 3, carried), "sigqueue");
    }
    must(::syscall(SYS_tgkill, ::getpid(), ::gettid(), SIGWINCH), "tgkill");
}

Look signalsPending()
{
    const sigset_t waiting = setOf({SIGUSR2, SIGRTMIN + 3, SIGWINCH});
    must(::sigprocmask(SIG_BLOCK, &waiting, nullptr), "sigprocmask");
    raiseAll();
    return [waiting](Report &report) {
        std::vector<std::pair<int, int>> came;
        const timespec now{};
        siginfo_t info{};
        while (::sigtimedwait(&waiting, &info, &now) > 0)
            came.emplace_back(info.si_signo, info.si_signo == SIGRTMIN + 3 ? info.si_value.sival_int : 0);
        std::ranges::sort(came);
        report.holds("those that waited are there, each once, with what they carry",
                     came == std::vector<std::pair<int, int>>{
                                 {SIGUSR2, 0}, {SIGWINCH, 0}, {SIGRTMIN + 3, 11}, {SIGRTMIN + 3, 22}});
        raiseAll();
    };
}

Look signalHandlers()
{
    const sigset_t blocked = setOf({SIGTTIN, SIGPOLL});
    must(::sigprocmask(SIG_BLOCK, &blocked, nullptr), "sigprocmask");
    struct sigaction action
    {};
    action.sa_sigaction = handle;
    action.sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK;
    action.sa_mask = setOf({SIGURG});
    must(::sigaction(SIGHUP, &action, nullptr), "sigaction");
    must(::signal(SIGPIPE, SIG_IGN) == SIG_ERR ? -1 : 0, "signal");
    static std::array<char, 64 << 10> stack{};
    const stack_t other{stack.data(), 0, stack.size()};
    must(::sigaltstack(&other, nullptr), "sigaltstack");
    return [](Report &report) {
        sigset_t now;
        ::sigprocmask(SIG_BLOCK, nullptr, &now);
        for (const int signal : {SIGTTIN, SIGPOLL, SIGUSR1})
            report.same("blocked", ::sigismember(&now, signal), 1);
        report.same("not blocked", ::sigismember(&now, SIGHUP), 0);
        struct sigaction is
        {};
        report.call("sigaction", ::sigaction(SIGHUP, nullptr, &is));
        report.same("flags of the handler", is.sa_flags & (SA_SIGINFO | SA_RESTART | SA_ONSTACK),
                    SA_SIGINFO | SA_RESTART | SA_ONSTACK);
        report.same("blocked meanwhile", ::sigismember(&is.sa_mask, SIGURG), 1);
        const int before = handled;
        ::raise(SIGHUP);
        report.same("handled", handled - before, 1);
        struct sigaction ignored
        {};
        report.call("sigaction", ::sigaction(SIGPIPE, nullptr, &ignored));
        report.holds("ignored", ignored.sa_handler == SIG_IGN);
        stack_t other{};
        report.call("sigaltstack", ::sigaltstack(nullptr, &other));
        report.holds("stack of handlers", other.ss_sp == stack.data() && other.ss_size == stack.size());
    };
}

constexpr std::int64_t kFar = 5'000; ///< seconds until it fires
constexpr std::int64_t kPeriod = 7'000;

/// @param left seconds; less than at the start, and not by more than a test takes.
void lookFar(Report &report, std::int64_t left, std::int64_t period)
{
    report.holds("time left", left > kFar - 600 && left <= kFar);
    report.same("period", period, kPeriod);
}

Look intervalTimer()
{
    struct sigaction action
    {};
    action.sa_sigaction = handle;
    action.sa_flags = SA_SIGINFO | SA_RESTART;
    must(::sigaction(SIGALRM, &action, nullptr), "sigaction");
    const itimerval ticks{{0, 5'000}, {0, 5'000}};
    must(::setitimer(ITIMER_REAL, &ticks, nullptr), "setitimer");
    const itimerval far{{kPeriod, 0}, {kFar, 0}};
    must(::setitimer(ITIMER_VIRTUAL, &far, nullptr), "setitimer");
    must(::setitimer(ITIMER_PROF, &far, nullptr), "setitimer");
    return [](Report &report) {
        const int before = handled;
        for (int tries = 0; tries < 2'000 && handled < before + 3; ++tries)
            ::usleep(1'000);
        report.holds("it ticks", handled >= before + 3);
        for (const auto which : {ITIMER_VIRTUAL, ITIMER_PROF}) {
            itimerval left{};
            report.call("getitimer", ::getitimer(which, &left));
            lookFar(report, left.it_value.tv_sec, left.it_interval.tv_sec);
        }
    };
}

Look posixTimers()
{
    struct sigaction action
    {};
    action.sa_sigaction = handle;
    action.sa_flags = SA_SIGINFO | SA_RESTART;
    must(::sigaction(SIGRTMIN + 1, &action, nullptr), "sigaction");
    struct Timer
    {
        timer_t id{};
        clockid_t clock = 0;
    };
    std::array<Timer, 3> timers{Timer{{}, CLOCK_MONOTONIC}, Timer{{}, CLOCK_REALTIME}, Timer{{}, CLOCK_BOOTTIME}};
    for (Timer &timer : timers) {
        sigevent event{};
        event.sigev_notify = SIGEV_SIGNAL;
        event.sigev_signo = SIGRTMIN + 1;
        must(::timer_create(timer.clock, &event, &timer.id), "timer_create");
        const bool isFirst = &timer == timers.data();
        const itimerspec ticks{{0, 5'000'000}, {0, 5'000'000}};
        const itimerspec far{{kPeriod, 0}, {kFar, 0}};
        must(::timer_settime(timer.id, 0, isFirst ? &ticks : &far, nullptr), "timer_settime");
    }
    return [timers](Report &report) {
        const int before = handled;
        for (int tries = 0; tries < 2'000 && handled < before + 3; ++tries)
            ::usleep(1'000);
        report.holds("it ticks", handled >= before + 3);
        for (const Timer &timer : {timers[1], timers[2]}) {
            itimerspec left{};
            report.call("timer_gettime", ::timer_gettime(timer.id, &left));
            lookFar(report, left.it_value.tv_sec, left.it_interval.tv_sec);
        }
    };
}

Look timerDescriptors()
{
    const auto once = static_cast<int>(must(::timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC), "timerfd_create"));
    const itimerspec soon{{}, {0, 5'000'000}};
    must(::timerfd_settime(once, 0, &soon, nullptr), "timerfd_settime");
    must(hasInput(once) ? 0 : -1, "timerfd");
    const auto waiting =
        static_cast<int>(must(::timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK), "timerfd_create"));
    const itimerspec far{{kPeriod, 0}, {kFar, 0}};
    must(::timerfd_settime(waiting, 0, &far, nullptr), "timerfd_settime");
    return [=](Report &report) {
        report.same("the one that fired", static_cast<std::int64_t>(readSome(once, 8).size()), 8);
        report.call("timerfd_settime", ::timerfd_settime(once, 0, &soon, nullptr));
        report.holds("it fires again", hasInput(once));
        itimerspec left{};
        report.call("timerfd_gettime", ::timerfd_gettime(waiting, &left));
        lookFar(report, left.it_value.tv_sec, left.it_interval.tv_sec);
        report.same("flags", ::fcntl(waiting, F_GETFL) & O_NONBLOCK, O_NONBLOCK);
    };
}

/// It ticks, and nobody reads it but when it is looked at.
Look tickingTimer()
{
    const auto ticking = static_cast<int>(must(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC), "timerfd_create"));
    const itimerspec ticks{{0, 5'000'000}, {0, 5'000'000}};
    must(::timerfd_settime(ticking, 0, &ticks, nullptr), "timerfd_settime");
    must(hasInput(ticking) ? 0 : -1, "timerfd");
    return [=](Report &report) {
        report.same("the tick that was there", static_cast<std::int64_t>(readSome(ticking, 8).size()), 8);
        report.same("the next one", static_cast<std::int64_t>(readSome(ticking, 8, 500).size()), 8);
        (void)hasInput(ticking, 500); // due again before anybody saves it
    };
}

Look eventSemaphore()
{
    const auto semaphore = static_cast<int>(must(::eventfd(3, EFD_CLOEXEC | EFD_SEMAPHORE), "eventfd"));
    return [=](Report &report) {
        eventfd_t value = 0;
        report.call("read", ::eventfd_read(semaphore, &value));
        report.same("what a read takes", static_cast<std::int64_t>(value), 1);
        report.call("write", ::eventfd_write(semaphore, 1));
    };
}

Look eventDescriptors()
{
    const auto plain = static_cast<int>(must(::eventfd(42, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd"));
    return [=](Report &report) {
        eventfd_t value = 0;
        report.call("read", ::eventfd_read(plain, &value));
        report.same("count", static_cast<std::int64_t>(value), 42);
        report.call("write", ::eventfd_write(plain, 42));
        report.same("flags", ::fcntl(plain, F_GETFL) & O_NONBLOCK, O_NONBLOCK);
    };
}

Look epollDescriptors()
{
    const auto poller = static_cast<int>(must(::epoll_create1(EPOLL_CLOEXEC), "epoll_create"));
    const auto ready = static_cast<int>(must(::eventfd(1, EFD_CLOEXEC), "eventfd"));
    int ends[2];
    must(::pipe2(ends, O_CLOEXEC), "pipe");
    for (const auto &[fd, told] : {std::pair{ready, 0xabcdef0123456789ULL}, {ends[0], 0x77ULL}}) {
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.u64 = told;
        must(::epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event), "epoll_ctl");
    }
    return [poller, from = ends[0], to = ends[1]](Report &report) {
        std::array<epoll_event, 4> events{};
        report.same("ready", ::epoll_wait(poller, events.data(), events.size(), 1'000), 1);
        report.holds("what it is told with", events[0].data.u64 == 0xabcdef0123456789ULL);
        report.call("write", ::write(to, "x", 1));
        report.same("ready", ::epoll_wait(poller, events.data(), events.size(), 1'000), 2);
        report.same("what came", readSome(from), "x");
    };
}

Look inotifyWatch()
{
    const auto fd = static_cast<int>(must(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK), "inotify_init"));
    const auto watch = must(::inotify_add_watch(fd, ".", IN_CREATE), "inotify_add_watch");
    return [=](Report &report) {
        while (hasInput(fd, 0)) // what the answers before did
            (void)readSome(fd);
        const std::string path = scratch("watched");
        const int made = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        report.call("open", made);
        ::close(made);
        ::unlink(path.c_str());
        const std::string bytes = readSome(fd);
        report.holds("an event came", bytes.size() >= sizeof(inotify_event));
        if (bytes.size() < sizeof(inotify_event))
            return;
        inotify_event event{};
        std::memcpy(&event, bytes.data(), sizeof event);
        report.same("of the watch", event.wd, watch);
        report.same("of the file", bytes.data() + sizeof event, "watched");
    };
}

Look signalDescriptor()
{
    const sigset_t set = setOf({SIGUSR2});
    must(::sigprocmask(SIG_BLOCK, &set, nullptr), "sigprocmask");
    const auto fd = static_cast<int>(must(::signalfd(-1, &set, SFD_CLOEXEC), "signalfd"));
    return [fd](Report &report) {
        report.call("kill", ::kill(::getpid(), SIGUSR2));
        const std::string bytes = readSome(fd, sizeof(signalfd_siginfo));
        report.same("what came", static_cast<std::int64_t>(bytes.size()), sizeof(signalfd_siginfo));
    };
}

Look pidDescriptor()
{
    const auto child = std::make_shared<Child>([](std::int64_t question) { return question; });
    const auto fd = static_cast<int>(must(::syscall(SYS_pidfd_open, child->pid(), 0), "pidfd_open"));
    return [child, fd](Report &report) {
        report.call("signal to it", ::syscall(SYS_pidfd_send_signal, fd, 0, nullptr, 0));
        report.same("it runs", child->ask(5), 5);
        const std::string facts = contentOf("/proc/self/fdinfo/" + std::to_string(fd));
        report.holds("it is the child's", facts.find("Pid:\t" + std::to_string(child->pid())) != std::string::npos);
    };
}

constexpr std::array kKinds{
    Kind{"signals-pending", signalsPending}, Kind{"signal-handlers", signalHandlers},
    Kind{"itimer", intervalTimer},           Kind{"posix-timers", posixTimers},
    Kind{"timerfd", timerDescriptors},       Kind{"timerfd-due", tickingTimer},
    Kind{"eventfd", eventDescriptors},       Kind{"eventfd-semaphore", eventSemaphore},
    Kind{"epoll", epollDescriptors},         Kind{"inotify", inotifyWatch},
    Kind{"signalfd", signalDescriptor},      Kind{"pidfd", pidDescriptor},
};

} // namespace

std::span<const Kind> eventKinds()
{
    return kKinds;
}

} // namespace gantry::coverage
