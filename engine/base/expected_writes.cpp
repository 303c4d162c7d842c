// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/expected_writes.h"

#include "engine/base/strings.h"

#include <algorithm>

namespace gantry {

namespace {

/// Nobody clicks faster than this is worth remembering.
constexpr std::size_t kMost = 1024;

} // namespace

void ExpectedWrites::expect(std::string path, std::string file, std::string value, bool below, Clock::time_point until)
{
    const std::scoped_lock lock(m_mutex);
    const auto now = Clock::now();
    std::erase_if(m_entries, [now](const Entry &entry) { return entry.until < now; });
    if (m_entries.size() >= kMost)
        m_entries.pop_front();
    m_entries.push_back({std::move(path), std::move(file), std::move(value), below, until});
}

void ExpectedWrites::endBy(std::string_view path, std::string_view file, Clock::time_point until)
{
    const std::scoped_lock lock(m_mutex);
    for (Entry &entry : m_entries) {
        if (entry.path == path && entry.file == file && entry.value.empty())
            entry.until = std::min(entry.until, until);
    }
}

bool ExpectedWrites::has(std::string_view path, std::string_view file, std::string_view value) const
{
    const std::scoped_lock lock(m_mutex);
    const auto now = Clock::now();
    return std::ranges::any_of(m_entries, [&](const Entry &entry) {
        return entry.until >= now && entry.file == file && (entry.value.empty() || entry.value == value) &&
               (entry.below ? isPathWithin(path, entry.path) : entry.path == path);
    });
}

} // namespace gantry
