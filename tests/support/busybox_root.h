// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <initializer_list>
#include <string>

namespace gantry::test {

/// A root file system with this host's busybox and nothing else: bin/ with the applets as links to it, and an empty
/// data/. @param root the folder; made where it is not there. An applet or busybox that is there already, or a busybox
/// that the host has not, throws std::filesystem::filesystem_error, which ends the test. Thread: any.
inline void makeBusyboxRoot(const std::string &root, std::initializer_list<const char *> applets)
{
    namespace fs = std::filesystem;
    const fs::path bin = fs::path(root) / "bin";
    fs::create_directories(bin);
    fs::create_directories(fs::path(root) / "data");
    fs::copy_file("/bin/busybox", bin / "busybox");
    for (const char *applet : applets)
        fs::create_symlink("busybox", bin / applet);
}

} // namespace gantry::test
