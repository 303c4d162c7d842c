// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <vector>

namespace gantry::inventory {

/// Callbacks with a value, each for as long as its handle is held. Thread: one. A callback may add and drop others.
template <class Value> class Callbacks
{
public:
    using Callback = std::function<void(const Value &)>;

    [[nodiscard]] std::shared_ptr<const void> add(Callback callback)
    {
        auto handle = std::make_shared<Callback>(std::move(callback));
        std::erase_if(m_callbacks, [](const auto &weak) { return weak.expired(); });
        m_callbacks.push_back(handle);
        return handle;
    }

    void call(const Value &value) const
    {
        for (const auto &weak : std::vector(m_callbacks)) {
            if (const auto callback = weak.lock())
                (*callback)(value);
        }
    }

private:
    std::vector<std::weak_ptr<Callback>> m_callbacks;
};

} // namespace gantry::inventory
