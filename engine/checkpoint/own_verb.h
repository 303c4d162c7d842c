// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/checkpoint/save.h"
#include "engine/runtime/table.h"

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// What the own verbs of engines (podman, Docker, LXC) have in common. Thread: any; blocks.
namespace gantry::checkpoint {

/// Their programs start a CRIU by its name. @param engine "podman". @errors ENOTSUP: the one that works here is not the
/// system's; as checkCriu().
[[nodiscard]] Result<> checkSystemCriu(std::string_view op, std::string_view name, std::string_view engine,
                                       const CriuFacts &criu);

/// Only root's containers, and none whose id would be taken for an option. @errors ENOTSUP.
[[nodiscard]] Result<> checkRootsOwn(const runtime::Facts &facts);

/// Chosen by pre-flight, and wished for. @param known those that the engine passes on to CRIU. @errors ENOTSUP naming
/// one that it does not.
[[nodiscard]] Result<std::vector<std::string>> optionsForEngine(const std::vector<Finding> &findings,
                                                                const SaveWish &wish,
                                                                std::span<const std::string_view> known,
                                                                const runtime::Facts &facts);

/// One verb of an engine's program. @param words the program first. @param speaker whose words it prints, where that is
/// not the first one of `words`. @return what it prints, trimmed. @errors EIO with its words; as runTool().
[[nodiscard]] Result<std::string> runOwnVerb(std::string_view op, std::string_view name,
                                             const std::vector<std::string> &words, const runtime::Patience &patience,
                                             std::string_view speaker = {});

/// The pid that an engine's program prints of a container's first process. @param told what runOwnVerb() gave.
/// @return 0: its engine refuses to tell, since it has it no more, or it does not run. @errors of `told`, but for EIO.
[[nodiscard]] Result<std::int32_t> pidTold(const Result<std::string> &told);

/// What checks of a restore say where it runs now. @param state the engine's word. @return EEXIST.
[[nodiscard]] std::unexpected<Error> failRuns(std::string_view name, std::string_view engine, std::string_view state,
                                              const repository::CheckpointId &checkpoint);

/// Until an engine knows that a container has ended: it hears of it a moment later. @param hasEnded asked again and
/// again. @errors EBUSY: it does not say so; what `hasEnded` says.
[[nodiscard]] Result<> waitUntilEnded(std::string_view name, std::string_view engine,
                                      const std::function<Result<bool>()> &hasEnded);

} // namespace gantry::checkpoint
