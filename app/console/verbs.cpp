// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/console/verbs.h"

#include "app/console/dialog_previews.h"
#include "widgets/dialogs/move_dialog.h"
#include "widgets/dialogs/new_cgroup_dialog.h"
#include "widgets/dialogs/signal_dialog.h"
#include "widgets/models/node_tree_model.h"
#include "widgets/text/format.h"
#include "widgets/text/shell.h"
#include "widgets/text/warning_text.h"

#include <algorithm>
#include <numeric>

#include <signal.h>

namespace gantry::console {

namespace {

using text::utf8;

template <class Reply> QStringList warningsOf(const std::vector<Reply> &replies)
{
    QStringList out;
    for (const Reply &reply : replies) {
        for (const v1::Warning &warning : reply.warnings())
            out.append(text::warningSentence(warning));
    }
    out.removeDuplicates();
    return out;
}

template <class Reply> std::uint32_t processCount(const std::vector<Reply> &replies)
{
    return std::accumulate(replies.begin(), replies.end(), 0U,
                           [](std::uint32_t sum, const Reply &reply) { return sum + reply.process_count(); });
}

template <class Reply> std::vector<Confirmation::Object> objectsOf(const std::vector<Reply> &replies)
{
    std::vector<Confirmation::Object> out;
    for (const Reply &reply : replies) {
        Confirmation::Object object;
        object.name = utf8(reply.cgroup_path());
        if constexpr (requires { reply.process_count(); })
            object.processCount = reply.process_count();
        out.push_back(std::move(object));
    }
    return out;
}

/// The equivalent commands, one a target.
template <class Reply> QString commandLine(const QString &verb, const std::vector<Reply> &replies)
{
    QStringList lines;
    for (const Reply &reply : replies)
        lines.append(QStringLiteral("gantryctl %1 %2").arg(verb, text::shellWord(utf8(reply.cgroup_path()))));
    return lines.join(QStringLiteral("; "));
}

template <class Request> std::vector<Request> requestsFor(const std::vector<NodeFacts> &nodes)
{
    std::vector<Request> out(nodes.size());
    for (std::size_t i = 0; i < nodes.size(); ++i)
        out[i].mutable_target()->set_node_id(nodes[i].cgroup.v);
    return out;
}

std::vector<std::string> pathsOf(const std::vector<NodeFacts> &nodes)
{
    std::vector<std::string> out;
    out.reserve(nodes.size());
    for (const NodeFacts &node : nodes)
        out.push_back(node.path.toStdString());
    return out;
}

QString signalName(int number)
{
    const char *name = ::sigabbrev_np(number);
    return name ? QStringLiteral("SIG%1").arg(QString::fromLatin1(name)) : QString::number(number);
}

} // namespace

Error withPath(Error error, const std::string &path)
{
    if (!path.empty() && error.subject.starts_with("node "))
        error.subject = path;
    return error;
}

Verbs::Verbs(HostClient &client, NodeTreeModel &tree, VerbFlow &flow, StoreController &store, QWidget *window)
    : QObject(window), m_client(client), m_tree(tree), m_flow(flow), m_store(store), m_window(window)
{}

void Verbs::freeze(const std::vector<NodeFacts> &nodes)
{
    changeFreezer(nodes, true);
}

void Verbs::thaw(const std::vector<NodeFacts> &nodes)
{
    changeFreezer(nodes, false);
}

void Verbs::changeFreezer(const std::vector<NodeFacts> &nodes, bool freeze)
{
    using Replies = std::vector<v1::FreezeReply>;
    const auto ask = [freeze](const Replies &replies) {
        const auto processes = static_cast<int>(processCount(replies));
        Confirmation question;
        question.grade = freeze ? Confirmation::Grade::Danger : Confirmation::Grade::Info;
        question.title = freeze ? tr("Freeze") : tr("Thaw");
        question.question = freeze ? tr("%n process(es) will stop until thawed.", nullptr, processes)
                                   : tr("%n process(es) will run on.", nullptr, processes);
        question.acceptText = question.title;
        question.objects = objectsOf(replies);
        question.warnings = warningsOf(replies);
        question.commandLine = commandLine(freeze ? QStringLiteral("freeze") : QStringLiteral("thaw"), replies);
        return std::optional(question);
    };
    const auto done = [freeze](const Replies &replies) {
        const auto count = static_cast<int>(replies.size());
        return freeze ? tr("%n cgroup(s) frozen.", nullptr, count) : tr("%n cgroup(s) thawed.", nullptr, count);
    };
    m_flow.run<v1::FreezeRequest, v1::FreezeReply>({freeze ? method::kFreeze : method::kThaw,
                                                    freeze ? QStringLiteral("freeze") : QStringLiteral("thaw"),
                                                    requestsFor<v1::FreezeRequest>(nodes), pathsOf(nodes), ask, done});
}

void Verbs::kill(const std::vector<NodeFacts> &nodes)
{
    using Replies = std::vector<v1::KillReply>;
    const auto ask = [](const Replies &replies) {
        const auto processes = static_cast<int>(processCount(replies));
        Confirmation question;
        question.grade = Confirmation::Grade::Destructive;
        question.title = tr("Kill");
        question.question = tr("%n process(es) of the cgroups and of those below get SIGKILL. This cannot be undone.",
                               nullptr, processes);
        question.acceptText = tr("Kill %n process(es)", nullptr, processes);
        question.objects = objectsOf(replies);
        question.warnings = warningsOf(replies);
        question.commandLine = commandLine(QStringLiteral("kill"), replies);
        return std::optional(question);
    };
    const auto done = [](const Replies &replies) {
        const auto remaining = std::accumulate(replies.begin(), replies.end(), 0U,
                                               [](auto sum, const auto &reply) { return sum + reply.remaining(); });
        return remaining == 0
                   ? tr("%n process(es) killed.", nullptr, static_cast<int>(processCount(replies)))
                   : tr("%n process(es) do not die: they wait in the kernel.", nullptr, static_cast<int>(remaining));
    };
    m_flow.run<v1::KillRequest, v1::KillReply>(
        {method::kKill, QStringLiteral("kill"), requestsFor<v1::KillRequest>(nodes), pathsOf(nodes), ask, done});
}

void Verbs::withProcesses(const std::vector<NodeFacts> &nodes, bool recursive,
                          std::function<void(const std::vector<v1::Process> &)> use)
{
    auto requests = requestsFor<v1::ListProcessesRequest>(nodes);
    for (v1::ListProcessesRequest &request : requests)
        request.set_recursive(recursive);
    callAll<v1::ListProcessesRequest, v1::ProcessList>(
        m_client, method::kListProcesses, requests, this,
        [this, use = std::move(use)](const std::vector<Result<v1::ProcessList>> &lists) {
            std::vector<v1::Process> processes;
            for (const Result<v1::ProcessList> &list : lists) {
                if (!list) {
                    Q_EMIT m_flow.failed(text::errorSentence(list.error()));
                    return;
                }
                processes.insert(processes.end(), list->processes().begin(), list->processes().end());
            }
            if (processes.empty())
                Q_EMIT m_flow.message(tr("There are no processes."));
            else
                use(processes);
        });
}

void Verbs::signalNodes(const std::vector<NodeFacts> &nodes)
{
    withProcesses(nodes, true, [this](const std::vector<v1::Process> &processes) { signalProcesses(processes); });
}

void Verbs::signalProcesses(const std::vector<v1::Process> &processes)
{
    auto *dialog = new SignalDialog(processes, m_window);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QDialog::accepted, this, [this, dialog] {
        const v1::SignalRequest request = dialog->request();
        // The dialog named signal and processes: only what the dry run found is still to be said.
        const auto ask = [number = request.signal()](const std::vector<v1::SignalReply> &replies) {
            const auto count = static_cast<int>(replies.front().items_size());
            Confirmation question;
            question.grade = number == SIGKILL ? Confirmation::Grade::Destructive : Confirmation::Grade::Danger;
            question.title = tr("Send %1", "signal").arg(signalName(number));
            question.question = tr("%n process(es) will get %1.", nullptr, count).arg(signalName(number));
            question.acceptText = question.title;
            QStringList lines;
            for (const v1::SignalReply::Item &item : replies.front().items()) {
                if (item.has_failure())
                    question.warnings.append(text::errorSentence(item.failure()));
                question.objects.push_back({QStringLiteral("%1 %2").arg(item.process().pid()).arg(utf8(item.comm()))});
                lines.append(
                    QStringLiteral("gantryctl signal pid:%1 %2").arg(item.process().pid()).arg(signalName(number)));
            }
            question.commandLine = lines.join(QStringLiteral("; "));
            return std::optional(question);
        };
        const auto done = [](const std::vector<v1::SignalReply> &replies) {
            const auto &items = replies.front().items();
            const auto failed = std::ranges::count_if(items, &v1::SignalReply::Item::has_failure);
            return failed == 0 ? tr("Signal delivered to %n process(es).", nullptr, static_cast<int>(items.size()))
                               : tr("The signal did not reach %n process(es).", nullptr, static_cast<int>(failed));
        };
        m_flow.run<v1::SignalRequest, v1::SignalReply>(
            {method::kSignal, QStringLiteral("signal"), {request}, {}, ask, done});
    });
    dialog->open();
}

void Verbs::moveProcessesOf(const NodeFacts &node)
{
    withProcesses({node}, false, [this](const std::vector<v1::Process> &processes) { moveProcesses(processes); });
}

void Verbs::moveProcesses(const std::vector<v1::Process> &processes)
{
    auto *dialog = new MoveDialog(processes, m_tree.cgroupPaths(), m_window);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QDialog::accepted, this, [this, dialog] {
        const auto ask = [](const std::vector<v1::MoveProcessesReply> &replies) {
            const v1::MoveProcessesReply &reply = replies.front();
            Confirmation question;
            question.grade = Confirmation::Grade::Danger;
            question.title = tr("Move processes");
            question.question = tr("%n process(es) will move to %1, all or none.", nullptr, reply.items_size())
                                    .arg(utf8(reply.cgroup_path()));
            question.acceptText = tr("Move", "button");
            QStringList pids;
            for (const v1::MoveProcessesReply::Item &item : reply.items()) {
                pids.append(QString::number(item.process().pid()));
                question.objects.push_back({tr("%1 %2 from %3", "pid, program, cgroup")
                                                .arg(pids.constLast(), utf8(item.comm()), utf8(item.from_path()))});
            }
            question.warnings = warningsOf(replies);
            question.commandLine =
                QStringLiteral("gantryctl move %1 %2").arg(text::shellWord(utf8(reply.cgroup_path())), pids.join(u' '));
            return std::optional(question);
        };
        const auto done = [](const std::vector<v1::MoveProcessesReply> &replies) {
            return tr("%n process(es) moved to %1.", nullptr, replies.front().items_size())
                .arg(utf8(replies.front().cgroup_path()));
        };
        m_flow.run<v1::MoveProcessesRequest, v1::MoveProcessesReply>(
            {method::kMoveProcesses, QStringLiteral("move"), {dialog->request()}, {}, ask, done});
    });
    dialog->open();
}

void Verbs::createBelow(const NodeFacts &parent)
{
    QStringList siblings;
    const QString prefix = parent.isRoot() ? parent.path : parent.path + u'/';
    for (const QString &path : m_tree.cgroupPaths()) {
        if (path.startsWith(prefix) && path.size() > prefix.size() && !path.sliced(prefix.size()).contains(u'/'))
            siblings.append(path.sliced(prefix.size()));
    }
    auto *dialog = new NewCgroupDialog(parent.path, siblings, m_window);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    servePreviews(m_client, method::kCreateCgroup, dialog);
    connect(dialog, &QDialog::accepted, this, [this, dialog] {
        using Replies = std::vector<v1::CreateCgroupReply>;
        // Naming it was the question.
        const auto ask = [](const Replies &) { return std::optional<Confirmation>(); };
        const auto done = [this](const Replies &replies) {
            const QString path = utf8(replies.front().cgroup_path());
            Q_EMIT created(path);
            return tr("Cgroup %1 made.").arg(path);
        };
        m_flow.run<v1::CreateCgroupRequest, v1::CreateCgroupReply>(
            {method::kCreateCgroup, QStringLiteral("createCgroup"), {dialog->request()}, {}, ask, done});
    });
    dialog->open();
}

void Verbs::remove(const std::vector<NodeFacts> &nodes)
{
    using Replies = std::vector<v1::RemoveCgroupReply>;
    const auto ask = [](const Replies &replies) {
        Confirmation question;
        question.grade = Confirmation::Grade::Destructive;
        question.title = tr("Remove cgroup");
        question.question = tr("The empty cgroups and their limits will be gone. This cannot be undone.");
        question.acceptText = tr("Remove", "button");
        question.objects = objectsOf(replies);
        question.warnings = warningsOf(replies);
        question.commandLine = commandLine(QStringLiteral("rmcgroup"), replies);
        return std::optional(question);
    };
    const auto done = [](const Replies &replies) {
        return tr("%n cgroup(s) removed.", nullptr, static_cast<int>(replies.size()));
    };
    m_flow.run<v1::RemoveCgroupRequest, v1::RemoveCgroupReply>({method::kRemoveCgroup, QStringLiteral("removeCgroup"),
                                                                requestsFor<v1::RemoveCgroupRequest>(nodes),
                                                                pathsOf(nodes), ask, done});
}

} // namespace gantry::console
