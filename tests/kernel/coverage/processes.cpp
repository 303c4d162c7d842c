// SPDX-License-Identifier: GPL-3.0-or-later
// Processes, threads, and what they have of their own.
#include "tests/kernel/coverage/target.h"

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <thread>

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/rseq.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

namespace gantry::coverage {

namespace {

Look oneProcess()
{
    const auto memory = std::make_shared<std::string>(randomBytes(1 << 20));
    std::size_t sum = std::hash<std::string>()(*memory);
    return [memory, sum, pid = ::getpid(), cwd = scratch("")](Report &report) {
        report.same("memory", static_cast<std::int64_t>(std::hash<std::string>()(*memory)),
                    static_cast<std::int64_t>(sum));
        report.same("pid", ::getpid(), pid);
        report.same("working directory", scratch(""), cwd);
    };
}

/// What is no memory and no descriptor.
Look attributes()
{
    const rlimit files{333, 444};
    must(::setrlimit(RLIMIT_NOFILE, &files), "setrlimit");
    must(::setpriority(PRIO_PROCESS, 0, 5), "setpriority");
    must(::prctl(PR_SET_NAME, "a name"), "prctl");
    must(::prctl(PR_SET_PDEATHSIG, SIGURG), "prctl");
    must(::prctl(PR_SET_CHILD_SUBREAPER, 1), "prctl");
    ::umask(0027);
    cpu_set_t cpus;
    CPU_ZERO(&cpus);
    CPU_SET(0, &cpus);
    must(::sched_setaffinity(0, sizeof cpus, &cpus), "sched_setaffinity");
    return [](Report &report) {
        rlimit limit{};
        report.call("getrlimit", ::getrlimit(RLIMIT_NOFILE, &limit));
        report.same("soft limit of files", static_cast<std::int64_t>(limit.rlim_cur), 333);
        report.same("hard limit of files", static_cast<std::int64_t>(limit.rlim_max), 444);
        report.same("nice", ::getpriority(PRIO_PROCESS, 0), 5);
        std::array<char, 16> name{};
        ::prctl(PR_GET_NAME, name.data());
        report.same("name", name.data(), "a name");
        int signal = 0;
        ::prctl(PR_GET_PDEATHSIG, &signal);
        report.same("signal at the parent's end", signal, SIGURG);
        int reaper = 0;
        ::prctl(PR_GET_CHILD_SUBREAPER, &reaper);
        report.same("reaper", reaper, 1);
        const mode_t mask = ::umask(0027);
        report.same("umask", static_cast<std::int64_t>(mask), 0027);
    };
}

Look tree()
{
    // Asked 0 it tells its parent, asked 1 its own child's.
    const auto child = std::make_shared<Child>([inner = std::shared_ptr<Child>()](std::int64_t question) mutable {
        if (!inner)
            inner = std::make_shared<Child>([](std::int64_t) { return ::getppid(); });
        return question == 0 ? std::int64_t{::getppid()} : inner->ask();
    });
    (void)child->ask(1); // so that there is one
    return [child](Report &report) {
        report.same("parent of the child", child->ask(0), ::getpid());
        report.same("parent of its child", child->ask(1), child->pid());
        report.same("the child runs", ::waitpid(child->pid(), nullptr, WNOHANG), 0);
    };
}

Look sessions()
{
    const auto leader = std::make_shared<Child>([](std::int64_t) { return std::int64_t{::getsid(0)}; });
    const auto group = std::make_shared<Child>([](std::int64_t question) {
        if (question == 1)
            ::setpgid(0, 0);
        return std::int64_t{::getpgid(0)};
    });
    const auto own = std::make_shared<Child>([](std::int64_t question) {
        if (question == 1)
            ::setsid();
        return std::int64_t{::getsid(0)};
    });
    (void)group->ask(1);
    (void)own->ask(1);
    return [leader, group, own](Report &report) {
        report.same("session of the first", ::getsid(0), ::getpid());
        report.same("session of its child", leader->ask(), ::getpid());
        report.same("own process group", group->ask(), group->pid());
        report.same("its session", ::getsid(group->pid()), ::getpid());
        report.same("own session", own->ask(), own->pid());
    };
}

Look zombies()
{
    const auto ended = static_cast<pid_t>(must(::fork(), "fork"));
    if (ended == 0)
        std::_Exit(3);
    const auto killed = static_cast<pid_t>(must(::fork(), "fork"));
    if (killed == 0)
        rest();
    ::kill(killed, SIGKILL);
    for (const pid_t pid : {ended, killed}) {
        siginfo_t info{};
        must(::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOWAIT), "waitid");
    }
    return [ended, killed](Report &report) {
        siginfo_t info{};
        report.call("waitid", ::waitid(P_PID, static_cast<id_t>(ended), &info, WEXITED | WNOWAIT | WNOHANG));
        report.same("the first one's end", info.si_code, CLD_EXITED);
        report.same("its status", info.si_status, 3);
        info = {};
        report.call("waitid", ::waitid(P_PID, static_cast<id_t>(killed), &info, WEXITED | WNOWAIT | WNOHANG));
        report.same("the second one's end", info.si_code, CLD_KILLED);
        report.same("its signal", info.si_status, SIGKILL);
    };
}

Look stopped()
{
    const auto child = std::make_shared<Child>([](std::int64_t question) { return question + 1; });
    ::kill(child->pid(), SIGSTOP);
    siginfo_t info{};
    must(::waitid(P_PID, static_cast<id_t>(child->pid()), &info, WSTOPPED), "waitid");
    return [child](Report &report) {
        // Whoever traced it lets it go with a SIGSTOP, which it takes when a core is free.
        std::string state;
        for (int i = 0; i < 1'000; ++i) {
            const std::string stat = contentOf("/proc/" + std::to_string(child->pid()) + "/stat");
            state = stat.substr(stat.rfind(')') + 2, 1);
            if (state == "T")
                break;
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        report.same("state", state, "T");
        ::kill(child->pid(), SIGCONT);
        report.same("goes on", child->ask(41), 42);
        ::kill(child->pid(), SIGSTOP);
        siginfo_t again{};
        report.call("waitid", ::waitid(P_PID, static_cast<id_t>(child->pid()), &again, WSTOPPED));
    };
}

/// Threads that wait for a question, and answer it from what is their own.
class Workers
{
public:
    explicit Workers(int count)
    {
        for (int i = 0; i < count; ++i)
            std::thread([this, i] { run(i); }).detach();
        std::unique_lock lock(m_mutex);
        m_answered.wait(lock, [&] { return m_answers == count; });
        m_first = m_told;
    }
    void look(Report &report)
    {
        std::unique_lock lock(m_mutex);
        m_told = {};
        m_answers = 0;
        ++m_round;
        m_asked.notify_all();
        const bool all = m_answered.wait_for(lock, std::chrono::seconds(5),
                                             [&] { return m_answers == static_cast<int>(m_first.size()); });
        report.holds("every thread answers", all);
        for (std::size_t i = 0; i < m_first.size(); ++i)
            report.same("what a thread has of its own", m_told[i], m_first[i]);
    }

private:
    void run(int number)
    {
        thread_local std::string own = std::to_string(number) + " thread's own";
        ::pthread_setname_np(::pthread_self(), ("worker " + std::to_string(number)).c_str());
        sigset_t blocked;
        ::sigemptyset(&blocked);
        ::sigaddset(&blocked, SIGRTMIN + number);
        ::pthread_sigmask(SIG_BLOCK, &blocked, nullptr);
        std::unique_lock lock(m_mutex);
        for (int round = m_round;; ++round) {
            std::array<char, 16> name{};
            ::pthread_getname_np(::pthread_self(), name.data(), name.size());
            sigset_t now;
            ::pthread_sigmask(SIG_BLOCK, nullptr, &now);
            m_told[static_cast<std::size_t>(number)] = own + " " + name.data() + " " + std::to_string(::gettid()) +
                                                       " " + std::to_string(::sigismember(&now, SIGRTMIN + number));
            ++m_answers;
            m_answered.notify_all();
            m_asked.wait(lock, [&] { return m_round != round; });
        }
    }

    std::mutex m_mutex;
    std::condition_variable m_asked;
    std::condition_variable m_answered;
    int m_round = 0;
    int m_answers = 0;
    std::array<std::string, 4> m_told;
    std::array<std::string, 4> m_first;
};

Look threads()
{
    const auto workers = std::make_shared<Workers>(4);
    return [workers](Report &report) { workers->look(report); };
}

/// The kernel writes the number of the processor where the C library has registered it: by its own it is never right.
Look restartableSequences()
{
    const auto where = [] {
        const auto *area = reinterpret_cast<const volatile rseq *>(
            static_cast<const char *>(__builtin_thread_pointer()) + __rseq_offset);
        return static_cast<std::int64_t>(area->cpu_id);
    };
    must(__rseq_size == 0 ? -1 : 0, "the C library has not registered rseq");
    return [where](Report &report) {
        cpu_set_t before;
        report.call("sched_getaffinity", ::sched_getaffinity(0, sizeof before, &before));
        for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
            if (!CPU_ISSET(cpu, &before))
                continue;
            cpu_set_t one;
            CPU_ZERO(&one);
            CPU_SET(cpu, &one);
            report.call("sched_setaffinity", ::sched_setaffinity(0, sizeof one, &one));
            report.same("processor", where(), cpu);
        }
        report.call("sched_setaffinity", ::sched_setaffinity(0, sizeof before, &before));
    };
}

Look seccompFilter()
{
    std::array program{
        sock_filter BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        sock_filter BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_uname, 0, 1),
        sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EDOM),
        sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const sock_fprog filter{static_cast<unsigned short>(program.size()), program.data()};
    must(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl");
    must(::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter), "seccomp");
    return [](Report &report) {
        utsname names{};
        errno = 0;
        report.same("what the filter forbids", ::uname(&names), -1);
        report.same("how", errno, EDOM);
        report.same("no new privileges", ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 1);
        report.holds("the rest is allowed", ::getpid() > 0);
    };
}

constexpr std::array kKinds{
    Kind{"process", oneProcess}, Kind{"attributes", attributes},     Kind{"tree", tree},
    Kind{"sessions", sessions},  Kind{"zombies", zombies},           Kind{"stopped", stopped},
    Kind{"threads", threads},    Kind{"rseq", restartableSequences}, Kind{"seccomp", seccompFilter},
};

} // namespace

std::span<const Kind> processKinds()
{
    return kKinds;
}

} // namespace gantry::coverage
