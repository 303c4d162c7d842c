// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/fd.h"
#include "engine/base/quantity.h"
#include "engine/checkpoint/criu_run.h"
#include "engine/checkpoint/tree_look.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::checkpoint {

/// Whether memory is saved in rounds while the tree runs, so that only what changed since is saved while it stands
/// still.
enum class PreDumpWish : std::uint8_t {
    Auto,   ///< where the kernel can, and the tree has kWorthPreDump bytes
    Always, ///< where the kernel can
    Never,
};

/// Resident bytes from which it is worth it. Below, the rounds' own stops cost what they save: on a kernel that can, a
/// dump of 16 MiB stood still as long without rounds as behind two, one of 64 MiB half as long.
inline constexpr std::uint64_t kWorthPreDump = std::uint64_t{64} << 20;
/// Most rounds: what a third one still finds changed, a fourth one would, too.
inline constexpr std::size_t kMostPreDumpRounds = 3;

/// One round.
struct PreDumpRound
{
    Bytes saved;
    std::chrono::microseconds stood{}; ///< to see what has changed; read is it while the tree runs
};

/// What was done of it.
struct PreDumped
{
    std::vector<PreDumpRound> rounds;
    std::string why; ///< there are none; a sentence
};

/// Why there are to be no rounds, a sentence; empty: there are. @param resident bytes of the tree.
[[nodiscard]] std::string reasonAgainstPreDump(PreDumpWish wish, const CriuFacts &criu, Bytes resident);

/// Resident bytes of all; what several share counts for each.
[[nodiscard]] Bytes residentOf(const TreeLook &look);

/// True if one more round is worth it. @param rounds that were done, at least one.
[[nodiscard]] bool anotherRound(const std::vector<PreDumpRound> &rounds);

/// The rounds before a dump, in folders beside its images. Nobody else may clear what the kernel knows of changed
/// memory (clear_refs of proc_pid_clear_refs(5)) between the first round and the dump: until endTurn(), or while this
/// object lives, no other Gantry of this network namespace does. Of that knowledge nothing needs to be taken back.
/// Thread: one; blocks.
class PreDump
{
public:
    /// Told "pre-dump" with the number of the round, from 1, and how many bytes the rounds before have saved.
    using OnRound = std::function<void(std::size_t round, Bytes saved)>;

    /// @param images open folder of the dump that is to come.
    explicit PreDump(int images) : m_images(images) {}

    /// @param dump the dump that is to come: its process, its options, its findings.
    /// @param mostBytes that the dump may need in the folder in the worst case: rounds leave as much free.
    /// @errors ECANCELED, ETIMEDOUT: the tree runs on. Whatever else goes wrong is told in done().why; the rounds are
    /// gone then, and the dump has to take everything.
    [[nodiscard]] Result<> run(const std::string &criu, const CriuRun &dump, Bytes mostBytes,
                               const runtime::Patience &patience, const OnRound &onRound);

    /// The dump is done, too: others may begin.
    void endTurn() { m_turn.reset(); }

    [[nodiscard]] const PreDumped &done() const { return m_done; }
    /// For CriuRun::parent of the dump: the last round's folder; empty: there is none.
    [[nodiscard]] std::string parent() const;
    /// For writeMerged(): the images, then the rounds, the last one first.
    [[nodiscard]] std::vector<int> folders() const;

private:
    [[nodiscard]] Result<PreDumpRound> round(const std::string &criu, const CriuRun &dump,
                                             const runtime::Patience &patience);
    void giveUp(std::string why);

    const int m_images;
    UniqueFd m_turn; ///< nobody else tracks memory on this host
    std::vector<UniqueFd> m_rounds;
    PreDumped m_done;
};

} // namespace gantry::checkpoint
