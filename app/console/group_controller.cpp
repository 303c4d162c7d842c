// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/console/group_controller.h"

#include "app/console/actor.h"
#include "engine/base/strings.h"
#include "engine/service/group_client.h"
#include "engine/service/one_call.h"
#include "engine/service/status.h"
#include "gantry/v1/checkpoint.grpc.pb.h"
#include "widgets/dialogs/transfer_dialog.h"
#include "widgets/text/error_text.h"
#include "widgets/text/format.h"
#include "widgets/text/shell.h"

#include <QCoreApplication>
#include <QPointer>
#include <QWidget>

#include <grpcpp/channel.h>

#include <algorithm>
#include <chrono>
#include <memory>

namespace gantry::console {

namespace {

constexpr std::chrono::seconds kListPatience{60};

QString phaseText(const std::string &member, const std::string &phase)
{
    const QString name = text::utf8(member);
    if (phase == "check")
        return GroupController::tr("%1: looks whether it can be", "saved or restored").arg(name);
    if (phase == "dump")
        return GroupController::tr("%1: stands still, or is about to").arg(name);
    if (phase == "write")
        return GroupController::tr("%1: is written into the store").arg(name);
    if (phase == "read")
        return GroupController::tr("%1: is read from the store").arg(name);
    if (phase == "restore")
        return GroupController::tr("%1: is restored").arg(name);
    return QStringLiteral("%1: %2").arg(name, text::utf8(phase));
}

} // namespace

/// What the client wants of the members. Thread: the one that asks them.
class GroupController::Members
{
public:
    /// @param group its checkpoints are looked for; empty: they are to be saved. @errors ENOTCONN, ENOENT naming one.
    static Result<Members> of(const std::vector<Seat> &seats, const std::string &group, const std::stop_token &stop)
    {
        Members out;
        for (const Seat &seat : seats) {
            const std::string member = seat.member.toStdString();
            if (!seat.host.channel)
                return fail(ENOTCONN, "group", member, "its host is not connected, or not in this window");
            out.m_stubs.push_back(v1::Group::NewStub(seat.host.channel));
            service::GroupMember one{member, *out.m_stubs.back()};
            if (group.empty())
                one.target.set_container(seat.container);
            else
                one.checkpoint = GANTRY_TRY(checkpointOf(seat, group, stop));
            out.m_members.push_back(std::move(one));
        }
        return out;
    }
    [[nodiscard]] const std::vector<service::GroupMember> &all() const { return m_members; }

private:
    static Result<std::string> checkpointOf(const Seat &seat, const std::string &group, const std::stop_token &stop)
    {
        const auto stub = v1::Checkpoint::NewStub(seat.host.channel);
        v1::ListCheckpointsReply reply;
        if (const auto status = service::callOnce(*stub, &v1::Checkpoint::Stub::List, v1::ListCheckpointsRequest(),
                                                  reply, kListPatience, stop);
            !status.ok())
            return std::unexpected(service::errorFrom(status));
        const std::string member = seat.member.toStdString();
        for (const v1::CheckpointInfo &one : reply.checkpoints()) {
            if (one.group() == group && one.group_member() == member)
                return one.id();
        }
        return fail(ENOENT, "restore", member, "its host has no checkpoint of this group: the group is not whole");
    }

    std::vector<std::unique_ptr<v1::Group::Stub>> m_stubs;
    std::vector<service::GroupMember> m_members;
};

GroupController::GroupController(MigrationController &controller) : QObject(&controller), m_controller(controller) {}

void GroupController::askSave(HostKey host, const QStringList &containers)
{
    const MigrationPeer peer = m_controller.peer(host);
    std::vector<Seat> seats;
    QString command = QStringLiteral("gantryctl");
    if (!peer.destination.isEmpty())
        command += QStringLiteral(" --host ") + text::shellWord(peer.destination);
    command += QStringLiteral(" checkpoint");
    for (const QString &container : containers) {
        seats.push_back({peer.destination.isEmpty() ? container : peer.destination + u'/' + container,
                         container.toStdString(), peer});
        command += u' ' + text::shellWord(container);
    }
    open(GroupDialog::Kind::Save, {}, seats, command + QStringLiteral(" --together"));
}

void GroupController::askRestore(HostKey host, const v1::CheckpointInfo &one)
{
    std::vector<MigrationPeer> peers{m_controller.peer(host)};
    for (const MigrationHost &other : m_controller.hostsBesides(host))
        peers.push_back(m_controller.peer(other.key));
    std::vector<Seat> seats;
    for (const std::string &member : one.group_members()) {
        const QString name = text::utf8(member);
        const QString where = name.left(std::max<qsizetype>(name.lastIndexOf(u'/'), 0));
        Seat seat{name, {}, {}};
        if (where.isEmpty() || member == one.group_member())
            seat.host = peers.front();
        else if (const auto found = std::ranges::find(peers, where, &MigrationPeer::destination); found != peers.end())
            seat.host = *found;
        seats.push_back(std::move(seat));
    }
    QString command = QStringLiteral("gantryctl");
    if (const QString &destination = peers.front().destination; !destination.isEmpty())
        command += QStringLiteral(" --host ") + text::shellWord(destination);
    open(GroupDialog::Kind::Restore, text::utf8(one.group()), seats,
         command + QStringLiteral(" restore --group ") + text::utf8(one.group()));
}

void GroupController::open(GroupDialog::Kind kind, const QString &group, const std::vector<Seat> &seats,
                           const QString &command)
{
    QStringList names;
    for (const Seat &seat : seats)
        names << seat.member;
    auto *dialog = new GroupDialog(kind, names, command, m_controller.window());
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &GroupDialog::checkRequested, this, [=, this] { check(*dialog, group, seats); });
    connect(dialog, &QDialog::accepted, this, [=, this] { start(*dialog, kind, group, seats); });
    dialog->start();
    dialog->open();
}

void GroupController::check(GroupDialog &dialog, const QString &group, const std::vector<Seat> &seats)
{
    const QPointer<GroupDialog> asked(&dialog);
    m_controller.run([=](const std::stop_token &stop) -> std::function<void()> {
        const auto members = Members::of(seats, group.toStdString(), stop);
        if (!members)
            return [asked, why = text::errorSentence(members.error())] {
                if (asked)
                    asked->setFailure(why);
            };
        v1::GroupBegin begin;
        begin.set_group(group.toStdString());
        std::vector<GroupDialog::Found> found;
        for (const Result<v1::GroupReady> &one : service::checkTogether(members->all(), begin)) {
            GroupDialog::Found &row = found.emplace_back();
            row.possible = one.has_value();
            if (!one) {
                row.text = text::errorSentence(one.error());
                continue;
            }
            QStringList warnings;
            for (const v1::CheckFinding &finding : one->findings()) {
                if (finding.severity() == v1::CheckFinding::SEVERITY_WARNING)
                    warnings << QCoreApplication::translate("Causes", finding.why().c_str());
            }
            warnings.removeDuplicates();
            row.text = warnings.join(u' ');
        }
        return [asked, found] {
            if (asked)
                asked->setFound(found);
        };
    });
}

void GroupController::start(const GroupDialog &dialog, GroupDialog::Kind kind, const QString &group,
                            const std::vector<Seat> &seats)
{
    const bool saves = kind == GroupDialog::Kind::Save;
    const int count = static_cast<int>(seats.size());
    v1::GroupBegin begin = dialog.request();
    begin.set_group(group.toStdString());
    *begin.mutable_actor() = consoleActor();
    const QString title = dialog.windowTitle();
    auto *progress = new TransferDialog(title,
                                        saves ? tr("All run on until all are ready, and again once all are saved.")
                                              : tr("None runs before all are there."),
                                        {}, dialog.line(), m_controller.window());
    progress->setAttribute(Qt::WA_DeleteOnClose);
    progress->show();
    const QPointer<TransferDialog> shown(progress);
    Q_EMIT m_controller.message(saves ? tr("%n containers are being saved together…", nullptr, count)
                                      : tr("%n containers are being restored together…", nullptr, count));
    std::stop_source stop = m_controller.run([=, this](const std::stop_token &stopped) -> std::function<void()> {
        const auto onPhase = [this, shown](std::string_view member, std::string_view phase) {
            QMetaObject::invokeMethod(this, [shown, words = phaseText(std::string(member), std::string(phase))] {
                if (shown)
                    shown->setPhase(words);
            });
        };
        std::chrono::microseconds skew{};
        const auto ends = [&]() -> Result<service::GroupEnds> {
            const auto members = GANTRY_TRY(Members::of(seats, group.toStdString(), stopped));
            if (!saves)
                return service::restoreTogether(members.all(), begin, onPhase, stopped);
            service::GroupSaved saved = GANTRY_TRY(service::saveTogether(members.all(), begin, onPhase, stopped));
            skew = saved.skew;
            return std::move(saved.members);
        }();
        return [=, this] {
            for (const Seat &seat : seats)
                Q_EMIT checkpointsChanged(seat.host.key);
            if (!ends) {
                const QString why = text::errorSentence(ends.error());
                Q_EMIT m_controller.message(saves ? tr("None of them was saved; all run on.")
                                                  : tr("None of them was restored."));
                if (shown)
                    shown->setFailure(why);
                else
                    Q_EMIT m_controller.failed(why);
                return;
            }
            QStringList problems;
            for (std::size_t i = 0; i < seats.size(); ++i) {
                const auto &one = ends->at(i);
                if (!one)
                    problems << tr("%1: %2", "container, what failed")
                                    .arg(seats[i].member, text::errorSentence(one.error()));
                else if (!saves)
                    Q_EMIT restored(seats[i].host.key, one->checkpoint());
            }
            const QString done =
                saves ? tr("%n containers are saved, as they were at one instant (within %1).", nullptr, count)
                            .arg(text::duration(Micros(static_cast<std::uint64_t>(skew.count()))))
                      : tr("%n containers run again, as they were at one instant.", nullptr, count);
            Q_EMIT m_controller.message(done);
            if (shown)
                shown->setDone((QStringList{done} + problems).join(u'\n'));
            else if (!problems.isEmpty())
                Q_EMIT m_controller.failed(problems.join(u'\n'));
        };
    });
    connect(progress, &TransferDialog::cancelRequested, this, [stop]() mutable { stop.request_stop(); });
}

} // namespace gantry::console
