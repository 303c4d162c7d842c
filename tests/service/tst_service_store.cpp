// SPDX-License-Identifier: GPL-3.0-or-later
// The passphrase of the store over the real service: locked, unlocked, guessed at, and by whom.
#include <QtTest>

#include "engine/base/strings.h"
#include "engine/service/attempts.h"
#include "engine/service/checkpoint_store.h"
#include "engine/service/status.h"
#include "gantry/v1/checkpoint.grpc.pb.h"
#include "tests/service/service_host.h"
#include "tests/support/repository_fixture.h"
#include "tests/support/verify.h"

#include <ctime>
#include <filesystem>
#include <fstream>
#include <functional>
#include <future>
#include <thread>

#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

using namespace gantry;
using namespace gantry::repository;
using gantry::test::BoundedContext;
using gantry::test::manifestNamed;
using gantry::test::noise;
using gantry::test::ServiceHost;
using namespace std::chrono_literals;

namespace {

constexpr const char *kWords = "correct horse";
/// Argon2id beside a busy machine.
constexpr std::chrono::seconds kPatience{60};

/// CPU time of this thread that an attempt takes, in ns; what else runs on the machine does not count.
std::int64_t cpuOf(const std::function<void()> &attempt)
{
    const auto now = [] {
        timespec used{};
        ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
        return std::int64_t{used.tv_sec} * 1'000'000'000 + used.tv_nsec;
    };
    const std::int64_t before = now();
    attempt();
    return now() - before;
}

/// A file that only its owner may read.
void putSecret(const std::string &file, const std::string &text)
{
    std::ofstream(file) << text;
    QCOMPARE(::chmod(file.c_str(), 0600), 0);
}

/// An engine whose store has a key, and one checkpoint named "secret" which this engine has not made.
struct Locked
{
    ServiceHost host;
    std::unique_ptr<v1::Checkpoint::Stub> stub;

    Locked() : stub(v1::Checkpoint::NewStub(host.channel(true))) { make(Passphrase{kWords}); }
    [[nodiscard]] std::string path() const { return host.statePath(QStringLiteral("repository")).toStdString(); }
    void make(const Key &key) const
    {
        StoreOptions options;
        options.key = key;
        auto store = Store::create(path(), std::move(options));
        const auto id = store ? test::save(*store, {{"pages-1.img", {StreamKind::Pages, noise(1, 40'960)}}},
                                           manifestNamed("secret"))
                              : std::unexpected(store.error());
        if (!id)
            qFatal("%s", id.error().message().c_str());
    }

    template <class Request, class Reply>
    [[nodiscard]] Result<Reply> call(grpc::Status (v1::Checkpoint::Stub::*method)(grpc::ClientContext *,
                                                                                  const Request &, Reply *),
                                     const Request &request) const
    {
        BoundedContext context(kPatience);
        Reply reply;
        if (const grpc::Status status = ((*stub).*method)(&context, request, &reply); !status.ok())
            return std::unexpected(service::errorFrom(status));
        return reply;
    }
    [[nodiscard]] Result<v1::UnlockStoreReply> unlock(const std::string &words) const
    {
        v1::UnlockStoreRequest request;
        request.set_passphrase(words);
        request.mutable_actor()->set_program("tester");
        request.mutable_actor()->set_user("ann");
        return call(&v1::Checkpoint::Stub::UnlockStore, request);
    }
    [[nodiscard]] Result<v1::StoreStateReply> state() const
    {
        return call(&v1::Checkpoint::Stub::StoreState, v1::StoreStateRequest());
    }
    /// How many checkpoints it tells of.
    [[nodiscard]] Result<int> listed() const
    {
        return GANTRY_TRY(call(&v1::Checkpoint::Stub::List, v1::ListCheckpointsRequest())).checkpoints_size();
    }
    [[nodiscard]] Result<v1::UpdateCheckpointReply> rename(const std::string &from, const std::string &to) const
    {
        v1::UpdateCheckpointRequest request;
        request.set_checkpoint(from);
        request.set_name(to);
        return call(&v1::Checkpoint::Stub::Update, request);
    }
    [[nodiscard]] QByteArray audited() const
    {
        QFile file(host.statePath(QStringLiteral("audit.log")));
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }
};

} // namespace

class TestServiceStore : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        qunsetenv("GANTRY_KEY_FILE");
        qunsetenv("GANTRY_PASSPHRASE_FILE");
    }

    void noStoreYet_isTold()
    {
        const Locked one;
        QVERIFY(QDir(QString::fromStdString(one.path())).removeRecursively());
        const auto state = one.state();
        GANTRY_VERIFY(state);
        QVERIFY(!state->exists() && !state->locked());
        QCOMPARE(state->key(), v1::StoreStateReply::KEY_NONE);
        QCOMPARE(state->path(), one.path());
        QCOMPARE(one.unlock(kWords).error().posix(), ENOENT);
        QVERIFY(!QFile::exists(QString::fromStdString(one.path())));
    }

    void locked_isRefusedByName_untilUnlocked()
    {
        const Locked one;
        auto state = one.state();
        GANTRY_VERIFY(state);
        QVERIFY(state->exists() && state->locked());
        QCOMPARE(state->key(), v1::StoreStateReply::KEY_PASSPHRASE);
        const auto refused = one.listed();
        QCOMPARE(refused.error().posix(), ENOKEY);
        QCOMPARE(refused.error().subject, one.path());
        QVERIFY2(refused.error().detail.contains("needs its passphrase"), refused.error().detail.c_str());
        QCOMPARE(one.rename("secret", "told").error().posix(), ENOKEY);

        const auto wrong = one.unlock("wrong horse");
        QCOMPARE(wrong.error().posix(), EACCES);
        QCOMPARE(one.listed().error().posix(), ENOKEY);
        QVERIFY(one.state()->locked());

        const auto right = one.unlock(kWords);
        GANTRY_VERIFY(right);
        QCOMPARE(right->not_recorded(), std::string());
        state = one.state();
        QVERIFY(state->exists() && !state->locked());
        QCOMPARE(state->key(), v1::StoreStateReply::KEY_PASSPHRASE);
        QCOMPARE(one.listed().value_or(-1), 1);
        GANTRY_VERIFY(one.rename("secret", "told")); // writes
        QCOMPARE(one.listed().value_or(-1), 1);
        // The right one is still asked for where somebody gives one.
        QCOMPARE(one.unlock("wrong horse").error().posix(), EACCES);
        QCOMPARE(one.listed().value_or(-1), 1);

        QVERIFY(one.host.hasAudited("\"verb\":\"unlockStore\",\"target\":\"" + QByteArray::fromStdString(one.path())));
        const QByteArray log = one.audited();
        if (!QFile::exists(QStringLiteral("/run/systemd/journal/socket"))) {
            QCOMPARE(log.count("\"verb\":\"unlockStore\""), 3);
            QVERIFY2(log.contains("tester") && log.contains("ann"), log.constData());
            QVERIFY2(log.contains("not the repository's passphrase"), log.constData());
        }
        QVERIFY(!log.contains("horse"));
    }

    void another_inItsPlace_isLockedAgain()
    {
        const Locked one;
        GANTRY_VERIFY(one.unlock(kWords));
        QCOMPARE(one.listed().value_or(-1), 1);
        QVERIFY(QDir(QString::fromStdString(one.path())).removeRecursively());
        one.make(Passphrase{"another"});
        QCOMPARE(one.listed().error().posix(), ENOKEY);
        QVERIFY(one.state()->locked());
        QCOMPARE(one.unlock(kWords).error().posix(), EACCES);
        GANTRY_VERIFY(one.unlock("another"));
        QCOMPARE(one.listed().value_or(-1), 1);
        // One in clear needs nothing.
        QVERIFY(QDir(QString::fromStdString(one.path())).removeRecursively());
        one.make(NoKey{});
        QCOMPARE(one.listed().value_or(-1), 1);
        QCOMPARE(one.state()->key(), v1::StoreStateReply::KEY_NONE);
    }

    void whatIsNoPassphrase_isRefused()
    {
        const Locked one;
        QCOMPARE(one.unlock("").error().posix(), EINVAL);
        QCOMPARE(one.unlock(std::string(4'097, 'x')).error().posix(), EINVAL);
        QVERIFY(one.state()->locked());

        QFile key(one.host.statePath(QStringLiteral("key")));
        QVERIFY(key.open(QIODevice::WriteOnly) && key.write(QByteArray(32, 'k')) == 32);
        key.close();
        QVERIFY(QDir(QString::fromStdString(one.path())).removeRecursively());
        one.make(KeyFile{key.fileName().toStdString()});
        const auto state = one.state();
        GANTRY_VERIFY(state);
        QCOMPARE(state->key(), v1::StoreStateReply::KEY_FILE);
        QVERIFY(state->locked() && state->key_file().empty()); // nobody has said where it is
        QCOMPARE(one.unlock(kWords).error().posix(), EINVAL);
    }

    void madeHere_isOpen_andAskedForAfterwards()
    {
        const Locked one;
        QVERIFY(QDir(QString::fromStdString(one.path())).removeRecursively());
        v1::InitStoreRequest request;
        request.set_passphrase(kWords);
        GANTRY_VERIFY(one.call(&v1::Checkpoint::Stub::InitStore, request));
        QVERIFY(!one.state()->locked());
        QCOMPARE(one.listed().value_or(-1), 0);
        // Another engine knows nothing of it.
        service::Engine::Options options;
        options.stateFolder = QFileInfo(QString::fromStdString(one.path())).path().toStdString();
        options.schedules = options.alerts = options.criu = false;
        auto engine = service::Engine::start(std::move(options));
        GANTRY_VERIFY(engine);
        {
            const auto stub = v1::Checkpoint::NewStub((*engine)->inProcessChannel());
            BoundedContext context(kPatience);
            v1::StoreStateReply state;
            QVERIFY(stub->StoreState(&context, v1::StoreStateRequest(), &state).ok());
            QVERIFY(state.locked());
        }
    }

    void tooManyWrongOnes_areNotLookedAt()
    {
        const Locked one;
        for (std::size_t i = 0; i < service::Attempts::kMost; ++i)
            QCOMPARE(one.unlock(strCat("guess ", i)).error().posix(), EACCES);
        const auto more = one.unlock(kWords);
        QCOMPARE(more.error().posix(), EAGAIN);
        QVERIFY2(more.error().remedy.starts_with("try again in "), more.error().remedy.c_str());
        QVERIFY(one.state()->locked());
        QCOMPARE(one.listed().error().posix(), ENOKEY);
    }

    void attempts_areForgottenAfterAMinute()
    {
        service::Attempts attempts;
        const service::Attempts::Time start{};
        for (int i = 0; i < 5; ++i) {
            GANTRY_VERIFY(attempts.mayTry(start + 1s * i, "unlock", "store"));
            attempts.noteWrong(start + 1s * i);
        }
        const auto refused = attempts.mayTry(start + 10s, "unlock", "store");
        QCOMPARE(refused.error().posix(), EAGAIN);
        QCOMPARE(refused.error().remedy, std::string("try again in 50 s"));
        QVERIFY(!attempts.mayTry(start + 59s, "unlock", "store"));
        // One more as each of them grows old.
        GANTRY_VERIFY(attempts.mayTry(start + 60s, "unlock", "store"));
        attempts.noteWrong(start + 60s);
        QVERIFY(!attempts.mayTry(start + 60s, "unlock", "store"));
        GANTRY_VERIFY(attempts.mayTry(start + 61s, "unlock", "store"));
        attempts.noteRight();
        GANTRY_VERIFY(attempts.mayTry(start + 61s, "unlock", "store"));
    }

    void wrongFile_isNotTriedAgain_untilItChanges()
    {
        const QTemporaryDir folder;
        const std::string state = folder.path().toStdString();
        const std::string file = state + "/words";
        service::CheckpointStore store(state, {.keyFile = {}, .passphraseFile = file, .ask = {}});
        putSecret(file, "wrong\n");
        const auto make = [&](const char *words) {
            std::filesystem::remove_all(store.path());
            StoreOptions options;
            options.key = Passphrase{words};
            GANTRY_VERIFY(Store::create(store.path(), std::move(options)));
        };
        make(kWords);
        QVERIFY(!store.facts()->isLocked); // as far as it is known
        Result<service::CheckpointStore::StorePtr> opened;
        const auto open = [&] { opened = store.forReading(); };
        const std::int64_t first = cpuOf(open);
        QCOMPARE(opened.error().posix(), EACCES);
        const Error refused = opened.error();
        QVERIFY(store.facts()->isLocked);
        for (int i = 0; i < 3; ++i) {
            const std::int64_t again = cpuOf(open);
            QVERIFY2(again < first / 4, strCat(again, " ns after ", first).c_str());
            QCOMPARE(opened.error().message(), refused.message());
        }
        // Another one of the same length, wrong as well: it is tried, once.
        putSecret(file, "wrung\n");
        QVERIFY(!store.facts()->isLocked);
        QVERIFY(cpuOf(open) > first / 4);
        QCOMPARE(opened.error().posix(), EACCES);
        QVERIFY(cpuOf(open) < first / 4);
        // Another store in its place, which it opens.
        make("wrung");
        open();
        GANTRY_VERIFY(opened);
        QVERIFY(!store.facts()->isLocked);
        opened = nullptr;
        // What others may read is refused, whether it would open it or not, until that is mended.
        make(kWords);
        putSecret(file, strCat(kWords, "\n"));
        QCOMPARE(::chmod(file.c_str(), 0644), 0);
        open();
        QCOMPARE(opened.error().posix(), EPERM);
        QVERIFY(store.facts()->isLocked);
        QCOMPARE(::chmod(file.c_str(), 0600), 0);
        QVERIFY(!store.facts()->isLocked);
        open();
        GANTRY_VERIFY(opened);
    }

    void severalAtOnce_oneIsTried()
    {
        const Locked one;
        std::vector<std::future<Result<v1::UnlockStoreReply>>> all;
        for (int i = 0; i < 6; ++i)
            all.push_back(std::async(std::launch::async, [&one] { return one.unlock(kWords); }));
        int unlocked = 0;
        for (auto &each : all) {
            const auto result = each.get();
            unlocked += result ? 1 : 0;
            QVERIFY2(result || result.error().posix() == EBUSY, test::why(result).c_str());
        }
        QVERIFY(unlocked >= 1);
        QCOMPARE(one.listed().value_or(-1), 1);
    }

    void whoMayOnlyLook_isRefused()
    {
        const QTemporaryDir folder;
        QVERIFY(QFile::setPermissions(folder.path(), QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner |
                                                         QFile::ReadOther | QFile::ExeOther));
        StoreOptions made;
        made.key = Passphrase{kWords};
        GANTRY_VERIFY(Store::create(folder.filePath(QStringLiteral("repository")).toStdString(), std::move(made)));
        std::promise<Result<v1::UnlockStoreReply>> answer;
        // The system call itself changes one thread only, and those that it starts.
        std::jthread user([&] {
            if (::syscall(SYS_setresgid, 65534, 65534, 65534) != 0 ||
                ::syscall(SYS_setresuid, 65534, 65534, 65534) != 0) {
                answer.set_value(failErrno("setresuid", "65534"));
                return;
            }
            service::Engine::Options options;
            options.stateFolder = folder.path().toStdString();
            options.schedules = options.alerts = options.criu = false;
            auto engine = service::Engine::start(std::move(options));
            if (!engine) {
                answer.set_value(std::unexpected(engine.error()));
                return;
            }
            const auto stub = v1::Checkpoint::NewStub((*engine)->inProcessChannel());
            BoundedContext context(kPatience);
            v1::UnlockStoreRequest request;
            request.set_passphrase(kWords);
            v1::UnlockStoreReply reply;
            const grpc::Status status = stub->UnlockStore(&context, request, &reply);
            answer.set_value(status.ok() ? Result<v1::UnlockStoreReply>(reply)
                                         : std::unexpected(service::errorFrom(status)));
        });
        const auto refused = answer.get_future().get();
        user.join();
        QVERIFY(!refused);
        QCOMPARE(refused.error().posix(), EPERM);
        QVERIFY2(refused.error().op == "unlock" && refused.error().detail.starts_with("missing: "),
                 test::why(refused).c_str());
    }
};

QTEST_GUILESS_MAIN(TestServiceStore)
#include "tst_service_store.moc"
