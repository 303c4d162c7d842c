// SPDX-License-Identifier: GPL-3.0-or-later
// What podman's and Docker's sockets say, by recordings of them; and what becomes of sockets that hang, answer rubbish
// or die, by a server of our own that does so on demand.
#include <QtTest>

#include "engine/base/fd.h"
#include "engine/base/strings.h"
#include "engine/runtime/api_source.h"
#include "engine/runtime/http.h"
#include "engine/runtime/runtimes.h"
#include "engine/runtime/tool.h"
#include "tests/support/fake_runtime.h"

#include <QTemporaryDir>

#include <atomic>
#include <chrono>
#include <thread>

using namespace gantry;
using namespace gantry::runtime;
using namespace std::chrono_literals;
using test::FakeRuntime;
using test::within;

namespace {

const std::string kId = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const std::string kOther = "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210";

std::string recorded(const char *name)
{
    return *readFile(strCat(GANTRY_TEST_DATA "/runtimes/api/", name));
}

std::string listOf(const std::string &name, const std::string &state = "running")
{
    return strCat(R"([{"Id":")", kId, R"(","Names":[")", name, R"("],"State":")", state, R"(","Pid":4242}])");
}

std::string inspectOf(const std::string &name, const std::string &state = "running")
{
    return strCat(R"({"Id":")", kId, R"(","Name":")", name, R"(","State":{"Status":")", state, R"(","Pid":4242}})");
}

const std::string kPauseEvent = R"({"Type":"container","Action":"pause","Actor":{"ID":")" + kId + R"("}})";
const std::string kVersion = R"({"Version":"5.0"})";

/// A source whose answers are given.
class GivenSource final : public Source
{
public:
    GivenSource(Rank rank, std::optional<std::uint32_t> uid) : m_rank(rank), m_uid(uid) {}
    [[nodiscard]] std::string_view runtime() const override { return "given"; }
    [[nodiscard]] std::string endpoint() const override { return "here"; }
    [[nodiscard]] std::optional<std::uint32_t> userUid() const override { return m_uid; }
    [[nodiscard]] Rank rank() const override { return m_rank; }
    [[nodiscard]] Result<std::string> version(const Patience &) const override { return std::string(); }
    [[nodiscard]] Result<Listing> list(const Patience &) override { return Listing{}; }
    [[nodiscard]] Result<> waitForChange(const Patience &) override { return {}; }

private:
    const Rank m_rank;
    const std::optional<std::uint32_t> m_uid;
};

Listed listed(Source::Rank rank, Facts facts)
{
    return {std::make_shared<GivenSource>(rank, facts.userUid), {std::make_shared<const Facts>(std::move(facts))}};
}

} // namespace

class TestRuntimeApi : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { m_folder = std::make_unique<QTemporaryDir>(); }
    void cleanup() { m_folder.reset(); }

    void podmanList_tellsWhatPsTells()
    {
        const auto rows = parseApiList(Dialect::Podman, recorded("podman-list.json"));
        QVERIFY(rows);
        QCOMPARE(rows->size(), 3U);
        const auto web = std::ranges::find(*rows, "web", [](const ApiRow &row) { return row.facts.name; });
        QVERIFY(web != rows->end());
        QCOMPARE(web->facts.image, std::string("localhost/lab:latest"));
        QCOMPARE(web->facts.labels.at("app"), std::string("shop"));
        QCOMPARE(web->facts.ports, (std::vector<Port>{{"", 8080, 80, "tcp", 1}}));
        QVERIFY(web->facts.startedMicros > web->facts.createdMicros);
        const auto infra = std::ranges::find_if(*rows, [](const ApiRow &row) { return row.facts.infrastructure; });
        QVERIFY(infra != rows->end());
        QCOMPARE(infra->facts.podName, std::string("shop"));
    }

    void podmanInspect_tellsTheRest()
    {
        const auto web = parseApiInspect(Dialect::Podman, recorded("podman-inspect.json"));
        QVERIFY(web);
        QCOMPARE(web->name, std::string("web"));
        QCOMPARE(web->restartPolicy, std::string("no"));
        QCOMPARE(web->mounts, (std::vector<Mount>{{"bind", "/srv", "/data", true}}));
        QCOMPARE(web->addresses.size(), 1U);
        QCOMPARE(web->addresses.front().network, std::string("podman"));
        QVERIFY(web->addresses.front().address.starts_with("10.88."));
        QCOMPARE(web->ociRuntime, std::string("crun"));
        QVERIFY(web->cgroupPath.starts_with("/machine.slice/libpod-"));
        QCOMPARE(web->ports, (std::vector<Port>{{"", 8080, 80, "tcp", 1}}));
    }

    void dockerList_andInspect_agree()
    {
        const auto rows = parseApiList(Dialect::Docker, recorded("docker-list.json"));
        QVERIFY(rows);
        QCOMPARE(rows->size(), 3U);
        const auto inspect = parseApiInspect(Dialect::Docker, recorded("docker-inspect.json"));
        QVERIFY(inspect);
        const auto row = std::ranges::find(*rows, "dweb", [](const ApiRow &each) { return each.facts.name; });
        QVERIFY(row != rows->end());
        QCOMPARE(inspect->id, row->facts.id);
        QCOMPARE(inspect->name, std::string("dweb"));
        QCOMPARE(inspect->image, row->facts.image);
        QCOMPARE(inspect->state, State::Running);
        QCOMPARE(inspect->health, std::string("healthy"));
        QCOMPARE(inspect->restartPolicy, std::string("unless-stopped"));
        QCOMPARE(inspect->ociRuntime, std::string("runc"));
        QVERIFY(inspect->initPid > 0);
        QVERIFY(std::ranges::find(inspect->ports, Port{"", 9090, 80, "tcp", 1}) != inspect->ports.end());
        const auto exited = std::ranges::find(*rows, "dexit", [](const ApiRow &each) { return each.facts.name; });
        QCOMPARE(exited->facts.state, State::Exited);
        QCOMPARE(exited->facts.verbs, (std::vector<Verb>{Verb::Start, Verb::Remove, Verb::Log}));
    }

    void rubbish_isRefused_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("cut") << QByteArray("[{\"Id\":\"ab");
        QTest::newRow("not UTF-8") << QByteArray("[{\"Id\":\"\xff\xfe\"}]");
        QTest::newRow("another type") << QByteArray("\"containers\"");
        QTest::newRow("deep") << QByteArray(100000, '[');
        QTest::newRow("number") << QByteArray("1e999999");
    }
    void rubbish_isRefused()
    {
        QFETCH(QByteArray, text);
        const auto list = parseApiList(Dialect::Podman, text.toStdString());
        QVERIFY(!list);
        QCOMPARE(list.error().posix(), EBADMSG);
        QVERIFY(!parseApiInspect(Dialect::Docker, text.toStdString()));
    }

    void wrongTypes_areNotTold()
    {
        const auto rows = parseApiList(
            Dialect::Podman, strCat(R"([{"Id":")", kId,
                                    R"(","Names":7,"Pid":-9,"Labels":["x"],"State":{},"Created":-62135596800,
                                    "Ports":[{"host_port":99999999999,"container_port":"a"}],"IsInfra":"yes"},
                                    {"Names":["without an id"]}, 5])"));
        QVERIFY(rows);
        QCOMPARE(rows->size(), 1U);
        const Facts &facts = rows->front().facts;
        QCOMPARE(facts.name, std::string());
        QCOMPARE(facts.initPid, 0);
        QCOMPARE(facts.state, State::Unknown);
        QCOMPARE(facts.createdMicros, 0);
        QVERIFY(facts.labels.empty() && facts.ports.empty() && !facts.infrastructure);
    }

    void times_areRead_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<qint64>("micros");
        QTest::newRow("UTC") << QByteArray("1970-01-01T00:00:01Z") << qint64(1'000'000);
        QTest::newRow("nanoseconds") << QByteArray("2026-11-26T11:24:43.522150123Z") << qint64(1'795'692'283'522'150);
        QTest::newRow("offset") << QByteArray("2026-11-26T13:24:43.5+02:00") << qint64(1'795'692'283'500'000);
        QTest::newRow("west") << QByteArray("2026-11-26T06:24:43-05:00") << qint64(1'795'692'283'000'000);
        QTest::newRow("never") << QByteArray("0001-01-01T00:00:00Z") << qint64(0);
        QTest::newRow("no offset") << QByteArray("2026-11-26T06:24:43") << qint64(0);
        QTest::newRow("no such day") << QByteArray("2026-02-30T06:24:43Z") << qint64(0);
        QTest::newRow("sign") << QByteArray("-026-02-03T06:24:43Z") << qint64(0);
        QTest::newRow("empty") << QByteArray() << qint64(0);
    }
    void times_areRead()
    {
        QFETCH(QByteArray, text);
        QFETCH(qint64, micros);
        QCOMPARE(microsOfTime(text.toStdString()), micros);
    }

    void events_thatChangeNothing_areIgnored_data()
    {
        QTest::addColumn<QByteArray>("line");
        QTest::addColumn<bool>("matters");
        QTest::addColumn<bool>("ofContainer");
        const QByteArray id = QByteArray::fromStdString(kId);
        const auto row = [&](const char *type, const char *action) {
            return QByteArray("{\"Type\":\"") + type + "\",\"Action\":\"" + action + "\",\"Actor\":{\"ID\":\"" + id +
                   "\"}}";
        };
        QTest::newRow("start") << row("container", "start") << true << true;
        QTest::newRow("update") << row("container", "update") << true << true;
        QTest::newRow("health") << row("container", "health_status: unhealthy") << true << true;
        QTest::newRow("exec of a health check") << row("container", "exec_create: /bin/sh -c true") << false << true;
        QTest::newRow("pod") << row("pod", "create") << true << false;
        QTest::newRow("image") << row("image", "pull") << false << false;
        QTest::newRow("cannot be read") << QByteArray("{\"Type\":") << true << false;
    }
    void events_thatChangeNothing_areIgnored()
    {
        QFETCH(QByteArray, line);
        QFETCH(bool, matters);
        QFETCH(bool, ofContainer);
        const ApiEvent event = parseApiEvent(line.toStdString());
        QCOMPARE(event.matters, matters);
        QCOMPARE(event.container == kId, ofContainer);
    }

    void limits_becomeTheApisWords()
    {
        const std::vector<std::pair<LimitKey, LimitValue>> limits{
            {LimitKey::MemoryMax, std::uint64_t{104'857'600}},
            {LimitKey::CpuMax, CpuMax{Micros(50'000), Micros(0)}},
            {LimitKey::PidsMax, Unlimited{}},
            {LimitKey::CpusetCpus, std::string("0-1")}};
        QCOMPARE(*updateBody(Dialect::Docker, limits),
                 std::string(R"({"CpuQuota":50000,"CpusetCpus":"0-1","Memory":104857600,"PidsLimit":-1})"));
        QCOMPARE(*updateBody(Dialect::Podman, limits),
                 std::string(R"({"cpu":{"cpus":"0-1","period":100000,"quota":50000},"memory":{"limit":104857600},)"
                             R"("pids":{"limit":-1}})"));
        // Docker takes 0 for "as it is" and has no word for "max".
        const std::vector<std::pair<LimitKey, LimitValue>> unlimited{{LimitKey::MemoryMax, Unlimited{}}};
        const auto refused = updateBody(Dialect::Docker, unlimited);
        QVERIFY(!refused);
        QCOMPARE(refused.error().posix(), ENOTSUP);
        QVERIFY(updateBody(Dialect::Podman, unlimited));
        const std::vector<std::pair<LimitKey, LimitValue>> first{{LimitKey::MemoryMax, std::uint64_t{4096}}};
        QCOMPARE(*updateBody(Dialect::Docker, first, true), std::string(R"({"Memory":4096,"MemorySwap":-1})"));
        // What has an option of the tool has a word of the API.
        for (const LimitInfo &info : limitTable()) {
            const LimitValue value = info.key == LimitKey::CpuMax ? LimitValue(CpuMax{}) : LimitValue(std::string("0"));
            const bool text = info.key == LimitKey::CpusetCpus || info.key == LimitKey::CpusetMems;
            const std::vector<std::pair<LimitKey, LimitValue>> one{
                {info.key, info.key == LimitKey::CpuMax || text ? value : LimitValue(std::uint64_t{4096})}};
            QCOMPARE(updateBody(Dialect::Podman, one).has_value(), hasLimitOption(info.key));
            QCOMPARE(updateBody(Dialect::Docker, one).has_value(), hasLimitOption(info.key));
        }
    }

    void commands_canBePasted()
    {
        const auto source = makeApiSource(Dialect::Podman, "/none", 1000);
        Facts facts;
        facts.name = "web; rm -rf /";
        QCOMPARE(source->command(facts, Verb::Remove), std::string("sudo -u '#1000' podman rm 'web; rm -rf /'"));
        facts.name = "web";
        const std::vector<std::pair<LimitKey, LimitValue>> limit{{LimitKey::PidsMax, std::uint64_t{7}}};
        QCOMPARE(source->updateCommand(facts, limit), std::string("sudo -u '#1000' podman update --pids-limit=7 web"));
    }

    void log_isTakenApart()
    {
        const std::vector<LogLine> lines = parseApiLog(recorded("podman-log.raw"), true);
        QCOMPARE(lines.size(), 6U);
        QCOMPARE(lines[0].text, std::string("hello"));
        QVERIFY(!lines[0].errorStream);
        QCOMPARE(lines[0].realtimeMicros, microsOfTime("2026-11-26T11:24:52Z"));
        QCOMPARE(lines[1].text, std::string("err"));
        QVERIFY(lines[1].errorStream);
        // With a terminal: no heads; a line may begin without a time, and a head may promise more than there is.
        const std::vector<LogLine> plain = parseApiLog("2026-11-26T11:24:52Z a b\r\nno time here\n", false);
        QCOMPARE(plain.size(), 2U);
        QCOMPARE(plain[0].text, std::string("a b"));
        QCOMPARE(plain[1].text, std::string("no time here"));
        QCOMPARE(parseApiLog(std::string("\1\0\0\0\xff\xff\xff\xffxy", 10), true).size(), 1U);
        QVERIFY(parseApiLog(std::string("\1\0\0", 3), true).empty());
    }

    void socket_thatFails_saysHow()
    {
        const std::string path = socketPath("a.sock");
        HttpClient nobody(path);
        QCOMPARE(nobody.get("/x", within(2s)).error().posix(), ENOENT);
        FakeRuntime server(path);
        server.answer("/rubbish", "!\x16\x03\x01 this is no HTTP\r\n\r\n");
        server.answer("/cut", "!HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n[{CUT");
        server.answer("/broken", R"({"message":"it broke","cause":"because"})", 500);
        HttpClient client(path);
        QCOMPARE(client.get("/rubbish", within(2s)).error().posix(), EBADMSG);
        QCOMPARE(client.get("/cut", within(2s)).error().posix(), ECONNRESET);
        const auto broken = client.get("/broken", within(2s));
        QVERIFY(broken);
        QCOMPARE(broken->status, 500L);
        QCOMPARE(apiMessage(broken->body), std::string("it broke (because)"));
        QCOMPARE(client.get("/missing", within(2s))->status, 404L);
        server.close();
        QCOMPARE(client.get("/x", within(2s)).error().posix(), ECONNREFUSED);
    }

    void socket_thatHangs_isLeft()
    {
        FakeRuntime server(socketPath("a.sock"));
        server.hang(true);
        HttpClient client(server.path());
        const auto begun = Clock::now();
        QCOMPARE(client.get("/x", within(200ms)).error().posix(), ETIMEDOUT);
        std::stop_source stop;
        const std::jthread stopper([&stop] {
            std::this_thread::sleep_for(100ms);
            stop.request_stop();
        });
        QCOMPARE(client.get("/x", within(20s, stop.get_token())).error().posix(), ECANCELED);
        QVERIFY(Clock::now() - begun < 10s);
    }

    void runtimes_followEvents_andKeepWhatTheyKnewOfADeadOne()
    {
        FakeRuntime server(socketPath("a.sock"));
        server.answer("/containers/json", listOf("web"));
        server.answer(strCat("/containers/", kId, "/json"), inspectOf("web"));
        server.answer("/version", kVersion);
        FakeRuntime other(socketPath("b.sock"));
        other.hang(true); // holds up nobody
        std::atomic<int> changes = 0;
        const Runtimes runtimes({.root = {},
                                 .finders = {[&](const HostTree &) {
                                     return std::vector<Candidate>{candidate(server.path()), candidate(other.path())};
                                 }},
                                 .lookInterval = 50ms,
                                 .listPatience = 500ms},
                                [&changes] { ++changes; });
        const auto facts = [&runtimes]() -> FactsPtr {
            const TablePtr table = runtimes.table();
            const Known *known = table->find("", kId, 0);
            return known != nullptr ? known->facts : nullptr;
        };
        QTRY_VERIFY(facts() != nullptr);
        QCOMPARE(facts()->name, std::string("web"));
        QTRY_COMPARE(server.listeners(), 1U);

        server.answer("/containers/json", listOf("renamed", "paused"));
        server.answer(strCat("/containers/", kId, "/json"), inspectOf("renamed", "paused"));
        server.tell(kPauseEvent);
        QTRY_COMPARE(facts()->name, std::string("renamed"));
        QCOMPARE(facts()->state, State::Paused);
        QCOMPARE(facts()->problem, std::string());

        server.close();
        QTRY_VERIFY(!facts()->problem.empty());
        QCOMPARE(facts()->name, std::string("renamed"));
        QTRY_VERIFY(std::ranges::any_of(runtimes.status(), [&](const SourceStatus &status) {
            return status.endpoint == other.path() && status.problem.find("no answer in time") != std::string::npos;
        }));

        server.answer("/containers/json", "[]");
        server.open();
        QTRY_VERIFY_WITH_TIMEOUT(facts() == nullptr, 10'000);
        QTRY_VERIFY(std::ranges::any_of(runtimes.status(), [&](const SourceStatus &status) {
            return status.endpoint == server.path() && status.problem.empty() && status.version == "5.0";
        }));
        QVERIFY(changes > 3);
    }

    void runtimes_thatAnswerRubbish_areNamed()
    {
        FakeRuntime server(socketPath("a.sock"));
        server.answer("/containers/json", "{\"no\": \"list\"}");
        const Runtimes runtimes({.root = {},
                                 .finders = {[&](const HostTree &) {
                                     return std::vector<Candidate>{candidate(server.path())};
                                 }},
                                 .lookInterval = 50ms,
                                 .listPatience = 500ms},
                                [] {});
        runtimes.waitForFirst(5s);
        QCOMPARE(runtimes.status().size(), 1U);
        QVERIFY(!runtimes.status().front().problem.empty());
        QVERIFY(runtimes.table()->all().empty());
    }

    void runtime_thatGoesAway_leavesNothing()
    {
        FakeRuntime server(socketPath("a.sock"));
        server.answer("/containers/json", listOf("web"));
        server.answer(strCat("/containers/", kId, "/json"), inspectOf("web"));
        std::atomic<bool> there = true;
        const Runtimes runtimes({.root = {},
                                 .finders = {[&](const HostTree &) {
                                     return there ? std::vector<Candidate>{candidate(server.path())}
                                                  : std::vector<Candidate>();
                                 }},
                                 .lookInterval = 50ms,
                                 .listPatience = 500ms},
                                [] {});
        runtimes.waitForFirst(5s);
        QCOMPARE(runtimes.table()->all().size(), 1U);
        there = false;
        QTRY_VERIFY(runtimes.table()->all().empty());
        QVERIFY(runtimes.status().empty());
    }

    void table_believesTheHigher_andFillsGaps()
    {
        Facts api{.runtime = "podman", .id = kId, .name = "web", .state = State::Running, .initPid = 7};
        Facts oci{.runtime = "crun", .id = kId, .name = "zzz", .ociRuntime = "crun", .rootFolder = "/b"};
        Facts byInit{.runtime = "containerd", .id = "x", .imageId = "i", .initPid = 7};
        const Table table({listed(Source::Rank::OciState, oci), listed(Source::Rank::Files, byInit),
                           listed(Source::Rank::Api, api)});
        QCOMPARE(table.all().size(), 1U);
        const Known &known = table.all().front();
        QCOMPARE(known.facts->name, std::string("web"));
        QCOMPARE(known.facts->runtime, std::string("podman"));
        QCOMPARE(known.facts->rootFolder, std::string("/b"));
        QCOMPARE(known.facts->imageId, std::string("i"));
        QCOMPARE(known.owner->rank(), Source::Rank::Api);
        QCOMPARE(table.again(*known.facts), &known);
    }

    void user_claimsOnlyCgroupsOfItsOwn()
    {
        Facts mine{.runtime = "podman", .id = kId, .name = "mine", .userUid = 1000, .initPid = 7};
        Facts theirs{.runtime = "podman", .id = kOther, .name = "theirs", .initPid = 8};
        const Table table({listed(Source::Rank::Api, mine), listed(Source::Rank::Api, theirs)});
        const std::string own = "/user.slice/user-1000.slice/user@1000.service/user.slice/x.scope";
        QVERIFY(table.find(own, kId, 0) != nullptr);
        QVERIFY(table.find("/machine.slice/x.scope", kId, 0) == nullptr);
        QVERIFY(table.find("/machine.slice/x.scope", "", 7) == nullptr);
        QVERIFY(table.find("/user.slice/user-10001.slice/x", kId, 7) == nullptr);
        QVERIFY(table.find("/machine.slice/x.scope", "", 8) != nullptr);
        // A user says that a container of the system is its own: both stand, the system's is found.
        Facts false_{.runtime = "podman", .id = kOther, .name = "false", .userUid = 1000, .initPid = 8};
        const Table claimed({listed(Source::Rank::Api, false_), listed(Source::Rank::Files, theirs)});
        QCOMPARE(claimed.find("/machine.slice/x.scope", kOther, 8)->facts->name, std::string("theirs"));
    }

private:
    [[nodiscard]] std::string socketPath(const char *name) const
    {
        return m_folder->filePath(QString::fromUtf8(name)).toStdString();
    }
    static Candidate candidate(const std::string &socket)
    {
        return {socket, [socket] { return makeApiSource(Dialect::Podman, socket, std::nullopt); }};
    }
    std::unique_ptr<QTemporaryDir> m_folder;
};

QTEST_GUILESS_MAIN(TestRuntimeApi)
#include "tst_runtime_api.moc"
