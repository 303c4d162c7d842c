// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/checkpoint/oci_container.h"
#include "engine/launch/copy.h"
#include "engine/checkpoint/save.h"
#include "engine/runtime/runtimes.h"
#include "gantry/v1/migration.pb.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

/// Pre-flight of a migration: what the source tells, and what the target thinks of it. Thread: any; blocks on files.
namespace gantry::service {

/// @param pids of the container, its first process first.
/// @errors ENOTSUP: it was not started by Gantry; as lookAtTree().
[[nodiscard]] Result<v1::MigrationProfile> profileOf(const checkpoint::OciContainer &container,
                                                     std::span<const std::int32_t> pids,
                                                     const checkpoint::CriuFacts &criu);

/// The root, as a model that a copy is made of.
[[nodiscard]] launch::Model modelOf(const v1::MigrationProfile &profile);

/// What this host thinks of it, and what the source has found, worst first.
[[nodiscard]] std::vector<v1::CheckFinding> judgeProfile(const v1::MigrationProfile &profile, const std::string &name,
                                                         const checkpoint::Means &means,
                                                         const runtime::Runtimes &runtimes);

/// The part of it that is about machine, kernel, processor and CRIU of this host.
[[nodiscard]] std::vector<v1::CheckFinding> judgeHost(const v1::MigrationProfile &profile, const std::string &name,
                                                      const checkpoint::Means &means);

/// @errors ENOTSUP with all that forbid it: see forbids().
[[nodiscard]] Result<> checkJudged(const std::vector<v1::CheckFinding> &findings,
                                   std::span<const std::string> skip, std::string_view subject);

} // namespace gantry::service
