// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/repository/sealer.h"

#include <sodium.h>

#include <algorithm>

namespace gantry::repository {

namespace {

constexpr std::size_t kNonce = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTag = crypto_aead_xchacha20poly1305_ietf_ABYTES;
static_assert(kTag == crypto_onetimeauth_BYTES, "both ways have a tag of 16 bytes");

constexpr std::string_view kBroken = "its content is not what was written";

/// libsodium speaks unsigned char.
const unsigned char *raw(const std::byte *bytes)
{
    return reinterpret_cast<const unsigned char *>(bytes); // NOLINT: unsigned char may look at any bytes
}

unsigned char *raw(std::byte *bytes)
{
    return reinterpret_cast<unsigned char *>(bytes); // NOLINT: as above
}

std::array<std::byte, kTag> plainTag(ByteView text, ByteView bound)
{
    // No secret: it is there to find what broke, and any bit that turns changes it.
    static constexpr unsigned char kPublicKey[crypto_onetimeauth_KEYBYTES + 1] = "gantry-repository: not a secret!";
    std::array<std::byte, kTag> tag{};
    crypto_onetimeauth_state state;
    crypto_onetimeauth_init(&state, kPublicKey);
    crypto_onetimeauth_update(&state, raw(bound.data()), bound.size());
    crypto_onetimeauth_update(&state, raw(text.data()), text.size());
    crypto_onetimeauth_final(&state, raw(tag.data()));
    return tag;
}

} // namespace

Result<> readySodium()
{
    if (::sodium_init() < 0)
        return fail(EIO, "sodium_init", "libsodium", "it does not start");
    return {};
}

void wipe(std::string &text)
{
    sodium_memzero(text.data(), text.size());
    text.clear();
}

SecretKey::~SecretKey()
{
    sodium_memzero(m_bytes.data(), m_bytes.size());
}

SecretKey SecretKey::random()
{
    SecretKey out;
    randombytes_buf(out.m_bytes.data(), out.m_bytes.size());
    return out;
}

SecretKey SecretKey::derive(unsigned number) const
{
    static_assert(crypto_kdf_KEYBYTES == kSize);
    SecretKey out;
    crypto_kdf_derive_from_key(raw(out.data()), kSize, number, "gantry-r", raw(data()));
    return out;
}

Sealer::Sealer() = default;

Sealer::Sealer(const SecretKey &master) : m_digestKey(master.derive(1)), m_sealKey(master.derive(2)), m_encrypts(true)
{}

Digest Sealer::digest(ByteView bytes) const
{
    Digest out{};
    crypto_generichash(raw(out.data()), out.size(), raw(bytes.data()), bytes.size(),
                       m_encrypts ? raw(m_digestKey.data()) : nullptr, m_encrypts ? SecretKey::kSize : 0);
    return out;
}

std::size_t Sealer::overhead() const
{
    return m_encrypts ? kNonce + kTag : kTag;
}

ByteVector Sealer::seal(ByteView text, ByteView bound) const
{
    ByteVector out;
    sealTo(out, text, bound);
    return out;
}

void Sealer::sealTo(ByteVector &out, ByteView text, ByteView bound) const
{
    const std::size_t before = out.size();
    if (!m_encrypts) {
        out.reserve(before + text.size() + overhead());
        append(out, text);
        append(out, plainTag(text, bound));
        return;
    }
    out.resize(before + text.size() + overhead());
    std::byte *const to = out.data() + before;
    randombytes_buf(to, kNonce);
    crypto_aead_xchacha20poly1305_ietf_encrypt(raw(to + kNonce), nullptr, raw(text.data()), text.size(),
                                               raw(bound.data()), bound.size(), nullptr, raw(to),
                                               raw(m_sealKey.data()));
}

Result<ByteVector> Sealer::open(ByteView sealed, ByteView bound, std::string_view what) const
{
    ByteVector room;
    const ByteView text = GANTRY_TRY(openIn(room, sealed, bound, what));
    return m_encrypts ? std::move(room) : ByteVector(text.begin(), text.end());
}

Result<ByteVector> Sealer::unseal(ByteView sealed, ByteView bound, std::string_view what) const
{
    ByteVector room;
    const ByteView text = GANTRY_TRY(unsealIn(room, sealed, bound, what));
    return m_encrypts ? std::move(room) : ByteVector(text.begin(), text.end());
}

Result<ByteView> Sealer::openIn(ByteVector &room, ByteView sealed, ByteView bound, std::string_view what) const
{
    if (!m_encrypts && sealed.size() >= overhead()) {
        const std::size_t size = sealed.size() - overhead();
        if (!std::ranges::equal(plainTag(sealed.first(size), bound), sealed.subspan(size)))
            return fail(EBADMSG, "verify", what, kBroken);
    }
    return unsealIn(room, sealed, bound, what);
}

Result<ByteView> Sealer::unsealIn(ByteVector &room, ByteView sealed, ByteView bound, std::string_view what) const
{
    if (sealed.size() < overhead())
        return fail(EBADMSG, "verify", what, kBroken);
    if (!m_encrypts)
        return sealed.first(sealed.size() - overhead());
    room.resize(sealed.size() - overhead());
    const ByteView text = sealed.subspan(kNonce);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(raw(room.data()), nullptr, nullptr, raw(text.data()), text.size(),
                                                   raw(bound.data()), bound.size(), raw(sealed.data()),
                                                   raw(m_sealKey.data())) != 0)
        return fail(EBADMSG, "verify", what, kBroken);
    return ByteView(room);
}

struct RunningDigest::State
{
    crypto_generichash_state state;
};

void RunningDigest::Free::operator()(State *state) const
{
    delete state; // NOLINT: complete here alone
}

RunningDigest::RunningDigest() : m_state(new State)
{
    crypto_generichash_init(&m_state->state, nullptr, 0, Digest{}.size());
}

void RunningDigest::add(ByteView bytes)
{
    crypto_generichash_update(&m_state->state, raw(bytes.data()), bytes.size());
}

Digest RunningDigest::finish()
{
    Digest out{};
    crypto_generichash_final(&m_state->state, raw(out.data()), out.size());
    return out;
}

} // namespace gantry::repository
