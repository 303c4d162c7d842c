// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/console/bulk_migrations.h"

#include "app/console/actor.h"
#include "engine/service/migration_client.h"
#include "engine/service/migration_queue.h"
#include "widgets/dialogs/migration_queue_window.h"
#include "widgets/text/error_text.h"
#include "widgets/text/format.h"

#include <QPointer>
#include <QWidget>

#include <grpcpp/channel.h>

#include <algorithm>
#include <cerrno>
#include <map>

namespace gantry::console {

using service::QueuedState;
using Shown = MigrationQueueWindow::State;

/// One queue. Rows of the window are those of the wish; what stays has no place in the queue. Thread: GUI.
struct BulkMigrations::Run
{
    HostKey source;
    BulkWish wish;
    std::vector<std::size_t> rows; ///< of each item of the queue
    service::MigrationQueue queue;
    std::map<std::size_t, std::stop_source> stops; ///< of those at work
    QPointer<MigrationQueueWindow> window;
    OnMoved onMoved;
};

namespace {

std::vector<std::optional<std::size_t>> placed(const std::vector<std::vector<BulkVerdict>> &verdicts)
{
    std::vector<std::vector<service::Judged>> judged;
    for (const auto &row : verdicts) {
        auto &out = judged.emplace_back();
        for (const BulkVerdict &one : row)
            out.push_back({one.possible, one.availableBytes, one.wantedBytes});
    }
    return service::placeContainers(judged);
}

Shown shownAs(QueuedState state)
{
    switch (state) {
    case QueuedState::Waiting:
        return Shown::Waiting;
    case QueuedState::AtWork:
        return Shown::AtWork;
    case QueuedState::Stopping:
        return Shown::Stopping;
    case QueuedState::Done:
        return Shown::Done;
    case QueuedState::Failed:
        return Shown::Failed;
    case QueuedState::Unknown:
        return Shown::Unknown;
    case QueuedState::GivenUp:
        break;
    }
    return Shown::GivenUp;
}

} // namespace

BulkMigrations::BulkMigrations(MigrationController &controller) : QObject(&controller), m_controller(controller) {}

void BulkMigrations::ask(HostKey source, const QStringList &containers, const std::vector<HostKey> &wanted, bool all)
{
    std::vector<BulkItem> items;
    for (const QString &container : containers)
        items.push_back({container});
    std::vector<HostKey> hosts;
    for (const MigrationHost &one : m_controller.hostsBesides(source))
        hosts.push_back(one.key);
    ask(source, items, hosts, wanted, all, {});
}

void BulkMigrations::ask(HostKey source, const std::vector<BulkItem> &items, const std::vector<HostKey> &hosts,
                         const std::vector<HostKey> &wanted, bool all, const OnMoved &onMoved)
{
    std::vector<MigrationHost> others = m_controller.hostsBesides(source);
    std::erase_if(others, [&](const MigrationHost &one) { return std::ranges::find(hosts, one.key) == hosts.end(); });
    auto *dialog = new BulkMigrateDialog(m_controller.peer(source), items, std::move(others), wanted, all, placed,
                                         m_controller.window());
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    struct Asking
    {
        int question = 0;
        std::vector<std::stop_source> stops; ///< of each host
    };
    const auto asking = std::make_shared<Asking>();
    const auto stopAsking = [asking] {
        for (std::stop_source &one : asking->stops)
            one.request_stop();
        asking->stops.clear();
    };
    connect(dialog, &BulkMigrateDialog::checkRequested, this,
            [=, this](int question, HostKey target, const std::vector<BulkQuestion> &questions) {
                if (asking->question != question)
                    stopAsking(); // nobody waits for the older one
                asking->question = question;
                asking->stops.push_back(check(*dialog, source, question, target, questions));
            });
    connect(dialog, &QDialog::finished, this, stopAsking);
    connect(dialog, &QDialog::accepted, this,
            [this, dialog, source, onMoved] { start(source, dialog->wish(), onMoved); });
    dialog->start();
    dialog->open();
}

std::stop_source BulkMigrations::check(BulkMigrateDialog &dialog, HostKey source, int question, HostKey target,
                                       const std::vector<BulkQuestion> &items)
{
    const QPointer<BulkMigrateDialog> asked(&dialog);
    const auto from = m_controller.peer(source).channel;
    const auto to = m_controller.peer(target).channel;
    return m_controller.run([=, this](const std::stop_token &stop) -> std::function<void()> {
        for (const BulkQuestion &one : items) {
            v1::Target what;
            what.set_container(one.container.toStdString());
            Result<v1::JudgeMigrationReply> reply =
                fail(ENOTCONN, "check", one.container.toStdString(), "one of the two hosts is not connected now");
            if (from && to)
                reply = service::judgeMigration({*v1::Migration::NewStub(from), *v1::Migration::NewStub(to)}, what,
                                                one.name.toStdString(), stop);
            if (stop.stop_requested())
                break;
            QMetaObject::invokeMethod(this, [asked, question, item = one.item, target, reply] {
                if (!asked)
                    return;
                if (reply)
                    asked->setReply(question, item, target, *reply);
                else
                    asked->setFailure(question, item, target, text::errorSentence(reply.error()));
            });
        }
        return [] {};
    });
}

void BulkMigrations::start(HostKey source, const BulkWish &wish, const OnMoved &onMoved)
{
    std::vector<MigrationQueueWindow::Row> shown;
    std::vector<std::size_t> rows;
    for (std::size_t i = 0; i < wish.items.size(); ++i) {
        const BulkWish::Item &one = wish.items[i];
        shown.push_back({one.container, one.host ? m_controller.peer(one.host).name : QString(), one.reason});
        if (one.host)
            rows.push_back(i);
    }
    const auto run = std::make_shared<Run>(
        Run{source,
            wish,
            rows,
            service::MigrationQueue(rows.size(), static_cast<std::size_t>(wish.parallel), wish.stopOnError),
            {},
            {},
            onMoved});
    auto *window = new MigrationQueueWindow(m_controller.peer(source).name, shown, m_controller.window());
    window->setAttribute(Qt::WA_DeleteOnClose);
    run->window = window;
    connect(window, &MigrationQueueWindow::giveUpRequested, this,
            [this, run](const std::vector<std::size_t> &chosen) { giveUp(run, chosen); });
    connect(window, &MigrationQueueWindow::retryRequested, this, [this, run](const std::vector<std::size_t> &chosen) {
        for (std::size_t item = 0; item < run->rows.size(); ++item) {
            if (std::ranges::find(chosen, run->rows[item]) != chosen.end() && run->queue.retry(item) && run->window)
                run->window->setState(run->rows[item], Shown::Waiting);
        }
        advance(run);
    });
    connect(window, &MigrationQueueWindow::rollBackRequested, this,
            [this, run](const std::vector<std::size_t> &chosen) { rollBack(run, chosen); });
    window->show();
    advance(run);
}

void BulkMigrations::advance(const std::shared_ptr<Run> &run)
{
    while (const auto item = run->queue.next())
        begin(run, *item);
}

void BulkMigrations::begin(const std::shared_ptr<Run> &run, std::size_t item)
{
    const std::size_t row = run->rows[item];
    const BulkWish::Item one = run->wish.items[row];
    const MigrationPeer from = m_controller.peer(run->source);
    const MigrationPeer to = m_controller.peer(one.host);
    if (run->window)
        run->window->setState(row, Shown::AtWork);
    if (!from.channel || !to.channel) {
        // Not at once: who begins them is in the midst of it.
        QMetaObject::invokeMethod(
            this,
            [this, run, item, name = to.name.toStdString()] {
                end(run, item, fail(ENOTCONN, "migrate", name, "one of the two hosts is not connected now"));
            },
            Qt::QueuedConnection);
        return;
    }
    const MigrationOptions options = run->wish;
    const v1::MigrationBegin begin = beginOf(one.container, one.name, to, options);
    const auto window = run->window;
    run->stops[item] = m_controller.run([=, this](const std::stop_token &stop) -> std::function<void()> {
        const auto onPhase = [this, window, row](const v1::MigrationPhase &phase) {
            QMetaObject::invokeMethod(this, [window, row, phase] {
                if (window)
                    window->setPhase(row, phase);
            });
        };
        const auto done = carry(from, to, begin, options, onPhase, stop);
        return [this, run, item, done] { end(run, item, done); };
    });
}

void BulkMigrations::end(const std::shared_ptr<Run> &run, std::size_t item, const Result<v1::MigrationDone> &done)
{
    const std::size_t row = run->rows[item];
    const QString container = run->wish.items[row].container;
    const bool wasStopped = run->queue.state(item) == QueuedState::Stopping;
    run->stops.erase(item);
    if (done) {
        run->queue.end(item, QueuedState::Done);
        if (run->window)
            run->window->setDone(row, *done);
        if (run->onMoved)
            run->onMoved(container);
    } else {
        const int code = done.error().posix();
        const QueuedState how = code == EINPROGRESS ? QueuedState::Unknown
                                : wasStopped        ? QueuedState::GivenUp
                                                    : QueuedState::Failed;
        run->queue.end(item, how);
        const QString why = text::errorSentence(done.error());
        if (run->window)
            run->window->setFailed(row, why, shownAs(how));
        else if (how != QueuedState::GivenUp)
            Q_EMIT m_controller.failed(tr("%1: %2", "container, sentences").arg(container, why));
    }
    for (std::size_t i = 0; i < run->rows.size(); ++i) { // others are given up by one that failed
        if (run->queue.state(i) == QueuedState::GivenUp && run->window &&
            run->window->state(run->rows[i]) == Shown::Waiting)
            run->window->setState(run->rows[i], Shown::GivenUp);
    }
    advance(run);
    if (run->queue.isOver())
        Q_EMIT m_controller.message(
            tr("%1 of %n container(s) moved from %2.", nullptr, static_cast<int>(run->wish.items.size()))
                .arg(run->queue.count(QueuedState::Done))
                .arg(m_controller.peer(run->source).name));
}

void BulkMigrations::giveUp(const std::shared_ptr<Run> &run, const std::vector<std::size_t> &items)
{
    for (std::size_t item = 0; item < run->rows.size(); ++item) {
        const std::size_t row = run->rows[item];
        if (std::ranges::find(items, row) == items.end())
            continue;
        if (run->queue.giveUp(item))
            run->stops[item].request_stop();
        if (run->window)
            run->window->setState(row, shownAs(run->queue.state(item)));
    }
}

void BulkMigrations::rollBack(const std::shared_ptr<Run> &run, const std::vector<std::size_t> &items)
{
    std::map<HostKey, std::vector<BulkItem>> byHost;
    for (const std::size_t row : items) {
        const BulkWish::Item &one = run->wish.items[row];
        byHost[one.host].push_back({one.name, one.container});
    }
    for (const auto &[host, all] : byHost) {
        const auto onMoved = [run, host = host](const QString &name) {
            for (std::size_t row = 0; row < run->wish.items.size(); ++row) {
                const BulkWish::Item &one = run->wish.items[row];
                if (run->window && one.host == host && one.name == name)
                    run->window->setState(row, Shown::Back);
            }
        };
        ask(host, all, {run->source}, {run->source}, false, onMoved);
    }
}

} // namespace gantry::console
