// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/repository/source.h"

#include "engine/base/strings.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <string>
#include <utility>

#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

namespace gantry::repository {

namespace {

constexpr std::size_t kInput = std::size_t{128} << 10;
constexpr std::array kZstdMagic{std::byte{0x28}, std::byte{0xb5}, std::byte{0x2f}, std::byte{0xfd}};
constexpr std::array kGzipMagic{std::byte{0x1f}, std::byte{0x8b}};
constexpr int kGzipOnly = 15 + 16; ///< windowBits of inflateInit2(): the greatest window, and a gzip head

/// Packed bytes that are read ahead, and how many were taken of them.
class Input
{
public:
    explicit Input(Source source) : m_source(std::move(source)) {}

    /// More, where all were taken. @return false at the end.
    [[nodiscard]] Result<bool> fill()
    {
        if (m_at < m_size)
            return true;
        m_taken += m_size;
        m_at = 0;
        m_size = GANTRY_TRY(m_source(m_buffer));
        return m_size != 0;
    }
    [[nodiscard]] ByteView rest() const { return ByteView(m_buffer).subspan(m_at, m_size - m_at); }
    void take(std::size_t size) { m_at += size; }
    [[nodiscard]] std::unexpected<Error> broken(std::string_view how, std::string_view why) const
    {
        return fail(EBADMSG, "unpack", strCat(how, " at byte ", m_taken + m_at), why);
    }

private:
    Source m_source;
    ByteVector m_buffer = ByteVector(kInput);
    std::size_t m_at = 0;
    std::size_t m_size = 0;
    std::uint64_t m_taken = 0; ///< of the buffers before
};

class ZstdSource
{
public:
    explicit ZstdSource(Source source) : m_input(std::move(source)), m_context(ZSTD_createDCtx()) {}

    [[nodiscard]] Result<std::size_t> read(std::span<std::byte> into)
    {
        ZSTD_outBuffer out{into.data(), into.size(), 0};
        while (out.pos == 0) {
            const bool more = GANTRY_TRY(m_input.fill());
            if (!more && m_between)
                return std::size_t{0};
            const ByteView rest = more ? m_input.rest() : ByteView();
            ZSTD_inBuffer in{rest.data(), rest.size(), 0};
            const std::size_t left = ZSTD_decompressStream(m_context.get(), &out, &in);
            if (ZSTD_isError(left) != 0)
                return m_input.broken("zstd", ZSTD_getErrorName(left));
            m_input.take(in.pos);
            m_between = left == 0;
            if (!more && out.pos == 0)
                return m_input.broken("zstd", "it is cut off here");
        }
        return out.pos;
    }

private:
    struct Free
    {
        void operator()(ZSTD_DCtx *context) const { ZSTD_freeDCtx(context); }
    };
    Input m_input;
    std::unique_ptr<ZSTD_DCtx, Free> m_context;
    bool m_between = true; ///< two frames, or at the end
};

class GzipSource
{
public:
    explicit GzipSource(Source source) : m_input(std::move(source))
    {
        GANTRY_ASSERT(::inflateInit2(&m_stream, kGzipOnly) == Z_OK); // fails without memory, or with another zlib
    }
    GzipSource(const GzipSource &) = delete;
    GzipSource &operator=(const GzipSource &) = delete;
    GzipSource(GzipSource &&) = delete;
    GzipSource &operator=(GzipSource &&) = delete;
    ~GzipSource() { ::inflateEnd(&m_stream); }

    [[nodiscard]] Result<std::size_t> read(std::span<std::byte> into)
    {
        const std::size_t most = std::min<std::size_t>(into.size(), std::size_t{1} << 30);
        m_stream.next_out = reinterpret_cast<Bytef *>(into.data());
        m_stream.avail_out = static_cast<uInt>(most);
        while (m_stream.avail_out == most) {
            if (!GANTRY_TRY(m_input.fill())) {
                if (m_between)
                    return std::size_t{0};
                return m_input.broken("gzip", "it is cut off here");
            }
            if (std::exchange(m_between, false))
                ::inflateReset(&m_stream);
            const ByteView rest = m_input.rest();
            // zlib does not write to it; its own type says so only with ZLIB_CONST.
            m_stream.next_in = const_cast<Bytef *>(reinterpret_cast<const Bytef *>(rest.data()));
            m_stream.avail_in = static_cast<uInt>(rest.size());
            const int how = ::inflate(&m_stream, Z_NO_FLUSH);
            m_input.take(rest.size() - m_stream.avail_in);
            if (how == Z_STREAM_END)
                m_between = true;
            else if (how != Z_OK)
                return m_input.broken("gzip", m_stream.msg != nullptr ? m_stream.msg : "it is damaged");
        }
        return most - m_stream.avail_out;
    }

private:
    Input m_input;
    z_stream m_stream{};
    bool m_between = false; ///< two members, or at the end
};

bool startsWith(ByteView bytes, ByteView magic)
{
    return bytes.size() >= magic.size() && std::ranges::equal(bytes.first(magic.size()), magic);
}

/// A source that others own together: std::function wants to be copied.
template <class Reader> Source shared(std::shared_ptr<Reader> reader)
{
    return [reader = std::move(reader)](std::span<std::byte> into) { return reader->read(into); };
}

} // namespace

Source sourceOf(ByteView bytes)
{
    return [rest = bytes](std::span<std::byte> into) mutable -> Result<std::size_t> {
        const std::size_t size = std::min(into.size(), rest.size());
        std::ranges::copy(rest.first(size), into.begin());
        rest = rest.subspan(size);
        return size;
    };
}

Source sourceOf(int fd, std::string_view name)
{
    return [fd, name = std::string(name)](std::span<std::byte> into) -> Result<std::size_t> {
        while (true) {
            const ssize_t got = ::read(fd, into.data(), into.size());
            if (got >= 0)
                return static_cast<std::size_t>(got);
            if (errno != EINTR)
                return failErrno("read", name);
        }
    };
}

Result<Peeked> peek(Source source, std::size_t size)
{
    ByteVector first(size);
    std::size_t have = 0;
    while (have < size) {
        const std::size_t got = GANTRY_TRY(source(std::span(first).subspan(have)));
        if (got == 0)
            break;
        have += got;
    }
    first.resize(have);
    Source all = [ahead = first, at = std::size_t{0},
                  rest = std::move(source)](std::span<std::byte> into) mutable -> Result<std::size_t> {
        if (at == ahead.size())
            return rest(into);
        const std::size_t some = std::min(into.size(), ahead.size() - at);
        std::ranges::copy(ByteView(ahead).subspan(at, some), into.begin());
        at += some;
        return some;
    };
    return Peeked{std::move(first), std::move(all)};
}

Result<Source> unpacked(Source source)
{
    Peeked peeked = GANTRY_TRY(peek(std::move(source), kZstdMagic.size()));
    if (startsWith(peeked.first, kZstdMagic))
        return shared(std::make_shared<ZstdSource>(std::move(peeked.source)));
    if (startsWith(peeked.first, kGzipMagic))
        return shared(std::make_shared<GzipSource>(std::move(peeked.source)));
    return std::move(peeked.source);
}

} // namespace gantry::repository
