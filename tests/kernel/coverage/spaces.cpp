// SPDX-License-Identifier: GPL-3.0-or-later
// Namespaces, and what is kept in one: System V and POSIX IPC.
#include "tests/kernel/coverage/target.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <memory>

#include <fcntl.h>
#include <mqueue.h>
#include <net/if.h>
#include <sched.h>
#include <semaphore.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>
#include <unistd.h>

namespace gantry::coverage {

namespace {

struct Message
{
    long type = 7;
    std::array<char, 8> text{'m', 'e', 's', 's', 'a', 'g', 'e', '\0'};
};

Look systemVIpc()
{
    const auto shared = static_cast<int>(must(::shmget(0x4711, 8'192, IPC_CREAT | 0640), "shmget"));
    auto *memory = static_cast<char *>(::shmat(shared, nullptr, 0));
    const std::string was = randomBytes(8'192);
    std::memcpy(memory, was.data(), was.size());
    const auto semaphores = static_cast<int>(must(::semget(0x4712, 2, IPC_CREAT | 0640), "semget"));
    must(::semctl(semaphores, 1, SETVAL, 5), "semctl");
    const auto queue = static_cast<int>(must(::msgget(0x4713, IPC_CREAT | 0640), "msgget"));
    const Message message;
    must(::msgsnd(queue, &message, message.text.size(), 0), "msgsnd");
    return [=](Report &report) {
        report.same("shared memory", std::string_view(memory, was.size()), was);
        report.same("its id", ::shmget(0x4711, 0, 0), shared);
        report.same("semaphore", ::semctl(semaphores, 1, GETVAL), 5);
        report.same("its id", ::semget(0x4712, 2, 0), semaphores);
        report.same("queue's id", ::msgget(0x4713, 0), queue);
        Message got;
        got.text = {};
        report.call("msgrcv", ::msgrcv(queue, &got, got.text.size(), 7, IPC_NOWAIT));
        report.same("message", got.text.data(), message.text.data());
        report.call("msgsnd", ::msgsnd(queue, &message, message.text.size(), IPC_NOWAIT));
    };
}

/// Shared memory and a semaphore by name: files below /dev/shm, which is a mount of its own here.
Look posixIpc()
{
    const std::string name = "/gantry-coverage-" + std::to_string(::getpid());
    const auto fd = static_cast<int>(must(::shm_open(name.c_str(), O_RDWR | O_CREAT | O_EXCL, 0600), "shm_open"));
    must(::ftruncate(fd, 8'192), "ftruncate");
    void *memory = ::mmap(nullptr, 8'192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    must(memory == MAP_FAILED ? -1 : 0, "mmap");
    ::close(fd);
    ::shm_unlink(name.c_str());
    const std::string was = randomBytes(4'096);
    std::memcpy(memory, was.data(), was.size());
    sem_t *semaphore = ::sem_open(name.c_str(), O_CREAT | O_EXCL, 0600, 3);
    must(semaphore == SEM_FAILED ? -1 : 0, "sem_open");
    ::sem_unlink(name.c_str());
    const auto child = std::make_shared<Child>([=](std::int64_t) {
        ::sem_post(semaphore);
        return static_cast<std::int64_t>(static_cast<const char *>(memory)[8'000]);
    });
    return [=](Report &report) {
        auto *bytes = static_cast<char *>(memory);
        report.same("shared memory", std::string_view(bytes, was.size()), was);
        bytes[8'000] = static_cast<char>((bytes[8'000] + 1) & 0x7f);
        report.same("what the child sees", child->ask(), bytes[8'000]);
        int value = 0;
        report.call("sem_getvalue", ::sem_getvalue(semaphore, &value));
        report.same("semaphore", value, 4);
        report.call("sem_trywait", ::sem_trywait(semaphore));
    };
}

Look messageQueue()
{
    mq_attr attributes{};
    attributes.mq_maxmsg = 4;
    attributes.mq_msgsize = 64;
    const mqd_t queue = ::mq_open("/gantry-coverage", O_RDWR | O_CREAT | O_CLOEXEC, 0600, &attributes);
    must(queue, "mq_open");
    must(::mq_send(queue, "first", 5, 1), "mq_send");
    return [queue](Report &report) {
        std::array<char, 64> text{};
        report.call("mq_receive", ::mq_receive(queue, text.data(), text.size(), nullptr));
        report.same("message", text.data(), "first");
        report.call("mq_send", ::mq_send(queue, "first", 5, 1));
    };
}

Look names()
{
    must(::sethostname("covered", 7), "sethostname");
    must(::setdomainname("by.a.test", 9), "setdomainname");
    return [](Report &report) {
        utsname now{};
        report.call("uname", ::uname(&now));
        report.same("host name", now.nodename, "covered");
        report.same("domain name", now.domainname, "by.a.test");
    };
}

Look processIds()
{
    const auto child = std::make_shared<Child>([](std::int64_t) { return std::int64_t{::getpid()}; });
    return [child](Report &report) {
        report.same("pid of the first", ::getpid(), 1);
        report.same("its parent", ::getppid(), 0);
        report.same("pid of the child", child->ask(), child->pid());
        report.holds("it is small", child->pid() < 100);
    };
}

/// A file system that nobody else has, with a file that only it has.
Look mounts()
{
    const std::string folder = scratch("mounted");
    must(::mkdir(folder.c_str(), 0755), "mkdir");
    must(::mount("none", folder.c_str(), "tmpfs", MS_NOEXEC, "size=1m"), "mount");
    const auto fd = static_cast<int>(must(::open((folder + "/file").c_str(), O_RDWR | O_CREAT, 0600), "open"));
    must(::write(fd, "0123456789", 10), "write");
    return [=](Report &report) {
        report.same("the file", contentOf(folder + "/file"), "0123456789");
        report.same("position", ::lseek(fd, 0, SEEK_CUR), 10);
        struct statvfs facts
        {};
        report.call("statvfs", ::statvfs(folder.c_str(), &facts));
        report.same("size", static_cast<std::int64_t>(facts.f_blocks * facts.f_frsize), 1 << 20);
        report.same("not executable", static_cast<std::int64_t>(facts.f_flag & ST_NOEXEC), ST_NOEXEC);
    };
}

/// Its own has one interface; the host's has more.
Look network()
{
    return [](Report &report) {
        std::string names;
        struct if_nameindex *all = ::if_nameindex();
        for (const auto *each = all; each != nullptr && each->if_index != 0; ++each)
            names += std::string(each->if_name) + " ";
        ::if_freenameindex(all);
        report.same("interfaces", names, "lo ");
    };
}

Look users()
{
    const std::string was = contentOf("/proc/self/uid_map");
    must(::setresgid(5, 5, 5), "setresgid");
    must(::setresuid(7, 7, 7), "setresuid");
    return [was](Report &report) {
        report.same("its numbers on the host", contentOf("/proc/self/uid_map"), was);
        report.same("user", ::getuid(), 7);
        report.same("group", ::getegid(), 5);
    };
}

/// Its clocks are two hours ahead, and go on from where they stood.
Look clocks()
{
    const auto now = [](clockid_t clock) {
        timespec time{};
        must(::clock_gettime(clock, &time), "clock_gettime");
        return time.tv_sec;
    };
    const auto start = std::make_shared<std::array<std::int64_t, 2>>(
        std::array<std::int64_t, 2>{now(CLOCK_MONOTONIC), now(CLOCK_BOOTTIME)});
    return [=](Report &report) {
        const std::array<std::int64_t, 2> is{now(CLOCK_MONOTONIC), now(CLOCK_BOOTTIME)};
        for (std::size_t i = 0; i < is.size(); ++i)
            report.holds("the clock goes on", is[i] >= (*start)[i] && is[i] < (*start)[i] + 600);
        *start = is;
        const std::string uptime = contentOf("/proc/uptime"); // as the time namespace of the reader has it
        report.holds("uptime", std::stoll(uptime) >= 7'200);
    };
}

constexpr int kContainer = CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNS;

Look container()
{
    const std::array looks{names(), processIds(), mounts(), systemVIpc(), network()};
    return [looks](Report &report) {
        for (const Look &look : looks)
            look(report);
    };
}

constexpr std::array kKinds{
    Kind{"sysv-ipc", systemVIpc, CLONE_NEWIPC},
    Kind{"posix-ipc", posixIpc},
    Kind{"message-queue", messageQueue, CLONE_NEWIPC},
    Kind{"pid-namespace", processIds, CLONE_NEWPID},
    Kind{"mount-namespace", mounts, CLONE_NEWNS},
    Kind{"uts-namespace", names, CLONE_NEWUTS},
    Kind{"net-namespace", network, CLONE_NEWNET},
    Kind{"user-namespace", users, CLONE_NEWUSER},
    Kind{"time-namespace", clocks, CLONE_NEWTIME},
    Kind{"container", container, kContainer},
    Kind{"user-container", container, kContainer | CLONE_NEWUSER},
};

} // namespace

std::span<const Kind> spaceKinds()
{
    return kKinds;
}

} // namespace gantry::coverage
