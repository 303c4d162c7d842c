// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/strings.h"

#include <string>

namespace gantry::test {

/// The line of an OOM kill that names cgroups and victim. Source: mm/oom_kill.c; seen on 6.18.
/// @param limit path of the cgroup whose limit was met; task that of the victim's.
inline std::string victimLine(const std::string &limit, const std::string &task, const std::string &comm, int pid)
{
    return strCat("oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=", limit,
                  ",task_memcg=", task, ",task=", comm, ",pid=", pid, ",uid=1000");
}

/// The line that tells what the victim had. Source: mm/oom_kill.c.
inline std::string killedLine(const std::string &comm, int pid)
{
    return strCat("Memory cgroup out of memory: Killed process ", pid, " (", comm,
                  ") total-vm:80260kB, anon-rss:19260kB, file-rss:3728kB, shmem-rss:4kB, UID:1000 pgtables:96kB "
                  "oom_score_adj:-5");
}

} // namespace gantry::test
