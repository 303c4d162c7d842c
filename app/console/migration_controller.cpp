// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/console/migration_controller.h"

#include "app/console/actor.h"
#include "engine/service/migration_timeline.h"
#include "widgets/dialogs/migration_progress.h"
#include "widgets/text/error_text.h"
#include "widgets/text/format.h"

#include <QPointer>
#include <QWidget>

#include <grpcpp/channel.h>

#include <algorithm>
#include <atomic>
#include <cerrno>

namespace gantry::console {

/// Thread: GUI, but for the thread's own body.
struct MigrationController::Task
{
    std::atomic<bool> over = false;
    std::jthread thread; ///< last: it uses the rest
};

namespace {

/// The worst thing that was found; the name alone can be changed in the dialog.
DropVerdict verdictOf(const QString &host, const Result<v1::JudgeMigrationReply> &reply)
{
    using Kind = DropVerdict::Kind;
    if (!reply)
        return {Kind::Refused, QStringLiteral("%1: %2").arg(host, text::errorSentence(reply.error()))};
    for (const v1::CheckFinding &one : reply->findings()) {
        const bool isError = one.severity() == v1::CheckFinding::SEVERITY_ERROR;
        if (!isError && one.severity() != v1::CheckFinding::SEVERITY_WARNING)
            continue;
        const bool isFinal = isError && one.cause() != "name";
        return {isFinal ? Kind::Refused : Kind::Warned,
                MigrationController::tr("%1: %2", "host, sentence").arg(host, text::utf8(one.why()))};
    }
    return {Kind::Allowed, MigrationController::tr("It can go to %1.").arg(host)};
}

/// Of several: refused if none can go there; the reason is that of the worst.
DropVerdict verdictOfAll(const QString &host, const std::vector<DropVerdict> &all)
{
    using Kind = DropVerdict::Kind;
    const auto worst = std::ranges::max_element(all, {}, &DropVerdict::kind);
    const auto refused = std::ranges::count(all, Kind::Refused, &DropVerdict::kind);
    if (all.size() == 1 || refused == static_cast<std::ptrdiff_t>(all.size()))
        return *worst;
    const int free = static_cast<int>(all.size()) - static_cast<int>(refused);
    const QString some = MigrationController::tr("%n of %1 can go to %2.", nullptr, free).arg(all.size()).arg(host);
    if (worst->kind == Kind::Allowed)
        return {Kind::Allowed, some};
    return {Kind::Warned, QStringLiteral("%1 %2").arg(some, worst->reason)};
}

} // namespace

service::MigrationTransport transportOf(MigrationWay way, const MigrationHost &from, const MigrationHost &to)
{
    using Way = service::MigrationTransport::Way;
    const auto isElsewhere = [](const MigrationHost &host) {
        return !host.destination.isEmpty() && host.destination != QStringLiteral("local") &&
               !host.destination.startsWith(QStringLiteral("unix:"));
    };
    switch (way) {
    case MigrationWay::Direct:
        return {Way::Direct};
    case MigrationWay::Relay:
        return {Way::Relay};
    case MigrationWay::Auto:
        break;
    }
    return {isElsewhere(from) || isElsewhere(to) ? Way::Auto : Way::Relay};
}

v1::MigrationBegin beginOf(const QString &container, const QString &name, const MigrationPeer &to,
                           const MigrationOptions &options)
{
    v1::MigrationBegin out;
    out.mutable_target()->set_container(container.toStdString());
    out.set_name(name.toStdString());
    out.set_peer(to.name.toStdString());
    out.set_rounds(static_cast<std::uint32_t>(options.rounds));
    out.set_keep(options.keep);
    out.set_limit_bytes_per_second(options.limit);
    for (const QString &cause : options.skip)
        out.add_skip(cause.toStdString());
    *out.mutable_actor() = consoleActor();
    return out;
}

Result<v1::MigrationDone> carry(const MigrationPeer &from, const MigrationPeer &to, const v1::MigrationBegin &begin,
                                const MigrationOptions &options, const service::OnMigrationPhase &onPhase,
                                const std::stop_token &stop)
{
    const auto here = v1::Migration::NewStub(from.channel);
    const auto there = v1::Migration::NewStub(to.channel);
    auto done = service::migrate({*here, *there}, begin, onPhase, stop, transportOf(options.way, from, to));
    if (!done || !options.timeline)
        return done;
    const auto storeHere = v1::Checkpoint::NewStub(from.channel);
    const auto storeThere = v1::Checkpoint::NewStub(to.channel);
    const auto giver = v1::Transfer::NewStub(from.channel);
    const auto taker = v1::Transfer::NewStub(to.channel);
    service::takeTimelineAlong({*storeHere, *giver}, {*storeThere, *taker},
                               {.container = begin.target().container(),
                                .name = begin.name(),
                                .last = {},
                                .bytesPerSecond = begin.limit_bytes_per_second(),
                                .actor = begin.actor()},
                               *done, onPhase, stop);
    return done;
}

MigrationController::MigrationController(std::function<std::vector<MigrationPeer>()> peers, QWidget *window)
    : QObject(window), m_peers(std::move(peers)), m_window(window)
{}

MigrationController::~MigrationController()
{
    for (const auto &task : m_tasks)
        task->thread.request_stop(); // all of them, before the first is waited for
}

std::stop_source MigrationController::run(Work work)
{
    std::erase_if(m_tasks, [](const std::unique_ptr<Task> &task) { return task->over.load(); });
    Task &task = *m_tasks.emplace_back(std::make_unique<Task>());
    task.thread = std::jthread([this, &task, work = std::move(work)](const std::stop_token &stop) {
        auto then = work(stop);
        QMetaObject::invokeMethod(this, std::move(then), Qt::QueuedConnection);
        task.over = true;
    });
    return task.thread.get_stop_source();
}

MigrationPeer MigrationController::peer(HostKey key) const
{
    const std::vector<MigrationPeer> all = m_peers();
    const auto at = std::ranges::find(all, key, &MigrationPeer::key);
    return at == all.end() ? MigrationPeer() : *at;
}

std::vector<MigrationHost> MigrationController::hostsBesides(HostKey source) const
{
    std::vector<MigrationHost> out;
    for (const MigrationPeer &one : m_peers()) {
        if (one.key != source)
            out.push_back(one);
    }
    return out;
}

void MigrationController::ask(HostKey source, const QString &container, HostKey wanted)
{
    const MigrationPeer from = peer(source);
    auto *dialog = new MigrateDialog(container, from, hostsBesides(source), wanted, m_window);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &MigrateDialog::checkRequested, this,
            [this, dialog, source, container](int question, HostKey target, const QString &name) {
                check(*dialog, source, container, question, target, name);
            });
    connect(dialog, &QDialog::accepted, this,
            [this, dialog, source, container] { start(source, container, dialog->wish()); });
    dialog->start();
    dialog->open();
}

void MigrationController::check(MigrateDialog &dialog, HostKey source, const QString &container, int question,
                                HostKey target, const QString &name)
{
    const QPointer<MigrateDialog> asked(&dialog);
    const auto from = peer(source).channel;
    const auto to = peer(target).channel;
    if (!from || !to) {
        dialog.setFailure(question, tr("One of the two is not connected now."));
        return;
    }
    v1::Target what;
    what.set_container(container.toStdString());
    run([=, name = name.toStdString()](const std::stop_token &stop) -> std::function<void()> {
        const auto here = v1::Migration::NewStub(from);
        const auto there = v1::Migration::NewStub(to);
        const auto reply = service::judgeMigration({*here, *there}, what, name, stop);
        return [asked, question, reply] {
            if (!asked)
                return;
            if (reply)
                asked->setReply(question, *reply);
            else
                asked->setFailure(question, text::errorSentence(reply.error()));
        };
    });
}

void MigrationController::start(HostKey source, const QString &container, const MigrationWish &wish)
{
    const MigrationPeer from = peer(source);
    const MigrationPeer to = peer(wish.host);
    if (!from.channel || !to.channel) {
        Q_EMIT failed(tr("%1 was not migrated: one of the two hosts is not connected now.").arg(container));
        return;
    }
    const v1::MigrationBegin begin = beginOf(container, wish.name, to, wish);
    auto *progress = new MigrationProgress(container, from.name, to.name, wish.name, m_window);
    progress->setAttribute(Qt::WA_DeleteOnClose);
    progress->show();
    const QPointer<MigrationProgress> shown(progress);
    Q_EMIT message(tr("%1 is being migrated to %2…").arg(container, to.name));
    std::stop_source stop = run([=, this](const std::stop_token &stopped) -> std::function<void()> {
        const auto onPhase = [this, shown](const v1::MigrationPhase &phase) {
            QMetaObject::invokeMethod(this, [shown, phase] {
                if (shown)
                    shown->setPhase(phase);
            });
        };
        const auto done = carry(from, to, begin, wish, onPhase, stopped);
        return [=, this] {
            if (done) {
                Q_EMIT message(tr("%1 runs on %2.").arg(container, to.name));
                if (shown)
                    shown->setDone(*done);
                return;
            }
            const bool unknown = done.error().posix() == EINPROGRESS;
            const QString why = text::errorSentence(done.error());
            Q_EMIT message(unknown ? tr("It is not known yet where %1 runs.").arg(container)
                                   : tr("%1 still runs on %2.").arg(container, from.name));
            if (shown)
                shown->setFailed(why, unknown);
            else
                Q_EMIT failed(why);
        };
    });
    connect(progress, &MigrationProgress::cancelRequested, this, [stop]() mutable { stop.request_stop(); });
    connect(progress, &MigrationProgress::rollBackRequested, this, [this, source, container, wish] {
        MigrationWish back = wish;
        back.host = source;
        back.name = container;
        back.keep = false;
        start(wish.host, wish.name, back);
    });
}

void MigrationController::judgeAll(HostKey source, const QStringList &containers)
{
    using Kind = DropVerdict::Kind;
    const MigrationPeer from = peer(source);
    for (const MigrationPeer &one : m_peers()) {
        if (one.key == source) {
            Q_EMIT judged(one.key, {Kind::Refused,
                                    tr("%1 is on %2 already.").arg(containers.join(QStringLiteral(", ")), one.name)});
            continue;
        }
        if (!one.channel || !one.problem.isEmpty() || !from.channel) {
            Q_EMIT judged(one.key, {Kind::Refused, QStringLiteral("%1: %2").arg(one.name, one.problem)});
            continue;
        }
        Q_EMIT judged(one.key, {Kind::Asking, tr("%1 is being asked.").arg(one.name)});
        run([this, from, one, containers](const std::stop_token &stop) -> std::function<void()> {
            const auto here = v1::Migration::NewStub(from.channel);
            const auto there = v1::Migration::NewStub(one.channel);
            std::vector<DropVerdict> all;
            for (const QString &container : containers) {
                v1::Target what;
                what.set_container(container.toStdString());
                const auto reply = service::judgeMigration({*here, *there}, what, {}, stop);
                all.push_back(verdictOf(one.name, reply));
                if (containers.size() > 1 && all.back().kind != Kind::Allowed)
                    all.back().reason = QStringLiteral("%1: %2").arg(container, all.back().reason);
            }
            return [this, one, all] { Q_EMIT judged(one.key, verdictOfAll(one.name, all)); };
        });
    }
}

void MigrationController::settle(HostKey host)
{
    const MigrationPeer mine = peer(host);
    if (!mine.channel || !mine.problem.isEmpty())
        return;
    std::vector<MigrationPeer> others = m_peers();
    std::erase_if(others,
                  [&](const MigrationPeer &one) { return one.key == host || !one.channel || !one.problem.isEmpty(); });
    if (others.empty())
        return;
    const v1::Actor actor = consoleActor();
    run([this, mine, others, actor](const std::stop_token &stop) -> std::function<void()> {
        const auto here = v1::Migration::NewStub(mine.channel);
        QStringList done;
        for (const MigrationPeer &other : others) {
            const auto there = v1::Migration::NewStub(other.channel);
            for (const service::Ends &ends : {service::Ends{*here, *there}, service::Ends{*there, *here}}) {
                if (stop.stop_requested())
                    break;
                // What cannot be settled now is tried again at the next connection, and told by "gantryctl migrations".
                for (const std::string &text :
                     service::settleMigrations(ends, actor, stop).value_or(std::vector<std::string>()))
                    done << text::utf8(text);
            }
        }
        return [this, done] {
            if (!done.isEmpty())
                Q_EMIT message(tr("Settled: %1").arg(done.join(QStringLiteral("; "))));
        };
    });
}

} // namespace gantry::console
