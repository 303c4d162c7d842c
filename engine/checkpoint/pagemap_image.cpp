// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/pagemap_image.h"

#include <google/protobuf/unknown_field_set.h>

#include <cstring>
#include <optional>

namespace gantry::checkpoint {

namespace {

constexpr std::uint32_t kCommonMagic = 0x54564319;
constexpr std::uint32_t kPagemapMagic = 0x56084025;
// Bits of pagemap_entry's flags.
constexpr std::uint64_t kInParent = 1;
constexpr std::uint64_t kLazy = 2;
constexpr std::uint64_t kPresent = 4;

using Fields = google::protobuf::UnknownFieldSet;

std::optional<std::uint32_t> takeWord(std::string_view &bytes)
{
    std::uint32_t word = 0; // CRIU writes the machine's own order
    if (bytes.size() < sizeof word)
        return std::nullopt;
    std::memcpy(&word, bytes.data(), sizeof word);
    bytes.remove_prefix(sizeof word);
    return word;
}

/// The next message, by field numbers: no .proto of images is installed with CRIU.
bool takeMessage(std::string_view &bytes, Fields &out)
{
    const auto size = takeWord(bytes);
    if (!size || *size > bytes.size())
        return false;
    out.Clear();
    const bool good = out.ParseFromArray(bytes.data(), static_cast<int>(*size));
    bytes.remove_prefix(*size);
    return good;
}

std::optional<std::uint64_t> numberOf(const Fields &fields, int number)
{
    for (int i = 0; i < fields.field_count(); ++i) {
        if (fields.field(i).number() == number && fields.field(i).type() == google::protobuf::UnknownField::TYPE_VARINT)
            return fields.field(i).varint();
    }
    return std::nullopt;
}

} // namespace

Result<PagemapImage> parsePagemap(std::string_view image, std::string_view name)
{
    const std::string_view all = image;
    Fields fields;
    if (takeWord(image) != kCommonMagic || takeWord(image) != kPagemapMagic || !takeMessage(image, fields))
        return failParse(name, all.substr(0, 16));
    PagemapImage out;
    out.pagesId = static_cast<std::uint32_t>(numberOf(fields, 1).value_or(0));
    while (!image.empty()) {
        if (!takeMessage(image, fields))
            return failParse(name, image.substr(0, 16));
        const auto address = numberOf(fields, 1);
        // Field 2 has 32 bits; CRIU 4.2 tells the number in field 5 as well.
        const auto pages = numberOf(fields, 5).value_or(numberOf(fields, 2).value_or(0));
        const std::uint64_t flags = numberOf(fields, 4).value_or(kPresent);
        if (!address || pages == 0 || *address % 4'096 != 0 || pages > (~std::uint64_t{0} - *address) / 4'096)
            return failParse(name, "an entry of the pagemap");
        out.entries.push_back(
            {*address, pages, (flags & kPresent) != 0 && (flags & kInParent) == 0, (flags & kLazy) != 0});
    }
    return out;
}

} // namespace gantry::checkpoint
