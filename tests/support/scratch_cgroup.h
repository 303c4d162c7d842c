// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/cgroup/hierarchy.h"

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace gantry::test {

/// A real cgroup "/gantry-test-PID-N-NAME" (below $GANTRY_TEST_CGROUP where that is set: what systemd delegated, see
/// tests/lab) of its own in the wanted hierarchies, removed at the end with everything in
/// it: its processes are thawed and killed, its sub-cgroups removed, also after a failed test (the object lives on the
/// stack). Ends the program when the kernel will not make it: a kernel test fails rather than skips.
class ScratchCgroup
{
public:
    /// @param controllers where to make it, as Hierarchies::forController() takes them; "unified" is v2 itself. None:
    /// in every hierarchy.
    explicit ScratchCgroup(std::string_view name = "a",
                           std::initializer_list<std::string_view> controllers = {"memory", "cpu", "cpuacct", "pids",
                                                                                  "freezer", "io", "unified"});
    ScratchCgroup(const ScratchCgroup &) = delete;
    ScratchCgroup &operator=(const ScratchCgroup &) = delete;
    ScratchCgroup(ScratchCgroup &&) = delete;
    ScratchCgroup &operator=(ScratchCgroup &&) = delete;
    ~ScratchCgroup();

    [[nodiscard]] const cgroup::HierarchiesPtr &hierarchies() const { return m_hierarchies; }
    [[nodiscard]] const cgroup::CgroupPath &path() const { return m_path; }
    /// As it is now, with its inodes.
    [[nodiscard]] cgroup::Cgroup cgroup() const;
    /// Makes a cgroup below it ("b", "b/c" ...; parents too) in the same hierarchies, on v2 with every controller the
    /// parent can give.
    cgroup::Cgroup makeChild(std::string_view relative) const;
    /// Removes a cgroup below it, or this one for an empty name, in all its hierarchies.
    void remove(std::string_view relative = {}) const;

    /// Text of a file of this cgroup in the hierarchy that has the controller.
    [[nodiscard]] std::string read(std::string_view controller, const std::string &file) const;
    void write(std::string_view controller, const std::string &file, std::string_view text) const;
    /// True where the controller is on a v1 hierarchy.
    [[nodiscard]] bool isV1(std::string_view controller) const;
    /// What this host calls a v2 file: memory.max, memory.current and cgroup.freeze have other names on v1.
    [[nodiscard]] std::string file(std::string_view v2Name) const;
    /// Writes the freezer's file; returns at once.
    void freeze(bool frozen) const { write("freezer", file("cgroup.freeze"), freezerWord(frozen)); }
    [[nodiscard]] std::string freezerWord(bool frozen) const;
    /// Moves a process into this cgroup (or one below it) in all its hierarchies.
    void attach(pid_t pid, std::string_view relative = {}) const;

private:
    [[nodiscard]] const cgroup::Hierarchy &hierarchyOf(std::string_view controller) const;
    [[nodiscard]] std::string directory(const cgroup::Hierarchy &hierarchy, std::string_view relative = {}) const;

    cgroup::HierarchiesPtr m_hierarchies;
    cgroup::CgroupPath m_path;
    std::vector<const cgroup::Hierarchy *> m_in;
};

/// Removes the scratch cgroups of a test program that has ended, with what is in them: one that crashed left them.
/// @return true if there were any; each is named on standard error.
bool removeScratchCgroupsOf(pid_t program);

/// A child process that runs `body` after go() and is killed and reaped at the end; it ends with the body's value.
/// Declare it before the ScratchCgroup it goes into: a child that is frozen on v1 dies only when that thaws it.
class ChildProcess
{
public:
    explicit ChildProcess(const std::function<int()> &body);
    ChildProcess(const ChildProcess &) = delete;
    ChildProcess &operator=(const ChildProcess &) = delete;
    ChildProcess(ChildProcess &&) = delete;
    ChildProcess &operator=(ChildProcess &&) = delete;
    ~ChildProcess();

    [[nodiscard]] pid_t pid() const { return m_pid; }
    /// Lets the body run: attach the child to its cgroup before.
    void go();
    /// Waits for the end. @return wait status as waitpid() gives it.
    int wait();

private:
    pid_t m_pid = -1;
    UniqueFd m_start;
};

/// Writes one byte, past the sanitizers: their books of each page would be charged to the cgroup, too.
void touchPage(void *memory, std::uint64_t offset);

/// Ready-made bodies.
int sleepForEver();
/// Touches that many bytes of memory, page by page, then sleeps for ever.
std::function<int()> allocate(std::uint64_t bytes);
/// Burns CPU.
int spin();

} // namespace gantry::test
