// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/criu_keeper.h"

#include "engine/base/fd.h"
#include "engine/base/log.h"
#include "engine/base/parse.h"
#include "engine/base/replace_file.h"

#include <algorithm>
#include <utility>

#include <sys/stat.h>
#include <unistd.h>

namespace gantry::checkpoint {

namespace {

constexpr std::string_view kHead = "gantry-criu 1";

/// Facts that were kept less than kKeptFor ago. A clock that was set back makes them old.
Result<CriuFacts> readKept(const std::string &file, const std::string &path, const std::string &key)
{
    struct stat info{};
    if (::stat(file.c_str(), &info) != 0)
        return failErrno("stat", file);
    const auto age = std::chrono::system_clock::now() - std::chrono::system_clock::from_time_t(info.st_mtime);
    // Only what this user or root wrote: it decides which words an admin reads.
    if (age < std::chrono::seconds(-1) || age > CriuKeeper::kKeptFor ||
        (info.st_uid != ::geteuid() && info.st_uid != 0) || !S_ISREG(info.st_mode))
        return fail(ESTALE, "read", file, "it is old or somebody else's");
    return parseKept(GANTRY_TRY(readFile(file)), path, key);
}

/// The rest of a line that begins with this word; nullopt: it does not.
std::optional<std::string_view> valueOf(std::string_view line, std::string_view word)
{
    if (takeToken(line) != word)
        return std::nullopt;
    return trim(line);
}

} // namespace

std::string criuKey(const std::string &path)
{
    struct stat info{};
    const bool there = !path.empty() && ::stat(path.c_str(), &info) == 0;
    const CriuRights rights = criuRights();
    const auto boot = readFile("/proc/sys/kernel/random/boot_id");
    const std::string all =
        strCat(path, "\n", there ? info.st_mtim.tv_sec : 0, ".", there ? info.st_mtim.tv_nsec : 0, " ",
               there ? info.st_size : 0, " ", there ? info.st_ino : 0, "\n", boot ? trim(*boot) : std::string_view(),
               "\n", ::geteuid(), rights.sysResource ? " resource" : "", rights.checkpointRestore ? " checkpoint" : "");
    return strCat(stableHash(all));
}

std::string keptText(const CriuFacts &facts, std::string_view key)
{
    std::string out = strCat(kHead, "\nkey ", key, "\nversion ", facts.version, "\n");
    for (const std::string &feature : facts.features)
        out += strCat("feature ", feature, "\n");
    return out + "end\n";
}

Result<CriuFacts> parseKept(std::string_view text, std::string_view path, std::string_view key)
{
    CriuFacts out;
    out.path = path;
    const auto head = takeLine(text);
    if (!head || *head != kHead)
        return failParse("kept facts of CRIU", head.value_or(""));
    const auto keyLine = takeLine(text);
    const auto kept = keyLine ? valueOf(*keyLine, "key") : std::nullopt;
    if (!kept || *kept != key)
        return fail(ESTALE, "read", "kept facts of CRIU", "of another program, boot or user");
    bool whole = false;
    while (const auto line = takeLine(text)) {
        const auto version = valueOf(*line, "version");
        const auto feature = valueOf(*line, "feature");
        whole = *line == "end";
        if (version)
            out.version = printable(*version);
        else if (feature && std::ranges::find(kCriuFeatures, *feature) != kCriuFeatures.end())
            out.features.emplace_back(*feature);
        else if (!whole)
            return failParse("kept facts of CRIU", *line);
    }
    if (!whole)
        return failParse("kept facts of CRIU", "cut off");
    return out;
}

CriuKeeper::CriuKeeper(std::string folder, Path path, Probe probe)
    : m_file(std::move(folder) + "/criu.facts"), m_path(std::move(path)), m_probe(std::move(probe))
{}

CriuKeeper::~CriuKeeper()
{
    stop();
}

void CriuKeeper::stop()
{
    const std::scoped_lock lock(m_mutex);
    m_stopped = true;
    m_thread.request_stop();
}

void CriuKeeper::startLocked(const std::string &key)
{
    const bool holds = m_facts && m_key == key && (m_facts->works() || runtime::Clock::now() - m_since < kRetry);
    if (m_running || holds || m_stopped)
        return;
    m_facts.reset();
    m_key = key;
    m_running = true;
    // The one before has said all it had to say: it only returns.
    m_thread = std::jthread([this, path = m_path(), key](const std::stop_token &stop) { run(stop, path, key); });
}

void CriuKeeper::run(const std::stop_token &stop, const std::string &path, const std::string &key)
{
    auto facts = path.empty() ? Result<CriuFacts>(CriuFacts()) : readKept(m_file, path, key);
    if (!facts) {
        facts = m_probe(path, {runtime::Clock::now() + kPatience, stop});
        const auto kept =
            facts->works() && !stop.stop_requested() ? replaceFile(m_file, keptText(*facts, key)) : Result<>();
        if (!kept)
            log::debug(log::Area::Service, "facts of CRIU are not kept: ", kept.error().message());
    }
    const std::scoped_lock lock(m_mutex);
    m_facts = *std::move(facts);
    m_since = runtime::Clock::now();
    m_running = false;
    m_changed.notify_all();
}

void CriuKeeper::start()
{
    const std::string key = criuKey(m_path());
    const std::scoped_lock lock(m_mutex);
    startLocked(key);
}

std::optional<CriuFacts> CriuKeeper::facts(runtime::Clock::time_point deadline)
{
    const std::string key = criuKey(m_path());
    std::unique_lock lock(m_mutex);
    startLocked(key);
    m_changed.wait_until(lock, deadline, [this] { return !m_running; });
    return m_running ? std::nullopt : m_facts;
}

} // namespace gantry::checkpoint
