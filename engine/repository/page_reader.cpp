// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/strings.h"
#include "engine/repository/store_state.h"

#include <algorithm>

namespace gantry::repository {

namespace {

constexpr std::size_t kMostHeld = 16; ///< blocks

} // namespace

struct PageReader::State
{
    State(std::shared_ptr<StoreState> store_, StreamContent content_);

    /// Of the block, with this page at least, verified. @errors EBADMSG.
    [[nodiscard]] Result<DigestedBlockPtr> blockOf(PieceId id);
    /// Makes `needed` what these pages are.
    void need(std::size_t run, std::uint64_t first, std::uint64_t count);
    /// `count` pages of a run, from the one at `offset` on, as far as they are in one block. @return how many these
    /// were.
    [[nodiscard]] Result<std::uint64_t> deliver(const PieceRun &run, std::uint64_t offset, std::uint64_t count,
                                                const Sink &sink);

    const std::shared_ptr<StoreState> store;
    const StreamContent content;
    std::vector<std::uint64_t> starts; ///< the page that each run begins with
    std::uint64_t pages = 0;
    PieceSet needed; ///< of what is read now: all of a late checkpoint's blocks would be far more than that
    BlockReader blocks;
    std::deque<std::pair<std::uint64_t, DigestedBlockPtr>> held; ///< the newest last
};

PageReader::State::State(std::shared_ptr<StoreState> store_, StreamContent content_)
    : store(std::move(store_)), content(std::move(content_)), blocks(*store)
{
    for (const PieceRun &run : content.runs) {
        starts.push_back(pages);
        pages += run.count;
    }
}

void PageReader::State::need(std::size_t run, std::uint64_t first, std::uint64_t count)
{
    needed = {};
    for (; count > 0; ++run) {
        const PieceRun &here = content.runs[run];
        const std::uint64_t offset = first - starts[run];
        const std::uint64_t some = std::min(count, here.count - offset);
        for (std::uint64_t i = offset; !here.zeros && i < offset + some; ++i)
            needed.add(PieceId{here.first.v + i});
        first += some;
        count -= some;
    }
}

Result<DigestedBlockPtr> PageReader::State::blockOf(PieceId id)
{
    const auto verified = [id](const DigestedBlock &block) {
        const Block::Piece *piece = block.block->find(id.index());
        return piece != nullptr &&
               block.digests[static_cast<std::size_t>(piece - block.block->pieces.data())] != Digest{};
    };
    const auto found = std::ranges::find(held, id.block(), &std::pair<std::uint64_t, DigestedBlockPtr>::first);
    if (found != held.end()) {
        if (verified(*found->second))
            return found->second;
        held.erase(found);
    }
    DigestedBlockPtr block = GANTRY_TRY(blocks.readPieces(id.block(), needed));
    if (held.size() == kMostHeld)
        held.pop_front();
    held.emplace_back(id.block(), block);
    return block;
}

Result<std::uint64_t> PageReader::State::deliver(const PieceRun &run, std::uint64_t offset, std::uint64_t count,
                                                 const Sink &sink)
{
    static const ByteVector kZeros(std::size_t{16} * kPage);
    if (run.zeros) {
        const std::uint64_t pagesNow = std::min<std::uint64_t>(count, kZeros.size() / kPage);
        GANTRY_CHECK(sink(ByteView(kZeros).first(pagesNow * kPage)));
        return pagesNow;
    }
    const PieceId id{run.first.v + offset};
    const DigestedBlockPtr whole = GANTRY_TRY(blockOf(id));
    const Block::Piece *piece = whole->block->find(id.index());
    if (piece == nullptr)
        return fail(EBADMSG, "read", strCat("block ", id.block()), strCat("page ", id.index(), " is not in it"));
    GANTRY_CHECK(sink(whole->block->bytesOf(*piece)));
    return 1;
}

PageReader::PageReader(std::unique_ptr<State> state) : m_state(std::move(state)) {}
PageReader::PageReader(PageReader &&) noexcept = default;
PageReader &PageReader::operator=(PageReader &&) noexcept = default;
PageReader::~PageReader() = default;

std::uint64_t PageReader::count() const
{
    return m_state->pages;
}

Result<> PageReader::read(std::uint64_t first, std::uint64_t pages, const Sink &sink)
{
    if (first > m_state->pages || pages > m_state->pages - first)
        return fail(EINVAL, "read", m_state->content.record.info.name, "there are not so many pages");
    auto run = static_cast<std::size_t>(std::ranges::upper_bound(m_state->starts, first) - m_state->starts.begin());
    run -= pages == 0 ? 0 : 1;
    m_state->need(run, first, pages);
    while (pages > 0) {
        const std::uint64_t offset = first - m_state->starts[run];
        const std::uint64_t here = std::min(pages, m_state->content.runs[run].count - offset);
        const std::uint64_t done = GANTRY_TRY(m_state->deliver(m_state->content.runs[run], offset, here, sink));
        first += done;
        pages -= done;
        if (first - m_state->starts[run] == m_state->content.runs[run].count)
            ++run;
    }
    return {};
}

Result<PageReader> Store::pages(const CheckpointId &id, std::string_view stream) const
{
    StreamContent content = GANTRY_TRY(readContent(*m_state, id, stream));
    if (content.record.info.kind != StreamKind::Pages)
        return fail(EINVAL, "read", stream, "it has no pages");
    return PageReader(std::make_unique<PageReader::State>(m_state, std::move(content)));
}

} // namespace gantry::repository
