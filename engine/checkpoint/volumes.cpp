// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/volumes.h"

#include "engine/base/strings.h"
#include "engine/checkpoint/file_plan.h"
#include "engine/checkpoint/file_walk.h"
#include "engine/runtime/oci_config.h"

#include <algorithm>
#include <array>
#include <filesystem>

#include <fcntl.h>
#include <sys/stat.h>

namespace gantry::checkpoint {

namespace fs = std::filesystem;

namespace {

constexpr std::array<std::string_view, 3> kKernels{"/dev", "/proc", "/sys"}; ///< in a container: what every one has

/// Empty: there is no such thing, or it is none of a disk.
std::string placeOf(const std::string &source, const std::string &bundle)
{
    std::error_code failed;
    const std::string out = fs::canonical(fs::path(bundle) / source, failed).string(); // an absolute one stays as it is
    const auto file = failed ? std::unexpected(Error()) : openPlain(AT_FDCWD, out, O_PATH);
    return file && isOfDisk(file->get()) ? out : std::string();
}

/// Absolute, without a slash at the end.
std::string insidePath(const std::string &destination)
{
    std::string out = (fs::path("/") / destination).lexically_normal().string();
    if (out.size() > 1 && out.ends_with('/'))
        out.pop_back();
    return out;
}

} // namespace

Result<std::vector<Volume>> volumesOf(const OciContainer &container)
{
    const runtime::Json config = GANTRY_TRY(runtime::parseJson("config.json", container.config));
    std::vector<Volume> out;
    for (const runtime::Mount &mount : runtime::bindsOf(config)) {
        if (mount.readOnly)
            continue;
        Volume volume{placeOf(mount.source, container.bundle), insidePath(mount.destination)};
        const bool isKernels = std::ranges::any_of(
            kKernels, [&volume](std::string_view folder) { return isPathWithin(volume.destination, folder); });
        // Docker's own for each container: resolv.conf, hosts, hostname.
        const bool isDockers = !container.docker.empty() &&
                               volume.path.find(strCat("/containers/", container.id, "/")) != std::string::npos;
        if (!volume.path.empty() && !isKernels && !isDockers && std::ranges::find(out, volume.path, &Volume::path) == out.end())
            out.push_back(std::move(volume));
    }
    return out;
}

Result<VolumeSize> sizeOf(const Volume &volume, std::uint64_t most, const std::stop_token &stop)
{
    VolumeSize out;
    if (volume.path == "/") {
        out.more = true;
        return out;
    }
    const Spot spot = GANTRY_TRY(spotOf(volume.path));
    std::size_t number = 0;
    const Walk::Visit visit = [&](const KeptEntry &entry, int dir, const std::string &name) -> Result<> {
        if (out.files == most) {
            out.more = true;
            return failErrno("stat", printable(volume.path), EOVERFLOW);
        }
        ++out.files;
        struct stat info
        {};
        if (S_ISREG(entry.mode) && !entry.sameAs && ::fstatat(dir, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0)
            out.bytes += diskBytes(info);
        return {};
    };
    auto walked = Walk(0, number, visit, stop).run(spot.folder.get(), spot.name, volume.path);
    if (!walked && !out.more)
        return std::unexpected(std::move(walked).error());
    return out;
}

bool isDeclared(const Volume &volume, std::span<const std::string> declared)
{
    return std::ranges::any_of(declared, [&volume](const std::string &path) {
        std::error_code failed;
        const std::string real = fs::canonical(path, failed).string();
        return !failed && isPathWithin(volume.path, real);
    });
}

} // namespace gantry::checkpoint
