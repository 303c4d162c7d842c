// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/observers.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace gantry {

/// Values with a number `id` that several readers follow: each asks for what changed since the generation it has, so a
/// slow reader gets merged changes instead of a queue. Thread: any. Observers are woken after each change, without the
/// table's lock.
template <class T> class ChangeTable
{
public:
    struct Changes
    {
        std::uint64_t generation = 0; ///< pass it to the next since()
        bool snapshot = false;        ///< forget everything known before
        std::vector<T> changed;       ///< in the order of their ids
        std::vector<std::uint64_t> removed;
    };

    /// Adds or replaces.
    void put(T item)
    {
        {
            const std::scoped_lock lock(m_mutex);
            const std::uint64_t id = item.id;
            m_items.insert_or_assign(id, Entry{++m_generation, std::move(item)});
        }
        m_observers.notify();
    }

    /// Calls edit(T &) on one value, under the lock. @return false if there is none.
    template <class Edit> bool update(std::uint64_t id, Edit edit)
    {
        {
            const std::scoped_lock lock(m_mutex);
            const auto found = m_items.find(id);
            if (found == m_items.end())
                return false;
            edit(found->second.item);
            found->second.generation = ++m_generation;
        }
        m_observers.notify();
        return true;
    }

    void remove(std::uint64_t id)
    {
        {
            const std::scoped_lock lock(m_mutex);
            if (m_items.erase(id) == 0)
                return;
            m_removed.emplace_back(++m_generation, id);
            if (m_removed.size() > kRemovalsKept) {
                m_forgotten = m_removed.front().first;
                m_removed.pop_front();
            }
        }
        m_observers.notify();
    }

    [[nodiscard]] std::optional<T> find(std::uint64_t id) const
    {
        const std::scoped_lock lock(m_mutex);
        const auto found = m_items.find(id);
        return found == m_items.end() ? std::nullopt : std::optional<T>(found->second.item);
    }

    /// @param generation of the last call; 0, or one too old to know what was removed since, gives a snapshot.
    [[nodiscard]] Changes since(std::uint64_t generation) const
    {
        const std::scoped_lock lock(m_mutex);
        Changes out;
        out.generation = m_generation;
        out.snapshot = generation == 0 || generation < m_forgotten || generation > m_generation;
        for (const auto &[id, entry] : m_items) {
            if (out.snapshot || entry.generation > generation)
                out.changed.push_back(entry.item);
        }
        if (!out.snapshot) {
            for (const auto &[when, id] : m_removed) {
                if (when > generation)
                    out.removed.push_back(id);
            }
        }
        return out;
    }

    [[nodiscard]] Observers::Subscription subscribe(std::function<void()> callback)
    {
        return m_observers.subscribe(std::move(callback));
    }

private:
    static constexpr std::size_t kRemovalsKept = 1024;
    struct Entry
    {
        std::uint64_t generation;
        T item;
    };

    mutable std::mutex m_mutex;
    std::uint64_t m_generation = 1; ///< never 0: that asks for a snapshot
    std::uint64_t m_forgotten = 0;  ///< removals up to this generation are not known any more
    std::map<std::uint64_t, Entry> m_items;
    std::deque<std::pair<std::uint64_t, std::uint64_t>> m_removed; ///< generation, id
    Observers m_observers;
};

} // namespace gantry
