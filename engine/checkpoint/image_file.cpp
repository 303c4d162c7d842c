// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/image_file.h"

#include "engine/base/strings.h"

#include <array>
#include <cstring>

namespace gantry::checkpoint {

namespace {

constexpr std::uint32_t kCommonMagic = 0x54564319;

struct Magic
{
    std::string_view begin; ///< of the image's name
    std::uint32_t magic;
};
// A longer beginning stands before a shorter one of the same.
constexpr std::array kMagics{
    Magic{"pstree.img", 0x50273030},   Magic{"core-", 0x55053847},           Magic{"ids-", 0x54432030},
    Magic{"mm-", 0x57492820},          Magic{"pagemap-", 0x56084025},        Magic{"fs-", 0x51403912},
    Magic{"fdinfo-", 0x56213732},      Magic{"files.img", 0x56303138},       Magic{"memfd.img", 0x48453499},
    Magic{"mountpoints-", 0x55563928}, Magic{"remap-fpath.img", 0x59133954}, Magic{"utsns-", 0x54473203},
};

std::uint32_t wordAt(std::string_view bytes, std::size_t at)
{
    std::uint32_t word = 0;
    std::memcpy(&word, bytes.data() + at, sizeof word); // CRIU writes the machine's own order
    return word;
}

} // namespace

std::string imageHead(std::string_view name)
{
    for (const Magic &one : kMagics) {
        if (!name.starts_with(one.begin))
            continue;
        std::array<std::uint32_t, 2> words{kCommonMagic, one.magic};
        std::string out(sizeof words, '\0');
        std::memcpy(out.data(), words.data(), sizeof words);
        return out;
    }
    return {};
}

void appendEntry(std::string &image, std::string_view message)
{
    const auto size = static_cast<std::uint32_t>(message.size());
    image.append(reinterpret_cast<const char *>(&size), sizeof size);
    image += message;
}

std::unexpected<Error> failImage(std::string_view name, std::size_t offset, std::string_view why)
{
    return fail(EBADMSG, "inspect", strCat(name, " at byte ", offset), why);
}

Result<> forEachEntry(std::string_view image, std::string_view name,
                      const std::function<Result<>(std::string_view, std::size_t)> &visit)
{
    const std::string head = imageHead(name);
    if (head.empty() || !image.starts_with(head))
        return failImage(name, 0, "it does not begin as an image of this name does");
    std::size_t at = head.size();
    while (at < image.size()) {
        if (image.size() - at < sizeof(std::uint32_t))
            return failImage(name, at, "it is cut");
        const std::size_t size = wordAt(image, at);
        const std::size_t begin = at + sizeof(std::uint32_t);
        if (size > kMostImageEntry)
            return failImage(name, at, "an entry claims to be longer than any is");
        if (size > image.size() - begin)
            return failImage(name, at, "an entry is cut");
        GANTRY_CHECK(visit(image.substr(begin, size), at));
        at = begin + size;
    }
    return {};
}

} // namespace gantry::checkpoint
