// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/fd.h"
#include "engine/runtime/source.h"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace gantry::test {

/// Patience of so long from now.
[[nodiscard]] inline runtime::Patience within(std::chrono::milliseconds time, std::stop_token stop = {})
{
    return {runtime::Clock::now() + time, std::move(stop)};
}

/// One request as it came.
struct FakeRequest
{
    std::string method;
    std::string target; ///< path and query
    std::string body;
};

/// An HTTP server on a UNIX socket that answers as it is told, also wrongly: a container runtime's API. Thread: any.
class FakeRuntime
{
public:
    /// The head that accepts a WebSocket, for the head of a request ("HTTP/1.1 101 ...").
    using Upgrade = std::function<std::string(const std::string &head)>;

    /// Listens at once.
    explicit FakeRuntime(std::string path) : m_path(std::move(path)) { open(); }
    FakeRuntime(const FakeRuntime &) = delete;
    FakeRuntime &operator=(const FakeRuntime &) = delete;
    FakeRuntime(FakeRuntime &&) = delete;
    FakeRuntime &operator=(FakeRuntime &&) = delete;
    ~FakeRuntime() { close(); }

    void open();
    /// Ends every connection and refuses new ones.
    void close();
    /// Body of the answer to a path that ends so, before '?'; with a method in front ("PUT /1.0/x") the whole path, to
    /// that method alone. A body that begins with '!' is sent as it stands.
    void answer(const std::string &pathEnd, const std::string &body, int status = 200);
    /// Requests are read and never answered.
    void hang(bool hang) { m_hang = hang; }
    /// A path that ends in "/events" becomes a WebSocket.
    void upgradeEvents(Upgrade upgrade);
    /// A line to everybody who listens for events.
    void tell(const std::string &line) { tellBytes(line + "\n"); }
    void tellBytes(const std::string &data);
    /// Ends the connections of those who listen, no others.
    void endEvents();

    [[nodiscard]] std::size_t listeners() const;
    /// What those who listen have sent since.
    [[nodiscard]] std::string heard() const;
    /// Every request so far, without those that hang.
    [[nodiscard]] std::vector<FakeRequest> requests() const;
    [[nodiscard]] const std::string &path() const { return m_path; }

private:
    void accept(const std::stop_token &stop);
    void serve(int fd);
    void send(int fd, const std::string &head, FakeRequest request);

    const std::string m_path;
    UniqueFd m_listener;
    std::atomic<bool> m_hang = false;
    mutable std::mutex m_mutex;
    std::map<std::string, std::pair<std::string, int>> m_answers; ///< what follows: under m_mutex
    std::vector<FakeRequest> m_requests;
    std::vector<int> m_listeners;
    std::string m_heard;
    Upgrade m_upgrade;
    std::vector<UniqueFd> m_connections;
    std::vector<std::jthread> m_served;
    std::jthread m_thread;
};

} // namespace gantry::test
