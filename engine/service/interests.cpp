// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/service/interests.h"

#include <algorithm>
#include <utility>

namespace gantry::service {

namespace {

void addAll(std::vector<NodeId> &out, const std::vector<NodeId> &nodes)
{
    out.insert(out.end(), nodes.begin(), nodes.end());
}

void keepOnce(std::vector<NodeId> &nodes)
{
    std::ranges::sort(nodes);
    const auto rest = std::ranges::unique(nodes);
    nodes.erase(rest.begin(), rest.end());
}

} // namespace

Interests::Entry Interests::add(sampler::Sampler::Interest interest)
{
    const std::scoped_lock lock(m_mutex);
    const std::uint64_t key = ++m_next;
    m_all.emplace(key, std::move(interest));
    tell();
    return {*this, key};
}

void Interests::remove(std::uint64_t key)
{
    const std::scoped_lock lock(m_mutex);
    m_all.erase(key);
    tell();
}

void Interests::tell()
{
    sampler::Sampler::Interest merged;
    for (const auto &[key, interest] : m_all) {
        addAll(merged.visible, interest.visible);
        addAll(merged.detail, interest.detail);
        if (interest.interval.count() > 0 && (merged.interval.count() == 0 || interest.interval < merged.interval))
            merged.interval = interest.interval;
    }
    keepOnce(merged.visible);
    keepOnce(merged.detail);
    m_sampler.setInterest(std::move(merged));
}

} // namespace gantry::service
