// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/alerts/oom_assembler.h"

#include "engine/base/strings.h"

#include <algorithm>
#include <utility>

namespace gantry::alerts {

namespace {

constexpr std::size_t kMostPids = 1024;

} // namespace

void OomAssembler::Open::keep(std::string_view text, Micros now)
{
    lastOwn = now;
    if (report.record.kernelLog.size() < kMostLog)
        report.record.kernelLog.push_back(printable(text.substr(0, kMostLogBytes)));
}

void OomAssembler::Open::takeVictim(const OomLine &line)
{
    OomRecord &record = report.record;
    hasVictim = true;
    record.victimPid = line.pid;
    record.victimUid = line.uid;
    record.constraint = line.constraint;
    record.limitPath = line.limitPath.empty() ? "/" : line.limitPath;
    taskAndComm = line.taskAndComm;
    const OomTask task = splitTask(taskAndComm, {});
    record.victimPath = task.path;
    record.victimComm = task.comm;
}

void OomAssembler::Open::takeKilled(const OomLine &line)
{
    ++report.counted;
    if (pids.size() < kMostPids && std::ranges::find(pids, line.pid) == pids.end())
        pids.push_back(line.pid);
    report.kills = std::max(static_cast<std::uint32_t>(pids.size()), report.kills);
    if (report.counted > 1)
        return; // another of the group
    OomRecord &record = report.record;
    record.victimPid = line.pid;
    record.victimComm = line.comm;
    record.victimUid = line.uid;
    record.totalVm = line.totalVm;
    record.anonRss = line.anonRss;
    record.fileRss = line.fileRss;
    record.shmemRss = line.shmemRss;
    record.oomScoreAdj = line.oomScoreAdj;
    if (!taskAndComm.empty())
        record.victimPath = splitTask(taskAndComm, line.comm).path;
}

template <class Ends> void OomAssembler::close(Ends ends)
{
    for (Open &open : m_open) {
        // Nobody was chosen: that is no kill.
        if (ends(open) && (open.hasVictim || open.isKilled()))
            m_done.push_back(std::move(open.report));
    }
    std::erase_if(m_open, ends);
}

OomAssembler::Open &OomAssembler::begin(const KernelLine &line, Micros now)
{
    // Reports come one after the other: what was killed before is complete now.
    close([](const Open &open) { return open.isKilled(); });
    if (m_open.size() >= kMostOpen)
        close([oldest = &m_open.front()](const Open &open) { return &open == oldest; });
    Open open;
    open.report.begun = open.last = open.lastOwn = now;
    open.caller = line.caller;
    return m_open.emplace_back(std::move(open));
}

template <class Fits> OomAssembler::Open *OomAssembler::newest(const KernelLine &line, Fits fits)
{
    const auto found = std::find_if(m_open.rbegin(), m_open.rend(), [&](const Open &open) {
        return (line.caller.empty() || open.caller == line.caller) && fits(open);
    });
    return found == m_open.rend() ? nullptr : &*found;
}

OomAssembler::Open &OomAssembler::openFor(const KernelLine &line, const OomLine &oom, Micros now)
{
    Open *open = nullptr;
    if (oom.kind == OomLine::Kind::Victim) {
        open = newest(line, [](const Open &each) { return !each.hasVictim && !each.isKilled(); });
    } else {
        open = newest(line, [&oom](const Open &each) {
            return !each.isKilled() && each.hasVictim && each.report.record.victimPid == oom.pid;
        });
        if (open == nullptr)
            open = newest(line, [](const Open &each) { return each.report.record.group; });
        if (open == nullptr)
            open = newest(line, [](const Open &each) { return !each.isKilled() && !each.hasVictim; });
    }
    return open != nullptr ? *open : begin(line, now);
}

bool OomAssembler::takePiece(const KernelLine &line)
{
    // Kernel: pr_cont() writes a record of its own where another CPU's came in between, or the record was full.
    const bool isRest = line.continues && (line.text.starts_with(',') || line.text.starts_with('/'));
    if (isRest && !m_pieces.text.empty() && line.caller == m_pieces.caller) {
        if (m_pieces.text.size() + line.text.size() <= kMostVictimLine)
            m_pieces.text += line.text;
        return true;
    }
    if (!beginsVictimLine(line.text) || parseOomLine(line.text))
        return false;
    m_pieces = line;
    return true;
}

void OomAssembler::applyHeader(const KernelLine &line, const OomLine &oom, Micros now)
{
    Open *open = nullptr;
    if (oom.kind == OomLine::Kind::Invoked) {
        open = &begin(line, now);
        open->report.record.triggerComm = oom.comm;
    } else if (oom.kind == OomLine::Kind::Cpu) {
        open = newest(line, [&oom](const Open &each) {
            const std::string &comm = each.report.record.triggerComm;
            return !each.hasVictim && !each.isKilled() && each.report.record.triggerPid == 0 && !comm.empty() &&
                   oom.comm.starts_with(comm);
        });
        if (open != nullptr)
            open->report.record.triggerPid = oom.pid;
    } else {
        open = newest(line, [](const Open &each) { return !each.hasVictim && !each.isKilled(); });
        if (open != nullptr && oom.limit)
            open->report.record.limitMax = oom.limit;
    }
    if (open != nullptr)
        open->keep(line.text, now);
}

void OomAssembler::applyAfterKill(const KernelLine &line, const OomLine &oom, Micros now)
{
    if (oom.kind == OomLine::Kind::Spared) {
        std::erase_if(m_open, [&oom](const Open &each) {
            return !each.isKilled() && (oom.pid == 0 ? !each.hasVictim : each.report.record.victimPid == oom.pid);
        });
        return;
    }
    if (Open *const open = newest(line, [](const Open &each) { return each.isKilled(); })) {
        open->report.record.group = true;
        open->keep(line.text, now);
    }
}

std::string OomAssembler::apply(const KernelLine &line, const OomLine &oom, Micros now)
{
    switch (oom.kind) {
    case OomLine::Kind::Invoked:
    case OomLine::Kind::Cpu:
    case OomLine::Kind::Usage:
        applyHeader(line, oom, now);
        return {};
    case OomLine::Kind::Group:
    case OomLine::Kind::Spared:
        applyAfterKill(line, oom, now);
        return {};
    case OomLine::Kind::Victim:
    case OomLine::Kind::Killed:
        break;
    }
    Open &open = openFor(line, oom, now);
    if (oom.kind == OomLine::Kind::Victim)
        open.takeVictim(oom);
    else
        open.takeKilled(oom);
    open.keep(line.text, now);
    return open.isKilled() ? open.report.record.victimPath : std::string();
}

std::string OomAssembler::take(const KernelLine &line, Micros now)
{
    for (Open &open : m_open)
        open.last = now;
    const KernelLine &whole = takePiece(line) ? m_pieces : line;
    const auto oom = parseOomLine(whole.text);
    if (!oom)
        return {};
    std::string killedIn = apply(whole, *oom, now);
    // What is not complete by now will not be.
    if (oom->kind == OomLine::Kind::Victim || oom->kind == OomLine::Kind::Killed || oom->kind == OomLine::Kind::Invoked)
        m_pieces = {};
    return killedIn;
}

Micros OomAssembler::dueOf(const Open &open)
{
    const Micros patient = open.isKilled() ? open.lastOwn + kGroupPatience : open.last + kPatience;
    return std::min(patient, open.report.begun + kMostPatience);
}

std::vector<OomReport> OomAssembler::ready(Micros now)
{
    close([now](const Open &open) { return dueOf(open) <= now; });
    return std::exchange(m_done, {});
}

bool OomAssembler::isKillAwaited() const
{
    return std::ranges::any_of(m_open, [](const Open &open) { return !open.isKilled(); });
}

std::optional<Micros> OomAssembler::due() const
{
    std::optional<Micros> out;
    for (const Open &open : m_open)
        out = std::min(out.value_or(dueOf(open)), dueOf(open));
    return out;
}

} // namespace gantry::alerts
