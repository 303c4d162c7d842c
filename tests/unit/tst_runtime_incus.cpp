// SPDX-License-Identifier: GPL-3.0-or-later
// What Incus says, by recordings of it; what LXD says differently, by hand; and what becomes of a daemon that hangs,
// answers rubbish or dies in the middle, by a server of our own that does so on demand.
#include <QtTest>

#include "engine/base/fd.h"
#include "engine/base/strings.h"
#include "engine/runtime/files.h"
#include "engine/runtime/incus_source.h"
#include "engine/runtime/runtimes.h"
#include "tests/support/fake_runtime.h"
#include "tests/support/websocket_frames.h"

#include <QTemporaryDir>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>

using namespace gantry;
using namespace gantry::runtime;
using namespace std::chrono_literals;
using test::acceptedWebSocket;
using test::FakeRequest;
using test::FakeRuntime;
using test::kPingFrame;
using test::kTextFrame;
using test::webSocketFrame;
using test::within;

namespace {

using Limits = std::vector<std::pair<LimitKey, LimitValue>>;

std::string recorded(const char *name)
{
    return *readFile(strCat(GANTRY_TEST_DATA "/runtimes/incus/", name));
}

std::string lifecycle(const std::string &action, const std::string &name = "web")
{
    return strCat(R"({"type":"lifecycle","project":"default","metadata":{"action":")", action, R"(","name":")", name,
                  R"("}})");
}

std::string answerOf(const std::string &metadata)
{
    return strCat(R"({"type":"sync","status_code":200,"operation":"","metadata":)", metadata, "}");
}

std::string instanceOf(const std::string &status, const std::string &id = "uuid-1")
{
    return strCat(R"({"name":"web","project":"default","type":"container","status":")", status,
                  R"(","last_used_at":"2026-11-26T15:00:00Z","expanded_config":{"volatile.uuid":")", id,
                  R"(","limits.cpu.allowance":"20ms/50ms"}})");
}

std::string listOf(const std::string &status)
{
    return answerOf(strCat("[", instanceOf(status), "]"));
}

const std::string kState = answerOf(R"({"pid":4242,"started_at":"2026-11-26T15:00:01Z","network":null})");
const std::string kOperation = R"({"type":"async","status_code":100,"operation":"/1.0/operations/op-1","metadata":{}})";
const std::string kDone = answerOf(R"({"status_code":200,"err":""})");

std::string failure(const std::string &words)
{
    return strCat(R"({"type":"error","error_code":500,"error":")", words, R"("})");
}

Facts web(const std::string &id = "uuid-1")
{
    return {.runtime = "incus", .id = id, .name = "web", .state = State::Running};
}

/// As if the first process were in the payload of "web".
std::optional<ProcessFacts> lookAtWeb(std::int32_t pid)
{
    if (pid != 4242)
        return std::nullopt;
    ProcessFacts out;
    out.parentPid = 4200;
    out.startedMicros = microsOfTime("2026-11-26T15:00:00.5Z");
    out.cgroupPath = "/lxc.payload.web/init.scope";
    return out;
}

} // namespace

class TestRuntimeIncus : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_runs = true;
    }
    void cleanup() { m_folder.reset(); }

    void list_tellsWhatIncusListTells()
    {
        const auto rows = parseIncusList(IncusKind::Incus, recorded("list.json"));
        QVERIFY(rows && rows->size() == 2);
        const auto named = [&rows](std::string_view name) {
            return *std::ranges::find_if(*rows, [name](const IncusRow &row) { return row.facts.name == name; });
        };
        const IncusRow row = named("web");
        QCOMPARE(row.facts.runtime, std::string("incus"));
        QCOMPARE(row.facts.id, std::string("1c687a88-01fa-4229-b1fc-75bed6ba9e61"));
        QCOMPARE(row.facts.image, std::string("lab busybox"));
        QVERIFY(row.facts.imageId.starts_with("b3108b62d40d"));
        QCOMPARE(row.facts.labels, (std::map<std::string, std::string>{{"user.role", "front"}}));
        QCOMPARE(row.facts.state, State::Running);
        QCOMPARE(row.facts.createdMicros, microsOfTime("2026-11-26T14:59:19.141546Z"));
        QCOMPARE(row.facts.restartPolicy, std::string("no"));
        QCOMPARE(row.facts.mounts, (std::vector<Mount>{{"bind", "/srv/data", "/data", true}}));
        QCOMPARE(row.facts.ports, (std::vector<Port>{{"", 8080, 80, "tcp", 3},
                                                     {"", 9000, 90, "tcp", 1},
                                                     {"::1", 5353, 53, "udp", 1}}));
        QCOMPARE(row.rootPool, std::string("default"));
        QVERIFY(row.hasNetwork && row.settled);
        // The other "web" is another project's, and says so.
        const IncusRow blue = named("blue_web");
        QCOMPARE(blue.name.path("/state"), std::string("/1.0/instances/web/state?project=blue"));
        QCOMPARE(blue.facts.restartPolicy, std::string("always"));
        QVERIFY(blue.facts.id != row.facts.id && !blue.hasNetwork);
    }

    void state_tellsProcessAndAddresses()
    {
        const auto state = parseIncusState(recorded("state.json"));
        QCOMPARE(state->pid, 1208);
        QCOMPARE(state->startedMicros, microsOfTime("2026-11-26T15:02:40.424016Z"));
        // Neither the loopback nor the link's own address is one that others reach it by.
        QCOMPARE(state->addresses, (std::vector<Address>{{"eth0", "10.5.5.5", "10:66:6a:98:00:18"}}));
    }

    void lxd_tellsTheSame_withItsOwnName()
    {
        const auto rows = parseIncusList(
            IncusKind::Lxd,
            answerOf(R"([{"name":"db","project":"default","type":"container","status":"Frozen",
                          "expanded_config":{"boot.autorestart":"true","image.os":"Ubuntu","image.release":"22.04",
                                             "user.user-data":"password: x","volatile.uuid":"u"},
                          "expanded_devices":{"v":{"type":"disk","pool":"p","source":"vol","path":"mnt"}}},
                         {"name":"vm","type":"virtual-machine","status":"Running"}])"));
        QVERIFY(rows && rows->size() == 1);
        const Facts &facts = rows->front().facts;
        QCOMPARE(facts.runtime, std::string("lxd"));
        QCOMPARE(facts.state, State::Paused);
        QCOMPARE(facts.image, std::string("Ubuntu 22.04"));
        QCOMPARE(facts.restartPolicy, std::string("on-failure"));
        QVERIFY2(facts.labels.empty(), "what cloud-init is told may hold passwords");
        QCOMPARE(facts.mounts, (std::vector<Mount>{{"volume", "p/vol", "/mnt", false}}));
        const auto source = makeIncusSource(IncusKind::Lxd, folder(), [] { return true; });
        QCOMPARE(source->command(facts, Verb::Unpause), std::string("lxc start db"));
        QCOMPARE(source->command(facts, Verb::Pause), std::string("lxc pause db"));
    }

    void states_ofAllWords_data()
    {
        QTest::addColumn<QByteArray>("status");
        QTest::addColumn<int>("state");
        QTest::addColumn<bool>("settled");
        const auto row = [](const char *status, State state, bool settled) {
            QTest::newRow(status) << QByteArray(status) << static_cast<int>(state) << settled;
        };
        row("Running", State::Running, true);
        row("Ready", State::Running, true);
        row("Frozen", State::Paused, true);
        row("Stopped", State::Exited, true);
        row("Error", State::Exited, false);
        row("Stopping", State::Stopping, false);
        row("Starting", State::Created, false);
        row("Freezing", State::Running, false);
        row("Nonsense", State::Unknown, false);
    }
    void states_ofAllWords()
    {
        QFETCH(QByteArray, status);
        QFETCH(int, state);
        QFETCH(bool, settled);
        const auto rows = parseIncusList(IncusKind::Incus, listOf(status.toStdString()));
        QVERIFY(rows && rows->size() == 1);
        QCOMPARE(static_cast<int>(rows->front().facts.state), state);
        QCOMPARE(rows->front().settled, settled);
        QCOMPARE(rows->front().facts.problem.empty(), status != "Error");
    }

    void proxies_becomePorts_data()
    {
        QTest::addColumn<QByteArray>("device");
        QTest::addColumn<QByteArray>("ports");
        const auto row = [](const char *name, const char *listen, const char *connect, const char *ports) {
            QTest::newRow(name) << QByteArray("\"listen\":\"") + listen + "\",\"connect\":\"" + connect + "\""
                                << QByteArray(ports);
        };
        row("one", "tcp:1.2.3.4:80", "tcp:127.0.0.1:8080", "1.2.3.4:80>8080*1 ");
        row("many to one", "tcp:0.0.0.0:80-82", "tcp:127.0.0.1:8080", ":80>8080*1 :81>8080*1 :82>8080*1 ");
        row("ranges cut differently", "tcp:0.0.0.0:80-83", "tcp:127.0.0.1:1-2,11-12", ":80>1*2 :82>11*2 ");
        row("to a UNIX socket", "tcp:0.0.0.0:80", "unix:/run/x.sock", ":80>0*1 ");
        row("from a UNIX socket", "unix:/run/x.sock", "tcp:127.0.0.1:80", "");
        row("no port", "tcp:0.0.0.0:0", "tcp:127.0.0.1:80", "");
        row("backwards", "tcp:0.0.0.0:9-3", "tcp:127.0.0.1:80", "");
        QTest::newRow("inside only") << QByteArray(R"("bind":"instance","listen":"tcp:0.0.0.0:80","connect":"tcp::1")")
                                     << QByteArray();
    }
    void proxies_becomePorts()
    {
        QFETCH(QByteArray, device);
        QFETCH(QByteArray, ports);
        const auto rows = parseIncusList(
            IncusKind::Incus, answerOf(strCat(R"([{"name":"a","expanded_devices":{"p":{"type":"proxy",)",
                                              device.toStdString(), "}}}]")));
        QVERIFY(rows && rows->size() == 1);
        std::string text;
        for (const Port &port : rows->front().facts.ports)
            text += strCat(port.hostAddress, ":", port.hostPort, ">", port.containerPort, "*", port.count, " ");
        QCOMPARE(text, ports.toStdString());
    }

    void rubbish_isRefused_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::newRow("cut") << QByteArray("{\"metadata\":[{\"na");
        QTest::newRow("not UTF-8") << QByteArray("{\"metadata\":[{\"name\":\"\xff\"}]}");
        QTest::newRow("another type") << QByteArray("[]");
        QTest::newRow("no metadata") << QByteArray("{\"type\":\"sync\"}");
        QTest::newRow("deep") << QByteArray(100'000, '[');
    }
    void rubbish_isRefused()
    {
        QFETCH(QByteArray, text);
        const auto list = parseIncusList(IncusKind::Incus, text.toStdString());
        QVERIFY(!list);
        QCOMPARE(list.error().posix(), EBADMSG);
        QVERIFY(!parseIncusState(text.toStdString()));
    }

    void events_thatChangeNothing_areIgnored_data()
    {
        QTest::addColumn<QByteArray>("message");
        QTest::addColumn<bool>("matters");
        QTest::addColumn<QByteArray>("name");
        const auto row = [](const char *action, bool matters, const char *name) {
            QTest::newRow(action) << QByteArray::fromStdString(lifecycle(action)) << matters << QByteArray(name);
        };
        row("instance-paused", true, "web");
        row("instance-updated", true, "web");
        row("instance-exec", false, "web");
        row("instance-console-retrieved", false, "web");
        row("instance-snapshot-created", false, "web");
        row("profile-updated", true, "");
        row("image-created", false, "");
        QTest::newRow("of a project, as LXD 5.0 tells it")
            << QByteArray(R"({"project":"blue","metadata":{"action":"instance-started",
                              "source":"/1.0/instances/db?project=blue"}})")
            << true << QByteArray("blue_db");
        QTest::newRow("cannot be read") << QByteArray("{\"type\":") << true << QByteArray();
    }
    void events_thatChangeNothing_areIgnored()
    {
        QFETCH(QByteArray, message);
        QFETCH(bool, matters);
        QFETCH(QByteArray, name);
        const IncusEvent event = parseIncusEvent(message.toStdString());
        QCOMPARE(event.matters, matters);
        QCOMPARE(event.name, name.toStdString());
    }

    void limits_becomeConfiguration()
    {
        const Json none = Json::object();
        const Limits limits{{LimitKey::MemoryMax, std::uint64_t{157'286'400}},
                            {LimitKey::PidsMax, std::uint64_t{77}},
                            {LimitKey::CpuMax, CpuMax{Micros{25'000}, Micros{100'000}}}};
        QCOMPARE(*incusConfig(limits, none), (std::map<std::string, std::string>{{"limits.memory", "157286400"},
                                                                                 {"limits.processes", "77"},
                                                                                 {"limits.cpu.allowance", "25ms/100ms"}}));
        const Limits unlimited{{LimitKey::MemoryMax, Unlimited{}},
                               {LimitKey::PidsMax, Unlimited{}},
                               {LimitKey::CpuMax, CpuMax{}}};
        QCOMPARE(*incusConfig(unlimited, none), (std::map<std::string, std::string>{{"limits.memory", ""},
                                                                                    {"limits.processes", ""},
                                                                                    {"limits.cpu.allowance", ""}}));
        // Without a period the one in force is kept.
        const Limits quota{{LimitKey::CpuMax, CpuMax{Micros{10'000}, Micros{0}}}};
        QCOMPARE(incusConfig(quota, Json{{"limits.cpu.allowance", "20ms/50ms"}})->at("limits.cpu.allowance"),
                 std::string("10ms/50ms"));
        QCOMPARE(incusConfig(quota, none)->at("limits.cpu.allowance"), std::string("10ms/100ms"));
    }

    void limits_withoutAWord_areRefused_data()
    {
        QTest::addColumn<int>("key");
        QTest::addColumn<QString>("value");
        QTest::addColumn<QByteArray>("config");
        QTest::addColumn<QByteArray>("why");
        const auto row = [](const char *name, LimitKey key, const char *value, const char *config, const char *why) {
            QTest::newRow(name) << static_cast<int>(key) << QString::fromUtf8(value) << QByteArray(config)
                                << QByteArray(why);
        };
        row("below a millisecond", LimitKey::CpuMax, "1500/10000", "{}", "milliseconds");
        row("a share is set", LimitKey::CpuMax, "50%", R"({"limits.cpu.allowance":"30%"})", "share");
        row("a share would be lost", LimitKey::CpuMax, "max", R"({"limits.cpu.allowance":"30%"})", "share");
        row("soft", LimitKey::MemoryMax, "100M", R"({"limits.memory.enforce":"soft"})", "memory.high");
        row("no key", LimitKey::CpuWeight, "50", "{}", "no key");
    }
    void limits_withoutAWord_areRefused()
    {
        QFETCH(int, key);
        QFETCH(QString, value);
        QFETCH(QByteArray, config);
        QFETCH(QByteArray, why);
        const auto limit = static_cast<LimitKey>(key);
        const auto parsed = parseLimitValue(limit, value.toStdString());
        QVERIFY(parsed);
        const Limits limits{{limit, *parsed}};
        const auto made = incusConfig(limits, Json::parse(config.toStdString()));
        QVERIFY(!made);
        QCOMPARE(made.error().posix(), ENOTSUP);
        QVERIFY2(made.error().detail.find(why.toStdString()) != std::string::npos, made.error().detail.c_str());
    }

    void commands_areWhatAnAdminTypes()
    {
        const auto source = incus();
        Facts blue = web();
        blue.name = "blue_web";
        QCOMPARE(source->command(web(), Verb::Pause), std::string("incus pause web"));
        QCOMPARE(source->command(web(), Verb::Unpause), std::string("incus resume web"));
        QCOMPARE(source->command(web(), Verb::Kill), std::string("incus stop web --force"));
        QCOMPARE(source->command(web(), Verb::Remove), std::string("incus delete web"));
        QCOMPARE(source->command(blue, Verb::Restart), std::string("incus restart web --project blue"));
        const Limits limits{{LimitKey::MemoryMax, std::uint64_t{1'048'576}}, {LimitKey::PidsMax, Unlimited{}}};
        QCOMPARE(source->updateCommand(blue, limits),
                 std::string("incus config set web limits.memory=1048576 limits.processes= --project blue"));
        QVERIFY(source->sets(web(), LimitKey::MemoryMax) && !source->sets(web(), LimitKey::MemoryHigh));
        QCOMPARE(source->changesToo(web(), LimitKey::MemoryMax).front().first, LimitKey::MemorySwapMax);
        QVERIFY(source->changesToo(web(), LimitKey::PidsMax).empty());
    }

    void daemonsOwnWords_areKept()
    {
        QCOMPARE(incusMessage(recorded("wait-frozen.json")), std::string("The container is already frozen"));
        QVERIFY(isSoInIncus(incusMessage(recorded("wait-frozen.json"))));
        QVERIFY(isSoInIncus(incusMessage(recorded("wait-thawed.json"))));
        QVERIFY(isSoInIncus(incusMessage(recorded("wait-running.json"))));
        const std::string stop = incusMessage(recorded("wait-stop.json"));
        QCOMPARE(stop, std::string("Failed shutting down instance, status is \"Running\": context deadline exceeded"));
        QCOMPARE(errnoOfIncus(500, stop), ETIMEDOUT);
        QVERIFY(!isSoInIncus(stop));
        const std::string busy = incusMessage(recorded("patch-busy.json"));
        QCOMPARE(errnoOfIncus(500, busy), EBUSY);
        QCOMPARE(errnoOfIncus(404, incusMessage(recorded("error-missing.json"))), ESTALE);
        QVERIFY(!isSoInIncus("Failed to start device \"http\": port 80 is already in use"));
        QVERIFY(parseIncusReply(recorded("operation.json"))->operation.starts_with("/1.0/operations/"));
        QVERIFY(parseIncusReply(recorded("wait-done.json"))->operation.empty());
    }

    void source_followsEvents_andKeepsWhatItKnewOfADeadOne()
    {
        FakeRuntime server(socketPath());
        server.upgradeEvents(acceptedWebSocket);
        server.answer("/instances", listOf("Running"));
        server.answer("/state", kState);
        server.answer("/1.0", answerOf(R"({"environment":{"server_version":"6.0.4"}})"));
        const Runtimes runtimes({.root = {},
                                 .finders = {[this](const HostTree &) {
                                     return std::vector<Candidate>{{"x", [this] { return incus(); }}};
                                 }},
                                 .lookInterval = 50ms,
                                 .listPatience = 500ms},
                                [] {});
        const auto facts = [&runtimes]() -> FactsPtr {
            const TablePtr table = runtimes.table();
            const Known *known = table->find("/lxc.payload.web", "", 0);
            return known != nullptr ? known->facts : nullptr;
        };
        QTRY_VERIFY(facts() != nullptr);
        QCOMPARE(facts()->initPid, 4242);
        QCOMPARE(facts()->monitorPid, 4200);
        QCOMPARE(facts()->cgroupPath, std::string("/lxc.payload.web"));
        QCOMPARE(facts()->startedMicros, microsOfTime("2026-11-26T15:00:01Z"));
        QTRY_COMPARE(server.listeners(), 1U);
        QTRY_COMPARE(runtimes.status().front().version, std::string("6.0.4"));

        server.answer("/instances", listOf("Frozen"));
        server.tellBytes(webSocketFrame(kPingFrame, "keepalive") +
                         webSocketFrame(kTextFrame, lifecycle("instance-paused")));
        QTRY_COMPARE(facts()->state, State::Paused);
        QCOMPARE(facts()->problem, std::string());

        server.answer("/instances", R"({"metadata":"rubbish"})");
        server.tellBytes(webSocketFrame(kTextFrame, lifecycle("instance-updated")));
        QTRY_VERIFY(facts()->problem.find("no list") != std::string::npos);
        QCOMPARE(facts()->state, State::Paused);

        server.answer("/instances", listOf("Running"));
        QTRY_COMPARE(facts()->problem, std::string());
        m_runs = false; // who stops it wants it stopped: it is not connected to again
        server.endEvents();
        QTRY_VERIFY(facts()->problem.find("does not run") != std::string::npos);
        const std::size_t asked = server.requests().size();
        QTest::qWait(300);
        QCOMPARE(server.requests().size(), asked);
    }

    void list_ofADaemonThatDoesNotRun_connectsToNobody()
    {
        FakeRuntime server(socketPath());
        server.upgradeEvents(acceptedWebSocket);
        server.answer("/instances", listOf("Running"));
        m_runs = false;
        const auto source = incus();
        QCOMPARE(source->list(within(2s)).error().posix(), ECONNREFUSED);
        QVERIFY(server.requests().empty());
        m_runs = true;
        server.answer("/instances", listOf("Stopped"));
        const auto listing = source->list(within(2s));
        QVERIFY(listing && listing->containers.size() == 1);
        // Its group may be there a moment before it runs: one container, not two.
        QCOMPARE(listing->containers.front().cgroupPath, std::string("/lxc.payload.web"));
        QVERIFY(!server.requests().empty());
    }

    void list_withoutAnAnswer_givesUp()
    {
        FakeRuntime server(socketPath());
        server.hang(true);
        const auto source = incus();
        QCOMPARE(source->list(within(300ms)).error().posix(), ETIMEDOUT);
        server.hang(false);
        server.upgradeEvents(acceptedWebSocket);
        server.answer("/instances", "!HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{CUT");
        QCOMPARE(source->list(within(5s)).error().posix(), ECONNRESET);
    }

    void verbs_areSentAndWaitedFor_data()
    {
        QTest::addColumn<int>("verb");
        QTest::addColumn<QByteArray>("request");
        const auto row = [](Verb verb, const char *request) {
            QTest::newRow(verbName(verb).data()) << static_cast<int>(verb) << QByteArray(request);
        };
        row(Verb::Pause, R"(PUT /1.0/instances/web/state "action":"freeze","force":false)");
        row(Verb::Unpause, R"(PUT /1.0/instances/web/state "action":"unfreeze","force":false)");
        row(Verb::Stop, R"(PUT /1.0/instances/web/state "action":"stop","force":false)");
        row(Verb::Kill, R"(PUT /1.0/instances/web/state "action":"stop","force":true)");
        row(Verb::Restart, R"(PUT /1.0/instances/web/state "action":"restart","force":false)");
        row(Verb::Start, R"(PUT /1.0/instances/web/state "action":"start","force":false)");
        row(Verb::Remove, "DELETE /1.0/instances/web ");
    }
    void verbs_areSentAndWaitedFor()
    {
        QFETCH(int, verb);
        QFETCH(QByteArray, request);
        FakeRuntime server(socketPath());
        server.answer("/instances/web", answerOf(instanceOf("Running")));
        server.answer("PUT /1.0/instances/web/state", kOperation, 202);
        server.answer("DELETE /1.0/instances/web", kOperation, 202);
        server.answer("/wait", kDone);
        const auto source = incus();
        const auto done = source->act(web(), static_cast<Verb>(verb), within(5s));
        QVERIFY2(done, done ? "" : done.error().message().c_str());
        const std::vector<FakeRequest> sent = server.requests();
        QCOMPARE(sent.size(), 3U);
        const std::string said = strCat(sent[1].method, " ", sent[1].target, " ", sent[1].body);
        const std::string wanted = request.toStdString();
        const std::string head = wanted.substr(0, wanted.rfind(' ') + 1);
        QVERIFY2(said.starts_with(head), said.c_str());
        QVERIFY2(said.find(wanted.substr(head.size())) != std::string::npos, said.c_str());
        QCOMPARE(sent[2].target, std::string("/1.0/operations/op-1/wait"));
        // That it is so already is what was wanted.
        server.answer("/wait", recorded("wait-frozen.json"), 500);
        QVERIFY(source->act(web(), static_cast<Verb>(verb), within(5s)));
    }

    void verbs_thatFail_saySoInTheDaemonsWords()
    {
        FakeRuntime server(socketPath());
        server.answer("/instances/web", answerOf(instanceOf("Running")));
        server.answer("PUT /1.0/instances/web/state", kOperation, 202);
        server.answer("/wait", recorded("wait-stop.json"), 500);
        const auto source = incus();
        const auto stopped = source->act(web(), Verb::Stop, within(5s));
        QCOMPARE(stopped.error().posix(), ETIMEDOUT);
        QVERIFY(stopped.error().detail.starts_with("incus says: Failed shutting down instance"));
        // LXD answers 200 and has the failure in the operation.
        server.answer("/wait", answerOf(R"({"status_code":400,"err":"it broke"})"));
        QCOMPARE(source->act(web(), Verb::Start, within(5s)).error().detail, std::string("incus says: it broke"));
        server.answer("DELETE /1.0/instances/web", failure("Instance is running"), 400);
        QCOMPARE(source->act(web(), Verb::Remove, within(5s)).error().posix(), EBUSY);
        // Another one has its name now: nothing is done to that.
        QCOMPARE(source->act(web("uuid-0"), Verb::Kill, within(5s)).error().posix(), ESTALE);
        QCOMPARE(server.requests().back().method, std::string("GET"));
        server.answer("/instances/web", recorded("error-missing.json"), 404);
        const auto gone = source->act(web(), Verb::Kill, within(5s));
        QCOMPARE(gone.error().posix(), ESTALE);
        QVERIFY(gone.error().detail.find("Instance not found") != std::string::npos);
        server.hang(true);
        QCOMPARE(source->act(web(), Verb::Kill, within(200ms)).error().posix(), ETIMEDOUT);
    }

    void update_keepsWhatItWasNotToldOf()
    {
        FakeRuntime server(socketPath());
        server.answer("/instances/web", answerOf(instanceOf("Running")));
        server.answer("PATCH /1.0/instances/web", answerOf("{}"));
        const auto source = incus();
        const Limits limits{{LimitKey::MemoryMax, std::uint64_t{157'286'400}},
                            {LimitKey::CpuMax, CpuMax{Micros{10'000}, Micros{0}}}};
        QVERIFY(source->update(web(), limits, within(5s)));
        QCOMPARE(server.requests().back().body,
                 std::string(R"({"config":{"limits.cpu.allowance":"10ms/50ms","limits.memory":"157286400"}})"));
        server.answer("PATCH /1.0/instances/web", failure("Invalid config: Invalid value: abc"), 400);
        const auto refused = source->update(web(), limits, within(5s));
        QCOMPARE(refused.error().posix(), EINVAL);
        QVERIFY(refused.error().detail.find("Invalid value: abc") != std::string::npos);
    }

    void log_isTheConsoles_elseLxcs()
    {
        FakeRuntime server(socketPath());
        server.answer("/instances/web", answerOf(instanceOf("Running")));
        server.answer("/console", "one\r\ntwo\r\nthree\r\n");
        server.answer("/logs/lxc.log", "lxc web WARN x\n");
        const auto source = incus();
        const auto console = source->tailLog(web(), 2, within(5s));
        QVERIFY(console);
        QCOMPARE(console->source, std::string("incus console web --show-log"));
        QCOMPARE(console->lines.size(), 2U);
        QCOMPARE(console->lines.front().text, std::string("two"));
        server.answer("/console", "\r\n");
        const auto lxc = source->tailLog(web(), 9, within(5s));
        QCOMPARE(lxc->source, std::string("incus info web --show-log"));
        QCOMPARE(lxc->lines.front().text, std::string("lxc web WARN x"));
        server.answer("/logs/lxc.log", recorded("error-missing.json"), 404);
        QCOMPARE(source->tailLog(web(), 9, within(5s)).error().posix(), ENOENT);
    }

    void address_thatComesLater_isLookedFor()
    {
        FakeRuntime server(socketPath());
        server.upgradeEvents(acceptedWebSocket);
        server.answer("/instances", answerOf(R"([{"name":"web","status":"Running","expanded_config":{},
                                                  "expanded_devices":{"eth0":{"type":"nic"}}}])"));
        server.answer("/state", kState);
        const auto source = incus();
        QVERIFY(source->list(within(5s))->containers.front().addresses.empty());
        server.answer("/state", answerOf(R"({"pid":4242,"network":{"eth0":{"hwaddr":"m","addresses":[
            {"scope":"global","address":"10.0.0.7"}]}}})"));
        const auto begun = Clock::now();
        QVERIFY(source->waitForChange(within(30s))); // no event tells of it
        QVERIFY(Clock::now() - begun < 10s);
        QCOMPARE(source->list(within(5s))->containers.front().addresses,
                 (std::vector<Address>{{"eth0", "10.0.0.7", "m"}}));
    }

    void finder_asksOnlyADaemonThatRuns()
    {
        const std::string root = folder();
        const std::string own = root + "/var/lib/incus";
        std::filesystem::create_directories(own);
        std::filesystem::create_directories(root + "/proc/net");
        const std::string table = root + "/proc/net/unix";
        QVERIFY(findIncus(root).empty());
        const FakeRuntime socket(own + "/unix.socket"); // as systemd holds it
        const std::string head = "Num       RefCount Protocol Flags    Type St Inode Path\n"
                                 "0: 00000002 00000000 00010000 0001 01  3294 /var/lib/incus/unix.socket\n";
        std::ofstream(table) << head;
        QVERIFY(findIncus(root).empty());
        // Connected to it, or to another of that name: not the one that listens.
        std::ofstream(table) << head << "0: 00000003 00000000 00000000 0001 03  1 /var/lib/incus/guestapi/sock\n"
                             << "0: 00000002 00000000 00010000 0001 01  2 /x/var/lib/incus/guestapi/sock\n";
        QVERIFY(findIncus(root).empty());
        std::ofstream(table) << head << "0: 00000002 00000000 00010000 0001 01  2753 /var/lib/incus/guestapi/sock\n";
        const std::vector<Candidate> found = findIncus(root);
        QCOMPARE(found.size(), 1U);
        QCOMPARE(found.front().make()->endpoint(), own + "/unix.socket");
        QCOMPARE(found.front().make()->runtime(), std::string_view("incus"));
        QVERIFY(socket.requests().empty());
    }

private:
    [[nodiscard]] std::string folder() const { return m_folder->path().toStdString(); }
    [[nodiscard]] std::string socketPath() const { return folder() + "/unix.socket"; }
    [[nodiscard]] std::unique_ptr<Source> incus()
    {
        return makeIncusSource(IncusKind::Incus, folder(), [this] { return m_runs.load(); }, lookAtWeb);
    }
    std::unique_ptr<QTemporaryDir> m_folder;
    std::atomic<bool> m_runs = true;
};

QTEST_GUILESS_MAIN(TestRuntimeIncus)
#include "tst_runtime_incus.moc"
