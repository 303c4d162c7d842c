// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/dialogs/move_dialog.h"

#include "widgets/dialogs/dialog_buttons.h"
#include "widgets/dialogs/process_summary.h"

#include <QCompleter>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QVBoxLayout>

namespace gantry {

MoveDialog::MoveDialog(const std::vector<v1::Process> &processes, const QStringList &cgroupPaths, QWidget *parent)
    : QDialog(parent)
    , m_processes(processes)
    , m_paths(cgroupPaths)
    , m_target(new QLineEdit(this))
    , m_problem(new QLabel(this))
{
    setWindowTitle(tr("Move to another cgroup"));
    auto *layout = new QVBoxLayout(this);
    layout->addWidget(processSummary(processes, this));
    auto *label = new QLabel(tr("&Target cgroup:"), this);
    label->setBuddy(m_target);
    layout->addWidget(label);
    auto *completer = new QCompleter(m_paths, this);
    completer->setFilterMode(Qt::MatchContains);
    completer->setCaseSensitivity(Qt::CaseInsensitive);
    m_target->setCompleter(completer);
    m_target->setPlaceholderText(QStringLiteral("/"));
    m_target->setAccessibleName(tr("Path of the target cgroup"));
    layout->addWidget(m_target);
    m_problem->setWordWrap(true);
    layout->addWidget(m_problem);
    auto *note = new QLabel(tr("Memory used so far stays charged to the old cgroup. All are moved or none."), this);
    note->setForegroundRole(QPalette::PlaceholderText);
    note->setWordWrap(true);
    layout->addWidget(note);
    layout->addStretch(1);
    m_move = addDialogButtons(*this, tr("&Move"));
    connect(m_target, &QLineEdit::textChanged, this, &MoveDialog::check);
    check();
    resize(sizeHint().expandedTo({560, 220}));
}

v1::MoveProcessesRequest MoveDialog::request() const
{
    v1::MoveProcessesRequest request;
    for (const v1::Process &process : m_processes)
        *request.add_processes() = referenceTo(process);
    request.mutable_target()->set_cgroup_path(m_target->text().toStdString());
    return request;
}

void MoveDialog::setTargetPath(const QString &path)
{
    m_target->setText(path);
}

void MoveDialog::check()
{
    const QString path = m_target->text();
    // An empty field needs no reproach.
    const QString problem =
        path.isEmpty() || m_paths.contains(path) ? QString() : tr("There is no cgroup %1.").arg(path);
    showProblem(*m_problem, *m_move, problem);
    m_move->setEnabled(!path.isEmpty() && problem.isEmpty());
}

} // namespace gantry
