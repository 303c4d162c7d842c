// SPDX-License-Identifier: GPL-3.0-or-later
// Files that are part of checkpoints, through the real client and server: told beforehand, there and back in place,
// looked into and compared. Real processes, real CRIU, a store of the test's own.
#include <QtTest>

#include "engine/base/fd.h"
#include "engine/process/process.h"
#include "engine/service/status.h"
#include "gantry/v1/checkpoint.grpc.pb.h"
#include "tests/kernel/criu_target.h"
#include "tests/service/service_host.h"

#include <QTemporaryDir>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include <sys/wait.h>

using namespace gantry;
using gantry::test::ask;
using gantry::test::BoundedContext;
using gantry::test::ServiceHost;
using gantry::test::Target;
using namespace std::chrono_literals;
using Replaced = v1::RestoreCheckpointReply::Replaced;

namespace {

QByteArray text(const Error &error)
{
    return QByteArray::fromStdString(error.message());
}

} // namespace

class TestServiceFiles : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { QVERIFY(test::adoptTargets()); }
    void init()
    {
        m_host = std::make_unique<ServiceHost>();
        m_stub = v1::Checkpoint::NewStub(m_host->channel(true));
        m_folder = std::make_unique<QTemporaryDir>();
        std::filesystem::create_directories(volume());
        std::ofstream(volume() + "/notes") << "then";
    }
    void cleanup()
    {
        test::endAllBelow();
        m_stub.reset();
        m_host.reset();
    }

    void inPlace_filesGoThereAndBack()
    {
        const Target target("records:" + store(), place());
        QVERIFY(target.isReady());
        std::thread([pid = target.pid()] { ::waitpid(pid, nullptr, 0); }).detach(); // as its parent would
        auto wanted = wish(target);
        wanted.set_dry_run(true);
        auto made = create(wanted);
        QVERIFY2(made, made ? "" : text(made.error()));
        QCOMPARE(made->would_save_size(), 2);
        QCOMPARE(made->would_save(0).path(), volume());
        QVERIFY(made->would_save(0).folder() && made->would_save(0).declared());
        QCOMPARE(made->would_save(1).path(), store());
        QVERIFY(!made->would_save(1).declared());
        QVERIFY(made->would_save(1).bytes() > 0);

        wanted.set_dry_run(false);
        made = create(wanted);
        QVERIFY2(made, made ? "" : text(made.error()));
        QCOMPARE(made->files_saved(), std::uint64_t{3}); // the folder, what is in it, and what was written
        QVERIFY(made->files_usec() > 0 && made->files_usec() <= made->frozen_usec());
        QCOMPARE(made->checkpoint().files(), std::uint64_t{3});
        std::ofstream(volume() + "/notes") << "now, and longer";
        std::this_thread::sleep_for(300ms);
        const test::Answer present = ask(target.pid(), place());
        QCOMPARE(present.sum, 0);

        auto back = restore("x", true);
        QVERIFY2(back, back ? "" : text(back.error()));
        QCOMPARE(back->replaced_size(), 2);
        QCOMPARE(back->replaced(0).now(), Replaced::NOW_CHANGED);
        QCOMPARE(back->replaced(0).bytes_then(), std::uint64_t{4});
        QCOMPARE(back->replaced(0).bytes_now(), std::uint64_t{15});
        QVERIFY(back->replaced(0).changed_now_usec() > back->replaced(0).changed_then_usec());
        QCOMPARE(ask(target.pid(), place()).sum, 0); // it runs on

        back = restore("x", false);
        QVERIFY2(back, back ? "" : text(back.error()));
        QCOMPARE(back->safety().files(), std::uint64_t{3});
        const test::Answer past = ask(target.pid(), place());
        QCOMPARE(past.sum, 0);
        QVERIFY(past.count < present.count);
        QCOMPARE(readFile(volume() + "/notes").value_or(""), std::string("then"));
        // And forth again.
        back = restore(back->safety().id(), false);
        QVERIFY2(back, back ? "" : text(back.error()));
        const test::Answer again = ask(target.pid(), place());
        QCOMPARE(again.sum, 0);
        QVERIFY(again.count >= present.count);
        QCOMPARE(readFile(volume() + "/notes").value_or(""), std::string("now, and longer"));
    }

    void withoutFiles_areNeitherSavedNorPutBack()
    {
        const Target target("records:" + store(), place());
        QVERIFY(target.isReady());
        auto wanted = wish(target);
        wanted.set_without_files(true);
        QCOMPARE(create(wanted).error().posix(), EINVAL); // and named
        wanted.clear_file_paths();
        auto made = create(wanted);
        QVERIFY2(made, made ? "" : text(made.error()));
        QCOMPARE(made->files_saved(), std::uint64_t{0});
        wanted.set_without_files(false);
        wanted.set_name("y");
        QVERIFY(create(wanted));
        ::kill(target.pid(), SIGKILL);
        ::waitpid(target.pid(), nullptr, 0);
        std::filesystem::resize_file(store(), 10);
        for (const char *name : {"x", "y"}) {
            v1::RestoreCheckpointRequest request;
            request.set_checkpoint(name);
            request.set_without_files(true);
            const auto back = call(&v1::Checkpoint::Stub::Restore, request);
            QVERIFY(!back);
            QCOMPARE(back.error().posix(), ESTALE);
            QCOMPARE(std::filesystem::file_size(store()), std::uintmax_t{10});
        }
        v1::RestoreCheckpointRequest request;
        request.set_checkpoint("y");
        request.set_dry_run(true);
        const auto told = call(&v1::Checkpoint::Stub::Restore, request);
        QVERIFY2(told, told ? "" : text(told.error()));
        QVERIFY(told->notes_size() > 0 && told->notes(0).find("not kept") != std::string::npos); // nothing lives
        request.set_dry_run(false);
        const auto back = call(&v1::Checkpoint::Stub::Restore, request);
        QVERIFY2(back, back ? "" : text(back.error()));
        QCOMPARE(ask(target.pid(), place()).sum, 0);
    }

    void inspectAndDiff_knowTheContent()
    {
        const Target target("records:" + store(), place());
        QVERIFY(target.isReady());
        auto wanted = wish(target);
        QVERIFY(create(wanted));
        std::ofstream(volume() + "/notes") << "THEN"; // of the same length
        std::ofstream(volume() + "/new") << "new";
        wanted.set_name("y");
        QVERIFY(create(wanted));
        v1::InspectRequest look;
        look.set_checkpoint("x");
        const auto seen = call(&v1::Checkpoint::Stub::Inspect, look);
        QVERIFY2(seen, seen ? "" : text(seen.error()));
        const auto notes = std::ranges::find(seen->files(), volume() + "/notes", &v1::SavedFile::path);
        QVERIFY(notes != seen->files().end());
        QVERIFY(notes->saved());
        QCOMPARE(notes->size_bytes(), std::uint64_t{4});
        QCOMPARE(notes->digest().size(), std::size_t{64});
        QCOMPARE(std::ranges::count(seen->files(), store(), &v1::SavedFile::path), 1);

        v1::DiffRequest both;
        both.set_before("x");
        both.set_after("y");
        const auto diff = call(&v1::Checkpoint::Stub::Diff, both);
        QVERIFY2(diff, diff ? "" : text(diff.error()));
        const auto changeOf = [&](const std::string &path) {
            const auto row = std::ranges::find(diff->files(), path, &v1::DiffFile::path);
            return row == diff->files().end() || !row->by_content() ? v1::DIFF_CHANGE_UNSPECIFIED : row->change();
        };
        QCOMPARE(changeOf(volume() + "/notes"), v1::DIFF_CHANGE_CHANGED);
        QCOMPARE(changeOf(volume() + "/new"), v1::DIFF_CHANGE_NEW);
        QCOMPARE(changeOf(store()), v1::DIFF_CHANGE_CHANGED);
    }

private:
    [[nodiscard]] std::string place() const { return m_folder->path().toStdString(); }
    [[nodiscard]] std::string store() const { return place() + "/z-store.bin"; }
    [[nodiscard]] std::string volume() const { return place() + "/volume"; }

    template <class Request, class Reply>
    Result<Reply> call(grpc::Status (v1::Checkpoint::Stub::*method)(grpc::ClientContext *, const Request &, Reply *),
                       const Request &request)
    {
        BoundedContext context(120s);
        Reply reply;
        if (const grpc::Status status = ((*m_stub).*method)(&context, request, &reply); !status.ok())
            return std::unexpected(service::errorFrom(status));
        return reply;
    }
    Result<v1::CreateCheckpointReply> create(const v1::CreateCheckpointRequest &request)
    {
        return call(&v1::Checkpoint::Stub::Create, request);
    }
    Result<v1::RestoreCheckpointReply> restore(const std::string &what, bool dryRun)
    {
        v1::RestoreCheckpointRequest request;
        request.set_checkpoint(what);
        request.set_in_place(true);
        request.set_dry_run(dryRun);
        return call(&v1::Checkpoint::Stub::Restore, request);
    }
    [[nodiscard]] v1::CreateCheckpointRequest wish(const Target &target) const
    {
        v1::CreateCheckpointRequest out;
        out.mutable_target()->set_pid(target.pid());
        out.set_name("x");
        out.add_file_paths(volume());
        return out;
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<ServiceHost> m_host;
    std::unique_ptr<v1::Checkpoint::Stub> m_stub;
};

QTEST_GUILESS_MAIN(TestServiceFiles)
#include "tst_service_files.moc"
