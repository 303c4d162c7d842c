// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runtime/incus_source.h"

#include "engine/base/fd.h"
#include "engine/base/parse.h"
#include "engine/base/strings.h"
#include "engine/runtime/files.h"
#include "engine/runtime/http.h"
#include "engine/runtime/tool.h"
#include "engine/runtime/websocket.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <iterator>
#include <map>
#include <optional>
#include <set>

#include <sys/stat.h>

namespace gantry::runtime {

namespace {

using namespace std::chrono_literals;

constexpr auto kLookBudget = 400ms; ///< for asking about single instances in one list()
constexpr auto kOpenEvents = 3s;
constexpr auto kWithoutEvents = 5s; ///< how often to look where there is no stream of events
constexpr auto kSettling = 1s;      ///< until a state that is on its way is looked at again
constexpr auto kFirstAddress = 2s;  ///< nothing tells of an address; looked for so long after the start, then rarer
constexpr int kAddressLooks = 6;    ///< the last one two minutes after the start

class IncusSource final : public Source
{
public:
    IncusSource(IncusKind kind, std::string folder, IncusRuns runs, ProcessLook look)
        : m_kind(kind)
        , m_folder(std::move(folder))
        , m_socket(m_folder + "/unix.socket")
        , m_runs(std::move(runs))
        , m_look(std::move(look))
        , m_http(m_socket)
    {}

    [[nodiscard]] std::string_view runtime() const override { return m_kind == IncusKind::Incus ? "incus" : "lxd"; }
    [[nodiscard]] std::string endpoint() const override { return m_socket; }
    [[nodiscard]] Rank rank() const override { return Rank::Api; }
    [[nodiscard]] Result<std::string> version(const Patience &patience) const override;
    [[nodiscard]] Result<Listing> list(const Patience &patience) override;
    [[nodiscard]] Result<> waitForChange(const Patience &patience) override;
    [[nodiscard]] bool sets(const Facts &, LimitKey key) const override { return hasIncusKey(key); }
    [[nodiscard]] std::vector<std::pair<LimitKey, std::string>> changesToo(const Facts &, LimitKey key) const override
    {
        if (key == LimitKey::MemoryMax)
            return {{LimitKey::MemorySwapMax, "0, or to limits.memory.swap,"}};
        return {};
    }
    [[nodiscard]] Result<> update(const Facts &container, std::span<const std::pair<LimitKey, LimitValue>> limits,
                                  const Patience &patience) const override;
    [[nodiscard]] Result<> act(const Facts &container, Verb verb, const Patience &patience) const override;
    [[nodiscard]] Result<LogTail> tailLog(const Facts &container, std::size_t lines,
                                          const Patience &patience) const override;
    [[nodiscard]] std::string command(const Facts &container, Verb verb) const override;
    [[nodiscard]] std::string updateCommand(const Facts &container,
                                            std::span<const std::pair<LimitKey, LimitValue>> limits) const override;

private:
    /// What the state of an instance told last.
    struct Known
    {
        std::string stamp;
        IncusState state;
        int looks = 0; ///< for its address
        Clock::time_point nextLook;
    };
    void openEvents(const Patience &patience);
    [[nodiscard]] Result<> askState(const IncusRow &row, const Patience &patience);
    [[nodiscard]] bool mustAsk(const IncusRow &row) const;
    void applyState(IncusRow &row, const IncusState &state) const;
    void lookAgainAt(Clock::time_point when) { m_nextLook = std::min(m_nextLook, when); }

    /// The reply if it is a success. @errors by its status, with the daemon's words.
    [[nodiscard]] Result<HttpReply> checked(Result<HttpReply> reply, std::string_view op,
                                            std::string_view subject) const;
    /// The instance as it is now, if it is still the one that is meant: requests know only its name.
    [[nodiscard]] Result<Json> same(HttpClient &http, const Facts &container, std::string_view op,
                                    const Patience &patience) const;
    /// Sends a request and waits for the operation that it may begin. That it is so already is no error.
    [[nodiscard]] Result<> done(HttpClient &http, std::string_view method, const std::string &path, const Json &body,
                                const Facts &container, Verb verb, const Patience &patience) const;
    /// Of the daemon's own tool.
    [[nodiscard]] std::string typed(std::vector<std::string> verb, const Facts &container,
                                    std::vector<std::string> after = {}) const;

    const IncusKind m_kind;
    const std::string m_folder;
    const std::string m_socket;
    const IncusRuns m_runs;
    const ProcessLook m_look;
    HttpClient m_http; ///< of list()
    std::unique_ptr<WebSocket> m_events;
    std::map<std::string, Known> m_known; ///< by full name
    std::set<std::string> m_stale;        ///< full names an event told of
    Clock::time_point m_nextLook = Clock::time_point::max();
};

Result<HttpReply> IncusSource::checked(Result<HttpReply> reply, std::string_view op, std::string_view subject) const
{
    if (!reply || (reply->status >= 200 && reply->status < 300))
        return reply;
    const std::string words = incusMessage(reply->body);
    const std::string detail = strCat(runtime(), " says: ", words.empty() ? strCat("HTTP ", reply->status) : words);
    const int err = errnoOfIncus(reply->status, words);
    return fail(err, op, subject, detail, err == ESTALE ? "look at the tree again" : "");
}

Result<std::string> IncusSource::version(const Patience &patience) const
{
    HttpClient http(m_socket);
    const HttpReply reply = GANTRY_TRY(checked(http.get("/1.0", patience), "version", m_socket));
    const IncusReply answer = GANTRY_TRY(parseIncusReply(reply.body));
    return printable(textAt(answer.metadata, {"environment", "server_version"}));
}

/// Before the list is read, so that no change falls between. Without events the list is read again and again.
void IncusSource::openEvents(const Patience &patience)
{
    if (m_events)
        return;
    const auto now = Clock::now();
    const Patience some{now + std::min<Clock::duration>(kOpenEvents, (patience.deadline - now) / 2), patience.stop};
    auto events = WebSocket::open(m_socket, "/1.0/events?type=lifecycle&all-projects=true", some);
    if (events)
        m_events = *std::move(events);
}

bool IncusSource::mustAsk(const IncusRow &row) const
{
    const auto known = m_known.find(row.facts.name);
    if (known == m_known.end() || known->second.stamp != row.stamp || m_stale.contains(row.facts.name))
        return true;
    const Known &now = known->second;
    return now.state.pid == 0 || (row.hasNetwork && now.state.addresses.empty() && now.looks < kAddressLooks &&
                                  Clock::now() >= now.nextLook);
}

Result<> IncusSource::askState(const IncusRow &row, const Patience &patience)
{
    const HttpReply reply =
        GANTRY_TRY(checked(m_http.get(row.name.path("/state"), patience), "state", row.facts.name));
    IncusState state = GANTRY_TRY(parseIncusState(reply.body));
    m_stale.erase(row.facts.name);
    Known &known = m_known[row.facts.name];
    const bool sameStart = known.stamp == row.stamp && known.state.pid == state.pid;
    known.looks = sameStart ? known.looks + 1 : 0;
    known.nextLook = Clock::now() + kFirstAddress * (1 << std::min(known.looks, kAddressLooks));
    known.stamp = row.stamp;
    known.state = std::move(state);
    return {};
}

/// Its state is the daemon's word: what somebody froze by the kernel's file runs for it.
void IncusSource::applyState(IncusRow &row, const IncusState &state) const
{
    Facts &facts = row.facts;
    facts.addresses = state.addresses;
    if (state.startedMicros != 0)
        facts.startedMicros = state.startedMicros;
    const auto process = confirm(
        m_look, {.pid = state.pid, .writtenMicros = state.startedMicros, .id = facts.name, .owner = std::nullopt});
    if (!process)
        return;
    const State told = facts.state;
    applyProcess(facts, state.pid, *process, true);
    facts.state = told;
    const std::string root =
        strCat(m_folder, "/storage-pools/", row.rootPool, "/containers/", facts.name, "/rootfs");
    if (isPlainName(row.rootPool) && isPlainName(facts.name) && isFolder(root))
        facts.rootFolder = root;
}

Result<Listing> IncusSource::list(const Patience &patience)
{
    if (!m_runs())
        return fail(ECONNREFUSED, "list", m_socket, "the daemon does not run");
    openEvents(patience);
    const HttpReply reply = GANTRY_TRY(
        checked(m_http.get("/1.0/instances?recursion=1&all-projects=true", patience), "list", m_socket));
    std::vector<IncusRow> rows = GANTRY_TRY(parseIncusList(m_kind, reply.body));
    Listing out;
    m_nextLook = Clock::time_point::max();
    const auto until = Clock::now() + kLookBudget;
    std::set<std::string> seen;
    for (IncusRow &row : rows) {
        const std::string &name = row.facts.name;
        seen.insert(name);
        row.facts.source = strCat(runtime(), " API at ", m_socket);
        // Its group is there a moment before the daemon tells that it runs, and may be there a moment after: one
        // container all the same. Unless it is that of LXC's own container of the name.
        if (!isFolder(strCat("/var/lib/lxc/", name)))
            row.facts.cgroupPath = strCat("/lxc.payload.", name);
        if (!row.settled)
            lookAgainAt(Clock::now() + kSettling);
        if (row.facts.state != State::Exited) {
            if (const bool ask = mustAsk(row); ask && Clock::now() < until) {
                const auto asked = askState(row, patience);
                if (!asked && asked.error().posix() == ESTALE)
                    continue; // gone meanwhile
                if (!asked && (asked.error().posix() == ETIMEDOUT || asked.error().posix() == ECANCELED))
                    return std::unexpected(asked.error());
                if (!asked)
                    row.facts.problem = asked.error().message();
            } else if (ask) {
                out.complete = false;
            }
            if (const auto known = m_known.find(name); known != m_known.end() && known->second.stamp == row.stamp) {
                applyState(row, known->second.state);
                if (row.hasNetwork && known->second.state.addresses.empty() && known->second.looks < kAddressLooks)
                    lookAgainAt(known->second.nextLook);
            }
        }
        out.containers.push_back(std::move(row.facts));
    }
    std::erase_if(m_known, [&seen](const auto &item) { return !seen.contains(item.first); });
    std::erase_if(m_stale, [&seen](const std::string &name) { return !seen.contains(name); });
    return out;
}

Result<> IncusSource::waitForChange(const Patience &patience)
{
    const Patience some{std::min(patience.deadline, m_nextLook), patience.stop};
    if (!m_events) {
        pauseFor(kWithoutEvents, some);
        return {};
    }
    const auto matters = [this](std::string_view message) {
        IncusEvent event = parseIncusEvent(message);
        if (event.matters && !event.name.empty())
            m_stale.insert(std::move(event.name));
        return event.matters;
    };
    bool lost = false;
    auto waited = waitForEvents([this](const Patience &next) { return m_events->next(next); }, matters, some, lost);
    if (lost)
        m_events.reset();
    return waited;
}

Result<Json> IncusSource::same(HttpClient &http, const Facts &container, std::string_view op,
                               const Patience &patience) const
{
    const std::string path = IncusName::ofFull(container.name).path();
    const HttpReply reply = GANTRY_TRY(checked(http.get(path, patience), op, container.name));
    IncusReply answer = GANTRY_TRY(parseIncusReply(reply.body));
    const std::string id = textAt(answer.metadata, {"expanded_config", "volatile.uuid"});
    if (!id.empty() && id != container.id)
        return fail(ESTALE, op, container.name, "another one has that name now", "look at the tree again");
    return std::move(answer.metadata);
}

Result<> IncusSource::done(HttpClient &http, std::string_view method, const std::string &path, const Json &body,
                           const Facts &container, Verb verb, const Patience &patience) const
{
    const std::string_view op = verbName(verb);
    const auto soAlready = [](const Error &error) { return isSoInIncus(error.detail); };
    auto reply = checked(http.request(method, path, body.is_null() ? std::string() : body.dump(), patience), op,
                         container.name);
    if (!reply)
        return soAlready(reply.error()) ? Result<>() : std::unexpected(std::move(reply).error());
    const IncusReply answer = GANTRY_TRY(parseIncusReply(reply->body));
    if (!answer.operation.starts_with("/1.0/operations/"))
        return {};
    const std::string operation = answer.operation.substr(0, answer.operation.find('?'));
    reply = checked(http.get(strCat(operation, "/wait"), patience), op, container.name);
    if (!reply)
        return soAlready(reply.error()) ? Result<>() : std::unexpected(std::move(reply).error());
    // LXD tells a failure in the operation itself.
    const IncusReply ended = GANTRY_TRY(parseIncusReply(reply->body));
    const std::string words = printable(textAt(ended.metadata, {"err"}));
    if (words.empty() || isSoInIncus(words))
        return {};
    return fail(errnoOfIncus(numberAt(ended.metadata, {"status_code"}), words), op, container.name,
                strCat(runtime(), " says: ", words));
}

Result<> IncusSource::update(const Facts &container, std::span<const std::pair<LimitKey, LimitValue>> limits,
                             const Patience &patience) const
{
    HttpClient http(m_socket);
    const Json now = GANTRY_TRY(same(http, container, verbName(Verb::Update), patience));
    Json body = Json::object();
    body["config"] = GANTRY_TRY(incusConfig(limits, at(now, {"expanded_config"})));
    return done(http, "PATCH", IncusName::ofFull(container.name).path(), body, container, Verb::Update, patience);
}

/// "action" of PUT /1.0/instances/NAME/state.
std::string_view actionOf(Verb verb)
{
    switch (verb) {
    case Verb::Pause:
        return "freeze";
    case Verb::Unpause:
        return "unfreeze";
    case Verb::Start:
        return "start";
    case Verb::Stop:
    case Verb::Kill:
        return "stop";
    case Verb::Restart:
        return "restart";
    default:
        return {};
    }
}

Result<> IncusSource::act(const Facts &container, Verb verb, const Patience &patience) const
{
    const std::string_view action = actionOf(verb);
    if (action.empty() && verb != Verb::Remove)
        return Source::act(container, verb, patience);
    HttpClient http(m_socket);
    GANTRY_CHECK(same(http, container, verbName(verb), patience));
    const IncusName name = IncusName::ofFull(container.name);
    if (verb == Verb::Remove)
        return done(http, "DELETE", name.path(), {}, container, verb, patience);
    // It gives up a little before we do, and says why. (Incus 6.0 calls itself busy with it all the same, and takes no
    // limits, until the next stop has worked.)
    const auto rest = std::chrono::floor<std::chrono::seconds>(patience.deadline - Clock::now());
    Json body{{"action", action}, {"timeout", std::max<std::int64_t>(1, rest.count() - 1)}};
    body["force"] = verb == Verb::Kill;
    return done(http, "PUT", name.path("/state"), body, container, verb, patience);
}

Result<LogTail> IncusSource::tailLog(const Facts &container, std::size_t lines, const Patience &patience) const
{
    const std::string_view op = verbName(Verb::Log);
    HttpClient http(m_socket);
    GANTRY_CHECK(same(http, container, op, patience));
    const IncusName name = IncusName::ofFull(container.name);
    const auto console = http.get(name.path("/console"), patience);
    if (!console)
        return std::unexpected(console.error());
    if (console->status == 200 && !trim(console->body).empty())
        return LogTail{incusLogLines(console->body, lines), command(container, Verb::Log)};
    // Without a console's log (it wrote none, or it was not kept) LXC's own tells at least why it did not start.
    auto reply = http.get(name.path("/logs/lxc.log"), patience);
    if (reply && reply->status == 404)
        return fail(ENOENT, op, container.name, "it has no log");
    const HttpReply log = GANTRY_TRY(checked(std::move(reply), op, container.name));
    return LogTail{incusLogLines(log.body, lines), typed({"info"}, container, {"--show-log"})};
}

std::string IncusSource::typed(std::vector<std::string> verb, const Facts &container,
                               std::vector<std::string> after) const
{
    const IncusName name = IncusName::ofFull(container.name);
    std::vector<std::string> words{m_kind == IncusKind::Incus ? "incus" : "lxc"};
    std::ranges::move(verb, std::back_inserter(words));
    words.push_back(name.instance);
    std::ranges::move(after, std::back_inserter(words));
    if (name.project != "default")
        words.insert(words.end(), {"--project", name.project});
    return typedCommand(words);
}

std::string IncusSource::command(const Facts &container, Verb verb) const
{
    switch (verb) {
    case Verb::Unpause:
        return typed({m_kind == IncusKind::Incus ? "resume" : "start"}, container);
    case Verb::Kill:
        return typed({"stop"}, container, {"--force"});
    case Verb::Remove:
        return typed({"delete"}, container);
    case Verb::Log:
        return typed({"console"}, container, {"--show-log"});
    default:
        return typed({std::string(verbName(verb))}, container);
    }
}

std::string IncusSource::updateCommand(const Facts &container,
                                       std::span<const std::pair<LimitKey, LimitValue>> limits) const
{
    const auto config = incusConfig(limits, {});
    if (!config)
        return {};
    std::vector<std::string> settings;
    for (const auto &[key, value] : *config)
        settings.push_back(strCat(key, "=", value));
    return typed({"config", "set"}, container, std::move(settings));
}

/// One way of being installed.
struct Place
{
    IncusKind kind;
    std::string_view folder;
    std::string_view own; ///< the socket that the daemon opens itself
};
constexpr std::array<Place, 3> kPlaces{{{IncusKind::Incus, "/var/lib/incus", "/guestapi/sock"},
                                        {IncusKind::Lxd, "/var/snap/lxd/common/lxd", "/devlxd/sock"},
                                        {IncusKind::Lxd, "/var/lib/lxd", "/devlxd/sock"}}};

} // namespace

bool listensAt(std::string_view table, std::string_view path)
{
    constexpr std::string_view kListens = "00010000";
    // Num: RefCount Protocol Flags Type St Inode Path
    while (const auto line = takeLine(table)) {
        if (!line->ends_with(path))
            continue;
        std::string_view rest = *line;
        std::string_view flags;
        for (int column = 0; column <= 3; ++column)
            flags = takeToken(rest);
        for (int column = 4; column <= 6; ++column)
            (void)takeToken(rest);
        if (flags == kListens && trim(rest) == path)
            return true;
    }
    return false;
}

std::unique_ptr<Source> makeIncusSource(IncusKind kind, std::string folder, IncusRuns runs, ProcessLook look)
{
    return std::make_unique<IncusSource>(kind, std::move(folder), std::move(runs), std::move(look));
}

std::vector<Candidate> findIncus(const HostTree &host)
{
    std::vector<Candidate> out;
    for (const Place &place : kPlaces) {
        const std::string folder = strCat(host.root(), place.folder);
        struct stat facts{};
        if (::lstat((folder + "/unix.socket").c_str(), &facts) != 0 || !S_ISSOCK(facts.st_mode))
            continue;
        IncusRuns runs = [table = host.root() + "/proc/net/unix", own = strCat(place.folder, place.own)] {
            return listensAt(readFile(table).value_or(std::string()), own);
        };
        if (runs())
            out.push_back({strCat("incus ", folder),
                           [kind = place.kind, folder, runs] { return makeIncusSource(kind, folder, runs); }});
    }
    return out;
}

} // namespace gantry::runtime
