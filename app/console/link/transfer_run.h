// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QString>

#include "app/console/link/host_client.h"
#include "engine/base/mailbox.h"
#include "gantry/v1/transfer.pb.h"

#include <memory>
#include <optional>
#include <stop_token>
#include <thread>
#include <vector>

namespace gantry::console {

/// How an export or an import ended.
struct TransferEnd
{
    std::optional<Error> failure;                ///< what follows is of no meaning then
    std::vector<v1::CheckpointInfo> checkpoints; ///< exported, or imported
    std::vector<v1::CheckpointInfo> known;       ///< not imported: they were there
    quint64 bytes = 0;                           ///< of the file
    std::string notRecorded;                     ///< why it is missing in the audit log
};

/// One export into a file, or one import from it, on a thread of its own; the file is this machine's. An export's has
/// its name only when it is whole. Deletes itself after its end. Thread: GUI, but for the work.
class TransferRun final : public QObject
{
    Q_OBJECT
public:
    /// @param client its parent: what runs when it dies is cancelled. @param file is replaced where there is one.
    static TransferRun *exportTo(HostClient &client, const v1::ExportRequest &request, const QString &file);
    static TransferRun *importFrom(HostClient &client, const v1::Actor &actor, const QString &file);
    ~TransferRun() override;
    TransferRun(const TransferRun &) = delete;
    TransferRun &operator=(const TransferRun &) = delete;
    TransferRun(TransferRun &&) = delete;
    TransferRun &operator=(TransferRun &&) = delete;

    /// It ends with ECANCELED, and nothing of it is left.
    void cancel() { m_stop.request_stop(); }

Q_SIGNALS:
    /// @param most bytes there may be about; 0: not known.
    void progressed(quint64 done, quint64 most);
    /// The store is encrypted, what is written is not.
    void leavesEncryption();
    /// Once.
    void ended(const gantry::console::TransferEnd &end);

private:
    struct Progress
    {
        quint64 done = 0;
        quint64 most = 0;
        bool leavesEncryption = false;
    };
    using Work = std::function<TransferEnd(const std::shared_ptr<grpc::Channel> &, const std::stop_token &,
                                           LatestSlot<Progress> &)>;

    TransferRun(HostClient &client, Work work);
    void showProgress();
    void showEnd();
    [[nodiscard]] static TransferEnd writeFile(const v1::ExportRequest &request, const std::string &file,
                                               const std::shared_ptr<grpc::Channel> &channel,
                                               const std::stop_token &stop, LatestSlot<Progress> &progress);
    [[nodiscard]] static TransferEnd readFile(const v1::Actor &actor, const std::string &file,
                                              const std::shared_ptr<grpc::Channel> &channel,
                                              const std::stop_token &stop, LatestSlot<Progress> &progress);

    LatestSlot<Progress> m_progress;
    Mailbox<TransferEnd> m_end;
    std::stop_source m_stop;
    bool m_toldEncryption = false;
    std::jthread m_thread; ///< last: joins before what it uses dies
};

} // namespace gantry::console
