// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/checkpoint/criu.h"
#include "engine/repository/manifest.h"

#include <string_view>

namespace gantry::checkpoint {

/// What a restore has to know of the host that a checkpoint was made on: versions of CRIU and kernel, the CPU's flags.
void tellHost(repository::Manifest &manifest, const CriuFacts &criu);

/// @param op "checkpoint", "restore". @param subject what is to be saved or restored. @errors ENOTSUP: no CRIU works
/// here.
[[nodiscard]] Result<> checkCriu(std::string_view op, std::string_view subject, const CriuFacts &criu);

/// Whether the CRIU of this host can read a checkpoint. @errors as checkCriu(); ENOTSUP: a newer one wrote it.
[[nodiscard]] Result<> checkReader(std::string_view subject, const CriuFacts &criu,
                                   const repository::Manifest &manifest);

} // namespace gantry::checkpoint
