// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/cgroup/freezer.h"

#include "engine/base/parse.h"

#include <algorithm>
#include <array>
#include <optional>

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace gantry::cgroup {

namespace {

/// Whole text of a file of the cgroup; nullopt where the file does not exist.
Result<std::optional<std::string>> readIfThere(int dir, const CgroupPath &path, const std::string &file)
{
    TextBuffer buffer;
    auto text = buffer.readAt(dir, file);
    if (text)
        return std::string(*text);
    if (text.error().posix() == ENOENT)
        return std::nullopt;
    text.error().subject = strCat(path.text(), '/', file);
    return std::unexpected(std::move(text).error());
}

Result<Freezer> readV1(const Hierarchy &hierarchy, const Cgroup &cgroup)
{
    const UniqueFd dir = GANTRY_TRY(openCgroup(hierarchy, cgroup));
    const auto state = GANTRY_TRY(readIfThere(dir.get(), cgroup.path, "freezer.state"));
    if (!state) // the root has none
        return Freezer::Absent;
    const auto own = GANTRY_TRY(readIfThere(dir.get(), cgroup.path, "freezer.self_freezing"));
    return parseV1Freezer(*state, own.value_or("1"));
}

Result<Freezer> readV2(const Hierarchy &hierarchy, const Cgroup &cgroup)
{
    const UniqueFd dir = GANTRY_TRY(openCgroup(hierarchy, cgroup));
    const auto own = GANTRY_TRY(readIfThere(dir.get(), cgroup.path, "cgroup.freeze"));
    const auto events = GANTRY_TRY(readIfThere(dir.get(), cgroup.path, "cgroup.events"));
    if (!own || !events)
        return Freezer::Absent;
    return parseV2Freezer(*own, *events);
}

/// Which of two states says more about a cgroup that is in both hierarchies.
int rank(Freezer state)
{
    switch (state) {
    case Freezer::Absent:
        return 0;
    case Freezer::Unreadable:
        return 1;
    case Freezer::Thawed:
        return 2;
    case Freezer::FrozenByAncestor:
        return 3;
    case Freezer::Freezing:
        return 4;
    case Freezer::Frozen:
        return 5;
    }
    std::unreachable();
}

/// The v1 freezer hierarchy if there is one and the cgroup is in it.
const Hierarchy *v1Freezer(const Hierarchies &hierarchies, const Cgroup &cgroup)
{
    const Hierarchy *hierarchy = hierarchies.forController("freezer");
    return hierarchy != nullptr && hierarchy->version == Version::V1 && cgroup.in(hierarchy->index) ? hierarchy
                                                                                                    : nullptr;
}

/// Where a cgroup is frozen, and the words for it.
struct Switch
{
    const Hierarchy *hierarchy;
    const char *file;
    std::string_view frozen;
    std::string_view thawed;
};

Result<Switch> switchOf(const Hierarchies &hierarchies, const Cgroup &cgroup)
{
    if (const Hierarchy *v1 = v1Freezer(hierarchies, cgroup))
        return Switch{v1, "freezer.state", "FROZEN", "THAWED"};
    if (const Hierarchy *v2 = hierarchies.unified())
        return Switch{v2, "cgroup.freeze", "1", "0"};
    return fail(ENODEV, "freeze", cgroup.path.text(), "no freezer is mounted on this host");
}

bool reached(Freezer state, bool frozen)
{
    return frozen ? state == Freezer::Frozen || state == Freezer::FrozenByAncestor
                  : state == Freezer::Thawed || state == Freezer::FrozenByAncestor;
}

} // namespace

Result<Freezer> parseV1Freezer(std::string_view state, std::string_view selfFreezing)
{
    const std::string_view word = trim(state);
    const std::uint64_t own = GANTRY_TRY(parseU64(trim(selfFreezing)));
    if (word == "THAWED")
        return Freezer::Thawed;
    if (word != "FROZEN" && word != "FREEZING")
        return failParse("freezer.state", state);
    if (word == "FREEZING")
        return Freezer::Freezing;
    return own != 0 ? Freezer::Frozen : Freezer::FrozenByAncestor;
}

Result<Freezer> parseV2Freezer(std::string_view freeze, std::string_view events)
{
    const std::uint64_t own = GANTRY_TRY(parseU64(trim(freeze)));
    bool frozen = false;
    GANTRY_CHECK(forEachFlatKey(events, [&frozen](std::string_view key, std::uint64_t value) {
        if (key == "frozen")
            frozen = value != 0;
    }));
    if (own != 0)
        return frozen ? Freezer::Frozen : Freezer::Freezing;
    return frozen ? Freezer::FrozenByAncestor : Freezer::Thawed;
}

Result<Freezer> readFreezer(const Hierarchies &hierarchies, const Cgroup &cgroup)
{
    Freezer out = Freezer::Absent;
    if (const Hierarchy *v1 = v1Freezer(hierarchies, cgroup))
        out = GANTRY_TRY(readV1(*v1, cgroup));
    if (const Hierarchy *v2 = hierarchies.unified(); v2 != nullptr && cgroup.in(v2->index))
        out = std::max(out, GANTRY_TRY(readV2(*v2, cgroup)), [](Freezer a, Freezer b) { return rank(a) < rank(b); });
    return out;
}

Result<FreezerFile> freezerFile(const Hierarchies &hierarchies, const Cgroup &cgroup)
{
    const Switch place = GANTRY_TRY(switchOf(hierarchies, cgroup));
    return FreezerFile{strCat(place.hierarchy->mountPoint, cgroup.path.text(), '/', place.file), place.thawed};
}

Result<> writeFreezer(const Hierarchies &hierarchies, const Cgroup &cgroup, bool frozen)
{
    const Switch place = GANTRY_TRY(switchOf(hierarchies, cgroup));
    const UniqueFd dir = GANTRY_TRY(openCgroup(*place.hierarchy, cgroup));
    auto done = writeFileAt(dir.get(), place.file, frozen ? place.frozen : place.thawed);
    if (!done)
        done.error().subject = strCat(cgroup.path.text(), '/', place.file);
    return done;
}

Result<Freezer> waitFreezer(const Hierarchies &hierarchies, const Cgroup &cgroup, bool frozen,
                            std::chrono::milliseconds deadline, std::stop_token stop)
{
    using Clock = std::chrono::steady_clock;
    constexpr int kV1PollMs = 5;
    const auto end = Clock::now() + deadline;
    // The kernel signals the state on v2; the descriptor must have been read before it is polled.
    UniqueFd events;
    if (const Hierarchy *v2 = hierarchies.unified(); v1Freezer(hierarchies, cgroup) == nullptr && v2 != nullptr) {
        const UniqueFd dir = GANTRY_TRY(openCgroup(*v2, cgroup));
        events = GANTRY_TRY(openAt(dir.get(), "cgroup.events", O_RDONLY));
    }
    const UniqueFd cancelled(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!cancelled)
        return failErrno("eventfd", cgroup.path.text());
    const std::stop_callback wake(stop, [&cancelled] { ::eventfd_write(cancelled.get(), 1); });
    TextBuffer buffer;
    while (true) {
        if (events)
            (void)GANTRY_TRY(buffer.readFd(events.get(), "cgroup.events"));
        const Freezer state = GANTRY_TRY(readFreezer(hierarchies, cgroup));
        if (reached(state, frozen))
            return state;
        if (stop.stop_requested())
            return fail(ECANCELED, "freeze", cgroup.path.text(), "cancelled");
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now());
        if (left.count() <= 0)
            return fail(ETIMEDOUT, "freeze", cgroup.path.text(),
                        strCat("still ", freezerName(state), " after ", deadline.count(), " ms"));
        std::array<pollfd, 2> wait{{{cancelled.get(), POLLIN, 0}, {events.get(), POLLPRI, 0}}};
        const auto most = static_cast<int>(std::min<std::int64_t>(left.count(), 60'000));
        (void)::poll(wait.data(), events ? 2 : 1, events ? most : std::min(kV1PollMs, most));
    }
}

std::string_view freezerName(Freezer state)
{
    switch (state) {
    case Freezer::Absent:
        return "absent";
    case Freezer::Thawed:
        return "thawed";
    case Freezer::Freezing:
        return "freezing";
    case Freezer::Frozen:
        return "frozen";
    case Freezer::FrozenByAncestor:
        return "frozen by ancestor";
    case Freezer::Unreadable:
        return "unreadable";
    }
    std::unreachable();
}

} // namespace gantry::cgroup
