// SPDX-License-Identifier: GPL-3.0-or-later
// Open files. What they hold is not saved, unless nothing but the process has them: the test leaves them where they
// are.
#include "tests/kernel/coverage/target.h"

#include <array>
#include <cerrno>
#include <memory>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gantry::coverage {

namespace {

int openNew(const std::string &path, int flags = 0)
{
    return static_cast<int>(must(::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | flags, 0640), "open"));
}

Look regularFile()
{
    const std::string path = scratch("regular");
    const int fd = openNew(path);
    must(::write(fd, "0123456789", 10), "write");
    must(::lseek(fd, 3, SEEK_SET), "lseek");
    const auto twin = static_cast<int>(must(::dup(fd), "dup")); // shares its position, and is not closed at an exec
    const auto other = static_cast<int>(must(::open(path.c_str(), O_RDONLY | O_NOATIME | O_CLOEXEC), "open"));
    const auto folder = static_cast<int>(must(::open(".", O_PATH | O_DIRECTORY | O_CLOEXEC), "open"));
    return [=](Report &report) {
        report.same("position", ::lseek(fd, 0, SEEK_CUR), 3);
        report.same("content", readSome(fd, 2), "34");
        report.same("position of the copy", ::lseek(twin, 0, SEEK_CUR), 5);
        report.same("position of the other", ::lseek(other, 0, SEEK_CUR), 0);
        report.holds("it is the same file", ::faccessat(folder, "regular", R_OK, 0) == 0);
        report.same("closed at an exec", ::fcntl(fd, F_GETFD), FD_CLOEXEC);
        report.same("not closed at an exec", ::fcntl(twin, F_GETFD), 0);
        report.same("flags", ::fcntl(other, F_GETFL) & (O_ACCMODE | O_NOATIME), O_RDONLY | O_NOATIME);
        ::lseek(fd, 3, SEEK_SET);
    };
}

/// @param size of what is nowhere else any more.
Look deletedFile(std::size_t size)
{
    const std::string path = scratch("deleted");
    const int fd = openNew(path);
    const std::string was = randomBytes(size);
    must(::write(fd, was.data(), was.size()), "write");
    must(::unlink(path.c_str()), "unlink");
    return [=](Report &report) {
        ::lseek(fd, 0, SEEK_SET);
        std::string is(size, '\0');
        report.call("read", ::read(fd, is.data(), is.size()));
        report.same("content", is, was);
        report.same("position", ::lseek(fd, 0, SEEK_CUR), static_cast<std::int64_t>(size));
        struct stat facts
        {};
        report.call("fstat", ::fstat(fd, &facts));
        report.same("names", static_cast<std::int64_t>(facts.st_nlink), 0);
        report.same("mode", facts.st_mode & 07777, 0640);
        report.same("its name", ::access(path.c_str(), F_OK), -1);
    };
}
Look deletedSmall()
{
    return deletedFile(4'096);
}
Look deletedBig()
{
    return deletedFile(std::size_t{3} << 20);
}

/// The name it was opened by is gone, another one is there.
Look deletedName()
{
    const std::string path = scratch("name");
    const int fd = openNew(path);
    must(::write(fd, "0123", 4), "write");
    must(::link(path.c_str(), scratch("other-name").c_str()), "link");
    must(::unlink(path.c_str()), "unlink");
    return [=](Report &report) {
        ::lseek(fd, 1, SEEK_SET);
        report.same("content", readSome(fd, 2), "12");
        struct stat mine
        {};
        struct stat named
        {};
        report.call("fstat", ::fstat(fd, &mine));
        report.call("stat", ::stat(scratch("other-name").c_str(), &named));
        report.same("it is the file of the other name", static_cast<std::int64_t>(mine.st_ino),
                    static_cast<std::int64_t>(named.st_ino));
    };
}

/// A log: grows at each look.
Look appendedFile()
{
    const std::string path = scratch("log");
    const int fd = openNew(path, O_APPEND);
    const auto lines = std::make_shared<std::string>("first\n");
    must(::write(fd, lines->data(), lines->size()), "write");
    return [=](Report &report) {
        report.same("appends", ::fcntl(fd, F_GETFL) & O_APPEND, O_APPEND);
        report.same("what was written", contentOf(path), *lines);
        *lines += "one more\n";
        report.call("write", ::write(fd, "one more\n", 9));
        report.same("what is written", contentOf(path), *lines);
    };
}

struct flock wholeFile(short type)
{
    struct flock out
    {};
    out.l_type = type;
    out.l_whence = SEEK_SET;
    return out;
}

/// Of each kind one; a child looks, which has none.
Look lockedFiles()
{
    for (const char *name : {"flock", "posix", "description"})
        must(::close(openNew(scratch(name))), "close");
    const auto open = [](const char *name) {
        return static_cast<int>(must(::open(scratch(name).c_str(), O_RDWR | O_CLOEXEC), "open"));
    };
    const auto child = std::make_shared<Child>([open](std::int64_t question) {
        if (question == 0)
            return std::int64_t{::flock(open("flock"), LOCK_EX | LOCK_NB) == 0 ? 0 : errno};
        struct flock lock = wholeFile(F_WRLCK);
        (void)::fcntl(open(question == 1 ? "posix" : "description"), F_GETLK, &lock);
        return std::int64_t{lock.l_type == F_UNLCK ? 0 : lock.l_pid};
    });
    must(::flock(open("flock"), LOCK_EX), "flock");
    struct flock lock = wholeFile(F_WRLCK);
    must(::fcntl(open("posix"), F_SETLK, &lock), "fcntl");
    lock = wholeFile(F_WRLCK);
    must(::fcntl(open("description"), F_OFD_SETLK, &lock), "fcntl");
    return [child](Report &report) {
        report.same("flock(2) of another", child->ask(0), EWOULDBLOCK);
        report.same("holder of the POSIX lock", child->ask(1), ::getpid());
        report.same("holder of the description's lock", child->ask(2), -1); // belongs to no process
    };
}

constexpr std::array kKinds{
    Kind{"file", regularFile},         Kind{"deleted-file", deletedSmall},  Kind{"big-deleted-file", deletedBig},
    Kind{"deleted-name", deletedName}, Kind{"appended-file", appendedFile}, Kind{"file-locks", lockedFiles},
};

} // namespace

std::span<const Kind> fileKinds()
{
    return kKinds;
}

} // namespace gantry::coverage
