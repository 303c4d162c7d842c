// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/repository/bytes.h"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

namespace gantry::migration {

/// How hard data is compressed on its way, judged anew for each piece: what compressing takes is weighed against what
/// the way takes for the bytes that it saves, both as measured. So nothing is compressed where the way is faster, or
/// where nothing gets smaller, and the harder the slower the way is. A way that takes 100 MB/s is left alone: what
/// holds it up then is the hosts' own work, with which compressing would compete. Thread: one.
class PackingChoice
{
public:
    using Nanos = std::chrono::nanoseconds;
    static constexpr std::array<int, 4> kLevels{1, 3, 6, 9}; ///< of zstd

    /// Index in kLevels for the next piece; nullopt: it goes as it is.
    [[nodiscard]] std::optional<std::size_t> next();
    /// What came of that.
    void packed(std::size_t level, std::size_t bytes, std::size_t packed, Nanos took);
    /// The way took a piece, of so many bytes as they went.
    void sent(std::size_t bytes, Nanos took);

private:
    struct Seen
    {
        double nanos = 0; ///< a byte
        double ratio = 1; ///< bytes as they go, for one as it was
        std::uint64_t at = 0;
    };
    [[nodiscard]] double wayNanos() const { return m_wayBytes > 0 ? m_wayNanos / m_wayBytes : 0; }
    [[nodiscard]] std::optional<std::size_t> best() const;

    std::array<std::optional<Seen>, kLevels.size()> m_seen;
    double m_wayNanos = 0; ///< of the last pieces
    double m_wayBytes = 0;
    std::uint64_t m_pieces = 0;
};

/// Compresses pieces as the choice says. Thread: one.
class Packer
{
public:
    /// @param may the other end can read it. Else nothing is ever compressed.
    explicit Packer(bool may = false) : m_may(may) {}
    /// @return nullopt: it goes as it is.
    [[nodiscard]] std::optional<repository::ByteVector> pack(repository::ByteView bytes);
    void sent(std::size_t bytes, std::chrono::nanoseconds took) { m_choice.sent(bytes, took); }

private:
    bool m_may;
    PackingChoice m_choice;
    std::array<std::unique_ptr<repository::Compressor>, PackingChoice::kLevels.size()> m_compressors;
};

} // namespace gantry::migration
