// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/alerts_panel.h"

#include "widgets/delegates/badge_delegate.h"
#include "widgets/dialogs/confirm_dialog.h"
#include "widgets/dialogs/rule_editor.h"
#include "widgets/pages/table_panel.h"
#include "widgets/style/theme.h"
#include "widgets/text/format.h"
#include "widgets/text/labels.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QInputDialog>
#include <QLabel>
#include <QListWidget>
#include <QMenu>
#include <QPushButton>
#include <QSplitter>
#include <QTableView>
#include <QVBoxLayout>

namespace gantry {

AlertsPanel::AlertsPanel(QWidget *parent)
    : QWidget(parent)
    , m_table(new TablePanel(tr("Alerts"), &m_model, this))
    , m_ruleList(new QListWidget(this))
    , m_acknowledge(new QPushButton(tr("Ac&knowledge"), this))
    , m_acknowledgeNote(new QPushButton(tr("Acknowledge w&ith note…"), this))
    , m_newRule(new QPushButton(tr("Ne&w…"), this))
    , m_editRule(new QPushButton(tr("E&dit…"), this))
    , m_deleteRule(new QPushButton(tr("Delete"), this))
{
    m_table->bar()->addWidget(m_acknowledge);
    m_table->bar()->addWidget(m_acknowledgeNote);
    m_table->setEmptyText(tr("No alerts."));
    QTableView *view = m_table->view();
    view->setItemDelegateForColumn(AlertModel::Level, new BadgeDelegate(view));
    view->sortByColumn(AlertModel::Level, Qt::DescendingOrder);
    const int unit = fontMetrics().horizontalAdvance(QLatin1Char('0'));
    view->horizontalHeader()->resizeSection(AlertModel::Rule, unit * 25);
    view->horizontalHeader()->resizeSection(AlertModel::Where, unit * 22);
    view->horizontalHeader()->resizeSection(AlertModel::Value, unit * 20);
    view->horizontalHeader()->resizeSection(AlertModel::Since, unit * 20);
    view->horizontalHeader()->resizeSection(AlertModel::State, unit * 24);

    auto *rules = new QWidget(this);
    auto *ruleLayout = new QVBoxLayout(rules);
    ruleLayout->setContentsMargins(0, 0, 0, 0);
    auto *label = new QLabel(tr("R&ules"), rules);
    label->setBuddy(m_ruleList);
    m_ruleList->setAccessibleName(tr("Alert rules"));
    auto *buttons = new QHBoxLayout;
    for (QPushButton *button : {m_newRule, m_editRule, m_deleteRule})
        buttons->addWidget(button);
    ruleLayout->addWidget(label);
    ruleLayout->addWidget(m_ruleList, 1);
    ruleLayout->addLayout(buttons);

    auto *splitter = new QSplitter(this);
    splitter->addWidget(m_table);
    splitter->addWidget(rules);
    splitter->setStretchFactor(0, 3);
    splitter->setStretchFactor(1, 1);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 6, 8, 8);
    layout->addWidget(splitter);
    connectAll();
    updateActions();
}

void AlertsPanel::connectAll()
{
    connect(m_table, &TablePanel::selectionChanged, this, &AlertsPanel::updateActions);
    connect(m_table, &TablePanel::menuRequested, this, &AlertsPanel::openMenu);
    connect(m_table, &TablePanel::activated, this,
            [this](int row) { Q_EMIT jumpRequested(NodeId{m_model.rowAt(row).node_id()}); });
    connect(m_acknowledge, &QPushButton::clicked, this, [this] { acknowledge({}); });
    connect(m_acknowledgeNote, &QPushButton::clicked, this, &AlertsPanel::askNote);
    connect(m_ruleList, &QListWidget::currentRowChanged, this, &AlertsPanel::updateActions);
    connect(m_ruleList, &QListWidget::itemActivated, m_editRule, &QPushButton::click);
    connect(m_ruleList, &QListWidget::itemChanged, this, [this](const QListWidgetItem *item) {
        v1::AlertRule rule = m_rules.rules(m_ruleList->row(item));
        rule.set_enabled(item->checkState() == Qt::Checked);
        Q_EMIT ruleChangeRequested(rule);
    });
    connect(m_newRule, &QPushButton::clicked, this, [this] { editRule(RuleEditor::freshRule()); });
    connect(m_editRule, &QPushButton::clicked, this, [this] {
        if (const int row = m_ruleList->currentRow(); row >= 0)
            editRule(m_rules.rules(row));
    });
    connect(m_deleteRule, &QPushButton::clicked, this, [this] {
        if (const int row = m_ruleList->currentRow(); row >= 0)
            askDelete(m_rules.rules(row));
    });
}

void AlertsPanel::apply(const v1::AlertUpdate &update)
{
    const int before = openCount();
    m_model.apply(update);
    updateActions();
    if (openCount() != before)
        Q_EMIT openCountChanged(openCount());
}

void AlertsPanel::setRules(const v1::RuleList &rules)
{
    m_rules = rules;
    m_model.setRules(rules);
    const QSignalBlocker quiet(m_ruleList); // filling is no change of a rule
    const int row = m_ruleList->currentRow();
    m_ruleList->clear();
    for (const v1::AlertRule &rule : m_rules.rules()) {
        auto *item = new QListWidgetItem(text::ruleName(rule), m_ruleList);
        item->setFlags(Qt::ItemIsEnabled | Qt::ItemIsSelectable |
                       (m_readOnlyReason.isEmpty() ? Qt::ItemIsUserCheckable : Qt::NoItemFlags));
        item->setCheckState(rule.enabled() ? Qt::Checked : Qt::Unchecked);
        item->setToolTip(rule.scope_path().empty() ? tr("Every cgroup")
                                                   : tr("%1 and below").arg(text::utf8(rule.scope_path())));
    }
    m_ruleList->setCurrentRow(std::min(row, m_ruleList->count() - 1));
    updateActions();
}

void AlertsPanel::setReadOnlyReason(const QString &reason)
{
    m_readOnlyReason = reason;
    setRules(v1::RuleList(m_rules));
}

void AlertsPanel::acknowledge(const QString &note)
{
    v1::AcknowledgeRequest request;
    request.set_note(note.trimmed().toStdString());
    for (const int row : m_table->selectedRows())
        request.add_alert_ids(m_model.rowAt(row).id());
    if (request.alert_ids_size() > 0)
        Q_EMIT acknowledgeRequested(request);
}

void AlertsPanel::askNote()
{
    auto *dialog = new QInputDialog(this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(tr("Acknowledge with note"));
    dialog->setLabelText(tr("Note for the %n selected alert(s), kept with who acknowledged:", nullptr,
                            static_cast<int>(m_table->selectedRows().size())));
    dialog->setOkButtonText(tr("Acknowledge"));
    dialog->setCancelButtonText(tr("Cancel"));
    connect(dialog, &QInputDialog::textValueSelected, this, &AlertsPanel::acknowledge);
    dialog->open();
}

void AlertsPanel::editRule(const v1::AlertRule &rule)
{
    auto *editor = new RuleEditor(rule, this);
    editor->setAttribute(Qt::WA_DeleteOnClose);
    connect(editor, &QDialog::accepted, this, [this, editor] { Q_EMIT ruleChangeRequested(editor->rule()); });
    editor->open();
}

void AlertsPanel::askDelete(const v1::AlertRule &rule)
{
    Confirmation question;
    question.grade = Confirmation::Grade::Destructive;
    question.title = tr("Delete alert rule");
    question.question = tr("The rule will be gone. This cannot be undone; it can be switched off instead.");
    question.acceptText = tr("Delete", "button");
    question.objects = {{text::ruleName(rule)}};
    auto *dialog = new ConfirmDialog(question, this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QDialog::accepted, this, [this, id = text::utf8(rule.id())] { Q_EMIT ruleDeleteRequested(id); });
    dialog->open();
}

void AlertsPanel::openMenu(const QPoint &position)
{
    const int row = m_table->currentRow();
    if (row < 0)
        return;
    const NodeId node{m_model.rowAt(row).node_id()};
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    for (QPushButton *button : {m_acknowledge, m_acknowledgeNote})
        menu->addAction(button->text(), button, &QPushButton::click)->setEnabled(button->isEnabled());
    menu->addAction(theme::icon(u"cgroup", palette()), tr("Show in the &tree"), this,
                    [this, node] { Q_EMIT jumpRequested(node); });
    menu->popup(position);
}

void AlertsPanel::updateActions()
{
    const std::vector<int> rows = m_table->selectedRows();
    const bool anyOpen = std::ranges::any_of(rows, [this](int row) { return AlertModel::isOpen(m_model.rowAt(row)); });
    const bool mayWrite = m_readOnlyReason.isEmpty();
    const int rule = m_ruleList->currentRow();
    const bool hasRule = rule >= 0 && rule < m_rules.rules_size();
    for (QPushButton *button : {m_acknowledge, m_acknowledgeNote}) {
        button->setEnabled(anyOpen && mayWrite);
        button->setToolTip(mayWrite && !anyOpen ? tr("Select an open alert first.") : m_readOnlyReason);
    }
    m_newRule->setEnabled(mayWrite);
    m_editRule->setEnabled(mayWrite && hasRule);
    m_deleteRule->setEnabled(mayWrite && hasRule && !m_rules.rules(rule).built_in());
    m_deleteRule->setToolTip(mayWrite && hasRule && m_rules.rules(rule).built_in()
                                 ? tr("Built-in rules can only be switched off.")
                                 : m_readOnlyReason);
}

} // namespace gantry
