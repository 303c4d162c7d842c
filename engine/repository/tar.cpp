// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/repository/tar.h"

#include "engine/base/parse.h"
#include "engine/base/strings.h"

#include <algorithm>
#include <utility>

namespace gantry::repository {

namespace {

// Offsets and sizes of a header's fields: pax(1), "ustar Header Block".
struct Field
{
    std::size_t at;
    std::size_t size;
};
constexpr Field kName{0, 100};
constexpr Field kMode{100, 8};
constexpr Field kUid{108, 8};
constexpr Field kGid{116, 8};
constexpr Field kSize{124, 12};
constexpr Field kTime{136, 12};
constexpr Field kSum{148, 8};
constexpr std::size_t kType = 156;
constexpr Field kMagic{257, 8};
constexpr Field kPrefix{345, 155};
constexpr std::uint64_t kMostOctalSize = (std::uint64_t{1} << 33) - 1;
constexpr std::uint64_t kMostText = std::uint64_t{1} << 20; ///< of a pax or GNU header
/// Positions and sizes are added up: far from the end of what 64 bits hold.
constexpr std::uint64_t kMostSize = std::uint64_t{1} << 50;

std::unexpected<Error> noTar(std::uint64_t at, std::string_view why)
{
    return fail(EBADMSG, "unpack", strCat("archive at byte ", at), why);
}

std::string_view bytesOf(std::string_view block, Field field)
{
    return block.substr(field.at, field.size);
}

std::string_view textOf(std::string_view block, Field field)
{
    const std::string_view all = bytesOf(block, field);
    return all.substr(0, all.find('\0'));
}

/// Octal digits, or, with the highest bit set, a number of base 256. nullopt: neither.
std::optional<std::uint64_t> numberOf(std::string_view block, Field field)
{
    const std::string_view bytes = bytesOf(block, field);
    std::uint64_t out = 0;
    if ((static_cast<unsigned char>(bytes[0]) & 0x80U) != 0) {
        for (std::size_t i = 0; i < bytes.size(); ++i) {
            const unsigned byte = static_cast<unsigned char>(bytes[i]) & (i == 0 ? 0x7fU : 0xffU);
            if (out >> 55 != 0)
                return std::nullopt;
            out = out << 8 | byte;
        }
        return out;
    }
    std::string_view digits = trim(bytes.substr(0, bytes.find('\0')));
    for (const char c : digits) {
        if (c < '0' || c > '7')
            return std::nullopt;
        out = out << 3 | static_cast<std::uint64_t>(c - '0');
    }
    return out;
}

/// Sum of all bytes, those of the sum's own field taken as blanks.
std::uint64_t sumOf(std::string_view block)
{
    std::uint64_t out = 0;
    for (std::size_t i = 0; i < block.size(); ++i)
        out += i >= kSum.at && i < kSum.at + kSum.size ? 0x20U : static_cast<unsigned char>(block[i]);
    return out;
}

void putOctal(std::string &block, Field field, std::uint64_t value)
{
    for (std::size_t i = field.size - 1; i-- > 0; value >>= 3)
        block[field.at + i] = static_cast<char>('0' + (value & 7));
}

std::string headerBlock(std::string_view name, std::uint64_t size, char type)
{
    std::string out(kTarBlock, '\0');
    out.replace(kName.at, std::min(name.size(), kName.size), name.substr(0, kName.size));
    putOctal(out, kMode, 0600);
    putOctal(out, kUid, 0);
    putOctal(out, kGid, 0);
    putOctal(out, kSize, size);
    putOctal(out, kTime, 0);
    out[kType] = type;
    out.replace(kMagic.at, kMagic.size, std::string_view("ustar\00000", kMagic.size));
    std::string sum(kTarBlock, '\0');
    putOctal(sum, {0, 7}, sumOf(out));
    out.replace(kSum.at, 7, sum.substr(0, 7));
    out[kSum.at + 7] = ' ';
    return out;
}

/// "27 path=a/b/c\n": the length counts itself.
std::string paxRecord(std::string_view key, std::string_view value)
{
    const std::string rest = strCat(' ', key, '=', value, '\n');
    std::size_t size = rest.size();
    while (size != rest.size() + std::to_string(size).size())
        size = rest.size() + std::to_string(size).size();
    return strCat(size, rest);
}

/// What a pax header says of the next member.
struct Pax
{
    std::optional<std::string> path;
    std::optional<std::uint64_t> size;
};

/// @return false: it is none.
bool parsePax(std::string_view text, Pax &out)
{
    while (!text.empty()) {
        const std::size_t blank = text.find(' ');
        const auto size =
            blank == std::string_view::npos ? std::nullopt : std::optional(parseU64(text.substr(0, blank)).value_or(0));
        if (!size || *size <= blank + 1 || *size > text.size() || text[*size - 1] != '\n')
            return false;
        const std::string_view record = text.substr(blank + 1, *size - blank - 2);
        const std::size_t equals = record.find('=');
        if (equals == std::string_view::npos)
            return false;
        const std::string_view key = record.substr(0, equals);
        const std::string_view value = record.substr(equals + 1);
        if (key == "path")
            out.path = value;
        if (key == "size") {
            const auto number = parseU64(value);
            if (!number)
                return false;
            out.size = *number;
        }
        text.remove_prefix(*size);
    }
    return true;
}

std::string nameOf(std::string_view block)
{
    const bool posix = bytesOf(block, kMagic).substr(0, 6) == std::string_view("ustar\0", 6);
    const std::string_view prefix = posix ? textOf(block, kPrefix) : std::string_view();
    return prefix.empty() ? std::string(textOf(block, kName)) : strCat(prefix, '/', textOf(block, kName));
}

} // namespace

bool isTar(ByteView firstBlock)
{
    return textOf(firstBlock).substr(std::min(firstBlock.size(), kMagic.at)).starts_with("ustar");
}

std::string tarHead(std::string_view name, std::uint64_t size)
{
    std::string pax;
    if (name.size() > kName.size)
        pax += paxRecord("path", name);
    if (size > kMostOctalSize)
        pax += paxRecord("size", std::to_string(size));
    const std::string own = headerBlock(name, size > kMostOctalSize ? 0 : size, '0');
    if (pax.empty())
        return own;
    return strCat(headerBlock("pax", pax.size(), 'x'), pax, std::string(tarPadding(pax.size()), '\0'), own);
}

std::string tarEnd()
{
    return std::string(2 * kTarBlock, '\0');
}

Result<> TarReader::exactly(std::span<std::byte> into)
{
    const std::span<std::byte> all = into;
    while (!into.empty()) {
        const std::size_t got = GANTRY_TRY(m_source(into));
        if (got == 0)
            return noTar(m_offset + all.size() - into.size(), "it is cut off here");
        into = into.subspan(got);
    }
    m_offset += all.size();
    if (m_see)
        m_see(all);
    return {};
}

Result<> TarReader::some(std::uint64_t size, const std::function<Result<>(ByteView)> &sink)
{
    if (size > m_left)
        return noTar(m_offset, strCat("the content ends here, ", size - m_left, " bytes too early"));
    while (size != 0) {
        const auto part =
            std::span(m_buffer).first(static_cast<std::size_t>(std::min<std::uint64_t>(size, m_buffer.size())));
        GANTRY_CHECK(exactly(part));
        m_left -= part.size();
        size -= part.size();
        GANTRY_CHECK(sink(part));
    }
    return {};
}

Result<> TarReader::content(const std::function<Result<>(ByteView)> &sink)
{
    return some(m_left, sink);
}

Result<std::string> TarReader::text(std::uint64_t most)
{
    if (m_left > most)
        return fail(EFBIG, "unpack", strCat("archive at byte ", m_offset), strCat("a text of ", m_left, " bytes"));
    std::string out;
    GANTRY_CHECK(content([&out](ByteView bytes) -> Result<> {
        out += repository::textOf(bytes);
        return {};
    }));
    return out;
}

Result<> TarReader::passOver()
{
    GANTRY_CHECK(content([](ByteView) { return Result<>(); }));
    const std::uint64_t at = m_offset;
    const auto padding = std::span(m_buffer).first(std::exchange(m_padding, 0));
    GANTRY_CHECK(exactly(padding));
    // So that what is packed again is the same to the byte, and no damage goes unseen.
    if (!isZeros(padding))
        return noTar(at, "what follows the content of a member is not zeros");
    return {};
}

void TarReader::contentIsElsewhere()
{
    m_left = 0;
    m_padding = 0;
}

Result<std::string> TarReader::longText(std::uint64_t size)
{
    if (size > kMostText)
        return noTar(m_offset, strCat("a header of ", size, " bytes"));
    ByteVector bytes(static_cast<std::size_t>(size) + tarPadding(size));
    GANTRY_CHECK(exactly(bytes));
    return std::string(repository::textOf(bytes));
}

Result<std::optional<TarMember>> TarReader::next()
{
    constexpr std::uint64_t kMostHead = 4 * kMostText;
    GANTRY_CHECK(passOver());
    TarMember out;
    out.offset = m_offset;
    Pax pax;
    while (true) {
        const std::uint64_t at = m_offset;
        std::string block(kTarBlock, '\0');
        GANTRY_CHECK(exactly(std::as_writable_bytes(std::span(block))));
        if (out.head.empty() && isZeros(viewOf(block))) {
            GANTRY_CHECK(exactly(std::as_writable_bytes(std::span(block))));
            if (!isZeros(viewOf(block)))
                return noTar(at + kTarBlock, "one block of zeros is no end");
            return std::optional<TarMember>();
        }
        const auto size = numberOf(block, kSize);
        if (numberOf(block, kSum) != sumOf(block) || !size || *size > kMostSize)
            return noTar(at, at == 0 ? "it is no tar archive" : "there is no header of a member");
        out.head += block;
        const char type = block[kType] == '\0' || block[kType] == '7' ? '0' : block[kType];
        if (type == 'x' || type == 'g' || type == 'L' || type == 'K') {
            const std::string text = GANTRY_TRY(longText(*size));
            out.head += text;
            const std::string_view own = std::string_view(text).substr(0, static_cast<std::size_t>(*size));
            if (type == 'x' && !parsePax(own, pax))
                return noTar(at, "there is a broken pax header");
            if (type == 'L')
                pax.path = own.substr(0, own.find('\0'));
            if (out.head.size() > kMostHead)
                return noTar(at, "there are headers without end");
            continue;
        }
        out.type = type;
        out.name = pax.path ? *pax.path : nameOf(block);
        out.size = pax.size ? *pax.size : *size;
        out.mtime = static_cast<std::int64_t>(numberOf(block, kTime).value_or(0));
        // Links and folders have none, whatever some have written there.
        if (type >= '1' && type <= '6')
            out.size = 0;
        if (out.size > kMostSize)
            return noTar(at, "a member has an impossible size");
        m_left = out.size;
        m_padding = tarPadding(out.size);
        return out;
    }
}

Result<> TarReader::nothingFollows(std::uint64_t mostZeros)
{
    std::uint64_t zeros = 0;
    while (true) {
        const std::size_t got = GANTRY_TRY(m_source(m_buffer));
        if (got == 0)
            return {};
        const std::string_view bytes = repository::textOf(ByteView(m_buffer).first(got));
        const std::size_t other = bytes.find_first_not_of('\0');
        zeros += got;
        if (other != std::string_view::npos || zeros > mostZeros)
            return noTar(m_offset + (other == std::string_view::npos ? 0 : other), "something follows its end");
        m_offset += got;
    }
}

} // namespace gantry::repository
