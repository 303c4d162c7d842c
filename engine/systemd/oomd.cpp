// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/systemd/oomd.h"

#include "engine/base/log.h"
#include "engine/base/parse.h"
#include "engine/cgroup/files.h"

#include <algorithm>
#include <array>

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/xattr.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

namespace gantry::systemd {

namespace {

constexpr const char *kOomService = "org.freedesktop.oom1";
constexpr const char *kOomObject = "/org/freedesktop/oom1";
constexpr const char *kInterface = "org.freedesktop.oom1.Manager";
constexpr std::size_t kMostCandidates = 5000;
constexpr std::size_t kMostDump = std::size_t{4} << 20;
constexpr std::chrono::milliseconds kSecondLook{300};
constexpr std::chrono::seconds kRetry{5};

/// "90.00%".
Result<double> percent(std::string_view text)
{
    text = trim(text);
    if (!text.ends_with('%'))
        return failParse("percentage", text);
    return parseDouble(text.substr(0, text.size() - 1));
}

std::string attribute(const UniqueFd &dir, const char *name)
{
    std::array<char, 32> value{};
    const ssize_t size = ::getxattr(strCat("/proc/self/fd/", dir.get()).c_str(), name, value.data(), value.size());
    return size > 0 ? std::string(value.data(), static_cast<std::size_t>(size)) : std::string();
}

OomdPreference preferenceOf(const UniqueFd &dir)
{
    if (attribute(dir, "user.oomd_omit") == "1")
        return OomdPreference::Omit;
    return attribute(dir, "user.oomd_avoid") == "1" ? OomdPreference::Avoid : OomdPreference::None;
}

std::uint64_t numberIn(TextBuffer &buffer, const UniqueFd &dir, const char *file)
{
    return cgroup::readNumber(buffer, dir.get(), file).value_or(0);
}

std::uint64_t pagesScanned(TextBuffer &buffer, const UniqueFd &dir)
{
    std::uint64_t out = 0;
    if (const auto text = buffer.readAt(dir.get(), "memory.stat")) {
        static_cast<void>(forEachFlatKey(*text, [&out](std::string_view key, std::uint64_t value) {
            if (key == "pgscan")
                out = value;
        }));
    }
    return out;
}

/// "full avg10=1.23 ...": percent of time.
double pressureOf(TextBuffer &buffer, const UniqueFd &dir)
{
    const auto text = buffer.readAt(dir.get(), "memory.pressure");
    std::string_view rest = text ? *text : std::string_view();
    while (const auto line = takeLine(rest)) {
        std::string_view tokens = *line;
        if (takeToken(tokens) != "full")
            continue;
        const std::string_view average = takeToken(tokens);
        return parseDouble(average.substr(std::min(average.size(), average.find('=') + 1))).value_or(0);
    }
    return 0;
}

/// Percent of the host's swap in use.
double swapUsed()
{
    const auto text = readFile("/proc/meminfo");
    std::uint64_t total = 0;
    std::uint64_t free = 0;
    std::string_view rest = text ? *text : std::string_view();
    while (const auto line = takeLine(rest)) {
        std::string_view tokens = *line;
        const std::string_view key = takeToken(tokens);
        if (key == "SwapTotal:")
            total = parseU64(takeToken(tokens)).value_or(0);
        else if (key == "SwapFree:")
            free = parseU64(takeToken(tokens)).value_or(0);
    }
    return total == 0 || free > total ? 0 : 100.0 * static_cast<double>(total - free) / static_cast<double>(total);
}

bool killedAsOne(TextBuffer &buffer, const UniqueFd &dir)
{
    return numberIn(buffer, dir, "memory.oom.group") == 1;
}

/// Source: systemd's recursively_get_cgroup_context(): leaves, and cgroups that die as one.
void collect(const cgroup::Hierarchy &unified, const cgroup::CgroupPath &path, TextBuffer &buffer, bool top,
             std::vector<cgroup::CgroupPath> &out)
{
    const auto dir = cgroup::openCgroup(unified, path);
    if (!dir || out.size() >= kMostCandidates)
        return;
    const std::vector<std::string> names = top || !killedAsOne(buffer, *dir)
                                               ? cgroup::childNames(dir->get()).value_or(std::vector<std::string>{})
                                               : std::vector<std::string>{};
    if (names.empty())
        out.push_back(path);
    for (const std::string &name : names) {
        if (const auto child = path.listedChild(name))
            collect(unified, *child, buffer, false, out);
    }
}

/// Text behind the descriptor of the answer.
int readDump(sd_bus_message *message, std::string &out)
{
    int fd = -1;
    const int r = ::sd_bus_message_read_basic(message, 'h', &fd);
    if (r <= 0)
        return -EBADMSG;
    std::array<char, 4096> buffer{};
    // A memfd or a pipe that was filled before; the message closes it.
    for (ssize_t n = 0; out.size() < kMostDump; out.append(buffer.data(), static_cast<std::size_t>(n))) {
        pollfd ready{fd, POLLIN, 0};
        n = ::poll(&ready, 1, 1000) == 1 ? ::read(fd, buffer.data(), buffer.size()) : -1;
        if (n <= 0)
            return n == 0 ? 0 : -EIO;
    }
    return -EFBIG;
}

} // namespace

std::string_view oomdPreferenceName(OomdPreference preference)
{
    switch (preference) {
    case OomdPreference::Avoid:
        return "avoid";
    case OomdPreference::Omit:
        return "omit";
    case OomdPreference::None:
        break;
    }
    return "none";
}

Result<OomdState> parseOomdDump(std::string_view dump)
{
    OomdState out;
    enum class Section : std::uint8_t { Head, Swap, Pressure };
    Section section = Section::Head;
    double defaultPressure = 60;
    while (const auto line = takeLine(dump)) {
        const std::string_view text = trim(*line);
        const std::size_t colon = text.find(':');
        const std::string_view key = text.substr(0, colon);
        const std::string_view value = colon == std::string_view::npos ? "" : trim(text.substr(colon + 1));
        if (key == "Swap Monitored CGroups") {
            section = Section::Swap;
        } else if (key == "Memory Pressure Monitored CGroups") {
            section = Section::Pressure;
        } else if (section == Section::Head && key == "Dry Run") {
            out.dryRun = value == "yes";
        } else if (section == Section::Head && key == "Swap Used Limit") {
            out.swapLimitPercent = GANTRY_TRY(percent(value));
        } else if (section == Section::Head && key == "Default Memory Pressure Limit") {
            defaultPressure = GANTRY_TRY(percent(value));
        } else if (section != Section::Head && key == "Path") {
            const bool swap = section == Section::Swap;
            if (auto path = cgroup::CgroupPath::parse(value))
                out.watched.push_back({*std::move(path), swap, swap ? out.swapLimitPercent : defaultPressure, 0, {}});
        } else if (section == Section::Pressure && key == "Memory Pressure Limit" && !out.watched.empty()) {
            out.watched.back().limitPercent = GANTRY_TRY(percent(value));
        }
    }
    return out;
}

Result<OomdState> Oomd::state(Clock::time_point deadline)
{
    std::string dump;
    GANTRY_CHECK(m_bus.call({kOomService, kOomObject, kInterface, "DumpByFileDescriptor"}, deadline, {},
                            [&dump](sd_bus_message *message) { return readDump(message, dump); }));
    OomdState out = GANTRY_TRY(parseOomdDump(dump));
    out.swapUsedPercent = swapUsed();
    const std::scoped_lock lock(m_mutex);
    const bool first = m_scanned.empty();
    look(out);
    if (first && !m_scanned.empty() && Clock::now() + kSecondLook < deadline) {
        std::this_thread::sleep_for(kSecondLook);
        look(out);
    }
    return out;
}

void Oomd::look(OomdState &state)
{
    const cgroup::Hierarchy *unified = m_hierarchies->unified();
    if (unified == nullptr)
        return;
    TextBuffer buffer;
    for (auto &[path, scanned] : m_scanned)
        scanned.before = scanned.pages;
    for (OomdWatched &watched : state.watched) {
        watched.nowPercent = state.swapUsedPercent;
        if (!watched.swap) {
            const auto dir = cgroup::openCgroup(*unified, watched.path);
            watched.nowPercent = dir ? pressureOf(buffer, *dir) : 0;
        }
        watched.candidates = candidatesOf(watched);
    }
}

std::vector<OomdCandidate> Oomd::candidatesOf(const OomdWatched &watched)
{
    const cgroup::Hierarchy &unified = *m_hierarchies->unified();
    TextBuffer buffer;
    std::vector<cgroup::CgroupPath> paths;
    collect(unified, watched.path, buffer, true, paths);
    std::vector<OomdCandidate> out;
    for (cgroup::CgroupPath &path : paths) {
        const auto dir = cgroup::openCgroup(unified, path);
        if (!dir)
            continue;
        OomdCandidate candidate;
        const std::uint64_t pages = pagesScanned(buffer, *dir);
        Scanned &scanned = m_scanned.try_emplace(path, Scanned{pages, pages}).first->second;
        scanned.pages = pages;
        candidate.pgscan = pages > scanned.before ? pages - scanned.before : 0;
        candidate.swapBytes = numberIn(buffer, *dir, "memory.swap.current");
        candidate.memoryBytes = numberIn(buffer, *dir, "memory.current");
        candidate.preference = preferenceOf(*dir);
        candidate.kills = parseU64(attribute(*dir, "user.oomd_kills")).value_or(0);
        candidate.path = std::move(path);
        out.push_back(std::move(candidate));
    }
    std::ranges::stable_sort(out, [&watched](const OomdCandidate &a, const OomdCandidate &b) {
        if (a.preference != b.preference)
            return a.preference < b.preference;
        const auto weight = [&watched](const OomdCandidate &c) {
            return watched.swap ? std::pair(c.swapBytes, c.memoryBytes) : std::pair(c.pgscan, c.memoryBytes);
        };
        return weight(a) > weight(b);
    });
    return out;
}

OomdWatch::OomdWatch(Callback callback, std::vector<BusAddress> addresses)
    : m_callback(std::move(callback))
    , m_addresses(std::move(addresses))
    , m_wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))
    , m_thread([this](const std::stop_token &stop) { run(stop); })
{}

OomdWatch::~OomdWatch()
{
    m_thread.request_stop();
    ::eventfd_write(m_wake.get(), 1);
}

void OomdWatch::run(const std::stop_token &stop)
{
    while (!stop.stop_requested()) {
        if (const auto bus = connectBus(m_addresses, Clock::now() + kRetry))
            listen(**bus, stop);
        pollfd wake{m_wake.get(), POLLIN, 0};
        ::poll(&wake, 1, static_cast<int>(std::chrono::milliseconds(kRetry).count()));
    }
}

void OomdWatch::listen(sd_bus &bus, const std::stop_token &stop)
{
    ::sd_bus_set_method_call_timeout(&bus, std::chrono::microseconds(kRetry).count());
    const auto heard = [](sd_bus_message *message, void *self, sd_bus_error * /*error*/) {
        const char *path = nullptr;
        const char *reason = nullptr;
        if (::sd_bus_message_read(message, "ss", &path, &reason) > 0)
            static_cast<OomdWatch *>(self)->m_callback(path, reason);
        return 0;
    };
    int r = ::sd_bus_match_signal(&bus, nullptr, kOomService, kOomObject, kInterface, "Killed", heard, this);
    if (r < 0)
        log::debug(log::Area::Alerts, "systemd-oomd: ", busError(r, {}, {}, "AddMatch", kOomService).message());
    while (r >= 0 && !stop.stop_requested()) {
        r = ::sd_bus_process(&bus, nullptr);
        if (r != 0)
            continue;
        // No timeout: nothing of ours is due while no call is pending.
        const int events = ::sd_bus_get_events(&bus);
        std::array<pollfd, 2> fds{{{::sd_bus_get_fd(&bus), static_cast<short>(events), 0}, {m_wake.get(), POLLIN, 0}}};
        if (::poll(fds.data(), fds.size(), -1) < 0 && errno != EINTR)
            return;
    }
}

} // namespace gantry::systemd
