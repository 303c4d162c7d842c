// SPDX-License-Identifier: GPL-3.0-or-later
// Which pages two checkpoints have differently, and in which mappings these are.
#include "engine/base/strings.h"
#include "engine/checkpoint/image_diff.h"

#include <algorithm>
#include <limits>
#include <map>
#include <utility>

namespace gantry::checkpoint {

namespace {

using repository::OpenedCheckpoint;
using repository::PieceId;

/// Pairs of pieces whose digests are asked for at once.
constexpr std::size_t kPairsAtOnce = std::size_t{1} << 16;
constexpr std::uint64_t kNowhere = std::numeric_limits<std::uint64_t>::max();

using PageSink = std::function<void(std::uint64_t, std::uint64_t, Change)>;

/// Pages of one side from an address on.
class Cursor
{
public:
    explicit Cursor(const std::vector<StoredPages> &runs) : m_runs(runs) {}

    [[nodiscard]] bool atEnd() const { return m_run == m_runs.size(); }
    [[nodiscard]] std::uint64_t address() const
    {
        return atEnd() ? kNowhere : m_runs[m_run].address + m_done * kImagePage;
    }
    [[nodiscard]] std::uint64_t left() const { return atEnd() ? 0 : m_runs[m_run].count - m_done; }
    [[nodiscard]] bool zeros() const { return m_runs[m_run].zeros; }
    [[nodiscard]] std::uint64_t piece() const { return m_runs[m_run].first.v + m_done; }
    void skip(std::uint64_t pages)
    {
        m_done += pages;
        if (m_done == m_runs[m_run].count) {
            ++m_run;
            m_done = 0;
        }
    }

private:
    const std::vector<StoredPages> &m_runs;
    std::size_t m_run = 0;
    std::uint64_t m_done = 0;
};

/// Walks along two sides.
class PageComparison
{
public:
    PageComparison(const OpenedCheckpoint &store, const std::stop_token &stop, const PageSink &sink)
        : m_store(store), m_stop(stop), m_sink(sink)
    {}

    [[nodiscard]] Result<> run(const std::vector<StoredPages> &before, const std::vector<StoredPages> &after)
    {
        Cursor a(before);
        Cursor b(after);
        while (!a.atEnd() || !b.atEnd()) {
            if (a.address() != b.address()) {
                Cursor &first = a.address() < b.address() ? a : b;
                const std::uint64_t other = std::max(a.address(), b.address());
                const std::uint64_t pages = std::min(first.left(), (other - first.address() - 1) / kImagePage + 1);
                m_sink(first.address(), pages, &first == &a ? Change::Gone : Change::New);
                first.skip(pages);
                continue;
            }
            const std::uint64_t pages = std::min(a.left(), b.left());
            GANTRY_CHECK(both(a, b, pages));
            a.skip(pages);
            b.skip(pages);
        }
        return flush();
    }

private:
    [[nodiscard]] Result<> both(const Cursor &a, const Cursor &b, std::uint64_t pages)
    {
        if (a.zeros() && b.zeros())
            return {};
        // No piece is a page of zeros.
        if (a.zeros() || b.zeros()) {
            m_sink(a.address(), pages, Change::Changed);
            return {};
        }
        if (a.piece() == b.piece())
            return {};
        for (std::uint64_t i = 0; i < pages; ++i) {
            m_before.push_back(PieceId{a.piece() + i});
            m_after.push_back(PieceId{b.piece() + i});
            m_addresses.push_back(a.address() + i * kImagePage);
            if (m_addresses.size() == kPairsAtOnce)
                GANTRY_CHECK(flush());
        }
        return {};
    }

    /// Pieces of different ids may be the same: the store forgets what it has had, where it is big.
    [[nodiscard]] Result<> flush()
    {
        const auto before = GANTRY_TRY(m_store.digests(m_before, m_stop));
        const auto after = GANTRY_TRY(m_store.digests(m_after, m_stop));
        for (std::size_t i = 0; i < m_addresses.size(); ++i) {
            if (before[i] != after[i])
                m_sink(m_addresses[i], 1, Change::Changed);
        }
        m_before.clear();
        m_after.clear();
        m_addresses.clear();
        return {};
    }

    const OpenedCheckpoint &m_store;
    const std::stop_token &m_stop;
    const PageSink &m_sink;
    std::vector<PieceId> m_before;
    std::vector<PieceId> m_after;
    std::vector<std::uint64_t> m_addresses;
};

/// The mappings of one process in both checkpoints, and what differs in each.
class AreaTable
{
public:
    AreaTable(const SavedTask &before, const SavedTask &after) : m_before(before), m_after(after)
    {
        std::vector<bool> met(before.areas.size());
        for (const SavedArea &area : after.areas) {
            bool known = false;
            for (auto old = firstAt(before.areas, area.start); old != before.areas.end() && old->start < area.end;
                 ++old) {
                met[static_cast<std::size_t>(old - before.areas.begin())] = true;
                known = known || old->what == area.what;
            }
            AreaDifference &row = add(area, after, known ? Change::Changed : Change::New);
            row.pagesAfter = area.pages;
            row.pagesBefore = area.sharedMemory == 0 ? before.pages.pagesIn(area.start, area.end) : 0;
        }
        for (std::size_t i = 0; i < before.areas.size(); ++i) {
            if (!met[i])
                add(before.areas[i], before, Change::Gone).pagesBefore = before.areas[i].pages;
        }
    }

    void note(std::uint64_t address, std::uint64_t count, Change change)
    {
        while (count > 0) {
            AreaDifference &row = rowAt(address);
            const std::uint64_t pages = std::clamp<std::uint64_t>((row.end - address) / kImagePage, 1, count);
            (change == Change::Changed ? row.changed : change == Change::New ? row.fresh : row.gone) += pages;
            address += pages * kImagePage;
            count -= pages;
        }
    }

    void moveTo(std::vector<AreaDifference> &out)
    {
        for (auto &[start, row] : m_rows) {
            if (row.change != Change::Changed || row.changed + row.fresh + row.gone > 0)
                out.push_back(std::move(row));
        }
    }

private:
    static std::vector<SavedArea>::const_iterator firstAt(const std::vector<SavedArea> &areas, std::uint64_t address)
    {
        return std::ranges::upper_bound(areas, address, {}, &SavedArea::end);
    }

    AreaDifference &add(const SavedArea &area, const SavedTask &task, Change change)
    {
        AreaDifference row;
        row.change = change;
        row.pid = task.pid;
        row.comm = task.comm;
        row.start = area.start;
        row.end = area.end;
        row.what = area.what;
        return m_rows.insert_or_assign(area.start, std::move(row)).first->second;
    }

    AreaDifference &rowAt(std::uint64_t address)
    {
        auto row = m_rows.upper_bound(address);
        if (row != m_rows.begin() && (--row)->second.end > address)
            return row->second;
        // In a part that the second checkpoint has cut off a mapping, or in none.
        SavedArea part;
        part.start = address;
        part.end = address + kImagePage;
        part.what = "?";
        if (const auto old = firstAt(m_before.areas, address); old != m_before.areas.end() && old->start <= address) {
            part.what = old->what;
            part.end = old->end;
        }
        if (const auto next = m_rows.upper_bound(address); next != m_rows.end())
            part.end = std::min(part.end, next->second.start);
        AreaDifference &out = add(part, m_after, Change::Gone);
        out.pagesBefore = m_before.pages.pagesIn(out.start, out.end);
        return out;
    }

    const SavedTask &m_before;
    const SavedTask &m_after;
    std::map<std::uint64_t, AreaDifference> m_rows; ///< by start; none over another
};

std::uint64_t countOf(const SavedPageMap &map)
{
    return map.pagesIn(0, kNowhere);
}

/// Reads what both have in memory.
class MemoryDiff
{
public:
    struct Side
    {
        OpenedCheckpoint &checkpoint;
        const SavedTree &tree;
    };
    MemoryDiff(const std::stop_token &stop, Side before, Side after, TreeDiff &out)
        : m_stop(stop), m_before(before), m_after(after), m_out(out)
    {}

    [[nodiscard]] Result<> run()
    {
        for (const Side *side : {&m_before, &m_after}) {
            std::uint64_t &pages = side == &m_before ? m_out.pages.before : m_out.pages.after;
            for (const SavedTask &task : side->tree.tasks)
                pages += countOf(task.pages);
            for (const auto &[id, map] : side->tree.sharedMemory)
                pages += countOf(map);
        }
        GANTRY_CHECK(tasks());
        GANTRY_CHECK(sharedMemory());
        std::ranges::stable_sort(m_out.areas, std::ranges::greater(),
                                 [](const AreaDifference &row) { return row.changed + row.fresh + row.gone; });
        return {};
    }

private:
    [[nodiscard]] Result<> compare(const SavedPageMap &before, const SavedPageMap &after, const PageSink &sink)
    {
        return diffPages(
            m_before.checkpoint, GANTRY_TRY(storedPages(m_before.checkpoint, before)),
            GANTRY_TRY(storedPages(m_after.checkpoint, after)), m_stop,
            [this, &sink](std::uint64_t address, std::uint64_t count, Change change) {
                PageTotals &all = m_out.pages;
                (change == Change::Changed ? all.changed : change == Change::New ? all.fresh : all.gone) += count;
                sink(address, count, change);
            });
    }

    [[nodiscard]] Result<> tasks()
    {
        std::map<std::int32_t, const SavedTask *> old;
        for (const SavedTask &task : m_before.tree.tasks)
            old.emplace(task.pid, &task);
        for (const SavedTask &task : m_after.tree.tasks) {
            const auto found = old.find(task.pid);
            if (found == old.end()) {
                m_out.pages.fresh += countOf(task.pages);
                continue;
            }
            AreaTable table(*found->second, task);
            GANTRY_CHECK(compare(found->second->pages, task.pages,
                                 [&table](std::uint64_t address, std::uint64_t count, Change change) {
                                     table.note(address, count, change);
                                 }));
            table.moveTo(m_out.areas);
            old.erase(found);
        }
        for (const auto &[pid, task] : old)
            m_out.pages.gone += countOf(task->pages);
        return {};
    }

    /// How the processes that map it name it.
    [[nodiscard]] std::map<std::uint64_t, std::string> names() const
    {
        std::map<std::uint64_t, std::string> out;
        for (const Side *side : {&m_after, &m_before}) {
            for (const SavedTask &task : side->tree.tasks) {
                for (const SavedArea &area : task.areas) {
                    if (area.sharedMemory != 0)
                        out.emplace(area.sharedMemory, area.what);
                }
            }
        }
        return out;
    }

    [[nodiscard]] Result<> sharedMemory()
    {
        const SavedPageMap nothing;
        const std::map<std::uint64_t, std::string> nameOf = names();
        auto all = m_before.tree.sharedMemory;
        all.insert(m_after.tree.sharedMemory.begin(), m_after.tree.sharedMemory.end());
        for (const auto &[id, any] : all) {
            const auto before = m_before.tree.sharedMemory.find(id);
            const auto after = m_after.tree.sharedMemory.find(id);
            const bool was = before != m_before.tree.sharedMemory.end();
            const bool is = after != m_after.tree.sharedMemory.end();
            AreaDifference row;
            row.change = !was ? Change::New : is ? Change::Changed : Change::Gone;
            row.what = nameOf.at(id);
            row.pagesBefore = was ? countOf(before->second) : 0;
            row.pagesAfter = is ? countOf(after->second) : 0;
            GANTRY_CHECK(compare(
                was ? before->second : nothing, is ? after->second : nothing,
                [&row](std::uint64_t, std::uint64_t count, Change change) {
                    (change == Change::Changed ? row.changed : change == Change::New ? row.fresh : row.gone) += count;
                }));
            if (row.changed + row.fresh + row.gone > 0)
                m_out.areas.push_back(std::move(row));
        }
        return {};
    }

    const std::stop_token &m_stop;
    const Side m_before;
    const Side m_after;
    TreeDiff &m_out;
};

} // namespace

Result<> diffPages(const OpenedCheckpoint &store, const std::vector<StoredPages> &before,
                   const std::vector<StoredPages> &after, const std::stop_token &stop, const PageSink &sink)
{
    return PageComparison(store, stop, sink).run(before, after);
}

Result<TreeDiff> diff(OpenedCheckpoint &before, OpenedCheckpoint &after, const std::stop_token &stop)
{
    const SavedTree old = GANTRY_TRY(readTree(before, stop));
    const SavedTree now = GANTRY_TRY(readTree(after, stop));
    TreeDiff out = diffTrees(old, now);
    diffKept(GANTRY_TRY(readKeptFiles(before)), GANTRY_TRY(readKeptFiles(after)), out.files);
    GANTRY_CHECK(MemoryDiff(stop, {before, old}, {after, now}, out).run());
    return out;
}

} // namespace gantry::checkpoint
