// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/dialogs/new_cgroup_dialog.h"

#include "widgets/dialogs/command_line.h"
#include "widgets/dialogs/dialog_buttons.h"
#include "widgets/dialogs/warning_list.h"
#include "widgets/text/error_text.h"
#include "widgets/text/shell.h"
#include "widgets/text/warning_text.h"

#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>

namespace gantry {

namespace {

constexpr qsizetype kMostNameBytes = 255; // NAME_MAX

QString joined(const QString &parent, const QString &name)
{
    return parent.endsWith(QLatin1Char('/')) ? parent + name : QStringLiteral("%1/%2").arg(parent, name);
}

} // namespace

NewCgroupDialog::NewCgroupDialog(const QString &parentPath, const QStringList &siblings, QWidget *parent)
    : QDialog(parent)
    , m_parentPath(parentPath)
    , m_siblings(siblings)
    , m_name(new QLineEdit(this))
    , m_problem(new QLabel(this))
    , m_warnings(new WarningList(this))
    , m_command(new CommandLine({}, this))
{
    setWindowTitle(tr("New cgroup"));
    auto *layout = new QVBoxLayout(this);
    auto *label = new QLabel(tr("&Name below %1:").arg(parentPath), this);
    label->setBuddy(m_name);
    layout->addWidget(label);
    layout->addWidget(m_name);
    m_problem->setWordWrap(true);
    layout->addWidget(m_problem);
    layout->addWidget(m_warnings);
    layout->addWidget(m_command);
    layout->addStretch(1);
    m_create = addDialogButtons(*this, tr("&Make"));
    connect(m_name, &QLineEdit::textChanged, this, &NewCgroupDialog::check);
    check();
    resize(sizeHint().expandedTo({460, 160}));
}

QString NewCgroupDialog::problemWith(const QString &name, const QStringList &siblings)
{
    if (name.isEmpty())
        return tr("Type a name.");
    if (name == QStringLiteral(".") || name == QStringLiteral(".."))
        return tr("“%1” is not a name.").arg(name);
    if (name.contains(QLatin1Char('/')))
        return tr("A name has no slash.");
    if (std::ranges::any_of(name, [](QChar c) { return c.category() == QChar::Other_Control; }))
        return tr("A name has no line breaks or control characters.");
    if (name.toUtf8().size() > kMostNameBytes)
        return tr("A name has at most %n byte(s).", nullptr, static_cast<int>(kMostNameBytes));
    // Kernel: files of the controllers live in the same directory (cgroup-v2.rst, "Avoid Name Collisions").
    static const QStringList kReserved{QStringLiteral("cgroup."), QStringLiteral("memory."),  QStringLiteral("cpu."),
                                       QStringLiteral("cpuset."), QStringLiteral("io."),      QStringLiteral("pids."),
                                       QStringLiteral("rdma."),   QStringLiteral("hugetlb."), QStringLiteral("misc.")};
    for (const QString &prefix : kReserved) {
        if (name.startsWith(prefix))
            return tr("Names that begin with %1 belong to the kernel.").arg(prefix);
    }
    return siblings.contains(name) ? tr("%1 exists already.").arg(name) : QString();
}

v1::CreateCgroupRequest NewCgroupDialog::request() const
{
    v1::CreateCgroupRequest request;
    request.set_path(joined(m_parentPath, m_name->text()).toStdString());
    return request;
}

bool NewCgroupDialog::isGood() const
{
    return problemWith(m_name->text(), m_siblings).isEmpty();
}

void NewCgroupDialog::setPreview(const v1::CreateCgroupReply &reply)
{
    if (!isGood())
        return; // another name, which has its problem shown
    QStringList warnings;
    for (const v1::Warning &warning : reply.warnings())
        warnings << text::warningSentence(warning);
    m_warnings->setWarnings(warnings);
    growToFit(*this);
}

void NewCgroupDialog::setFailure(const v1::Failure &failure)
{
    if (!isGood())
        return;
    m_warnings->setWarnings({});
    showProblem(*m_problem, *m_create, text::errorSentence(failure));
    growToFit(*this);
}

void NewCgroupDialog::check()
{
    const QString problem = problemWith(m_name->text(), m_siblings);
    showProblem(*m_problem, *m_create, problem);
    // The same caution is right for most names: it stays until the engine has looked at the new one.
    if (!problem.isEmpty())
        m_warnings->setWarnings({});
    else
        Q_EMIT previewRequested(request());
    const QString path = text::shellWord(joined(m_parentPath, m_name->text()));
    m_command->setLine(problem.isEmpty() ? QStringLiteral("gantryctl mkcgroup %1").arg(path) : QString());
}

} // namespace gantry
