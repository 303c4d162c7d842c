// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/limit.h"

#include <map>
#include <string>

namespace gantry::sampler {

/// Names of block devices and which of them stand on others. Looked up once a device until forget(). Thread: one at a
/// time.
class BlockDevices
{
public:
    struct Device
    {
        std::string name;     ///< "vda"; empty if it is not known
        bool stacked = false; ///< device-mapper, md, loop ...: its traffic is counted again in the device below
        bool disk = false;    ///< a whole device, not a partition
    };
    /// @param sys where sysfs is mounted.
    explicit BlockDevices(std::string sys = "/sys") : m_sys(std::move(sys)) {}

    /// Source: /sys/dev/block/MAJOR:MINOR: uevent (DEVNAME), slaves/, loop/, partition.
    [[nodiscard]] const Device &find(DeviceNumber number);
    /// Kernel: a number is used again after its device was unplugged.
    void forget() { m_known.clear(); }

private:
    std::string m_sys;
    std::map<DeviceNumber, Device> m_known;
};

} // namespace gantry::sampler
