// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/node_tree_panel.h"

#include "widgets/delegates/badge_delegate.h"
#include "widgets/delegates/state_delegate.h"
#include "widgets/delegates/usage_bar_delegate.h"
#include "widgets/pages/host_tree_view.h"
#include "widgets/pages/table_tools.h"
#include "widgets/style/table_style.h"
#include "widgets/style/theme.h"
#include "widgets/text/csv.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QToolButton>
#include <QVBoxLayout>

#include <array>

namespace gantry {

namespace {

constexpr int kOpenDepth = 1; // host and cgroup root are open at first
constexpr int kMaxReported = 2'000;

} // namespace

NodeTreePanel::NodeTreePanel(NodeTreeModel *model, QWidget *parent)
    : QWidget(parent)
    , m_model(model)
    , m_view(new HostTreeView(this))
    , m_filter(new QLineEdit(this))
    , m_grouping(new QComboBox(this))
    , m_labelKey(new QComboBox(this))
    , m_labelText(new QLabel(tr("Label:"), this))
    , m_problem(new QLabel(this))
{
    buildBar();
    buildView();
    m_problem->setForegroundRole(QPalette::PlaceholderText);
    m_problem->setWordWrap(true);
    m_problem->hide();
    // A badge nobody sees without scrolling is none.
    m_view->header()->moveSection(NodeTreeModel::Alerts, NodeTreeModel::Memory);
    auto *bar = new QHBoxLayout;
    bar->addWidget(m_filter, 1);
    bar->addWidget(m_grouping);
    auto *label = new QHBoxLayout;
    label->addWidget(m_labelText);
    label->addWidget(m_labelKey, 1);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(6);
    layout->addLayout(bar);
    layout->addLayout(label);
    layout->addWidget(m_problem);
    layout->addWidget(m_view, 1);
    setTabOrder(m_filter, m_grouping);
    setTabOrder(m_grouping, m_labelKey);
    setTabOrder(m_labelKey, m_view);
    connect(model, &QAbstractItemModel::modelReset, this, [this] { m_openedOnce = false; });
    connect(model, &NodeTreeModel::structureChanged, this, &NodeTreePanel::expandWanted);
    connect(model, &NodeTreeModel::ticked, this, &NodeTreePanel::reportVisible);
    connect(model, &NodeTreeModel::structureChanged, this, &NodeTreePanel::reportVisible);
    connect(model, &NodeTreeModel::structureChanged, this, &NodeTreePanel::offerLabelKeys);
}

void NodeTreePanel::buildBar()
{
    m_filter->setPlaceholderText(tr("Filter: name, path, id, pid, label, /regex/, !not"));
    m_filter->setAccessibleName(tr("Filter of the tree"));
    m_filter->setClearButtonEnabled(true);
    m_filter->addAction(theme::icon(u"search", palette()), QLineEdit::LeadingPosition);
    m_filter->installEventFilter(this);
    connect(m_filter, &QLineEdit::textChanged, this, &NodeTreePanel::applyFilter);
    m_grouping->setAccessibleName(tr("Group by"));
    m_grouping->addItem(theme::icon(u"cgroup", palette()), tr("Cgroups"));
    m_grouping->addItem(theme::icon(u"container", palette()), tr("Containers"));
    m_grouping->addItem(theme::icon(u"namespace", palette()), tr("Namespaces"));
    m_grouping->addItem(theme::icon(u"container", palette()), tr("Runtimes"));
    m_grouping->addItem(theme::icon(u"pod", palette()), tr("Pods"));
    m_grouping->addItem(theme::icon(u"label", palette()), tr("Labels"));
    m_grouping->addItem(theme::icon(u"cgroup", palette()), tr("Slices"));
    m_grouping->addItem(theme::icon(u"user", palette()), tr("Users"));
    m_labelText->setBuddy(m_labelKey);
    m_labelText->hide();
    m_labelKey->setAccessibleName(tr("Label to group by"));
    m_labelKey->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_labelKey->hide();
    connect(m_labelKey, &QComboBox::textActivated, this, &NodeTreePanel::setLabelKey);
    connect(m_grouping, &QComboBox::currentIndexChanged, this,
            [this](int index) { setGrouping(static_cast<NodeTreeModel::Grouping>(index)); });
}

void NodeTreePanel::buildView()
{
    TableStyle::applyTo(*m_view);
    m_view->setModel(m_model);
    m_view->setAccessibleName(tr("Tree of the host"));
    m_view->setUniformRowHeights(true);
    m_view->setAlternatingRowColors(true);
    m_view->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_view->setSortingEnabled(true);
    m_view->sortByColumn(NodeTreeModel::Name, Qt::AscendingOrder);
    m_view->setContextMenuPolicy(Qt::CustomContextMenu);
    m_view->setItemDelegateForColumn(NodeTreeModel::Memory, new UsageBarDelegate(m_view));
    m_view->setItemDelegateForColumn(NodeTreeModel::Alerts, new BadgeDelegate(m_view));
    m_view->setItemDelegateForColumn(NodeTreeModel::State, new StateDelegate(m_view));
    QHeaderView *header = m_view->header();
    header->setSectionsMovable(true);
    header->setFirstSectionMovable(false);
    header->setStretchLastSection(false);
    header->setContextMenuPolicy(Qt::CustomContextMenu);
    const int unit = fontMetrics().horizontalAdvance(QLatin1Char('0'));
    constexpr std::array kWidths{28, 18, 9, 12, 12, 11, 11, 11, 8, 12, 8}; // digits
    static_assert(kWidths.size() == NodeTreeModel::ColumnCount);
    for (int column = 0; column < NodeTreeModel::ColumnCount; ++column)
        header->resizeSection(column, unit * kWidths.at(static_cast<std::size_t>(column)));
    header->setSectionHidden(NodeTreeModel::PressureCpu, true);
    header->setSectionHidden(NodeTreeModel::PressureIo, true);
    connect(header, &QWidget::customContextMenuRequested, this,
            [header](const QPoint &position) { openColumnMenu(*header, position); });
    connect(m_view, &QWidget::customContextMenuRequested, this,
            [this](const QPoint &position) { Q_EMIT menuRequested(m_view->viewport()->mapToGlobal(position)); });
    connect(m_view->selectionModel(), &QItemSelectionModel::currentChanged, this,
            [this] { Q_EMIT currentNodeChanged(currentNode()); });
    connect(m_view->selectionModel(), &QItemSelectionModel::selectionChanged, this, &NodeTreePanel::selectionChanged);
}

NodeId NodeTreePanel::currentNode() const
{
    return m_model->idOf(m_view->currentIndex());
}

std::vector<NodeId> NodeTreePanel::selectedNodes() const
{
    QModelIndexList rows = m_view->selectionModel()->selectedRows();
    std::ranges::sort(rows, {}, [this](const QModelIndex &index) { return m_view->visualRect(index).top(); });
    std::vector<NodeId> ids;
    for (const QModelIndex &index : rows)
        ids.push_back(m_model->idOf(index));
    return ids;
}

bool NodeTreePanel::selectNode(NodeId id)
{
    const v1::Node *node = m_model->node(id);
    if (node == nullptr)
        return false;
    if (!m_model->indexOf(id).isValid())
        m_filter->clear();
    if (!m_model->indexOf(id).isValid())
        setGrouping(node->has_namespace_()  ? NodeTreeModel::Grouping::Namespaces
                    : node->has_container() ? NodeTreeModel::Grouping::Containers
                                            : NodeTreeModel::Grouping::Cgroups);
    const QModelIndex index = m_model->indexOf(id);
    if (!index.isValid())
        return false;
    // Not QTreeView::setCurrentIndex(): with Ctrl held, as for Ctrl+J, that would add to the selection.
    m_view->selectionModel()->setCurrentIndex(index, QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
    m_view->scrollTo(index);
    return true;
}

void NodeTreePanel::focusFilter()
{
    m_filter->setFocus(Qt::ShortcutFocusReason);
    m_filter->selectAll();
}

void NodeTreePanel::setGrouping(NodeTreeModel::Grouping grouping)
{
    if (m_grouping->currentIndex() != static_cast<int>(grouping)) {
        m_grouping->setCurrentIndex(static_cast<int>(grouping)); // comes back here
        return;
    }
    const NodeId current = currentNode();
    const bool changes = m_model->grouping() != grouping;
    m_model->setGrouping(grouping);
    offerLabelKeys();
    if (changes)
        m_view->expandToDepth(kOpenDepth); // other rows: all are closed
    if (m_model->indexOf(current).isValid())
        (void)selectNode(current);
    Q_EMIT groupingChanged(grouping);
}

void NodeTreePanel::setLabelKey(const QString &key)
{
    const bool changes = m_model->labelKey() != key;
    m_model->setLabelKey(key);
    offerLabelKeys();
    if (changes && m_model->grouping() == NodeTreeModel::Grouping::Labels)
        m_view->expandToDepth(kOpenDepth);
}

void NodeTreePanel::offerLabelKeys()
{
    const bool isUsed = m_model->grouping() == NodeTreeModel::Grouping::Labels;
    m_labelText->setVisible(isUsed);
    m_labelKey->setVisible(isUsed);
    if (!isUsed)
        return;
    QStringList keys = m_model->labelKeys();
    const QString chosen = m_model->labelKey();
    if (!chosen.isEmpty() && !keys.contains(chosen))
        keys.prepend(chosen); // no container has it now
    QStringList offered;
    for (int i = 0; i < m_labelKey->count(); ++i)
        offered << m_labelKey->itemText(i);
    if (offered != keys) {
        m_labelKey->clear();
        m_labelKey->addItems(keys);
    }
    m_labelKey->setCurrentText(chosen);
    if (chosen.isEmpty() && !keys.isEmpty())
        setLabelKey(keys.front());
}

QByteArray NodeTreePanel::saveHeader() const
{
    return m_view->header()->saveState();
}

bool NodeTreePanel::restoreHeader(const QByteArray &state)
{
    return m_view->header()->restoreState(state);
}

QStringList NodeTreePanel::expandedPaths() const
{
    QStringList paths = m_wantedPaths;
    std::vector<QModelIndex> open{QModelIndex()};
    while (!open.empty()) {
        const QModelIndex parent = open.back();
        open.pop_back();
        for (int row = 0; row < m_model->rowCount(parent); ++row) {
            const QModelIndex index = m_model->index(row, 0, parent);
            if (!m_view->isExpanded(index))
                continue;
            open.push_back(index);
            if (const QString path = index.data(PathRole).toString(); !path.isEmpty())
                paths << path;
        }
    }
    return paths;
}

void NodeTreePanel::setExpandedPaths(const QStringList &paths)
{
    m_wantedPaths = paths;
    expandWanted();
}

void NodeTreePanel::expandWanted()
{
    if (m_model->rowCount() > 0 && !m_openedOnce) {
        m_openedOnce = true;
        m_view->expandToDepth(kOpenDepth);
    }
    for (auto it = m_wantedPaths.begin(); it != m_wantedPaths.end();) {
        const QModelIndex index = m_model->indexOf(m_model->idOfPath(*it));
        if (index.isValid())
            m_view->expand(index);
        it = index.isValid() ? m_wantedPaths.erase(it) : it + 1;
    }
}

QString NodeTreePanel::csv() const
{
    return text::csv(*m_model, text::shownColumns(*m_view->header()));
}

void NodeTreePanel::applyFilter(const QString &typed)
{
    m_model->setFilter(typed);
    const QString problem = m_model->filterProblem();
    m_problem->setText(problem.isEmpty() ? QString() : tr("Searched as plain text: %1.").arg(problem));
    m_problem->setVisible(!problem.isEmpty());
    if (!typed.isEmpty())
        m_view->expandAll(); // matches are deep, and only they and their ancestors are left
}

void NodeTreePanel::reportVisible()
{
    std::vector<NodeId> ids;
    const QRect area = m_view->viewport()->rect();
    QModelIndex index = m_view->indexAt(area.topLeft());
    while (index.isValid() && ids.size() < kMaxReported && m_view->visualRect(index).top() <= area.bottom()) {
        ids.push_back(m_model->idOf(index));
        index = m_view->indexBelow(index);
    }
    if (ids == m_visible)
        return;
    m_visible = ids;
    Q_EMIT visibleNodesChanged(m_visible);
}

bool NodeTreePanel::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == m_filter && event->type() == QEvent::KeyPress) {
        const int key = static_cast<QKeyEvent *>(event)->key();
        if (key == Qt::Key_Escape)
            m_filter->clear();
        if (key == Qt::Key_Escape || key == Qt::Key_Down || key == Qt::Key_Return) {
            m_view->setFocus();
            return true;
        }
    }
    return QWidget::eventFilter(watched, event);
}

} // namespace gantry
