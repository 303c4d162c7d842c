// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

#include "engine/base/error.h"
#include "engine/service/migration_client.h"
#include "gantry/v1/migration.pb.h"
#include "widgets/dialogs/migrate_dialog.h"
#include "widgets/pages/host_tree_view.h"

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace grpc {
class Channel;
} // namespace grpc

namespace gantry {
class MigrationProgress;
} // namespace gantry

namespace gantry::console {

/// A host as the controller needs to know it; its problem holds for what goes away from it, too.
struct MigrationPeer : MigrationHost
{
    std::shared_ptr<grpc::Channel> channel{}; ///< null: it is not connected
};

/// As gantryctl decides it: where both are on this machine a connection of their own spares nobody anything.
[[nodiscard]] service::MigrationTransport transportOf(MigrationWay way, const MigrationHost &from,
                                                      const MigrationHost &to);

/// What the source is told, on behalf of who runs the console. @param name it is to have there.
[[nodiscard]] v1::MigrationBegin beginOf(const QString &container, const QString &name, const MigrationPeer &to,
                                         const MigrationOptions &options);

/// One migration from its beginning to its end, with its checkpoints where that is wanted. Blocks. Thread: any.
/// @errors as service::migrate().
[[nodiscard]] Result<v1::MigrationDone> carry(const MigrationPeer &from, const MigrationPeer &to,
                                              const v1::MigrationBegin &begin, const MigrationOptions &options,
                                              const service::OnMigrationPhase &onPhase, const std::stop_token &stop);

/// Migrations between the hosts of the window: asks before, carries between the two, shows how it goes, and brings to
/// an end what a lost connection has left in the midst. Each runs on a thread of its own. Thread: GUI.
class MigrationController final : public QObject
{
    Q_OBJECT
public:
    /// @param peers all hosts of the window, as they are now.
    MigrationController(std::function<std::vector<MigrationPeer>()> peers, QWidget *window);
    /// What is under way is given up: it runs on where it is, unless it was handed over.
    ~MigrationController() override;
    MigrationController(const MigrationController &) = delete;
    MigrationController &operator=(const MigrationController &) = delete;
    MigrationController(MigrationController &&) = delete;
    MigrationController &operator=(MigrationController &&) = delete;

    /// Opens the question. @param container as its host knows it. @param wanted chosen at first; none: any.
    void ask(HostKey source, const QString &container, HostKey wanted = {});
    /// Something is dragged: tells of each host whether it, or some of it, may go there, at once or when both ends have
    /// looked.
    void judgeAll(HostKey source, const QStringList &containers);
    /// A host is connected: what it has left unfinished with the others is settled.
    void settle(HostKey host);

    using Work = std::function<std::function<void()>(const std::stop_token &)>;
    /// Runs `work` on a thread; what that returns runs on this one, if this still lives. @return to stop it by.
    std::stop_source run(Work work);
    /// All hosts but this one, as they are now.
    [[nodiscard]] std::vector<MigrationHost> hostsBesides(HostKey source) const;
    /// A host as it is now; without a channel where there is none such.
    [[nodiscard]] MigrationPeer peer(HostKey key) const;
    [[nodiscard]] QWidget *window() const { return m_window; }

Q_SIGNALS:
    /// A line for the status bar.
    void message(const QString &text);
    /// Answers to judgeAll().
    void judged(gantry::HostKey host, const gantry::DropVerdict &verdict);
    /// Sentences about what failed.
    void failed(const QString &sentences);

private:
    struct Task;

    void check(MigrateDialog &dialog, HostKey source, const QString &container, int question, HostKey target,
               const QString &name);
    void start(HostKey source, const QString &container, const MigrationWish &wish);

    const std::function<std::vector<MigrationPeer>()> m_peers;
    QWidget *const m_window;
    std::vector<std::unique_ptr<Task>> m_tasks;
};

} // namespace gantry::console
