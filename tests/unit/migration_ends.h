// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/strings.h"
#include "engine/migration/source.h"
#include "engine/migration/target.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <span>
#include <string>
#include <vector>

/// A played way between the two ends of a migration, and what is true on its hosts. Real logs. Thread: one for each
/// end.
namespace gantry::migration {

using checkpoint::Ending;
using std::chrono::steady_clock;

inline const std::string kId = "0123456789abcdef0123456789abcdef";
constexpr auto kPatience = std::chrono::seconds(20);

/// A way for frames, both directions, that breaks before frame number `cut`.
class Way
{
public:
    std::size_t cut = SIZE_MAX;
    bool isMute = false;                      ///< the target's news do not come
    std::function<void(std::size_t)> onFrame; ///< told each number before it is carried

    class End final : public Frames
    {
    public:
        End(Way &way, bool source) : m_way(way), m_source(source) {}
        Result<> send(const Frame &frame) override { return m_way.put(m_source, frame); }
        Result<Frame> receive(const Wait &wait) override { return m_way.take(m_source, wait); }

    private:
        Way &m_way;
        const bool m_source;
    };
    [[nodiscard]] End source() { return {*this, true}; }
    [[nodiscard]] End target() { return {*this, false}; }
    [[nodiscard]] std::size_t carried() const { return m_carried; }
    /// One end is gone, as its host or its connection.
    void breakOff()
    {
        const std::scoped_lock lock(m_mutex);
        m_broken = true;
        m_changed.notify_all();
    }

private:
    [[nodiscard]] Result<> put(bool bySource, const Frame &frame)
    {
        std::unique_lock lock(m_mutex);
        if (frame.has_phase()) { // news: not counted
            if (!bySource && !isMute)
                m_toSource.push_back(frame);
            m_changed.notify_all();
            return {};
        }
        if (const std::size_t number = m_carried; onFrame) {
            lock.unlock(); // it may wake who waits
            onFrame(number);
            lock.lock();
        }
        if (m_carried == cut)
            m_broken = true;
        m_changed.notify_all();
        if (m_broken)
            return fail(ECONNRESET, "send", "the other host", "cut");
        ++m_carried;
        (bySource ? m_toTarget : m_toSource).push_back(frame);
        return {};
    }
    [[nodiscard]] Result<Frame> take(bool bySource, const Wait &wait)
    {
        std::unique_lock lock(m_mutex);
        auto &in = bySource ? m_toSource : m_toTarget;
        m_changed.wait_until(lock, wait.stop, wait.until, [&] { return !in.empty() || m_broken; });
        if (!in.empty()) {
            Frame out = std::move(in.front());
            in.pop_front();
            return out;
        }
        if (m_broken)
            return fail(ECONNRESET, "receive", "the other host", "cut");
        return fail(wait.stop.stop_requested() ? ECANCELED : ETIMEDOUT, "receive", "the other host", "nothing came");
    }

    std::mutex m_mutex;
    std::condition_variable_any m_changed;
    std::deque<Frame> m_toSource;
    std::deque<Frame> m_toTarget;
    std::size_t m_carried = 0;
    bool m_broken = false;
};

enum class Refused : std::uint8_t { Nothing, SaveRunning, SaveStill, Export, Store, Hold, Run };

/// What is true on the two hosts.
struct Hosts
{
    enum class Copy : std::uint8_t { None, Runs, Still };
    explicit Hosts(const std::string &folder) : sourceLog(folder + "/source"), targetLog(folder + "/target") {}

    const Log sourceLog;
    const Log targetLog;
    Way way;
    Refused refused = Refused::Nothing;
    std::stop_source stop;
    std::atomic<Copy> source = Copy::Runs;
    std::atomic<Copy> target = Copy::None;
    std::function<void()> onHold; ///< while it restores
    int saves = 0;
    std::vector<std::string> stored; ///< ids that the target has
    std::vector<std::uint64_t> sentBases;
    std::vector<repository::Rest> rests; ///< that the target tells of; of those with an odd number of pages it is true
    std::vector<std::size_t> sentRests;

    [[nodiscard]] Result<> mayDo(Refused what) const
    {
        return refused == what ? fail(EIO, "play", "host", "refused") : Result<>();
    }
    [[nodiscard]] Workload workload()
    {
        return {[this]() -> Result<std::string> {
                    GANTRY_CHECK(mayDo(Refused::SaveRunning));
                    return repository::CheckpointId::parse(nextId())->text();
                },
                [this](const checkpoint::HandOver &hand, const checkpoint::OnPhase &onPhase) -> Result<> {
                    onPhase("dump");
                    source = Copy::Still;
                    auto done = [&]() -> Result<> {
                        GANTRY_CHECK(mayDo(Refused::SaveStill));
                        checkpoint::Saved saved;
                        saved.id = *repository::CheckpointId::parse(nextId());
                        GANTRY_CHECK(hand.offer(saved));
                        auto decided = hand.decide();
                        if (decided.ending == Ending::Ends) {
                            source = Copy::None;
                            return {};
                        }
                        return std::unexpected(*decided.why);
                    }();
                    if (!done)
                        source = Copy::Runs;
                    return done;
                },
                [this](const std::string &id, const Known &known, const repository::Sink &sink,
                       const std::stop_token &) -> Result<std::uint64_t> {
                    sentBases.push_back(known.checkpoints.size());
                    sentRests.push_back(known.rests.size());
                    GANTRY_CHECK(sink(std::as_bytes(std::span(id))));
                    GANTRY_CHECK(mayDo(Refused::Export));
                    std::string much(std::size_t{1} << 20, 'x');
                    std::ranges::generate(much,
                                          [random = std::mt19937()] mutable { return static_cast<char>(random()); });
                    GANTRY_CHECK(sink(std::as_bytes(std::span(much))));
                    return known.rests.size();
                },
                {},
                [](std::vector<repository::Rest> told, const std::stop_token &) {
                    std::erase_if(told, [](const repository::Rest &rest) { return rest.pages % 2 == 0; });
                    return told;
                }};
    }
    [[nodiscard]] Landing landing()
    {
        return {[this](const repository::Source &bytes, const std::stop_token &) -> Result<std::vector<std::string>> {
                    std::string all;
                    std::array<std::byte, 65'536> some{};
                    for (;;) {
                        const std::size_t size = GANTRY_TRY(bytes(some));
                        if (size == 0)
                            break;
                        for (const std::byte byte : std::span(some).first(size))
                            all += static_cast<char>(byte);
                    }
                    GANTRY_CHECK(mayDo(Refused::Store));
                    stored.push_back(all.substr(0, kId.size()));
                    return std::vector{stored.back()};
                },
                [this](const std::string &id, const std::stop_token &) -> Result<v1::MigrationHeld> {
                    if (onHold)
                        onHold();
                    GANTRY_CHECK(mayDo(Refused::Hold));
                    if (std::ranges::find(stored, id) == stored.end())
                        return fail(ENOENT, "play", id, "it did not come");
                    target = Copy::Still;
                    return v1::MigrationHeld();
                },
                [this]() -> Result<> {
                    GANTRY_CHECK(mayDo(Refused::Run));
                    if (target == Copy::None)
                        return fail(ENOENT, "play", "copy", "gone");
                    target = Copy::Runs;
                    return {};
                },
                [this]() -> Result<> {
                    target = Copy::None;
                    stored.clear();
                    return {};
                }};
    }
    [[nodiscard]] std::string nextId()
    {
        std::string out = kId;
        out.back() = static_cast<char>('0' + saves++);
        return out;
    }
};

} // namespace gantry::migration
