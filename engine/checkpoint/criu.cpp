// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/criu.h"

#include "engine/base/parse.h"
#include "engine/process/process.h"
#include "engine/runtime/tool.h"
#include "engine/runtime/tool_source.h"

#include <algorithm>
#include <cstdlib>
#include <future>

#include <linux/capability.h>
#include <unistd.h>

/// A sentence that the console translates: lupdate finds it by this name (translations/CMakeLists.txt).
#define GANTRY_TEXT(context, text) text

namespace gantry::checkpoint {

namespace {

constexpr const char *kPrivateCriu = "/usr/local/lib/gantry/criu/criu";

/// The last line of its words that is an error, else the last.
std::string reasonIn(std::string_view text)
{
    std::string out;
    bool isError = false;
    while (const auto line = takeLine(text)) {
        const bool error = line->starts_with("Error");
        if (!trim(*line).empty() && (error || !isError))
            out = printable(trim(*line));
        isError = isError || error;
    }
    return out;
}

/// What a feature is good for, and what it means that it is missing.
struct FeatureText
{
    std::string_view there;
    std::string_view missing;
};
constexpr std::array<FeatureText, kCriuFeatures.size()> kFeatureTexts{{
    {GANTRY_TEXT("Probes", "The kernel tells which memory has changed: it is saved in rounds while the program runs, "
                           "which then stands still only for what it changed last."),
     GANTRY_TEXT("Probes", "The kernel was built without CONFIG_MEM_SOFT_DIRTY: all memory is saved while the program "
                           "stands still.")},
    {GANTRY_TEXT("Probes", "A restored program can run before all of its memory is read."),
     GANTRY_TEXT("Probes",
                 "The kernel has no userfaultfd (CONFIG_USERFAULTFD): a restore waits for all of the memory.")},
    {GANTRY_TEXT("Probes", "A process is not taken for another one that got its number between two rounds."),
     GANTRY_TEXT("Probes", "The kernel is older than 5.6 (no pidfd_getfd): between two rounds a process that got "
                           "another's number can be taken for it.")},
    {GANTRY_TEXT("Probes", "Connections are held back by nftables meanwhile."),
     GANTRY_TEXT("Probes", "nftables cannot hold back connections meanwhile: install iptables, or a CRIU built with "
                           "nftables on a kernel that has it (CONFIG_NF_TABLES).")},
}};

/// Each is a run of its own, and they do not wait for each other. One that does not end is a problem, not an answer.
void askFeatures(CriuFacts &facts, const runtime::Patience &patience)
{
    std::vector<std::future<Result<runtime::ToolOutput>>> asked;
    for (const std::string_view feature : kCriuFeatures) {
        asked.push_back(std::async(std::launch::async, [&facts, &patience, feature] {
            return runtime::runTool({facts.path, "check", "--feature", std::string(feature)}, patience);
        }));
    }
    std::string problem;
    for (std::size_t i = 0; i < kCriuFeatures.size(); ++i) {
        const auto answer = asked[i].get();
        if (!answer)
            problem = answer.error().message();
        else if (answer->exitCode == 0)
            facts.features.emplace_back(kCriuFeatures[i]);
    }
    if (!problem.empty())
        facts.features.clear();
    facts.problem = problem;
}

} // namespace

bool CriuFacts::has(std::string_view feature) const
{
    return std::ranges::find(features, feature) != features.end();
}

CriuRights criuRights()
{
    return {process::hasCapability(CAP_SYS_RESOURCE),
            process::hasCapability(CAP_CHECKPOINT_RESTORE) || process::hasCapability(CAP_SYS_ADMIN)};
}

std::string criuPath()
{
    if (const char *given = std::getenv("GANTRY_CRIU"); given != nullptr && *given != '\0')
        return given;
    return ::access(kPrivateCriu, X_OK) == 0 ? std::string(kPrivateCriu) : runtime::toolPath("criu");
}

CriuFacts probeCriu(const std::string &path, const runtime::Patience &patience)
{
    CriuFacts out;
    out.path = path;
    if (path.empty())
        return out;
    const auto version = runtime::toolVersion({path, "--version"}, patience);
    if (!version) {
        out.problem = version.error().message();
        return out;
    }
    std::string_view rest = *version;
    while (auto line = takeLine(rest)) {
        if (takeToken(*line) == "Version:")
            out.version = printable(trim(*line));
    }
    const auto check = runtime::runTool({path, "check"}, patience);
    if (!check)
        out.problem = check.error().message();
    else if (check->exitCode != 0)
        out.problem = reasonIn(strCat(check->standardOutput, "\n", check->standardError));
    if (out.problem.empty() && check->exitCode != 0)
        out.problem = strCat("criu check ended with code ", check->exitCode);
    if (out.works())
        askFeatures(out, patience);
    return out;
}

std::vector<Ability> abilities(const CriuFacts &criu, const CriuRights &rights)
{
    std::vector<Ability> out;
    if (criu.path.empty())
        out.push_back(
            {"criu", false,
             GANTRY_TEXT("Probes", "CRIU is not installed, so nothing can be checkpointed: install the package "
                                   "criu, or run packaging/setup.sh.")});
    else if (!criu.problem.empty())
        out.push_back({"criu", false,
                       strCat("CRIU ", criu.version, " (", criu.path, ") does not work on this kernel: ", criu.problem,
                              "; install 4.2.1 or newer, or run packaging/setup.sh")});
    else
        out.push_back({"criu", true, strCat("CRIU ", criu.version, ", ", criu.path)});
    for (std::size_t i = 0; criu.works() && i < kCriuFeatures.size(); ++i) {
        const bool there = criu.has(kCriuFeatures[i]);
        out.push_back({strCat("criu.", kCriuFeatures[i]), there,
                       std::string(there ? kFeatureTexts[i].there : kFeatureTexts[i].missing)});
    }
    out.push_back(
        {"criu.checkpoint_restore", rights.checkpointRestore,
         rights.checkpointRestore
             ? GANTRY_TEXT("Probes", "Gantry has the right to make checkpoints.")
             : GANTRY_TEXT("Probes", "CAP_CHECKPOINT_RESTORE and CAP_SYS_ADMIN are missing: run Gantry as root.")});
    out.push_back(
        {"criu.sys_resource", rights.sysResource,
         rights.sysResource
             ? GANTRY_TEXT("Probes", "Processes of every user can be checkpointed.")
             : GANTRY_TEXT("Probes", "CAP_SYS_RESOURCE is missing on this machine: processes of other users can be "
                                     "checkpointed only in a user namespace of their own.")});
    return out;
}

} // namespace gantry::checkpoint
