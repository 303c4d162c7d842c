// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/save.h"

#include "engine/base/parse.h"
#include "engine/base/strings.h"
#include "engine/checkpoint/coming_in.h"
#include "engine/checkpoint/host_mounts.h"
#include "engine/checkpoint/host_story.h"
#include "engine/checkpoint/image_store.h"
#include "engine/checkpoint/image_tree.h"
#include "engine/checkpoint/images.h"
#include "engine/checkpoint/inner_pids.h"
#include "engine/checkpoint/kept_lock.h"
#include "engine/checkpoint/lazy_memory.h"
#include "engine/checkpoint/network_lock.h"
#include "engine/checkpoint/open_files.h"
#include "engine/checkpoint/placement.h"
#include "engine/checkpoint/steps.h"
#include "engine/checkpoint/tcp_leftovers.h"
#include "engine/checkpoint/userfault.h"
#include "engine/process/process.h"

#include <algorithm>
#include <optional>

namespace gantry::checkpoint {

namespace {

// Names in Manifest::values.
constexpr const char *kPids = "pids";
constexpr const char *kPlaces = "cgroups";
constexpr const char *kInnerPids = "inner_pids";     ///< in their own pid namespace; where they have one
constexpr const char *kMountOptions = "criu_mounts"; ///< options of a restore; where it has a mount namespace


/// Of private memory. Less is read as fast as it is arranged to come later.
constexpr std::uint64_t kWorthLazy = std::uint64_t{16} << 20;

std::string joinedNumbers(std::span<const std::int32_t> numbers)
{
    std::vector<std::string> words;
    for (const std::int32_t number : numbers)
        words.push_back(std::to_string(number));
    return joined(words);
}

Result<repository::Manifest> filled(const SaveWish &wish, const Means &means, const std::vector<std::string> &options)
{
    repository::Manifest out = wish.manifest;
    tellHost(out, means.criu);
    out.values[kOptionsKey] = joined(options);
    return out;
}

/// @param tree that CRIU took: what else is in the cgroup is not part of it. While it stands still.
Result<> recordTree(const std::vector<std::int32_t> &tree, const Means &means, repository::Manifest &out)
{
    out.values[kPids] = joinedNumbers(tree);
    if (const auto inner = GANTRY_TRY(innerPids(tree)); !inner.empty())
        out.values[kInnerPids] = joinedNumbers(inner);
    out.values[kPlaces] = placesText(GANTRY_TRY(placesOf(*means.hierarchies, tree)));
    return {};
}

std::vector<std::int32_t> numbersOf(const repository::Manifest &manifest, const char *key)
{
    std::vector<std::int32_t> out;
    for (const std::string &word : wordsOf(manifest, key))
        out.push_back(static_cast<std::int32_t>(parseI64(word).value_or(0)));
    return out;
}

/// One checkpoint on its way into the store.
class Saving
{
public:
    Saving(const SaveWish &wish, const Means &means, repository::Store &store, const runtime::Patience &patience,
           const OnPhase &onPhase)
        : m_wish(wish), m_means(means), m_store(store), m_patience(patience), m_onPhase(onPhase)
    {}

    [[nodiscard]] Result<Saved> run();

private:
    [[nodiscard]] Result<> onNotice(std::string_view notice);
    /// For CRIU's dump; the manifest has those that a restore needs.
    [[nodiscard]] Result<std::vector<std::string>> chooseOptions(const TreeLook &look);
    /// The rounds before `dump`. @param most bytes that its images may need.
    [[nodiscard]] Result<> preDump(CriuRun &dump, Bytes most);
    [[nodiscard]] Result<> takeFiles(std::span<const std::int32_t> tree);
    [[nodiscard]] Result<> store();

    const SaveWish &m_wish;
    const Means &m_means;
    repository::Store &m_store;
    const runtime::Patience &m_patience;
    const OnPhase &m_onPhase;
    int m_folder = -1;
    std::optional<PreDump> m_rounds;
    repository::Manifest m_manifest;
    std::string m_lock; ///< of a dump that ends it
    std::unique_ptr<FileCapture> m_files; ///< null: none is asked for
    Saved m_saved;
};

Result<> Saving::preDump(CriuRun &dump, Bytes most)
{
    m_rounds.emplace(m_folder);
    GANTRY_CHECK(m_rounds->run(m_means.criu.path, dump, most, m_patience, [this](std::size_t round, Bytes saved) {
        tell(m_onPhase, strCat("pre-dump ", round, " ", saved.v));
    }));
    m_saved.preDump = m_rounds->done();
    dump.parent = m_rounds->parent();
    dump.trackMemory = !dump.parent.empty();
    return {};
}

Result<> Saving::store()
{
    tell(m_onPhase, "write");
    repository::Writer writer = GANTRY_TRY(m_store.write());
    const std::vector<int> folders = m_rounds ? m_rounds->folders() : std::vector<int>{m_folder};
    GANTRY_CHECK(writeImages(writer, folders, m_patience.stop));
    if (m_files != nullptr) {
        GANTRY_CHECK(m_files->store(writer, m_manifest, m_patience.stop));
        m_saved.fileTotals = m_files->totals();
    }
    m_saved.id = GANTRY_TRY(writer.commit(m_manifest));
    m_saved.sizes = writer.sizes();
    return {};
}

Result<> Saving::takeFiles(std::span<const std::int32_t> tree)
{
    if (m_files == nullptr)
        return {};
    tell(m_onPhase, "files");
    GANTRY_CHECK(m_files->take(tree, m_patience.stop));
    m_saved.notes = m_files->notes();
    if (m_files->isEmpty())
        m_files.reset();
    return {};
}

Result<> Saving::onNotice(std::string_view notice)
{
    if (notice == "pre-dump") {
        tell(m_onPhase, "dump");
        m_manifest.time = std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
    }
    if (notice != "post-dump")
        return {};
    const auto tree = GANTRY_TRY(treeOfStopped(m_wish.pids.front()));
    GANTRY_CHECK(recordTree(tree, m_means, m_manifest));
    GANTRY_CHECK(takeFiles(tree));
    if (m_wish.leaveRunning)
        return {};
    m_lock = lockTableOf(m_folder, std::string(logName(CriuRun::Verb::Dump)), m_wish.pids.front());
    tellKeptLock(m_wish.pids.front(), m_lock, m_saved.options, m_manifest);
    // What is to end does so only after this: the store's failure lets it run on.
    return store();
}

Result<std::vector<std::string>> Saving::chooseOptions(const TreeLook &look)
{
    m_saved.options = chosenOptions(m_saved.findings);
    m_saved.options.insert(m_saved.options.end(), m_wish.options.begin(), m_wish.options.end());
    m_manifest = GANTRY_TRY(filled(m_wish, m_means, m_saved.options));
    const MountOptions mounts = mountOptions(look);
    if (!mounts.restore.empty())
        m_manifest.values[kMountOptions] = joined(mounts.restore);
    std::vector<std::string> out = m_saved.options;
    out.insert(out.end(), mounts.dump.begin(), mounts.dump.end());
    return out;
}

Result<Saved> Saving::run()
{
    tell(m_onPhase, "check");
    GANTRY_CHECK(ComingIn::check(m_means.spillFolder, m_wish.pids));
    const TreeLook look = GANTRY_TRY(lookAtTree(m_wish.pids, {}));
    m_saved.findings = judge(look, m_means.criu);
    m_saved.processes = static_cast<std::uint32_t>(look.tasks.size());
    GANTRY_CHECK(checkSave(m_saved.findings, strCat("pid ", m_wish.pids.front())));
    // What cannot come back is no checkpoint.
    const auto deleted = std::ranges::find(m_saved.findings, Cause::LinkedDeletedFile, &Finding::cause);
    if (m_wish.leaveRunning && deleted != m_saved.findings.end())
        return fail(ENOTSUP, "checkpoint", strCat("pid ", m_wish.pids.front()),
                    strCat(deleted->object, ": ", deleted->info().why), deleted->info().remedy);
    std::vector<std::string> options = GANTRY_TRY(chooseOptions(look));
    m_files = GANTRY_TRY(FileCapture::ofWish(m_wish.filesWish, m_wish.pids, m_means.spillFolder, m_patience.stop));
    m_saved.resident = residentOf(look);
    m_saved.preDump.why = reasonAgainstPreDump(m_wish.preDump, m_means.criu, m_saved.resident);
    const bool inRounds = m_saved.preDump.why.empty();
    const Bytes most = roomFor(look);
    const ImageFolder folder =
        GANTRY_TRY(ImageFolder::create(Bytes{inRounds ? 2 * most.v : most.v}, m_means.spillFolder));
    m_folder = folder.fd();
    CriuRun dump{.verb = CriuRun::Verb::Dump,
                 .images = m_folder,
                 .pid = m_wish.pids.front(),
                 .leaveRunning = m_wish.leaveRunning,
                 .options = std::move(options),
                 .findings = m_saved.findings,
                 .stateFolder = m_means.spillFolder,
                 .onNotice = [this](std::string_view notice, std::int32_t) { return onNotice(notice); },
                 .parent = {}};
    if (inRounds)
        GANTRY_CHECK(preDump(dump, most));
    if (m_files != nullptr)
        m_files->flush();
    GANTRY_TRY(runCriu(m_means.criu.path, dump, m_patience));
    if (m_rounds)
        m_rounds->endTurn();
    if (m_wish.leaveRunning) {
        const DumpStats stats = readDumpStats(m_folder).value_or(DumpStats()); // all 0 where CRIU left none
        m_saved.stood = stats.frozen;
        m_saved.savedStill = Bytes{stats.pagesWritten * kImagePage};
        GANTRY_CHECK(store());
    } else {
        removeEmptyLock(m_manifest, m_lock);
    }
    return std::move(m_saved);
}

Result<std::vector<Place>> placesIn(const repository::Manifest &manifest)
{
    const auto value = manifest.values.find(kPlaces);
    return parsePlaces(value == manifest.values.end() ? std::string_view() : std::string_view(value->second));
}

/// The pids a checkpoint's processes had must be free: CRIU gives them the same ones.
Result<> checkPids(std::span<const std::int32_t> pids, std::span<const std::int32_t> ending, std::string_view subject)
{
    const auto holder = process::holderOf(pids, ending);
    if (!holder)
        return {};
    const process::Stat &process = holder->process;
    const std::string held =
        process.pid == holder->number
            ? strCat("is taken by ", printable(process.comm))
            : strCat("is the ", process.processGroup == holder->number ? "process group" : "session", " of pid ",
                     process.pid, " (", printable(process.comm), ")");
    return fail(EEXIST, "restore", subject,
                strCat("pid ", holder->number, " ", held,
                       process.state == 'Z' ? ", which has ended, but was not reaped by its parent" : ""),
                "End that process first; a checkpoint comes back with the pids it had");
}

/// A file that has another length is known by its name alone: who restores asks once more.
Result<std::vector<ChangedFile>> changedFiles(const repository::CheckpointId &id, const repository::Store &store,
                                              const KeptFiles &putBack, const std::stop_token &stop)
{
    repository::OpenedCheckpoint opened = GANTRY_TRY(store.look(id));
    SavedTree tree = GANTRY_TRY(readTree(opened, stop));
    std::erase_if(tree.files, [&putBack](const auto &file) { return putBack.covers(file.second.text); });
    return checkOpenFiles(tree);
}

/// One checkpoint on its way back.
class Restoring
{
public:
    Restoring(const repository::CheckpointId &id, const Means &means, const repository::Store &store,
              const runtime::Patience &patience, const OnPhase &onPhase, KeptFilesUse use)
        : m_id(id), m_means(means), m_store(store), m_patience(patience), m_onPhase(onPhase), m_use(use)
    {}

    [[nodiscard]] Result<Restored> run();

private:
    /// Images, and, unless it comes in later, memory.
    [[nodiscard]] Result<> read(int folder);
    [[nodiscard]] Result<> onNotice(std::string_view notice, std::int32_t pid);

    const repository::CheckpointId &m_id;
    const Means &m_means;
    const repository::Store &m_store;
    const runtime::Patience &m_patience;
    const OnPhase &m_onPhase;
    const KeptFilesUse m_use;
    std::unique_ptr<FileReturn> m_files; ///< null: none is put back
    repository::Manifest m_manifest;
    std::vector<Place> m_places;
    std::vector<std::string> m_options;
    std::unique_ptr<ComingIn> m_comingIn;
    std::unique_ptr<LazyMemory> m_lazy;
    Restored m_restored;
};

Result<> Restoring::read(int folder)
{
    const KeptFiles none;
    const auto changed = GANTRY_TRY(
        changedFiles(m_id, m_store, m_files != nullptr ? m_files->files() : none, m_patience.stop));
    tell(m_onPhase, "read");
    GANTRY_CHECK(readImages(m_store, m_id, folder, m_patience.stop));
    GANTRY_CHECK(admitFiles(folder, changed));
    if (std::ranges::find(m_options, "tcp-close") == m_options.end())
        GANTRY_CHECK(makeRoomForConnections(folder));
    for (const ChangedFile &file : changed)
        m_restored.notes.push_back(file.text());
    LazyPlan plan = GANTRY_TRY(planLazy(folder));
    const bool lazy = plan.bytes().v >= kWorthLazy && userfaultWorks();
    GANTRY_CHECK(readPages(m_store, m_id, folder, lazy ? plan : LazyPlan(), m_patience.stop));
    if (!lazy)
        return {};
    m_lazy = GANTRY_TRY(LazyMemory::create(m_store, m_id, std::move(plan), folder));
    m_options.emplace_back("lazy-pages");
    return {};
}

Result<> Restoring::onNotice(std::string_view notice, std::int32_t pid)
{
    if (notice != "post-restore")
        return {};
    // All are there, and none runs yet.
    if (m_files != nullptr)
        GANTRY_CHECK(m_files->lives(pid));
    if (const auto inner = numbersOf(m_manifest, kInnerPids); !inner.empty())
        GANTRY_CHECK(renumber(m_places, numbersOf(m_manifest, kPids), inner, pid));
    if (m_lazy != nullptr) {
        GANTRY_CHECK(m_lazy->guard(pid));
        m_comingIn = GANTRY_TRY(ComingIn::say(m_means.spillFolder, pid));
    }
    letKeptGoOf(joined(wordsOf(m_manifest, kPids)), m_store);
    return putInPlace(*m_means.hierarchies, m_places);
}

Result<Restored> Restoring::run()
{
    const auto begun = runtime::Clock::now();
    tell(m_onPhase, "check");
    const repository::Checkpoint checkpoint = GANTRY_TRY(m_store.checkpoint(m_id));
    GANTRY_CHECK(checkRestore(checkpoint, m_means));
    m_manifest = checkpoint.manifest;
    m_places = GANTRY_TRY(placesIn(m_manifest));
    m_options = wordsOf(m_manifest, kOptionsKey);
    for (std::string &option : wordsOf(m_manifest, kMountOptions))
        m_options.push_back(std::move(option));
    const ImageFolder folder =
        GANTRY_TRY(ImageFolder::create(Bytes{checkpoint.sizes.logical.v + kRoomBesides}, m_means.spillFolder));
    m_files = GANTRY_TRY(FileReturn::ofCheckpoint(checkpoint, m_use, m_store, m_means.spillFolder, m_patience.stop));
    GANTRY_CHECK(read(folder.fd()));
    tell(m_onPhase, "restore");
    const CriuRun run{.verb = CriuRun::Verb::Restore,
                      .images = folder.fd(),
                      .options = m_options,
                      .findings = {},
                      .stateFolder = m_means.spillFolder,
                      .onNotice = [this](std::string_view notice, std::int32_t pid) { return onNotice(notice, pid); }};
    m_restored.pid = GANTRY_TRY(runCriu(m_means.criu.path, run, m_patience));
    m_restored.processes = static_cast<std::uint32_t>(wordsOf(m_manifest, kPids).size());
    m_restored.stood = std::chrono::floor<std::chrono::microseconds>(runtime::Clock::now() - begun);
    if (m_lazy != nullptr) {
        tell(m_onPhase, "memory");
        if (const auto filled = m_lazy->fill(m_patience.stop, {}); !filled) {
            m_lazy->endTree();
            return std::unexpected(filled.error());
        }
    }
    if (m_files != nullptr)
        m_files->keepInto(m_restored.notes);
    return std::move(m_restored);
}

} // namespace

std::vector<std::string> resultLines(const Saved &saved)
{
    std::vector<std::string> out{
        strCat("checkpoint ", saved.id.text(), ", processes: ", saved.processes),
        strCat("bytes: ", saved.sizes.logical.v, ", new: ", saved.sizes.fresh.v, ", on disk: ", saved.sizes.stored.v),
        strCat("files: ", saved.fileTotals.files, ", bytes: ", saved.fileTotals.bytes,
               ", stood still for them: ", saved.fileTotals.stood.count(), " us")};
    for (const PreDumpRound &round : saved.preDump.rounds)
        out.push_back(strCat("round before: ", round.saved.v, " bytes, stood still for ", round.stood.count(), " us"));
    if (saved.stood.count() > 0)
        out.push_back(strCat("stood still for ", saved.stood.count(), " us",
                             saved.expected ? strCat(", expected were ", saved.expected->stood.count()) : ""));
    return out;
}

std::vector<std::string> resultLines(const Restored &restored)
{
    return {strCat("pid ", restored.pid, ", processes: ", restored.processes)};
}

Result<> checkSave(const std::vector<Finding> &findings, std::string_view subject)
{
    if (isPossible(findings))
        return {};
    const Finding &worst = findings.front(); // they are in this order
    return fail(ENOTSUP, "checkpoint", subject, strCat(worst.object, ": ", worst.info().why), worst.info().remedy);
}

bool isOlderVersion(std::string_view a, std::string_view b)
{
    while (!a.empty() || !b.empty()) {
        const auto next = [](std::string_view &text) {
            const std::string_view part = text.substr(0, text.find('.'));
            text.remove_prefix(std::min(text.size(), part.size() + 1));
            return parseU64(part).value_or(0);
        };
        const std::uint64_t left = next(a);
        const std::uint64_t right = next(b);
        if (left != right)
            return left < right;
    }
    return false;
}

Result<Saved> save(const SaveWish &wish, const Means &means, repository::Store &store,
                   const runtime::Patience &patience, const OnPhase &onPhase)
{
    if (wish.pids.empty())
        return fail(ESRCH, "checkpoint", wish.manifest.container.name, "it has no process");
    return Saving(wish, means, store, patience, onPhase).run();
}

Result<> checkRestore(const repository::Checkpoint &checkpoint, const Means &means,
                      std::span<const std::int32_t> ending)
{
    const repository::Manifest &manifest = checkpoint.manifest;
    const std::string id = checkpoint.id.text();
    GANTRY_CHECK(checkReader(id, means.criu, manifest));
    if (!manifest.values.contains(kInnerPids)) // in there all numbers are free
        GANTRY_CHECK(checkPids(numbersOf(manifest, kPids), ending, id));
    return checkPlaces(*means.hierarchies, GANTRY_TRY(placesIn(manifest)));
}

Result<FilesOutlook> checkFiles(const repository::CheckpointId &id, const repository::Store &store, KeptFilesUse use,
                                std::span<const std::int32_t> ending, const std::stop_token &stop)
{
    FilesOutlook out;
    const KeptFiles kept = use == KeptFilesUse::PutBack ? GANTRY_TRY(readKeptFiles(store, id)) : KeptFiles();
    out.replaced = GANTRY_TRY(lookAtReplaced(kept, stop));
    out.notes = GANTRY_TRY(checkReplaced(kept, out.replaced, ending, stop));
    for (const ChangedFile &file : GANTRY_TRY(changedFiles(id, store, kept, stop)))
        out.notes.push_back(file.text());
    return out;
}

Result<Restored> restore(const repository::CheckpointId &id, const Means &means, const repository::Store &store,
                         const runtime::Patience &patience, const OnPhase &onPhase, KeptFilesUse use)
{
    return Restoring(id, means, store, patience, onPhase, use).run();
}

} // namespace gantry::checkpoint
