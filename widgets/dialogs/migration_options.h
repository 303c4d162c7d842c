// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QStringList>

#include <cstdint>

namespace gantry {

/// How it gets there; see service::MigrationTransport.
enum class MigrationWay : std::uint8_t { Auto, Direct, Relay };

/// What the user decides about a container that goes to another host, of one as of each of several.
struct MigrationOptions
{
    static constexpr int kMostRounds = 8;
    static constexpr int kUsualRounds = 3;

    int rounds = 0;
    bool keep = false;
    bool timeline = false; ///< its checkpoints are copied, too
    QStringList skip{};    ///< causes of warnings
    MigrationWay way = MigrationWay::Auto;
    std::uint64_t limit = 0; ///< bytes a second; 0: as fast as it goes

    /// As options of gantryctl, each after a space; empty: as usual.
    [[nodiscard]] QString words() const;
};

} // namespace gantry
