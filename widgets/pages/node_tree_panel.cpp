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
#include <QScopedValueRollback>
#include <QToolButton>
#include <QVBoxLayout>

#include <array>

namespace gantry {

namespace {

/// Host and cgroup root are open at first.
void openHost(QTreeView &view, const QModelIndex &host)
{
    view.expand(host.parent());
    view.expandRecursively(host, 1);
}

/// As in NodeTreePanel::expandedPaths().
QString nameOfPath(const HostFacts &host, const QString &path)
{
    return host.name.isEmpty() ? path : host.name + u':' + path;
}

} // namespace

NodeTreePanel::NodeTreePanel(HostsTreeModel *model, QWidget *parent)
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
    connect(model, &HostsTreeModel::structureChanged, this, &NodeTreePanel::expandWanted);
    connect(model, &HostsTreeModel::structureChanged, this, &NodeTreePanel::offerLabelKeys);
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
    m_view->setAccessibleName(tr("Tree of the hosts"));
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
            [this] { Q_EMIT currentNodeChanged(current()); });
    connect(m_view->selectionModel(), &QItemSelectionModel::selectionChanged, this, &NodeTreePanel::selectionChanged);
    connect(m_view, &QTreeView::doubleClicked, this, [this](const QModelIndex &index) {
        const NodeRef ref = m_model->refOf(index);
        if (ref && m_model->factsOf(ref.host).state == HostFacts::State::NotConnected)
            Q_EMIT connectRequested(ref.host);
    });
}

NodeRef NodeTreePanel::current() const
{
    return m_model->refOf(m_view->currentIndex());
}

HostKey NodeTreePanel::currentHost() const
{
    if (const NodeRef ref = current())
        return ref.host;
    const std::vector<HostKey> hosts = m_model->hosts();
    return hosts.empty() ? HostKey() : hosts.front();
}

QModelIndexList NodeTreePanel::selectedRows() const
{
    QModelIndexList rows = m_view->selectionModel()->selectedRows();
    std::ranges::sort(rows, {}, [this](const QModelIndex &index) { return m_view->visualRect(index).top(); });
    return rows;
}

std::vector<HostKey> NodeTreePanel::selectedHosts() const
{
    std::vector<HostKey> out;
    for (const QModelIndex &index : selectedRows()) {
        for (const HostKey host : m_model->hostsOf(index)) {
            if (std::ranges::find(out, host) == out.end())
                out.push_back(host);
        }
    }
    return out;
}

std::vector<NodeId> NodeTreePanel::selectedNodes() const
{
    const HostKey host = currentHost();
    std::vector<NodeId> ids;
    for (const QModelIndex &index : selectedRows()) {
        if (const NodeRef ref = m_model->refOf(index); ref.host == host)
            ids.push_back(ref.node);
    }
    return ids;
}

bool NodeTreePanel::selectNode(NodeRef ref)
{
    const NodeTreeModel *tree = m_model->treeOf(ref.host);
    const v1::Node *node = tree == nullptr ? nullptr : tree->node(ref.node);
    const bool isHost = tree != nullptr && ref.node == NodeId::host();
    if (node == nullptr && !isHost)
        return false;
    if (!m_model->indexOf(ref).isValid())
        m_filter->clear();
    if (!m_model->indexOf(ref).isValid() && !isHost)
        setGrouping(node->has_namespace_()  ? NodeTreeModel::Grouping::Namespaces
                    : node->has_container() ? NodeTreeModel::Grouping::Containers
                                            : NodeTreeModel::Grouping::Cgroups);
    const QModelIndex index = m_model->indexOf(ref);
    if (!index.isValid())
        return false;
    // Not QTreeView::setCurrentIndex(): with Ctrl held, as for Ctrl+J, that would add to the selection.
    m_view->selectionModel()->setCurrentIndex(index, QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
    m_view->scrollTo(index);
    return true;
}

void NodeTreePanel::selectByDefault(NodeRef ref)
{
    const QScopedValueRollback byDefault(m_isByDefault, true);
    (void)selectNode(ref);
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
    const NodeRef before = current();
    const bool changes = m_model->grouping() != grouping;
    m_model->setGrouping(grouping);
    offerLabelKeys();
    if (changes)
        openHosts(); // other rows: all are closed
    if (m_model->indexOf(before).isValid())
        (void)selectNode(before);
    Q_EMIT groupingChanged(grouping);
}

void NodeTreePanel::setLabelKey(const QString &key)
{
    const bool changes = m_model->labelKey() != key;
    m_model->setLabelKey(key);
    offerLabelKeys();
    if (changes && m_model->grouping() == NodeTreeModel::Grouping::Labels)
        openHosts();
}

void NodeTreePanel::openHosts()
{
    for (const HostKey host : m_model->hosts())
        openHost(*m_view, m_model->indexOf({host, NodeId::host()}));
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
                paths << nameOfPath(m_model->factsOf(m_model->hostOf(index)), path);
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
    const std::vector<HostKey> hosts = m_model->hosts();
    std::erase_if(m_opened, [this](HostKey host) { return m_model->treeOf(host) == nullptr; });
    for (const HostKey host : hosts) {
        const QModelIndex row = m_model->indexOf({host, NodeId::host()});
        if (m_model->rowCount(row) == 0 || std::ranges::find(m_opened, host) != m_opened.end())
            continue;
        m_opened.push_back(host);
        openHost(*m_view, row);
    }
    for (const HostKey host : hosts) {
        const NodeTreeModel &tree = *m_model->treeOf(host);
        const QString prefix = nameOfPath(m_model->factsOf(host), {});
        for (auto it = m_wantedPaths.begin(); it != m_wantedPaths.end();) {
            const bool isOurs = it->startsWith(prefix) && it->sliced(prefix.size()).startsWith(u'/');
            const QModelIndex index =
                isOurs ? m_model->indexOf({host, tree.idOfPath(it->sliced(prefix.size()))}) : QModelIndex();
            if (index.isValid())
                m_view->expand(index);
            it = index.isValid() ? m_wantedPaths.erase(it) : it + 1;
        }
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
