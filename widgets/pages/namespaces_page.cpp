// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/namespaces_page.h"

#include "widgets/pages/table_panel.h"
#include "widgets/style/theme.h"
#include "widgets/text/error_text.h"

#include <QHeaderView>
#include <QMenu>
#include <QTableView>
#include <QVBoxLayout>

namespace gantry {

NamespacesPage::NamespacesPage(QWidget *parent)
    : QWidget(parent), m_table(new TablePanel(tr("Namespaces"), &m_model, this))
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(12, 8, 12, 12);
    layout->addWidget(m_table);
    m_table->setEmptyText(tr("No namespaces are known here."));
    m_table->view()->sortByColumn(NamespaceModel::Type, Qt::AscendingOrder);
    const int unit = fontMetrics().horizontalAdvance(QLatin1Char('0'));
    for (const int column : {NamespaceModel::Type, NamespaceModel::FirstProcess, NamespaceModel::Pins})
        m_table->view()->horizontalHeader()->resizeSection(column, unit * 26);
    connect(m_table, &TablePanel::menuRequested, this, &NamespacesPage::openMenu);
    connect(m_table, &TablePanel::activated, this,
            [this](int row) { Q_EMIT jumpRequested(NodeId{m_model.rowAt(row).id()}); });
}

void NamespacesPage::setNamespaces(const v1::NamespaceList &list)
{
    m_table->setNotice({});
    m_model.setNamespaces(list);
}

void NamespacesPage::setFailure(const v1::Failure &failure)
{
    m_table->setNotice(text::errorSentence(failure));
}

void NamespacesPage::openMenu(const QPoint &position)
{
    const int row = m_table->currentRow();
    if (row < 0)
        return;
    const v1::Node &node = m_model.rowAt(row);
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    const auto add = [this, menu](const QString &label, std::uint64_t id) {
        menu->addAction(theme::icon(u"namespace", palette()), label, this,
                        [this, id] { Q_EMIT jumpRequested(NodeId{id}); })
            ->setEnabled(id != 0);
    };
    add(tr("Show in the &tree"), node.id());
    add(tr("Show its &owner"), node.namespace_().owner_user_namespace());
    add(tr("Show its &parent"), node.namespace_().parent_namespace());
    menu->popup(position);
}

} // namespace gantry
