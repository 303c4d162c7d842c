// SPDX-License-Identifier: GPL-3.0-or-later
// The verbs that only cgroup v2 has.
#include "app/console/dialog_previews.h"
#include "app/console/verbs.h"
#include "engine/base/parse.h"
#include "widgets/dialogs/controllers_dialog.h"
#include "widgets/dialogs/reclaim_dialog.h"
#include "widgets/text/format.h"

namespace gantry::console {

namespace {

using text::utf8;

/// The words of a file that lists them; empty where it is not there or could not be read.
std::vector<std::string> wordsOf(const v1::ReadFilesReply &files, std::string_view name)
{
    for (const v1::ReadFilesReply::File &file : files.files()) {
        if (file.name() == name)
            return splitWords(file.text());
    }
    return {};
}

/// Why the lists of controllers are not known; unset: they are.
std::optional<v1::Failure> failureOf(const v1::ReadFilesReply &files)
{
    for (const v1::ReadFilesReply::File &file : files.files()) {
        const bool asked = file.name() == "cgroup.controllers" || file.name() == "cgroup.subtree_control";
        if (asked && file.has_failure())
            return file.failure();
    }
    return std::nullopt;
}

QString controllersText(const v1::SetControllersReply &reply)
{
    QStringList names;
    for (const std::string &name : reply.new_enabled())
        names << utf8(name);
    const QString now = names.isEmpty()
                            ? Verbs::tr("%1: no controllers for the cgroups below.").arg(utf8(reply.cgroup_path()))
                            : Verbs::tr("%1: controllers for the cgroups below are now %2.")
                                  .arg(utf8(reply.cgroup_path()), names.join(QStringLiteral(", ")));
    if (reply.leaf_path().empty())
        return now;
    return Verbs::tr("%1 %2", "two sentences")
        .arg(now, Verbs::tr("%n process(es) moved to %1.", nullptr, static_cast<int>(reply.moved_processes()))
                      .arg(utf8(reply.leaf_path())));
}

QString reclaimText(const v1::ReclaimReply &reply, std::uint64_t asked)
{
    // What the workload took meanwhile hides what was taken back, so this is at least what was.
    const std::uint64_t freed =
        reply.usage_before() > reply.usage_after() ? reply.usage_before() - reply.usage_after() : 0;
    const QString path = utf8(reply.cgroup_path());
    const QString usage = Verbs::tr("%1 → %2", "memory in use, before and after")
                              .arg(text::bytes(reply.usage_before()), text::bytes(reply.usage_after()));
    return reply.complete()
               ? Verbs::tr("%1: the %2 asked were reclaimed (in use: %3).").arg(path, text::bytes(asked), usage)
               : Verbs::tr("%1: reclaimed %2 of %3 asked, the kernel found no more (in use: %4).")
                     .arg(path, text::bytes(freed), text::bytes(asked), usage);
}

} // namespace

void Verbs::setControllers(const NodeFacts &node)
{
    v1::ReadFilesRequest request;
    request.mutable_target()->set_node_id(node.cgroup.v);
    m_client.call(method::kReadFiles, request, this, [this, node](const Result<v1::ReadFilesReply> &files) {
        const auto failure = files ? failureOf(*files) : toMessage(files.error());
        if (failure)
            Q_EMIT m_flow.failed(text::errorSentence(*failure));
        else
            openControllers(node, *files);
    });
}

void Verbs::openControllers(const NodeFacts &node, const v1::ReadFilesReply &files)
{
    auto *dialog = new ControllersDialog(node.cgroup.v, node.path, wordsOf(files, "cgroup.controllers"),
                                         wordsOf(files, "cgroup.subtree_control"), m_window);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    servePreviews(m_client, method::kSetControllers, dialog);
    connect(dialog, &QDialog::accepted, this, [this, dialog, path = node.path.toStdString()] {
        using Replies = std::vector<v1::SetControllersReply>;
        Verb<v1::SetControllersRequest, v1::SetControllersReply> verb{
            method::kSetControllers,
            QStringLiteral("setControllers"),
            {dialog->request()},
            {path},
            // The dialog was the question.
            [](const Replies &) { return std::optional<Confirmation>(); },
            [](const Replies &replies) { return controllersText(replies.front()); }};
        verb.done = [this](const Replies &replies) { Q_EMIT controllersChanged(replies.front()); };
        m_flow.run(std::move(verb));
    });
    dialog->open();
}

void Verbs::reclaim(const NodeFacts &node)
{
    auto *dialog = new ReclaimDialog(node.cgroup.v, node.path, m_window);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    servePreviews(m_client, method::kReclaim, dialog);
    connect(dialog, &QDialog::accepted, this, [this, dialog, path = node.path.toStdString()] {
        using Replies = std::vector<v1::ReclaimReply>;
        const v1::ReclaimRequest request = dialog->request();
        m_flow.run<v1::ReclaimRequest, v1::ReclaimReply>(
            {method::kReclaim,
             QStringLiteral("reclaim"),
             {request},
             {path},
             [](const Replies &) { return std::optional<Confirmation>(); },
             [asked = request.bytes()](const Replies &replies) { return reclaimText(replies.front(), asked); }});
    });
    dialog->start();
    dialog->open();
}

} // namespace gantry::console
