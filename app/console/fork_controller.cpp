// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/console/fork_controller.h"

#include "app/console/actor.h"
#include "engine/service/fork_client.h"
#include "widgets/dialogs/copy_dialog.h"
#include "widgets/dialogs/transfer_dialog.h"
#include "widgets/text/error_text.h"
#include "widgets/text/format.h"

#include <QPointer>
#include <QTimer>
#include <QWidget>

#include <grpcpp/channel.h>

#include <algorithm>

namespace gantry::console {

namespace {

constexpr int kPauseMs = 150; ///< that the user makes before somebody is asked

/// Both hosts as the client wants them.
class Both
{
public:
    Both(const std::shared_ptr<grpc::Channel> &source, const std::shared_ptr<grpc::Channel> &target)
        : m_here(v1::Fork::NewStub(source))
        , m_from(v1::Transfer::NewStub(source))
        , m_there(v1::Fork::NewStub(target))
        , m_to(v1::Transfer::NewStub(target))
    {}
    [[nodiscard]] service::ForkEnds ends() const { return {{*m_here, *m_from}, {*m_there, *m_to}}; }

private:
    const std::unique_ptr<v1::Fork::Stub> m_here;
    const std::unique_ptr<v1::Transfer::Stub> m_from;
    const std::unique_ptr<v1::Fork::Stub> m_there;
    const std::unique_ptr<v1::Transfer::Stub> m_to;
};

QString phaseText(const std::string &name)
{
    if (name == "check")
        return ForkController::tr("Both hosts look whether it can be done");
    if (name == "send")
        return ForkController::tr("The checkpoint is sent");
    if (name == "read")
        return ForkController::tr("The checkpoint is read from the store there");
    if (name.starts_with("copy "))
        return ForkController::tr("It is restored: %1", "1/3").arg(text::utf8(name).sliced(5));
    return text::utf8(name);
}

/// What came of it, a sentence each: those that run first.
struct Told
{
    QString first;
    QStringList problems;
};
Told toldOf(const service::Forked &done, const QString &host)
{
    Told out;
    QStringList running;
    for (const v1::CheckFinding &one : done.judged.findings()) {
        if (done.refused)
            out.problems << text::utf8(one.why());
    }
    for (const v1::CopyCheckpointReply::Conflict &one : done.copies.conflicts())
        out.problems << text::errorSentence(one.failure());
    for (const v1::CopyCheckpointReply::Copy &copy : done.copies.copies()) {
        const QString name = text::utf8(copy.name());
        if (copy.root_pid() != 0)
            running << name;
        else if (copy.has_failure())
            out.problems << ForkController::tr("%1 does not run: %2").arg(name, text::errorSentence(copy.failure()));
        else if (done.copies.conflicts().empty())
            out.problems << ForkController::tr("%1 was not tried.").arg(name);
    }
    for (const std::string &why : done.unrecorded)
        out.problems << ForkController::tr("Something of it is missing in an audit log: %1").arg(text::utf8(why));
    out.first = ForkController::tr("%n new container(s) run on %1: %2", nullptr, static_cast<int>(running.size()))
                    .arg(host, running.isEmpty() ? QStringLiteral("—") : running.join(QStringLiteral(", ")));
    return out;
}

} // namespace

ForkController::ForkController(MigrationController &controller) : QObject(&controller), m_controller(controller) {}

std::vector<MigrationHost> ForkController::hosts(HostKey source) const
{
    std::vector<MigrationHost> out = m_controller.hostsBesides(source);
    out.insert(out.begin(), m_controller.peer(source));
    return out;
}

void ForkController::serve(CopyDialog &dialog, HostKey source)
{
    auto *pause = new QTimer(&dialog);
    pause->setSingleShot(true);
    pause->setInterval(kPauseMs);
    connect(
        &dialog, &CopyDialog::checkRequested, pause,
        [this, pause, asked = &dialog, source](int question, HostKey host, const v1::CopyCheckpointRequest &request) {
            pause->disconnect(asked);
            connect(pause, &QTimer::timeout, asked, [=, this] { check(*asked, source, question, host, request); });
            pause->start();
        });
}

void ForkController::check(CopyDialog &dialog, HostKey source, int question, HostKey target,
                           const v1::CopyCheckpointRequest &request)
{
    const QPointer<CopyDialog> asked(&dialog);
    const auto from = m_controller.peer(source).channel;
    const auto to = m_controller.peer(target).channel;
    if (!from || !to) {
        dialog.setCheckFailure(question, tr("One of the two hosts is not connected now."));
        return;
    }
    m_controller.run([=](const std::stop_token &stop) -> std::function<void()> {
        const auto reply = service::judgeFork(Both(from, to).ends(), request, stop);
        return [asked, question, reply] {
            if (!asked)
                return;
            if (reply)
                asked->setJudged(question, *reply);
            else
                asked->setCheckFailure(question, text::errorSentence(reply.error()));
        };
    });
}

void ForkController::start(HostKey source, const v1::CheckpointInfo &checkpoint, const CopyDialog &dialog)
{
    const MigrationPeer from = m_controller.peer(source);
    const MigrationPeer to = m_controller.peer(dialog.elsewhere());
    const QString subject = text::utf8(checkpoint.subject());
    if (!from.channel || !to.channel) {
        Q_EMIT m_controller.failed(tr("%1 was not restored: one of the two hosts is not connected now.").arg(subject));
        return;
    }
    service::ForkWish wish{dialog.request(), {}};
    *wish.copy.mutable_actor() = consoleActor();
    for (const QString &cause : dialog.skipped())
        wish.skip.push_back(cause.toStdString());

    auto *progress =
        new TransferDialog(tr("%1: %2 to %3", "container, host, host").arg(subject, from.name, to.name),
                           tr("What %1 was at %2 is restored on %3 as a new container. Nothing changes on %4.")
                               .arg(subject, text::dateTime(checkpoint.realtime_usec()), to.name, from.name),
                           {}, dialog.line(), m_controller.window());
    progress->setAttribute(Qt::WA_DeleteOnClose);
    progress->show();
    const QPointer<TransferDialog> shown(progress);
    Q_EMIT m_controller.message(tr("%1 is being restored on %2…").arg(subject, to.name));
    std::stop_source stop = m_controller.run([=, this](const std::stop_token &stopped) -> std::function<void()> {
        const auto onPhase = [this, shown](const service::ForkPhase &phase) {
            QMetaObject::invokeMethod(this, [shown, phase] {
                if (!shown)
                    return;
                shown->setPhase(phaseText(phase.name));
                if (phase.name == "send")
                    shown->setProgress(phase.bytes, phase.mostBytes);
            });
        };
        const auto done = service::fork(Both(from.channel, to.channel).ends(), wish, onPhase, stopped);
        return [=, this] {
            Q_EMIT checkpointsChanged(to.key);
            if (!done) {
                const QString why = text::errorSentence(done.error());
                Q_EMIT m_controller.message(tr("%1 was not restored on %2.").arg(subject, to.name));
                if (shown)
                    shown->setFailure(why);
                else
                    Q_EMIT m_controller.failed(why);
                return;
            }
            const Told told = toldOf(*done, to.name);
            for (const v1::CopyCheckpointReply::Copy &copy : done->copies.copies()) {
                if (copy.root_pid() == 0)
                    continue;
                v1::CheckpointInfo of = done->copies.checkpoint();
                of.set_subject(copy.name());
                Q_EMIT restored(to.key, of);
            }
            Q_EMIT m_controller.message(told.first);
            QStringList lines = QStringList{told.first} + told.problems;
            if (!done->refused)
                lines << (done->judged.known()
                              ? tr("Nothing was sent: the checkpoint was in the store of %1 before.").arg(to.name)
                              : tr("%1 were sent; the checkpoint stays in the store of %2.")
                                    .arg(text::bytes(done->bytes), to.name));
            for (const std::string &note : done->copies.notes())
                lines << text::utf8(note);
            if (shown)
                shown->setDone(lines.join(u'\n'));
            else if (!told.problems.isEmpty())
                Q_EMIT m_controller.failed(told.problems.join(u'\n'));
        };
    });
    connect(progress, &TransferDialog::cancelRequested, this, [stop]() mutable { stop.request_stop(); });
}

} // namespace gantry::console
