// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/refusal.h"

#include "engine/base/log.h"
#include "engine/base/replace_file.h"
#include "engine/base/strings.h"
#include "engine/base/time_text.h"
#include "engine/checkpoint/log_story.h"

#include <algorithm>
#include <filesystem>
#include <vector>

#include <sys/utsname.h>
#include <unistd.h>

namespace gantry::checkpoint {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kReports = "reports"; ///< their names begin with the time: they sort as they were written

std::string_view severityName(Severity severity)
{
    switch (severity) {
    case Severity::Info:
        return "option";
    case Severity::Warning:
        return "warning";
    case Severity::Error:
        return "refused";
    }
    return {};
}

std::string textOf(const FailedRun &run, const FailureStory &story, std::string_view log, std::string_view otherwise)
{
    utsname host{};
    (void)::uname(&host);
    std::string out = strCat(run.op, " of ", run.subject, " failed\nkernel: ", host.release, "\n");
    out += strCat("options: ", joined(run.options), "\n");
    if (story.cause) {
        const CauseInfo &cause = causeInfo(*story.cause);
        out += strCat("cause: ", cause.name, "\n  ", cause.why, "\n  ", cause.remedy, "\n");
    }
    out += strCat("object: ", story.object, "\nCRIU: ", story.line.empty() ? otherwise : story.line, "\n");
    out += "findings of the check before:\n";
    for (const Finding &finding : run.findings)
        out +=
            strCat("  ", severityName(finding.info().severity), ": ", finding.info().name, ": ", finding.object, "\n");
    out += "its log:\n";
    if (log.size() > kMostReportedLog) {
        out += strCat("(", log.size() - kMostReportedLog, " bytes before this are left off)\n");
        log.remove_prefix(log.size() - kMostReportedLog);
    }
    out += log;
    return out;
}

void removeOld(const std::string &folder)
{
    std::vector<fs::path> all;
    std::error_code unknown;
    for (const auto &entry : fs::directory_iterator(folder, unknown)) {
        if (entry.path().extension() == ".txt")
            all.push_back(entry.path());
    }
    std::ranges::sort(all, std::ranges::greater());
    for (std::size_t i = kMostReports; i < all.size(); ++i)
        fs::remove(all[i], unknown);
}

/// @return its path; empty where there is none, which is no reason to fail otherwise.
std::string keep(const FailedRun &run, const std::string &text)
{
    if (run.stateFolder.empty())
        return {};
    const std::string folder = strCat(run.stateFolder, "/", kReports);
    std::string path = strCat(folder, "/", sortableNow(), "Z-", run.op, ".txt");
    if (const auto written = replaceFile(path, text); !written) {
        log::warning(log::Area::Runtime, "report of a failed run of CRIU", written.error());
        return {};
    }
    removeOld(folder);
    return path;
}

} // namespace

std::unexpected<Error> refusalOf(int code, const FailedRun &run, std::string_view log, std::string_view otherwise)
{
    const FailureStory story = explainLog(log, run.findings);
    const std::string report = keep(run, textOf(run, story, log, otherwise));
    const std::string object = strCat(story.object, story.object.empty() ? "" : ": ");
    const std::string line = story.line.empty() ? std::string(otherwise) : strCat("CRIU: ", story.line);
    std::string remedy(story.cause ? causeInfo(*story.cause).remedy : std::string_view());
    if (!report.empty())
        remedy += strCat(remedy.empty() ? "" : "; ", "all that CRIU said is in ", report);
    const std::string_view why = story.cause ? causeInfo(*story.cause).why : std::string_view();
    return fail(code, run.op, run.subject, strCat(object, why, why.empty() ? "" : " ", line), remedy);
}

} // namespace gantry::checkpoint
