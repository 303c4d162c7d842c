// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runtime/machined.h"

#include "engine/base/fd.h"
#include "engine/base/parse.h"
#include "engine/base/strings.h"
#include "engine/runtime/files.h"
#include "engine/runtime/folder_watch.h"
#include "engine/runtime/tool.h"
#include "engine/runtime/tool_source.h"
#include "engine/systemd/bus.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <limits>
#include <utility>

#include <arpa/inet.h>
#include <systemd/sd-bus.h>

namespace gantry::runtime {

namespace {

using namespace std::chrono_literals;

constexpr const char *kMachineService = "org.freedesktop.machine1";
constexpr const char *kManagerPath = "/org/freedesktop/machine1";
constexpr const char *kManager = "org.freedesktop.machine1.Manager";
constexpr const char *kMachine = "org.freedesktop.machine1.Machine";
constexpr std::string_view kLibvirt = "libvirt";
constexpr const char *kVirsh = "virsh";
constexpr auto kSettleLook = 200ms;
constexpr auto kSettleMost = 60s; ///< a machine older than that is where it is
constexpr auto kAddressPatience = 500ms; ///< machined goes into the machine's namespace to ask

struct Named
{
    std::string name;
    std::string path;
};

/// a(ssso): name, class, service, path.
int readMachines(sd_bus_message *message, std::vector<Named> &out)
{
    int done = sd_bus_message_enter_container(message, SD_BUS_TYPE_ARRAY, "(ssso)");
    while (done >= 0) {
        const char *name = nullptr;
        const char *path = nullptr;
        done = sd_bus_message_read(message, "(ssso)", &name, nullptr, nullptr, &path);
        if (done <= 0)
            break;
        if (out.size() < Source::kMost)
            out.push_back({name, path});
    }
    return done < 0 ? done : sd_bus_message_exit_container(message);
}

int readProperty(sd_bus_message *message, std::string_view name, Facts &facts, std::int32_t &leader)
{
    const auto text = [message](std::string &into) {
        const char *value = nullptr;
        const int done = sd_bus_message_read(message, "v", "s", &value);
        if (done > 0)
            into = value;
        return done;
    };
    std::string word;
    int done = 0;
    if (name == "Service") {
        done = text(word);
        facts.runtime = runtimeOfService(word);
    } else if (name == "RootDirectory") {
        done = text(facts.rootFolder);
    } else if (name == "State") {
        done = text(word); // "opening", "running", "closing"
        facts.state = stateOfWord(word);
    } else if (name == "Unit" || name == "Class") {
        done = text(word);
        facts.labels.emplace(name == "Unit" ? "machine.unit" : "machine.class", word);
    } else if (name == "Leader") {
        std::uint32_t pid = 0;
        done = sd_bus_message_read(message, "v", "u", &pid);
        leader = pid <= static_cast<std::uint32_t>(std::numeric_limits<std::int32_t>::max())
                     ? static_cast<std::int32_t>(pid)
                     : 0;
    } else if (name == "Timestamp") {
        std::uint64_t micros = 0;
        done = sd_bus_message_read(message, "v", "t", &micros);
        facts.startedMicros = static_cast<std::int64_t>(micros & 0x7fff'ffff'ffff'ffffU);
    } else {
        return sd_bus_message_skip(message, "v");
    }
    return done;
}

/// a{sv}.
int readProperties(sd_bus_message *message, Facts &facts, std::int32_t &leader)
{
    int done = sd_bus_message_enter_container(message, SD_BUS_TYPE_ARRAY, "{sv}");
    while (done >= 0 && (done = sd_bus_message_enter_container(message, SD_BUS_TYPE_DICT_ENTRY, "sv")) > 0) {
        const char *name = nullptr;
        done = sd_bus_message_read(message, "s", &name);
        if (done >= 0)
            done = readProperty(message, name, facts, leader);
        if (done >= 0)
            done = sd_bus_message_exit_container(message);
    }
    return done < 0 ? done : sd_bus_message_exit_container(message);
}

/// a(iay): family and bytes.
int readAddresses(sd_bus_message *message, std::vector<Address> &out)
{
    int done = sd_bus_message_enter_container(message, SD_BUS_TYPE_ARRAY, "(iay)");
    while (done >= 0 && (done = sd_bus_message_enter_container(message, SD_BUS_TYPE_STRUCT, "iay")) > 0) {
        std::int32_t family = 0;
        const void *bytes = nullptr;
        std::size_t size = 0;
        done = sd_bus_message_read(message, "i", &family);
        if (done >= 0)
            done = sd_bus_message_read_array(message, 'y', &bytes, &size);
        std::array<char, INET6_ADDRSTRLEN> text{};
        const std::size_t wanted = family == AF_INET ? sizeof(in_addr) : sizeof(in6_addr);
        if (done >= 0 && (family == AF_INET || family == AF_INET6) && size == wanted &&
            ::inet_ntop(family, bytes, text.data(), text.size()) != nullptr)
            out.push_back({.network = {}, .address = text.data(), .mac = {}});
        if (done >= 0)
            done = sd_bus_message_exit_container(message);
    }
    return done < 0 ? done : sd_bus_message_exit_container(message);
}

/// @param startedMicros since the epoch.
bool isYoung(std::int64_t startedMicros)
{
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return now - std::chrono::microseconds(startedMicros) < kSettleMost;
}

/// A container of libvirt, by the name that machined knows it by.
bool isDomain(const Facts &facts)
{
    return facts.runtime == kLibvirt && facts.id.starts_with("lxc-") && facts.name != facts.id;
}

/// machinectl(1) asks systemd as the first process to end; another one does not know the signals.
bool runsSystemd(const Facts &facts)
{
    const auto name = readFile(strCat("/proc/", facts.initPid, "/comm"));
    return facts.initPid != 0 && name && trim(*name) == "systemd";
}

/// What ends a machine whose first process is not systemd. virsh without that mode looks for an initctl, finds none, does
/// nothing and says that all is well (libvirt 11); it has no way to have such a one started again.
std::vector<std::string> domainWords(std::string domain, Verb verb)
{
    std::vector<std::string> out{kVirsh, "--quiet", "--connect", "lxc:///"};
    if (verb == Verb::Stop)
        out.insert(out.end(), {"shutdown", "--mode", "signal"});
    else
        out.emplace_back("destroy");
    out.push_back(std::move(domain));
    return out;
}

/// "581" of "lxc-581-web": libvirt's number of a domain that runs.
std::string domainNumber(std::string_view machine)
{
    const std::size_t first = machine.find('-') + 1;
    return std::string(machine.substr(first, machine.find('-', first) - first));
}

class Machined final : public ToolSource
{
public:
    Machined(std::string folder, ProcessLook look) : m_folder(std::move(folder)), m_look(std::move(look)) {}

    /// Of most of its containers; libvirt's say so themselves.
    [[nodiscard]] std::string_view runtime() const override { return "nspawn"; }
    [[nodiscard]] std::string endpoint() const override { return kMachineService; }
    [[nodiscard]] Rank rank() const override { return Rank::Machine; }
    [[nodiscard]] Result<std::string> version(const Patience &patience) const override;
    [[nodiscard]] Result<Listing> list(const Patience &patience) override;
    [[nodiscard]] Result<> waitForChange(const Patience &patience) override
    {
        return m_watch.wait(
            {m_settling ? std::min(patience.deadline, Clock::now() + kSettleLook) : patience.deadline, patience.stop});
    }
    [[nodiscard]] Result<LogTail> tailLog(const Facts &container, std::size_t /*lines*/,
                                          const Patience & /*patience*/) const override
    {
        return fail(ENOENT, verbName(Verb::Log), container.name, "its log is in the journal");
    }

private:
    [[nodiscard]] Result<Facts> read(const Named &machine, const Patience &patience);
    [[nodiscard]] std::vector<std::string> words(const Facts &container, Verb verb,
                                                 const std::string &handle) const override;
    [[nodiscard]] const std::string &shownHandle(const Facts &container) const override
    {
        return isDomain(container) ? container.name : container.id;
    }

    const std::string m_folder;
    const ProcessLook m_look;
    systemd::Bus m_bus{"the system bus", systemd::systemAddresses()};
    FolderWatch m_watch;
    bool m_settling = false; ///< a machine was on its way to its cgroup when it was looked at
};

Result<std::string> Machined::version(const Patience &patience) const
{
    // "systemd 257 (257.13-1~deb13u1)"
    const std::string text = GANTRY_TRY(toolVersion({"machinectl", "--version"}, patience));
    std::string_view rest = text;
    rest.remove_prefix(std::min(rest.size(), rest.find(' ') + 1));
    return printable(rest.substr(0, rest.find_first_of(" \n")));
}

Result<Facts> Machined::read(const Named &machine, const Patience &patience)
{
    Facts facts;
    std::int32_t leader = 0;
    GANTRY_CHECK(m_bus.call(
        {kMachineService, machine.path, "org.freedesktop.DBus.Properties", "GetAll"}, patience.deadline,
        [](sd_bus_message *message) { return sd_bus_message_append(message, "s", kMachine); },
        [&](sd_bus_message *message) { return readProperties(message, facts, leader); }));
    facts.id = machine.name;
    facts.name = facts.runtime == kLibvirt ? domainOfMachine(machine.name) : machine.name;
    facts.source = strCat("systemd-machined at ", kMachineService);
    const State told = facts.state;
    if (const auto process = m_look(leader)) {
        applyProcess(facts, leader, *process, true);
        if (told != State::Running)
            facts.state = told;
        m_watch.files(process->stateFiles);
        // Registered before it is moved: where it is now is not the machine's, and nothing tells of the move.
        const std::string &unit = facts.labels["machine.unit"];
        const bool isThere = strCat(process->cgroupPath, "/").find(strCat("/", unit, "/")) != std::string::npos;
        if (!unit.empty() && !isThere && isYoung(facts.startedMicros)) {
            facts.cgroupPath.clear();
            m_settling = true;
        }
    }
    const bool isContainer = facts.labels["machine.class"] == "container";
    // No address, and no way to ask, is nothing to tell.
    if (isContainer)
        (void)m_bus.call({kMachineService, machine.path, kMachine, "GetAddresses"},
                         std::min(patience.deadline, Clock::now() + kAddressPatience), {},
                         [&](sd_bus_message *message) { return readAddresses(message, facts.addresses); });
    const bool systemd = runsSystemd(facts);
    if (isDomain(facts) ? !toolPath(kVirsh).empty() : !toolPath("machinectl").empty())
        facts.verbs = !isContainer ? std::vector<Verb>{Verb::Kill}
                      : systemd    ? std::vector<Verb>{Verb::Stop, Verb::Restart, Verb::Kill}
                                   : std::vector<Verb>{Verb::Stop, Verb::Kill};
    return facts;
}

Result<Listing> Machined::list(const Patience &patience)
{
    m_watch.begin();
    m_watch.folder(m_folder);
    m_settling = false;
    Listing out;
    // Without machines machined ends by itself, and a question would start it again.
    std::error_code failed;
    if (std::filesystem::is_empty(m_folder, failed) && !failed) {
        m_watch.end();
        return out;
    }
    std::vector<Named> machines;
    GANTRY_CHECK(m_bus.call({kMachineService, kManagerPath, kManager, "ListMachines"}, patience.deadline, {},
                            [&](sd_bus_message *message) { return readMachines(message, machines); }));
    for (const Named &machine : machines) {
        if (patience.stop.stop_requested())
            return failErrno("list", kMachineService, ECANCELED);
        if (machine.name == ".host")
            continue;
        // One that ended meanwhile is left out.
        if (auto facts = read(machine, patience))
            out.containers.push_back(*std::move(facts));
        else if (facts.error().posix() == ETIMEDOUT)
            return std::unexpected(facts.error());
    }
    m_watch.end();
    return out;
}

std::vector<std::string> Machined::words(const Facts &container, Verb verb, const std::string &handle) const
{
    const bool systemd = runsSystemd(container);
    if (isDomain(container) && (verb == Verb::Kill || (verb == Verb::Stop && !systemd)))
        return domainWords(handle == container.id ? domainNumber(container.id) : container.name, verb);
    switch (verb) {
    case Verb::Stop:
        return {"machinectl", systemd ? "poweroff" : "terminate", container.id};
    case Verb::Restart:
        return {"machinectl", "reboot", container.id};
    case Verb::Kill:
        return {"machinectl", "kill", "--signal=SIGKILL", container.id};
    default:
        return {};
    }
}

} // namespace

std::string domainOfMachine(std::string_view machine)
{
    std::string_view rest = machine;
    if (!rest.starts_with("lxc-") && !rest.starts_with("qemu-"))
        return std::string(machine);
    rest.remove_prefix(rest.find('-') + 1);
    const std::size_t digits = std::min(rest.find_first_not_of("0123456789"), rest.size());
    if (digits == 0 || digits + 1 >= rest.size() || rest[digits] != '-')
        return std::string(machine);
    return std::string(rest.substr(digits + 1));
}

std::string runtimeOfService(std::string_view service)
{
    if (service == "systemd-nspawn")
        return "nspawn";
    if (service.starts_with("libvirt"))
        return std::string(kLibvirt);
    return service.empty() ? std::string("nspawn") : std::string(service);
}

std::unique_ptr<Source> makeMachined(std::string folder, ProcessLook look)
{
    return std::make_unique<Machined>(std::move(folder), std::move(look));
}

std::vector<Candidate> findMachined(const HostTree &host)
{
    const std::string folder = host.root() + "/run/systemd/machines";
    // sd_booted(3): the folder alone may be a package's.
    if (!isFolder(host.root() + "/run/systemd/system") || !isFolder(folder))
        return {};
    return {{strCat("machined ", folder), [folder] { return makeMachined(folder); }}};
}

} // namespace gantry::runtime
