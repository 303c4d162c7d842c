// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/service/lives.h"

#include "engine/base/fd.h"
#include "engine/base/log.h"
#include "engine/base/parse.h"
#include "engine/base/replace_file.h"
#include "engine/base/strings.h"
#include "engine/process/process.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <utility>

namespace gantry::service {

using repository::Checkpoint;
using repository::CheckpointId;

namespace {

namespace fs = std::filesystem;

struct Kept
{
    Life life;
    CheckpointId from;
};

std::string folderOf(const std::string &stateFolder)
{
    return stateFolder + "/restored";
}

/// "BOOT PID TICKS CHECKPOINT". @errors EILSEQ; of reading.
Result<Kept> readKept(const std::string &path)
{
    const std::string text = GANTRY_TRY(readFile(path));
    const std::string_view line = trim(text);
    const std::size_t last = line.rfind(' ');
    if (last == std::string_view::npos)
        return failParse("kept restore", line);
    Kept out;
    out.life = GANTRY_TRY(parseLife(line.substr(0, last)));
    out.from = GANTRY_TRY(CheckpointId::parse(line.substr(last + 1)));
    return out;
}

void forgetTheDead(const std::string &folder)
{
    std::error_code failed;
    for (const fs::directory_entry &entry : fs::directory_iterator(folder, failed)) {
        const auto kept = readKept(entry.path().string());
        const auto now = kept ? lifeOf(kept->life.pid) : std::unexpected(kept.error());
        if (!now || *now != kept->life)
            fs::remove(entry.path(), failed);
    }
}

std::string lifeText(const Checkpoint &one)
{
    const auto found = one.manifest.values.find(kLife);
    return found == one.manifest.values.end() ? std::string() : found->second;
}

/// Checkpoints of one history, by their parents and by the lives that they were saved in.
struct History
{
    std::set<CheckpointId> ids;
    std::set<std::string> lives;

    /// @return true if it was new.
    bool add(const Checkpoint &one)
    {
        bool grew = ids.insert(one.id).second;
        if (one.manifest.parent)
            grew = ids.insert(*one.manifest.parent).second || grew;
        if (std::string life = lifeText(one); !life.empty())
            grew = lives.insert(std::move(life)).second || grew;
        return grew;
    }
    [[nodiscard]] bool touches(const Checkpoint &one) const
    {
        return ids.contains(one.id) || (one.manifest.parent && ids.contains(*one.manifest.parent)) ||
               lives.contains(lifeText(one));
    }
};

} // namespace

std::string Life::text() const
{
    return strCat(boot, " ", pid, " ", startTicks);
}

Result<Life> parseLife(std::string_view text)
{
    std::string_view rest = text;
    Life out;
    out.boot = takeToken(rest);
    const auto pid = parseU64(takeToken(rest));
    const auto ticks = parseU64(takeToken(rest));
    if (out.boot.empty() || !pid || *pid == 0 || *pid > 0x7fffffff || !ticks || !trim(rest).empty())
        return failParse("life of processes", text);
    out.pid = static_cast<std::int32_t>(*pid);
    out.startTicks = *ticks;
    return out;
}

Result<Life> lifeOf(std::int32_t pid)
{
    const process::Stat stat = GANTRY_TRY(process::readStat(pid));
    const std::string boot = GANTRY_TRY(readFile("/proc/sys/kernel/random/boot_id"));
    return Life{std::string(trim(boot)), pid, stat.startTicks};
}

Result<> keepRestored(const std::string &stateFolder, const Life &life, const CheckpointId &from)
{
    const std::string folder = folderOf(stateFolder);
    forgetTheDead(folder);
    return replaceFile(strCat(folder, "/", life.pid), strCat(life.text(), " ", from.text(), "\n"));
}

std::optional<CheckpointId> restoredFrom(const std::string &stateFolder, const Life &life)
{
    const auto kept = readKept(strCat(folderOf(stateFolder), "/", life.pid));
    return kept && kept->life == life ? std::optional(kept->from) : std::nullopt;
}

std::optional<CheckpointId> parentOf(const std::string &stateFolder, const Life &life,
                                     std::span<const Checkpoint> checkpoints)
{
    const std::string text = life.text();
    for (auto one = checkpoints.rbegin(); one != checkpoints.rend(); ++one) {
        if (lifeText(*one) == text)
            return one->id;
    }
    return restoredFrom(stateFolder, life);
}

std::vector<Checkpoint> lineageOf(const std::string &stateFolder, const Life &life,
                                  std::span<const Checkpoint> checkpoints)
{
    std::vector<Checkpoint> out;
    std::optional<CheckpointId> next = parentOf(stateFolder, life, checkpoints);
    while (next && out.size() < checkpoints.size()) { // a store that somebody made could go round
        const auto one = std::ranges::find(checkpoints, *next, &Checkpoint::id);
        if (one == checkpoints.end())
            break;
        out.push_back(*one);
        next = one->manifest.parent;
    }
    return out;
}

Result<process::Stat> statOf(const Life &life)
{
    const auto now = lifeOf(life.pid);
    if (!now)
        return std::unexpected(now.error());
    if (*now != life)
        return failErrno("look", strCat("pid ", life.pid), ESRCH);
    return process::readStat(life.pid);
}

std::vector<Head> headsOf(const std::string &stateFolder, std::span<const Checkpoint> checkpoints)
{
    std::map<std::string, CheckpointId> heads; // by life
    std::error_code failed;
    for (const fs::directory_entry &entry : fs::directory_iterator(folderOf(stateFolder), failed)) {
        if (const auto kept = readKept(entry.path().string()))
            heads.insert_or_assign(kept->life.text(), kept->from);
    }
    for (const Checkpoint &one : checkpoints) // the newest last
        heads.insert_or_assign(lifeText(one), one.id);
    std::vector<Head> out;
    for (const auto &[text, from] : heads) {
        auto life = parseLife(text);
        const auto stat = life ? statOf(*life) : std::unexpected(life.error());
        if (stat && stat->state != 'Z')
            out.push_back({*std::move(life), from});
    }
    std::ranges::sort(out, {}, [](const Head &head) { return head.life.pid; });
    return out;
}

std::string identityOf(const std::string &stateFolder, const Life &life, std::span<const Checkpoint> checkpoints)
{
    const auto parent = parentOf(stateFolder, life, checkpoints);
    const auto one = parent ? std::ranges::find(checkpoints, *parent, &Checkpoint::id) : checkpoints.end();
    return one == checkpoints.end() || one->manifest.container.id.empty() ? life.text() : one->manifest.container.id;
}

bool areRelated(const std::string &stateFolder, const Life &life, const Checkpoint &one,
                std::span<const Checkpoint> checkpoints)
{
    History history;
    history.add(one);
    for (bool grew = true; grew;) {
        grew = false;
        for (const Checkpoint &other : checkpoints)
            grew = (history.touches(other) && history.add(other)) || grew;
    }
    const auto from = restoredFrom(stateFolder, life);
    return history.lives.contains(life.text()) || (from && history.ids.contains(*from));
}

} // namespace gantry::service
