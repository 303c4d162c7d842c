// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/repository/bytes.h"

#include <cstring>

#include <zstd.h>

namespace gantry::repository {

namespace {

int digitOf(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

} // namespace

ByteView viewOf(std::string_view text)
{
    return std::as_bytes(std::span(text));
}

std::string_view textOf(ByteView bytes)
{
    return {reinterpret_cast<const char *>(bytes.data()), bytes.size()}; // NOLINT: char may look at any bytes
}

void append(ByteVector &out, ByteView bytes)
{
    out.insert(out.end(), bytes.begin(), bytes.end());
}

std::string hexOf(ByteView bytes)
{
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string out;
    out.reserve(bytes.size() * 2);
    for (const std::byte byte : bytes) {
        out += kDigits[std::to_integer<std::size_t>(byte >> 4)];
        out += kDigits[std::to_integer<std::size_t>(byte & std::byte{0xF})];
    }
    return out;
}

Result<ByteVector> parseHex(std::string_view text)
{
    if (text.size() % 2 != 0)
        return failParse("hexadecimal digits", text);
    ByteVector out;
    out.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = digitOf(text[i]);
        const int low = digitOf(text[i + 1]);
        if (high < 0 || low < 0)
            return failParse("hexadecimal digits", text);
        out.push_back(static_cast<std::byte>(high << 4 | low));
    }
    return out;
}

void putFixed32(ByteVector &out, std::uint32_t value)
{
    for (unsigned shift = 0; shift < 32; shift += 8)
        out.push_back(static_cast<std::byte>(value >> shift & 0xFF));
}

bool isZeros(ByteView bytes)
{
    // Each byte is like the one before it: memcmp is as fast as it gets.
    return bytes.empty() ||
           (bytes[0] == std::byte{0} && std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0);
}

void putFixed64(ByteVector &out, std::uint64_t value)
{
    for (unsigned shift = 0; shift < 64; shift += 8)
        out.push_back(static_cast<std::byte>(value >> shift & 0xFF));
}

void putVarint(ByteVector &out, std::uint64_t value)
{
    while (value >= 0x80) {
        out.push_back(static_cast<std::byte>((value & 0x7F) | 0x80));
        value >>= 7;
    }
    out.push_back(static_cast<std::byte>(value));
}

void putSigned(ByteVector &out, std::int64_t value)
{
    const auto bits = static_cast<std::uint64_t>(value);
    putVarint(out, bits << 1 ^ (value < 0 ? ~std::uint64_t{0} : 0));
}

Result<ByteView> ByteReader::take(std::size_t size)
{
    if (size > m_rest.size())
        return fail(EBADMSG, "read", m_what, "it ends too early");
    const ByteView out = m_rest.first(size);
    m_rest = m_rest.subspan(size);
    return out;
}

Result<std::uint32_t> ByteReader::fixed32()
{
    std::uint32_t value = 0;
    const ByteView bytes = GANTRY_TRY(take(4));
    for (std::size_t i = 0; i < bytes.size(); ++i)
        value |= std::to_integer<std::uint32_t>(bytes[i]) << (8 * i);
    return value;
}

Result<std::uint64_t> ByteReader::fixed64()
{
    std::uint64_t value = 0;
    const ByteView bytes = GANTRY_TRY(take(8));
    for (std::size_t i = 0; i < bytes.size(); ++i)
        value |= std::to_integer<std::uint64_t>(bytes[i]) << (8 * i);
    return value;
}

Result<std::uint64_t> ByteReader::varint()
{
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        if (m_rest.empty())
            break;
        const auto byte = std::to_integer<std::uint64_t>(m_rest.front());
        m_rest = m_rest.subspan(1);
        if (shift == 63 && byte > 1)
            break;
        value |= (byte & 0x7F) << shift;
        if (byte < 0x80)
            return value;
    }
    return fail(EBADMSG, "read", m_what, "a number in it does not end");
}

Result<std::int64_t> ByteReader::signedVarint()
{
    const std::uint64_t bits = GANTRY_TRY(varint());
    return static_cast<std::int64_t>(bits >> 1 ^ ((bits & 1) != 0 ? ~std::uint64_t{0} : 0));
}

void Compressor::Free::operator()(ZSTD_CCtx_s *context) const
{
    ZSTD_freeCCtx(context);
}

Compressor::Compressor(int level) : m_context(ZSTD_createCCtx()), m_level(level) {}

bool Compressor::compress(ByteView bytes, ByteVector &out)
{
    const std::size_t before = out.size();
    // One byte less than it was: what does not fit is not worth it.
    out.resize(before + (bytes.empty() ? 0 : bytes.size() - 1));
    const std::size_t size = ZSTD_compressCCtx(m_context.get(), out.data() + before, out.size() - before, bytes.data(),
                                               bytes.size(), m_level);
    const bool fits = ZSTD_isError(size) == 0;
    out.resize(before + (fits ? size : 0));
    return fits;
}

void Decompressor::Free::operator()(ZSTD_DCtx_s *context) const
{
    ZSTD_freeDCtx(context);
}

Decompressor::Decompressor() : m_context(ZSTD_createDCtx()) {}

Result<ByteVector> Decompressor::decompress(ByteView bytes, std::size_t size, std::string_view what)
{
    ByteVector out(size);
    GANTRY_CHECK(decompressTo(out, bytes, what));
    return out;
}

Result<> Decompressor::decompressTo(std::span<std::byte> out, ByteView bytes, std::string_view what)
{
    const std::size_t got = ZSTD_decompressDCtx(m_context.get(), out.data(), out.size(), bytes.data(), bytes.size());
    if (ZSTD_isError(got) != 0)
        return fail(EBADMSG, "decompress", what, ZSTD_getErrorName(got));
    if (got != out.size())
        return fail(EBADMSG, "decompress", what, "it has another size than it says");
    return {};
}

} // namespace gantry::repository
