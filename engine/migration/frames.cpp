// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/migration/frames.h"

#include "engine/base/strings.h"
#include "engine/migration/pace.h"
#include "engine/migration/packing.h"
#include "engine/proto/convert.h"

#include <algorithm>
#include <cstring>

namespace gantry::migration {

namespace {

constexpr std::size_t kMostInFrame = std::size_t{512} << 10;
constexpr std::uint32_t kMostUnpacked = std::uint32_t{1} << 20; ///< of one frame that comes

std::string_view nameOf(Frame::PartCase kind)
{
    const auto *field = Frame::descriptor()->FindFieldByNumber(static_cast<int>(kind));
    return field == nullptr ? std::string_view("an unknown message") : std::string_view(field->name());
}

/// @param alive how often the other end says that it is there; zero: it does not.
Result<Frame> nextOf(Frames &frames, std::chrono::milliseconds alive, const Wait &wait)
{
    while (true) {
        const auto silence = std::chrono::steady_clock::now() + alive * kMissed;
        const bool isShorter = alive.count() > 0 && silence < wait.until;
        auto frame = frames.receive(isShorter ? Wait{silence, wait.stop} : wait);
        if (!frame && isShorter && frame.error().posix() == ETIMEDOUT)
            return fail(ECONNRESET, "migrate", "the other host",
                        strCat("it has not said for ", alive.count() * kMissed, " ms that it is there"));
        GANTRY_CHECK(frame);
        if (frame->has_abort())
            return std::unexpected(fromMessage(frame->abort()));
        if (!frame->has_phase())
            return *std::move(frame);
    }
}

} // namespace

Result<Frame> nextOf(Frames &frames, const Wait &wait)
{
    return nextOf(frames, std::chrono::milliseconds{0}, wait);
}

Result<Frame> expect(Frames &frames, Frame::PartCase kind, const Wait &wait)
{
    return expectAlive(frames, kind, std::chrono::milliseconds{0}, wait);
}

Result<Frame> expectAlive(Frames &frames, Frame::PartCase kind, std::chrono::milliseconds alive, const Wait &wait)
{
    Frame frame = GANTRY_TRY(nextOf(frames, alive, wait));
    if (frame.part_case() != kind)
        return fail(EPROTO, "migrate", "the other host",
                    strCat("it said \"", nameOf(frame.part_case()), "\" where \"", nameOf(kind), "\" belongs"),
                    "Use the same version of Gantry on both hosts");
    return frame;
}

FrameSink::FrameSink(Frames &frames, Pace &pace, Packer &packer, Wait wait)
    : m_frames(frames), m_pace(pace), m_packer(packer), m_wait(std::move(wait)), m_piece(pace.piece(kMostInFrame))
{}

Result<> FrameSink::flush()
{
    if (m_waiting.empty())
        return {};
    Frame frame;
    std::size_t size = m_waiting.size();
    if (const auto packed = m_packer.pack(repository::viewOf(m_waiting))) {
        size = packed->size();
        frame.mutable_packed()->set_bytes(static_cast<std::uint32_t>(m_waiting.size()));
        frame.mutable_packed()->set_data(std::string(repository::textOf(*packed)));
        m_waiting.clear();
    } else {
        frame.set_data(std::exchange(m_waiting, {}));
    }
    const auto begin = std::chrono::steady_clock::now();
    GANTRY_CHECK(m_pace.take(size, m_wait));
    GANTRY_CHECK(m_frames.send(frame));
    m_packer.sent(size, std::chrono::steady_clock::now() - begin);
    m_wireBytes += size;
    return {};
}

Result<> FrameSink::put(std::span<const std::byte> bytes)
{
    while (!bytes.empty()) {
        const std::size_t size = std::min(bytes.size(), m_piece - m_waiting.size());
        m_waiting += repository::textOf(bytes.first(size));
        m_bytes += size;
        bytes = bytes.subspan(size);
        if (m_waiting.size() == m_piece)
            GANTRY_CHECK(flush());
    }
    return {};
}

Result<> FrameSink::end()
{
    GANTRY_CHECK(flush());
    Frame frame;
    frame.mutable_file_end()->set_bytes(m_bytes);
    return m_frames.send(frame);
}

Result<> FrameSource::unpack()
{
    const std::uint32_t size = m_frame.packed().bytes();
    if (size > kMostUnpacked)
        return fail(EBADMSG, "migrate", "what was sent", strCat("a piece of ", size, " bytes is too long"));
    const auto bytes =
        GANTRY_TRY(m_decompressor.decompress(repository::viewOf(m_frame.packed().data()), size, "what was sent"));
    m_frame.set_data(std::string(repository::textOf(bytes)));
    return {};
}

Result<std::size_t> FrameSource::read(std::span<std::byte> into)
{
    while (true) {
        if (m_frame.has_packed())
            GANTRY_CHECK(unpack());
        if (m_at < m_frame.data().size())
            break;
        if (m_frame.has_file_end()) {
            if (m_frame.file_end().bytes() != m_bytes)
                return fail(EBADMSG, "migrate", "what was sent",
                            strCat(m_frame.file_end().bytes(), " bytes were sent, ", m_bytes, " came"));
            return std::size_t{0};
        }
        m_at = 0;
        m_frame = GANTRY_TRY(nextOf(m_frames, m_wait));
        if (!isPart(m_frame))
            return fail(EPROTO, "migrate", "the other host",
                        strCat("it said \"", nameOf(m_frame.part_case()), "\" in the midst of a file"));
    }
    const std::size_t size = std::min(into.size(), m_frame.data().size() - m_at);
    std::memcpy(into.data(), m_frame.data().data() + m_at, size);
    m_at += size;
    m_bytes += size;
    return size;
}

Frame phaseFrame(std::string_view name, std::uint64_t bytes)
{
    Frame out;
    out.mutable_phase()->set_name(std::string(name));
    out.mutable_phase()->set_bytes(bytes);
    return out;
}

Frame abortFrame(const Error &error)
{
    Frame out;
    *out.mutable_abort() = toMessage(error);
    return out;
}

} // namespace gantry::migration
