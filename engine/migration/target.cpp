// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/migration/target.h"

#include "engine/base/log.h"
#include "engine/base/strings.h"
#include "engine/proto/convert.h"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace gantry::migration {

using std::chrono::steady_clock;

namespace {

constexpr std::chrono::seconds kDonePatience{60}; ///< the source ends and removes what it had

/// Says that this end is there, while the thread that talks is busy: nobody else may send meanwhile.
class Sign
{
public:
    Sign(Frames &frames, std::chrono::milliseconds often)
        : m_thread([this, &frames, often](const std::stop_token &stop) {
            std::unique_lock lock(m_mutex);
            while (!m_changed.wait_for(lock, stop, often, [&stop] { return stop.stop_requested(); })) {
                if (!frames.send(phaseFrame("receive", 0)))
                    return; // what is said next tells it
            }
        })
    {}

private:
    std::mutex m_mutex;
    std::condition_variable_any m_changed;
    std::jthread m_thread;
};

/// One migration on its way in. Thread: one, but for its sign.
class Coming
{
public:
    Coming(Frames &frames, const Log &log, const TargetPlan &plan, const Landing &landing, const Wait &wait)
        : m_frames(frames), m_log(log), m_plan(plan), m_landing(landing), m_wait(wait)
    {}
    [[nodiscard]] Result<Landed> run();

private:
    [[nodiscard]] Result<Landed> take();
    [[nodiscard]] Result<> store(Frame first);
    [[nodiscard]] Result<> hold(const std::string &checkpoint);
    [[nodiscard]] Result<Landed> awaitDecision();
    [[nodiscard]] std::unexpected<Error> giveUp(Error error);
    [[nodiscard]] Result<> advance(Step step) { return m_log.advance(m_plan.record.id, Side::Target, step); }

    Frames &m_frames;
    const Log &m_log;
    const TargetPlan &m_plan;
    const Landing &m_landing;
    const Wait &m_wait;
    bool m_told = false;    ///< the source may know that it is held, and have decided by it
    bool m_aborted = false; ///< and has said that it has not
};

Result<> Coming::store(Frame first)
{
    FrameSource source(m_frames, std::move(first), m_wait);
    auto told = steady_clock::now();
    std::optional<Sign> storing; // once all has come
    const auto read = [&](std::span<std::byte> into) -> Result<std::size_t> {
        const std::size_t size = GANTRY_TRY(source.read(into));
        if (size == 0 && !storing)
            storing.emplace(m_frames, m_plan.alive);
        if (const auto now = steady_clock::now(); size > 0 && now - told >= m_plan.alive) {
            told = now;
            GANTRY_CHECK(m_frames.send(phaseFrame("receive", 0)));
        }
        return size;
    };
    const auto ids = GANTRY_TRY(m_landing.store(read, m_wait.stop));
    storing.reset();
    Frame stored;
    for (const std::string &id : ids)
        stored.mutable_stored()->add_checkpoints(id);
    return m_frames.send(stored);
}

Result<> Coming::hold(const std::string &checkpoint)
{
    Frame held;
    *held.mutable_held() = GANTRY_TRY([&] {
        const Sign alive(m_frames, m_plan.alive);
        return m_landing.hold(checkpoint, m_wait.stop);
    }());
    GANTRY_CHECK(advance(Step::Held));
    m_told = true; // whether it comes or not: what the source has said meanwhile is still to be heard
    static_cast<void>(m_frames.send(held));
    return {};
}

Result<Landed> Coming::awaitDecision()
{
    auto frame = m_frames.receive(m_wait);
    while (frame && frame->has_phase())
        frame = m_frames.receive(m_wait);
    if (frame && frame->has_abort()) {
        m_aborted = true;
        return std::unexpected(fromMessage(frame->abort()));
    }
    if (!frame || !frame->has_commit()) {
        log::warning(log::Area::Control, m_plan.record.subject,
                     strCat(" stands still until ", m_plan.record.peer, " has said what was decided: "),
                     frame ? std::string("it says something else") : frame.error().message());
        return Landed::Holds;
    }
    GANTRY_CHECK(advance(Step::Committed));
    GANTRY_CHECK(m_landing.run());
    Frame running;
    v1::MigrationRunning &told = *running.mutable_running();
    if (m_landing.adopt) {
        const auto since = steady_clock::now();
        *told.mutable_taken() = m_landing.adopt();
        told.set_running_usec(static_cast<std::uint64_t>(
            std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now() - since).count()));
    }
    // A source that does not hear it asks. One that does says that it has cleaned up.
    if (m_frames.send(running)) {
        const auto last = expect(m_frames, Frame::kDone, {steady_clock::now() + kDonePatience});
        if (const auto done = last ? advance(Step::Done) : Result<>(); !done)
            log::warning(log::Area::Control, "log of migrations: ", done.error().message());
    }
    return Landed::Runs;
}

Result<Landed> Coming::take()
{
    Frame ready;
    ready.mutable_ready()->set_alive_millis(static_cast<std::uint32_t>(m_plan.alive.count()));
    ready.mutable_ready()->set_takes_packed(true);
    for (const std::string &base : m_plan.bases)
        ready.mutable_ready()->add_checkpoints(base);
    for (const repository::Rest &rest : m_plan.rests) {
        v1::MigrationRest &one = *ready.mutable_ready()->add_rests();
        one.set_checkpoint(rest.of.text());
        one.set_pages(rest.pages);
        one.set_digest(std::string(repository::textOf(rest.digest)));
    }
    GANTRY_CHECK(m_frames.send(ready));
    while (true) {
        Frame frame = GANTRY_TRY(nextOf(m_frames, m_wait));
        if (FrameSource::isPart(frame)) {
            GANTRY_CHECK(store(std::move(frame)));
        } else if (frame.has_restore()) {
            if (m_landing.keep && frame.restore().has_belongings())
                GANTRY_CHECK(m_landing.keep(frame.restore().belongings()));
            GANTRY_CHECK(hold(frame.restore().checkpoint()));
            return awaitDecision();
        } else {
            return fail(EPROTO, "migrate", m_plan.record.peer, "it said something that belongs elsewhere",
                        "Use the same version of Gantry on both hosts");
        }
    }
}

std::unexpected<Error> Coming::giveUp(Error error)
{
    if (auto removed = m_landing.remove(); !removed) {
        log::warning(log::Area::Control, "something of ", m_plan.record.subject,
                     " is left: ", removed.error().message());
        error.detail +=
            strCat(error.detail.empty() ? "" : "; ", "something of it is left here: ", removed.error().message());
    } else if (auto written = advance(Step::Aborted); !written) {
        log::warning(log::Area::Control, "log of migrations: ", written.error().message());
    }
    static_cast<void>(m_frames.send(abortFrame(error)));
    return std::unexpected(std::move(error));
}

Result<Landed> Coming::run()
{
    GANTRY_CHECK(m_log.begin(m_plan.record));
    auto landed = take();
    // Once the source may have handed it over, its word is needed; its abort is such a word.
    if (landed || (m_told && !m_aborted))
        return landed;
    return giveUp(std::move(landed).error());
}

} // namespace

Result<Landed> runTarget(Frames &frames, const Log &log, const TargetPlan &plan, const Landing &landing,
                         const Wait &wait)
{
    return Coming(frames, log, plan, landing, wait).run();
}

Result<std::string> concludeTarget(const Log &log, const std::string &id, bool commit, const Landing &landing)
{
    const auto record = GANTRY_TRY(log.find(id, Side::Target));
    if (!record)
        return fail(ENOENT, "migrate", id, "this host knows of no such migration");
    const auto advance = [&](Step step) { return log.advance(id, Side::Target, step); };
    switch (record->step) {
    case Step::Begun:
        if (commit)
            return fail(EALREADY, "migrate", record->subject, "it did not come up here: nothing can have been decided");
        [[fallthrough]];
    case Step::Held:
        if (commit) {
            GANTRY_CHECK(advance(Step::Committed));
            GANTRY_CHECK(landing.run());
            GANTRY_CHECK(advance(Step::Done));
            return strCat(record->subject, " runs here");
        }
        GANTRY_CHECK(landing.remove());
        GANTRY_CHECK(advance(Step::Aborted));
        return strCat(record->subject, " runs where it was; nothing of it is left here");
    case Step::Committed:
        if (!commit)
            return fail(EALREADY, "migrate", record->subject, "it was handed over to this host");
        // What has ended since, or moved on, ran here.
        if (auto ran = landing.run(); !ran && ran.error().posix() != ENOENT)
            return std::unexpected(std::move(ran).error());
        GANTRY_CHECK(advance(Step::Done));
        return strCat(record->subject, " runs here");
    case Step::Aborted:
        if (commit)
            return fail(EALREADY, "migrate", record->subject, "it was given up on this host");
        return strCat(record->subject, " is not here");
    case Step::Done:
        break;
    }
    return strCat(record->subject, ": all is done");
}

} // namespace gantry::migration
