// SPDX-License-Identifier: GPL-3.0-or-later
// Alert rules and the event log through the real client and server.
#include <QtTest>

#include "engine/base/metric.h"
#include "engine/base/strings.h"
#include "gantry/v1/alerts.grpc.pb.h"
#include "gantry/v1/control.grpc.pb.h"
#include "gantry/v1/inventory.grpc.pb.h"
#include "gantry/v1/metrics.grpc.pb.h"
#include "tests/service/service_host.h"
#include "tests/support/greedy_child.h"
#include "tests/support/scratch_cgroup.h"

#include <algorithm>
#include <optional>

#include <fcntl.h>
#include <unistd.h>

using namespace gantry;
using gantry::test::BoundedContext;
using gantry::test::ServiceHost;

namespace {

v1::AlertRule swapRule()
{
    v1::AlertRule rule;
    rule.set_name("Swap in use");
    rule.set_source(v1::ALERT_SOURCE_METRIC);
    rule.set_metric(static_cast<std::uint32_t>(Metric::MemorySwapCurrent));
    rule.set_enabled(true);
    rule.mutable_hard()->set_enabled(true);
    rule.mutable_hard()->set_value(1 << 20);
    return rule;
}

} // namespace

class TestServiceAlerts : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        m_host = std::make_unique<ServiceHost>();
        m_alerts = v1::Alerts::NewStub(m_host->channel(true));
    }
    void cleanup()
    {
        m_alerts.reset();
        m_host.reset();
    }

    void rule_changed_isKeptAndRecorded()
    {
        v1::AlertRule kept;
        QVERIFY(set(swapRule(), kept).ok());
        QVERIFY(!kept.id().empty());
        QCOMPARE(rules(kept.id()), 1);
        const std::string who = strCat("tester via test (uid ", ::getuid(), ", pid ", ::getpid(), ")");
        QVERIFY(recorded("setRule", kept.id(), who));

        BoundedContext context;
        v1::DeleteRuleRequest request;
        request.set_id(kept.id());
        sign(*request.mutable_actor());
        v1::DeleteRuleReply reply;
        QVERIFY(m_alerts->DeleteRule(&context, request, &reply).ok());
        QCOMPARE(rules(kept.id()), 0);
        QVERIFY(recorded("deleteRule", kept.id(), who));
    }

    void oomKill_hasItsStory()
    {
        if (const UniqueFd log(::open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC)); !log)
            QSKIP("the kernel's log cannot be read here");
        for (int turn = 0; turn < 4; ++turn) {
            const test::GreedyChild greedy(64 << 20);
            test::ChildProcess child(greedy.body());
            const pid_t pid = child.pid();
            const test::ScratchCgroup scratch("story", {"memory"});
            scratch.makeChild("web");
            const std::string limitPath = scratch.path().text();
            const std::string victimPath = limitPath + "/web";
            QTRY_VERIFY(event(v1::EVENT_KIND_CGROUP_CREATED, victimPath));
            QVERIFY(setMemoryMax(limitPath, 16 << 20).ok());
            QVERIFY(waitForSample(event(v1::EVENT_KIND_CGROUP_CREATED, limitPath)->node_id()));
            scratch.attach(pid, "web");
            child.go();
            child.wait();
            QTRY_VERIFY(event(v1::EVENT_KIND_OOM_KILL, victimPath));
            const v1::Event kill = *event(v1::EVENT_KIND_OOM_KILL, victimPath);
            QVERIFY(kill.has_oom());
            if (kill.oom().limit_path().empty()) {
                QTest::qWait(5'500); // the kernel reports ten kills in five seconds at most
                continue;
            }
            QCOMPARE(kill.node_id(), event(v1::EVENT_KIND_CGROUP_CREATED, victimPath)->node_id());
            QCOMPARE(kill.oom().limit_path(), limitPath);
            QCOMPARE(kill.oom().victim_path(), victimPath);
            QCOMPARE(kill.oom().victim_pid(), pid);
            QVERIFY(kill.oom().victim_anon_rss_bytes() > 0);
            QVERIFY(kill.oom().has_limit_usage_bytes() && kill.oom().limit_usage_bytes() <= 16 << 20);
            QVERIFY(kill.oom().sampled_monotonic_usec() <= kill.monotonic_usec());
            QCOMPARE(kill.oom().limit_max_bytes(), std::uint64_t{16 << 20});
            const v1::Event change = *event(v1::EVENT_KIND_LIMIT_CHANGED, limitPath);
            QCOMPARE(kill.oom().last_change_sequence(), change.sequence());
            QVERIFY(kill.oom().last_change().starts_with("memory.max set from max to 16 MiB by tester via test"));
            QVERIFY(kill.oom().kernel_log_size() > 0);
            // The host counts it too, with its next samples.
            QTest::qWait(3'000);
            QVERIFY(!event(v1::EVENT_KIND_OOM_KILL, "/"));
            return;
        }
        QFAIL("the kernel's reports were cut short by its rate limit each time");
    }

    void container_startAndEnd_areTold()
    {
        test::ChildProcess child(test::sleepForEver);
        child.go();
        const test::ScratchCgroup scratch("containers", {"memory", "freezer"});
        const std::string id(64, 'b');
        const std::string name = strCat("libpod-", id, ".scope");
        const std::string path = strCat(scratch.path().text(), "/", name);
        scratch.makeChild(name);
        scratch.attach(child.pid(), name);
        // No runtime has named it, so it is told by its id, and not before that was waited for.
        QTRY_VERIFY_WITH_TIMEOUT(event(v1::EVENT_KIND_CONTAINER_STARTED, path), 20'000);
        const v1::Event started = *event(v1::EVENT_KIND_CONTAINER_STARTED, path);
        QCOMPARE(started.key(), id.substr(0, 12));
        QCOMPARE(started.new_value(), std::string("podman"));
        QVERIFY(started.node_id() != 0);
        // What no runtime told is not told as if one had.
        BoundedContext context;
        v1::GetNodeRequest request;
        request.mutable_target()->set_node_id(started.node_id());
        v1::Node node;
        QVERIFY(v1::Inventory::NewStub(m_host->channel(false))->Get(&context, request, &node).ok());
        QCOMPARE(node.container().state(), v1::CONTAINER_STATE_RUNNING);
        QCOMPARE(node.container().facts_source(), std::string());
        QCOMPARE(node.container().runtime_verbs_size(), 0);
        scratch.attach(child.pid());
        scratch.remove(name);
        QTRY_VERIFY_WITH_TIMEOUT(event(v1::EVENT_KIND_CONTAINER_EXITED, path), 20'000);
        const v1::Event ended = *event(v1::EVENT_KIND_CONTAINER_EXITED, path);
        QCOMPARE(ended.key(), started.key());
        QCOMPARE(ended.node_id(), started.node_id());
        QVERIFY(ended.monotonic_usec() > started.monotonic_usec());
    }

    void rule_bad_isRefusedByItsField()
    {
        v1::AlertRule rule = swapRule();
        rule.mutable_hard()->set_value(-1);
        v1::AlertRule kept;
        const grpc::Status status = set(rule, kept);
        QCOMPARE(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
        QCOMPARE(service::errorFrom(status).subject, std::string("hard.value"));

        BoundedContext context;
        v1::DeleteRuleRequest request;
        request.set_id("none-of-that-name");
        v1::DeleteRuleReply reply;
        QCOMPARE(m_alerts->DeleteRule(&context, request, &reply).error_code(), grpc::StatusCode::NOT_FOUND);
    }

private:
    /// The first event of this kind about the cgroup.
    std::optional<v1::Event> event(v1::EventKind kind, const std::string &path)
    {
        BoundedContext context;
        const auto reader = m_alerts->WatchEvents(&context, {});
        std::optional<v1::Event> out;
        for (v1::EventBatch batch; reader->Read(&batch);) {
            for (const v1::Event &each : batch.events()) {
                if (!out && each.kind() == kind && each.cgroup_path() == path)
                    out = each;
            }
        }
        return out;
    }
    grpc::Status setMemoryMax(const std::string &path, std::uint64_t bytes)
    {
        BoundedContext context;
        v1::SetLimitsRequest request;
        request.mutable_target()->set_cgroup_path(path);
        v1::LimitSetting &setting = *request.add_settings();
        setting.set_key("memory.max");
        setting.mutable_value()->set_number(bytes);
        sign(*request.mutable_actor());
        v1::SetLimitsReply reply;
        return v1::Control::NewStub(m_host->channel(true))->SetLimits(&context, request, &reply);
    }
    /// Until the sampler has seen the cgroup, and a tick more so that the alert engine has, too.
    bool waitForSample(std::uint64_t node)
    {
        BoundedContext context;
        v1::WatchMetricsRequest request;
        request.add_node_ids(node);
        request.add_metrics(static_cast<std::uint32_t>(Metric::MemoryCurrent));
        const auto reader = v1::Metrics::NewStub(m_host->channel(true))->Watch(&context, request);
        v1::Frame frame;
        for (int seen = 0; seen < 2;) {
            if (!reader->Read(&frame))
                return false;
            seen += frame.node_ids_size() == 1 ? 1 : 0;
        }
        context.TryCancel();
        return true;
    }
    static void sign(v1::Actor &actor)
    {
        actor.set_program("test");
        actor.set_user("tester");
    }
    grpc::Status set(const v1::AlertRule &rule, v1::AlertRule &kept)
    {
        BoundedContext context;
        v1::SetRuleRequest request;
        *request.mutable_rule() = rule;
        sign(*request.mutable_actor());
        return m_alerts->SetRule(&context, request, &kept);
    }
    /// How many rules have this id.
    long rules(const std::string &id)
    {
        BoundedContext context;
        v1::RuleList list;
        if (!m_alerts->ListRules(&context, {}, &list).ok())
            return -1;
        return std::ranges::count(list.rules(), id, &v1::AlertRule::id);
    }
    /// The audit file has it, or the journal got it.
    bool recorded(const QByteArray &verb, const std::string &id, const std::string &actor) const
    {
        if (QFile::exists(QStringLiteral("/run/systemd/journal/socket")))
            return true;
        QFile file(m_host->statePath(QStringLiteral("audit.log")));
        if (!file.open(QIODevice::ReadOnly))
            return false;
        const QList<QByteArray> lines = file.readAll().split('\n');
        return std::ranges::any_of(lines, [&](const QByteArray &line) {
            return line.contains(verb) && line.contains(id.c_str()) && line.contains(actor.c_str()) &&
                   line.contains("Swap in use");
        });
    }

    std::unique_ptr<ServiceHost> m_host;
    std::unique_ptr<v1::Alerts::Stub> m_alerts;
};

QTEST_GUILESS_MAIN(TestServiceAlerts)
#include "tst_service_alerts.moc"
