// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/checkpoint/criu.h"

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

namespace gantry::checkpoint {

/// Knows the CRIU of this host without asking it each time: it is probed once on a thread of its own, and what it said
/// is kept in a file, for programs that run for one command only. Asked anew where the program was replaced, after a
/// boot, with other rights, or after kKeptFor. That it does not work is never kept, and looked at again after kRetry.
/// Thread: any.
class CriuKeeper
{
public:
    /// A kernel module that was loaded, or a package that was installed, changes what works without a sign.
    static constexpr std::chrono::hours kKeptFor{1};
    static constexpr std::chrono::seconds kPatience{10};
    static constexpr std::chrono::minutes kRetry{1};

    using Probe = std::function<CriuFacts(const std::string &path, const runtime::Patience &patience)>;
    using Path = std::function<std::string()>;

    /// @param folder of the file ("criu.facts"); made when there is something to keep. One that cannot be written costs
    /// the time of a probe each start, nothing else. @param path as criuPath(). @param probe as probeCriu().
    explicit CriuKeeper(std::string folder, Path path = criuPath, Probe probe = probeCriu);
    CriuKeeper(const CriuKeeper &) = delete;
    CriuKeeper &operator=(const CriuKeeper &) = delete;
    CriuKeeper(CriuKeeper &&) = delete;
    CriuKeeper &operator=(CriuKeeper &&) = delete;
    ~CriuKeeper(); ///< as stop()

    /// Begins to find out, if nobody has; does not wait.
    void start();
    /// Ends a probe that runs: who waits gets facts with that as the problem, and none is begun any more.
    void stop();
    /// What CRIU can do; begins to find out if nobody has. nullopt: not known by then.
    [[nodiscard]] std::optional<CriuFacts> facts(runtime::Clock::time_point deadline);

private:
    void startLocked(const std::string &key);
    void run(const std::stop_token &stop, const std::string &path, const std::string &key);

    const std::string m_file;
    const Path m_path;
    const Probe m_probe;
    std::mutex m_mutex;
    std::condition_variable m_changed;
    // All under m_mutex.
    std::string m_key; ///< of m_facts, or of what runs
    bool m_running = false;
    bool m_stopped = false;
    std::optional<CriuFacts> m_facts;
    runtime::Clock::time_point m_since; ///< of m_facts
    std::jthread m_thread;              ///< last: ends before what it uses
};

/// What decides whether facts still hold: the program, the boot, the rights of this process.
[[nodiscard]] std::string criuKey(const std::string &path);

/// The kept file as text, and back. @errors EILSEQ: of another shape; ESTALE: of another key.
[[nodiscard]] std::string keptText(const CriuFacts &facts, std::string_view key);
[[nodiscard]] Result<CriuFacts> parseKept(std::string_view text, std::string_view path, std::string_view key);

} // namespace gantry::checkpoint
