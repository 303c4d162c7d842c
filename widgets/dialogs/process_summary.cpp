// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/dialogs/process_summary.h"

#include "widgets/text/format.h"

#include <QCoreApplication>
#include <QLabel>

namespace gantry {

namespace {

constexpr std::size_t kNamed = 6;

/// Gives this file's texts their context for translators.
struct ProcessSummary
{
    Q_DECLARE_TR_FUNCTIONS(ProcessSummary)
};

} // namespace

QLabel *processSummary(const std::vector<v1::Process> &processes, QWidget *parent)
{
    QStringList names;
    for (std::size_t i = 0; i < std::min(processes.size(), kNamed); ++i)
        names << ProcessSummary::tr("%1 (%2)", "program, pid")
                     .arg(text::utf8(processes[i].comm()))
                     .arg(processes[i].pid());
    if (processes.size() > kNamed)
        names << QStringLiteral("\u2026");
    auto *label = new QLabel(ProcessSummary::tr("%n process(es): %1", nullptr, static_cast<int>(processes.size()))
                                 .arg(names.join(QStringLiteral(", "))),
                             parent);
    label->setTextFormat(Qt::PlainText);
    label->setWordWrap(true);
    return label;
}

v1::ProcessRef referenceTo(const v1::Process &process)
{
    v1::ProcessRef reference;
    reference.set_pid(process.pid());
    reference.set_start_ticks(process.start_ticks());
    return reference;
}

} // namespace gantry
