// SPDX-License-Identifier: GPL-3.0-or-later
// gantryctl migrate of several containers, and evacuate.
#include "app/cli/migrate_one.h"
#include "app/cli/on_interrupt.h"
#include "app/cli/session.h"
#include "app/cli/table.h"
#include "app/cli/to_json.h"
#include "app/cli/verbs.h"
#include "engine/base/strings.h"
#include "engine/proto/convert.h"
#include "engine/service/migration_client.h"
#include "engine/service/migration_queue.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

namespace gantry::cli {

namespace {

using service::QueuedState;

constexpr std::string_view kPlaceOfName = "{}";

struct Other
{
    std::string host; ///< as typed
    std::unique_ptr<Session> session;
};

/// One container, and where it is to go.
struct Move
{
    std::string container;
    const Other *to = nullptr; ///< null: it stays
    Json document{};           ///< of its check or of its migration
    std::string text{};        ///< why it did not go; empty: it did
    QueuedState state = QueuedState::Waiting;
};

std::string nameThere(const Arguments &arguments, const std::string &container)
{
    std::string out = arguments.asName.value_or(std::string(kPlaceOfName));
    for (std::size_t at = out.find(kPlaceOfName); at != std::string::npos;
         at = out.find(kPlaceOfName, at + container.size()))
        out.replace(at, kPlaceOfName.size(), container);
    return out;
}

/// The command line as if that one alone were meant.
Arguments argumentsOf(const Arguments &arguments, const std::string &container, const std::string &host)
{
    Arguments out = arguments;
    out.operands = {container, host};
    out.asName = nameThere(arguments, container);
    return out;
}

std::expected<std::vector<Other>, Stop> openAll(const Arguments &arguments, std::span<const std::string> hosts)
{
    if (arguments.asName && arguments.asName->find(kPlaceOfName) == std::string::npos)
        return wrongUsage("--as of several containers wants {} where each one's name is to be, such as new-{}");
    if (!arguments.address.empty() && hosts.size() > 1)
        return wrongUsage("--address is of one host; without it all addresses of each are tried");
    std::vector<Other> out;
    for (const std::string &host : hosts) {
        if (std::ranges::find(out, host, &Other::host) != out.end())
            return wrongUsage(strCat("\"", printable(host), "\" is given twice"));
        const link::Destination destination = GANTRY_TRY(link::parseDestination(host));
        out.push_back({host, GANTRY_TRY(Session::open(arguments, destination))});
    }
    return out;
}

/// What one host thinks of it: {"host", "possible", "error", "findings"}; `judged` for who chooses.
Json checkOne(Session &session, const Arguments &arguments, const std::string &container, const Other &other,
              service::Judged &judged)
{
    Json out = {{"host", other.host}, {"possible", false}, {"error", nullptr}, {"findings", Json::array()}};
    v1::Target target;
    target.set_container(container);
    const auto reply = service::judgeMigration({session.migration(), other.session->migration()}, target,
                                               nameThere(arguments, container));
    if (!reply) {
        out["error"] = toJson(toMessage(reply.error()));
        out["why"] = reply.error().message();
        return out;
    }
    const std::vector<std::string> skip = skipsOf(arguments);
    std::string why;
    for (const v1::CheckFinding &one : reply->findings()) {
        out["findings"].push_back(toJson(one));
        if (service::forbids(one, skip))
            why += strCat(why.empty() ? "" : "; ", one.cause(), ": ", one.object(), ": ", one.why());
    }
    judged = {why.empty(), reply->memory_available_bytes(), reply->memory_wanted_bytes()};
    out["possible"] = judged.possible;
    out["why"] = why;
    return out;
}

/// Chooses where each goes; what can go nowhere has why.
std::vector<Move> plan(Session &session, const Arguments &arguments, const std::vector<Other> &others,
                       std::span<const std::string> containers)
{
    std::vector<std::vector<service::Judged>> judged;
    std::vector<Json> checks;
    for (const std::string &container : containers) {
        std::vector<service::Judged> &row = judged.emplace_back(others.size());
        Json &all = checks.emplace_back(Json::array());
        for (std::size_t i = 0; i < others.size(); ++i)
            all.push_back(checkOne(session, arguments, container, others[i], row[i]));
    }
    const auto places = service::placeContainers(judged);
    std::vector<Move> out;
    for (std::size_t i = 0; i < containers.size(); ++i) {
        Move &move = out.emplace_back(Move{.container = containers[i]});
        const Json &chosen = checks[i][places[i].value_or(0)];
        move.document = {{"target", move.container},          {"host", places[i] ? chosen["host"] : Json()},
                         {"possible", places[i].has_value()}, {"why", nullptr},
                         {"error", chosen["error"]},          {"findings", chosen["findings"]}};
        if (places[i]) {
            move.to = &others[*places[i]];
            continue;
        }
        for (const Json &check : checks[i]) {
            const auto why = check["why"].get<std::string>();
            const std::string part = why.empty() ? std::string("its memory is taken by what goes there before") : why;
            if (move.text.find(part) == std::string::npos)
                move.text +=
                    strCat(move.text.empty() ? "" : "; ", others.size() > 1 ? check["host"].get<std::string>() : "",
                           others.size() > 1 ? ": " : "", part);
        }
        move.document["why"] = move.text;
    }
    return out;
}

Outcome showPlan(Session &session, const std::vector<Move> &moves)
{
    Json document = {{"possible", true}, {"results", Json::array()}};
    std::string text;
    for (const Move &move : moves) {
        document["results"].push_back(move.document);
        if (move.to == nullptr)
            document["possible"] = false;
        text += move.to != nullptr
                    ? strCat(printable(move.container), " can be migrated to ", printable(move.to->host), ".\n")
                    : strCat(printable(move.container), " stays: ", printable(move.text), "\n");
    }
    GANTRY_CHECK(
        session.print(document, [&] { return text.empty() ? std::string("There is no container.\n") : text; }));
    if (!document["possible"].get<bool>())
        return std::unexpected(Stop(1, ""));
    return {};
}

std::string_view nameOf(QueuedState state)
{
    switch (state) {
    case QueuedState::Done:
        return "done";
    case QueuedState::Failed:
        return "failed";
    case QueuedState::Unknown:
        return "unknown";
    default:
        return "given up";
    }
}

/// Those of `moves` that have somewhere to go, so many at a time.
class Carrier
{
public:
    Carrier(Session &session, const Arguments &arguments, std::vector<Move> &moves)
        : m_session(session)
        , m_arguments(arguments)
        , m_moves(going(moves))
        , m_queue(m_moves.size(), arguments.parallel.value_or(1), arguments.stopOnError)
    {}
    void run()
    {
        const OnInterrupt interrupt;
        const std::stop_token stop = interrupt.token();
        const std::stop_callback onStop(stop, [this] {
            const std::scoped_lock lock(m_mutex);
            static_cast<void>(m_queue.giveUpAll()); // those at work have the token
        });
        std::vector<std::jthread> threads;
        for (std::uint32_t i = 0; i < m_arguments.parallel.value_or(1); ++i)
            threads.emplace_back([this, stop] { work(stop); });
        threads.clear(); // waits
        const std::scoped_lock lock(m_mutex);
        if (stop.stop_requested())
            static_cast<void>(m_queue.giveUpAll()); // `onStop` may be at it still
        for (std::size_t i = 0; i < m_moves.size(); ++i) {
            m_moves[i]->state = m_queue.state(i);
            if (m_moves[i]->state == QueuedState::GivenUp && m_moves[i]->text.empty())
                m_moves[i]->text = "it was not begun";
        }
    }

private:
    static std::vector<Move *> going(std::vector<Move> &moves)
    {
        std::vector<Move *> out;
        for (Move &move : moves) {
            if (move.to != nullptr)
                out.push_back(&move);
        }
        return out;
    }
    /// A thread's work: one after the other, until none waits: there are as many threads as may
    /// be at work.
    void work(const std::stop_token &stop)
    {
        for (;;) {
            std::optional<std::size_t> item;
            {
                const std::scoped_lock lock(m_mutex);
                item = m_queue.next();
            }
            if (!item)
                return;
            const QueuedState how = carry(*m_moves[*item], stop);
            const std::scoped_lock lock(m_mutex);
            m_queue.end(*item, how);
        }
    }
    QueuedState carry(Move &move, const std::stop_token &stop)
    {
        const Arguments one = argumentsOf(m_arguments, move.container, move.to->host);
        say(move, strCat("goes to ", move.to->host, "..."));
        const auto done = migrateOne(
            m_session, *move.to->session, one, [&](const v1::MigrationPhase &phase) { say(move, phaseText(phase)); },
            stop);
        if (done) {
            move.document = documentOf(one, *done);
            move.document["name"] = *one.asName;
            Session::warnUnrecorded(done->not_recorded());
            say(move, strCat("runs on ", move.to->host));
            return QueuedState::Done;
        }
        const Stop &failure = done.error();
        move.text = failure.text;
        move.document = {{"target", move.container},
                         {"host", move.to->host},
                         {"name", *one.asName},
                         {"error", failure.cause ? toJson(toMessage(*failure.cause)) : Json()}};
        say(move, strCat("did not go: ", failure.text));
        const int code = failure.cause ? failure.cause->posix() : EINVAL;
        if (code == EINPROGRESS)
            return QueuedState::Unknown;
        return stop.stop_requested() ? QueuedState::GivenUp : QueuedState::Failed;
    }
    void say(const Move &move, std::string_view words)
    {
        if (m_arguments.json)
            return;
        const std::scoped_lock lock(m_saying);
        m_session.note(strCat(move.container, ": ", words));
    }

    Session &m_session;
    const Arguments &m_arguments;
    const std::vector<Move *> m_moves;
    std::mutex m_mutex; ///< of the queue
    service::MigrationQueue m_queue;
    std::mutex m_saying;
};

struct Known
{
    std::string name;
    std::string runtime;
    v1::ContainerState state = v1::CONTAINER_STATE_UNSPECIFIED;
};

/// What has a name and a runtime: neither a process tree with namespaces of its own, nor a pod's pause container.
Result<std::vector<Known>> containersOf(Session &session)
{
    const v1::InventoryUpdate tree =
        GANTRY_TRY(session.firstOf(session.inventory(), &v1::Inventory::Stub::Watch, v1::WatchInventoryRequest()));
    std::vector<Known> out;
    for (const v1::Node &node : tree.upserted()) {
        if (node.has_container() && node.container().runtime() != "bare" && !node.container().infrastructure())
            out.push_back({node.name(), node.container().runtime(), node.container().state()});
    }
    std::ranges::sort(out, {}, &Known::name);
    return out;
}

/// What runs there still. What was moved is in the list of containers until somebody has looked again.
Result<std::vector<Known>> remaining(Session &session, const std::vector<Move> &moves)
{
    constexpr std::chrono::seconds kMost{5};
    constexpr std::chrono::milliseconds kAgain{100};
    std::set<std::string> gone;
    for (const Move &move : moves) {
        if (move.state == QueuedState::Done)
            gone.insert(move.container);
    }
    const auto until = std::chrono::steady_clock::now() + kMost;
    for (;;) {
        std::vector<Known> out = GANTRY_TRY(containersOf(session));
        const bool isOld = std::ranges::any_of(out, [&gone](const Known &one) { return gone.contains(one.name); });
        if (!isOld || std::chrono::steady_clock::now() > until)
            return out;
        std::this_thread::sleep_for(kAgain);
    }
}

std::string resultText(const Move &move)
{
    if (move.state != QueuedState::Done)
        return strCat(printable(move.container), ": ", move.to == nullptr ? "stays" : nameOf(move.state), ": ",
                      printable(move.text), "\n");
    constexpr std::uint64_t kMilli = 1'000;
    return strCat(printable(move.container), ": runs on ", printable(move.to->host), " as ",
                  printable(move.document["name"].get<std::string>()), ": stood still for ",
                  move.document["downtime_usec"].get<std::uint64_t>() / kMilli, " ms at the end, ",
                  cellText(move.document["bytes"], Format::Size), " sent\n");
}

Outcome carryAll(Session &session, const Arguments &arguments, std::vector<Move> &moves, bool isAll)
{
    Carrier(session, arguments, moves).run();
    std::size_t moved = 0;
    Json document = {{"parallel", arguments.parallel.value_or(1)}, {"moved", 0}, {"results", Json::array()}};
    std::string text;
    for (const Move &move : moves) {
        Json row = {{"target", move.container},
                    {"host", move.to == nullptr ? Json() : Json(move.to->host)},
                    {"state", move.to == nullptr ? "stays" : std::string(nameOf(move.state))},
                    {"why", textOrNull(move.text)},
                    {"error", nullptr}};
        for (const auto &[key, value] : move.document.items()) {
            if (!value.is_null())
                row[key] = value;
        }
        document["results"].push_back(std::move(row));
        text += resultText(move);
        moved += move.state == QueuedState::Done ? 1 : 0;
    }
    document["moved"] = moved;
    text += strCat(moved, " of ", moves.size(), " moved.\n");
    if (isAll) {
        document["remaining"] = Json::array();
        std::string names;
        for (const Known &one : GANTRY_TRY(remaining(session, moves))) {
            document["remaining"].push_back({{"target", one.name}, {"runtime", one.runtime}});
            names += strCat(names.empty() ? "" : ", ", printable(one.name), " (", printable(one.runtime), ")");
        }
        text += names.empty() ? std::string("No container is left here.\n") : strCat("Left here: ", names, "\n");
    }
    GANTRY_CHECK(session.print(document, [&text] { return text; }));
    if (moved < moves.size())
        return std::unexpected(Stop(1, ""));
    return {};
}

} // namespace

Outcome runMigrateMany(Session &session, const Arguments &arguments)
{
    const std::span<const std::string> all(arguments.operands);
    const std::span<const std::string> containers = all.first(all.size() - 1);
    if (std::set<std::string>(containers.begin(), containers.end()).size() < containers.size())
        return wrongUsage("a container is given twice");
    const std::vector<Other> others = GANTRY_TRY(openAll(arguments, all.last(1)));
    if (arguments.checkOnly || arguments.dryRun)
        return showPlan(session, plan(session, arguments, others, containers));
    std::vector<Move> moves; // each begins with a check of its own
    for (const std::string &container : containers)
        moves.push_back({.container = container, .to = &others.front()});
    return carryAll(session, arguments, moves, false);
}

Outcome runEvacuate(Session &session, const Arguments &arguments)
{
    const std::vector<Other> others = GANTRY_TRY(openAll(arguments, arguments.operands));
    std::vector<std::string> names;
    std::vector<Move> stopped;
    for (const Known &one : GANTRY_TRY(containersOf(session))) {
        if (one.state != v1::CONTAINER_STATE_EXITED) {
            names.push_back(one.name);
            continue;
        }
        stopped.push_back({.container = one.name,
                           .document = {{"target", one.name},
                                        {"host", nullptr},
                                        {"possible", false},
                                        {"why", "it does not run"},
                                        {"error", nullptr},
                                        {"findings", Json::array()}},
                           .text = "it does not run"});
    }
    std::vector<Move> moves = plan(session, arguments, others, names);
    moves.insert(moves.end(), stopped.begin(), stopped.end());
    return arguments.checkOnly || arguments.dryRun ? showPlan(session, moves)
                                                   : carryAll(session, arguments, moves, true);
}

} // namespace gantry::cli
