// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/session.h"

#include "app/cli/passphrase.h"
#include "engine/base/strings.h"

#include <array>
#include <cstdlib>
#include <utility>

#include <pwd.h>
#include <unistd.h>

#include <grpcpp/channel.h>

namespace gantry::cli {

namespace {

constexpr std::chrono::milliseconds kRuntimePatience{10'000};

/// Whether the first operand is a target of this kind.
bool names(const Arguments &arguments, TargetText::Kind kind)
{
    if (arguments.operands.empty())
        return false;
    const auto target = parseTarget(arguments.operands.front());
    return target && target->kind == kind;
}

/// Of an engine that is there for one command.
service::Engine::Options engineOptions(const Arguments &arguments)
{
    service::Engine::Options options;
    options.sampleInterval = arguments.interval;
    options.alerts = (arguments.verb->options & kFollow) != 0;
    // One command has no time for them, but the one that is there for it.
    options.schedules = arguments.verb->name == "schedule" && arguments.operands.front() == "run";
    options.askPassphrase = [] { return askPassphrase(kPassphraseQuestion); };
    options.criu = (arguments.verb->options & kCriu) != 0;
    // Whatever changes a container or names one has to know who keeps it; a tree of processes is checked as it is.
    const bool asItIs = options.criu && names(arguments, TargetText::Kind::Process);
    if (((arguments.verb->options & (kRuntimes | kDryRun)) != 0 && !asItIs) || arguments.asName || arguments.copies ||
        names(arguments, TargetText::Kind::Container))
        options.runtimePatience = kRuntimePatience;
    return options;
}

/// Empty where the kernel does not tell.
std::string localHostName()
{
    std::array<char, 256> name{};
    return ::gethostname(name.data(), name.size() - 1) == 0 ? printable(name.data()) : std::string();
}

} // namespace

Result<std::unique_ptr<Session>> Session::open(const Arguments &arguments, const link::Destination &destination,
                                               Answer *answer)
{
    std::unique_ptr<Session> out(new Session(arguments.json, answer));
    if (destination.kind == link::Destination::Kind::Local) {
        out->m_engine = GANTRY_TRY(service::Engine::start(engineOptions(arguments)));
        out->makeStubs(out->m_engine->inProcessChannel());
        return out;
    }
    link::DialOptions options;
    options.client = "gantryctl " GANTRY_VERSION;
    // Several at once would ask on one terminal.
    options.mayAsk = options.mayAsk && answer == nullptr;
    options.onSaid = [out = out.get()](std::string_view text) {
        if (out->m_answer == nullptr)
            static_cast<void>(writeOut(STDERR_FILENO, text));
    };
    out->m_connection = GANTRY_TRY(link::Connection::dial(destination, options));
    out->makeStubs(out->m_connection->channel());
    return out;
}

void Session::makeStubs(const std::shared_ptr<grpc::Channel> &channel)
{
    m_host = v1::Host::NewStub(channel);
    m_inventory = v1::Inventory::NewStub(channel);
    m_metrics = v1::Metrics::NewStub(channel);
    m_control = v1::Control::NewStub(channel);
    m_alerts = v1::Alerts::NewStub(channel);
    m_checkpoint = v1::Checkpoint::NewStub(channel);
    m_launch = v1::Launch::NewStub(channel);
    m_schedules = v1::Schedules::NewStub(channel);
    m_transfer = v1::Transfer::NewStub(channel);
    m_migration = v1::Migration::NewStub(channel);
    m_fork = v1::Fork::NewStub(channel);
    m_group = v1::Group::NewStub(channel);
}

v1::Actor Session::actor() const
{
    passwd entry{};
    passwd *found = nullptr;
    std::array<char, 4096> buffer{};
    const uid_t uid = ::getuid();
    v1::Actor out;
    out.set_program("gantryctl");
    if (::getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr)
        out.set_user(found->pw_name);
    else
        out.set_user(std::to_string(uid));
    if (const char *const invoker = ::secure_getenv("SUDO_USER"); invoker != nullptr && uid == 0)
        out.set_user(printable(strCat(out.user(), " (sudo by ", invoker, ")")));
    if (m_connection && m_connection->destination().kind == link::Destination::Kind::Ssh)
        out.set_user(strCat(out.user(), "@", localHostName()));
    return out;
}

Error Session::explained(Error error)
{
    return m_connection ? m_connection->explained(std::move(error)) : error;
}

Outcome Session::put(const Json &document, int indent, const std::function<std::string()> &text) const
{
    if (m_answer == nullptr)
        return writeOut(STDOUT_FILENO,
                        m_json ? document.dump(indent, ' ', false, Json::error_handler_t::replace) + "\n" : text());
    if (m_json)
        m_answer->documents.push_back(document);
    else
        m_answer->text += text();
    return {};
}

Outcome Session::print(const Json &document, const std::function<std::string()> &table) const
{
    constexpr int kIndent = 2;
    return put(document, kIndent, table);
}

Outcome Session::printItem(const Json &item, const std::function<std::string()> &text) const
{
    constexpr int kOneLine = -1;
    return put(item, kOneLine, text);
}

void Session::note(std::string_view text) const
{
    if (m_answer == nullptr)
        warn(text);
    else
        m_answer->notes.emplace_back(text);
}

void Session::warn(std::string_view text)
{
    const std::string line = strCat("gantryctl: ", printable(text), "\n");
    // Nowhere is left to tell that stderr cannot be written.
    static_cast<void>(writeOut(STDERR_FILENO, line));
}

void Session::warnUnrecorded(const std::string &reason)
{
    if (!reason.empty())
        warn(strCat("warning: done, but missing in the audit log: ", reason));
}

std::expected<v1::Target, Stop> targetOf(std::string_view text)
{
    if (!isUtf8(text))
        return std::unexpected(Stop(1, strCat("target ", printable(text), ": its name is not UTF-8")));
    const TargetText target = GANTRY_TRY(parseTarget(text));
    v1::Target out;
    switch (target.kind) {
    case TargetText::Kind::CgroupPath:
        out.set_cgroup_path(target.text);
        break;
    case TargetText::Kind::Process:
        out.set_pid(target.pid);
        break;
    case TargetText::Kind::Container:
        out.set_container(target.text);
        break;
    }
    return out;
}

Outcome writeOut(int fd, std::string_view text)
{
    while (!text.empty()) {
        const ssize_t n = ::write(fd, text.data(), text.size());
        if (n >= 0) {
            text.remove_prefix(static_cast<std::size_t>(n));
        } else if (errno == EPIPE) {
            return std::unexpected(Stop(0, {}));
        } else if (errno != EINTR) {
            return failErrno("write", "standard output");
        }
    }
    return {};
}

} // namespace gantry::cli
