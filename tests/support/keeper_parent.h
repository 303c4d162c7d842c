// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/launch/keeper.h"

#include <QtTest>

#include <sys/prctl.h>

namespace gantry::test {

/// Once, before the first container: its keeper is the one that was built, unless one is installed, and what it leaves
/// is this process's to reap. Thread: any. The program that uses it is built with GANTRY_KEEPER_PROGRAM.
inline void becomeParentOfKeepers()
{
    if (launch::keeperPath().empty())
        qputenv("GANTRY_KEEPER", GANTRY_KEEPER_PROGRAM);
    ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
}

} // namespace gantry::test
