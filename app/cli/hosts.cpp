// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/hosts.h"

#include "app/cli/host_install.h"
#include "app/cli/passphrase.h"
#include "app/cli/session.h"
#include "engine/base/socket_address.h"
#include "engine/base/strings.h"
#include "engine/proto/convert.h"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <thread>
#include <utility>

#include <unistd.h>

namespace gantry::cli {

namespace {

using link::Destination;

constexpr const char *kServiceSocket = "/run/gantry/gantryd.sock";

/// Where nobody names a host.
Destination thisMachine()
{
    Destination out{.text = "local"};
    const char *const named = std::getenv("GANTRY_SOCKET"); // NOLINT(concurrency-mt-unsafe): no other thread yet
    // Who names a state folder wants it, and the service has its own.
    if (named == nullptr && std::getenv("GANTRY_STATE") != nullptr) // NOLINT(concurrency-mt-unsafe)
        return out;
    const std::string path = named == nullptr ? kServiceSocket : named;
    if (const auto address = socketAddress(path); !path.empty() && address && isServed(*address)) {
        out.kind = Destination::Kind::Socket;
        out.text = strCat("unix:", path);
        out.path = path;
    }
    return out;
}

Stop explained(Session &session, Stop stop)
{
    if (!stop.cause)
        return stop;
    Stop out(session.explained(*std::move(stop.cause)));
    out.exitStatus = stop.exitStatus;
    return out;
}

/// Asks for the passphrase of a service's store, where that is what it lacks. An engine of our own asks by itself.
bool unlock(Session &session, const Stop &stop)
{
    if (session.hasOwnEngine() || !stop.cause || stop.cause->posix() != ENOKEY)
        return false;
    const auto state = session.call(session.checkpoint(), &v1::Checkpoint::Stub::StoreState, v1::StoreStateRequest());
    if (!state || state->key() != v1::StoreStateReply::KEY_PASSPHRASE || !state->locked())
        return false;
    v1::UnlockStoreRequest request;
    request.set_passphrase(askPassphrase(kPassphraseQuestion));
    if (request.passphrase().empty())
        return false;
    *request.mutable_actor() = session.actor();
    const auto done = session.call(session.checkpoint(), &v1::Checkpoint::Stub::UnlockStore, request);
    if (!done) {
        session.note(done.error().message());
        return false;
    }
    Session::warnUnrecorded(done->not_recorded());
    return true;
}

bool isRefusal(const Error &error)
{
    return error.posix() == EPERM || error.posix() == EACCES;
}

Outcome runOn(const Destination &destination, const Arguments &arguments, Answer *answer)
{
    auto opened = Session::open(arguments, destination, answer);
    // A service that nobody has named and that lets us not in: an engine of our own reads what we may read.
    if (!opened && arguments.hosts.empty() && isRefusal(opened.error()))
        opened = Session::open(arguments, {.text = "local"}, answer);
    const auto session = GANTRY_TRY(std::move(opened));
    Outcome outcome = arguments.verb->run(*session, arguments);
    // A verb that wants the store wants it before it does anything.
    if (!outcome && answer == nullptr && unlock(*session, outcome.error()))
        outcome = arguments.verb->run(*session, arguments);
    if (!outcome)
        return std::unexpected(explained(*session, std::move(outcome).error()));
    return outcome;
}

/// One of several hosts, asked on a thread of its own.
struct Asked
{
    const Destination *destination = nullptr;
    Answer answer;
    Outcome outcome;
    std::jthread thread; ///< last: joins before what it uses dies
};

Json errorOf(const Stop &stop)
{
    return toJson(toMessage(stop.cause.value_or(fail(EINVAL, "gantryctl", {}, stop.text).error())));
}

Json resultOf(const Asked &one, const Verb &verb)
{
    if (!one.outcome)
        return {};
    if ((verb.options & kFollow) != 0)
        return {{"events", one.answer.documents}};
    return one.answer.documents.empty() ? Json() : one.answer.documents.front();
}

Outcome runOnAll(const Arguments &arguments)
{
    std::vector<std::unique_ptr<Asked>> all;
    for (const Destination &destination : arguments.hosts) {
        Asked &one = *all.emplace_back(std::make_unique<Asked>());
        one.destination = &destination;
        one.thread =
            std::jthread([&one, &arguments] { one.outcome = runOn(*one.destination, arguments, &one.answer); });
    }
    Json document = {{"hosts", Json::array()}};
    std::size_t failed = 0;
    int exitStatus = 0;
    for (const auto &one : all) {
        one->thread.join();
        const std::string host = printable(one->destination->text);
        if (!arguments.json)
            GANTRY_CHECK(
                writeOut(STDOUT_FILENO, strCat(one == all.front() ? "" : "\n", "== ", host, "\n", one->answer.text)));
        for (const std::string &note : one->answer.notes)
            Session::warn(strCat(host, ": ", note));
        document["hosts"].push_back({{"host", host},
                                     {"result", resultOf(*one, *arguments.verb)},
                                     {"error", one->outcome ? Json() : errorOf(one->outcome.error())}});
        if (one->outcome)
            continue;
        ++failed;
        exitStatus = std::max(exitStatus, one->outcome.error().exitStatus);
        Session::warn(strCat(host, ": ", one->outcome.error().text));
    }
    constexpr int kIndent = 2;
    if (arguments.json)
        GANTRY_CHECK(
            writeOut(STDOUT_FILENO, document.dump(kIndent, ' ', false, Json::error_handler_t::replace) + "\n"));
    if (failed == 0)
        return {};
    return std::unexpected(Stop(exitStatus, strCat(failed, " of ", all.size(), " hosts failed")));
}

/// A change that was begun is finished or rolled back before Ctrl-C ends the program. Threads started later inherit it,
/// and ssh does, too.
void holdSignals(int how)
{
    sigset_t set;
    ::sigemptyset(&set);
    for (const int number : {SIGINT, SIGTERM, SIGHUP})
        ::sigaddset(&set, number);
    ::pthread_sigmask(how, &set, nullptr);
}

} // namespace

Outcome runVerb(const Arguments &arguments)
{
    if (arguments.verb->name == "host" && !arguments.operands.empty())
        return runInstall(arguments);
    if (arguments.hosts.size() > 1)
        return runOnAll(arguments);
    const bool changes = (arguments.verb->options & kDryRun) != 0 && !arguments.dryRun;
    if (changes)
        holdSignals(SIG_BLOCK);
    Outcome outcome = runOn(arguments.hosts.empty() ? thisMachine() : arguments.hosts.front(), arguments, nullptr);
    if (changes)
        holdSignals(SIG_UNBLOCK);
    return outcome;
}

} // namespace gantry::cli
