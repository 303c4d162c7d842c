// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/dialogs/confirm_dialog.h"

#include "gantry/v1/alerts.pb.h"
#include "widgets/dialogs/command_line.h"
#include "widgets/dialogs/warning_list.h"
#include "widgets/style/theme.h"

#include <QCheckBox>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QStyle>
#include <QVBoxLayout>

namespace gantry {

namespace {

constexpr int kShownRows = 8;

v1::Severity severityOf(Confirmation::Grade grade)
{
    switch (grade) {
    case Confirmation::Grade::Info:
        return v1::SEVERITY_NONE;
    case Confirmation::Grade::Danger:
        return v1::SEVERITY_WARNING;
    case Confirmation::Grade::Destructive:
        return v1::SEVERITY_CRITICAL;
    }
    return v1::SEVERITY_NONE;
}

bool mustType(const Confirmation &confirmation)
{
    if (confirmation.grade != Confirmation::Grade::Destructive || confirmation.objects.empty())
        return false;
    return confirmation.objects.size() > 1 ||
           std::ranges::any_of(confirmation.objects, &Confirmation::Object::isProtected);
}

} // namespace

ConfirmDialog::ConfirmDialog(const Confirmation &confirmation, QWidget *parent)
    : QDialog(parent)
    , m_grade(confirmation.grade)
    , m_accept(new QPushButton(confirmation.acceptText, this))
    , m_cancel(new QPushButton(tr("Cancel"), this))
{
    setWindowTitle(confirmation.title);
    setModal(true);
    setMinimumWidth(fontMetrics().averageCharWidth() * 70);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 16, 16, 12);
    layout->setSpacing(10);
    auto *head = new QHBoxLayout;
    if (m_grade != Confirmation::Grade::Info) {
        auto *sign = new QLabel(this);
        sign->setPixmap(theme::severityIcon(severityOf(m_grade), palette()).pixmap(32, 32));
        head->addWidget(sign, 0, Qt::AlignTop);
        head->addSpacing(6);
    }
    auto *question = new QLabel(confirmation.question, this);
    question->setWordWrap(true);
    question->setTextFormat(Qt::PlainText);
    head->addWidget(question, 1);
    layout->addLayout(head);
    if (!confirmation.objects.empty())
        layout->addWidget(objectList(confirmation));
    auto *warnings = new WarningList(this);
    warnings->setWarnings(confirmation.warnings);
    layout->addWidget(warnings);
    if (mustType(confirmation))
        addNameField(confirmation.focusName.isEmpty() ? confirmation.objects.front().name : confirmation.focusName);
    if (!confirmation.commandLine.isEmpty())
        layout->addWidget(new CommandLine(confirmation.commandLine, this));
    if (m_grade == Confirmation::Grade::Info) {
        m_silence = new QCheckBox(tr("&Do not ask again"), this);
        layout->addWidget(m_silence);
    }
    addButtons();
}

void ConfirmDialog::addButtons()
{
    auto *buttons = new QHBoxLayout;
    buttons->addStretch(1);
    buttons->addWidget(m_cancel);
    buttons->addWidget(m_accept);
    static_cast<QVBoxLayout *>(layout())->addLayout(buttons);
    const bool harmless = m_grade == Confirmation::Grade::Info;
    // Enter goes to the button that is default: never to one that does harm.
    m_accept->setAutoDefault(harmless);
    m_accept->setDefault(harmless);
    m_cancel->setAutoDefault(!harmless);
    m_cancel->setDefault(!harmless);
    connect(m_accept, &QPushButton::clicked, this, &QDialog::accept);
    connect(m_cancel, &QPushButton::clicked, this, &QDialog::reject);
    if (m_name != nullptr)
        m_name->setFocus();
    else
        (harmless ? m_accept : m_cancel)->setFocus();
}

bool ConfirmDialog::doNotAskAgain() const
{
    return m_silence != nullptr && m_silence->isChecked();
}

QWidget *ConfirmDialog::objectList(const Confirmation &confirmation)
{
    auto *list = new QListWidget(this);
    list->setAccessibleName(tr("What is hit"));
    list->setSelectionMode(QAbstractItemView::NoSelection);
    list->setFocusPolicy(Qt::NoFocus);
    for (const Confirmation::Object &object : confirmation.objects) {
        const QString count = tr("%n process(es)", nullptr, static_cast<int>(object.processCount));
        const QString line =
            object.processCount == 0 ? object.name : tr("%1 (%2)", "object, process count").arg(object.name, count);
        auto *item = new QListWidgetItem(line, list);
        if (object.isProtected)
            item->setIcon(theme::icon(u"lock", palette()));
    }
    const int rows = std::min(list->count(), kShownRows);
    const int icon = list->style()->pixelMetric(QStyle::PM_SmallIconSize);
    list->setIconSize({icon, icon});
    const int rowHeight = std::max(list->sizeHintForRow(0), icon + 4);
    list->setFixedHeight(rows * rowHeight + 2 * list->frameWidth() + 4);
    return list;
}

void ConfirmDialog::addNameField(const QString &expected)
{
    auto *label = new QLabel(tr("This cannot be undone. Type %1 to go on:").arg(expected), this);
    label->setTextFormat(Qt::PlainText);
    label->setWordWrap(true);
    m_name = new QLineEdit(this);
    m_name->setAccessibleName(label->text());
    label->setBuddy(m_name);
    layout()->addWidget(label);
    layout()->addWidget(m_name);
    m_accept->setEnabled(false);
    connect(m_name, &QLineEdit::textChanged, this,
            [this, expected](const QString &typed) { m_accept->setEnabled(typed == expected); });
}

void ConfirmDialog::keyPressEvent(QKeyEvent *event)
{
    const bool isEnter = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
    // Neither from the name field nor from the button itself: destruction takes Space or the mouse.
    if (isEnter && m_grade == Confirmation::Grade::Destructive) {
        event->accept();
        return;
    }
    QDialog::keyPressEvent(event);
}

} // namespace gantry
