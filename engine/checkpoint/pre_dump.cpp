// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/pre_dump.h"

#include "engine/base/strings.h"
#include "engine/checkpoint/file_swap.h"
#include "engine/checkpoint/image_tree.h"

#include <algorithm>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/un.h>

/// A sentence that the console translates: lupdate finds it by this name (translations/CMakeLists.txt).
#define GANTRY_TEXT(context, text) text

namespace gantry::checkpoint {

namespace {

/// So little is left that a further round would save it no faster than the dump does.
constexpr std::uint64_t kEnough = std::uint64_t{4} << 20;
/// An abstract name, which is gone with its owner.
constexpr std::string_view kTurn = "gantry-dirty-memory";

std::string folderName(std::size_t round)
{
    return strCat("pre-dump-", round);
}

/// @errors EADDRINUSE: another one has it.
Result<UniqueFd> takeTurn()
{
    UniqueFd out(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (!out)
        return failErrno("socket", kTurn);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    kTurn.copy(static_cast<char *>(address.sun_path) + 1, kTurn.size()); // the first byte stays 0
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + kTurn.size());
    if (::bind(out.get(), reinterpret_cast<const sockaddr *>(&address), size) != 0)
        return failErrno("bind", kTurn);
    return out;
}

/// Bytes that may still be written there. 0: not known.
std::uint64_t roomIn(int folder)
{
    struct statvfs info
    {};
    return ::fstatvfs(folder, &info) == 0 ? std::uint64_t{info.f_bavail} * info.f_frsize : 0;
}

bool isWish(const Error &error)
{
    return error.posix() == ECANCELED || error.posix() == ETIMEDOUT;
}

} // namespace

std::string reasonAgainstPreDump(PreDumpWish wish, const CriuFacts &criu, Bytes resident)
{
    if (wish == PreDumpWish::Never)
        return GANTRY_TEXT("PreDump", "No round before it was wanted.");
    if (!criu.has("mem_dirty_track"))
        return GANTRY_TEXT("PreDump",
                           "This kernel does not tell which memory has changed (CONFIG_MEM_SOFT_DIRTY): all of "
                           "it is saved while it stands still.");
    if (wish == PreDumpWish::Auto && resident.v < kWorthPreDump)
        return GANTRY_TEXT("PreDump", "It has so little memory that a round before it would save no time.");
    return {};
}

Bytes residentOf(const TreeLook &look)
{
    std::uint64_t out = 0;
    for (const TaskLook &task : look.tasks)
        out += task.resident.v;
    return Bytes{out};
}

bool anotherRound(const std::vector<PreDumpRound> &rounds)
{
    const std::uint64_t last = rounds.back().saved.v;
    if (rounds.size() >= kMostPreDumpRounds || last <= kEnough)
        return false;
    // The first one saves what there is, the others what was changed meanwhile: that shrinks with their length.
    return rounds.size() == 1 || last <= rounds[rounds.size() - 2].saved.v / 2;
}

Result<PreDumpRound> PreDump::round(const std::string &criu, const CriuRun &dump, const runtime::Patience &patience)
{
    const std::string name = folderName(m_rounds.size() + 1);
    if (::mkdirat(m_images, name.c_str(), 0700) != 0)
        return failErrno("mkdir", name);
    UniqueFd folder = GANTRY_TRY(openAt(m_images, name, O_RDONLY | O_DIRECTORY));
    const CriuRun run{.verb = CriuRun::Verb::PreDump,
                      .images = folder.get(),
                      .pid = dump.pid,
                      .options = dump.options,
                      .findings = dump.findings,
                      .stateFolder = dump.stateFolder,
                      .onNotice = {},
                      .parent = m_rounds.empty() ? std::string() : strCat("../", folderName(m_rounds.size())),
                      .trackMemory = true};
    GANTRY_TRY(runCriu(criu, run, patience));
    const DumpStats stats = GANTRY_TRY(readDumpStats(folder.get()));
    m_rounds.push_back(std::move(folder));
    return PreDumpRound{Bytes{stats.pagesWritten * kImagePage}, stats.frozen};
}

void PreDump::giveUp(std::string why)
{
    m_rounds.clear();
    m_done.rounds.clear();
    m_done.why = std::move(why);
    for (std::size_t i = 1; i <= kMostPreDumpRounds; ++i)
        (void)removeAll(m_images, folderName(i)); // what cannot be removed takes room, and goes with the folder
    m_turn.reset();
}

Result<> PreDump::run(const std::string &criu, const CriuRun &dump, Bytes mostBytes, const runtime::Patience &patience,
                      const OnRound &onRound)
{
    auto turn = takeTurn();
    if (!turn) {
        giveUp(turn.error().posix() == EADDRINUSE
                   ? std::string(GANTRY_TEXT("PreDump", "Another checkpoint is just saved in rounds."))
                   : turn.error().message());
        return {};
    }
    m_turn = *std::move(turn);
    std::uint64_t saved = 0;
    do {
        // A round saves at most everything again, or, from the third on, as much as the one before.
        const std::uint64_t next = m_done.rounds.size() < 2 ? mostBytes.v : m_done.rounds.back().saved.v;
        if (roomIn(m_images) < mostBytes.v + next) {
            if (m_done.rounds.empty())
                giveUp(GANTRY_TEXT("PreDump", "There is not enough room for the images of a round before it."));
            return {};
        }
        if (onRound)
            onRound(m_done.rounds.size() + 1, Bytes{saved});
        const auto done = round(criu, dump, patience);
        if (!done && isWish(done.error()))
            return std::unexpected(done.error());
        if (!done) {
            // What the kernel knew of changes is lost with it: the rounds before cannot be built upon.
            giveUp(strCat("A round before it failed: ", done.error().message()));
            return {};
        }
        m_done.rounds.push_back(*done);
        saved += done->saved.v;
    } while (anotherRound(m_done.rounds));
    return {};
}

std::string PreDump::parent() const
{
    return m_rounds.empty() ? std::string() : folderName(m_rounds.size());
}

std::vector<int> PreDump::folders() const
{
    std::vector<int> out{m_images};
    for (auto round = m_rounds.rbegin(); round != m_rounds.rend(); ++round)
        out.push_back(round->get());
    return out;
}

} // namespace gantry::checkpoint
