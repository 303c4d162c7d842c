// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runtime/http.h"

#include "engine/base/strings.h"

#include <algorithm>
#include <cerrno>
#include <mutex>
#include <utility>

#include <curl/curl.h>

namespace gantry::runtime {

namespace {

constexpr std::chrono::milliseconds kLongestPoll{60'000};

/// One request on one connection at a time. Everything goes through curl's multi interface: only that can be woken.
class Transfer
{
public:
    Transfer(std::string socket, std::size_t most) : m_socket(std::move(socket)), m_most(most)
    {
        static std::once_flag once;
        std::call_once(once, [] { curl_global_init(CURL_GLOBAL_NOTHING); });
        m_multi = curl_multi_init();
        m_easy = curl_easy_init();
        GANTRY_ASSERT(m_multi != nullptr && m_easy != nullptr);
    }
    Transfer(const Transfer &) = delete;
    Transfer &operator=(const Transfer &) = delete;
    Transfer(Transfer &&) = delete;
    Transfer &operator=(Transfer &&) = delete;
    ~Transfer()
    {
        stop();
        curl_easy_cleanup(m_easy);
        curl_multi_cleanup(m_multi);
    }

    void start(std::string_view method, std::string_view path, std::string_view json);
    void stop();
    /// Until something came or the request ended. @errors ETIMEDOUT, ECANCELED, and how the request failed.
    [[nodiscard]] Result<> step(const Patience &patience);

    [[nodiscard]] bool ended() const { return m_ended; }
    [[nodiscard]] std::string &body() { return m_body; }
    [[nodiscard]] long status() const
    {
        long out = 0;
        curl_easy_getinfo(m_easy, CURLINFO_RESPONSE_CODE, &out);
        return out;
    }
    [[nodiscard]] bool headIsThere() const { return m_headEnded; }
    [[nodiscard]] std::unexpected<Error> error(int err, std::string_view detail) const
    {
        return fail(err, m_what, m_socket, detail);
    }

private:
    static std::size_t onBody(const char *data, std::size_t size, std::size_t count, void *self);
    static std::size_t onHead(const char *data, std::size_t size, std::size_t count, void *self);
    template <class Value> void set(CURLoption option, Value value) { curl_easy_setopt(m_easy, option, value); }
    [[nodiscard]] Result<> resultOf(CURLcode code) const;

    const std::string m_socket;
    const std::size_t m_most; ///< bytes that may wait in m_body
    CURLM *m_multi = nullptr;
    CURL *m_easy = nullptr;
    curl_slist *m_headers = nullptr;
    std::string m_what; ///< "GET /version", for errors
    std::string m_request;
    std::string m_body;
    bool m_added = false;
    bool m_ended = false;
    bool m_headEnded = false;
    bool m_tooBig = false;
};

std::size_t Transfer::onBody(const char *data, std::size_t size, std::size_t count, void *self)
{
    auto &transfer = *static_cast<Transfer *>(self);
    const std::size_t bytes = size * count;
    if (transfer.m_body.size() + bytes > transfer.m_most) {
        transfer.m_tooBig = true;
        return 0; // curl ends the request
    }
    transfer.m_body.append(data, bytes);
    return bytes;
}

std::size_t Transfer::onHead(const char *data, std::size_t size, std::size_t count, void *self)
{
    const std::string_view line(data, size * count);
    if (line == "\r\n" || line == "\n")
        static_cast<Transfer *>(self)->m_headEnded = true;
    return line.size();
}

void Transfer::start(std::string_view method, std::string_view path, std::string_view json)
{
    stop();
    m_what = strCat(method, " ", path.substr(0, path.find('?')));
    m_request = json;
    m_body.clear();
    m_ended = m_headEnded = m_tooBig = false;
    curl_easy_reset(m_easy);
    set(CURLOPT_UNIX_SOCKET_PATH, m_socket.c_str());
    set(CURLOPT_URL, strCat("http://localhost", path).c_str());
    set(CURLOPT_PROTOCOLS_STR, "http");
    set(CURLOPT_PROXY, "");
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_CUSTOMREQUEST, std::string(method).c_str());
    set(CURLOPT_WRITEFUNCTION, &Transfer::onBody);
    set(CURLOPT_WRITEDATA, this);
    set(CURLOPT_HEADERFUNCTION, &Transfer::onHead);
    set(CURLOPT_HEADERDATA, this);
    if (method == "POST" || !json.empty()) {
        m_headers = curl_slist_append(nullptr, "Content-Type: application/json");
        set(CURLOPT_HTTPHEADER, m_headers);
        set(CURLOPT_POSTFIELDS, m_request.c_str());
        set(CURLOPT_POSTFIELDSIZE, static_cast<long>(m_request.size()));
    }
    curl_multi_add_handle(m_multi, m_easy);
    m_added = true;
}

void Transfer::stop()
{
    if (std::exchange(m_added, false))
        curl_multi_remove_handle(m_multi, m_easy);
    curl_slist_free_all(std::exchange(m_headers, nullptr));
}

Result<> Transfer::step(const Patience &patience)
{
    const std::size_t had = m_body.size();
    const bool hadHead = m_headEnded;
    const std::stop_callback wake(patience.stop, [this] { curl_multi_wakeup(m_multi); });
    while (true) {
        int running = 0;
        if (const CURLMcode code = curl_multi_perform(m_multi, &running); code != CURLM_OK)
            return error(EIO, curl_multi_strerror(code));
        int left = 0;
        while (const CURLMsg *message = curl_multi_info_read(m_multi, &left)) {
            if (message->msg != CURLMSG_DONE)
                continue;
            m_ended = true;
            return resultOf(message->data.result);
        }
        if (m_body.size() != had || m_headEnded != hadHead)
            return {};
        if (patience.stop.stop_requested())
            return error(ECANCELED, "cancelled");
        const auto rest = std::chrono::ceil<std::chrono::milliseconds>(patience.deadline - Clock::now());
        if (rest <= rest.zero())
            return error(ETIMEDOUT, "no answer in time");
        curl_multi_poll(m_multi, nullptr, 0, static_cast<int>(std::min(rest, kLongestPoll).count()), nullptr);
    }
}

Result<> Transfer::resultOf(CURLcode code) const
{
    long os = 0;
    curl_easy_getinfo(m_easy, CURLINFO_OS_ERRNO, &os);
    switch (code) {
    case CURLE_OK:
        return {};
    case CURLE_COULDNT_CONNECT:
        return error(os != 0 ? static_cast<int>(os) : ECONNREFUSED, "cannot connect");
    case CURLE_OPERATION_TIMEDOUT:
        return error(ETIMEDOUT, "no answer in time");
    case CURLE_WRITE_ERROR:
        if (m_tooBig)
            return error(EFBIG, strCat("more than ", m_most, " bytes"));
        break;
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
        return error(ECONNRESET, "the connection ended in the middle");
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_BAD_CONTENT_ENCODING:
        return error(EBADMSG, strCat("not HTTP: ", curl_easy_strerror(code)));
    default:
        break;
    }
    return error(EIO, curl_easy_strerror(code));
}

} // namespace

class HttpClient::Impl : public Transfer
{
public:
    using Transfer::Transfer;
};

std::string urlEscaped(std::string_view text)
{
    if (text.empty())
        return {}; // 0 would stand for the length up to a NUL
    const std::unique_ptr<char, decltype(&curl_free)> escaped(
        curl_easy_escape(nullptr, text.data(), static_cast<int>(text.size())), &curl_free);
    return escaped ? std::string(escaped.get()) : std::string();
}

HttpClient::HttpClient(std::string socket) : m_impl(std::make_unique<Impl>(std::move(socket), kMostBody)) {}

HttpClient::~HttpClient() = default;

Result<HttpReply> HttpClient::request(std::string_view method, std::string_view path, std::string_view json,
                                      const Patience &patience)
{
    m_impl->start(method, path, json);
    while (!m_impl->ended()) {
        if (auto done = m_impl->step(patience); !done) {
            m_impl->stop();
            return std::unexpected(std::move(done).error());
        }
    }
    HttpReply out{m_impl->status(), std::move(m_impl->body())};
    m_impl->stop();
    return out;
}

class HttpLines::Impl : public Transfer
{
public:
    using Transfer::Transfer;
};

HttpLines::HttpLines(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}

HttpLines::~HttpLines() = default;

Result<std::unique_ptr<HttpLines>> HttpLines::open(const std::string &socket, std::string_view path,
                                                   const Patience &patience)
{
    auto impl = std::make_unique<Impl>(socket, kMostLine);
    impl->start("GET", path, {});
    while (!impl->headIsThere() && !impl->ended())
        GANTRY_CHECK(impl->step(patience));
    if (impl->status() != 200) {
        while (!impl->ended())
            GANTRY_CHECK(impl->step(patience));
        return impl->error(EPROTO, strCat("HTTP status ", impl->status(), ": ", impl->body()));
    }
    return std::unique_ptr<HttpLines>(new HttpLines(std::move(impl)));
}

Result<std::string> HttpLines::next(const Patience &patience)
{
    while (true) {
        std::string &body = m_impl->body();
        if (const std::size_t end = body.find('\n'); end != std::string::npos) {
            std::string line = body.substr(0, end);
            body.erase(0, end + 1);
            if (line.ends_with('\r'))
                line.pop_back();
            return line;
        }
        if (m_impl->ended())
            return m_impl->error(ECONNRESET, "the stream has ended");
        GANTRY_CHECK(m_impl->step(patience));
    }
}

} // namespace gantry::runtime
