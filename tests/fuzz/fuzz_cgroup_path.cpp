// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/cgroup/cgroup_path.h"

#include "tests/fuzz/fuzz_input.h"

using namespace gantry;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const std::string_view text = fuzz::textOf(data, size);
    const auto path = cgroup::CgroupPath::parse(text);
    if (path) {
        fuzz::require(path->text() == text && path->parent().contains(*path));
        fuzz::require(path->text().find("/../") == std::string::npos && !path->text().ends_with("/.."));
    }
    (void)cgroup::CgroupPath().child(text);
    (void)cgroup::CgroupPath().listedChild(text);
    return 0;
}
