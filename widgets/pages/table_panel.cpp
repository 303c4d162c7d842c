// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/table_panel.h"

#include "widgets/pages/table_filter_proxy.h"
#include "widgets/pages/table_tools.h"
#include "widgets/style/table_style.h"
#include "widgets/style/theme.h"
#include "widgets/text/csv.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>

namespace gantry {

TablePanel::TablePanel(const QString &name, QAbstractItemModel *model, QWidget *parent)
    : QWidget(parent)
    , m_view(new QTableView(this))
    , m_bar(new QHBoxLayout)
    , m_filter(new QLineEdit(this))
    , m_notice(new QLabel(this))
    , m_empty(new QLabel(m_view->viewport()))
    , m_proxy(new TableFilterProxy(this))
{
    m_proxy->setSourceModel(model);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(6);
    layout->addLayout(m_bar);
    layout->addWidget(m_notice);
    layout->addWidget(m_view, 1);
    buildBar(name);
    buildView(name);
    m_notice->setWordWrap(true);
    m_notice->hide();
    m_empty->setAlignment(Qt::AlignCenter);
    m_empty->setWordWrap(true);
    m_empty->setForegroundRole(QPalette::PlaceholderText);
    m_empty->setAttribute(Qt::WA_TransparentForMouseEvents);
    for (const auto signal : {&QAbstractItemModel::rowsInserted, &QAbstractItemModel::rowsRemoved})
        connect(m_proxy, signal, this, &TablePanel::updateEmptyText);
    updateEmptyText();
}

void TablePanel::buildBar(const QString &name)
{
    m_filter->setPlaceholderText(tr("Filter: text, /regex/, !not"));
    m_filter->setAccessibleName(tr("Filter of %1", "name of a table").arg(name));
    m_filter->setClearButtonEnabled(true);
    m_filter->setMaximumWidth(320);
    m_filter->addAction(theme::icon(u"search", palette()), QLineEdit::LeadingPosition);
    connect(m_filter, &QLineEdit::textChanged, this, [this](const QString &typed) {
        m_proxy->setFilter(typed);
        m_filter->setToolTip(m_proxy->filterProblem());
        updateEmptyText();
    });
    auto *save = new QToolButton(this);
    save->setAutoRaise(true);
    save->setIcon(theme::icon(u"export", palette()));
    save->setToolTip(tr("Save what is shown as CSV"));
    save->setAccessibleName(save->toolTip());
    connect(save, &QToolButton::clicked, this, [this, name] { openCsvDialog(*this, name, csv()); });
    m_bar->setContentsMargins(0, 0, 0, 0);
    m_bar->addWidget(m_filter, 1);
    m_bar->addStretch(1);
    m_bar->addWidget(save);
    setTabOrder(m_filter, save);
    setTabOrder(save, m_view); // what a page adds acts on the selection, so it comes after the rows
}

void TablePanel::buildView(const QString &name)
{
    TableStyle::applyTo(*m_view);
    m_view->setModel(m_proxy);
    m_view->setAccessibleName(name);
    m_view->setSortingEnabled(true);
    m_view->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_view->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_view->setAlternatingRowColors(true);
    m_view->setShowGrid(false);
    m_view->setWordWrap(false);
    m_view->setTabKeyNavigation(false);
    m_view->setContextMenuPolicy(Qt::CustomContextMenu);
    m_view->verticalHeader()->hide();
    m_view->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 10);
    QHeaderView *header = m_view->horizontalHeader();
    header->setHighlightSections(false);
    header->setSectionsMovable(true);
    header->setStretchLastSection(true);
    header->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    header->setContextMenuPolicy(Qt::CustomContextMenu);
    connect(header, &QWidget::customContextMenuRequested, this,
            [header](const QPoint &position) { openColumnMenu(*header, position); });
    connect(m_view, &QWidget::customContextMenuRequested, this,
            [this](const QPoint &position) { Q_EMIT menuRequested(m_view->viewport()->mapToGlobal(position)); });
    connect(m_view, &QAbstractItemView::activated, this,
            [this](const QModelIndex &index) { Q_EMIT activated(m_proxy->mapToSource(index).row()); });
    connect(m_view->selectionModel(), &QItemSelectionModel::selectionChanged, this, &TablePanel::selectionChanged);
    m_view->viewport()->installEventFilter(this);
    m_filter->installEventFilter(this);
}

std::vector<int> TablePanel::selectedRows() const
{
    std::vector<int> proxyRows;
    for (const QModelIndex &index : m_view->selectionModel()->selectedRows())
        proxyRows.push_back(index.row());
    std::ranges::sort(proxyRows);
    for (int &row : proxyRows)
        row = m_proxy->mapToSource(m_proxy->index(row, 0)).row();
    return proxyRows;
}

int TablePanel::currentRow() const
{
    return m_proxy->mapToSource(m_view->currentIndex()).row();
}

void TablePanel::selectSourceRow(int row)
{
    const QModelIndex index = m_proxy->mapFromSource(m_proxy->sourceModel()->index(row, 0));
    if (!index.isValid())
        return;
    m_view->selectionModel()->setCurrentIndex(index, QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
    m_view->scrollTo(index);
}

void TablePanel::setPathFilter(const QString &path)
{
    m_proxy->setPathFilter(path);
    updateEmptyText();
}

void TablePanel::setEmptyText(const QString &text)
{
    m_emptyText = text;
    updateEmptyText();
}

void TablePanel::setNotice(const QString &text)
{
    m_notice->setText(text);
    m_notice->setVisible(!text.isEmpty());
}

void TablePanel::focusFilter()
{
    m_filter->setFocus(Qt::ShortcutFocusReason);
    m_filter->selectAll();
}

void TablePanel::clearFilter()
{
    m_filter->clear();
}

QByteArray TablePanel::saveState() const
{
    return m_view->horizontalHeader()->saveState();
}

bool TablePanel::restoreState(const QByteArray &state)
{
    return m_view->horizontalHeader()->restoreState(state);
}

QString TablePanel::csv() const
{
    return text::csv(*m_proxy, text::shownColumns(*m_view->horizontalHeader()));
}

bool TablePanel::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == m_view->viewport() && event->type() == QEvent::Resize)
        m_empty->setGeometry(m_view->viewport()->rect());
    if (watched == m_filter && event->type() == QEvent::KeyPress &&
        static_cast<QKeyEvent *>(event)->key() == Qt::Key_Escape) {
        m_filter->clear();
        m_view->setFocus();
        return true;
    }
    return QWidget::eventFilter(watched, event);
}

void TablePanel::updateEmptyText()
{
    const bool filtered = m_proxy->rowCount() == 0 && m_proxy->sourceModel()->rowCount() > 0;
    m_empty->setText(filtered ? tr("Nothing matches the filter.") : m_emptyText);
    m_empty->setVisible(m_proxy->rowCount() == 0);
}

} // namespace gantry
