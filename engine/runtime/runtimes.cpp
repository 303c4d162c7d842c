// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runtime/runtimes.h"

#include "engine/base/log.h"
#include "engine/base/strings.h"
#include "engine/runtime/api_source.h"
#include "engine/runtime/containerd_files.h"
#include "engine/runtime/docker_files.h"
#include "engine/runtime/files.h"
#include "engine/runtime/flatpak_files.h"
#include "engine/runtime/incus_source.h"
#include "engine/runtime/lxc_files.h"
#include "engine/runtime/machined.h"
#include "engine/runtime/oci_source.h"
#include "engine/runtime/podman_files.h"

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

namespace gantry::runtime {

namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

constexpr milliseconds kLongestWait = 30s; ///< without a change it is listed again all the same
constexpr milliseconds kSecondTry = 100ms;
constexpr milliseconds kFirstPause = 1s;
constexpr milliseconds kLongestPause = 30s;

/// Containers again as the same values where they are equal: who compares pointers sees no change.
std::vector<FactsPtr> shared(std::vector<Facts> found, const std::vector<FactsPtr> &before)
{
    std::map<std::string_view, const FactsPtr *> known;
    for (const FactsPtr &facts : before)
        known.emplace(facts->id, &facts);
    std::vector<FactsPtr> out;
    for (Facts &facts : found) {
        const auto old = known.find(facts.id);
        if (old != known.end() && **old->second == facts)
            out.push_back(*old->second);
        else
            out.push_back(std::make_shared<const Facts>(std::move(facts)));
    }
    return out;
}

} // namespace

class Runtimes::Impl
{
public:
    Impl(Options options, std::function<void()> onChange)
        : m_options(std::move(options)), m_onChange(std::move(onChange))
    {
        look(); // who waits for the first answers must know of whom
        m_looker = std::jthread([this](const std::stop_token &stop) {
            while (sleepUntilWanted(stop))
                look();
        });
    }
    Impl(const Impl &) = delete;
    Impl &operator=(const Impl &) = delete;
    Impl(Impl &&) = delete;
    Impl &operator=(Impl &&) = delete;
    ~Impl()
    {
        m_looker.request_stop();
        m_looker.join();
        // All at once: one after the other would wait for each.
        for (auto &[key, slot] : m_slots)
            slot->thread.request_stop();
        // Before any slot goes: those that still publish look at all of them.
        for (auto &[key, slot] : m_slots)
            slot->thread.join();
    }

    [[nodiscard]] TablePtr table() const
    {
        const std::scoped_lock lock(m_mutex);
        return m_table;
    }
    [[nodiscard]] std::vector<SourceStatus> status() const;
    void waitForFirst(milliseconds most) const
    {
        std::unique_lock lock(m_mutex);
        m_answered.wait_for(lock, most, [this] {
            return std::ranges::all_of(m_slots, [](const auto &slot) { return slot.second->answered; });
        });
    }

    void lookSoon()
    {
        const std::scoped_lock lock(m_sleepMutex);
        m_lookSoon = true;
        m_sleep.notify_all();
    }

private:
    /// One source. What follows `thread` in use is under m_mutex, the thread excepted.
    struct Slot
    {
        std::shared_ptr<Source> source;
        std::string version;
        std::string problem;
        std::vector<FactsPtr> containers;
        bool answered = false;
        std::jthread thread;
    };

    bool sleepUntilWanted(const std::stop_token &stop)
    {
        std::unique_lock lock(m_sleepMutex);
        m_sleep.wait_for(lock, stop, m_options.lookInterval, [this] { return std::exchange(m_lookSoon, false); });
        return !stop.stop_requested();
    }
    void look();
    void follow(Slot &slot, const std::stop_token &stop);
    void publish(Slot &slot, std::vector<Facts> containers);
    void publishProblem(Slot &slot, const Error &error);
    void rebuild();
    /// @return false when it was ended.
    bool sleep(const std::stop_token &stop, milliseconds time)
    {
        std::unique_lock lock(m_sleepMutex);
        m_sleep.wait_for(lock, stop, time, [] { return false; });
        return !stop.stop_requested();
    }

    const Options m_options;
    const std::function<void()> m_onChange;
    std::mutex m_sleepMutex;
    std::condition_variable_any m_sleep;
    bool m_lookSoon = false; ///< under m_sleepMutex
    mutable std::mutex m_mutex;
    mutable std::condition_variable m_answered;
    TablePtr m_table = std::make_shared<const Table>(); ///< under m_mutex
    std::map<std::string, std::unique_ptr<Slot>> m_slots; ///< under m_mutex; changed by the looker only
    std::jthread m_looker;
};

void Runtimes::Impl::look()
{
    std::map<std::string, Candidate> found;
    const HostTree host(m_options.root);
    for (const Finder &finder : m_options.finders) {
        for (Candidate &candidate : finder(host))
            found.emplace(candidate.key, std::move(candidate));
    }
    std::vector<std::unique_ptr<Slot>> gone;
    {
        const std::scoped_lock lock(m_mutex);
        for (auto it = m_slots.begin(); it != m_slots.end();) {
            if (found.erase(it->first) > 0) {
                ++it;
                continue;
            }
            gone.push_back(std::move(it->second));
            it = m_slots.erase(it);
        }
        for (auto &[key, candidate] : found) {
            auto slot = std::make_unique<Slot>();
            slot->source = candidate.make();
            slot->thread = std::jthread([this, &one = *slot](const std::stop_token &stop) { follow(one, stop); });
            m_slots.emplace(key, std::move(slot));
        }
        if (!gone.empty())
            rebuild();
    }
    // Their threads may want the lock before they end.
    const bool changed = !gone.empty();
    gone.clear();
    if (changed)
        m_onChange();
}

void Runtimes::Impl::follow(Slot &slot, const std::stop_token &stop)
{
    Source &source = *slot.source;
    milliseconds pause = kFirstPause;
    bool asked = false;
    while (!stop.stop_requested()) {
        const Patience patience{Clock::now() + m_options.listPatience, stop};
        auto listing = source.list(patience);
        // A service that ends when it is idle may do so just now; the next connection starts it again.
        if (!listing && (listing.error().posix() == ECONNRESET || listing.error().posix() == ECONNREFUSED)) {
            sleep(stop, kSecondTry);
            listing = source.list(patience);
        }
        if (listing && !std::exchange(asked, true)) {
            auto version = source.version(patience);
            const std::scoped_lock lock(m_mutex);
            slot.version = std::move(version).value_or(std::string());
        }
        Result<> waited;
        if (listing) {
            const bool complete = listing->complete;
            publish(slot, std::move(listing->containers));
            pause = kFirstPause;
            waited = complete ? source.waitForChange({Clock::now() + kLongestWait, stop}) : Result<>();
        } else {
            waited = std::unexpected(listing.error());
        }
        if (waited || stop.stop_requested())
            continue;
        asked = false; // it may come back as another version
        publishProblem(slot, waited.error());
        sleep(stop, pause);
        pause = std::min(pause * 2, kLongestPause);
    }
}

void Runtimes::Impl::publish(Slot &slot, std::vector<Facts> containers)
{
    {
        const std::scoped_lock lock(m_mutex);
        if (!std::exchange(slot.problem, {}).empty())
            log::info(log::Area::Runtime, slot.source->endpoint(), " answers again");
        std::vector<FactsPtr> now = shared(std::move(containers), slot.containers);
        const bool same = slot.answered && now == slot.containers;
        slot.answered = true;
        slot.containers = std::move(now);
        m_answered.notify_all();
        if (same)
            return;
        rebuild();
    }
    m_onChange();
}

void Runtimes::Impl::publishProblem(Slot &slot, const Error &error)
{
    {
        const std::scoped_lock lock(m_mutex);
        slot.answered = true;
        m_answered.notify_all();
        std::string problem = error.message();
        if (slot.problem == problem)
            return;
        log::info(log::Area::Runtime, slot.source->runtime(), ": ", problem);
        std::vector<Facts> marked;
        for (const FactsPtr &facts : slot.containers) {
            marked.push_back(*facts);
            marked.back().problem = problem;
        }
        slot.problem = std::move(problem);
        slot.containers = shared(std::move(marked), slot.containers);
        rebuild();
    }
    m_onChange();
}

void Runtimes::Impl::rebuild()
{
    std::vector<Listed> listed;
    for (const auto &[key, slot] : m_slots)
        listed.push_back({slot->source, slot->containers});
    m_table = std::make_shared<const Table>(std::move(listed));
}

std::vector<SourceStatus> Runtimes::Impl::status() const
{
    const std::scoped_lock lock(m_mutex);
    std::vector<SourceStatus> out;
    for (const auto &[key, slot] : m_slots) {
        const Source &source = *slot->source;
        out.push_back({std::string(source.runtime()), slot->version, source.endpoint(), source.userUid(),
                       slot->answered ? slot->problem : std::string("has not answered yet"),
                       slot->containers.size()});
    }
    return out;
}

std::vector<Finder> Runtimes::allFinders()
{
    return {findApiSockets, findPodmanFiles, findDockerFiles,  findContainerdFiles, findIncus,
            findLxcFiles,   findMachined,    findFlatpakFiles, findOciStates};
}

Runtimes::Runtimes(Options options, std::function<void()> onChange)
    : m_impl(std::make_unique<Impl>(std::move(options), std::move(onChange)))
{}

Runtimes::~Runtimes() = default;

TablePtr Runtimes::table() const
{
    return m_impl->table();
}

std::vector<SourceStatus> Runtimes::status() const
{
    return m_impl->status();
}

void Runtimes::lookSoon() const
{
    m_impl->lookSoon();
}

void Runtimes::waitForFirst(milliseconds most) const
{
    m_impl->waitForFirst(most);
}

} // namespace gantry::runtime
