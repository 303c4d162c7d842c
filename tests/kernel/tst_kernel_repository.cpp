// SPDX-License-Identifier: GPL-3.0-or-later
// A medium that is full: a small tmpfs in a mount namespace of a child's own.
#include <QtTest>

#include "engine/repository/store.h"
#include "tests/support/repository_fixture.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace gantry;
using namespace gantry::repository;
using namespace gantry::test;

namespace {

/// Takes all that is left of the file system. @return the descriptor, whose file is unlinked already.
int fill(const std::string &folder)
{
    const std::string path = folder + "/ballast";
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    const ByteVector bytes(4096);
    while (::write(fd, bytes.data(), bytes.size()) > 0) {
    }
    ::unlink(path.c_str());
    return fd;
}

/// What the child says went wrong; its exit code.
enum Stage { Fine = 0, NoMount, NoStore, NotFull, WrongError, NoSpaceBack, Broken, NoLater, NotFullForCatalogue };

Stage onFullMedium(const std::string &folder)
{
    if (::unshare(CLONE_NEWNS) != 0 || ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("tmpfs", folder.c_str(), "tmpfs", 0, "size=8m") != 0)
        return NoMount;
    auto store = Store::create(folder + "/repo", smallOptions());
    if (!store)
        return NoStore;
    const Contents small{{"a", {StreamKind::Bytes, noise(1, 500'000)}}};
    const auto kept = save(*store, small, manifestNamed("kept"));
    if (!kept)
        return NoStore;
    // Content that does not fit.
    const auto big = save(*store, {{"b", {StreamKind::Pages, noise(2, 12 << 20)}}}, manifestNamed("big"));
    if (big)
        return NotFull;
    if (big.error().posix() != ENOSPC || !big.error().subject.ends_with(".pack"))
        return WrongError;
    // Not one byte is left, neither for a pack nor for the catalogue.
    const int ballast = fill(folder);
    const auto tiny = save(*store, {{"c", {StreamKind::Bytes, noise(3, 10'000)}}}, manifestNamed("tiny"));
    if (tiny)
        return NotFullForCatalogue;
    if (tiny.error().posix() != ENOSPC || !tiny.error().subject.starts_with(folder))
        return WrongError;
    const auto report = store->check();
    const auto back = loadAll(*store, *kept);
    if (!report || !report->damages.empty() || report->checkpoints != 1 || !back || *back != small)
        return Broken;
    ::close(ballast);
    const Contents later{{"d", {StreamKind::Pages, noise(4, 5 << 20)}}};
    const auto id = save(*store, later, manifestNamed("later"));
    if (!id)
        return NoSpaceBack;
    store = std::unexpected(Error{}); // closes it
    store = Store::open(folder + "/repo", smallOptions());
    if (!store || *loadAll(*store, *id) != later || *loadAll(*store, *kept) != small ||
        !store->check()->damages.empty())
        return NoLater;
    return Fine;
}

} // namespace

class TestKernelRepository : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void fullMedium_failsCleanly()
    {
        const QTemporaryDir dir;
        const std::string folder = dir.path().toStdString();
        const pid_t pid = ::fork();
        if (pid == 0)
            ::_exit(onFullMedium(folder));
        int status = 0;
        QCOMPARE(::waitpid(pid, &status, 0), pid);
        QVERIFY(WIFEXITED(status));
        QCOMPARE(WEXITSTATUS(status), static_cast<int>(Fine));
    }
};

QTEST_GUILESS_MAIN(TestKernelRepository)
#include "tst_kernel_repository.moc"
