// SPDX-License-Identifier: GPL-3.0-or-later
// What goes along with a container, by itself: schedules and rules of two state folders, limits of a recorded host.
#include <QtTest>

#include "engine/base/fd.h"
#include "engine/base/replace_file.h"
#include "engine/cgroup/limits.h"
#include "engine/service/migration_belongings.h"
#include "tests/support/recorded_tree.h"

#include <QTemporaryDir>

#include <algorithm>
#include <filesystem>
#include <vector>

using namespace gantry;
using alerts::AlertRule;
using schedule::Policy;

namespace {

const std::string kMigration(32, 'a');

AlertRule ruleAbout(std::string id, std::string path)
{
    AlertRule out;
    out.id = std::move(id);
    out.name = "much memory of " + path;
    out.metric = Metric::MemoryCurrent;
    out.scopePath = std::move(path);
    out.hard = {.enabled = true, .value = 1e6};
    return out;
}

/// The files of one host.
struct Side
{
    QTemporaryDir dir;
    std::string folder{dir.path().toStdString()};
    service::Schedules schedules{folder};
    alerts::RuleStore rules{folder + "/alerts.rules"};
    control::AuditLog audit{{.journalSocket = folder + "/no-journal", .stateFolder = folder}};
    service::Belongings belongings;

    explicit Side(cgroup::HierarchiesPtr hierarchies)
        : belongings({std::move(hierarchies), schedules, rules, audit, folder + "/migrations"})
    {}
    void schedule(const std::string &name)
    {
        Policy policy;
        policy.key = policy.subject = policy.where = name;
        policy.follow = schedule::Follow::Container;
        policy.every = std::chrono::seconds(90);
        policy.retention.count = 7;
        policy.restart = true;
        policy.by = "somebody";
        QVERIFY(schedules.edit([&](std::vector<Policy> &all) -> Result<> {
            all.push_back(policy);
            return {};
        }));
    }
    [[nodiscard]] std::vector<Policy> policies() const { return schedules.policies().value(); }
    [[nodiscard]] std::vector<std::string> scopes() const
    {
        std::vector<std::string> out;
        for (const AlertRule &rule : *rules.rules()) {
            if (!rule.scopePath.empty())
                out.push_back(rule.scopePath);
        }
        return out;
    }
};

} // namespace

class TestMigrationBelongings : public QObject
{
    Q_OBJECT
    const test::RecordedTree m_tree{GANTRY_TEST_DATA, "v1-4.19"};

private Q_SLOTS:
    void itsOwn_goes_othersStay()
    {
        Side from(m_tree.hierarchies());
        Side to(m_tree.hierarchies());
        from.schedule("web");
        from.schedule("web2");
        for (const char *path : {"/gantry/web", "/gantry/web/inner", "/gantry/web2", "/gantry"})
            QVERIFY(from.rules.set(ruleAbout("", path)));
        QVERIFY(to.rules.set(ruleAbout("rule-1", "/other"))); // the id is another one's here

        std::vector<std::string> notes;
        const v1::MigrationBelongings all = from.belongings.of("web", "/gantry/web", {}, notes);
        QCOMPARE(all.rules_size(), 2);
        QCOMPARE(notes.size(), std::size_t{1}); // about /gantry
        QVERIFY(notes.front().find("/gantry") != std::string::npos);
        QVERIFY(to.belongings.keep(kMigration, all));
        QVERIFY(to.policies().empty()); // not before it runs there
        const v1::MigrationTaken taken = to.belongings.adopt(kMigration, "moved", "/gantry/moved", "root");
        QVERIFY(taken.schedule());
        QCOMPARE(taken.rules_size(), 2);
        QCOMPARE(taken.notes_size(), 0);
        const std::vector<Policy> there = to.policies();
        QCOMPARE(there.size(), std::size_t{1});
        QCOMPARE(there.front().key, std::string("moved"));
        QCOMPARE(there.front().where, std::string("moved"));
        QVERIFY(there.front().every == std::chrono::seconds(90) && there.front().retention.count == 7U);
        QVERIFY(there.front().restart);
        QCOMPARE(there.front().by, std::string("somebody"));
        QCOMPARE(to.scopes(), (std::vector<std::string>{"/other", "/gantry/moved", "/gantry/moved/inner"}));
        // Nothing is lost where the source has not heard of it.
        QCOMPARE(from.policies().size(), std::size_t{2});
        QCOMPARE(from.scopes().size(), std::size_t{4});

        const auto went = from.belongings.giveAway("web", "/gantry/web", taken, "root");
        QCOMPARE(went.size(), std::size_t{3});
        QCOMPARE(from.policies().size(), std::size_t{1});
        QCOMPARE(from.policies().front().key, std::string("web2"));
        QCOMPARE(from.scopes(), (std::vector<std::string>{"/gantry/web2", "/gantry"}));
        const std::string audit = readFile(from.folder + "/audit.log").value_or("");
        QVERIFY(audit.find("removeSchedule") != std::string::npos && audit.find("deleteRule") != std::string::npos);
        QVERIFY(readFile(to.folder + "/audit.log").value_or("").find("setSchedule") != std::string::npos);
    }

    void askedAgain_tellsTheSame_doesNothingTwice()
    {
        Side from(m_tree.hierarchies());
        Side to(m_tree.hierarchies());
        from.schedule("web");
        QVERIFY(from.rules.set(ruleAbout("", "/gantry/web")));
        std::vector<std::string> notes;
        const auto all = from.belongings.of("web", "/gantry/web", {}, notes);
        QVERIFY(to.belongings.keep(kMigration, all));
        const auto first = to.belongings.adopt(kMigration, "web", "/gantry/web", "root");
        // An admin removes it there; the source asks once more, after a crash.
        QVERIFY(to.schedules.edit([](std::vector<Policy> &some) -> Result<> {
            some.clear();
            return {};
        }));
        const auto second = to.belongings.adopt(kMigration, "web", "/gantry/web", "root");
        QCOMPARE(second.SerializeAsString(), first.SerializeAsString());
        QVERIFY(to.policies().empty());
        // The engine died after it had taken it, and before it had written that down: over itself, not beside it.
        to.belongings.forget(kMigration);
        QVERIFY(to.belongings.keep(kMigration, all));
        QVERIFY(to.belongings.adopt(kMigration, "web", "/gantry/web", "root").schedule());
        QCOMPARE(to.policies().size(), std::size_t{1});
        QCOMPARE(to.scopes().size(), std::size_t{1});
        to.belongings.forget(kMigration);
        QVERIFY(std::filesystem::is_empty(to.folder + "/migrations"));
        QVERIFY(!to.belongings.adopt(kMigration, "web", "/gantry/web", "root").schedule());
    }

    void othersWord_takesNothingElse()
    {
        Side from(m_tree.hierarchies());
        from.schedule("mail");
        QVERIFY(from.rules.set(ruleAbout("rule-1", "/gantry/mail")));
        v1::MigrationTaken lie;
        lie.set_schedule(true);
        lie.add_rules("rule-1");
        lie.add_rules("memory-near-max");
        (void)from.belongings.giveAway("web", "/gantry/web", lie, "root");
        QCOMPARE(from.policies().size(), std::size_t{1});
        QCOMPARE(from.scopes().size(), std::size_t{1});
        // A rule that is about more than the container is not taken, nor is a schedule that none can be.
        Side to(m_tree.hierarchies());
        std::vector<std::string> notes;
        auto all = from.belongings.of("mail", "/gantry/mail", {}, notes);
        all.mutable_rules(0)->set_scope_path("/");
        all.mutable_schedule()->set_period_ms(1);
        QVERIFY(to.belongings.keep(kMigration, all));
        const auto taken = to.belongings.adopt(kMigration, "mail", "/gantry/mail", "root");
        QVERIFY(!taken.schedule());
        QCOMPARE(taken.rules_size(), 0);
        QCOMPARE(taken.notes_size(), 2);
        QVERIFY2(taken.notes(0).find("gantryctl schedule set mail") != std::string::npos, taken.notes(0).c_str());
        QVERIFY(to.policies().empty() && to.scopes().empty());
    }

    void limitOfNoController_isLeftOut_andTold()
    {
        // The same host without one of them.
        const std::string mounts = readFile(m_tree.proc() + "/self/mountinfo").value();
        std::string fewer;
        for (std::string_view rest = mounts; !rest.empty();) {
            const std::string_view line = rest.substr(0, rest.find('\n') + 1);
            if (line.find("/pids ") == std::string_view::npos)
                fewer += line;
            rest.remove_prefix(line.size());
        }
        QVERIFY(fewer.size() < mounts.size());
        m_tree.write("/proc/self/mountinfo", fewer);
        const auto less = cgroup::Hierarchies::discover(
            {.proc = m_tree.proc(), .prefix = m_tree.file("/").parent_path().string(), .checkFileSystem = false});
        m_tree.write("/proc/self/mountinfo", mounts);
        QVERIFY2(less, less ? "" : less.error().message().c_str());
        const LimitValue memory = parseLimitValue(LimitKey::MemoryMax, "200M").value();
        const LimitValue pids = parseLimitValue(LimitKey::PidsMax, "50").value();
        std::optional<launch::LimitSettings> first(
            launch::LimitSettings{{LimitKey::MemoryMax, memory}, {LimitKey::PidsMax, pids}});
        service::leaveOutUnknown(first, *m_tree.hierarchies());
        QCOMPARE(first->size(), std::size_t{2});
        service::leaveOutUnknown(first, **less);
        QCOMPARE(first->size(), std::size_t{1});
        QVERIFY(first->front().first == LimitKey::MemoryMax);

        Side to(*less);
        const control::Control control(
            *less, [](const cgroup::CgroupPath &) { return std::string(); }, to.audit);
        const auto notes = service::giveLimits({{"", {LimitKey::PidsMax, pids}}, {"", {LimitKey::MemoryMax, memory}}},
                                               "/web", control, **less, {});
        QCOMPARE(notes.size(), std::size_t{1}); // and the other one was given all the same
        QVERIFY2(notes.front().find("pids.max = 50") != std::string::npos, notes.front().c_str());
        const auto now = cgroup::readLimit(**less, *cgroup::CgroupPath::parse("/web"), LimitKey::MemoryMax);
        QVERIFY(now && *now == memory);
    }
};

QTEST_GUILESS_MAIN(TestMigrationBelongings)

#include "tst_migration_belongings.moc"
