// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/service/transfer_service.h"

#include "engine/base/strings.h"
#include "engine/checkpoint/podman_archive.h"
#include "engine/repository/source.h"
#include "engine/repository/tar.h"
#include "engine/repository/transfer.h"
#include "engine/service/checkpoint_common.h"
#include "engine/service/status.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <stop_token>
#include <vector>

namespace gantry::service {

using repository::ByteView;
using repository::Checkpoint;

namespace {

constexpr std::size_t kMessage = std::size_t{256} << 10; ///< what is gathered before it is sent
constexpr int kMostNamed = 1'000;                        ///< checkpoints of one call, and of one answer

std::string idsOf(const std::vector<Checkpoint> &checkpoints)
{
    constexpr std::size_t kMostShown = 10;
    std::vector<std::string> ids;
    for (const Checkpoint &one : checkpoints) {
        if (ids.size() == kMostShown) {
            ids.push_back(strCat("and ", checkpoints.size() - kMostShown, " more"));
            break;
        }
        ids.push_back(one.id.text());
    }
    return joined(ids);
}

/// One call as a job. It is cancelled by its job, by its caller's leaving, and by the engine's end.
class TransferJob
{
public:
    TransferJob(const TransferService::Parts &parts, grpc::ServerContext &context, std::string verb,
                std::string subject, const v1::Actor &actor)
        : m_parts(parts)
        , m_verb(std::move(verb))
        , m_actor(parts.peers.actorOf(context, actor.program(), actor.user()))
        , m_id(parts.jobs.add(m_verb, std::move(subject), m_actor.text(), true))
        , m_stop(parts.jobs.stopToken(m_id))
        , m_onStop(m_stop, [&context] { context.TryCancel(); })
    {
        m_parts.jobs.start(m_id);
    }

    [[nodiscard]] std::uint64_t id() const { return m_id; }
    [[nodiscard]] const std::stop_token &stop() const { return m_stop; }
    /// @param value for the audit log. @return why it is not in there; empty: it is.
    std::string end(std::string_view target, std::string_view value, std::optional<Error> failure,
                    std::vector<std::string> results)
    {
        std::string lost = record(m_parts.audit, m_verb, target, value, m_actor, failure ? &*failure : nullptr);
        m_parts.jobs.end(m_id, std::move(failure), std::move(results));
        return lost;
    }

private:
    const TransferService::Parts &m_parts;
    const std::string m_verb;
    const control::Actor m_actor;
    const std::uint64_t m_id;
    const std::stop_token m_stop;
    std::stop_callback<std::function<void()>> m_onStop;
};

/// Gathers what is written into messages. Thread: one.
class PartWriter
{
public:
    explicit PartWriter(grpc::ServerWriter<v1::ExportPart> &writer) : m_writer(writer) {}

    [[nodiscard]] Result<> put(ByteView bytes)
    {
        while (!bytes.empty()) {
            const ByteView some = bytes.first(std::min(bytes.size(), kMessage - m_bytes.size()));
            m_bytes += repository::textOf(some);
            bytes = bytes.subspan(some.size());
            m_written += some.size();
            if (m_bytes.size() == kMessage)
                GANTRY_CHECK(flush());
        }
        return {};
    }
    [[nodiscard]] Result<> flush()
    {
        if (m_bytes.empty())
            return {};
        v1::ExportPart part;
        part.set_data(std::exchange(m_bytes, {}));
        return send(part);
    }
    [[nodiscard]] Result<> send(const v1::ExportPart &part)
    {
        if (!m_writer.Write(part))
            return fail(ECANCELED, "export", "checkpoint", "it was cancelled, or who asked for it has gone");
        return {};
    }
    [[nodiscard]] std::uint64_t written() const { return m_written; }

private:
    grpc::ServerWriter<v1::ExportPart> &m_writer;
    std::string m_bytes;
    std::uint64_t m_written = 0;
};

/// What the caller sends. Thread: one.
class PartReader
{
public:
    PartReader(grpc::ServerReader<v1::ImportPart> &reader, grpc::ServerContext &context)
        : m_reader(reader), m_context(context)
    {}

    [[nodiscard]] Result<v1::ImportHead> head()
    {
        v1::ImportPart part;
        if (!m_reader.Read(&part) || !part.has_head())
            return fail(EINVAL, "import", "stream", "the first message has no head");
        return part.head();
    }
    [[nodiscard]] Result<std::size_t> read(std::span<std::byte> into)
    {
        while (m_at == m_part.data().size()) {
            if (m_part.end())
                return std::size_t{0};
            m_at = 0;
            m_part.Clear();
            if (!m_reader.Read(&m_part))
                return m_context.IsCancelled()
                           ? fail(ECANCELED, "import", "file", "it was cancelled, or who sent it has gone")
                           : fail(EBADMSG, "import", strCat("byte ", m_taken), "what is sent was cut off here");
            if (m_part.part_case() == v1::ImportPart::kHead || m_part.part_case() == v1::ImportPart::PART_NOT_SET)
                return fail(EINVAL, "import", "stream", "a message has neither data nor the end");
        }
        const std::string_view rest = std::string_view(m_part.data()).substr(m_at);
        const std::size_t size = std::min(into.size(), rest.size());
        std::ranges::copy(repository::viewOf(rest.substr(0, size)), into.begin());
        m_at += size;
        m_taken += size;
        return size;
    }

private:
    grpc::ServerReader<v1::ImportPart> &m_reader;
    grpc::ServerContext &m_context;
    v1::ImportPart m_part;
    std::size_t m_at = 0; ///< of its data
    std::uint64_t m_taken = 0;
};

/// Those that are asked for, oldest first, each once. @errors as theOne(); EINVAL.
Result<std::vector<Checkpoint>> chosenOf(const CheckpointStore::StorePtr &store, const v1::ExportRequest &request)
{
    const bool podmans = request.format() == v1::TRANSFER_FORMAT_PODMAN;
    if (request.checkpoints().empty() || request.checkpoints_size() > kMostNamed)
        return fail(EINVAL, "export", "checkpoints", strCat("none are named, or more than ", kMostNamed));
    if (request.bases_size() > kMostNamed)
        return fail(EINVAL, "export", "bases", strCat("more than ", kMostNamed));
    if (!podmans && request.format() != v1::TRANSFER_FORMAT_GANTRY &&
        request.format() != v1::TRANSFER_FORMAT_UNSPECIFIED)
        return fail(EINVAL, "export", "format", "there is no such format");
    std::vector<Checkpoint> out;
    for (const std::string &what : request.checkpoints()) {
        Checkpoint one = GANTRY_TRY(theOne(store, what));
        if (std::ranges::find(out, one.id, &Checkpoint::id) == out.end())
            out.push_back(std::move(one));
    }
    std::ranges::stable_sort(out, {}, [](const Checkpoint &one) { return one.manifest.time; });
    if (podmans && out.size() != 1)
        return fail(EINVAL, "export", "checkpoints", "podman's archive has one checkpoint",
                    "export them one by one, or in Gantry's own format");
    return out;
}

/// Of the checkpoints that the reader has those that help: in this store, too, and saved nearest in time.
std::vector<repository::CheckpointId> basesOf(const repository::Store &store, const std::vector<Checkpoint> &chosen,
                                              const v1::ExportRequest &request)
{
    constexpr std::size_t kMostUsedBases = 4; // their pages are looked at on both sides
    std::vector<Checkpoint> known;
    for (const std::string &text : request.bases()) {
        const auto id = repository::CheckpointId::parse(text);
        auto one = id ? store.checkpoint(*id) : std::unexpected(id.error());
        const auto isSame = [&one](const Checkpoint &other) { return one->id == other.id; };
        if (one && std::ranges::none_of(chosen, isSame) && std::ranges::none_of(known, isSame))
            known.push_back(*std::move(one));
    }
    const auto time = chosen.front().manifest.time;
    std::ranges::stable_sort(known, {},
                             [time](const Checkpoint &one) { return std::chrono::abs(one.manifest.time - time); });
    std::vector<repository::CheckpointId> out;
    for (const Checkpoint &one : std::span(known).first(std::min(known.size(), kMostUsedBases)))
        out.push_back(one.id);
    return out;
}

Result<> give(const repository::Store &store, const std::vector<Checkpoint> &chosen, const v1::ExportRequest &request,
              PartWriter &out, const std::stop_token &stop)
{
    const repository::Sink sink = [&out](ByteView bytes) { return out.put(bytes); };
    if (request.format() == v1::TRANSFER_FORMAT_PODMAN) {
        GANTRY_CHECK(checkpoint::givePodmanArchive(store, chosen.front().id, sink, stop));
    } else {
        std::vector<repository::CheckpointId> ids;
        for (const Checkpoint &one : chosen)
            ids.push_back(one.id);
        GANTRY_CHECK(repository::exportCheckpoints(store, ids, sink, stop, basesOf(store, chosen, request)));
    }
    return out.flush();
}

v1::ExportPart headOf(std::uint64_t job, const repository::Store &store, const std::vector<Checkpoint> &chosen)
{
    v1::ExportPart out;
    v1::ExportHead &head = *out.mutable_head();
    head.set_job_id(job);
    head.set_leaves_encryption(store.isEncrypted());
    std::uint64_t bytes = 0;
    for (const Checkpoint &one : chosen) {
        bytes += one.sizes.logical.v;
        *head.add_checkpoints() = toMessage(one);
    }
    head.set_most_bytes(bytes);
    return out;
}

/// Reads a file of either kind, packed or not, into the store. @param format is told. @errors EBADMSG: it is none of
/// them; as importCheckpoints(), importPodmanArchive(), unpacked().
Result<repository::Imported> importAny(repository::Store &store, repository::Source source, const std::stop_token &stop,
                                       const std::string &subject, v1::TransferFormat &format)
{
    repository::Source plain = GANTRY_TRY(repository::unpacked(std::move(source)));
    repository::Peeked peeked = GANTRY_TRY(repository::peek(std::move(plain), repository::kTarBlock));
    if (repository::isExport(peeked.first)) {
        format = v1::TRANSFER_FORMAT_GANTRY;
        return repository::importCheckpoints(store, std::move(peeked.source), stop, subjectEdit(subject));
    }
    if (repository::isTar(peeked.first)) {
        format = v1::TRANSFER_FORMAT_PODMAN;
        return checkpoint::importPodmanArchive(store, std::move(peeked.source), stop);
    }
    if (peeked.first.empty())
        return fail(EBADMSG, "import", "byte 0", "nothing came");
    return fail(EBADMSG, "import", "byte 0",
                "it is neither an export of Gantry's nor an archive of podman's, packed by zstd, gzip or not at all",
                "podman container checkpoint --export FILE writes the latter");
}

} // namespace

grpc::Status TransferService::Export(grpc::ServerContext *context, const v1::ExportRequest *request,
                                     grpc::ServerWriter<v1::ExportPart> *writer)
{
    return toStatus([&]() -> Result<> {
        // Memory of processes leaves the host: as little for everybody as a change is.
        GANTRY_CHECK(m_parts.peers.mayAct(*context, "export", "checkpoints"));
        const CheckpointStore::StorePtr store = GANTRY_TRY(m_parts.store.forReading());
        const std::vector<Checkpoint> chosen = GANTRY_TRY(chosenOf(store, *request));
        const auto ticket = GANTRY_TRY(m_parts.gate.enter(context->peer()));
        const auto atEnd = m_parts.gate.onClose([context] { context->TryCancel(); });
        const bool podmans = request->format() == v1::TRANSFER_FORMAT_PODMAN;
        const std::string ids = idsOf(chosen);
        TransferJob job(m_parts, *context, "export", ids, request->actor());
        PartWriter out(*writer);
        const auto done = [&]() -> Result<> {
            GANTRY_CHECK(out.send(headOf(job.id(), *store, chosen)));
            return give(*store, chosen, *request, out, job.stop());
        }();
        v1::ExportPart last;
        last.mutable_done()->set_not_recorded(
            job.end(ids, podmans ? "podman" : "gantry", done ? std::nullopt : std::optional(done.error()),
                    {strCat("checkpoints: ", chosen.size(), ", bytes: ", out.written())}));
        GANTRY_CHECK(done);
        return out.send(last);
    }());
}

grpc::Status TransferService::Import(grpc::ServerContext *context, grpc::ServerReader<v1::ImportPart> *reader,
                                     v1::ImportReply *reply)
{
    return toStatus([&]() -> Result<> {
        GANTRY_CHECK(m_parts.peers.mayAct(*context, "import", "checkpoints"));
        const auto ticket = GANTRY_TRY(m_parts.gate.enter(context->peer()));
        const auto atEnd = m_parts.gate.onClose([context] { context->TryCancel(); });
        PartReader in(*reader, *context);
        const v1::ImportHead head = GANTRY_TRY(in.head());
        GANTRY_CHECK(checkLabel("import", head.subject()));
        TransferJob job(m_parts, *context, "import", "checkpoints", head.actor());
        reply->set_job_id(job.id());
        v1::TransferFormat format = v1::TRANSFER_FORMAT_UNSPECIFIED;
        const auto done = [&]() -> Result<repository::Imported> {
            const CheckpointStore::StorePtr store = GANTRY_TRY(m_parts.store.forWriting());
            auto out = GANTRY_TRY(importAny(
                *store, [&in](std::span<std::byte> into) { return in.read(into); }, job.stop(),
                printable(head.subject()), format));
            for (const repository::CheckpointId &id : out.known) {
                if (reply->known_size() < kMostNamed)
                    *reply->add_known() = toMessage(GANTRY_TRY(store->checkpoint(id)));
            }
            return out;
        }();
        const std::vector<Checkpoint> added = done ? done->added : std::vector<Checkpoint>();
        reply->set_not_recorded(
            job.end("checkpoints", idsOf(added), done ? std::nullopt : std::optional(done.error()),
                    {strCat("imported: ", added.size(), ", known before: ", done ? done->known.size() : 0)}));
        GANTRY_CHECK(done);
        reply->set_format(format);
        for (const Checkpoint &one : std::span(added).first(std::min<std::size_t>(added.size(), kMostNamed)))
            *reply->add_added() = toMessage(one);
        return {};
    }());
}

} // namespace gantry::service
