// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/runtime/process_look.h"
#include "engine/runtime/source.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace gantry::runtime {

/// "info" of an instance, as flatpak-metadata(5) writes key files. @return name (the application's id), image (the
/// runtime it runs on), labels "flatpak.branch", "flatpak.arch" and "flatpak.version".
[[nodiscard]] Facts parseFlatpakInfo(std::string_view text);
/// "child-pid" of bwrap's bwrapinfo.json; 0: not told.
[[nodiscard]] std::int32_t parseBwrapInfo(std::string_view text);

/// Sandboxed applications of one user by the files flatpak keeps while they run: .flatpak/INSTANCE/{info, pid,
/// bwrapinfo.json} in the user's run folder. Source: flatpak's common/flatpak-instance.c; written by hand in its
/// formats in the tests, not seen live. No verbs: only the user may run flatpak for them.
/// @param runFolder "/run/user/1000". @param owner of that folder.
[[nodiscard]] std::unique_ptr<Source> makeFlatpakFiles(std::string runFolder, std::uint32_t userUid, uid_t owner,
                                                       ProcessLook look = lookAtProcess);

[[nodiscard]] std::vector<Candidate> findFlatpakFiles(const HostTree &host);

} // namespace gantry::runtime
