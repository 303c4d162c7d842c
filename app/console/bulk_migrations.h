// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

#include "app/console/migration_controller.h"
#include "widgets/dialogs/bulk_migrate_dialog.h"

#include <functional>
#include <memory>
#include <stop_token>
#include <vector>

namespace gantry::console {

/// Several migrations from one host: asks before, has so many at work at a time, shows how each goes, and brings home
/// what was moved. The work is done by the controller's threads. Thread: GUI.
class BulkMigrations final : public QObject
{
    Q_OBJECT
public:
    /// @param controller whose child this becomes; it has hosts, threads and messages.
    explicit BulkMigrations(MigrationController &controller);

    /// Opens the question. @param wanted hosts ticked at first; none: all. @param all these are all that the host has.
    void ask(HostKey source, const QStringList &containers, const std::vector<HostKey> &wanted, bool all);

private:
    struct Run;
    /// Told of each that was moved, by its name on the host that it left.
    using OnMoved = std::function<void(const QString &container)>;

    void ask(HostKey source, const std::vector<BulkItem> &items, const std::vector<HostKey> &hosts,
             const std::vector<HostKey> &wanted, bool all, const OnMoved &onMoved);
    /// Asks about one after the other. @return to stop it by.
    std::stop_source check(BulkMigrateDialog &dialog, HostKey source, int question, HostKey target,
                           const std::vector<BulkQuestion> &items);
    void start(HostKey source, const BulkWish &wish, const OnMoved &onMoved);
    void advance(const std::shared_ptr<Run> &run);
    void begin(const std::shared_ptr<Run> &run, std::size_t item);
    void end(const std::shared_ptr<Run> &run, std::size_t item, const Result<v1::MigrationDone> &done);
    void giveUp(const std::shared_ptr<Run> &run, const std::vector<std::size_t> &items);
    void rollBack(const std::shared_ptr<Run> &run, const std::vector<std::size_t> &items);

    MigrationController &m_controller;
};

} // namespace gantry::console
