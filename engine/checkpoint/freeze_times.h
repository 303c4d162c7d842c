// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"
#include "engine/base/quantity.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::checkpoint {

/// How one checkpoint was saved: each way has a speed of its own.
enum class SaveWay : std::uint8_t {
    AtOnce,
    InRounds,
    ByRuntime ///< by the verb of the runtime that keeps it
};

/// How long a tree of this size stood still.
struct FreezeTime
{
    SaveWay way = SaveWay::AtOnce;
    Bytes resident;
    std::chrono::microseconds stood{};

    bool operator==(const FreezeTime &) const = default;
};

struct FreezeGuess
{
    std::chrono::microseconds stood{};
    std::uint64_t bytesPerSecond = 0; ///< of resident memory; what it is built on

    bool operator==(const FreezeGuess &) const = default;
};

/// What is to be expected by what was measured: the middle speed of those that are not much smaller (else of the
/// largest one), but never shorter than the shortest. nullopt: nothing was saved in this way yet.
[[nodiscard]] std::optional<FreezeGuess> guessFreeze(std::span<const FreezeTime> measured, SaveWay way, Bytes resident);

/// The last kMost of this host, in the file "freeze.times" of the state folder. Thread: any; of two that add at the
/// same time one may be lost.
class FreezeTimes
{
public:
    static constexpr std::size_t kMost = 24;

    explicit FreezeTimes(std::string folder) : m_file(std::move(folder) + "/freeze.times") {}

    /// Oldest first. A file that is missing or damaged has none.
    [[nodiscard]] std::vector<FreezeTime> all() const;
    /// @errors of writing. One of no bytes or no time is left out.
    [[nodiscard]] Result<> add(const FreezeTime &time) const;

private:
    std::string m_file;
};

/// The file as text, and back. @errors EILSEQ.
[[nodiscard]] std::string freezeTimesText(std::span<const FreezeTime> times);
[[nodiscard]] Result<std::vector<FreezeTime>> parseFreezeTimes(std::string_view text);

} // namespace gantry::checkpoint
