// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/strings.h"
#include "engine/repository/opened_checkpoint.h"
#include "engine/repository/tar.h"
#include "engine/repository/transfer.h"
#include "engine/repository/transfer_format.h"

#include <algorithm>
#include <unordered_map>

namespace gantry::repository {

namespace {

using transfer::Run;

/// Writes one file. Thread: one.
class Exporter
{
public:
    Exporter(const Store &store, const Sink &sink, const std::stop_token &stop)
        : m_store(store), m_sink(sink), m_stop(stop)
    {}

    [[nodiscard]] Result<> run(std::span<const CheckpointId> ids, std::span<const CheckpointId> bases,
                               std::span<const Rest> rests);
    [[nodiscard]] std::uint64_t savedByRests() const { return m_savedByRests; }

private:
    [[nodiscard]] Result<> put(ByteView bytes);
    [[nodiscard]] Result<> put(std::string_view text) { return put(viewOf(text)); }
    [[nodiscard]] Result<> putMember(std::string_view name, std::string_view content);
    [[nodiscard]] Result<> putSum() { return putMember(transfer::kSum, m_chain.next()); }
    [[nodiscard]] Result<> endContent(std::uint64_t size);
    [[nodiscard]] Result<> checkpoint(const CheckpointId &id);
    [[nodiscard]] Result<> whole(const CheckpointId &id, const StreamInfo &stream);
    [[nodiscard]] Result<> shared(const CheckpointId &id, const StreamInfo &stream,
                                  const std::vector<PieceRun> &pieces);
    [[nodiscard]] bool isKnown(const std::vector<PieceRun> &pieces) const;
    void number(const std::vector<PieceRun> &pieces, std::uint64_t most = ~std::uint64_t{0});
    [[nodiscard]] Result<> numberAll(const CheckpointId &id, std::uint64_t most = ~std::uint64_t{0});
    [[nodiscard]] std::vector<Run> listOf(const std::vector<PieceRun> &pieces, const StreamInfo &stream);
    void remember(PieceId id);

    const Store &m_store;
    const Sink &m_sink;
    const std::stop_token &m_stop;
    transfer::SumChain m_chain;
    bool m_lists = false;                                       ///< there is something that can be named
    std::uint64_t m_pages = 0;                                  ///< that were written
    std::uint64_t m_restsBegin = 0;                             ///< number of the first page of the rests
    std::uint64_t m_restsEnd = 0;
    std::uint64_t m_savedByRests = 0;                           ///< bytes
    std::unordered_map<std::uint64_t, std::uint32_t> m_numbers; ///< of pages, by PieceId
};

Result<> Exporter::put(ByteView bytes)
{
    if (m_stop.stop_requested())
        return failErrno("export", "checkpoint", ECANCELED);
    m_chain.add(bytes);
    return m_sink(bytes);
}

Result<> Exporter::endContent(std::uint64_t size)
{
    return put(std::string(tarPadding(size), '\0'));
}

Result<> Exporter::putMember(std::string_view name, std::string_view content)
{
    GANTRY_CHECK(put(tarHead(name, content.size())));
    GANTRY_CHECK(put(content));
    return endContent(content.size());
}

void Exporter::remember(PieceId id)
{
    if (m_pages < Writer::kMostRemembered)
        m_numbers.try_emplace(id.v, static_cast<std::uint32_t>(m_pages));
    ++m_pages;
}

bool Exporter::isKnown(const std::vector<PieceRun> &pieces) const
{
    for (const PieceRun &run : pieces) {
        for (std::uint64_t i = 0; !run.zeros && i < run.count; ++i) {
            if (m_numbers.contains(run.first.v + i))
                return true;
        }
    }
    return false;
}

/// Of a stream that was written whole: its zeros count, too. @param most pages of it.
void Exporter::number(const std::vector<PieceRun> &pieces, std::uint64_t most)
{
    for (const PieceRun &run : pieces) {
        for (std::uint64_t i = 0; i < run.count && most > 0; ++i, --most) {
            if (run.zeros)
                ++m_pages;
            else
                remember(PieceId{run.first.v + i});
        }
    }
}

/// Of a checkpoint that the reader has, or has the first `most` pages of.
Result<> Exporter::numberAll(const CheckpointId &id, std::uint64_t most)
{
    OpenedCheckpoint opened = GANTRY_TRY(m_store.look(id));
    for (const StreamInfo &stream : GANTRY_TRY(m_store.streams(id))) {
        if (stream.kind != StreamKind::Pages)
            continue;
        number(GANTRY_TRY(opened.pieces(stream.name)), most);
        most -= std::min(most, stream.pieces);
    }
    return {};
}

std::vector<Run> Exporter::listOf(const std::vector<PieceRun> &pieces, const StreamInfo &stream)
{
    std::vector<Run> out;
    const auto add = [&out](Run::Kind kind, std::uint64_t first, std::uint64_t count) {
        if (!out.empty() && out.back().kind == kind &&
            (kind != Run::Kind::Old || out.back().first + out.back().count == first))
            out.back().count += count;
        else
            out.push_back({kind, first, count});
    };
    std::uint64_t page = 0;
    for (const PieceRun &run : pieces) {
        if (run.zeros) {
            add(Run::Kind::Zero, 0, run.count);
            page += run.count;
            continue;
        }
        for (std::uint64_t i = 0; i < run.count; ++i, ++page) {
            const PieceId id{run.first.v + i};
            const auto known = m_numbers.find(id.v);
            // What ends within a page is no page: it is sent.
            const bool isWhole = (page + 1) * kPage <= stream.size.v;
            if (isWhole && known != m_numbers.end()) {
                add(Run::Kind::Old, known->second, 1);
                m_savedByRests += known->second >= m_restsBegin && known->second < m_restsEnd ? kPage : 0;
                continue;
            }
            add(Run::Kind::New, 0, 1);
            if (isWhole)
                remember(id);
            else
                ++m_pages;
        }
    }
    return out;
}

Result<> Exporter::whole(const CheckpointId &id, const StreamInfo &stream)
{
    GANTRY_CHECK(put(tarHead(strCat(id.text(), "/streams/", stream.name), stream.size.v)));
    GANTRY_CHECK(m_store.read(
        id, stream.name, [this](ByteView bytes) { return put(bytes); }, m_stop));
    GANTRY_CHECK(endContent(stream.size.v));
    return putSum();
}

Result<> Exporter::shared(const CheckpointId &id, const StreamInfo &stream, const std::vector<PieceRun> &pieces)
{
    const std::vector<Run> runs = listOf(pieces, stream);
    const std::string list = transfer::encodeList(runs);
    GANTRY_CHECK(putMember(strCat(id.text(), "/lists/", stream.name), list));
    GANTRY_CHECK(putSum());
    std::uint64_t size = 0;
    std::uint64_t page = 0;
    const auto bytesOf = [&stream](std::uint64_t first, std::uint64_t count) {
        return std::min((first + count) * kPage, stream.size.v) - first * kPage;
    };
    for (const Run &run : runs) {
        size += run.kind == Run::Kind::New ? bytesOf(page, run.count) : 0;
        page += run.count;
    }
    GANTRY_CHECK(put(tarHead(strCat(id.text(), "/pages/", stream.name), size)));
    PageReader reader = GANTRY_TRY(m_store.pages(id, stream.name));
    page = 0;
    for (const Run &run : runs) {
        if (run.kind == Run::Kind::New)
            GANTRY_CHECK(reader.read(page, run.count, [this](ByteView bytes) { return put(bytes); }));
        page += run.count;
    }
    GANTRY_CHECK(endContent(size));
    return putSum();
}

Result<> Exporter::checkpoint(const CheckpointId &id)
{
    Checkpoint one = GANTRY_TRY(m_store.checkpoint(id));
    const std::vector<StreamInfo> streams = GANTRY_TRY(m_store.streams(id));
    GANTRY_CHECK(putMember(strCat(id.text(), "/manifest.json"),
                           GANTRY_TRY(transfer::encodeOutline({id, one.pinned, std::move(one.manifest), streams}))));
    GANTRY_CHECK(putSum());
    OpenedCheckpoint opened = GANTRY_TRY(m_store.look(id));
    for (const StreamInfo &stream : streams) {
        if (!m_lists || stream.kind != StreamKind::Pages) {
            GANTRY_CHECK(whole(id, stream));
            continue;
        }
        const std::vector<PieceRun> pieces = GANTRY_TRY(opened.pieces(stream.name));
        constexpr std::size_t kMostLine = 48; // "old FIRST COUNT"
        constexpr std::uint64_t kMostPages = transfer::kMostList / kMostLine;
        if (transfer::pagesOf(stream.size) <= kMostPages && isKnown(pieces)) {
            GANTRY_CHECK(shared(id, stream, pieces));
        } else {
            number(pieces);
            GANTRY_CHECK(whole(id, stream));
        }
    }
    return {};
}

Result<> Exporter::run(std::span<const CheckpointId> ids, std::span<const CheckpointId> bases,
                       std::span<const Rest> rests)
{
    const transfer::Head head{{ids.begin(), ids.end()}, {bases.begin(), bases.end()}, {rests.begin(), rests.end()}};
    const std::vector<CheckpointId> &all = head.ids;
    std::vector<CheckpointId> sorted = all;
    sorted.insert(sorted.end(), bases.begin(), bases.end());
    std::ranges::sort(sorted);
    if (all.empty() || all.size() > kMostExported || std::ranges::adjacent_find(sorted) != sorted.end())
        return fail(EINVAL, "export", "checkpoints", strCat("none, one twice, or more than ", kMostExported));
    m_lists = all.size() > 1 || !bases.empty() || !rests.empty();
    for (const CheckpointId &id : bases)
        GANTRY_CHECK(numberAll(id));
    m_restsBegin = m_pages;
    for (const Rest &rest : rests)
        GANTRY_CHECK(numberAll(rest.of, rest.pages));
    m_restsEnd = m_pages;
    GANTRY_CHECK(putMember(transfer::kHead, transfer::encodeHead(head)));
    GANTRY_CHECK(putSum());
    for (const CheckpointId &id : all)
        GANTRY_CHECK(checkpoint(id));
    GANTRY_CHECK(putMember(transfer::kEnd, m_chain.next()));
    return put(tarEnd());
}

} // namespace

Result<std::uint64_t> exportCheckpoints(const Store &store, std::span<const CheckpointId> ids, const Sink &sink,
                                        const std::stop_token &stop, std::span<const CheckpointId> bases,
                                        std::span<const Rest> rests)
{
    Exporter exporter(store, sink, stop);
    GANTRY_CHECK(exporter.run(ids, bases, rests));
    return exporter.savedByRests();
}

} // namespace gantry::repository
