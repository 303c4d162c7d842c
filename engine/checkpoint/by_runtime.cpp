// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/by_runtime.h"

#include "engine/base/log.h"
#include "engine/base/strings.h"
#include "engine/checkpoint/host_story.h"
#include "engine/checkpoint/images.h"
#include "engine/checkpoint/network_lock.h"
#include "engine/checkpoint/runtime_watch.h"
#include "engine/checkpoint/standstill.h"
#include "engine/checkpoint/steps.h"
#include "engine/launch/launch.h"
#include "engine/launch/network.h"
#include "engine/runtime/tool.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <thread>

#include <fcntl.h>

namespace gantry::checkpoint {

namespace fs = std::filesystem;

using runtime::Clock;
using runtime::Patience;
using std::chrono::microseconds;

namespace {

constexpr std::uint64_t kTarBlock = 1'024; ///< most that a file takes in an archive besides its content, usually
/// Beyond the deadline: a runtime killed in the middle takes its CRIU along.
constexpr std::chrono::seconds kDumpGrace{30};
constexpr std::chrono::seconds kEndPatience{20};
constexpr int kLooks = 5;
constexpr std::chrono::milliseconds kBetweenLooks{20};

/// What thaws it where Gantry cannot any more.
Result<std::vector<std::string>> resumeWords(const OciContainer &container)
{
    if (!container.docker.empty())
        return std::vector<std::string>{runtime::toolPath("docker"), "unpause", container.id};
    auto words = GANTRY_TRY(launch::toolWords(container.runtime, container.stateFolder, container.bySystemd));
    words.emplace_back("resume");
    words.push_back(container.id);
    const std::string link = container.place ? launch::linkOf(*container.place) : std::string();
    return link.empty() ? words : launch::plugWords(link, words);
}

/// One checkpoint on its way into the store.
class Saving
{
public:
    Saving(const OciContainer &container, const runtime::Known &known, const SaveWish &wish, const Means &means,
           repository::Store &store, const Patience &patience, const OnPhase &onPhase)
        : m_container(container)
        , m_known(known)
        , m_wish(wish)
        , m_means(means)
        , m_store(store)
        , m_patience(patience)
        , m_onPhase(onPhase)
    {}

    [[nodiscard]] Result<Saved> run();

private:
    [[nodiscard]] Result<TreeLook> check();
    [[nodiscard]] Result<Standstill> stand(const std::string &mark);
    [[nodiscard]] Result<> dump(const ToolFolder &tools, const NetworkLock &lock);
    [[nodiscard]] Result<> copyFiles();
    [[nodiscard]] Result<> copyUpper();
    [[nodiscard]] Result<> store();
    [[nodiscard]] Result<> handOver(Standstill &standstill, std::optional<launch::PulledOut> &pulledOut);
    [[nodiscard]] Result<> endContainer(Standstill &standstill);

    const OciContainer &m_container;
    const runtime::Known &m_known;
    const SaveWish &m_wish;
    const Means &m_means;
    repository::Store &m_store;
    const Patience &m_patience;
    const OnPhase &m_onPhase;
    std::string m_upper;
    std::optional<ImageFolder> m_images;
    std::optional<ImageFolder> m_files;
    std::unique_ptr<FileCapture> m_beside; ///< files beside its root; null: none is asked for
    repository::Manifest m_manifest;
    Saved m_out;
};

Result<TreeLook> Saving::check()
{
    Looked looked = GANTRY_TRY(lookForSave(m_wish.pids, m_means.criu, m_container.id, m_patience.stop));
    Saved &saved = m_out;
    saved.findings = std::move(looked.findings);
    saved.processes = static_cast<std::uint32_t>(looked.tree.tasks.size());
    saved.options = chosenOptions(saved.findings);
    saved.options.insert(saved.options.end(), m_wish.options.begin(), m_wish.options.end());
    saved.resident = residentOf(looked.tree);
    m_manifest = m_wish.manifest;
    tellHost(m_manifest, m_means.criu);
    addToManifest(m_container, m_manifest);
    m_manifest.values[kOptionsKey] = joined(saved.options);
    return std::move(looked.tree);
}

Result<Standstill> Saving::stand(const std::string &mark)
{
    const std::vector<std::string> resume = GANTRY_TRY(resumeWords(m_container));
    if (m_wish.together)
        return Standstill::atOnce(m_known, resume, mark, *m_means.hierarchies, m_wish.together->ready, m_patience);
    return Standstill::byRuntime(m_known, resume, mark, *m_means.hierarchies, m_patience);
}

Result<> Saving::dump(const ToolFolder &tools, const NetworkLock &lock)
{
    std::vector<std::string> rest{"--image-path", pathOf(m_images->fd()), "--work-path", tools.work(),
                                  "--leave-running"};
    const std::vector<std::string> options = toolOptions(m_out.options);
    rest.insert(rest.end(), options.begin(), options.end());
    const auto words = GANTRY_TRY(tools.words(m_container, "checkpoint", rest));
    const auto told = [&] {
        const DumpWatch watch(tools.work());
        return runtime::runTool(words, {m_patience.deadline + kDumpGrace});
    }();
    if (told && told->exitCode == 0)
        return {};
    // It is still paused, and sees no error meanwhile.
    lock.letGoAfter(AT_FDCWD, strCat(tools.work(), "/dump.log"));
    if (!told)
        return std::unexpected(told.error());
    return toolRefusal("checkpoint", m_container, tools, "dump.log", m_out.findings);
}

Result<> Saving::copyUpper()
{
    const auto told = GANTRY_TRY(runtime::runTool(
        {"tar", "--create", strCat("--file=", pathOf(m_files->fd()), "/", kUpperFile), "--xattrs", "--xattrs-include=*",
         "--acls", "--sparse", "--numeric-owner", strCat("--directory=", m_upper), "."},
        m_patience));
    if (told.exitCode != 0)
        return fail(EIO, "checkpoint", m_upper, strCat("tar says: ", printable(trim(told.standardError))));
    m_out.files = true;
    return {};
}

Result<> Saving::copyFiles()
{
    if (!m_upper.empty())
        GANTRY_CHECK(copyUpper());
    if (m_beside == nullptr)
        return {};
    tell(m_onPhase, "files");
    GANTRY_CHECK(m_beside->take({}, m_patience.stop));
    m_out.notes = m_beside->notes();
    return {};
}

Result<> Saving::store()
{
    tell(m_onPhase, "write");
    repository::Writer writer = GANTRY_TRY(m_store.write());
    GANTRY_CHECK(writeImages(writer, std::array{m_images->fd()}, m_patience.stop));
    const auto config = GANTRY_TRY(writer.addStream(kConfigStream, repository::StreamKind::Bytes));
    GANTRY_CHECK(writer.write(config, std::as_bytes(std::span(m_container.config))));
    GANTRY_CHECK(writer.finish(config));
    if (m_out.files)
        GANTRY_CHECK(writeStream(writer, m_files->fd(), kUpperFile, kUpperStream, m_patience.stop));
    if (m_beside != nullptr) {
        GANTRY_CHECK(m_beside->store(writer, m_manifest, m_patience.stop));
        m_out.fileTotals = m_beside->totals();
    }
    m_out.id = GANTRY_TRY(writer.commit(m_manifest));
    m_out.sizes = writer.sizes();
    return {};
}

Result<> Saving::handOver(Standstill &standstill, std::optional<launch::PulledOut> &pulledOut)
{
    if (!m_wish.handOver)
        return {};
    GANTRY_CHECK(m_wish.handOver->offer(m_out));
    GANTRY_CHECK(standstill.check(m_patience.stop));
    standstill.dismissGuard();
    Decided decided = m_wish.handOver->decide();
    if (pulledOut && decided.ending != Ending::RunsOn) // another one has its address from now on, or may have
        pulledOut->keep();
    switch (decided.ending) {
    case Ending::Ends:
        return {};
    case Ending::Unknown:
        standstill.leave();
        break;
    case Ending::RunsOn:
        break;
    }
    return std::unexpected(*std::move(decided.why));
}

Result<> Saving::endContainer(Standstill &standstill)
{
    const std::int32_t first = m_wish.pids.front();
    std::vector<std::int32_t> pids = treeOf(first).value_or(std::vector<std::int32_t>{first});
    for (const std::int32_t pid : m_wish.pids) { // what was started in it later is no child of the first one
        if (std::ranges::find(pids, pid) == pids.end())
            pids.push_back(pid);
    }
    GANTRY_CHECK(standstill.letDie(pids));
    if (const auto removed = m_container.place ? launch::removeNetwork(*m_container.place) : Result<>(); !removed)
        log::warning(log::Area::Runtime, "its network is left: ", removed.error().message());
    if (!m_container.docker.empty())
        return {};
    if (auto deleted = runVerb(m_container, {"delete"}, {Clock::now() + kEndPatience}); !deleted)
        log::info(log::Area::Runtime, "an ended container stays: ", deleted.error().message());
    return {};
}

Result<Saved> Saving::run()
{
    tell(m_onPhase, "check");
    const TreeLook look = GANTRY_TRY(check());
    m_images.emplace(GANTRY_TRY(ImageFolder::create(roomFor(look), m_means.spillFolder)));
    m_upper = upperFolderOf(m_container, m_wish.pids.front());
    if (!m_upper.empty())
        m_files.emplace(
            GANTRY_TRY(ImageFolder::create(Bytes{kRoomBesides + archiveSize(m_upper) * 5 / 4}, m_means.spillFolder)));
    FilesWish beside = m_wish.filesWish;
    beside.written = false; // by the names that it has them under they are its own
    m_beside = GANTRY_TRY(FileCapture::ofWish(beside, m_wish.pids, m_means.spillFolder, m_patience.stop));
    const auto tools = GANTRY_TRY(ToolFolder::create(m_means.spillFolder, m_means.criu, m_out.options));
    GANTRY_CHECK(runtime::checkPatience("checkpoint", m_container.id, m_patience));
    const NetworkLock lock = GANTRY_TRY(NetworkLock::of(m_wish.pids.front()));
    lock.removeStale();

    if (m_beside != nullptr)
        m_beside->flush();
    tell(m_onPhase, "dump");
    Standstill standstill = GANTRY_TRY(stand(tools.work()));
    m_manifest.time = std::chrono::floor<microseconds>(std::chrono::system_clock::now());
    // Where it is to end: the kernel would acknowledge what comes after its dump, and nobody would ever have it. Of
    // several that are saved as one, what another one had saved as sent and acknowledged.
    std::optional<launch::PulledOut> pulledOut;
    if ((!m_wish.leaveRunning || m_wish.together) && m_container.place)
        pulledOut.emplace(GANTRY_TRY(launch::PulledOut::of(*m_container.place)));
    if (m_wish.together)
        GANTRY_CHECK(m_wish.together->frozen(standstill.begun(), standstill.stands(), m_manifest));
    GANTRY_CHECK(dump(tools, lock));
    GANTRY_CHECK(runtime::checkPatience("checkpoint", m_container.id, m_patience));
    GANTRY_CHECK(standstill.check(m_patience.stop));
    GANTRY_CHECK(copyFiles());
    const bool storedFirst = !m_wish.leaveRunning || m_wish.together;
    if (storedFirst)
        GANTRY_CHECK(store());
    if (m_wish.together)
        GANTRY_CHECK(m_wish.together->saved(m_out));
    if (!m_wish.leaveRunning) {
        if (m_wish.together)
            GANTRY_CHECK(standstill.check(m_patience.stop));
        GANTRY_CHECK(handOver(standstill, pulledOut));
        GANTRY_CHECK(endContainer(standstill));
        return std::move(m_out);
    }
    pulledOut.reset();
    m_out.stood = GANTRY_TRY(standstill.end());
    if (!storedFirst)
        GANTRY_CHECK(store());
    return std::move(m_out);
}

} // namespace

std::uint64_t archiveSize(const std::string &folder)
{
    std::uint64_t out = 0;
    std::error_code failed;
    for (fs::recursive_directory_iterator entry(folder, failed), end; !failed && entry != end;
         entry.increment(failed)) {
        std::error_code unknown;
        out += kTarBlock;
        if (entry->is_regular_file(unknown) && !entry->is_symlink(unknown))
            out += entry->file_size(unknown);
    }
    return out;
}

Result<Looked> lookForSave(const std::vector<std::int32_t> &pids, const CriuFacts &criu, std::string_view subject,
                           const std::stop_token &stop)
{
    for (int i = 1;; ++i) {
        Looked out;
        out.tree = GANTRY_TRY(lookAtTree(pids, stop));
        out.findings = judge(out.tree, criu);
        if (isPossible(out.findings))
            return out;
        if (i == kLooks)
            return std::unexpected(checkSave(out.findings, subject).error());
        std::this_thread::sleep_for(kBetweenLooks);
    }
}

Result<Saved> saveByRuntime(const OciContainer &container, const runtime::Known &known, const SaveWish &wish,
                            const Means &means, repository::Store &store, const Patience &patience,
                            const OnPhase &onPhase)
{
    if (wish.pids.empty())
        return fail(ESRCH, "checkpoint", container.id, "it has no process");
    GANTRY_CHECK(checkCriu("checkpoint", container.id, means.criu));
    return Saving(container, known, wish, means, store, patience, onPhase).run();
}

} // namespace gantry::checkpoint
