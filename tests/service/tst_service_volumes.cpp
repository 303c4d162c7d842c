// SPDX-License-Identifier: GPL-3.0-or-later
// The volumes of a container that a runtime keeps, through the real client and server: real runc, real CRIU, in a mount
// namespace with nothing in /run and /var/lib (runApart).
#include <QtTest>

#include "engine/checkpoint/criu.h"
#include "tests/service/checkpoint_calls.h"
#include "tests/service/counting_container.h"
#include "tests/support/apart.h"
#include "tests/support/keeper_parent.h"
#include "tests/support/verify.h"
#include "tests/support/with_volume.h"

#include <algorithm>
#include <csignal>

using namespace gantry;
using namespace std::chrono_literals;
namespace fs = std::filesystem;
using gantry::test::countedIn;
using gantry::test::CountingContainer;
using gantry::test::ServiceHost;
using gantry::test::text;

namespace {

constexpr int kPatience = test::kCountingPatience;

bool tells(const auto &notes, const std::string &part)
{
    return std::ranges::any_of(notes,
                               [&part](const std::string &note) { return note.find(part) != std::string::npos; });
}

} // namespace

class TestServiceVolumes : public QObject, private test::CheckpointCalls
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        test::becomeParentOfKeepers();
        qputenv("TMPDIR", "/var/lib"); // a tmpfs here: overlays want their own
        m_criu = checkpoint::criuPath();
        qputenv("GANTRY_CRIU", m_tools.filePath(QStringLiteral("criu")).toLocal8Bit());
    }
    void init()
    {
        m_container.reset(); // where the case before ended early
        m_host = std::make_unique<ServiceHost>();
        openCalls(m_host->channel(true));
        m_folder = std::make_unique<QTemporaryDir>();
        writeScript("");
        m_container = std::make_unique<CountingContainer>(*m_host, "kept");
        QVERIFY(m_container->startedPid() != 0);
        write("kept", "as it was");
        const auto again = test::startAgainWithVolume(m_container->place(), "kept", volume());
        QVERIFY2(again, again ? "" : text(again.error()));
        QVERIFY(reaches(3));
        Result<v1::CreateCheckpointReply> seen;
        QVERIFY2(QTest::qWaitFor([&] { return (seen = call(dryRun())) && seen->volumes_size() == 1; }, kPatience),
                 seen ? "it has no volume" : text(seen.error())); // the tree learns of it
        m_looked = *seen;
    }
    void cleanup()
    {
        m_container.reset();
        closeCalls();
        m_host.reset();
        m_folder.reset();
    }

    void dryRun_tellsWhatIsNotPartOfIt_andWhatWouldBe()
    {
        QVERIFY(m_looked.files() && m_looked.would_save().empty());
        const v1::ContainerVolume &volume = m_looked.volumes(0);
        QCOMPARE(volume.path(), this->volume());
        QCOMPARE(volume.destination(), std::string("/data"));
        QVERIFY(!volume.saved() && !volume.more() && volume.files() == 3 && volume.bytes() >= 9);

        auto request = dryRun();
        request.set_volumes(true);
        auto reply = call(request);
        QVERIFY2(reply, reply ? "" : text(reply.error()));
        QVERIFY(reply->volumes(0).saved());
        QCOMPARE(reply->would_save_size(), 1);
        QVERIFY(reply->would_save(0).declared() && reply->would_save(0).folder());
        QCOMPARE(reply->would_save(0).path(), this->volume());

        request.set_volumes(false);
        request.add_file_paths(this->volume());
        reply = call(request);
        QVERIFY2(reply, reply ? "" : text(reply.error()));
        QVERIFY(reply->volumes(0).saved());

        request.set_file_paths(0, m_container->place().upper() + "/data");
        reply = call(request);
        QVERIFY(!reply);
        QCOMPARE(reply.error().posix(), EINVAL);
        request.clear_file_paths();
        request.set_volumes(true);
        request.set_without_files(true);
        QCOMPARE(call(request).error().posix(), EINVAL);
        request.set_without_files(false);
        request.mutable_target()->set_pid(::getpid());
        QCOMPARE(call(request).error().posix(), ENOTSUP);
    }

    void notAskedFor_isNotSaved_andTold()
    {
        const auto x = create("x", false);
        QVERIFY2(x, x ? "" : text(x.error()));
        QVERIFY(x->volumes_size() == 1 && !x->volumes(0).saved());
        QCOMPARE(x->files_saved(), std::uint64_t{0});
        QCOMPARE(x->checkpoint().files(), std::uint64_t{0});
    }

    void inPlace_goesBack_andForthAgain()
    {
        const auto x = create("x", true);
        QVERIFY2(x, x ? "" : text(x.error()));
        QVERIFY(x->files() && x->volumes(0).saved() && x->files_usec() > 0);
        QCOMPARE(x->files_saved(), std::uint64_t{3});
        QCOMPARE(x->checkpoint().files(), std::uint64_t{3});
        const std::int64_t then = count();
        QVERIFY(reaches(then + 20));
        write("kept", "changed");
        write("late", "made afterwards");
        auto request = inPlace("x");
        request.set_dry_run(true);
        auto back = call(request);
        QVERIFY2(back, back ? "" : text(back.error()));
        QCOMPARE(back->replaced_size(), 1);
        QCOMPARE(back->replaced(0).path(), volume());
        QCOMPARE(back->replaced(0).now(), v1::RestoreCheckpointReply::Replaced::NOW_CHANGED);
        QCOMPARE(back->replaced(0).files_now(), std::uint64_t{4});
        QVERIFY(!tells(back->notes(), "not kept anywhere")); // the safety checkpoint has it
        const std::int64_t present = count();

        request.set_dry_run(false);
        back = call(request);
        QVERIFY2(back, back ? "" : text(back.error()));
        QVERIFY(tells(back->notes(), volume() + " was put back"));
        // Its memory goes on from then, and so does the file: each number once.
        QTRY_VERIFY_WITH_TIMEOUT(count() > then, kPatience);
        QVERIFY(count() < present + 20);
        QCOMPARE(read("kept"), std::string("as it was"));
        QCOMPARE(read("late"), std::string());

        const std::string future = back->safety().id();
        QVERIFY(back->safety().files() >= 4);
        back = call(inPlace(future));
        QVERIFY2(back, back ? "" : text(back.error()));
        QVERIFY(reaches(present + 1));
        QCOMPARE(read("kept"), std::string("changed"));
        QCOMPARE(read("late"), std::string("made afterwards"));
    }

    void inPlace_withoutFiles_leavesThem()
    {
        QVERIFY(create("x", true));
        write("kept", "changed");
        auto request = inPlace("x");
        request.set_without_files(true);
        const auto back = call(request);
        QVERIFY2(back, back ? "" : text(back.error()));
        QCOMPARE(read("kept"), std::string("changed"));
    }

    void inPlace_criuFails_presentFilesAreBack_andItRunsAgain()
    {
        QVERIFY(create("x", true));
        QVERIFY(reaches(count() + 10));
        write("kept", "changed");
        write("late", "made afterwards");
        const std::int64_t present = count();
        failWithout("late");
        const auto back = call(inPlace("x"));
        QVERIFY2(!back, "it was restored");
        QVERIFY(fs::exists(m_tools.filePath(QStringLiteral("failed")).toStdString()));
        QVERIFY2(text(back.error()).contains("the present runs again from checkpoint"), text(back.error()));
        QVERIFY(reaches(present + 3)); // no number is lost, none is there twice
        QCOMPARE(read("kept"), std::string("changed"));
        QCOMPARE(read("late"), std::string("made afterwards"));
        for (const auto &entry : fs::directory_iterator(volume()))
            QVERIFY(!entry.path().filename().string().starts_with(".gantry"));
    }

    void anotherWrites_isRefused_andNothingEnds()
    {
        QVERIFY(create("x", true));
        write("kept", "changed");
        const std::int32_t pid = m_container->pid();
        const pid_t writer = ::fork();
        if (writer == 0) {
            ::open((volume() + "/kept").c_str(), O_WRONLY);
            ::execl("/bin/sleep", "sleep", "1000", nullptr);
            ::_exit(127);
        }
        const auto isOpen = [&] { return readFile(strCat("/proc/", writer, "/comm")).value_or("") == "sleep\n"; };
        const bool ready = QTest::qWaitFor(isOpen, kPatience);
        auto request = inPlace("x");
        const auto back = call(request);
        request.set_dry_run(true);
        const auto looked = call(request);
        ::kill(writer, SIGKILL);
        ::waitpid(writer, nullptr, 0);
        QVERIFY(ready);
        for (const auto *reply : {&back, &looked}) {
            QVERIFY(!*reply);
            QCOMPARE(reply->error().posix(), EBUSY);
            QVERIFY2(text(reply->error()).contains(strCat("pid ", writer).c_str()), text(reply->error()));
        }
        QCOMPARE(m_container->pid(), pid);
        QVERIFY(reaches(count() + 3));
        QCOMPARE(read("kept"), std::string("changed"));
    }

    void copies_areTold_thatTheyShareIt()
    {
        QVERIFY(create("x", true));
        write("kept", "changed");
        v1::CopyCheckpointRequest request;
        request.set_checkpoint("x");
        request.set_name("other");
        request.set_dry_run(true);
        const auto reply = call(&v1::Checkpoint::Stub::Copy, request);
        QVERIFY2(reply, reply ? "" : text(reply.error()));
        QCOMPARE(reply->conflicts_size(), 0);
        QVERIFY(tells(reply->notes(), volume() + " is not put back"));
    }

    void inspected_hasItsFiles()
    {
        QVERIFY(create("x", true));
        v1::InspectRequest request;
        request.set_checkpoint("x");
        const auto reply = call(&v1::Checkpoint::Stub::Inspect, request);
        QVERIFY2(reply, reply ? "" : text(reply.error()));
        const auto row = std::ranges::find(reply->files(), volume() + "/kept", &v1::SavedFile::path);
        QVERIFY(row != reply->files().end());
        QVERIFY(row->saved() && row->size_bytes() == 9 && !row->digest().empty());
    }

private:
    /// What is Gantry's CRIU from now on: the real one, after this line.
    void writeScript(const std::string &line) const
    {
        const std::string path = m_tools.filePath(QStringLiteral("criu")).toStdString();
        std::ofstream(path + ".new") << strCat("#!/bin/sh\n", line, "\nexec ", m_criu, " \"$@\"\n");
        fs::permissions(path + ".new", fs::perms::owner_all);
        fs::rename(path + ".new", path);
    }
    /// CRIU fails from now on where the volume does not have this file: while the files of a checkpoint are in place.
    void failWithout(const std::string &file) const
    {
        writeScript(strCat("[ -e ", volume(), "/", file, " ] || { touch ",
                           m_tools.filePath(QStringLiteral("failed")).toStdString(), "; exit 1; }"));
    }
    [[nodiscard]] std::string volume() const { return m_folder->path().toStdString(); }
    void write(const std::string &file, const std::string &content) const
    {
        std::ofstream(strCat(volume(), "/", file)) << content;
    }
    [[nodiscard]] std::string read(const std::string &file) const
    {
        return readFile(strCat(volume(), "/", file)).value_or("");
    }
    [[nodiscard]] std::int64_t count() const { return countedIn(volume() + "/n"); }
    [[nodiscard]] bool reaches(std::int64_t least) const
    {
        return QTest::qWaitFor([&] { return count() >= least; }, kPatience);
    }
    static v1::CreateCheckpointRequest dryRun()
    {
        v1::CreateCheckpointRequest out;
        out.mutable_target()->set_container("kept");
        out.set_dry_run(true);
        return out;
    }
    Result<v1::CreateCheckpointReply> create(const std::string &name, bool volumes)
    {
        v1::CreateCheckpointRequest request = dryRun();
        request.set_dry_run(false);
        request.set_name(name);
        request.set_volumes(volumes);
        return call(request);
    }

    const QTemporaryDir m_tools;
    std::string m_criu; ///< the real one
    std::unique_ptr<ServiceHost> m_host;
    std::unique_ptr<QTemporaryDir> m_folder; ///< its volume
    std::unique_ptr<CountingContainer> m_container;
    v1::CreateCheckpointReply m_looked; ///< of the first dry run
};

int main(int argc, char **argv)
{
    return test::runApart(argv, [&] {
        QCoreApplication application(argc, argv);
        TestServiceVolumes suite;
        return QTest::qExec(&suite, argc, argv);
    });
}
#include "tst_service_volumes.moc"
