// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runtime/api_source.h"

#include "engine/base/strings.h"
#include "engine/runtime/files.h"
#include "engine/runtime/http.h"
#include "engine/runtime/tool.h"

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <map>
#include <set>

#include <sys/stat.h>
#include <unistd.h>

namespace gantry::runtime {

namespace {

using namespace std::chrono_literals;

constexpr auto kLookBudget = 400ms; ///< for asking about single containers in one list()
constexpr auto kOpenEvents = 3s;
constexpr auto kWithoutEvents = 5s; ///< how often to look where there is no stream of events

class ApiSource final : public Source
{
public:
    ApiSource(Dialect dialect, std::string socket, std::optional<std::uint32_t> userUid)
        : m_dialect(dialect), m_socket(std::move(socket)), m_userUid(userUid), m_http(m_socket)
    {}

    [[nodiscard]] std::string_view runtime() const override
    {
        return m_dialect == Dialect::Podman ? "podman" : "docker";
    }
    [[nodiscard]] std::string endpoint() const override { return m_socket; }
    [[nodiscard]] std::optional<std::uint32_t> userUid() const override { return m_userUid; }
    [[nodiscard]] Rank rank() const override { return Rank::Api; }
    [[nodiscard]] Result<std::string> version(const Patience &patience) const override;
    [[nodiscard]] Result<Listing> list(const Patience &patience) override;
    [[nodiscard]] Result<> waitForChange(const Patience &patience) override;
    [[nodiscard]] bool sets(const Facts &, LimitKey key) const override { return hasLimitOption(key); }
    [[nodiscard]] Result<> update(const Facts &container, std::span<const std::pair<LimitKey, LimitValue>> limits,
                                  const Patience &patience) const override;
    [[nodiscard]] Result<> act(const Facts &container, Verb verb, const Patience &patience) const override;
    [[nodiscard]] Result<LogTail> tailLog(const Facts &container, std::size_t lines,
                                          const Patience &patience) const override;
    [[nodiscard]] std::string command(const Facts &container, Verb verb) const override;
    [[nodiscard]] std::string updateCommand(const Facts &container,
                                            std::span<const std::pair<LimitKey, LimitValue>> limits) const override;

private:
    struct Known
    {
        std::string stamp;
        Facts facts;
    };
    [[nodiscard]] std::string_view prefix() const
    {
        return m_dialect == Dialect::Podman ? "/v4.0.0/libpod" : "";
    }
    /// Of the runtime's own tool, as root would type them.
    [[nodiscard]] std::string typed(std::vector<std::string> verb, const std::string &container) const;
    [[nodiscard]] std::string of(const Facts &container, std::string_view what) const
    {
        return strCat(prefix(), "/containers/", container.id, what);
    }
    /// The reply if it is a success. @errors by its status, with the runtime's words.
    [[nodiscard]] Result<HttpReply> checked(Result<HttpReply> reply, std::string_view op,
                                            std::string_view subject) const;
    void openEvents(const Patience &patience);
    [[nodiscard]] Result<> describe(ApiRow &row, const Patience &patience);

    const Dialect m_dialect;
    const std::string m_socket;
    const std::optional<std::uint32_t> m_userUid;
    HttpClient m_http; ///< of list()
    std::unique_ptr<HttpLines> m_events;
    std::map<std::string, Known> m_known; ///< by id: what inspect told
    std::set<std::string> m_stale;        ///< ids an event told of
};

Result<HttpReply> ApiSource::checked(Result<HttpReply> reply, std::string_view op, std::string_view subject) const
{
    if (!reply)
        return reply;
    // 304: it is so already.
    if ((reply->status >= 200 && reply->status < 300) || reply->status == 304)
        return reply;
    const std::string words = apiMessage(reply->body);
    const std::string detail = strCat(runtime(), " says: ", words.empty() ? strCat("HTTP ", reply->status) : words);
    switch (reply->status) {
    case 400:
        return fail(EINVAL, op, subject, detail);
    case 403:
        return fail(EACCES, op, subject, detail);
    case 404:
        return fail(ESTALE, op, subject, detail, "look at the tree again");
    case 409:
        return fail(EBUSY, op, subject, detail);
    case 501:
        return fail(ENOTSUP, op, subject, detail);
    default:
        return fail(EIO, op, subject, detail);
    }
}

Result<std::string> ApiSource::version(const Patience &patience) const
{
    HttpClient http(m_socket);
    const HttpReply reply = GANTRY_TRY(checked(http.get(strCat(prefix(), "/version"), patience), "version", m_socket));
    const Json json = GANTRY_TRY(parseJson("version", reply.body));
    return printable(textAt(json, {"Version"}));
}

/// Before the list is read, so that no change falls between. Without events the list is read again and again.
void ApiSource::openEvents(const Patience &patience)
{
    if (m_events)
        return;
    const Patience some{std::min(patience.deadline, Clock::now() + kOpenEvents), patience.stop};
    auto events = HttpLines::open(m_socket, strCat(prefix(), "/events?stream=true"), some);
    if (events)
        m_events = *std::move(events);
}

Result<> ApiSource::describe(ApiRow &row, const Patience &patience)
{
    auto reply = m_http.get(of(row.facts, "/json?size=false"), patience);
    const HttpReply inspect = GANTRY_TRY(checked(std::move(reply), "inspect", row.facts.id));
    Facts facts = GANTRY_TRY(parseApiInspect(m_dialect, inspect.body));
    facts.podName = row.facts.podName;
    // libpod's Path and Args repeat themselves before the first start.
    if (m_dialect == Dialect::Podman && !row.facts.command.empty())
        facts.command = row.facts.command;
    m_stale.erase(row.facts.id);
    m_known[row.facts.id] = {row.stamp, std::move(facts)};
    return {};
}

Result<Listing> ApiSource::list(const Patience &patience)
{
    openEvents(patience);
    const HttpReply reply =
        GANTRY_TRY(checked(m_http.get(strCat(prefix(), "/containers/json?all=true"), patience), "list", m_socket));
    std::vector<ApiRow> rows = GANTRY_TRY(parseApiList(m_dialect, reply.body));
    Listing out;
    const auto until = Clock::now() + kLookBudget;
    std::set<std::string> seen;
    for (ApiRow &row : rows) {
        seen.insert(row.facts.id);
        const auto known = m_known.find(row.facts.id);
        const bool fresh =
            known != m_known.end() && known->second.stamp == row.stamp && !m_stale.contains(row.facts.id);
        if (!fresh && Clock::now() < until) {
            if (const auto described = describe(row, patience); !described) {
                // Gone meanwhile: the next list is without it.
                if (described.error().posix() == ESTALE)
                    continue;
                if (described.error().posix() == ETIMEDOUT || described.error().posix() == ECANCELED)
                    return std::unexpected(described.error());
                row.facts.problem = described.error().message();
            }
        } else if (!fresh) {
            out.complete = false;
        }
        const auto now = m_known.find(row.facts.id);
        Facts facts = now != m_known.end() ? now->second.facts : row.facts;
        facts.state = row.facts.state;
        facts.problem = row.facts.problem;
        facts.userUid = m_userUid;
        facts.source = strCat(runtime(), " API at ", m_socket);
        out.containers.push_back(std::move(facts));
    }
    std::erase_if(m_known, [&seen](const auto &item) { return !seen.contains(item.first); });
    std::erase_if(m_stale, [&seen](const std::string &id) { return !seen.contains(id); });
    return out;
}

Result<> ApiSource::waitForChange(const Patience &patience)
{
    if (!m_events) {
        pauseFor(kWithoutEvents, patience);
        return {};
    }
    const auto matters = [this](std::string_view line) {
        ApiEvent event = parseApiEvent(line);
        if (event.matters && !event.container.empty())
            m_stale.insert(std::move(event.container));
        return event.matters;
    };
    bool lost = false;
    auto waited = waitForEvents([this](const Patience &some) { return m_events->next(some); }, matters, patience, lost);
    if (lost)
        m_events.reset();
    return waited;
}

Result<> ApiSource::update(const Facts &container, std::span<const std::pair<LimitKey, LimitValue>> limits,
                           const Patience &patience) const
{
    HttpClient http(m_socket);
    bool withSwap = false;
    const bool memory = std::ranges::any_of(limits, [](const auto &each) { return each.first == LimitKey::MemoryMax; });
    if (m_dialect == Dialect::Docker && memory) {
        const HttpReply inspect =
            GANTRY_TRY(checked(http.get(of(container, "/json"), patience), "update", container.name));
        const Json json = GANTRY_TRY(parseJson("container", inspect.body));
        withSwap = numberAt(json, {"HostConfig", "MemorySwap"}) == 0;
    }
    const std::string body = GANTRY_TRY(updateBody(m_dialect, limits, withSwap));
    auto reply = checked(http.request("POST", of(container, "/update"), body, patience), "update", container.name);
    return reply ? Result<>() : std::unexpected(std::move(reply).error());
}

Result<> ApiSource::act(const Facts &container, Verb verb, const Patience &patience) const
{
    std::string path = of(container, strCat("/", verbName(verb)));
    if (verb == Verb::Kill)
        path += "?signal=SIGKILL";
    if (verb == Verb::Remove)
        path = of(container, "");
    HttpClient http(m_socket);
    auto reply = checked(http.request(verb == Verb::Remove ? "DELETE" : "POST", path, {}, patience), verbName(verb),
                         container.name);
    return reply ? Result<>() : std::unexpected(std::move(reply).error());
}

Result<LogTail> ApiSource::tailLog(const Facts &container, std::size_t lines, const Patience &patience) const
{
    HttpClient http(m_socket);
    const HttpReply inspect = GANTRY_TRY(checked(http.get(of(container, "/json"), patience), "log", container.name));
    const Json json = GANTRY_TRY(parseJson("container", inspect.body));
    const HttpReply reply = GANTRY_TRY(
        checked(http.get(of(container, strCat("/logs?stdout=true&stderr=true&timestamps=true&follow=false&tail=",
                                              std::min(lines, kMostLogLines))),
                         patience),
                "log", container.name));
    LogTail out{parseApiLog(reply.body, !flagAt(json, {"Config", "Tty"})), typed({"logs"}, container.name)};
    // podman counts each stream by itself.
    if (out.lines.size() > lines)
        out.lines.erase(out.lines.begin(), out.lines.end() - static_cast<std::ptrdiff_t>(lines));
    return out;
}

std::string ApiSource::typed(std::vector<std::string> verb, const std::string &container) const
{
    std::vector<std::string> words{std::string(runtime())};
    if (m_userUid)
        words = {"sudo", "-u", strCat("#", *m_userUid), std::string(runtime())};
    std::ranges::move(verb, std::back_inserter(words));
    words.push_back(container);
    return typedCommand(words);
}

std::string ApiSource::command(const Facts &container, Verb verb) const
{
    const std::string_view word = verb == Verb::Log ? "logs" : verb == Verb::Remove ? "rm" : verbName(verb);
    return typed({std::string(word)}, container.name);
}

std::string ApiSource::updateCommand(const Facts &container,
                                     std::span<const std::pair<LimitKey, LimitValue>> limits) const
{
    auto options = limitOptions(limits);
    if (!options)
        return {};
    options->insert(options->begin(), "update");
    return typed(*std::move(options), container.name);
}

bool isSocketOf(const std::string &path, std::optional<std::uint32_t> uid)
{
    struct stat facts{};
    return ::lstat(path.c_str(), &facts) == 0 && S_ISSOCK(facts.st_mode) && (!uid || facts.st_uid == *uid);
}

} // namespace

std::unique_ptr<Source> makeApiSource(Dialect dialect, std::string socket, std::optional<std::uint32_t> userUid)
{
    return std::make_unique<ApiSource>(dialect, std::move(socket), userUid);
}

std::vector<Candidate> findApiSockets(const HostTree &host)
{
    std::vector<Candidate> out;
    const auto add = [&out](Dialect dialect, const std::string &socket, std::optional<std::uint32_t> uid) {
        // Connecting starts a Docker that is not meant to run now; podman's service is made to be started so.
        const std::string pidFile = socket.substr(0, socket.rfind('.')) + ".pid";
        if (dialect == Dialect::Docker && ::access(pidFile.c_str(), F_OK) != 0)
            return;
        if (isSocketOf(socket, uid))
            out.push_back({strCat("api ", socket), [=] { return makeApiSource(dialect, socket, uid); }});
    };
    add(Dialect::Podman, host.root() + "/run/podman/podman.sock", std::nullopt);
    add(Dialect::Docker, host.root() + "/run/docker.sock", std::nullopt);
    for (const RunningUser &user : host.users()) {
        add(Dialect::Podman, user.runFolder + "/podman/podman.sock", user.uid);
        add(Dialect::Docker, user.runFolder + "/docker.sock", user.uid);
    }
    return out;
}

} // namespace gantry::runtime
