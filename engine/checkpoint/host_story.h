// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/checkpoint/criu.h"
#include "engine/repository/manifest.h"

namespace gantry::checkpoint {

/// What a restore has to know of the host that a checkpoint was made on: versions of CRIU and kernel, the CPU's flags.
void tellHost(repository::Manifest &manifest, const CriuFacts &criu);

} // namespace gantry::checkpoint
