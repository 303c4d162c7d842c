// SPDX-License-Identifier: GPL-3.0-or-later
// The pages of what was saved.
#include "app/console/node_pages.h"
#include "app/console/store_controller.h"
#include "widgets/models/node_tree_model.h"
#include "widgets/pages/checkpoints_page.h"
#include "widgets/pages/timeline_page.h"
#include "widgets/text/error_text.h"
#include "widgets/text/format.h"

#include <cerrno>
#include <set>
#include <string>
#include <utility>

namespace gantry::console {

void NodePages::askCheckpoints()
{
    m_store.refresh();
    ask<v1::ListCheckpointsRequest, v1::ListCheckpointsReply>(
        method::kListCheckpoints, v1::ListCheckpointsRequest(), [this](const auto &reply) {
            if (reply) {
                m_checkpoints->setList(*reply);
                m_timeline->setList(*reply);
                showRunning(*reply);
            } else {
                // That a key is missing is said by the banners, which have a button for it.
                const bool isSaid = reply.error().posix() == ENOKEY;
                const QString words = isSaid ? QString() : text::errorSentence(reply.error());
                m_checkpoints->setFailure(words);
                m_timeline->setFailure(words);
            }
        });
}

void NodePages::showTimeline()
{
    if (m_facts.kind == v1::NODE_KIND_HOST) {
        m_timeline->setHost(m_facts.name);
        return;
    }
    // A container's own cgroup may have been saved by its path.
    QStringList subjects;
    for (const QString &subject : {m_facts.containerName, m_facts.path}) {
        if (!subject.isEmpty())
            subjects << subject;
    }
    m_timeline->setNode(m_facts.name, subjects);
}

void NodePages::showRunning(const v1::ListCheckpointsReply &list)
{
    std::set<std::string> known;
    for (const v1::CheckpointInfo &checkpoint : list.checkpoints())
        known.insert(checkpoint.subject());
    std::set<std::string> running;
    for (const std::string &subject : known) {
        const QString name = text::utf8(subject);
        const bool isThis = name == m_facts.path || name == m_facts.containerName;
        const v1::Node *node = m_tree.node(isThis ? m_facts.cgroup : m_tree.idOfPath(name));
        // v1 does not tell whether a process is in it.
        if (node != nullptr && node->has_cgroup() && (!node->cgroup().has_populated() || node->cgroup().populated()))
            running.insert(subject);
    }
    m_timeline->setRunning(std::move(running));
}

} // namespace gantry::console
