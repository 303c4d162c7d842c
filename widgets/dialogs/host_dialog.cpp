// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/dialogs/host_dialog.h"

#include "widgets/dialogs/dialog_buttons.h"

#include <QCheckBox>
#include <QComboBox>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

namespace gantry {

namespace {

constexpr int kMostNameLength = 100;

} // namespace

HostDialog::HostDialog(const HostEntry &entry, const QStringList &taken, const QStringList &groups, Check check,
                       QWidget *parent)
    : QDialog(parent)
    , m_taken(taken)
    , m_check(std::move(check))
    , m_destination(new QLineEdit(entry.destination, this))
    , m_name(new QLineEdit(entry.name, this))
    , m_group(new QComboBox(this))
    , m_connect(new QCheckBox(tr("&Connect when Gantry starts"), this))
    , m_problem(new QLabel(this))
{
    const bool isNew = entry.destination.isEmpty();
    setWindowTitle(isNew ? tr("Add host") : tr("Change host"));
    m_destination->setPlaceholderText(tr("user@host, or a name of your ssh configuration"));
    m_name->setMaxLength(kMostNameLength);
    m_group->setEditable(true);
    m_group->addItem(QString());
    m_group->addItems(groups);
    m_group->setCurrentText(entry.group);
    m_group->lineEdit()->setPlaceholderText(tr("none"));
    m_group->lineEdit()->setMaxLength(kMostNameLength);
    m_connect->setChecked(entry.connectAtStart);
    auto *layout = new QVBoxLayout(this);
    layout->addWidget(
        paragraph(tr("Gantry uses your own ssh: its keys, agent, jump hosts and known hosts. The host needs "
                     "gantryd; “gantryctl host install” puts it there."),
                  this));
    auto *form = new QFormLayout;
    form->addRow(tr("&Destination:"), m_destination);
    form->addRow(tr("&Name in the tree:"), m_name);
    form->addRow(tr("&Group:"), m_group);
    form->addRow(QString(), m_connect);
    layout->addLayout(form);
    m_problem->setWordWrap(true);
    layout->addWidget(m_problem);
    layout->addStretch(1);
    m_accept = addDialogButtons(*this, isNew ? tr("&Add") : tr("&Change"));
    for (QLineEdit *field : {m_destination, m_name, m_group->lineEdit()})
        connect(field, &QLineEdit::textChanged, this, &HostDialog::refresh);
    refresh();
    resize(sizeHint().expandedTo({520, 240}));
}

QString HostDialog::nameOf(const QString &destination)
{
    QString name = destination.trimmed();
    if (const qsizetype scheme = name.indexOf(QStringLiteral("://")); scheme >= 0)
        name = name.sliced(scheme + 3);
    if (name.startsWith(QStringLiteral("unix:")))
        return name.sliced(name.lastIndexOf(u'/') + 1);
    name = name.sliced(name.lastIndexOf(u'@') + 1);
    if (const qsizetype port = name.lastIndexOf(u':'); port > 0 && name.indexOf(u':') == port)
        name.truncate(port);
    return name;
}

HostEntry HostDialog::entry() const
{
    const QString name = m_name->text().trimmed();
    return {.name = name.isEmpty() ? nameOf(m_destination->text()) : name,
            .destination = m_destination->text().trimmed(),
            .group = m_group->currentText().trimmed(),
            .connectAtStart = m_connect->isChecked()};
}

QString HostDialog::problem() const
{
    const HostEntry typed = entry();
    if (typed.destination.isEmpty())
        return tr("Type where the host is.");
    if (QString wrong = m_check(typed.destination); !wrong.isEmpty())
        return wrong;
    if (typed.name.isEmpty())
        return tr("Type a name.");
    if (typed.name.contains(u':') || typed.name.contains(u'/'))
        return tr("A name has no colon and no slash.");
    return m_taken.contains(typed.name, Qt::CaseInsensitive) ? tr("There is a host %1 already.").arg(typed.name)
                                                             : QString();
}

void HostDialog::refresh()
{
    m_name->setPlaceholderText(nameOf(m_destination->text()));
    showProblem(*m_problem, *m_accept, problem());
    growToFit(*this);
}

} // namespace gantry
