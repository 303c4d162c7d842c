// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/timeline/timeline_tree_model.h"

#include "widgets/text/format.h"

#include <QFont>

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace gantry {

/// What a row shall be.
struct TimelineTreeModel::Wish
{
    std::string key; ///< among its siblings
    QString title;   ///< of what is no checkpoint
    bool isNow = false;
    v1::CheckpointInfo info; ///< with an id: a checkpoint
    std::vector<Wish> children = {};
};

struct TimelineTreeModel::Row
{
    Row *parent = nullptr;
    int number = 0; ///< among its siblings
    std::string key;
    QString title;
    bool isNow = false;
    v1::CheckpointInfo info;
    std::vector<std::unique_ptr<Row>> children;
};

namespace {

/// Puts the marks of a scene below each other.
template <class Wish> class Gatherer
{
public:
    Gatherer(const TimelineScene &scene, std::vector<v1::CheckpointInfo> &rows)
        : m_scene(scene), m_rows(rows), m_forks(scene.marks().size()), m_now(scene.marks().size(), false)
    {
        for (const TimelineNow &present : scene.presents())
            m_now[present.from] = true;
    }

    std::vector<Wish> gather()
    {
        const BranchLayout &layout = m_scene.layout();
        std::vector<Wish> out;
        for (std::size_t i = 0; i < layout.groups.size(); ++i) {
            const BranchGroup &group = layout.groups[i];
            hang(group, i);
            std::vector<Wish> marks;
            for (const std::size_t branch : m_loose)
                addBranch(branch, marks);
            if (m_scene.hasGroupNames())
                out.push_back({"subject:" + group.subject, text::utf8(group.subject), false, {}, std::move(marks)});
            else
                std::ranges::move(marks, std::back_inserter(out));
        }
        return out;
    }

private:
    /// Finds for each branch of a group the mark that it stands below.
    void hang(const BranchGroup &group, std::size_t number)
    {
        const BranchLayout &layout = m_scene.layout();
        m_loose.clear();
        for (const std::size_t branch : group.branches) {
            const std::size_t from = layout.branches[branch].from;
            if (from == kNone || layout.branches[layout.marks[from].branch].subject != number) {
                m_loose.push_back(branch);
                continue;
            }
            const auto before = m_hung.find(layout.marks[from].branch);
            const bool isDeep = before != m_hung.end() && before->second.second >= TimelineTreeModel::kDeepest;
            const std::size_t below = isDeep ? before->second.first : from;
            const int depth = before == m_hung.end() ? 1 : before->second.second + (isDeep ? 0 : 1);
            m_hung[branch] = {below, depth};
            m_forks[below].push_back(branch);
        }
    }

    // Not deeper than kDeepest times two.
    void addBranch(std::size_t branch, std::vector<Wish> &to) // NOLINT(misc-no-recursion)
    {
        const std::vector<std::size_t> &marks = m_scene.layout().branches[branch].marks;
        for (const std::size_t mark : marks) {
            Wish wish{m_rows[mark].id(), {}, false, m_rows[mark], {}};
            for (const std::size_t fork : m_forks[mark])
                wish.children.push_back(branchWish(fork));
            const bool isLast = mark == marks.back();
            if (m_now[mark] && !isLast)
                wish.children.push_back(now());
            to.push_back(std::move(wish));
            if (m_now[mark] && isLast)
                to.push_back(now());
        }
    }

    Wish branchWish(std::size_t branch) // NOLINT(misc-no-recursion)
    {
        const std::vector<std::size_t> &marks = m_scene.layout().branches[branch].marks;
        Wish out{"branch:" + m_rows[marks.front()].id(),
                 TimelineTreeModel::tr("Branch of %n checkpoint(s)", nullptr, static_cast<int>(marks.size())),
                 false,
                 {},
                 {}};
        addBranch(branch, out.children);
        return out;
    }

    static Wish now() { return {"now", TimelineTreeModel::tr("Now – you are here"), true, {}, {}}; }

    const TimelineScene &m_scene;
    std::vector<v1::CheckpointInfo> &m_rows;
    std::vector<std::vector<std::size_t>> m_forks; ///< by mark: branches that stand below it
    std::vector<bool> m_now;                       ///< by mark: the present goes on from it
    std::vector<std::size_t> m_loose;              ///< branches of a group that stand below nothing
    std::unordered_map<std::size_t, std::pair<std::size_t, int>> m_hung; ///< mark that a branch is below, how deep
};

} // namespace

TimelineTreeModel::TimelineTreeModel(QObject *parent) : QAbstractItemModel(parent), m_root(std::make_unique<Row>()) {}

TimelineTreeModel::~TimelineTreeModel() = default;

void TimelineTreeModel::setList(const TimelineScene &scene, std::vector<v1::CheckpointInfo> rows)
{
    std::vector<Wish> wishes = Gatherer<Wish>(scene, rows).gather();
    apply(*m_root, wishes);
}

void TimelineTreeModel::removeUnwanted(Row &row, const std::vector<Wish> &wishes)
{
    // What stays must be in the order of the wishes; what is not, goes and comes again.
    std::unordered_map<std::string_view, std::size_t> places;
    for (std::size_t i = 0; i < wishes.size(); ++i)
        places.emplace(wishes[i].key, i);
    std::vector<bool> stays(row.children.size());
    std::size_t next = 0;
    for (std::size_t i = 0; i < row.children.size(); ++i) {
        const auto place = places.find(row.children[i]->key);
        stays[i] = place != places.end() && place->second >= next;
        if (stays[i])
            next = place->second + 1;
    }
    for (int end = static_cast<int>(row.children.size()); end > 0;) {
        int begin = end;
        while (begin > 0 && !stays[static_cast<std::size_t>(begin) - 1])
            --begin;
        if (begin == end) {
            --end;
            continue;
        }
        beginRemoveRows(indexOf(row), begin, end - 1);
        for (int i = begin; i < end; ++i)
            forget(*row.children[static_cast<std::size_t>(i)]);
        row.children.erase(row.children.begin() + begin, row.children.begin() + end);
        for (std::size_t i = static_cast<std::size_t>(begin); i < row.children.size(); ++i)
            row.children[i]->number = static_cast<int>(i);
        endRemoveRows();
        end = begin;
    }
}

// Not deeper than kDeepest times two and one more.
void TimelineTreeModel::apply(Row &row, std::vector<Wish> &wishes) // NOLINT(misc-no-recursion)
{
    removeUnwanted(row, wishes);
    for (std::size_t i = 0; i < wishes.size();) {
        if (i < row.children.size() && row.children[i]->key == wishes[i].key) {
            Row &child = *row.children[i];
            child.title = std::move(wishes[i].title);
            child.info = std::move(wishes[i].info);
            apply(child, wishes[i].children);
            ++i;
            continue;
        }
        std::size_t end = i + 1;
        while (end < wishes.size() && (i >= row.children.size() || wishes[end].key != row.children[i]->key))
            ++end;
        beginInsertRows(indexOf(row), static_cast<int>(i), static_cast<int>(end) - 1);
        std::vector<std::unique_ptr<Row>> fresh;
        for (std::size_t at = i; at < end; ++at)
            fresh.push_back(make(&row, wishes[at]));
        row.children.insert(row.children.begin() + static_cast<std::ptrdiff_t>(i),
                            std::make_move_iterator(fresh.begin()), std::make_move_iterator(fresh.end()));
        for (std::size_t at = i; at < row.children.size(); ++at)
            row.children[at]->number = static_cast<int>(at);
        endInsertRows();
        i = end;
    }
    if (!row.children.empty())
        Q_EMIT dataChanged(index(0, 0, indexOf(row)),
                           index(static_cast<int>(row.children.size()) - 1, columnCount() - 1, indexOf(row)));
}

std::unique_ptr<TimelineTreeModel::Row> TimelineTreeModel::make(Row *parent, Wish &wish) // NOLINT(misc-no-recursion)
{
    auto out = std::make_unique<Row>();
    out->parent = parent;
    out->key = std::move(wish.key);
    out->title = std::move(wish.title);
    out->isNow = wish.isNow;
    out->info = std::move(wish.info);
    if (!out->info.id().empty())
        m_byId[out->info.id()] = out.get();
    for (Wish &child : wish.children) {
        out->children.push_back(make(out.get(), child));
        out->children.back()->number = static_cast<int>(out->children.size()) - 1;
    }
    return out;
}

void TimelineTreeModel::forget(const Row &row) // NOLINT(misc-no-recursion)
{
    if (const auto it = m_byId.find(row.info.id()); it != m_byId.end() && it->second == &row)
        m_byId.erase(it);
    for (const auto &child : row.children)
        forget(*child);
}

TimelineTreeModel::Row &TimelineTreeModel::rowOf(const QModelIndex &index) const
{
    return index.isValid() ? *static_cast<Row *>(index.internalPointer()) : *m_root;
}

QModelIndex TimelineTreeModel::indexOf(const Row &row) const
{
    return row.parent == nullptr ? QModelIndex() : createIndex(row.number, 0, &row);
}

QModelIndex TimelineTreeModel::indexOf(const std::string &id) const
{
    const auto it = m_byId.find(id);
    return it == m_byId.end() ? QModelIndex() : indexOf(*it->second);
}

std::string TimelineTreeModel::idOf(const QModelIndex &index) const
{
    return index.isValid() ? rowOf(index).info.id() : std::string();
}

QModelIndex TimelineTreeModel::index(int row, int column, const QModelIndex &parent) const
{
    if (!hasIndex(row, column, parent))
        return {};
    return createIndex(row, column, rowOf(parent).children[static_cast<std::size_t>(row)].get());
}

QModelIndex TimelineTreeModel::parent(const QModelIndex &index) const
{
    return index.isValid() ? indexOf(*rowOf(index).parent) : QModelIndex();
}

int TimelineTreeModel::rowCount(const QModelIndex &parent) const
{
    return parent.column() > 0 ? 0 : static_cast<int>(rowOf(parent).children.size());
}

int TimelineTreeModel::columnCount(const QModelIndex &) const
{
    return CheckpointModel::ColumnCount;
}

QVariant TimelineTreeModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const Row &row = rowOf(index);
    if (!row.info.id().empty())
        return CheckpointModel::cell(row.info, index.column(), role);
    if (index.column() != 0)
        return {};
    if (role == Qt::FontRole && row.isNow) {
        QFont font;
        font.setBold(true);
        return font;
    }
    return role == Qt::DisplayRole || role == Qt::ToolTipRole ? QVariant(row.title) : QVariant();
}

QVariant TimelineTreeModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    return CheckpointModel::header(section, orientation, role);
}

Qt::ItemFlags TimelineTreeModel::flags(const QModelIndex &index) const
{
    if (!index.isValid())
        return Qt::NoItemFlags;
    return rowOf(index).info.id().empty() ? Qt::ItemIsEnabled : Qt::ItemIsEnabled | Qt::ItemIsSelectable;
}

} // namespace gantry
