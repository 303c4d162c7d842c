// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"
#include "gantry/v1/migration.grpc.pb.h"

#include <cstdint>
#include <functional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

/// The caller's part in gantry.v1.Migration: it carries frames between two engines, and settles what a broken
/// connection has left. Thread: any; blocks.
namespace gantry::service {

struct Ends
{
    v1::Migration::Stub &source;
    v1::Migration::Stub &target;
};

/// Told what the source says on its way, on the calling thread; may be empty.
using OnMigrationPhase = std::function<void(const v1::MigrationPhase &)>;

/// How it goes from the source to the target.
struct MigrationTransport
{
    enum class Way : std::uint8_t {
        Relay,  ///< the caller carries
        Auto,   ///< the two hosts by a connection of their own, or, where none comes about, the caller
        Direct, ///< the two hosts, or not at all
    };
    Way way = Way::Relay;
    std::string address{}; ///< of the target; empty: all that it has are tried
};

/// Whether a finding forbids it: an error does, a warning unless its cause is among `skip` ("all" is every one).
[[nodiscard]] bool forbids(const v1::CheckFinding &finding, std::span<const std::string> skip);

/// What both ends find, worst first. @errors of Profile, Judge.
[[nodiscard]] Result<v1::JudgeMigrationReply> judgeMigration(const Ends &ends, const v1::Target &target,
                                                             const std::string &name, const std::stop_token &stop = {});

/// One migration, from its beginning to its end. Where a connection breaks in the midst, and both ends answer again, it
/// is settled here.
/// @param begin without `direct`, which is made here.
/// @param stop gives it up: the source runs on, unless it was handed over already.
/// @errors why it runs where it was. EINPROGRESS: it is not known yet where it runs, but in one place at most:
/// settleMigrations() has to be called once both ends answer.
[[nodiscard]] Result<v1::MigrationDone> migrate(const Ends &ends, const v1::MigrationBegin &begin,
                                                const OnMigrationPhase &onPhase, const std::stop_token &stop,
                                                const MigrationTransport &transport = {});

/// Brings what these two have left unfinished with each other to an end. @return what was done, a sentence each.
/// @errors of Unfinished, Decide, Conclude.
[[nodiscard]] Result<std::vector<std::string>> settleMigrations(const Ends &ends, const v1::Actor &actor,
                                                                const std::stop_token &stop = {});

} // namespace gantry::service
