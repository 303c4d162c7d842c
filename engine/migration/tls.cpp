// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/migration/tls.h"

#include "engine/base/strings.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>

namespace gantry::migration {

namespace {

constexpr long kDay = 86'400; ///< seconds
constexpr std::size_t kMostPem = std::size_t{16} << 10;
constexpr std::size_t kReadAhead = std::size_t{128} << 10;

template <auto release> struct Release
{
    template <class T> void operator()(T *value) const { release(value); }
};
using KeyPtr = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY_free>>;
using CertificatePtr = std::unique_ptr<X509, Release<X509_free>>;
using BioPtr = std::unique_ptr<BIO, Release<BIO_free>>;
using ExtensionPtr = std::unique_ptr<X509_EXTENSION, Release<X509_EXTENSION_free>>;

/// What OpenSSL says of the last failure on this thread.
std::string openSslWords()
{
    const char *const words = ::ERR_reason_error_string(::ERR_peek_last_error());
    ::ERR_clear_error();
    return words == nullptr ? "OpenSSL does not say why" : words;
}

std::unexpected<Error> failOpenSsl(std::string_view what)
{
    return fail(EIO, "migrate", what, openSslWords());
}

// The socket's own BIO writes by write(2), which raises SIGPIPE where the other end is gone.
int sendBio(BIO *bio, const char *bytes, int size)
{
    int fd = -1;
    ::BIO_get_fd(bio, &fd);
    ::BIO_clear_retry_flags(bio);
    const ssize_t sent = ::send(fd, bytes, static_cast<std::size_t>(size), MSG_NOSIGNAL);
    if (sent < 0 && (errno == EAGAIN || errno == EINTR))
        ::BIO_set_retry_write(bio);
    return static_cast<int>(sent);
}

BIO_METHOD *socketMethod()
{
    static BIO_METHOD *const method = [] {
        const BIO_METHOD *const plain = ::BIO_s_socket();
        BIO_METHOD *const out = ::BIO_meth_new(::BIO_get_new_index() | BIO_TYPE_SOURCE_SINK | BIO_TYPE_DESCRIPTOR,
                                               "socket without SIGPIPE");
        ::BIO_meth_set_write(out, sendBio);
        ::BIO_meth_set_read(out, ::BIO_meth_get_read(plain));
        ::BIO_meth_set_ctrl(out, ::BIO_meth_get_ctrl(plain));
        ::BIO_meth_set_create(out, ::BIO_meth_get_create(plain));
        ::BIO_meth_set_destroy(out, ::BIO_meth_get_destroy(plain));
        return out;
    }();
    return method;
}

std::string textIn(BIO *bio)
{
    char *text = nullptr;
    const long size = ::BIO_get_mem_data(bio, &text);
    return size > 0 ? std::string(text, static_cast<std::size_t>(size)) : std::string();
}

/// An encrypted key is none that we made: nobody is to be asked for its passphrase.
int noPassphrase(char * /*buffer*/, int /*size*/, int /*forWriting*/, void * /*user*/)
{
    return -1;
}

BioPtr readerOf(const std::string &pem)
{
    return BioPtr(pem.size() > kMostPem ? nullptr : ::BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

Result<CertificatePtr> certificateOf(const std::string &pem)
{
    const BioPtr bio = readerOf(pem);
    CertificatePtr out(bio ? ::PEM_read_bio_X509(bio.get(), nullptr, noPassphrase, nullptr) : nullptr);
    if (!out)
        return fail(EINVAL, "migrate", "certificate", openSslWords());
    return out;
}

Result<KeyPtr> keyOf(const std::string &pem)
{
    const BioPtr bio = readerOf(pem);
    KeyPtr out(bio ? ::PEM_read_bio_PrivateKey(bio.get(), nullptr, noPassphrase, nullptr) : nullptr);
    if (!out)
        return fail(EINVAL, "migrate", "key", openSslWords());
    return out;
}

/// Signed by itself, and good for signing nothing else.
CertificatePtr certificateFor(EVP_PKEY *key)
{
    CertificatePtr out(::X509_new());
    std::uint64_t serial = 0;
    if (!out || ::RAND_bytes(reinterpret_cast<unsigned char *>(&serial), sizeof serial) != 1)
        return nullptr;
    const std::string name = strCat("gantry ", serial);
    X509_NAME *const subject = ::X509_get_subject_name(out.get());
    const ExtensionPtr noAuthority(::X509V3_EXT_conf_nid(nullptr, nullptr, NID_basic_constraints, "critical,CA:FALSE"));
    const bool made =
        noAuthority && ::X509_set_version(out.get(), X509_VERSION_3) == 1 &&
        ::ASN1_INTEGER_set_uint64(::X509_get_serialNumber(out.get()), serial) == 1 &&
        ::X509_gmtime_adj(::X509_getm_notBefore(out.get()), -kDay) != nullptr &&
        ::X509_gmtime_adj(::X509_getm_notAfter(out.get()), kDay) != nullptr &&
        ::X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char *>(name.c_str()),
                                     -1, -1, 0) == 1 &&
        ::X509_set_issuer_name(out.get(), subject) == 1 && ::X509_set_pubkey(out.get(), key) == 1 &&
        ::X509_add_ext(out.get(), noAuthority.get(), -1) == 1 && ::X509_sign(out.get(), key, ::EVP_sha256()) > 0;
    return made ? std::move(out) : nullptr;
}

/// Besides what OpenSSL looks at: not one that the known one vouches for, but that one.
int isThePeer(X509_STORE_CTX *store, void * /*user*/)
{
    if (::X509_verify_cert(store) != 1)
        return 0;
    X509 *const shown = ::X509_STORE_CTX_get0_cert(store);
    STACK_OF(X509_OBJECT) *const known = ::X509_STORE_get0_objects(::X509_STORE_CTX_get0_store(store));
    for (int i = 0; i < sk_X509_OBJECT_num(known); ++i) {
        X509 *const one = ::X509_OBJECT_get0_X509(sk_X509_OBJECT_value(known, i));
        if (one != nullptr && ::X509_cmp(one, shown) == 0)
            return 1;
    }
    ::X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED);
    return 0;
}

} // namespace

Result<Identity> newIdentity()
{
    const KeyPtr key(::EVP_EC_gen("P-256"));
    const CertificatePtr certificate = key ? certificateFor(key.get()) : nullptr;
    const BioPtr shown(::BIO_new(::BIO_s_mem()));
    const BioPtr secret(::BIO_new(::BIO_s_secmem()));
    if (!certificate || !shown || !secret || ::PEM_write_bio_X509(shown.get(), certificate.get()) != 1 ||
        ::PEM_write_bio_PrivateKey(secret.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1)
        return failOpenSsl("a key for this migration");
    return Identity{textIn(shown.get()), textIn(secret.get())};
}

Result<TlsContext> TlsContext::create(Side side, const Identity &own, const std::string &peerCertificate)
{
    const CertificatePtr mine = GANTRY_TRY(certificateOf(own.certificate));
    const KeyPtr key = GANTRY_TRY(keyOf(own.key));
    const CertificatePtr peer = GANTRY_TRY(certificateOf(peerCertificate));
    ContextPtr context(::SSL_CTX_new(side == Side::Server ? ::TLS_server_method() : ::TLS_client_method()),
                       ::SSL_CTX_free);
    if (!context || ::SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION) != 1 ||
        ::SSL_CTX_set_num_tickets(context.get(), 0) != 1)
        return failOpenSsl("TLS");
    if (::SSL_CTX_use_certificate(context.get(), mine.get()) != 1 ||
        ::SSL_CTX_use_PrivateKey(context.get(), key.get()) != 1 ||
        ::X509_STORE_add_cert(::SSL_CTX_get_cert_store(context.get()), peer.get()) != 1)
        return fail(EINVAL, "migrate", "certificates", openSslWords());
    ::SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    ::SSL_CTX_set_cert_verify_callback(context.get(), isThePeer, nullptr);
    ::SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
    ::SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    ::SSL_CTX_set_read_ahead(context.get(), 1);
    ::SSL_CTX_set_default_read_buffer_len(context.get(), kReadAhead);
    return TlsContext(side, std::move(context));
}

Result<TlsEnd> TlsEnd::create(const TlsContext &context, UniqueFd socket)
{
    const int flags = ::fcntl(socket.get(), F_GETFL);
    if (flags < 0 || ::fcntl(socket.get(), F_SETFL, flags | O_NONBLOCK) < 0)
        return failErrno("fcntl", "socket");
    ConnectionPtr connection(::SSL_new(context.m_context.get()), ::SSL_free);
    BIO *const bio = ::BIO_new(socketMethod());
    if (!connection || bio == nullptr) {
        ::BIO_free(bio);
        return fail(ENOMEM, "migrate", "TLS", openSslWords());
    }
    ::BIO_set_fd(bio, socket.get(), BIO_NOCLOSE);
    ::SSL_set_bio(connection.get(), bio, bio);
    if (context.m_side == TlsContext::Side::Server)
        ::SSL_set_accept_state(connection.get());
    else
        ::SSL_set_connect_state(connection.get());
    return TlsEnd(std::move(socket), std::move(connection));
}

Result<TlsEnd::State> TlsEnd::outcome(int returned)
{
    const int err = errno;
    if (returned > 0)
        return State::Done;
    switch (::SSL_get_error(m_connection.get(), returned)) {
    case SSL_ERROR_WANT_READ:
        return State::WantsRead;
    case SSL_ERROR_WANT_WRITE:
        return State::WantsWrite;
    case SSL_ERROR_ZERO_RETURN:
        return fail(ECONNRESET, "migrate", "the other host", "it has ended the connection");
    case SSL_ERROR_SYSCALL:
        ::ERR_clear_error();
        return fail(ECONNRESET, "migrate", "the other host",
                    err == 0 ? std::string("the connection broke") : std::generic_category().message(err));
    default:
        break;
    }
    const long verdict = ::SSL_get_verify_result(m_connection.get());
    std::string words = openSslWords();
    if (verdict != X509_V_OK)
        words = strCat(::X509_verify_cert_error_string(verdict), " (", words, ")");
    return fail(ECONNRESET, "migrate", "the other host", words);
}

Result<TlsEnd::State> TlsEnd::handshake()
{
    ::ERR_clear_error();
    errno = 0;
    return outcome(::SSL_do_handshake(m_connection.get()));
}

Result<TlsEnd::State> TlsEnd::write(std::span<const std::byte> bytes, std::size_t &done)
{
    done = 0;
    ::ERR_clear_error();
    errno = 0;
    return outcome(::SSL_write_ex(m_connection.get(), bytes.data(), bytes.size(), &done));
}

Result<TlsEnd::State> TlsEnd::read(std::span<std::byte> into, std::size_t &done)
{
    done = 0;
    ::ERR_clear_error();
    errno = 0;
    return outcome(::SSL_read_ex(m_connection.get(), into.data(), into.size(), &done));
}

short TlsEnd::events(State state)
{
    return state == State::WantsWrite ? POLLOUT : POLLIN;
}

} // namespace gantry::migration
