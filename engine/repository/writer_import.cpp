// SPDX-License-Identifier: GPL-3.0-or-later
// What a Writer can besides for an import: pages that are named instead of sent again, and checkpoints that have an id.
#include "engine/base/strings.h"
#include "engine/repository/opened_checkpoint.h"
#include "engine/repository/writer_state.h"

#include <algorithm>
#include <utility>

namespace gantry::repository {

void Writer::State::remember(const Digest &digest, std::size_t size, PieceId id)
{
    if (remembered.size() < kMostRemembered)
        remembered.push_back(size == kPage ? RememberedPage{digest, id} : RememberedPage{});
}

void Writer::State::rememberOld(const Digest &digest)
{
    if (remembered.size() >= kMostRemembered)
        return;
    const std::scoped_lock lock(store->mutex); // as put()
    const auto id = digest == kZeroPage ? std::nullopt : store->index.find(digest);
    if (id)
        used.add(*id);
    remembered.push_back(id ? RememberedPage{digest, *id} : RememberedPage{});
}

Result<> Writer::State::beginPage(Stream &stream)
{
    if (stream.record.info.kind != StreamKind::Pages || stream.record.info.size.v % kPage != 0)
        return fail(EBADMSG, "import", strCat(stream.record.info.name, " at byte ", stream.record.info.size.v),
                    "no page begins there");
    GANTRY_CHECK(cut(stream, stream.rest, false)); // whole pages: nothing is left of them
    stream.rest.clear();
    return {};
}

Result<> Writer::State::addZeros(Stream &stream, std::uint64_t count)
{
    GANTRY_CHECK(beginPage(stream));
    for (std::uint64_t i = 0; i < count; ++i)
        stream.digest.add(kZeroPage);
    stream.list.addZeros(count);
    stream.record.info.size.v += count * kPage;
    sizes.logical.v += count * kPage;
    return {};
}

Result<> Writer::State::repeat(Stream &stream, std::uint64_t first, std::uint64_t count)
{
    GANTRY_CHECK(beginPage(stream));
    const std::string what = strCat(stream.record.info.name, " at byte ", stream.record.info.size.v);
    if (first > remembered.size() || count > remembered.size() - first)
        return fail(EBADMSG, "import", what, strCat("page ", first, " and following have not come yet"));
    for (const RememberedPage &page : std::span(remembered).subspan(first, count)) {
        if (page.digest == kZeroPage)
            return fail(EBADMSG, "import", what, "a page that cannot be repeated");
        stream.digest.add(page.digest);
        stream.list.add(page.id);
    }
    stream.record.info.size.v += count * kPage;
    sizes.logical.v += count * kPage;
    return {};
}

Result<> Writer::State::onOpen(std::size_t stream, const std::function<Result<>(Stream &)> &what)
{
    if (failure)
        return std::unexpected(*failure);
    if (stream >= streams.size() || streams[stream].finished)
        return fail(EINVAL, "write", "stream", "it was finished, or never added");
    auto done = what(streams[stream]);
    if (!done)
        failure = done.error();
    return done;
}

Result<> Writer::State::endAdded(const CheckpointId &id, Manifest manifest, bool pinned)
{
    Added out{id, {std::move(manifest), {}, {}}, pinned};
    for (Stream &stream : streams) {
        if (!stream.finished)
            GANTRY_CHECK(finishStream(stream));
        out.body.streams.push_back(std::move(stream.record));
    }
    out.body.sizes = std::exchange(sizes, {});
    streams.clear();
    names.clear();
    added.push_back(std::move(out));
    return {};
}

Result<std::vector<Checkpoint>> Writer::State::commitAdded()
{
    CatalogueChange change = GANTRY_TRY(pressed());
    std::uint64_t fresh = 0;
    for (const Added &one : added)
        fresh += one.body.sizes.fresh.v;
    Catalogue *catalogue = GANTRY_TRY(store->writable());
    std::vector<Checkpoint> out;
    // Nobody else may put one of them in between the look and the commit.
    const std::scoped_lock lock(store->labelling);
    for (Added &one : added) {
        if (GANTRY_TRY(catalogue->checkpoint(one.id)) || std::ranges::find(out, one.id, &Checkpoint::id) != out.end())
            continue;
        Sizes &share = one.body.sizes;
        share.stored = Bytes(static_cast<std::uint64_t>(fresh == 0 ? 0.0
                                                                   : static_cast<double>(press.bytes()) *
                                                                         static_cast<double>(share.fresh.v) /
                                                                         static_cast<double>(fresh)));
        CheckpointRow row{one.id, 0, {}, {}};
        row.body = GANTRY_TRY(sealBody(*store, one.id, one.body));
        row.labels = GANTRY_TRY(
            sealLabels(*store, one.id, {one.body.manifest.name, one.body.manifest.note, one.pinned, one.unfinished}));
        exclusiveOr(change.sumChange, sumOf(*store, row));
        change.checkpointsNew.push_back(std::move(row));
        out.push_back({one.id, std::move(one.body.manifest), share, one.pinned});
    }
    if (!out.empty())
        GANTRY_CHECK(apply(std::move(change)));
    return out;
}

Result<> Writer::State::cutOff()
{
    for (Stream &stream : streams) {
        if (stream.finished || stream.record.info.kind != StreamKind::Pages)
            continue;
        const std::size_t done = GANTRY_TRY(cut(stream, stream.rest, false));
        const std::size_t over = stream.rest.size() - done; // less than a page
        stream.rest.clear();
        stream.record.info.size.v -= over;
        sizes.logical.v -= over;
    }
    std::erase_if(streams, [](const Stream &stream) { return stream.record.info.kind != StreamKind::Pages; });
    return {};
}

void Writer::rememberPages()
{
    m_state->remembering = true;
}

Result<> Writer::rememberPagesOf(const CheckpointId &id, const std::stop_token &stop)
{
    m_state->remembering = true;
    const Store store(m_state->store);
    OpenedCheckpoint opened = GANTRY_TRY(store.look(id));
    for (const StreamInfo &stream : GANTRY_TRY(store.streams(id))) {
        if (stream.kind != StreamKind::Pages)
            continue;
        const std::vector<PieceRun> runs = GANTRY_TRY(opened.pieces(stream.name));
        for (const PieceRun &run : runs) {
            std::vector<PieceId> ids;
            for (std::uint64_t i = 0; !run.zeros && i < run.count; ++i)
                ids.push_back(PieceId{run.first.v + i});
            const std::vector<Digest> digests =
                run.zeros ? std::vector<Digest>(run.count, kZeroPage) : GANTRY_TRY(opened.digests(ids, stop));
            for (const Digest &digest : digests)
                m_state->rememberOld(digest);
        }
    }
    return {};
}

Result<> Writer::addZeroPages(StreamNumber stream, std::uint64_t count)
{
    return m_state->onOpen(stream, [&](State::Stream &open) { return m_state->addZeros(open, count); });
}

Result<> Writer::repeat(StreamNumber stream, std::uint64_t first, std::uint64_t count)
{
    return m_state->onOpen(stream, [&](State::Stream &open) { return m_state->repeat(open, first, count); });
}

Result<> Writer::endCheckpoint(const CheckpointId &id, Manifest manifest, bool pinned)
{
    if (m_state->failure)
        return std::unexpected(*m_state->failure);
    auto done = m_state->endAdded(id, std::move(manifest), pinned);
    if (!done)
        m_state->failure = done.error();
    return done;
}

Result<std::vector<Checkpoint>> Writer::commitAll()
{
    if (m_state->failure)
        return std::unexpected(*m_state->failure);
    auto out = m_state->commitAdded();
    m_state->failure = out ? fail(EINVAL, "write", "checkpoint", "it was committed").error() : out.error();
    m_state->release();
    return out;
}

Result<bool> Writer::commitUnfinished(Manifest manifest, const Unfinished &what)
{
    if (m_state->failure)
        return std::unexpected(*m_state->failure);
    const auto done = [&]() -> Result<bool> {
        if (m_state->added.empty()) {
            GANTRY_CHECK(m_state->cutOff());
            GANTRY_CHECK(m_state->endAdded({}, std::move(manifest), false));
        }
        if (m_state->added.size() != 1 || !m_state->streams.empty())
            return fail(EINVAL, "write", "checkpoint", "there are several");
        State::Added &one = m_state->added.front();
        std::erase_if(one.body.streams, [](const StreamRecord &stream) {
            return stream.info.kind != StreamKind::Pages || stream.info.pieces == 0;
        });
        if (one.body.streams.empty())
            return false;
        one.id = CheckpointId::random();
        one.pinned = false;
        one.unfinished = what;
        GANTRY_TRY(m_state->commitAdded());
        return true;
    }();
    m_state->failure = done ? fail(EINVAL, "write", "checkpoint", "it was committed").error() : done.error();
    m_state->release();
    return done;
}

} // namespace gantry::repository
