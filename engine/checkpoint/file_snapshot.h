// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"
#include "engine/base/fd.h"
#include "engine/base/locked_entry.h"

#include <string>
#include <utility>

namespace gantry::checkpoint {

/// True if the folder is a btrfs subvolume without others in it, which a snapshot would leave out.
[[nodiscard]] bool canSnapshot(const std::string &folder);

/// A read-only snapshot of a btrfs subvolume, beside it or, where that is another file system, in it; gone with this
/// object. If we die meanwhile, removeLeftSnapshots() finds it by a note in the state folder.
/// Source: ioctl BTRFS_IOC_SNAP_CREATE_V2, BTRFS_IOC_SNAP_DESTROY of linux/btrfs.h.
class Snapshot
{
public:
    /// @errors of the ioctl, of the note. Root only.
    [[nodiscard]] static Result<Snapshot> make(const std::string &folder, const std::string &stateFolder);
    Snapshot(Snapshot &&other) noexcept = default;
    Snapshot(const Snapshot &) = delete;
    Snapshot &operator=(const Snapshot &) = delete;
    Snapshot &operator=(Snapshot &&) = delete;
    ~Snapshot();

    /// The folder that it is in, and its name there.
    [[nodiscard]] int dir() const { return m_dir.get(); }
    [[nodiscard]] const std::string &name() const { return m_name; }

private:
    Snapshot(UniqueFd dir, std::string name, LockedEntry note)
        : m_dir(std::move(dir)), m_name(std::move(name)), m_note(std::move(note))
    {}

    UniqueFd m_dir; ///< none: moved
    std::string m_name;
    LockedEntry m_note;
};

/// Removes snapshots whose maker was killed. Thread: any.
void removeLeftSnapshots(const std::string &stateFolder);

} // namespace gantry::checkpoint
