// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/migration/source.h"

#include "engine/base/log.h"
#include "engine/base/strings.h"
#include "engine/migration/pace.h"
#include "engine/migration/packing.h"
#include "engine/proto/convert.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace gantry::migration {

using checkpoint::Decided;
using checkpoint::Ending;
using std::chrono::microseconds;
using std::chrono::steady_clock;

namespace {

/// From the commit on nobody's wish to stop is heard; the target has this long to say that it runs.
constexpr std::chrono::seconds kCommitPatience{30};
constexpr std::size_t kMostRestsTold = 16;

microseconds since(steady_clock::time_point then)
{
    return std::chrono::duration_cast<microseconds>(steady_clock::now() - then);
}

Result<std::vector<repository::Rest>> restsOf(const v1::MigrationReady &ready)
{
    std::vector<repository::Rest> out;
    for (const v1::MigrationRest &rest : ready.rests()) {
        repository::Rest one{GANTRY_TRY(repository::CheckpointId::parse(rest.checkpoint())), rest.pages()};
        if (rest.digest().size() != one.digest.size() || out.size() == kMostRestsTold)
            return fail(EPROTO, "migrate", "the other host", "what it has makes no sense");
        std::ranges::copy(repository::viewOf(rest.digest()), one.digest.begin());
        out.push_back(one);
    }
    return out;
}

/// How often it is told how far a file is.
constexpr std::chrono::milliseconds kNews{500};

/// One migration on its way out. Thread: one.
class Leaving
{
public:
    Leaving(Frames &frames, const Log &log, const SourcePlan &plan, const Workload &workload,
            const checkpoint::OnPhase &onPhase, const Wait &wait)
        : m_frames(frames)
        , m_log(log)
        , m_plan(plan)
        , m_workload(workload)
        , m_onPhase(onPhase)
        , m_wait(wait)
        , m_pace(plan.bytesPerSecond)
    {}

    [[nodiscard]] Result<Moved> run();

private:
    [[nodiscard]] Result<> greet();
    [[nodiscard]] Result<> precopy();
    [[nodiscard]] Result<std::uint64_t> send(const std::string &id);
    [[nodiscard]] Result<> offer(const checkpoint::Saved &saved);
    [[nodiscard]] Decided decide();
    [[nodiscard]] Result<> leave();
    void settle();
    void phase(std::string_view name);
    void tell(std::string_view name, std::uint64_t bytesPerSecond);
    [[nodiscard]] std::unexpected<Error> giveUp(Error error);

    Frames &m_frames;
    const Log &m_log;
    const SourcePlan &m_plan;
    const Workload &m_workload;
    const checkpoint::OnPhase &m_onPhase;
    const Wait &m_wait;
    Pace m_pace;
    Packer m_packer;
    Known m_known;
    double m_perSecond = 0;               ///< bytes that the way takes
    std::chrono::milliseconds m_alive{0}; ///< how often the target says that it is there; zero: it does not
    bool m_handedOver = false;
    bool m_unknown = false;
    std::optional<steady_clock::time_point> m_still; ///< since when it stands
    Moved m_out;
};

void Leaving::phase(std::string_view name)
{
    if (name == "dump")
        m_still = steady_clock::now();
    if (m_onPhase)
        m_onPhase(name);
    tell(name, 0);
}

void Leaving::tell(std::string_view name, std::uint64_t bytesPerSecond)
{
    Frame frame = phaseFrame(name, m_out.bytes);
    frame.mutable_phase()->set_bytes_per_second(bytesPerSecond);
    // News: who looks on may have gone, which the next message that matters tells.
    static_cast<void>(m_frames.send(frame));
}

Result<> Leaving::greet()
{
    Frame hello;
    *hello.mutable_hello() = m_plan.hello;
    GANTRY_CHECK(m_frames.send(hello));
    const Frame ready = GANTRY_TRY(expect(m_frames, Frame::kReady, m_wait));
    m_alive = std::chrono::milliseconds(ready.ready().alive_millis());
    m_known.checkpoints.assign(ready.ready().checkpoints().begin(), ready.ready().checkpoints().end());
    m_packer = Packer(ready.ready().takes_packed());
    if (m_workload.trueRests)
        m_known.rests = m_workload.trueRests(GANTRY_TRY(restsOf(ready.ready())), m_wait.stop);
    return {};
}

Result<std::uint64_t> Leaving::send(const std::string &id)
{
    phase("send");
    const auto begin = steady_clock::now();
    auto told = begin;
    FrameSink sink(m_frames, m_pace, m_packer, m_wait);
    const std::uint64_t before = m_out.bytes;
    const auto perSecond = [begin](std::uint64_t bytes) {
        const double seconds = std::max(std::chrono::duration<double>(steady_clock::now() - begin).count(), 1e-3);
        return static_cast<double>(bytes) / seconds;
    };
    m_out.resumed += GANTRY_TRY(m_workload.exportTo(
        id, m_known,
        [&](std::span<const std::byte> bytes) {
            m_out.bytes = before + sink.wireBytes();
            if (const auto now = steady_clock::now(); now - told >= kNews) {
                told = now;
                tell("send", static_cast<std::uint64_t>(perSecond(sink.wireBytes())));
            }
            return sink.put(bytes);
        },
        m_wait.stop));
    GANTRY_CHECK(sink.end());
    const Frame stored = GANTRY_TRY(expectAlive(m_frames, Frame::kStored, m_alive, m_wait));
    if (std::ranges::find(stored.stored().checkpoints(), id) == stored.stored().checkpoints().end())
        return fail(EPROTO, "migrate", m_plan.record.peer, "it has stored something else than what was sent");
    m_out.bytes = before + sink.wireBytes();
    m_out.unpacked += sink.bytes();
    m_known.checkpoints.push_back(id);
    m_known.rests.clear(); // what is still as it was has come with it
    m_perSecond = perSecond(sink.bytes());
    m_out.sending += since(begin);
    return sink.bytes();
}

Result<> Leaving::precopy()
{
    std::vector<std::uint64_t> sent;
    while (isRoundWorth(sent, m_perSecond, m_plan.downtime, m_plan.rounds)) {
        phase(strCat("pre-copy ", sent.size() + 1));
        const std::string id = GANTRY_TRY(m_workload.saveRunning());
        sent.push_back(GANTRY_TRY(send(id)));
        m_out.rounds = static_cast<unsigned>(sent.size());
    }
    return {};
}

Result<> Leaving::offer(const checkpoint::Saved &saved)
{
    m_out.checkpoint = saved.id.text();
    GANTRY_TRY(send(m_out.checkpoint));
    phase("restore");
    Frame restore;
    restore.mutable_restore()->set_checkpoint(m_out.checkpoint);
    if (m_workload.belongings)
        *restore.mutable_restore()->mutable_belongings() = m_workload.belongings();
    GANTRY_CHECK(m_frames.send(restore));
    const Frame held = GANTRY_TRY(expectAlive(m_frames, Frame::kHeld, m_alive, m_wait));
    m_out.notes.insert(m_out.notes.end(), held.held().notes().begin(), held.held().notes().end());
    return {};
}

Decided Leaving::decide()
{
    if (m_wait.stop.stop_requested())
        return {Ending::RunsOn, fail(ECANCELED, "migrate", m_plan.record.subject, "it was cancelled").error()};
    // Nothing is to be heard now but that it is given up. Without a way to the target it would stand still there.
    const auto said = m_frames.receive({steady_clock::now(), {}});
    if (said && said->has_abort())
        return {Ending::RunsOn, fromMessage(said->abort())};
    if (!said && said.error().posix() == ECONNRESET)
        return {Ending::RunsOn, said.error()};
    auto written = m_log.advance(m_plan.record.id, Side::Source, Step::Committed);
    if (!written) {
        // It may stand there all the same.
        const auto now = m_log.find(m_plan.record.id, Side::Source);
        if (now && *now && (*now)->step == Step::Begun)
            return {Ending::RunsOn, std::move(written).error()};
        if (!now || !*now || (*now)->step != Step::Committed) {
            m_unknown = true;
            return {Ending::Unknown,
                    fail(EINPROGRESS, "migrate", m_plan.record.subject,
                         strCat("whether it was handed over is not known: ", written.error().message()),
                         "It stands still. See to the disk, then settle it: gantryctl migrations")
                        .error()};
        }
    }
    m_handedOver = true;
    Frame commit;
    commit.mutable_commit();
    if (auto sent = m_frames.send(commit); !sent)
        log::warning(log::Area::Control, "the other host does not know yet that ", m_plan.record.subject,
                     " is its own: ", sent.error().message());
    phase("commit");
    return {Ending::Ends, std::nullopt};
}

Result<> Leaving::leave()
{
    const checkpoint::HandOver hand{[this](const checkpoint::Saved &saved) { return offer(saved); },
                                    [this] { return decide(); }};
    return m_workload.saveStill(hand, [this](std::string_view name) { phase(name); });
}

/// After the commit: nothing that fails takes it back.
void Leaving::settle()
{
    const auto running = expect(m_frames, Frame::kRunning, {steady_clock::now() + kCommitPatience});
    m_out.downtime = m_still ? since(*m_still) : microseconds{};
    m_out.unconfirmed = !running;
    if (running) {
        const auto ran = static_cast<std::int64_t>(
            std::min(running->running().running_usec(), static_cast<std::uint64_t>(m_out.downtime.count())));
        m_out.downtime -= microseconds(ran);
        m_out.taken = running->running().taken();
    } else {
        m_out.notes.push_back(strCat("the other host has not said that it runs: ", running.error().message()));
    }
}

std::unexpected<Error> Leaving::giveUp(Error error)
{
    if (m_unknown)
        return std::unexpected(std::move(error));
    if (auto written = m_log.advance(m_plan.record.id, Side::Source, Step::Aborted); !written) {
        // Presumed abort: what has only begun is aborted for whoever asks. It runs.
        log::warning(log::Area::Control, "log of migrations: ", written.error().message());
    }
    static_cast<void>(m_frames.send(abortFrame(error))); // a target that does not hear it asks
    return std::unexpected(std::move(error));
}

Result<Moved> Leaving::run()
{
    const auto begin = steady_clock::now();
    GANTRY_CHECK(m_log.begin(m_plan.record));
    const auto left = [&]() -> Result<> {
        GANTRY_CHECK(greet());
        GANTRY_CHECK(precopy());
        return leave();
    }();
    if (!left && !m_handedOver)
        return giveUp(left.error());
    settle();
    if (!left)
        m_out.notes.push_back(strCat("what stands still here could not be ended: ", left.error().message()));
    else if (!m_out.unconfirmed) {
        if (auto done = m_log.advance(m_plan.record.id, Side::Source, Step::Done); !done)
            m_out.notes.push_back(strCat("the log of migrations has it as unfinished: ", done.error().message()));
    }
    m_out.total = since(begin);
    return std::move(m_out);
}

} // namespace

bool isRoundWorth(std::span<const std::uint64_t> sent, double perSecond, std::chrono::milliseconds downtime,
                  unsigned most)
{
    constexpr double kTenth = 0.9;
    if (sent.size() >= std::min(most, kMostRounds))
        return false;
    if (sent.empty())
        return true;
    const auto last = static_cast<double>(sent.back());
    if (last <= perSecond * std::chrono::duration<double>(downtime).count() && sent.size() > 1)
        return false;
    const auto shrank = [&sent](std::size_t i) {
        return static_cast<double>(sent[i]) < kTenth * static_cast<double>(sent[i - 1]);
    };
    return sent.size() < 3 || shrank(sent.size() - 1) || shrank(sent.size() - 2);
}

Result<Moved> runSource(Frames &frames, const Log &log, const SourcePlan &plan, const Workload &workload,
                        const checkpoint::OnPhase &onPhase, const Wait &wait)
{
    return Leaving(frames, log, plan, workload, onPhase, wait).run();
}

} // namespace gantry::migration
