// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"
#include "engine/repository/bytes.h"
#include "gantry/v1/migration.pb.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>

namespace gantry::migration {

using Frame = v1::MigrationFrame;

/// How long a step may take.
struct Wait
{
    std::chrono::steady_clock::time_point until;
    std::stop_token stop{};
};

/// The way to the other end, whoever carries the frames. Thread: one at a time.
class Frames
{
public:
    Frames() = default;
    Frames(const Frames &) = delete;
    Frames &operator=(const Frames &) = delete;
    Frames(Frames &&) = delete;
    Frames &operator=(Frames &&) = delete;
    virtual ~Frames() = default;

    /// @errors ECONNRESET: the other end, or who carries, is gone. That it went well does not mean that it came.
    [[nodiscard]] virtual Result<> send(const Frame &frame) = 0;
    /// Waits for the next one. @errors ECONNRESET; ECANCELED, ETIMEDOUT: the way is open still.
    [[nodiscard]] virtual Result<Frame> receive(const Wait &wait) = 0;
};

/// The next frame that is no news for who looks on. @errors as receive(); what the other end gave up with: an abort.
[[nodiscard]] Result<Frame> nextOf(Frames &frames, const Wait &wait);
/// The same, of this kind. @errors EPROTO: it is another one.
[[nodiscard]] Result<Frame> expect(Frames &frames, Frame::PartCase kind, const Wait &wait);

/// How often a target that stores or restores says that it is there.
inline constexpr std::chrono::milliseconds kAlive{1'000};
/// A cable that is cut says nothing: the other end counts as gone once it has missed so many of them. A busy machine
/// misses some.
inline constexpr int kMissed = 10;
/// As expect(), of one that says so often that it is there, and of nothing more. @param alive zero: it does not.
/// @errors ECONNRESET: it has missed kMissed.
[[nodiscard]] Result<Frame> expectAlive(Frames &frames, Frame::PartCase kind, std::chrono::milliseconds alive,
                                        const Wait &wait);

class Pace;
class Packer;

/// Sends bytes in frames of half a MiB, or smaller ones where they may not go that fast; compressed where the packer
/// says so. Thread: one.
class FrameSink
{
public:
    FrameSink(Frames &frames, Pace &pace, Packer &packer, Wait wait);
    [[nodiscard]] Result<> put(std::span<const std::byte> bytes);
    /// The rest, and the end of the file.
    [[nodiscard]] Result<> end();
    [[nodiscard]] std::uint64_t bytes() const { return m_bytes; }
    /// Of those that were sent, as they went: the frames' data.
    [[nodiscard]] std::uint64_t wireBytes() const { return m_wireBytes; }

private:
    [[nodiscard]] Result<> flush();

    Frames &m_frames;
    Pace &m_pace;
    Packer &m_packer;
    const Wait m_wait;
    const std::size_t m_piece;
    std::string m_waiting;
    std::uint64_t m_bytes = 0;
    std::uint64_t m_wireBytes = 0;
};

/// Reads what a FrameSink sent, up to its end. @param first the frame that has come already. Thread: one.
class FrameSource
{
public:
    FrameSource(Frames &frames, Frame first, Wait wait)
        : m_frames(frames), m_frame(std::move(first)), m_wait(std::move(wait))
    {}
    /// @return 0 at the end. @errors of nextOf(); EBADMSG: not all of it came, or it is not what it says.
    [[nodiscard]] Result<std::size_t> read(std::span<std::byte> into);
    /// Whether a frame is part of a file.
    [[nodiscard]] static bool isPart(const Frame &frame)
    {
        return frame.has_data() || frame.has_packed() || frame.has_file_end();
    }

private:
    /// Makes of a compressed frame what it was.
    [[nodiscard]] Result<> unpack();

    Frames &m_frames;
    Frame m_frame;
    repository::Decompressor m_decompressor;
    const Wait m_wait;
    std::size_t m_at = 0;
    std::uint64_t m_bytes = 0;
};

[[nodiscard]] Frame phaseFrame(std::string_view name, std::uint64_t bytes);
[[nodiscard]] Frame abortFrame(const Error &error);

} // namespace gantry::migration
