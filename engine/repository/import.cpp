// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/log.h"
#include "engine/base/strings.h"
#include "engine/repository/tar.h"
#include "engine/repository/transfer.h"
#include "engine/repository/transfer_format.h"

#include <algorithm>
#include <optional>

namespace gantry::repository {

namespace {

using transfer::Run;

/// Reads one file. Thread: one.
class Importer
{
public:
    Importer(Store &store, Source source, const std::stop_token &stop, const std::function<void(Manifest &)> &edit,
             bool isKept)
        : m_store(store), m_reader(std::move(source)), m_stop(stop), m_edit(edit), m_isKept(isKept)
    {
        m_reader.onBytes([this](ByteView bytes) { m_chain.add(bytes); });
    }

    [[nodiscard]] Result<Imported> run();

private:
    [[nodiscard]] Result<TarMember> next();
    [[nodiscard]] Result<TarMember> expect(std::string_view name);
    [[nodiscard]] Result<> isNamed(const TarMember &member, std::string_view name) const;
    [[nodiscard]] Result<> sum(std::string_view name = transfer::kSum);
    [[nodiscard]] Result<std::string> text(std::string_view name, std::uint64_t most);
    [[nodiscard]] Result<> checkpoint(const CheckpointId &id, Writer &writer);
    [[nodiscard]] Result<> parts(const std::vector<CheckpointId> &ids, Writer &writer);
    [[nodiscard]] Result<> rememberRest(const Rest &rest, Writer &writer);
    void keep(Writer &writer, const Error &why);
    [[nodiscard]] Result<> stream(const CheckpointId &id, const StreamInfo &stream, Writer &writer);
    [[nodiscard]] Result<> pages(const CheckpointId &id, const StreamInfo &stream, Writer &writer,
                                 Writer::StreamNumber number);
    [[nodiscard]] Result<> copy(std::uint64_t size, Writer &writer, Writer::StreamNumber number);
    /// Adds where in the file it is to what a part said is wrong.
    [[nodiscard]] std::unexpected<Error> at(const TarMember &member, Error error) const;

    Store &m_store;
    TarReader m_reader;
    const std::stop_token &m_stop;
    const std::function<void(Manifest &)> &m_edit;
    const bool m_isKept;
    std::optional<transfer::Outline> m_coming; ///< the last one whose streams come, or have come
    transfer::SumChain m_chain;
    std::uint64_t m_summed = 0; ///< byte up to which all is verified
};

std::unexpected<Error> damaged(std::uint64_t from, std::uint64_t to, std::string_view why)
{
    return fail(EBADMSG, "import", to > from ? strCat("bytes ", from, " to ", to) : strCat("byte ", from), why,
                "nothing was imported; take the file from where it came again");
}

std::unexpected<Error> Importer::at(const TarMember &member, Error error) const
{
    error.detail = strCat(member.name, " at byte ", member.offset, error.detail.empty() ? "" : ": ", error.detail);
    return std::unexpected(std::move(error));
}

Result<TarMember> Importer::next()
{
    if (m_stop.stop_requested())
        return failErrno("import", "checkpoint", ECANCELED);
    auto member = GANTRY_TRY(m_reader.next());
    if (!member)
        return damaged(m_reader.offset() - 2 * kTarBlock, 0, "the archive ends here, and not all has come");
    // Each header has one form: what another one has is damage.
    const std::string wanted = tarHead(member->name, member->size);
    if (member->head != wanted) {
        const auto differ = std::ranges::mismatch(member->head, wanted).in1 - member->head.begin();
        return damaged(member->offset + static_cast<std::uint64_t>(differ), 0, "it is not as it was written");
    }
    return *std::move(member);
}

Result<> Importer::isNamed(const TarMember &member, std::string_view name) const
{
    if (member.name != name)
        return damaged(member.offset, 0,
                       strCat("there is \"", printable(member.name), "\" where \"", name, "\" belongs"));
    return {};
}

Result<TarMember> Importer::expect(std::string_view name)
{
    TarMember out = GANTRY_TRY(next());
    GANTRY_CHECK(isNamed(out, name));
    return out;
}

Result<> Importer::sum(std::string_view name)
{
    constexpr std::uint64_t kDigits = 65;
    // The reader passes over the padding of the member before when it is asked for the next: it is part of this sum.
    GANTRY_CHECK(m_reader.passOver());
    const std::uint64_t end = m_reader.offset();
    const std::string wanted = m_chain.next();
    GANTRY_CHECK(expect(name));
    const std::string said = GANTRY_TRY(m_reader.text(kDigits));
    if (said != wanted)
        return damaged(m_summed, end, "their digest is not the one that was written");
    m_summed = end;
    return {};
}

Result<std::string> Importer::text(std::string_view name, std::uint64_t most)
{
    GANTRY_CHECK(expect(name));
    std::string out = GANTRY_TRY(m_reader.text(most));
    GANTRY_CHECK(sum());
    return out;
}

Result<> Importer::copy(std::uint64_t size, Writer &writer, Writer::StreamNumber number)
{
    return m_reader.some(size, [&](ByteView bytes) -> Result<> {
        if (m_stop.stop_requested())
            return failErrno("import", "checkpoint", ECANCELED);
        return writer.write(number, bytes);
    });
}

Result<> Importer::pages(const CheckpointId &id, const StreamInfo &stream, Writer &writer, Writer::StreamNumber number)
{
    // The list's own header was read; its text follows.
    const std::string list = GANTRY_TRY(m_reader.text(transfer::kMostList));
    GANTRY_CHECK(sum());
    const std::vector<Run> runs = GANTRY_TRY(transfer::parseList(list, transfer::pagesOf(stream.size)));
    const TarMember member = GANTRY_TRY(expect(strCat(id.text(), "/pages/", stream.name)));
    std::uint64_t done = 0;
    std::uint64_t read = 0;
    for (const Run &run : runs) {
        const std::uint64_t bytes = std::min(run.count * kPage, stream.size.v - done);
        if (run.kind == Run::Kind::New) {
            GANTRY_CHECK(copy(bytes, writer, number));
            read += bytes;
        } else if (bytes != run.count * kPage) {
            return at(member, fail(EBADMSG, "import", stream.name, "its last page is no whole one").error());
        } else if (run.kind == Run::Kind::Zero) {
            GANTRY_CHECK(writer.addZeroPages(number, run.count));
        } else if (auto repeated = writer.repeat(number, run.first, run.count); !repeated) {
            return at(member, std::move(repeated).error());
        }
        done += bytes;
    }
    if (read != member.size)
        return at(member, fail(EBADMSG, "import", stream.name, "it has more than its list says").error());
    return {};
}

Result<> Importer::stream(const CheckpointId &id, const StreamInfo &stream, Writer &writer)
{
    const auto number = GANTRY_TRY(writer.addStream(stream.name, stream.kind));
    const TarMember member = GANTRY_TRY(next());
    if (stream.kind == StreamKind::Pages && member.name == strCat(id.text(), "/lists/", stream.name)) {
        GANTRY_CHECK(pages(id, stream, writer, number));
    } else {
        GANTRY_CHECK(isNamed(member, strCat(id.text(), "/streams/", stream.name)));
        if (member.size != stream.size.v)
            return damaged(member.offset, 0, "it has another size than its manifest says");
        GANTRY_CHECK(copy(member.size, writer, number));
    }
    GANTRY_CHECK(sum());
    return writer.finish(number);
}

Result<> Importer::checkpoint(const CheckpointId &id, Writer &writer)
{
    const std::uint64_t begin = m_reader.offset();
    const std::string json = GANTRY_TRY(text(strCat(id.text(), "/manifest.json"), transfer::kMostManifest));
    transfer::Outline outline = GANTRY_TRY(transfer::parseOutline(json));
    if (outline.id != id)
        return damaged(begin, 0, "it is the manifest of another checkpoint");
    if (m_isKept)
        m_coming = outline;
    for (const StreamInfo &one : outline.streams)
        GANTRY_CHECK(stream(id, one, writer));
    if (m_edit)
        m_edit(outline.manifest);
    return writer.endCheckpoint(id, std::move(outline.manifest), outline.pinned);
}

Result<> Importer::rememberRest(const Rest &rest, Writer &writer)
{
    for (const UnfinishedCheckpoint &one : GANTRY_TRY(m_store.list()).unfinished) {
        if (one.what.of != rest.of)
            continue;
        std::uint64_t pages = 0;
        for (const StreamInfo &stream : GANTRY_TRY(m_store.streams(one.checkpoint.id)))
            pages += stream.kind == StreamKind::Pages ? stream.pieces : 0;
        if (pages == rest.pages)
            return writer.rememberPagesOf(one.checkpoint.id, m_stop);
    }
    return fail(ENOENT, "import", rest.of.text(), "what had come of it is not here any more",
                "begin again: all of it is sent then");
}

Result<> Importer::parts(const std::vector<CheckpointId> &ids, Writer &writer)
{
    for (const CheckpointId &id : ids)
        GANTRY_CHECK(checkpoint(id, writer));
    GANTRY_CHECK(sum(transfer::kEnd));
    if (GANTRY_TRY(m_reader.next()))
        return damaged(m_reader.offset(), 0, "something follows its end");
    return m_reader.nothingFollows(0);
}

/// What came of it, though it broke off. Why it did is what is told, whatever comes of this.
void Importer::keep(Writer &writer, const Error &why)
{
    if (!m_coming || why.posix() == EBADMSG)
        return;
    if (m_edit)
        m_edit(m_coming->manifest);
    const auto now = std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
    if (auto kept = writer.commitUnfinished(std::move(m_coming->manifest), {m_coming->id, now}); !kept)
        log::debug(log::Area::Control, "nothing of what came is kept: ", kept.error().message());
}

Result<Imported> Importer::run()
{
    const std::string head = GANTRY_TRY(text(transfer::kHead, transfer::kMostHead));
    const auto [ids, bases, rests] = GANTRY_TRY(transfer::parseHead(head));
    Writer writer = GANTRY_TRY(m_store.write());
    for (const CheckpointId &base : bases)
        GANTRY_CHECK(writer.rememberPagesOf(base, m_stop));
    for (const Rest &rest : rests)
        GANTRY_CHECK(rememberRest(rest, writer));
    if (ids.size() > 1)
        writer.rememberPages();
    if (auto came = parts(ids, writer); !came) {
        if (ids.size() == 1)
            keep(writer, came.error());
        return std::unexpected(std::move(came).error());
    }
    Imported out;
    out.added = GANTRY_TRY(writer.commitAll());
    for (const CheckpointId &id : ids) {
        if (std::ranges::find(out.added, id, &Checkpoint::id) == out.added.end())
            out.known.push_back(id);
    }
    // Whoever has it sent again wants to see it.
    for (const UnfinishedCheckpoint &one :
         out.known.empty() ? std::vector<UnfinishedCheckpoint>() : GANTRY_TRY(m_store.list()).unfinished) {
        if (std::ranges::find(out.known, one.checkpoint.id) != out.known.end())
            GANTRY_CHECK(m_store.setUnfinished(one.checkpoint.id, false, {}));
    }
    return out;
}

} // namespace

bool isExport(ByteView firstBlock)
{
    constexpr std::string_view kName = transfer::kHead;
    return firstBlock.size() == kTarBlock && textOf(firstBlock).substr(0, kName.size() + 1) == strCat(kName, '\0');
}

Result<Imported> importCheckpoints(Store &store, Source source, const std::stop_token &stop,
                                   const std::function<void(Manifest &)> &edit, bool isKept)
{
    return Importer(store, std::move(source), stop, edit, isKept).run();
}

} // namespace gantry::repository
