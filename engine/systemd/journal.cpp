// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/systemd/journal.h"

#include "engine/base/parse.h"

#include <algorithm>
#include <memory>

#include <systemd/sd-journal.h>

namespace gantry::systemd {

namespace {

constexpr std::size_t kMostLines = 10'000;
constexpr std::size_t kMostText = 4096;

struct JournalDeleter
{
    void operator()(sd_journal *journal) const { ::sd_journal_close(journal); }
};

/// Text behind "FIELD=" of the current entry; empty where it has none.
std::string_view field(sd_journal *journal, const char *name)
{
    const void *data = nullptr;
    std::size_t size = 0;
    if (::sd_journal_get_data(journal, name, &data, &size) < 0)
        return {};
    const std::string_view all(static_cast<const char *>(data), size);
    return all.substr(std::min(all.size(), std::string_view(name).size() + 1));
}

int match(sd_journal *journal, std::string_view name, std::string_view value)
{
    const std::string text = strCat(name, "=", value);
    return ::sd_journal_add_match(journal, text.data(), text.size());
}

/// The matches of journalctl -u and --user-unit. Terms of different fields are joined by "and", groups by "or".
int matchUnit(sd_journal *journal, const JournalOf &whose)
{
    const bool user = whose.userUid.has_value();
    const std::string uid = user ? strCat(*whose.userUid) : std::string();
    const auto group = [&](std::string_view name, std::string_view more, std::string_view moreValue) {
        int r = match(journal, name, whose.unit);
        if (r >= 0 && user)
            r = match(journal, "_UID", uid);
        if (r >= 0 && !more.empty())
            r = match(journal, more, moreValue);
        return r < 0 ? r : ::sd_journal_add_disjunction(journal);
    };
    int r = group(user ? "_SYSTEMD_USER_UNIT" : "_SYSTEMD_UNIT", "", "");
    if (r >= 0) // systemd's own lines about it
        r = user ? group("USER_UNIT", "", "") : group("UNIT", "_PID", "1");
    if (r >= 0)
        r = group(user ? "COREDUMP_USER_UNIT" : "COREDUMP_UNIT", "", "");
    if (r >= 0 && whose.unit.ends_with(".slice"))
        r = group(user ? "_SYSTEMD_USER_SLICE" : "_SYSTEMD_SLICE", "", "");
    return r;
}

JournalLine lineOf(sd_journal *journal)
{
    JournalLine out;
    std::uint64_t micros = 0;
    if (::sd_journal_get_realtime_usec(journal, &micros) >= 0)
        out.realtimeMicros = static_cast<std::int64_t>(micros);
    out.pid = static_cast<std::int32_t>(parseU64(field(journal, "_PID")).value_or(0));
    out.priority = static_cast<int>(std::min<std::uint64_t>(7, parseU64(field(journal, "PRIORITY")).value_or(6)));
    std::string_view name = field(journal, "SYSLOG_IDENTIFIER");
    if (name.empty())
        name = field(journal, "_COMM");
    out.identifier = printable(name.substr(0, 100));
    out.message = printable(field(journal, "MESSAGE").substr(0, kMostText));
    return out;
}

} // namespace

Result<std::vector<JournalLine>> tailJournal(const JournalOf &whose, std::size_t most,
                                             std::chrono::milliseconds patience)
{
    constexpr std::string_view kOp = "tailJournal";
    const std::string subject = whose.unit.empty() ? whose.containerId : whose.unit;
    if (most == 0 || most > kMostLines || whose.unit.empty() == whose.containerId.empty())
        return fail(EINVAL, kOp, subject, "one unit or container and 1 to 10000 lines are wanted");
    const auto until = std::chrono::steady_clock::now() + patience;
    sd_journal *raw = nullptr;
    int r = ::sd_journal_open(&raw, SD_JOURNAL_LOCAL_ONLY);
    if (r < 0)
        return failErrno("sd_journal_open", "journal", -r);
    const std::unique_ptr<sd_journal, JournalDeleter> journal(raw);
    // A field may be of any size; no more of it is unpacked.
    ::sd_journal_set_data_threshold(raw, kMostText + 64);
    r = whose.unit.empty() ? match(raw, "CONTAINER_ID_FULL", whose.containerId) : matchUnit(raw, whose);
    if (r >= 0)
        r = ::sd_journal_seek_tail(raw);
    std::vector<JournalLine> out;
    while (r >= 0 && out.size() < most && std::chrono::steady_clock::now() < until) {
        r = ::sd_journal_previous(raw);
        if (r <= 0)
            break;
        out.push_back(lineOf(raw));
    }
    if (r < 0)
        return failErrno("sd_journal", subject, -r);
    std::ranges::reverse(out);
    return out;
}

} // namespace gantry::systemd
