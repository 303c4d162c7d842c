// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/fd.h"

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

namespace gantry::link {

/// What a program writes to its standard error, kept to a bound: the newest of it. Thread: any.
class Said
{
public:
    /// @param pipe its reading end.
    explicit Said(UniqueFd pipe);
    /// Stops reading: a program left behind, as ssh's ControlPersist has one, keeps the pipe open.
    ~Said();
    Said(const Said &) = delete;
    Said &operator=(const Said &) = delete;
    Said(Said &&) = delete;
    Said &operator=(Said &&) = delete;

    [[nodiscard]] std::string text() const;
    /// The same after its program has ended: what is still in the pipe is waited for, but not for a program left
    /// behind.
    [[nodiscard]] std::string textAtEnd() const;
    /// What came since the last take().
    [[nodiscard]] std::string take();

private:
    void read();

    const UniqueFd m_pipe;
    const UniqueFd m_stop;
    mutable std::mutex m_mutex;
    std::string m_text;        ///< under m_mutex
    std::size_t m_untaken = 0; ///< under m_mutex: bytes at its end
    bool m_atEnd = false;      ///< under m_mutex
    mutable std::condition_variable m_ended;
    std::jthread m_thread;
};

/// Its last lines that say something, at most so many, in one: "a; b". Printable. Those of an engine's log are none.
[[nodiscard]] std::string lastLines(std::string_view text, std::size_t most);

} // namespace gantry::link
