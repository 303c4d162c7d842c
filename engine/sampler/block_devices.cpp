// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/sampler/block_devices.h"

#include "engine/base/fd.h"
#include "engine/base/parse.h"

#include <filesystem>

namespace gantry::sampler {

const BlockDevices::Device &BlockDevices::find(DeviceNumber number)
{
    const auto [found, isNew] = m_known.try_emplace(number);
    if (!isNew)
        return found->second;
    Device &out = found->second;
    const std::string dir = strCat(m_sys, "/dev/block/", number.major, ':', number.minor);
    const auto uevent = readFile(dir + "/uevent");
    if (!uevent)
        return out;
    std::string_view rest = *uevent;
    while (const auto line = takeLine(rest)) {
        if (line->starts_with("DEVNAME="))
            out.name = line->substr(8);
        else if (*line == "DEVTYPE=disk")
            out.disk = true;
    }
    std::error_code ignored;
    const bool onOthers =
        std::filesystem::is_directory(dir + "/slaves", ignored) && !std::filesystem::is_empty(dir + "/slaves", ignored);
    out.stacked = onOthers || std::filesystem::exists(dir + "/loop", ignored);
    return out;
}

} // namespace gantry::sampler
