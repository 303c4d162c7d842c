// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"
#include "engine/repository/disk.h"
#include "engine/repository/sealer.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace gantry::repository {

/// Nothing is encrypted.
struct NoKey
{};
/// A file with at least 32 bytes that nobody guesses (64 KiB at most): dd if=/dev/random bs=32 count=1.
struct KeyFile
{
    std::string path;
};
/// Made a key by Argon2id.
struct Passphrase
{
    std::string text;
};
/// The key of a repository that was opened by its passphrase before: opens it again without Argon2id. In memory alone.
struct Unlocked
{
    Sealer sealer;
    ByteVector wrapped; ///< as FormatFile has it: tells whether the repository is still that one
};
using Key = std::variant<NoKey, KeyFile, Passphrase, Unlocked>;

/// The newest layout of a repository that this program reads, and the one that it makes. It reads all older ones, and
/// goes on writing them as they are:
///   1   blocks are compressed as a whole
///   2   in frames: see block.h
inline constexpr std::uint64_t kRepositoryFormat = 2;
inline constexpr const char *kFormatFile = "format";

/// The file "format", JSON: version of the layout, cipher, how the key is made, and the repository's own random key,
/// sealed with that. @errors ENOTSUP for a newer layout or unknown cipher, EBADMSG for what is none.
struct FormatFile
{
    std::uint64_t version = kRepositoryFormat;
    std::string keyKind;          ///< "none", "file", "passphrase"
    ByteVector salt;              ///< 16 bytes
    std::uint64_t operations = 0; ///< Argon2id's cost, as libsodium counts it
    std::uint64_t memory = 0;     ///< Argon2id's memory in bytes
    ByteVector wrapped;           ///< the repository's key, sealed
};
[[nodiscard]] Result<FormatFile> parseFormat(std::string_view json, std::string_view what);
[[nodiscard]] std::string encodeFormat(const FormatFile &format);

struct OpenedFormat
{
    std::uint64_t version = kRepositoryFormat;
    Unlocked unlocked;
};

/// Writes the file that makes the folder a repository, last of all and by rename.
/// @errors of reading the key file; EINVAL for a key file that is too short and an empty passphrase.
[[nodiscard]] Result<> createFormat(const Disk &disk, const Key &key);
/// @errors ENOENT: no repository; ENOKEY: it is encrypted and no key, or one of the other kind, was given, or it is
/// another one than was unlocked; EACCES: not this key; EINVAL: a key for one that is not encrypted; as parseFormat().
[[nodiscard]] Result<OpenedFormat> openFormat(const Disk &disk, const Key &key);
/// What is known without a key. @errors ENOENT: no repository; as parseFormat().
[[nodiscard]] Result<FormatFile> readFormat(const Disk &disk);

} // namespace gantry::repository
