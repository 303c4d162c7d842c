// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/control/audit.h"

#include "engine/base/fd.h"
#include "engine/base/strings.h"

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>

// The journal's own macros would put our source file into every record.
#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-journal.h>

#include <sys/stat.h>
#include <sys/syslog.h>
#include <sys/uio.h>
#include <unistd.h>

namespace gantry::control {

namespace {

/// Made with `systemd-id128 new`: `journalctl MESSAGE_ID=...` lists what Gantry did.
constexpr std::string_view kMessageId = "5b1c61e3f4a24d0c9e0a7f3d2b86c914";

void appendJson(std::string &out, std::string_view name, std::string_view value)
{
    out += strCat(out.size() > 1 ? "," : "", '"', name, "\":\"");
    for (const char c : printable(value)) {
        if (c == '"' || c == '\\')
            out += '\\';
        out += c;
    }
    out += '"';
}

std::string utcText(std::int64_t realtimeMicros)
{
    const std::time_t seconds = realtimeMicros / 1'000'000;
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    std::array<char, 80> text{};
    const int length = std::snprintf(text.data(), text.size(), "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ",
                                     parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min,
                                     parts.tm_sec, static_cast<int>(realtimeMicros % 1'000'000));
    return {text.data(), static_cast<std::size_t>(length)};
}

} // namespace

std::string auditLine(const AuditRecord &record, std::int64_t realtimeMicros)
{
    std::string out = "{";
    appendJson(out, "time", utcText(realtimeMicros));
    appendJson(out, "verb", record.verb);
    appendJson(out, "target", record.target);
    appendJson(out, "key", record.key);
    appendJson(out, "old", record.oldValue);
    appendJson(out, "new", record.newValue);
    appendJson(out, "actor", record.actor);
    appendJson(out, "result", record.result);
    return out + "}";
}

AuditLog::Places AuditLog::defaultPlaces()
{
    Places places;
    const char *own = std::getenv("GANTRY_STATE");     // NOLINT(concurrency-mt-unsafe)
    const char *state = std::getenv("XDG_STATE_HOME"); // NOLINT(concurrency-mt-unsafe)
    const char *home = std::getenv("HOME");            // NOLINT(concurrency-mt-unsafe)
    if (own != nullptr && *own != '\0')
        places.stateFolder = own;
    else if (::geteuid() == 0)
        places.stateFolder = "/var/lib/gantry";
    else if (state != nullptr && *state == '/')
        places.stateFolder = strCat(std::string_view(state), "/gantry");
    else
        places.stateFolder = strCat(std::string_view(home != nullptr ? home : "/"), "/.local/state/gantry");
    return places;
}

Result<> AuditLog::record(const AuditRecord &record)
{
    struct stat status = {};
    if (!m_places.journalSocket.empty() && ::stat(m_places.journalSocket.c_str(), &status) == 0)
        return toJournal(record);
    return toFile(record);
}

Result<> AuditLog::toJournal(const AuditRecord &record) const
{
    const std::array<std::string, 10> fields{
        strCat("MESSAGE=", record.verb, ' ', record.target, record.key.empty() ? "" : " ", record.key, ": ",
               record.oldValue, " -> ", record.newValue, " by ", record.actor, ": ", record.result),
        strCat("MESSAGE_ID=", kMessageId),
        strCat("PRIORITY=", record.failed ? LOG_WARNING : LOG_NOTICE),
        strCat("GANTRY_VERB=", record.verb),
        strCat("GANTRY_TARGET=", record.target),
        strCat("GANTRY_KEY=", record.key),
        strCat("GANTRY_OLD=", record.oldValue),
        strCat("GANTRY_NEW=", record.newValue),
        strCat("GANTRY_ACTOR=", record.actor),
        strCat("GANTRY_RESULT=", record.result),
    };
    std::array<iovec, fields.size()> vectors{};
    for (std::size_t i = 0; i < fields.size(); ++i)
        vectors.at(i) = {const_cast<char *>(fields.at(i).data()), fields.at(i).size()};
    if (const int error = ::sd_journal_sendv(vectors.data(), static_cast<int>(vectors.size())); error < 0)
        return failErrno("sd_journal_sendv", "journal", -error);
    return {};
}

Result<> AuditLog::toFile(const AuditRecord &record)
{
    std::error_code made;
    if (std::filesystem::create_directories(m_places.stateFolder, made))
        ::chmod(m_places.stateFolder.c_str(), S_IRWXU);
    if (made)
        return failErrno("mkdir", m_places.stateFolder, made.value());
    const std::string path = m_places.stateFolder + "/audit.log";
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const std::string line =
        auditLine(record, std::chrono::duration_cast<std::chrono::microseconds>(now).count()) + "\n";

    const std::scoped_lock lock(m_fileMutex);
    const UniqueFd file = GANTRY_TRY(openAt(AT_FDCWD, path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW, 0600));
    const ssize_t written = ::write(file.get(), line.data(), line.size());
    if (written < 0)
        return failErrno("write", path);
    if (static_cast<std::size_t>(written) != line.size())
        return fail(ENOSPC, "write", path, "only a part of the record was written");
    if (::fdatasync(file.get()) != 0)
        return failErrno("fdatasync", path);
    return {};
}

} // namespace gantry::control
