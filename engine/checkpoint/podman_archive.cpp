// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/podman_archive.h"

#include "engine/base/fd.h"
#include "engine/base/parse.h"
#include "engine/base/strings.h"
#include "engine/checkpoint/by_podman.h"
#include "engine/checkpoint/image_file.h"
#include "engine/repository/sealer.h"
#include "engine/repository/tar.h"
#include "engine/runtime/json.h"
#include "engine/runtime/recognise.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace gantry::checkpoint {

using repository::ByteView;
using repository::TarMember;
using repository::TarReader;

namespace {

constexpr std::string_view kImages = "checkpoint/";
constexpr std::size_t kMostHeads = std::size_t{16} << 20;
/// Of a member that is looked at; of the log only the beginning is.
constexpr std::size_t kMostLooked = std::size_t{4} << 20;
constexpr std::size_t kMostLog = std::size_t{64} << 10;
constexpr std::size_t kImageHead = 8;
/// Members that are looked at. The log is CRIU's.
constexpr std::string_view kConfig = "config.dump";
constexpr std::string_view kSpec = "spec.dump";
constexpr std::string_view kLog = "dump.log";
constexpr std::string_view kTree = "checkpoint/pstree.img";
/// What an archive begins with, in one version of podman or another: first parts of names.
constexpr std::array<std::string_view, 14> kFirst{
    "artifacts",     "bind.mounts",           "checkpoint", "config.dump",    "ctr.log",
    "deleted.files", "devshm-checkpoint.tar", "dump.log",   "network.status", "spec.dump",
    "stats-dump",    "rootfs-diff.tar",       "volumes",    "criu.log"};

std::unexpected<Error> noArchive(std::string_view why)
{
    return fail(EBADMSG, "import", "archive", strCat("it is no checkpoint of podman's: ", why));
}

/// Without "./" before it and "/" behind it. @errors ENOTSUP: it leads out of the archive.
Result<std::string> plainName(const TarMember &member)
{
    std::string_view name = member.name;
    while (name.starts_with("./"))
        name.remove_prefix(2);
    while (name.ends_with('/'))
        name.remove_suffix(1);
    const std::string out(name);
    const auto refuse = [&member](std::string_view why) {
        return fail(ENOTSUP, "import", printable(member.name), strCat(why, ", at byte ", member.offset));
    };
    if (member.name.starts_with('/'))
        return refuse("an absolute name");
    if (!out.empty() && !repository::isStreamName(strCat(kPodmanMembers, out)))
        return refuse("a name that leads out of the archive, or is none for a file");
    if (member.type == '1' || member.type == '2')
        return refuse("a link; archives of --with-previous are not whole by themselves");
    if (member.type != '0' && member.type != '5')
        return refuse("neither a file nor a folder");
    return out;
}

/// The stream that has a member's content.
std::string streamOf(std::string_view name)
{
    const std::string_view image = name.starts_with(kImages) ? name.substr(kImages.size()) : std::string_view();
    if (image.find('/') == std::string_view::npos && image.ends_with(".img"))
        return std::string(image);
    return strCat(kPodmanMembers, name);
}

repository::StreamKind kindOf(std::string_view stream)
{
    return stream.starts_with("pages-") ? repository::StreamKind::Pages : repository::StreamKind::Bytes;
}

/// The word behind `key` in CRIU's log.
std::string wordAfter(std::string_view log, std::string_view key)
{
    const std::size_t at = log.find(key);
    std::string_view rest = at == std::string_view::npos ? std::string_view() : log.substr(at + key.size());
    rest = rest.substr(0, rest.find('\n'));
    return printable(takeToken(rest));
}

bool isName(std::string_view name)
{
    const auto fits = [](unsigned char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
               c == '-';
    };
    return !name.empty() && name.size() <= 255 && name.front() != '-' && name.front() != '.' &&
           std::ranges::all_of(name, fits);
}

/// Takes one archive apart. Thread: one.
class Taking
{
public:
    Taking(repository::Source source, repository::Writer &writer, const std::stop_token &stop,
           repository::RunningDigest *digest)
        : m_reader(std::move(source)), m_writer(writer), m_stop(stop)
    {
        if (digest != nullptr)
            m_reader.onBytes([digest](ByteView bytes) { digest->add(bytes); });
    }
    [[nodiscard]] Result<PodmanArchive> run();

private:
    [[nodiscard]] Result<> take(const TarMember &member);
    [[nodiscard]] Result<> look(std::string_view name, const TarMember &member);
    [[nodiscard]] Result<PodmanArchive> told();

    TarReader m_reader;
    repository::Writer &m_writer;
    const std::stop_token &m_stop;
    std::string m_heads;
    std::map<std::string, std::string, std::less<>> m_looked{
        {std::string(kConfig), {}}, {std::string(kSpec), {}}, {std::string(kLog), {}}, {std::string(kTree), {}}};
    std::set<std::string, std::less<>> m_names;
    PodmanArchive m_out;
};

/// What is told by there being a member.
Result<> Taking::look(std::string_view name, const TarMember &member)
{
    const std::string_view first = name.substr(0, name.find('/'));
    if (m_names.empty() && std::ranges::find(kFirst, first) == kFirst.end())
        return noArchive(strCat("it begins with ", printable(member.name)));
    if (!m_names.insert(std::string(name)).second)
        return fail(ENOTSUP, "import", printable(member.name), strCat("it comes twice, at byte ", member.offset));
    if (name == kConfig)
        m_out.time = std::chrono::sys_seconds(std::chrono::seconds(member.mtime));
    if (m_looked.contains(name) && name != kLog && member.size > kMostLooked)
        return fail(EFBIG, "import", name, strCat("a text of ", member.size, " bytes"));
    const auto needs = [this](const char *option) {
        if (std::ranges::find(m_out.options, option) == m_out.options.end())
            m_out.options.emplace_back(option);
    };
    // CRIU wants the options of the dump again for these.
    if (name.starts_with("checkpoint/tcp-stream-"))
        needs("tcp-established");
    if (name == "checkpoint/filelocks.img" && member.size > kImageHead)
        needs("file-locks");
    return {};
}

Result<> Taking::take(const TarMember &member)
{
    const std::string name = GANTRY_TRY(plainName(member));
    m_heads += member.head;
    if (m_heads.size() > kMostHeads)
        return fail(EFBIG, "import", "archive", strCat("more than ", kMostHeads, " bytes of headers"));
    if (name.empty())
        return {}; // "./"
    GANTRY_CHECK(look(name, member));
    if (member.size == 0)
        return {};
    const std::string stream = streamOf(name);
    const auto number = GANTRY_TRY(m_writer.addStream(stream, kindOf(stream)));
    const auto looked = m_looked.find(name);
    GANTRY_CHECK(m_reader.content([&](ByteView bytes) -> Result<> {
        if (m_stop.stop_requested())
            return failErrno("import", "archive", ECANCELED);
        const std::size_t most = name == kLog ? kMostLog : kMostLooked;
        if (looked != m_looked.end() && looked->second.size() < most)
            looked->second += repository::textOf(bytes.first(std::min(bytes.size(), most - looked->second.size())));
        return m_writer.write(number, bytes);
    }));
    return m_writer.finish(number);
}

Result<PodmanArchive> Taking::told()
{
    for (const std::string_view needed : {kConfig, kSpec, kTree}) {
        if (m_looked.find(needed)->second.empty())
            return noArchive(strCat("it has no ", needed));
    }
    const auto config = runtime::parseJson(kConfig, m_looked.find(kConfig)->second);
    if (!config || !runtime::parseJson(kSpec, m_looked.find(kSpec)->second))
        return noArchive("config.dump or spec.dump is no JSON");
    m_out.name = runtime::textAt(*config, {"name"});
    m_out.id = runtime::textAt(*config, {"id"});
    if (!isName(m_out.name) || !runtime::isLongId(m_out.id))
        return noArchive("its config.dump names no container");
    GANTRY_CHECK(forEachEntry(m_looked.find(kTree)->second, "pstree.img", [this](std::string_view, std::size_t) {
        ++m_out.processes;
        return Result<>();
    }));
    const std::string &log = m_looked.find(kLog)->second;
    m_out.criuVersion = wordAfter(log, "Version: ");
    // "Running on HOST Linux 6.12.57 #1 SMP ... x86_64"
    if (const std::size_t at = log.find("Running on "); at != std::string::npos)
        m_out.kernelRelease = wordAfter(std::string_view(log).substr(at), " Linux ");
    return std::move(m_out);
}

Result<PodmanArchive> Taking::run()
{
    constexpr std::uint64_t kMostTail = std::uint64_t{1} << 20; ///< tar fills its last record up with zeros
    while (true) {
        if (m_stop.stop_requested())
            return failErrno("import", "archive", ECANCELED);
        const auto member = GANTRY_TRY(m_reader.next());
        if (!member)
            break;
        GANTRY_CHECK(take(*member));
    }
    GANTRY_CHECK(m_reader.nothingFollows(kMostTail));
    PodmanArchive out = GANTRY_TRY(told());
    const auto heads = GANTRY_TRY(m_writer.addStream(kPodmanHeads, repository::StreamKind::Bytes));
    GANTRY_CHECK(m_writer.write(heads, repository::viewOf(m_heads)));
    GANTRY_CHECK(m_writer.finish(heads));
    return out;
}

Result<> giveMembers(const repository::Store &store, const repository::CheckpointId &id, const repository::Sink &sink,
                     const std::stop_token &stop)
{
    std::string heads;
    GANTRY_CHECK(store.read(id, kPodmanHeads, [&heads](ByteView bytes) -> Result<> {
        if (heads.size() + bytes.size() > kMostHeads)
            return failErrno("export", kPodmanHeads, EFBIG);
        heads += repository::textOf(bytes);
        return {};
    }));
    heads += repository::tarEnd();
    TarReader reader(repository::sourceOf(repository::viewOf(heads)));
    while (true) {
        const auto member = GANTRY_TRY(reader.next());
        if (!member)
            return sink(repository::viewOf(repository::tarEnd()));
        GANTRY_CHECK(sink(repository::viewOf(member->head)));
        const std::string name = GANTRY_TRY(plainName(*member));
        reader.contentIsElsewhere();
        if (member->size == 0)
            continue;
        std::uint64_t given = 0;
        GANTRY_CHECK(store.read(
            id, streamOf(name),
            [&](ByteView bytes) {
                given += bytes.size();
                return sink(bytes);
            },
            stop));
        if (given != member->size)
            return fail(EBADMSG, "export", streamOf(name), "it has another size than its header says");
        GANTRY_CHECK(sink(repository::viewOf(std::string(repository::tarPadding(given), '\0'))));
    }
}

} // namespace

Result<PodmanArchive> takePodmanArchive(repository::Source source, repository::Writer &writer,
                                        const std::stop_token &stop, repository::RunningDigest *digest)
{
    return Taking(std::move(source), writer, stop, digest).run();
}

Result<> givePodmanArchive(const repository::Store &store, const repository::CheckpointId &id,
                           const repository::Sink &sink, const std::stop_token &stop)
{
    const repository::Checkpoint one = GANTRY_TRY(store.checkpoint(id));
    if (!isByPodman(one.manifest))
        return fail(ENOTSUP, "export", one.manifest.container.name,
                    "podman did not make it: its archive has podman's own settings, image and network of a container, "
                    "and there are none of this one",
                    "export it in Gantry's own format");
    const auto streams = GANTRY_TRY(store.streams(id));
    // As they were stored at first: the archive in one piece.
    if (std::ranges::find(streams, kPodmanStream, &repository::StreamInfo::name) != streams.end())
        return store.read(id, kPodmanStream, sink, stop);
    return giveMembers(store, id, sink, stop);
}

Result<> readPodmanArchive(const repository::Store &store, const repository::CheckpointId &id, int folder,
                           const std::string &file, const std::stop_token &stop)
{
    const UniqueFd target = GANTRY_TRY(openAt(folder, file, O_WRONLY | O_CREAT | O_EXCL, 0600));
    return givePodmanArchive(
        store, id, [&](std::span<const std::byte> bytes) { return writeAll(target.get(), bytes, file); }, stop);
}

Result<repository::Imported> importPodmanArchive(repository::Store &store, repository::Source source,
                                                 const std::stop_token &stop)
{
    repository::Writer writer = GANTRY_TRY(store.write());
    repository::RunningDigest running;
    const PodmanArchive archive = GANTRY_TRY(takePodmanArchive(std::move(source), writer, stop, &running));
    repository::CheckpointId id; // the same archive has the same
    const repository::Digest digest = running.finish();
    std::copy_n(digest.begin(), id.v.size(), id.v.begin());
    repository::Manifest manifest;
    manifest.time = archive.time;
    manifest.container = {archive.name, "podman", archive.id, {}};
    manifest.criuVersion = archive.criuVersion;
    manifest.kernelRelease = archive.kernelRelease;
    manifest.trigger = "manual";
    describePodmans(manifest, archive.name, archive.processes, archive.options);
    GANTRY_CHECK(writer.endCheckpoint(id, std::move(manifest), false));
    repository::Imported out;
    out.added = GANTRY_TRY(writer.commitAll());
    if (out.added.empty())
        out.known.push_back(id);
    return out;
}

} // namespace gantry::checkpoint
