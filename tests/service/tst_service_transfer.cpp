// SPDX-License-Identifier: GPL-3.0-or-later
// Export and import over the real service: streams, jobs, cancels, callers that leave; and archives of podman's.
#include <QtTest>

#include "engine/base/strings.h"
#include "engine/checkpoint/podman_archive.h"
#include "engine/repository/tar.h"
#include "engine/service/status.h"
#include "engine/service/transfer_client.h"
#include "gantry/v1/checkpoint.grpc.pb.h"
#include "gantry/v1/jobs.grpc.pb.h"
#include "gantry/v1/transfer.grpc.pb.h"
#include "tests/service/service_host.h"
#include "tests/support/repository_fixture.h"
#include "tests/support/verify.h"

#include <condition_variable>
#include <mutex>
#include <thread>

using namespace gantry;
using namespace gantry::repository;
using gantry::test::BoundedContext;
using gantry::test::manifestNamed;
using gantry::test::noise;
using gantry::test::ServiceHost;
using namespace std::chrono_literals;

namespace {

struct Got
{
    v1::ExportHead head;
    std::string bytes;
};

/// Stops a call that takes longer than a minute.
class Deadline
{
public:
    [[nodiscard]] std::stop_token stop() const { return m_over.get_token(); }

private:
    void wait(const std::stop_token &done)
    {
        std::mutex mutex;
        std::unique_lock lock(mutex);
        std::condition_variable_any().wait_for(lock, done, 60s, [] { return false; });
        if (!done.stop_requested())
            m_over.request_stop();
    }

    std::stop_source m_over;
    std::jthread m_thread{[this](const std::stop_token &done) { wait(done); }};
};

/// One member of a tar archive as podman's Go writes it, but for times.
std::string member(std::string_view name, std::string_view content)
{
    return strCat(tarHead(name, content.size()), content, std::string(tarPadding(content.size()), '\0'));
}

/// An archive of a container that has two processes and some pages.
std::string podmansArchive(std::string_view name, std::uint64_t seed = 1)
{
    const auto word = [](std::uint32_t value) { return std::string(reinterpret_cast<const char *>(&value), 4); };
    const std::string entry = word(2) + "\x08\x01";
    const std::string tree = word(0x54564319) + word(0x50273030) + entry + entry;
    ByteVector pages = noise(seed, std::size_t{200} * 4096);
    return strCat(member("checkpoint/pstree.img", tree), member("checkpoint/pages-1.img", textOf(pages)),
                  member("checkpoint/tcp-stream-7.img", "12345678"), member("checkpoint/filelocks.img", "12345678"),
                  member("dump.log", "(00.000000) Version: 4.1.1 (gitid 0)\n(00.000020) Running on lab1 Linux "
                                     "6.12.57+deb13-amd64 #1 SMP x86_64\n"),
                  member("spec.dump", "{}"), member("network.status", ""),
                  member("config.dump", strCat("{\"name\":\"", name, "\",\"id\":\"", std::string(64, 'a'), "\"}")),
                  member("rootfs-diff.tar", std::string(100'000, 'r')), tarEnd());
}

} // namespace

class TestServiceTransfer : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        m_host = std::make_unique<ServiceHost>();
        m_channel = m_host->channel(true);
        m_stub = v1::Transfer::NewStub(m_channel);
        GANTRY_VERIFY(Store::create(m_host->statePath("repository").toStdString(), {}));
    }
    /// Each case finds one checkpoint, and no other.
    void init()
    {
        std::optional<Store> store;
        // The engine lets go of it a moment after its last answer.
        const auto isOpen = [&] {
            auto opened = Store::open(m_host->statePath("repository").toStdString(), {});
            if (opened)
                store.emplace(*std::move(opened));
            return opened.has_value();
        };
        QVERIFY(QTest::qWaitFor(isOpen, 20'000));
        const auto before = store->list();
        GANTRY_VERIFY(before);
        for (const Checkpoint &one : before->checkpoints)
            GANTRY_VERIFY(store->remove(one.id));
        const auto id = test::save(*store, {{"pages-1.img", {StreamKind::Pages, noise(7, std::size_t{8} << 20)}}},
                                   manifestNamed("big"));
        GANTRY_VERIFY(id);
        m_id = id->text();
    }
    void cleanupTestCase()
    {
        m_stub.reset();
        m_channel.reset();
        m_host.reset();
    }

    void exported_comesInParts_andGoesIn()
    {
        const auto got = exported({"big", m_id.substr(0, 8)});
        GANTRY_VERIFY(got);
        QCOMPARE(got->head.checkpoints_size(), 1);
        QCOMPARE(got->head.checkpoints(0).id(), m_id);
        QVERIFY(got->bytes.size() > (8 << 20) && got->bytes.size() < (9 << 20));
        QVERIFY(got->head.most_bytes() <= got->bytes.size());
        QVERIFY(!got->head.leaves_encryption());
        QVERIFY(m_host->hasAudited("\"verb\":\"export\",\"target\":\"" + QByteArray::fromStdString(m_id)));
        QCOMPARE(jobOf(got->head.job_id()).state(), v1::JOB_STATE_DONE);

        const auto known = imported(got->bytes);
        GANTRY_VERIFY(known);
        QCOMPARE(known->known_size(), 1);
        QCOMPARE(known->added_size(), 0);
        remove(m_id);
        const auto in = imported(got->bytes);
        GANTRY_VERIFY(in);
        QCOMPARE(in->format(), v1::TRANSFER_FORMAT_GANTRY);
        QCOMPARE(in->added(0).id(), m_id);
        QCOMPARE(in->not_recorded(), std::string());
        QVERIFY(m_host->hasAudited("\"verb\":\"import\""));
        QCOMPARE(exported({"big"})->bytes, got->bytes);
    }

    void refused()
    {
        QCOMPARE(exported({}).error().posix(), EINVAL);
        QCOMPARE(exported({"none"}).error().posix(), ENOENT);
        QCOMPARE(exported({"big"}, v1::TRANSFER_FORMAT_PODMAN).error().posix(), ENOTSUP);
        QCOMPARE(imported("").error().posix(), EBADMSG);
        QCOMPARE(imported(std::string(5'000, 'x')).error().posix(), EBADMSG);
        // Without a head; without an end.
        v1::ImportPart x;
        x.set_data("x");
        QCOMPARE(importedByHand({x}).error().posix(), EINVAL);
        const std::string whole = exported({"big"})->bytes;
        remove(m_id);
        std::vector<v1::ImportPart> parts(1);
        parts.front().mutable_head()->mutable_actor()->set_program("test");
        constexpr std::size_t kPart = 300'000;
        for (std::size_t at = 0; at < whole.size(); at += kPart)
            parts.emplace_back().set_data(whole.substr(at, kPart));
        QCOMPARE(importedByHand(parts).error().posix(), EBADMSG);
        QCOMPARE(listed(), 0);
    }

    void callerLeaves_orJobIsCancelled_ends()
    {
        BoundedContext context(60s);
        v1::ExportRequest request;
        request.add_checkpoints("big");
        const auto reader = m_stub->Export(&context, request);
        v1::ExportPart part;
        QVERIFY(reader->Read(&part));
        const std::uint64_t job = part.head().job_id();
        // Nothing is read: the stream's flow control holds it.
        cancel(job);
        while (reader->Read(&part)) {
        }
        QCOMPARE(service::errorFrom(reader->Finish()).posix(), ECANCELED);
        QTRY_COMPARE_WITH_TIMEOUT(jobOf(job).state(), v1::JOB_STATE_CANCELLED, 20'000);

        const std::string whole = exported({"big"})->bytes;
        remove(m_id);
        {
            BoundedContext leaving(60s);
            v1::ImportReply reply;
            const auto writer = m_stub->Import(&leaving, &reply);
            v1::ImportPart head;
            head.mutable_head();
            QVERIFY(writer->Write(head));
            v1::ImportPart some;
            some.set_data(whole.substr(0, 1 << 20));
            QVERIFY(writer->Write(some));
            leaving.TryCancel();
            QVERIFY(!writer->Finish().ok());
        }
        QTRY_COMPARE_WITH_TIMEOUT(jobOf(lastJob("import")).state(), v1::JOB_STATE_CANCELLED, 20'000);
        QCOMPARE(listed(), 0);
        QVERIFY(imported(whole));
    }

    void podmans_comesIn_isLookedInto_andGoesOutTheSame()
    {
        const std::string archive = podmansArchive("web");
        const auto in = imported(archive);
        GANTRY_VERIFY(in);
        QCOMPARE(in->format(), v1::TRANSFER_FORMAT_PODMAN);
        const v1::CheckpointInfo one = in->added(0);
        QCOMPARE(one.subject(), std::string("web"));
        QCOMPARE(one.runtime(), std::string("podman"));
        QCOMPARE(one.processes(), 2u);
        QCOMPARE(one.criu_version(), std::string("4.1.1"));
        QCOMPARE(one.kernel_release(), std::string("6.12.57+deb13-amd64"));
        const auto out = exported({one.id()}, v1::TRANSFER_FORMAT_PODMAN);
        GANTRY_VERIFY(out);
        QCOMPARE(out->bytes, archive);
        // With what tar fills its last record up, it is another archive of the same.
        QCOMPARE(imported(archive)->known(0).id(), one.id());
        // By Gantry's format, too, and back.
        const std::string own = exported({one.id()})->bytes;
        remove(one.id());
        QCOMPARE(imported(own)->added(0).id(), one.id());
        QCOMPARE(exported({one.id()}, v1::TRANSFER_FORMAT_PODMAN)->bytes, archive);
        StoreOptions looking;
        looking.write = false;
        const auto store = Store::open(m_host->statePath("repository").toStdString(), looking);
        GANTRY_VERIFY(store);
        const auto manifest = store->manifest(*CheckpointId::parse(one.id()));
        QCOMPARE(manifest->values.at("criu_options"), std::string("tcp-established"));
        QCOMPARE(manifest->values.at("podman_checkpoint"), std::string("web"));
        const auto pages = store->pages(*CheckpointId::parse(one.id()), "pages-1.img");
        QVERIFY(pages && pages->count() == 200);
    }

    void podmans_refused_data()
    {
        QTest::addColumn<QByteArray>("archive");
        QTest::addColumn<int>("error");
        QTest::addColumn<QByteArray>("said");
        const auto row = [](const char *name, const std::string &archive, int error, const char *said) {
            QTest::newRow(name) << QByteArray::fromStdString(archive) << error << QByteArray(said);
        };
        const std::string good = podmansArchive("web");
        const std::string tail = tarEnd();
        row("another tar", member("etc/passwd", "x") + tail, EBADMSG, "begins with etc/passwd");
        row("no images", member("config.dump", "{}") + tail, EBADMSG, "no spec.dump");
        row("a name that leads out", member("checkpoint/../../etc/x", "x") + tail, ENOTSUP, "leads out");
        row("an absolute name", member("/checkpoint/x", "x") + tail, ENOTSUP, "absolute");
        row("twice", member("spec.dump", "{}") + member("spec.dump", "{}") + tail, ENOTSUP, "twice");
        row("a name with a dash", podmansArchive("-rf"), EBADMSG, "names no container");
        row("a name with blanks", podmansArchive("a b"), EBADMSG, "names no container");
        row("cut off", good.substr(0, good.size() / 2), EBADMSG, "cut off");
        row("without its end", good.substr(0, good.size() - 1024), EBADMSG, "cut off");
        row("something behind it", good + "x", EBADMSG, "follows its end");
        std::string link = tarHead("checkpoint/parent", 0);
        link[156] = '2';
        row("a link", withSum(link) + tail, ENOTSUP, "a link");
        link[156] = '3';
        row("a device", withSum(link) + tail, ENOTSUP, "neither a file nor a folder");
        std::string broken = good;
        broken[148] = '7';
        row("a broken header", broken, EBADMSG, "byte 0");
    }
    void podmans_refused()
    {
        QFETCH(QByteArray, archive);
        QFETCH(int, error);
        QFETCH(QByteArray, said);
        const auto in = imported(archive.toStdString());
        QVERIFY(!in);
        QVERIFY2(in.error().posix() == error, test::why(in).c_str());
        QVERIFY2(test::why(in).find(said.toStdString()) != std::string::npos, test::why(in).c_str());
        QCOMPARE(listed(), 1);
    }

private:
    static std::string withSum(std::string block)
    {
        block.replace(148, 8, "        ");
        unsigned sum = 0;
        for (const char c : block)
            sum += static_cast<unsigned char>(c);
        for (std::size_t i = 6; i-- > 0; sum >>= 3)
            block[148 + i] = static_cast<char>('0' + (sum & 7));
        block[154] = '\0';
        return block;
    }
    Result<Got> exported(const std::vector<std::string> &what,
                         v1::TransferFormat format = v1::TRANSFER_FORMAT_UNSPECIFIED)
    {
        v1::ExportRequest request;
        request.mutable_checkpoints()->Add(what.begin(), what.end());
        request.set_format(format);
        const Deadline deadline;
        Got out;
        bool toldFirst = false;
        const auto onHead = [&](const v1::ExportHead &) { toldFirst = out.bytes.empty(); };
        const auto sink = [&out](ByteView bytes) -> Result<> {
            out.bytes += textOf(bytes);
            return {};
        };
        const auto done = service::receiveExport(*m_stub, request, onHead, sink, deadline.stop());
        if (!done)
            return std::unexpected(done.error());
        if (!toldFirst)
            return fail(EPROTO, "test", "", "its head came late, or not at all");
        out.head = done->head;
        return out;
    }
    Result<v1::ImportReply> imported(const std::string &bytes)
    {
        v1::Actor actor;
        actor.set_program("test");
        const Deadline deadline;
        return service::sendImport(*m_stub, actor, sourceOf(viewOf(bytes)), deadline.stop());
    }
    /// By hand: what a client that is none of ours may send. @return why it is not taken.
    Result<v1::ImportReply> importedByHand(const std::vector<v1::ImportPart> &parts)
    {
        BoundedContext context(60s);
        v1::ImportReply reply;
        const auto writer = m_stub->Import(&context, &reply);
        for (const v1::ImportPart &part : parts) {
            if (!writer->Write(part))
                break;
        }
        writer->WritesDone();
        if (const grpc::Status status = writer->Finish(); !status.ok())
            return std::unexpected(service::errorFrom(status));
        return reply;
    }
    void remove(const std::string &id)
    {
        BoundedContext context;
        v1::RemoveCheckpointRequest request;
        request.set_checkpoint(id);
        v1::RemoveCheckpointReply reply;
        QVERIFY(v1::Checkpoint::NewStub(m_channel)->Remove(&context, request, &reply).ok());
    }
    int listed()
    {
        BoundedContext context;
        v1::ListCheckpointsReply reply;
        if (!v1::Checkpoint::NewStub(m_channel)->List(&context, {}, &reply).ok())
            return -1;
        return reply.checkpoints_size();
    }
    void cancel(std::uint64_t job)
    {
        BoundedContext context;
        v1::CancelJobRequest request;
        request.set_job_id(job);
        v1::CancelJobReply reply;
        QVERIFY(v1::Jobs::NewStub(m_channel)->Cancel(&context, request, &reply).ok());
    }
    std::vector<v1::Job> jobs()
    {
        BoundedContext context(20s);
        const auto stub = v1::Jobs::NewStub(m_channel);
        const auto reader = stub->Watch(&context, v1::WatchJobsRequest());
        v1::JobUpdate update;
        const bool read = reader->Read(&update);
        context.TryCancel();
        static_cast<void>(reader->Finish());
        return read ? std::vector<v1::Job>(update.jobs().begin(), update.jobs().end()) : std::vector<v1::Job>();
    }
    v1::Job jobOf(std::uint64_t id)
    {
        for (const v1::Job &job : jobs()) {
            if (job.id() == id)
                return job;
        }
        return {};
    }
    std::uint64_t lastJob(const std::string &verb)
    {
        std::uint64_t out = 0;
        for (const v1::Job &job : jobs())
            out = job.verb() == verb ? std::max<std::uint64_t>(out, job.id()) : out;
        return out;
    }

    std::unique_ptr<ServiceHost> m_host;
    std::shared_ptr<grpc::Channel> m_channel;
    std::unique_ptr<v1::Transfer::Stub> m_stub;
    std::string m_id;
};

QTEST_GUILESS_MAIN(TestServiceTransfer)
#include "tst_service_transfer.moc"
