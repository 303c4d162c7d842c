// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/console/checkpoint_help.h"

#include "engine/checkpoint/coverage.h"
#include "engine/checkpoint/log_story.h"
#include "engine/service/convert_checkpoint.h"
#include "widgets/dialogs/checkpoint_help_dialog.h"

#include <utility>

namespace gantry::console {

namespace {

text::HelpCause::Stage stageOf(checkpoint::Stage stage)
{
    switch (stage) {
    case checkpoint::Stage::Check:
        return text::HelpCause::Stage::Check;
    case checkpoint::Stage::Checkpoint:
        return text::HelpCause::Stage::Checkpoint;
    case checkpoint::Stage::Restore:
        return text::HelpCause::Stage::Restore;
    }
    std::unreachable();
}

std::vector<text::HelpCause> helpCauses()
{
    std::vector<text::HelpCause> out;
    for (const checkpoint::CauseInfo &info : checkpoint::causeTable())
        out.push_back({stageOf(info.stage), service::toMessage(info.severity), info.name, info.why, info.remedy,
                       info.option, info.log});
    return out;
}

std::vector<text::HelpCovered> helpCovered()
{
    std::vector<text::HelpCovered> out;
    for (const auto &table : {checkpoint::coverageTable(), checkpoint::programTable()}) {
        for (const checkpoint::CoverageRow &row : table) {
            const bool comesBack = row.outcome == checkpoint::Outcome::Saved;
            out.push_back({row.what, comesBack ? std::string_view() : checkpoint::causeInfo(*row.cause).why});
        }
    }
    return out;
}

/// Lines that were copied from CRIU's log.
QString causeOfLines(const QString &lines)
{
    const checkpoint::FailureStory story = checkpoint::explainLog(lines.toStdString());
    const std::string_view name = story.cause ? checkpoint::causeInfo(*story.cause).name : std::string_view();
    return QString::fromUtf8(name.data(), static_cast<qsizetype>(name.size()));
}

} // namespace

void showCheckpointHelp(QWidget *window)
{
    auto *help = window->findChild<CheckpointHelpDialog *>(QString(), Qt::FindDirectChildrenOnly);
    if (help == nullptr) {
        help = new CheckpointHelpDialog(helpCauses(), helpCovered(), causeOfLines, window);
        help->setAttribute(Qt::WA_DeleteOnClose);
    }
    help->show();
    help->raise();
    help->activateWindow();
}

} // namespace gantry::console
