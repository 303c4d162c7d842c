// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QPointer>
#include <QSet>
#include <QWidget>

#include "app/console/actor.h"
#include "app/console/batch_call.h"
#include "widgets/dialogs/confirm_dialog.h"
#include "widgets/text/error_text.h"
#include "widgets/text/format.h"

#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace gantry::console {

/// What a verb needs beside its requests: how to ask, and what to say when it is done.
template <class Request, class Reply> struct Verb
{
    Method<Request, Reply> method;
    QString kind; ///< what "do not ask again" refers to ("thaw")
    std::vector<Request> requests;
    /// Paths of what the requests address by node id, one each; may be empty.
    std::vector<std::string> paths;
    /// The question after the dry run; nullopt: none is needed.
    std::function<std::optional<Confirmation>(const std::vector<Reply> &)> ask;
    /// All went well: a line for the status bar.
    std::function<QString(const std::vector<Reply> &)> doneText;
    /// The replies of what went well, also when others failed; may be empty.
    std::function<void(const std::vector<Reply> &)> done = {};
    /// Nothing was done at all; may be empty.
    std::function<void(const Error &)> refused = {};
    /// The user said no; may be empty.
    std::function<void()> cancelled = {};
};

/// The error of a node the engine does not know any more names it by number; with its path a person knows it, too.
[[nodiscard]] Error withPath(Error error, const std::string &path);

/// Every change of the host goes this way: dry run of all requests, question with the facts it brought, then the same
/// requests for real, addressed by the node ids of the dry run, so that a cgroup re-created meanwhile is not touched.
/// Thread: GUI.
class VerbFlow : public QObject
{
    Q_OBJECT
public:
    /// @param silenced kinds of action the user does not want to be asked about, those of all hosts; what cannot be
    /// undone and what a warning was found for asks all the same. Must outlive this. @param window parent of the
    /// dialogs.
    VerbFlow(HostClient &client, QSet<QString> &silenced, QWidget *window)
        : QObject(window), m_client(client), m_silenced(silenced), m_window(window)
    {}
    /// Named by every question, where the window has several hosts. Empty: it has one.
    void setHostName(const QString &name) { m_host = name; }

    template <class Request, class Reply> void run(Verb<Request, Reply> verb)
    {
        for (Request &request : verb.requests) {
            request.set_dry_run(true);
            *request.mutable_actor() = consoleActor();
        }
        auto shared = std::make_shared<Verb<Request, Reply>>(std::move(verb));
        callAll<Request, Reply>(
            m_client, shared->method, shared->requests, this,
            [this, shared](const std::vector<Result<Reply>> &results) { previewed(shared, results); });
    }

Q_SIGNALS:
    /// A line for the status bar.
    void message(const QString &text);
    /// Sentences about what failed, one a line.
    void failed(const QString &sentences);

private:
    [[nodiscard]] static bool mayBeSilent(const Confirmation &question)
    {
        return question.grade == Confirmation::Grade::Info ||
               (question.grade == Confirmation::Grade::Danger && question.warnings.isEmpty());
    }

    template <class Reply>
    [[nodiscard]] static std::vector<Reply> split(const std::vector<Result<Reply>> &results,
                                                  const std::vector<std::string> &paths, QStringList &problems)
    {
        std::vector<Reply> good;
        for (std::size_t i = 0; i < results.size(); ++i) {
            if (results[i])
                good.push_back(*results[i]);
            else
                problems.append(
                    text::errorSentence(withPath(results[i].error(), i < paths.size() ? paths[i] : std::string())));
        }
        problems.removeDuplicates();
        return good;
    }

    template <class Request, class Reply>
    void previewed(const std::shared_ptr<Verb<Request, Reply>> &verb, const std::vector<Result<Reply>> &results)
    {
        QStringList problems;
        const std::vector<Reply> replies = split(results, verb->paths, problems);
        if (!problems.isEmpty()) {
            // All or none: what is selected together is done together.
            refuse(*verb, results);
            Q_EMIT failed(problems.join(u'\n'));
            return;
        }
        for (std::size_t i = 0; i < replies.size(); ++i) {
            Request &request = verb->requests[i];
            request.set_dry_run(false);
            if constexpr (requires { request.mutable_target()->set_node_id(replies[i].node_id()); })
                request.mutable_target()->set_node_id(replies[i].node_id());
        }
        const std::optional<Confirmation> question = verb->ask(replies);
        if (!question || (mayBeSilent(*question) && m_silenced.contains(verb->kind))) {
            execute(verb);
            return;
        }
        auto *dialog = new ConfirmDialog(*question, m_window);
        dialog->setAttribute(Qt::WA_DeleteOnClose);
        if (!m_host.isEmpty())
            dialog->setWindowTitle(tr("%1 – on %2", "question, host").arg(dialog->windowTitle(), m_host));
        connect(dialog, &QDialog::accepted, this, [this, verb, dialog] {
            if (dialog->doNotAskAgain())
                m_silenced.insert(verb->kind);
            execute(verb);
        });
        connect(dialog, &QDialog::rejected, this, [verb] {
            if (verb->cancelled)
                verb->cancelled();
        });
        dialog->open();
    }

    template <class Request, class Reply> void execute(const std::shared_ptr<Verb<Request, Reply>> &verb)
    {
        callAll<Request, Reply>(m_client, verb->method, verb->requests, this,
                                [this, verb](const std::vector<Result<Reply>> &results) {
                                    QStringList problems;
                                    const std::vector<Reply> replies = split(results, verb->paths, problems);
                                    if (!replies.empty() && verb->done)
                                        verb->done(replies);
                                    if (replies.empty())
                                        refuse(*verb, results);
                                    addUnrecorded(replies, problems);
                                    if (problems.isEmpty())
                                        Q_EMIT message(verb->doneText(replies));
                                    else
                                        Q_EMIT failed(problems.join(u'\n'));
                                });
    }

    /// Changes that were made but are missing in the audit log; those of limits are shown by their page.
    template <class Reply> static void addUnrecorded(const std::vector<Reply> &replies, QStringList &problems)
    {
        if constexpr (!std::is_same_v<Reply, v1::SetLimitsReply>) {
            for (const Reply &reply : replies) {
                if (!reply.not_recorded().empty())
                    problems.append(tr("The change was made, but it is missing in the audit log: %1")
                                        .arg(text::utf8(reply.not_recorded())));
            }
        }
    }

    template <class Request, class Reply>
    static void refuse(const Verb<Request, Reply> &verb, const std::vector<Result<Reply>> &results)
    {
        for (const Result<Reply> &result : results) {
            if (!result && verb.refused) {
                verb.refused(result.error());
                return;
            }
        }
    }

    HostClient &m_client;
    QSet<QString> &m_silenced;
    QWidget *m_window;
    QString m_host;
};

} // namespace gantry::console
