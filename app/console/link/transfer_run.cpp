// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/console/link/transfer_run.h"

#include <QFile>
#include <QSocketNotifier>

#include "engine/base/new_file.h"
#include "engine/service/transfer_client.h"

#include <sys/stat.h>

namespace gantry::console {

namespace {

constexpr quint64 kStep = quint64{1} << 20; ///< between two words about how far it is

TransferEnd failed(Error error)
{
    TransferEnd out;
    out.failure = std::move(error);
    return out;
}

std::vector<v1::CheckpointInfo> listOf(const google::protobuf::RepeatedPtrField<v1::CheckpointInfo> &all)
{
    return {all.begin(), all.end()};
}

} // namespace

TransferEnd TransferRun::writeFile(const v1::ExportRequest &request, const std::string &file,
                                   const std::shared_ptr<grpc::Channel> &channel, const std::stop_token &stop,
                                   LatestSlot<Progress> &progress)
{
    auto target = NewFile::create(file, true);
    if (!target)
        return failed(target.error());
    Progress now;
    quint64 next = 0;
    const auto onHead = [&](const v1::ExportHead &head) {
        now.most = head.most_bytes();
        now.leavesEncryption = head.leaves_encryption();
        progress.put(now);
    };
    const auto sink = [&](std::span<const std::byte> bytes) {
        now.done += bytes.size();
        if (now.done >= next) {
            next = now.done + kStep;
            progress.put(now);
        }
        return target->write(bytes);
    };
    const auto stub = v1::Transfer::NewStub(channel);
    auto exported = service::receiveExport(*stub, request, onHead, sink, stop);
    if (!exported)
        return failed(std::move(exported).error());
    if (auto done = target->commit(); !done)
        return failed(std::move(done).error());
    TransferEnd out;
    out.checkpoints = listOf(exported->head.checkpoints());
    out.bytes = now.done;
    out.notRecorded = exported->done.not_recorded();
    return out;
}

TransferEnd TransferRun::readFile(const v1::Actor &actor, const std::string &file,
                                  const std::shared_ptr<grpc::Channel> &channel, const std::stop_token &stop,
                                  LatestSlot<Progress> &progress)
{
    const auto opened = openAt(AT_FDCWD, file, O_RDONLY);
    if (!opened)
        return failed(opened.error());
    Progress now;
    struct stat facts
    {};
    if (::fstat(opened->get(), &facts) == 0 && S_ISREG(facts.st_mode))
        now.most = static_cast<quint64>(facts.st_size);
    quint64 next = 0;
    const auto whole = repository::sourceOf(opened->get(), file);
    const auto source = [&](std::span<std::byte> into) -> Result<std::size_t> {
        const std::size_t got = GANTRY_TRY(whole(into));
        now.done += got;
        if (now.done >= next) {
            next = now.done + kStep;
            progress.put(now);
        }
        return got;
    };
    const auto stub = v1::Transfer::NewStub(channel);
    auto imported = service::sendImport(*stub, actor, source, stop);
    if (!imported)
        return failed(std::move(imported).error());
    TransferEnd out;
    out.checkpoints = listOf(imported->added());
    out.known = listOf(imported->known());
    out.bytes = now.done;
    out.notRecorded = imported->not_recorded();
    return out;
}

TransferRun *TransferRun::exportTo(HostClient &client, const v1::ExportRequest &request, const QString &file)
{
    return new TransferRun(client, [request, path = QFile::encodeName(file).toStdString()](
                                       const auto &channel, const std::stop_token &stop, auto &progress) {
        return writeFile(request, path, channel, stop, progress);
    });
}

TransferRun *TransferRun::importFrom(HostClient &client, const v1::Actor &actor, const QString &file)
{
    return new TransferRun(client, [actor, path = QFile::encodeName(file).toStdString()](
                                       const auto &channel, const std::stop_token &stop, auto &progress) {
        return readFile(actor, path, channel, stop, progress);
    });
}

TransferRun::TransferRun(HostClient &client, Work work) : QObject(&client)
{
    auto *progress = new QSocketNotifier(m_progress.fd(), QSocketNotifier::Read, this);
    connect(progress, &QSocketNotifier::activated, this, &TransferRun::showProgress);
    auto *end = new QSocketNotifier(m_end.fd(), QSocketNotifier::Read, this);
    connect(end, &QSocketNotifier::activated, this, &TransferRun::showEnd);
    m_thread = std::jthread([this, channel = client.channel(), work = std::move(work)] {
        if (channel)
            m_end.post(work(channel, m_stop.get_token(), m_progress));
        else
            m_end.post(failed(fail(ECONNRESET, "call", "engine", "the connection to the host is lost").error()));
    });
}

TransferRun::~TransferRun()
{
    cancel();
}

void TransferRun::showProgress()
{
    Progress now;
    std::uint64_t skipped = 0;
    if (!m_progress.take(now, skipped))
        return;
    if (now.leavesEncryption && !std::exchange(m_toldEncryption, true))
        Q_EMIT leavesEncryption();
    Q_EMIT progressed(now.done, now.most);
}

void TransferRun::showEnd()
{
    for (const TransferEnd &end : m_end.takeAll()) {
        showProgress();
        Q_EMIT ended(end);
        deleteLater();
    }
}

} // namespace gantry::console
