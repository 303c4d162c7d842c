// SPDX-License-Identifier: GPL-3.0-or-later
// The verbs that a container's own runtime does.
#include "app/console/verbs.h"
#include "widgets/text/format.h"
#include "widgets/text/labels.h"
#include "widgets/text/warning_text.h"

namespace gantry::console {

namespace {

using text::utf8;
using Action = v1::ContainerActionRequest;
using Replies = std::vector<v1::ContainerActionReply>;

/// What "do not ask again" refers to.
QString kindOf(Action::Action action)
{
    switch (action) {
    case Action::ACTION_START:
        return QStringLiteral("startContainer");
    case Action::ACTION_STOP:
        return QStringLiteral("stopContainer");
    case Action::ACTION_RESTART:
        return QStringLiteral("restartContainer");
    default:
        return QStringLiteral("removeContainer");
    }
}

Confirmation wordsOf(Action::Action action, int count)
{
    Confirmation out;
    switch (action) {
    case Action::ACTION_START:
        out.grade = Confirmation::Grade::Info;
        out.title = Verbs::tr("Start container");
        out.question = Verbs::tr("%n container(s) will be started.", nullptr, count);
        out.acceptText = Verbs::tr("Start", "button");
        break;
    case Action::ACTION_STOP:
        out.grade = Confirmation::Grade::Danger;
        out.title = Verbs::tr("Stop container");
        out.question = Verbs::tr("%n container(s) will get SIGTERM, and SIGKILL when the patience of the runtime ends.",
                                 nullptr, count);
        out.acceptText = Verbs::tr("Stop", "button");
        break;
    case Action::ACTION_RESTART:
        out.grade = Confirmation::Grade::Danger;
        out.title = Verbs::tr("Restart container");
        out.question = Verbs::tr("%n container(s) will be stopped and started again.", nullptr, count);
        out.acceptText = Verbs::tr("Restart", "button");
        break;
    default:
        out.grade = Confirmation::Grade::Destructive;
        out.title = Verbs::tr("Remove container");
        out.question = Verbs::tr("%n container(s) will be gone with all files that are in no volume. This cannot be "
                                 "undone.",
                                 nullptr, count);
        out.acceptText = Verbs::tr("Remove", "button");
        break;
    }
    return out;
}

Confirmation questionOf(Action::Action action, const Replies &replies)
{
    Confirmation out = wordsOf(action, static_cast<int>(replies.size()));
    QStringList commands;
    for (const v1::ContainerActionReply &reply : replies) {
        const QString state = text::containerState(reply.old_state());
        const QString name = utf8(reply.container());
        out.objects.push_back({state.isEmpty() ? name : Verbs::tr("%1 – %2", "container, state").arg(name, state)});
        for (const v1::Warning &warning : reply.warnings())
            out.warnings.append(text::warningSentence(warning));
        if (!reply.command().empty())
            commands.append(utf8(reply.command()));
    }
    out.focusName = utf8(replies.front().container());
    out.warnings.removeDuplicates();
    out.commandLine = commands.join(QStringLiteral("; "));
    return out;
}

/// "web: running → exited", one part a container.
QString resultOf(const Replies &replies)
{
    QStringList parts;
    for (const v1::ContainerActionReply &reply : replies) {
        const auto word = [](v1::ContainerState state, const QString &otherwise) {
            const QString text = text::containerState(state);
            return text.isEmpty() ? otherwise : text;
        };
        parts.append(Verbs::tr("%1: %2 → %3", "container, state before and after")
                         .arg(utf8(reply.container()), word(reply.old_state(), text::absent()),
                              word(reply.new_state(), Verbs::tr("removed", "state of a container"))));
    }
    return parts.join(QStringLiteral("; "));
}

} // namespace

void Verbs::actOnContainers(const std::vector<NodeFacts> &nodes, v1::ContainerActionRequest::Action action)
{
    std::vector<v1::ContainerActionRequest> requests;
    std::vector<std::string> names;
    for (const NodeFacts &node : nodes) {
        requests.emplace_back().set_action(action);
        requests.back().mutable_target()->set_node_id(node.container.v);
        names.push_back(node.containerName.toStdString());
    }
    m_flow.run<v1::ContainerActionRequest, v1::ContainerActionReply>(
        {method::kActOnContainer, kindOf(action), std::move(requests), std::move(names),
         [action](const Replies &replies) { return std::optional(questionOf(action, replies)); },
         [](const Replies &replies) { return resultOf(replies); }});
}

} // namespace gantry::console
