// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"
#include "engine/repository/bytes.h"
#include "engine/repository/source.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

/// tar as a stream, read and written from the first byte to the last. Formats: POSIX ustar and pax (IEEE 1003.1), and
/// what GNU tar adds for long names and great sizes (its manual, "Basic Tar Format"). Nothing is ever extracted here:
/// names go nowhere but to the caller.
/// Own code, and no library: an archive of podman has to come out byte for byte as it went in, and a damage has to be
/// told by its byte; libarchive gives neither.
namespace gantry::repository {

inline constexpr std::size_t kTarBlock = 512;

/// Zeros behind a content of this size, up to the next block.
[[nodiscard]] constexpr std::size_t tarPadding(std::uint64_t size)
{
    return static_cast<std::size_t>((kTarBlock - size % kTarBlock) % kTarBlock);
}

/// All that stands before the content of a regular file: for a name of more than 100 bytes, or 8 GiB and more, with a
/// pax header before it. The same for the same name and size.
[[nodiscard]] std::string tarHead(std::string_view name, std::uint64_t size);
/// Whether an archive begins with this block, as tar(5) has it since POSIX.
[[nodiscard]] bool isTar(ByteView firstBlock);
/// The two blocks at the end.
[[nodiscard]] std::string tarEnd();

struct TarMember
{
    std::string name;
    char type = '0'; ///< '0' a regular file, '5' a folder, '1' '2' links, '3' '4' devices, '6' a FIFO
    std::uint64_t size = 0;
    std::int64_t mtime = 0;    ///< s since the epoch
    std::string head;          ///< its header as it came, pax and GNU headers before it too
    std::uint64_t offset = 0;  ///< of its head in the archive
};

/// Reads an archive. Bounded: a header's texts take 1 MiB at most. Thread: one at a time.
class TarReader
{
public:
    explicit TarReader(Source source) : m_source(std::move(source)) {}

    /// The next member; what was not read of the one before is passed over. nullopt: the two blocks at the end came.
    /// @errors EBADMSG with the byte: no tar, cut off, a broken header; the source's.
    [[nodiscard]] Result<std::optional<TarMember>> next();
    /// What is left of the content; gives all of it to the sink. @errors as next(); the sink's.
    [[nodiscard]] Result<> content(const std::function<Result<>(ByteView)> &sink);
    /// At most this much of what is left of the content. @errors as content(); EBADMSG where there is less.
    [[nodiscard]] Result<> some(std::uint64_t size, const std::function<Result<>(ByteView)> &sink);
    /// All that is left of it, in memory. @errors EFBIG; as content().
    [[nodiscard]] Result<std::string> text(std::uint64_t most);
    /// Passes over what is left of the member, up to where the next one begins. @errors as next().
    [[nodiscard]] Result<> passOver();
    /// There is no content, and no zeros behind it, in what is read: the next header comes at once.
    void contentIsElsewhere();
    /// Called with every byte of the archive, as it is read; from now on.
    void onBytes(std::function<void(ByteView)> see) { m_see = std::move(see); }
    /// Bytes that were read so far.
    [[nodiscard]] std::uint64_t offset() const { return m_offset; }
    /// After the end: whether anything but zeros follows. @errors EBADMSG with its byte.
    [[nodiscard]] Result<> nothingFollows(std::uint64_t mostZeros);

private:
    [[nodiscard]] Result<> exactly(std::span<std::byte> into);
    [[nodiscard]] Result<std::string> longText(std::uint64_t size);

    Source m_source;
    std::function<void(ByteView)> m_see;
    std::uint64_t m_offset = 0;
    std::uint64_t m_left = 0; ///< of the content
    std::size_t m_padding = 0;
    ByteVector m_buffer = ByteVector(std::size_t{256} << 10);
};

} // namespace gantry::repository
