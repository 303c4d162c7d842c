// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/systemd/ownership.h"

#include "engine/base/parse.h"

#include <algorithm>
#include <array>

#include <sys/xattr.h>
#include <systemd/sd-daemon.h>

namespace gantry::systemd {

namespace {

constexpr std::size_t kMostUnitName = 255; // UNIT_NAME_MAX with its NUL is 256
constexpr std::string_view kRootSlice = "-.slice";
constexpr std::array<std::string_view, 6> kTypes{".service", ".scope", ".slice", ".socket", ".mount", ".swap"};

/// Kernel: a cgroup must not be called like one of its files, so systemd puts "_" in front of such names.
std::string_view unescape(std::string_view directory)
{
    return directory.starts_with('_') ? directory.substr(1) : directory;
}

bool isUnitCharacter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view(":-_.\\@").find(c) != std::string_view::npos;
}

/// Takes components off a path.
class Components
{
public:
    explicit Components(const cgroup::CgroupPath &path) : m_rest(path.isRoot() ? std::string_view() : path.text()) {}

    [[nodiscard]] bool atEnd() const { return m_rest.empty(); }
    /// As systemd names it; empty at the end.
    [[nodiscard]] std::string_view peek() const { return unescape(raw()); }
    void take() { m_rest.remove_prefix(std::min(m_rest.size(), raw().size() + 1)); }
    [[nodiscard]] std::size_t left() const { return m_rest.size(); }

private:
    /// m_rest is empty or begins with '/'.
    [[nodiscard]] std::string_view raw() const
    {
        const std::string_view after = m_rest.substr(std::min<std::size_t>(1, m_rest.size()));
        return after.substr(0, after.find('/'));
    }
    std::string_view m_rest;
};

/// Takes slices as long as each stands where systemd puts it. @return the last one.
std::string takeSlices(Components &components)
{
    std::string slice(kRootSlice);
    while (components.peek().ends_with(".slice")) {
        const auto parent = parentSlice(components.peek());
        if (!parent || *parent != slice)
            break;
        slice = components.peek();
        components.take();
    }
    return slice;
}

/// UID of "user@1000.service".
std::optional<std::uint32_t> userManager(std::string_view unit)
{
    constexpr std::string_view kPrefix = "user@";
    constexpr std::string_view kSuffix = ".service";
    if (!unit.starts_with(kPrefix) || !unit.ends_with(kSuffix) || unit.size() <= kPrefix.size() + kSuffix.size())
        return std::nullopt;
    const auto uid = parseU64(unit.substr(kPrefix.size(), unit.size() - kPrefix.size() - kSuffix.size()));
    constexpr std::uint64_t kNoUid = 0xFFFF'FFFF;
    return uid && *uid < kNoUid ? std::optional(static_cast<std::uint32_t>(*uid)) : std::nullopt;
}

/// The path as far as `left` characters before its end.
cgroup::CgroupPath prefixOf(const cgroup::CgroupPath &path, std::size_t left)
{
    cgroup::CgroupPath out = path;
    while (!out.isRoot() && out.text().size() > path.text().size() - left)
        out = out.parent();
    return out;
}

/// One manager's part of a path.
std::optional<Ownership> takeUnit(const cgroup::CgroupPath &path, Components &components)
{
    Ownership out;
    const std::string slice = takeSlices(components);
    const std::string_view name = components.peek();
    // A slice here is one that stands at the wrong place: somebody else's directory.
    if (!components.atEnd() && isUnitName(name) && !name.ends_with(".slice")) {
        out.unit = name;
        out.slice = slice;
        components.take();
        out.own = components.atEnd();
    } else if (components.atEnd()) {
        out.unit = slice;
        out.slice = parentSlice(slice).value_or("");
        out.own = true;
    } else {
        return std::nullopt;
    }
    out.unitPath = prefixOf(path, components.left());
    return out;
}

std::optional<Ownership> withDelegation(const cgroup::Hierarchies &hierarchies, std::optional<Ownership> ownership)
{
    if (!ownership || ownership->unit.ends_with(".slice"))
        return ownership; // slices cannot be delegated
    const auto named = std::ranges::find_if(hierarchies.all(), [](const cgroup::Hierarchy &hierarchy) {
        return hierarchy.index == 0 || hierarchy.has("name=systemd");
    });
    if (named == hierarchies.all().end())
        return ownership;
    if (const auto dir = cgroup::openCgroup(*named, ownership->unitPath))
        ownership->delegated = isDelegated(dir->get());
    return ownership;
}

} // namespace

bool isBooted()
{
    return ::sd_booted() > 0;
}

bool isUnitName(std::string_view name)
{
    const auto type = std::ranges::find_if(kTypes, [name](std::string_view t) { return name.ends_with(t); });
    if (type == kTypes.end() || name.size() > kMostUnitName || !std::ranges::all_of(name, isUnitCharacter))
        return false;
    const std::string_view stem = name.substr(0, name.size() - type->size());
    return !stem.empty() && !stem.starts_with('@');
}

Result<std::string> parentSlice(std::string_view slice)
{
    if (slice == kRootSlice)
        return std::string();
    const std::string_view stem = slice.substr(0, slice.size() - std::min<std::size_t>(slice.size(), 6));
    if (!isUnitName(slice) || !slice.ends_with(".slice") || stem.starts_with('-') || stem.ends_with('-') ||
        stem.find("--") != std::string_view::npos || stem.find('@') != std::string_view::npos)
        return fail(EINVAL, "parentSlice", slice, "not the name of a slice");
    const std::size_t dash = stem.rfind('-');
    return dash == std::string_view::npos ? std::string(kRootSlice) : strCat(stem.substr(0, dash), ".slice");
}

std::optional<Ownership> ownershipOf(const cgroup::CgroupPath &path)
{
    Components components(path);
    std::optional<Ownership> system = takeUnit(path, components);
    if (!system || system->own)
        return system;
    const auto uid = userManager(system->unit);
    if (!uid)
        return system;
    std::optional<Ownership> user = takeUnit(path, components);
    if (!user)
        return system;
    user->userUid = uid;
    return user;
}

std::optional<Ownership> readOwnership(const cgroup::Hierarchies &hierarchies, const cgroup::CgroupPath &path)
{
    return isBooted() ? withDelegation(hierarchies, ownershipOf(path)) : std::nullopt;
}

bool isDelegated(int dirFd)
{
    // An O_PATH descriptor has no fgetxattr.
    const std::string path = strCat("/proc/self/fd/", dirFd);
    constexpr std::array kNames{"user.delegate", "trusted.delegate"};
    return std::ranges::any_of(kNames, [&path](const char *name) {
        std::array<char, 8> value{};
        const ssize_t size = ::getxattr(path.c_str(), name, value.data(), value.size());
        return size == 1 && value[0] == '1';
    });
}

} // namespace gantry::systemd
