// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/launch/place.h"

#include "engine/base/fd.h"
#include "engine/base/log.h"
#include "engine/base/mountinfo.h"
#include "engine/base/parse.h"
#include "engine/base/replace_file.h"
#include "engine/base/strings.h"
#include "engine/base/time_text.h"
#include "engine/launch/network.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <filesystem>

#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gantry::launch {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kContainers = "/containers/";
constexpr std::string_view kAside = "upper.until-";

Result<> makeFolder(const std::string &path, mode_t mode)
{
    if (::mkdir(path.c_str(), mode) != 0)
        return failErrno("mkdir", path);
    return {};
}

Result<> removeAll(const std::string &path)
{
    std::error_code failed;
    fs::remove_all(path, failed);
    if (failed)
        return failErrno("remove", path, failed.value());
    return {};
}

} // namespace

Place::Place(const std::string &stateFolder, const std::string &name)
    : m_folder(strCat(fs::path(stateFolder).lexically_normal().string(), kContainers, name))
{}

Result<Place> Place::ofBundle(const std::string &bundle)
{
    Place out(bundle);
    struct stat facts
    {};
    if (bundle.find(kContainers) == std::string::npos || ::lstat(out.lower().c_str(), &facts) != 0 ||
        !S_ISREG(facts.st_mode) || ::lstat(out.upper().c_str(), &facts) != 0)
        return fail(ENOENT, "find", bundle, "it was not started by Gantry");
    return out;
}

std::vector<std::string> Place::asides() const
{
    std::vector<std::string> out;
    std::error_code failed;
    for (fs::directory_iterator entry(m_folder, failed), end; !failed && entry != end; entry.increment(failed)) {
        if (entry->path().filename().string().starts_with(kAside))
            out.push_back(entry->path().string());
    }
    std::ranges::sort(out);
    return out;
}

bool Place::exists() const
{
    std::error_code unknown;
    return fs::exists(fs::symlink_status(m_folder, unknown));
}

bool Place::isMounted() const
{
    const auto text = readFile("/proc/self/mountinfo");
    std::string_view rest = text ? std::string_view(*text) : std::string_view();
    // Mount points are told without symbolic links.
    std::error_code unknown;
    const std::string root = fs::weakly_canonical(this->root(), unknown).string();
    while (const auto line = takeLine(rest)) {
        const auto mount = parseMountInfoLine(*line);
        if (mount && mount->mountPoint == root)
            return true;
    }
    return false;
}

Result<> Place::make(const std::string &lower) const
{
    const std::string parent = fs::path(m_folder).parent_path().string();
    std::error_code failed;
    fs::create_directories(parent, failed);
    if (failed)
        return failErrno("mkdir", parent, failed.value());
    GANTRY_CHECK(makeFolder(m_folder, 0700));
    Result<> filled = fill(lower);
    if (!filled)
        (void)removeAll(m_folder);
    return filled;
}

Result<> Place::fill(const std::string &lower) const
{
    for (const std::string &folder : {root(), work()})
        GANTRY_CHECK(makeFolder(folder, 0700));
    // The root of the container has the mode of this one: everybody in it may look at it.
    GANTRY_CHECK(makeFolder(upper(), 0755));
    return replaceFile(this->lower(), lower);
}

Result<> Place::mount() const
{
    if (isMounted())
        return {};
    const std::string lower = GANTRY_TRY(readFile(this->lower()));
    const std::string options = strCat("lowerdir=", lower, ",upperdir=", upper(), ",workdir=", work());
    // Kernel: mount(2) takes one page of options.
    if (options.size() >= static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)))
        return fail(E2BIG, "mount", root(), "its image has too many layers for one mount",
                    "Make an image of one layer of it: podman build --squash-all");
    if (::mount("gantry", root().c_str(), "overlay", 0, options.c_str()) != 0)
        return failErrno("mount", root());
    return {};
}

Result<> Place::unmount() const
{
    if (isMounted() && ::umount2(root().c_str(), UMOUNT_NOFOLLOW) != 0)
        return failErrno("umount", root());
    return {};
}

Result<> Place::remove() const
{
    GANTRY_CHECK(removeNetwork(*this));
    GANTRY_CHECK(unmount());
    return removeAll(m_folder);
}

Result<UpperExchange> UpperExchange::begin(const Place &place)
{
    GANTRY_CHECK(place.unmount());
    UpperExchange out(place);
    // One that stayed when somebody died in between: what is in "upper" then is half of something.
    std::error_code unknown;
    if (!fs::exists(out.before(), unknown))
        GANTRY_CHECK(renameFile(place.upper(), out.before()));
    else
        GANTRY_CHECK(removeAll(place.upper()));
    GANTRY_CHECK(makeFolder(place.upper(), 0755));
    // What overlayfs keeps there is about the old one.
    GANTRY_CHECK(removeAll(place.work()));
    GANTRY_CHECK(makeFolder(place.work(), 0700));
    return out;
}

UpperExchange::UpperExchange(UpperExchange &&other) noexcept
    : m_place(std::move(other.m_place)), m_active(std::exchange(other.m_active, false))
{}

UpperExchange::~UpperExchange()
{
    if (m_active)
        undo();
}

void UpperExchange::undo()
{
    const auto back = [this]() -> Result<> {
        GANTRY_CHECK(m_place.unmount());
        std::error_code unknown;
        if (fs::exists(before(), unknown)) {
            GANTRY_CHECK(removeAll(m_place.upper()));
            GANTRY_CHECK(renameFile(before(), m_place.upper()));
        }
        GANTRY_CHECK(removeAll(m_place.work()));
        GANTRY_CHECK(makeFolder(m_place.work(), 0700));
        return m_place.mount();
    }();
    if (!back)
        log::warning(log::Area::Control, "the files of before were not put back: ", back.error().message());
}

void UpperExchange::keep()
{
    m_active = false;
    if (auto removed = removeAll(before()); !removed)
        log::warning(log::Area::Control, "it takes room: ", removed.error().message());
}

Result<std::string> UpperExchange::putAside()
{
    m_active = false;
    std::string aside = strCat(m_place.bundle(), "/", kAside, sortableNow());
    GANTRY_CHECK(renameFile(before(), aside));
    return aside;
}

} // namespace gantry::launch
