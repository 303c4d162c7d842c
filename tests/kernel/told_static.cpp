// SPDX-License-Identifier: GPL-3.0-or-later
// A told_program as the only program of a container: no libraries.
#include "tests/kernel/told_program.h"

int main()
{
    if (!gantry::test::bindTold())
        return 1;
    gantry::test::listenTold("told");
}
