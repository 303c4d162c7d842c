// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/migration/log.h"

#include "engine/base/fd.h"
#include "engine/base/replace_file.h"
#include "engine/base/strings.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <utility>

#include <sys/random.h>
#include <unistd.h>

namespace gantry::migration {

using nlohmann::json;

namespace {

constexpr std::array<std::string_view, 2> kSides{"source", "target"};
constexpr std::array<std::string_view, 5> kSteps{"begun", "held", "committed", "aborted", "done"};
constexpr std::size_t kIdBytes = 16;

struct TextField
{
    const char *key;
    std::string Record::*field;
};
constexpr TextField kTexts[] = {
    {"id", &Record::id}, {"subject", &Record::subject}, {"peer", &Record::peer}, {"by", &Record::by}};

template <std::size_t N>
std::optional<std::size_t> indexOf(const std::array<std::string_view, N> &names, const json &in, const char *key)
{
    if (!in.contains(key) || !in[key].is_string())
        return std::nullopt;
    const auto at = std::ranges::find(names, in[key].get<std::string>());
    return at == names.end() ? std::nullopt : std::optional(static_cast<std::size_t>(at - names.begin()));
}

bool mayFollow(Side side, Step from, Step to)
{
    switch (from) {
    case Step::Begun:
        return to == Step::Aborted || to == (side == Side::Source ? Step::Committed : Step::Held);
    case Step::Held:
        return to == Step::Committed || to == Step::Aborted;
    case Step::Committed:
        return to == Step::Done;
    case Step::Aborted:
    case Step::Done:
        break;
    }
    return false;
}

bool isDecided(Step step)
{
    return step != Step::Begun && step != Step::Held;
}

} // namespace

std::string_view sideName(Side side)
{
    return kSides.at(static_cast<std::size_t>(side));
}

std::string_view stepName(Step step)
{
    return kSteps.at(static_cast<std::size_t>(step));
}

Duty dutyOf(const Record &record)
{
    const bool isSource = record.side == Side::Source;
    switch (record.step) {
    case Step::Begun:
        return isSource ? Duty::RunSource : Duty::RemoveTarget;
    case Step::Held:
        return Duty::AskSource;
    case Step::Committed:
        return isSource ? Duty::EndSource : Duty::RunTarget;
    case Step::Aborted:
    case Step::Done:
        break;
    }
    return Duty::None;
}

Result<std::string> newId()
{
    std::array<unsigned char, kIdBytes> bytes{};
    if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
        return failErrno("getrandom", "id of a migration");
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string out;
    for (const unsigned char byte : bytes) {
        out += kDigits[byte >> 4U];
        out += kDigits[byte & 0xFU];
    }
    return out;
}

bool isId(std::string_view text)
{
    return text.size() == 2 * kIdBytes && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::string formatRecord(const Record &record)
{
    json out;
    for (const auto &[key, field] : kTexts)
        out[key] = record.*field;
    out["side"] = sideName(record.side);
    out["step"] = stepName(record.step);
    out["begun_us"] = record.begunMicros;
    out["held"] = record.held;
    out["keeps"] = record.keeps;
    return out.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

Result<Record> parseRecord(std::string_view text)
{
    const json in = json::parse(text, nullptr, false);
    const auto bad = [] { return fail(EBADMSG, "read", "record of a migration", "it is none"); };
    if (!in.is_object())
        return bad();
    Record out;
    for (const auto &[key, field] : kTexts) {
        if (!in.contains(key) || !in[key].is_string())
            return bad();
        out.*field = in[key].get<std::string>();
    }
    const auto side = indexOf(kSides, in, "side");
    const auto step = indexOf(kSteps, in, "step");
    const bool hasTime = in.contains("begun_us") && in["begun_us"].is_number_integer();
    const bool hasHeld = in.contains("held") && in["held"].is_array();
    if (!side || !step || !hasTime || !hasHeld || !isId(out.id))
        return bad();
    out.side = static_cast<Side>(*side);
    out.step = static_cast<Step>(*step);
    if (out.side == Side::Source && out.step == Step::Held)
        return bad();
    out.keeps = !in.contains("keeps") || in["keeps"] != false; // what cannot be told is kept
    out.begunMicros = in["begun_us"].get<std::int64_t>();
    for (const json &cgroup : in["held"]) {
        if (!cgroup.is_string())
            return bad();
        out.held.push_back(cgroup.get<std::string>());
    }
    return out;
}

std::string Log::file(const std::string &id, Side side) const
{
    return strCat(m_folder, "/", id, ".", sideName(side), ".json");
}

Result<std::optional<Record>> Log::read(const std::string &id, Side side) const
{
    if (!isId(id))
        return fail(EINVAL, "find", printable(id), "it is no id of a migration");
    const std::string path = file(id, side);
    const auto text = readFile(path);
    if (!text && text.error().posix() == ENOENT)
        return std::optional<Record>();
    auto record = text ? parseRecord(*text) : std::unexpected(text.error());
    if (record && (record->id != id || record->side != side))
        record = fail(EBADMSG, "read", path, "it is another migration's record");
    if (!record) {
        record.error().subject = path;
        return std::unexpected(record.error());
    }
    return std::optional(*std::move(record));
}

Result<Record> Log::known(const std::string &id, Side side) const
{
    auto record = GANTRY_TRY(read(id, side));
    if (!record)
        return fail(ENOENT, "find", strCat("migration ", id), strCat("this host is not its ", sideName(side)));
    return *std::move(record);
}

Result<> Log::write(const Record &record) const
{
    return replaceFile(file(record.id, record.side), formatRecord(record));
}

Result<> Log::begin(const Record &record) const
{
    const std::scoped_lock lock(m_mutex);
    Record fresh = record;
    fresh.step = Step::Begun;
    const auto there = GANTRY_TRY(read(fresh.id, fresh.side));
    if (there == fresh)
        return {};
    if (there)
        return fail(EEXIST, "begin", strCat("migration ", fresh.id),
                    strCat("it is ", stepName(there->step), " already"));
    return write(fresh);
}

Result<> Log::advance(const std::string &id, Side side, Step to) const
{
    const std::scoped_lock lock(m_mutex);
    Record record = GANTRY_TRY(known(id, side));
    if (record.step == to)
        return {};
    if (!mayFollow(side, record.step, to))
        return fail(isDecided(record.step) ? EALREADY : EINVAL, stepName(to), strCat("migration ", id),
                    strCat("its ", sideName(side), " is ", stepName(record.step)));
    record.step = to;
    return write(record);
}

Result<> Log::setHeld(const std::string &id, Side side, std::vector<std::string> cgroups) const
{
    const std::scoped_lock lock(m_mutex);
    Record record = GANTRY_TRY(known(id, side));
    record.held = std::move(cgroups);
    return write(record);
}

Result<std::optional<Record>> Log::find(const std::string &id, Side side) const
{
    const std::scoped_lock lock(m_mutex);
    return read(id, side);
}

Result<Decision> Log::decide(const std::string &id, bool atWork) const
{
    const auto record = GANTRY_TRY(find(id, Side::Source));
    if (!record)
        return Decision::Abort;
    if (record->step == Step::Begun && atWork)
        return Decision::Undecided;
    if (record->step == Step::Begun) {
        const auto aborted = advance(id, Side::Source, Step::Aborted);
        if (!aborted && aborted.error().posix() != EALREADY) // decided meanwhile
            return std::unexpected(aborted.error());
    }
    const auto now = GANTRY_TRY(find(id, Side::Source));
    return now && (now->step == Step::Committed || now->step == Step::Done) ? Decision::Commit : Decision::Abort;
}

Result<std::vector<Record>> Log::unfinished(std::vector<std::string> &unreadable) const
{
    const std::scoped_lock lock(m_mutex);
    unreadable.clear();
    std::vector<Record> out;
    std::error_code failed;
    for (auto at = std::filesystem::directory_iterator(m_folder, failed);
         !failed && at != std::filesystem::directory_iterator(); at.increment(failed)) {
        const std::string name = at->path().filename().string();
        const std::string path = at->path().string();
        if (!name.ends_with(".json"))
            continue; // what was being written
        const auto text = readFile(path);
        const auto record = text ? parseRecord(*text) : std::unexpected(text.error());
        if (!record || path != file(record->id, record->side))
            unreadable.push_back(path);
        else if (dutyOf(*record) != Duty::None)
            out.push_back(*record);
    }
    if (failed && failed != std::errc::no_such_file_or_directory)
        return failErrno("read", m_folder, failed.value());
    std::ranges::sort(out, {}, &Record::begunMicros);
    return out;
}

Result<> Log::forget(const std::string &id, Side side) const
{
    const std::scoped_lock lock(m_mutex);
    const auto record = GANTRY_TRY(read(id, side));
    if (!record)
        return {};
    if (dutyOf(*record) != Duty::None)
        return fail(EBUSY, "forget", strCat("migration ", id),
                    strCat("its ", sideName(side), " is ", stepName(record->step)));
    if (::unlink(file(id, side).c_str()) != 0 && errno != ENOENT)
        return failErrno("unlink", file(id, side));
    return {};
}

} // namespace gantry::migration
