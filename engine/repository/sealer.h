// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"
#include "engine/repository/bytes.h"

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace gantry::repository {

/// 256 secret bits; wiped when it dies.
class SecretKey
{
public:
    static constexpr std::size_t kSize = 32;

    SecretKey() = default;
    SecretKey(const SecretKey &) = default;
    SecretKey &operator=(const SecretKey &) = default;
    ~SecretKey();

    [[nodiscard]] static SecretKey random();
    /// The number-th key that follows from this one and does not tell it.
    [[nodiscard]] SecretKey derive(unsigned number) const;
    [[nodiscard]] std::byte *data() { return m_bytes.data(); }
    [[nodiscard]] const std::byte *data() const { return m_bytes.data(); }

private:
    std::array<std::byte, kSize> m_bytes{};
};

/// What keeps the content of a repository honest and, with a key, secret. Two ways, one interface:
///   without a key   BLAKE2b-256 names content, Poly1305 (with a key that everybody knows: three times as fast) behind
///                   each record finds what the medium broke
///   with a key      keyed BLAKE2b names content, XChaCha20-Poly1305 (24 random bytes of nonce) seals each record: who
///                   has no key reads nothing and changes nothing unseen
/// Thread: any; it is not changed.
class Sealer
{
public:
    /// Without a key.
    Sealer();
    explicit Sealer(const SecretKey &master);

    [[nodiscard]] bool encrypts() const { return m_encrypts; }
    [[nodiscard]] Digest digest(ByteView bytes) const;
    /// `text`, sealed. @param bound what it belongs to: has to be the same in open(), and is not stored.
    [[nodiscard]] ByteVector seal(ByteView text, ByteView bound) const;
    /// @errors EBADMSG with `what` as subject: it was changed, belongs elsewhere, or the key is another.
    [[nodiscard]] Result<ByteVector> open(ByteView sealed, ByteView bound, std::string_view what) const;
    /// For who verifies the content in another way: as open(), but without a key what was broken is not found.
    [[nodiscard]] Result<ByteVector> unseal(ByteView sealed, ByteView bound, std::string_view what) const;
    /// As unseal(), without a copy where nothing is encrypted. @param room for what is. @return lies in `sealed` or in
    /// `room`.
    [[nodiscard]] Result<ByteView> unsealIn(ByteVector &room, ByteView sealed, ByteView bound,
                                            std::string_view what) const;
    /// As open(), but as unsealIn().
    [[nodiscard]] Result<ByteView> openIn(ByteVector &room, ByteView sealed, ByteView bound,
                                          std::string_view what) const;
    /// Appends what seal() gives.
    void sealTo(ByteVector &out, ByteView text, ByteView bound) const;
    /// Bytes that seal() adds.
    [[nodiscard]] std::size_t overhead() const;

private:
    SecretKey m_digestKey;
    SecretKey m_sealKey;
    bool m_encrypts = false;
};

/// The digest of what comes in parts. Thread: one at a time.
class RunningDigest
{
public:
    RunningDigest();
    RunningDigest(RunningDigest &&) noexcept = default;
    RunningDigest &operator=(RunningDigest &&) noexcept = default;
    void add(ByteView bytes);
    /// Once, at the end. Not keyed: what it goes over are keyed digests, or what is sealed anyway.
    [[nodiscard]] Digest finish();

private:
    struct State;
    struct Free
    {
        void operator()(State *state) const;
    };
    std::unique_ptr<State, Free> m_state;
};

/// Overwrites a secret text, so that nothing takes it from memory later.
void wipe(std::string &text);

/// Makes libsodium ready; anything above needs it once before. Thread: any. @errors EIO.
[[nodiscard]] Result<> readySodium();

} // namespace gantry::repository
