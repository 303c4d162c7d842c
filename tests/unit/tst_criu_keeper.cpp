// SPDX-License-Identifier: GPL-3.0-or-later
// The facts of CRIU: asked once, kept for the next program, and asked anew when they may be wrong.
#include <QtTest>

#include "engine/base/strings.h"
#include "engine/checkpoint/criu_keeper.h"

#include <QFile>
#include <QTemporaryDir>

#include <atomic>
#include <future>

#include <fcntl.h>
#include <sys/stat.h>

using namespace gantry;
using namespace gantry::checkpoint;
using namespace std::chrono_literals;

namespace {

/// A CRIU whose answers are given, and which counts how often it is asked.
class FakeCriu
{
public:
    FakeCriu()
    {
        QFile file(QString::fromStdString(path()));
        if (file.open(QIODevice::WriteOnly))
            file.write("not run");
    }

    [[nodiscard]] std::string path() const { return m_folder.filePath(QStringLiteral("criu")).toStdString(); }
    [[nodiscard]] std::string state() const { return m_folder.filePath(QStringLiteral("state")).toStdString(); }
    [[nodiscard]] QString kept() const { return m_folder.filePath(QStringLiteral("state/criu.facts")); }
    [[nodiscard]] int asked() const { return m_asked; }

    [[nodiscard]] std::unique_ptr<CriuKeeper> keeper()
    {
        return std::make_unique<CriuKeeper>(
            state(), [this] { return path(); },
            [this](const std::string &path, const runtime::Patience & /*patience*/) {
                ++m_asked;
                return CriuFacts{path, "4.2.1", problem, problem.empty() ? features : std::vector<std::string>()};
            });
    }

    std::string problem;
    std::vector<std::string> features{"uffd", "pidfd_store"};

private:
    QTemporaryDir m_folder;
    std::atomic<int> m_asked = 0;
};

std::optional<CriuFacts> factsOf(CriuKeeper &keeper)
{
    return keeper.facts(runtime::Clock::now() + 20s);
}

/// Makes a file look that much older. @return false: errno.
bool age(const QString &file, std::chrono::seconds by)
{
    struct stat info{};
    if (::stat(QFile::encodeName(file).constData(), &info) != 0)
        return false;
    const timespec times[2] = {{info.st_mtim.tv_sec - by.count(), 0}, {info.st_mtim.tv_sec - by.count(), 0}};
    return ::utimensat(AT_FDCWD, QFile::encodeName(file).constData(), times, 0) == 0;
}

bool write(const QString &path, const QByteArray &text)
{
    QFile file(path);
    return file.open(QIODevice::WriteOnly) && file.write(text) == text.size();
}

using Change = bool (*)(const FakeCriu &criu);

} // namespace

Q_DECLARE_METATYPE(Change)

class TestCriuKeeper : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void facts_areAskedOnce_forAllWhoWait()
    {
        FakeCriu criu;
        const auto keeper = criu.keeper();
        keeper->start();
        std::vector<std::future<std::optional<CriuFacts>>> all;
        for (int i = 0; i < 8; ++i)
            all.push_back(std::async(std::launch::async, [&] { return factsOf(*keeper); }));
        for (auto &one : all) {
            const auto facts = one.get();
            QVERIFY(facts && facts->works());
            QCOMPARE(facts->version, std::string("4.2.1"));
            QVERIFY(facts->has("uffd") && !facts->has("mem_dirty_track"));
        }
        QCOMPARE(criu.asked(), 1);
    }

    void facts_areKeptForTheNextProgram()
    {
        FakeCriu criu;
        const auto first = factsOf(*criu.keeper());
        QVERIFY(QFile::exists(criu.kept()));
        const auto second = factsOf(*criu.keeper());
        QVERIFY(first && second && *first == *second);
        QCOMPARE(criu.asked(), 1);
    }

    void factsThatMayBeWrong_areAskedAnew_data()
    {
        QTest::addColumn<Change>("change");
        const auto row = [](const char *name, Change change) { QTest::newRow(name) << change; };
        row("another program",
            [](const FakeCriu &criu) { return write(QString::fromStdString(criu.path()), "another one"); });
        row("program of another time",
            [](const FakeCriu &criu) { return age(QString::fromStdString(criu.path()), 5s); });
        row("old", [](const FakeCriu &criu) { return age(criu.kept(), CriuKeeper::kKeptFor + 60s); });
        row("from the future", [](const FakeCriu &criu) { return age(criu.kept(), -1h); });
        row("empty", [](const FakeCriu &criu) { return write(criu.kept(), ""); });
        row("cut off", [](const FakeCriu &criu) {
            QFile file(criu.kept());
            return file.resize(file.size() - 5);
        });
        row("garbage", [](const FakeCriu &criu) { return write(criu.kept(), QByteArray(5'000, '\xff')); });
        row("a folder", [](const FakeCriu &criu) { return QFile::remove(criu.kept()) && QDir().mkdir(criu.kept()); });
    }
    void factsThatMayBeWrong_areAskedAnew()
    {
        QFETCH(Change, change);
        FakeCriu criu;
        QVERIFY(factsOf(*criu.keeper()));
        QVERIFY(change(criu));
        const auto facts = factsOf(*criu.keeper());
        QVERIFY(facts && facts->works());
        QCOMPARE(criu.asked(), 2);
    }

    void programThatIsReplaced_isSeenWithoutARestart()
    {
        FakeCriu criu;
        const auto keeper = criu.keeper();
        QVERIFY(factsOf(*keeper));
        QVERIFY(factsOf(*keeper));
        QCOMPARE(criu.asked(), 1);
        criu.features.clear();
        QVERIFY(write(QString::fromStdString(criu.path()), "another one"));
        QVERIFY(!factsOf(*keeper)->has("uffd"));
        QCOMPARE(criu.asked(), 2);
    }

    void failure_isNotKept()
    {
        FakeCriu criu;
        criu.problem = "the kernel is too new";
        const auto facts = factsOf(*criu.keeper());
        QVERIFY(facts && !facts->works());
        QVERIFY(!QFile::exists(criu.kept()));
        criu.problem.clear();
        QVERIFY(factsOf(*criu.keeper())->works());
        QCOMPARE(criu.asked(), 2);
    }

    void hangingCriu_holdsNobodyUp()
    {
        FakeCriu criu;
        CriuKeeper keeper(
            criu.state(), [&] { return criu.path(); },
            [](const std::string &path, const runtime::Patience &patience) {
                std::mutex mutex;
                std::unique_lock lock(mutex);
                std::condition_variable_any stopped;
                stopped.wait(lock, patience.stop, [] { return false; });
                return CriuFacts{path, "", "cancelled"};
            });
        QVERIFY(!keeper.facts(runtime::Clock::now() + 50ms)); // not known by then
        auto waits = std::async(std::launch::async, [&] { return factsOf(keeper); });
        keeper.stop();
        const auto facts = waits.get();
        QVERIFY(!facts || !facts->works());
        QVERIFY(!QFile::exists(criu.kept()));
    }

    void featureThatIsNotAnswered_isAProblem_notAnAnswer()
    {
        const QTemporaryDir folder;
        const QString path = folder.filePath(QStringLiteral("criu"));
        QVERIFY(write(path, "#!/bin/sh\n[ \"$1\" != --version ] || echo Version: 9.8\n"
                            "[ \"$3\" != uffd ] || sleep 60\n[ \"$3\" != mem_dirty_track ]\n"));
        QVERIFY(QFile::setPermissions(path, QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner));
        const CriuFacts facts = probeCriu(path.toStdString(), {runtime::Clock::now() + 3s});
        QCOMPARE(facts.version, std::string("9.8"));
        QVERIFY(!facts.works() && facts.features.empty());
        QVERIFY(
            write(path, "#!/bin/sh\n[ \"$1\" != --version ] || echo Version: 9.8\n[ \"$3\" != mem_dirty_track ]\n"));
        const CriuFacts answered = probeCriu(path.toStdString(), {runtime::Clock::now() + 60s});
        QVERIFY2(answered.works(), answered.problem.c_str());
        QCOMPARE(answered.features, (std::vector<std::string>{"uffd", "pidfd_store", "network_lock_nftables"}));
    }

    void missingCriu_isNotAsked()
    {
        FakeCriu criu;
        bool asked = false;
        CriuKeeper keeper(
            criu.state(), [] { return std::string(); },
            [&](const std::string & /*path*/, const runtime::Patience & /*patience*/) {
                asked = true;
                return CriuFacts();
            });
        const auto facts = factsOf(keeper);
        QVERIFY(facts && facts->path.empty() && !facts->works() && !asked);
    }

    void abilities_sayWhatWorksAndWhatToInstall()
    {
        const auto none = abilities({}, {});
        QCOMPARE(none.front().key, std::string("criu"));
        QVERIFY(!none.front().works && none.front().detail.find("install the package criu") != std::string::npos);
        const auto old = abilities({"/usr/sbin/criu", "3.17.1", "Unexpected rt vDSO area bounds"}, {true, true});
        QVERIFY(!old.front().works && old.front().detail.find("3.17.1") != std::string::npos &&
                old.front().detail.find("Unexpected rt vDSO") != std::string::npos);
        QCOMPARE(old.size(), std::size_t{3}); // nobody knows its features
        const auto good = abilities({"/usr/sbin/criu", "4.2.1", "", {"uffd"}}, {false, true});
        QCOMPARE(good.size(), 3 + kCriuFeatures.size());
        for (const Ability &ability : good) {
            QVERIFY(!ability.detail.empty());
            QCOMPARE(ability.works,
                     ability.key == "criu" || ability.key == "criu.uffd" || ability.key == "criu.checkpoint_restore");
        }
    }

    void keptText_isReadBack()
    {
        const CriuFacts facts{"/a b/criu", "4.2.1", "", {"uffd", "mem_dirty_track"}};
        const auto back = parseKept(keptText(facts, "77"), "/a b/criu", "77");
        QVERIFY(back && *back == facts);
        QCOMPARE(parseKept(keptText(facts, "77"), "/a b/criu", "78").error().posix(), ESTALE);
        QVERIFY(!parseKept("gantry-criu 2\nkey 77\nend\n", "x", "77"));
        QVERIFY(!parseKept("gantry-criu 1\nkey 77\nfeature rubbish\nend\n", "x", "77"));
    }
};

QTEST_GUILESS_MAIN(TestCriuKeeper)
#include "tst_criu_keeper.moc"
