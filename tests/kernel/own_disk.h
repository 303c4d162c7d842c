// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtTest>

#include "engine/runtime/tool.h"
#include "tests/kernel/criu_target.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <sys/mount.h>
#include <unistd.h>

namespace gantry::test {

/// @return false: it failed, and what it said is shown.
inline bool run(const std::vector<std::string> &words)
{
    const auto done = runtime::runTool(words, {runtime::Clock::now() + std::chrono::seconds(60)});
    if (done && done->exitCode == 0)
        return true;
    qWarning("%s: %s", words.front().c_str(), done ? done->standardError.c_str() : done.error().message().c_str());
    return false;
}

/// A file system of its own, on a folder, until the end.
class Disk
{
public:
    /// @param type "ext4": the folder's own; "tmpfs" with options; "btrfs" and "xfs" on a loop device.
    Disk(const std::string &type, std::string folder, const std::string &options = "size=64m")
        : m_folder(std::move(folder))
    {
        std::filesystem::create_directories(m_folder);
        if (type == "ext4") {
            m_ready = true;
        } else if (type == "tmpfs") {
            m_ready = m_mounted = ::mount("none", m_folder.c_str(), "tmpfs", 0, options.c_str()) == 0;
        } else {
            m_image = m_folder + ".img";
            std::ofstream(m_image).close();
            std::filesystem::resize_file(m_image, std::uintmax_t{512} << 20);
            m_ready = m_mounted =
                run({"mkfs." + type, "-q", m_image}) && run({"mount", "-o", "loop", "-t", type, m_image, m_folder});
        }
    }
    Disk(const Disk &) = delete;
    Disk &operator=(const Disk &) = delete;
    Disk(Disk &&) = delete;
    Disk &operator=(Disk &&) = delete;
    ~Disk()
    {
        endAllBelow();
        for (int tries = 0; m_mounted && ::umount(m_folder.c_str()) != 0 && tries < 200; ++tries)
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        if (!m_image.empty())
            ::unlink(m_image.c_str());
    }
    [[nodiscard]] bool isReady() const { return m_ready; }

private:
    std::string m_folder;
    std::string m_image;
    bool m_mounted = false;
    bool m_ready = false;
};

/// True if a checkpoint or a restore has left something of its own in a folder.
inline bool hasLeftovers(const std::string &folder)
{
    for (const auto &entry : std::filesystem::recursive_directory_iterator(folder)) {
        const std::string name = entry.path().filename().string();
        if (name.starts_with(".gantry-") || name.starts_with("files.") || name.starts_with("snapshot."))
            return true;
    }
    return false;
}

} // namespace gantry::test
