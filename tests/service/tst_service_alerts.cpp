// SPDX-License-Identifier: GPL-3.0-or-later
// Alert rules through the real client and server.
#include <QtTest>

#include "engine/base/metric.h"
#include "engine/base/strings.h"
#include "gantry/v1/alerts.grpc.pb.h"
#include "tests/service/service_host.h"

#include <algorithm>

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
