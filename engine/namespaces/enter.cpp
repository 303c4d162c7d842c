// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/strings.h"
#include "engine/namespaces/namespaces.h"

#include <array>
#include <thread>

#include <sched.h>
#include <unistd.h>

namespace gantry::namespaces {

Result<std::string> hostNameOf(std::int32_t pid)
{
    const std::string link = strCat("/proc/", pid, "/ns/uts");
    const UniqueFd fd = GANTRY_TRY(openAt(AT_FDCWD, link, O_RDONLY));
    Result<std::string> out;
    // Kernel: setns() to a UTS namespace holds for one thread. This one ends with it, so nothing has to be undone.
    std::jthread([&] {
        std::array<char, 65> name{}; // __NEW_UTS_LEN and a NUL
        if (::setns(fd.get(), CLONE_NEWUTS) != 0)
            out = failErrno("setns", link);
        else if (::gethostname(name.data(), name.size() - 1) != 0)
            out = failErrno("gethostname", link);
        else
            out = printable(name.data());
    }).join();
    return out;
}

} // namespace gantry::namespaces
