// SPDX-License-Identifier: GPL-3.0-or-later
// Files and folders that are locked as long as their owner lives, and what is left of a killed one.
#include <QtTest>

#include "engine/base/locked_entry.h"

#include <atomic>
#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using gantry::heldFiles;
using gantry::LockedEntry;
using Kind = gantry::LockedEntry::Kind;

namespace fs = std::filesystem;

namespace {

constexpr const char *kPrefix = "work.";

bool isInPlace(const LockedEntry &entry)
{
    struct stat own
    {};
    struct stat named
    {};
    return ::fstat(entry.fd(), &own) == 0 && ::lstat(entry.path().c_str(), &named) == 0 && own.st_ino == named.st_ino;
}

/// A file is told from one that nothing was done with by what is in it.
bool fill(const LockedEntry &entry, Kind kind)
{
    return kind == Kind::Folder ? ::mkdirat(entry.fd(), "below", 0700) == 0 : ::write(entry.fd(), "note", 4) == 4;
}

std::size_t entriesIn(const QTemporaryDir &folder)
{
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(folder.path().toStdString()), fs::directory_iterator()));
}

} // namespace

Q_DECLARE_METATYPE(Kind)

class TestLockedEntry : public QObject
{
    Q_OBJECT

    static void kinds()
    {
        QTest::addColumn<Kind>("kind");
        QTest::newRow("file") << Kind::File;
        QTest::newRow("folder") << Kind::Folder;
    }

private Q_SLOTS:
    void held_isLeftAlone_data() { kinds(); }
    void held_isLeftAlone()
    {
        QFETCH(Kind, kind);
        const QTemporaryDir folder;
        const std::string path = folder.path().toStdString();
        auto held = LockedEntry::create(path, kPrefix, kind);
        QVERIFY2(held, held ? "" : held.error().message().c_str());
        QVERIFY(fill(*held, kind));
        QVERIFY(LockedEntry::takeLeft(path, kPrefix, kind).empty());
        QVERIFY(isInPlace(*held));
        LockedEntry moved = std::move(*held);
        QVERIFY(!*held);
        QVERIFY(LockedEntry::takeLeft(path, kPrefix, kind).empty());
        moved.remove();
        QVERIFY(!moved);
        QCOMPARE(entriesIn(folder), 0U);
    }

    void ofAKilledOne_isTakenOnce_data() { kinds(); }
    void ofAKilledOne_isTakenOnce()
    {
        QFETCH(Kind, kind);
        const QTemporaryDir folder;
        const std::string path = folder.path().toStdString();
        const pid_t child = ::fork();
        if (child == 0) {
            const auto made = LockedEntry::create(path, kPrefix, kind);
            ::_exit(made && fill(*made, kind) ? 0 : 1);
        }
        int status = -1;
        QCOMPARE(::waitpid(child, &status, 0), child);
        QCOMPARE(status, 0);
        std::vector<LockedEntry> left = LockedEntry::takeLeft(path, kPrefix, kind);
        QCOMPARE(left.size(), 1U);
        QVERIFY(LockedEntry::takeLeft(path, kPrefix, kind).empty()); // they are held now
        left.clear();
        QCOMPARE(LockedEntry::takeLeft(path, kPrefix, kind).size(), 1U); // not removed: left again
        LockedEntry::removeLeft(path, kPrefix, kind);
        QCOMPARE(entriesIn(folder), 0U);
    }

    void others_stay()
    {
        const QTemporaryDir folder;
        const std::string path = folder.path().toStdString();
        fs::create_directory(path + "/work.folder");
        QFile file(folder.filePath(QStringLiteral("work.file")));
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write("text") == 4);
        file.close();
        QVERIFY(file.copy(folder.filePath(QStringLiteral("other"))));
        fs::create_symlink("other", path + "/work.link");
        QCOMPARE(LockedEntry::takeLeft(path, kPrefix, Kind::File).size(), 1U);
        LockedEntry::removeLeft(path, kPrefix, Kind::File);
        QVERIFY(fs::exists(path + "/work.folder"));
        LockedEntry::removeLeft(path, kPrefix, Kind::Folder);
        QCOMPARE(entriesIn(folder), 2U); // another prefix, and a link, which is neither
    }

    void emptyFile_isNobodysWork()
    {
        const QTemporaryDir folder;
        QFile file(folder.filePath(QStringLiteral("work.empty")));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.close();
        QVERIFY(LockedEntry::takeLeft(folder.path().toStdString(), kPrefix, Kind::File).empty());
        QCOMPARE(entriesIn(folder), 0U);
    }

    void heldFiles_areThoseThatSomebodyHolds()
    {
        const QTemporaryDir folder;
        const std::string path = folder.path().toStdString();
        const auto first = LockedEntry::create(path, "work.7.", Kind::File);
        { // left at once
            const auto second = LockedEntry::create(path, "work.8.", Kind::File);
            QVERIFY(first && second);
            QCOMPARE(heldFiles(path, kPrefix)->size(), 2U);
        }
        const auto held = heldFiles(path, kPrefix);
        QVERIFY(held);
        QCOMPARE(held->size(), 1U);
        QVERIFY(held->front().starts_with("7."));
        QCOMPARE(heldFiles(path + "/none", kPrefix).error().posix(), ENOENT);
    }

    void folderIsMissing_isTold()
    {
        const QTemporaryDir folder;
        for (const Kind kind : {Kind::File, Kind::Folder})
            QCOMPARE(LockedEntry::create(folder.path().toStdString() + "/none", kPrefix, kind).error().posix(), ENOENT);
    }

    /// Between making it and locking it a sweeper may remove it: nobody is given one that is gone.
    void sweepersBeside_takeNothingOfTheLiving_data() { kinds(); }
    void sweepersBeside_takeNothingOfTheLiving()
    {
        QFETCH(Kind, kind);
        constexpr int kRounds = 5'000;
        const QTemporaryDir folder;
        const std::string path = folder.path().toStdString();
        std::atomic<bool> ends = false;
        std::atomic<int> failed = 0;
        std::atomic<int> gone = 0;
        std::atomic<int> taken = 0; // with something in it: of the living
        {
            std::vector<std::jthread> sweepers;
            for (int i = 0; i < 2; ++i) {
                sweepers.emplace_back([&] {
                    while (!ends) {
                        for (LockedEntry &left : LockedEntry::takeLeft(path, kPrefix, kind)) {
                            taken += kind == Kind::File || fs::exists(left.path() + "/below") ? 1 : 0;
                            left.remove();
                        }
                    }
                });
            }
            for (int i = 0; i < kRounds; ++i) {
                auto made = LockedEntry::create(path, kPrefix, kind);
                if (!made || !fill(*made, kind)) {
                    ++failed;
                    continue;
                }
                gone += isInPlace(*made) ? 0 : 1;
                made->remove();
            }
            ends = true;
        }
        QCOMPARE(failed.load(), 0);
        QCOMPARE(gone.load(), 0);
        QCOMPARE(taken.load(), 0);
        QCOMPARE(entriesIn(folder), 0U);
    }
};

QTEST_GUILESS_MAIN(TestLockedEntry)
#include "tst_locked_entry.moc"
