// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"
#include "engine/base/strings.h"

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <deque>
#include <string_view>

namespace gantry::service {

/// How often a secret may be guessed: after so many wrong ones in a row none is looked at until the oldest of them is a
/// minute old. Thread: one at a time.
class Attempts
{
public:
    using Time = std::chrono::steady_clock::time_point;
    static constexpr std::size_t kMost = 5;
    static constexpr std::chrono::seconds kWindow{60};

    /// @errors EAGAIN with the seconds that are left.
    [[nodiscard]] Result<> mayTry(Time now, std::string_view verb, std::string_view subject) const
    {
        if (m_wrong.size() < kMost || now - m_wrong.front() >= kWindow)
            return {};
        const auto left = std::chrono::ceil<std::chrono::seconds>(kWindow - (now - m_wrong.front()));
        return fail(EAGAIN, verb, subject, strCat(kMost, " wrong ones were tried in a row"),
                    strCat("try again in ", left.count(), " s"));
    }
    void noteWrong(Time now)
    {
        m_wrong.push_back(now);
        if (m_wrong.size() > kMost)
            m_wrong.pop_front();
    }
    void noteRight() { m_wrong.clear(); }

private:
    std::deque<Time> m_wrong; ///< oldest first, at most kMost
};

} // namespace gantry::service
