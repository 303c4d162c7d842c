// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/repository/format.h"

#include "engine/base/strings.h"

#include <nlohmann/json.hpp>
#include <sodium.h>

#include <algorithm>

namespace gantry::repository {

namespace {

using nlohmann::json;

constexpr std::string_view kBound = "gantry-repository key";
constexpr const char *kNewFile = "format.new";
constexpr std::size_t kMaxFile = std::size_t{64} << 10;
/// Argon2id: 0.3 s and 128 MiB. The memory that a file may ask for is bounded: it is not ours before it is verified.
constexpr std::uint64_t kOperations = 3;
constexpr std::uint64_t kMemory = std::uint64_t{128} << 20;
constexpr std::uint64_t kMaxOperations = 64;
constexpr std::uint64_t kMaxMemory = std::uint64_t{2} << 30;

unsigned char *raw(std::byte *bytes)
{
    return reinterpret_cast<unsigned char *>(bytes); // NOLINT: unsigned char may look at any bytes
}
const unsigned char *raw(const std::byte *bytes)
{
    return reinterpret_cast<const unsigned char *>(bytes); // NOLINT: as above
}

json textOfFormat(const FormatFile &format)
{
    return {{"gantry-repository", format.version},
            {"cipher", format.keyKind == "none" ? "none" : "xchacha20-poly1305"},
            {"key", format.keyKind},
            {"salt", hexOf(format.salt)},
            {"operations", format.operations},
            {"memory", format.memory},
            {"wrapped", hexOf(format.wrapped)}};
}

std::string checkOf(const json &format)
{
    return hexOf(Sealer().digest(viewOf(format.dump())));
}

std::string_view kindOf(const Key &key)
{
    if (std::holds_alternative<KeyFile>(key))
        return "file";
    return std::holds_alternative<NoKey>(key) ? "none" : "passphrase";
}

Result<ByteVector> readWhole(int fd, std::string_view path)
{
    TextBuffer buffer;
    const auto text = buffer.readFd(fd, path);
    if (!text)
        return std::unexpected(text.error());
    if (text->size() > kMaxFile)
        return fail(EFBIG, "read", path, "larger than 64 KiB");
    const ByteView bytes = viewOf(*text);
    return ByteVector(bytes.begin(), bytes.end());
}

/// The key that seals the repository's own.
Result<SecretKey> keyOf(const Key &key, const FormatFile &format)
{
    SecretKey out;
    if (const auto *file = std::get_if<KeyFile>(&key)) {
        const UniqueFd fd = GANTRY_TRY(openAt(AT_FDCWD, file->path, O_RDONLY));
        ByteVector bytes = GANTRY_TRY(readWhole(fd.get(), file->path));
        const bool enough = bytes.size() >= SecretKey::kSize;
        crypto_generichash(raw(out.data()), SecretKey::kSize, raw(bytes.data()), bytes.size(), raw(format.salt.data()),
                           format.salt.size());
        sodium_memzero(bytes.data(), bytes.size());
        if (!enough)
            return fail(EINVAL, "read", file->path, "a key file has at least 32 bytes");
        return out;
    }
    const auto &text = std::get<Passphrase>(key).text;
    if (text.empty())
        return fail(EINVAL, "open", "passphrase", "it is empty");
    if (crypto_pwhash(raw(out.data()), SecretKey::kSize, text.data(), text.size(), raw(format.salt.data()),
                      format.operations, format.memory, crypto_pwhash_ALG_ARGON2ID13) != 0)
        return failErrno("crypto_pwhash", "passphrase", ENOMEM);
    return out;
}

/// What a file may say and no more: everything is bounded before it is used.
Result<> checkFormat(const FormatFile &format, std::string_view what)
{
    const bool known = format.keyKind == "none" || format.keyKind == "file" || format.keyKind == "passphrase";
    if (!known)
        return fail(ENOTSUP, "open", what, strCat("a key of an unknown kind: ", printable(format.keyKind)));
    if (format.keyKind == "none")
        return {};
    if (format.salt.size() != crypto_pwhash_SALTBYTES)
        return fail(EBADMSG, "open", what, "the salt makes no sense");
    if (format.keyKind == "passphrase" &&
        (format.operations < crypto_pwhash_OPSLIMIT_MIN || format.operations > kMaxOperations ||
         format.memory < crypto_pwhash_MEMLIMIT_MIN || format.memory > kMaxMemory))
        return fail(EBADMSG, "open", what, "the cost of the passphrase makes no sense");
    return {};
}

} // namespace

std::string encodeFormat(const FormatFile &format)
{
    json out = textOfFormat(format);
    out["check"] = checkOf(out);
    return out.dump(2);
}

Result<FormatFile> parseFormat(std::string_view text, std::string_view what)
{
    const json in = json::parse(text, nullptr, false);
    const auto isText = [&in](const char *key) { return in.contains(key) && in[key].is_string(); };
    const auto isNumber = [&in](const char *key) { return in.contains(key) && in[key].is_number_unsigned(); };
    if (!in.is_object() || !isNumber("gantry-repository"))
        return fail(EBADMSG, "open", what, "this is no format file of a repository");
    const auto version = in["gantry-repository"].get<std::uint64_t>();
    if (version == 0 || version > kRepositoryFormat)
        return fail(
            ENOTSUP, "open", what,
            strCat("the repository has format ", version, ", this Gantry reads formats 1 to ", kRepositoryFormat),
            "use the Gantry that wrote it, or a newer one");
    if (!isText("cipher") || !isText("key") || !isText("salt") || !isNumber("operations") || !isNumber("memory") ||
        !isText("wrapped") || !isText("check"))
        return fail(EBADMSG, "open", what, "something is missing in it");
    const auto salt = parseHex(in["salt"].get<std::string>());
    const auto wrapped = parseHex(in["wrapped"].get<std::string>());
    if (!salt || !wrapped)
        return fail(EBADMSG, "open", what, "the key in it makes no sense");
    FormatFile out{version,
                   in["key"].get<std::string>(),
                   *salt,
                   in["operations"].get<std::uint64_t>(),
                   in["memory"].get<std::uint64_t>(),
                   *wrapped};
    GANTRY_CHECK(checkFormat(out, what));
    if (json same = textOfFormat(out); same["cipher"] != in["cipher"] || checkOf(same) != in["check"])
        return fail(EBADMSG, "verify", what, "its content is not what was written");
    return out;
}

Result<> createFormat(const Disk &disk, const Key &key)
{
    FormatFile format;
    format.keyKind = kindOf(key);
    if (std::holds_alternative<Unlocked>(key))
        return fail(EINVAL, "create", disk.path(), "the key of another repository was given");
    if (!std::holds_alternative<NoKey>(key)) {
        format.salt.resize(crypto_pwhash_SALTBYTES);
        randombytes_buf(format.salt.data(), format.salt.size());
        format.operations = kOperations;
        format.memory = kMemory;
        const SecretKey master = SecretKey::random();
        const SecretKey outer = GANTRY_TRY(keyOf(key, format));
        format.wrapped = Sealer(outer).seal(ByteView(master.data(), SecretKey::kSize), viewOf(kBound));
    }
    const std::string text = encodeFormat(format);
    // What an attempt that died before left.
    if (const auto old = disk.unlink(kNewFile); !old && old.error().posix() != ENOENT)
        return std::unexpected(old.error());
    const UniqueFd fd = GANTRY_TRY(disk.create(kNewFile));
    GANTRY_CHECK(disk.writeAt(fd.get(), kNewFile, 0, viewOf(text)));
    GANTRY_CHECK(disk.sync(fd.get(), kNewFile));
    GANTRY_CHECK(disk.rename(kNewFile, kFormatFile));
    return disk.syncFolder("");
}

Result<FormatFile> readFormat(const Disk &disk)
{
    const UniqueFd fd = GANTRY_TRY(disk.open(kFormatFile, O_RDONLY));
    const std::string path = disk.pathOf(kFormatFile);
    const ByteVector text = GANTRY_TRY(readWhole(fd.get(), path));
    return parseFormat(textOf(text), path);
}

Result<OpenedFormat> openFormat(const Disk &disk, const Key &key)
{
    FormatFile format = GANTRY_TRY(readFormat(disk));
    const std::string_view given = kindOf(key);
    const auto *known = std::get_if<Unlocked>(&key);
    if (known != nullptr && known->wrapped == format.wrapped)
        return OpenedFormat{format.version, *known};
    if (known != nullptr)
        return fail(ENOKEY, "open", disk.path(), "it is another repository than the one that was unlocked");
    if (format.keyKind == "none") {
        if (given != "none")
            return fail(EINVAL, "open", disk.path(), "the repository is not encrypted, and a key was given");
        return OpenedFormat{format.version, {}};
    }
    if (given != format.keyKind)
        return fail(ENOKEY, "open", disk.path(),
                    format.keyKind == "file" ? "the repository is encrypted: it needs its key file"
                                             : "the repository is encrypted: it needs its passphrase");
    const SecretKey outer = GANTRY_TRY(keyOf(key, format));
    auto opened = Sealer(outer).open(format.wrapped, viewOf(kBound), disk.pathOf(kFormatFile));
    if (!opened || opened->size() != SecretKey::kSize)
        return fail(EACCES, "unlock", disk.path(),
                    given == "file" ? "this is not the repository's key file"
                                    : "this is not the repository's passphrase");
    SecretKey master;
    std::ranges::copy(*opened, master.data());
    sodium_memzero(opened->data(), opened->size());
    return OpenedFormat{format.version, Unlocked{Sealer(master), std::move(format.wrapped)}};
}

} // namespace gantry::repository
