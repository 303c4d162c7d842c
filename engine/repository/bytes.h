// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

struct ZSTD_CCtx_s;
struct ZSTD_DCtx_s;

namespace gantry::repository {

using ByteView = std::span<const std::byte>;
using ByteVector = std::vector<std::byte>;
inline constexpr std::size_t kPage = 4096; ///< bytes of a page of memory, as CRIU's images have them
/// BLAKE2b-256, keyed where the repository is encrypted: see Sealer.
using Digest = std::array<std::byte, 32>;

[[nodiscard]] ByteView viewOf(std::string_view text);
[[nodiscard]] std::string_view textOf(ByteView bytes);
void append(ByteVector &out, ByteView bytes);
/// Lower-case hexadecimal digits, two a byte.
[[nodiscard]] std::string hexOf(ByteView bytes);
/// @errors EILSEQ for an odd number of digits or what is none.
[[nodiscard]] Result<ByteVector> parseHex(std::string_view text);

/// Little-endian, 4 and 8 bytes.
void putFixed32(ByteVector &out, std::uint32_t value);
void putFixed64(ByteVector &out, std::uint64_t value);
/// True if all of them are 0, also where there are none.
[[nodiscard]] bool isZeros(ByteView bytes);
/// LEB128: seven bits a byte, lowest first; 1 to 10 bytes.
void putVarint(ByteVector &out, std::uint64_t value);
/// Small numbers of either sign become small: 0, -1, 1, -2, ... are 0, 1, 2, 3.
void putSigned(ByteVector &out, std::int64_t value);

/// Reads what the functions above wrote. Never beyond the end: EBADMSG with `what` as subject.
class ByteReader
{
public:
    ByteReader(ByteView bytes, std::string_view what) : m_rest(bytes), m_what(what) {}

    [[nodiscard]] bool atEnd() const { return m_rest.empty(); }
    [[nodiscard]] ByteView rest() const { return m_rest; }
    [[nodiscard]] Result<std::uint32_t> fixed32();
    [[nodiscard]] Result<std::uint64_t> fixed64();
    [[nodiscard]] Result<std::uint64_t> varint();
    [[nodiscard]] Result<std::int64_t> signedVarint();
    [[nodiscard]] Result<ByteView> take(std::size_t size);

private:
    ByteView m_rest;
    std::string_view m_what;
};

/// zstd with a context that is kept. Thread: one at a time.
class Compressor
{
public:
    /// @param level of zstd, 1 to 19.
    explicit Compressor(int level);
    /// Appends the compressed bytes to `out`. @return false where they are not fewer: `out` is as it was.
    [[nodiscard]] bool compress(ByteView bytes, ByteVector &out);

private:
    struct Free
    {
        void operator()(ZSTD_CCtx_s *context) const;
    };
    std::unique_ptr<ZSTD_CCtx_s, Free> m_context;
    int m_level;
};

/// Thread: one at a time.
class Decompressor
{
public:
    Decompressor();
    /// @param size of the result, which it must have exactly: nothing larger is ever allocated.
    /// @errors EBADMSG.
    [[nodiscard]] Result<ByteVector> decompress(ByteView bytes, std::size_t size, std::string_view what);
    /// Into `out`, whose size it has to have. @errors as decompress().
    [[nodiscard]] Result<> decompressTo(std::span<std::byte> out, ByteView bytes, std::string_view what);

private:
    struct Free
    {
        void operator()(ZSTD_DCtx_s *context) const;
    };
    std::unique_ptr<ZSTD_DCtx_s, Free> m_context;
};

} // namespace gantry::repository
