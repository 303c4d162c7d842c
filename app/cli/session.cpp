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

} // namespace

Result<std::unique_ptr<Session>> Session::open(const Arguments &arguments)
{
    service::Engine::Options options;
    options.sampleInterval = arguments.interval;
    options.alerts = (arguments.verb->options & kFollow) != 0;
    // One command has no time for them, but the one that is there for it.
    options.schedules = arguments.verb->name == "schedule" && arguments.operands.front() == "run";
    options.askPassphrase = [] { return askPassphrase("Passphrase of the store of checkpoints: "); };
    options.criu = (arguments.verb->options & kCriu) != 0;
    // Whatever changes a container or names one has to know who keeps it; a tree of processes is checked as it is.
    const bool asItIs = options.criu && names(arguments, TargetText::Kind::Process);
    if (((arguments.verb->options & (kRuntimes | kDryRun)) != 0 && !asItIs) || arguments.asName || arguments.copies ||
        names(arguments, TargetText::Kind::Container))
        options.runtimePatience = kRuntimePatience;
    auto engine = GANTRY_TRY(service::Engine::start(std::move(options)));
    return std::unique_ptr<Session>(new Session(std::move(engine), arguments.json));
}

Session::Session(std::unique_ptr<service::Engine> engine, bool json) : m_json(json), m_engine(std::move(engine))
{
    const std::shared_ptr<grpc::Channel> channel = m_engine->inProcessChannel();
    m_host = v1::Host::NewStub(channel);
    m_inventory = v1::Inventory::NewStub(channel);
    m_metrics = v1::Metrics::NewStub(channel);
    m_control = v1::Control::NewStub(channel);
    m_alerts = v1::Alerts::NewStub(channel);
    m_checkpoint = v1::Checkpoint::NewStub(channel);
    m_launch = v1::Launch::NewStub(channel);
    m_schedules = v1::Schedules::NewStub(channel);
    m_transfer = v1::Transfer::NewStub(channel);
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
    return out;
}

Outcome Session::print(const Json &document, const std::function<std::string()> &table) const
{
    constexpr int kIndent = 2;
    return writeOut(STDOUT_FILENO,
                    m_json ? document.dump(kIndent, ' ', false, Json::error_handler_t::replace) + "\n" : table());
}

Outcome Session::printItem(const Json &item, const std::function<std::string()> &text) const
{
    constexpr int kOneLine = -1;
    return writeOut(STDOUT_FILENO,
                    m_json ? item.dump(kOneLine, ' ', false, Json::error_handler_t::replace) + "\n" : text());
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
