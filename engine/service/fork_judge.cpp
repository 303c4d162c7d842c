// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/service/fork_judge.h"

#include "engine/base/parse.h"
#include "engine/base/strings.h"
#include "engine/base/time_text.h"
#include "engine/checkpoint/by_runtime.h"
#include "engine/checkpoint/copies.h"
#include "engine/checkpoint/images.h"
#include "engine/checkpoint/pre_dump.h"
#include "engine/launch/network.h"
#include "engine/service/checkpoint_common.h"
#include "engine/service/checkpoint_copies.h"
#include "engine/service/findings.h"
#include "engine/service/migration_judge.h"

#include <algorithm>
#include <chrono>

#include <sys/statvfs.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>

namespace gantry::service {

using v1::CheckFinding;

namespace {

constexpr std::chrono::seconds kForkLook{20};

std::string mebibytes(std::uint64_t bytes)
{
    constexpr unsigned kMebi = 20;
    return strCat(bytes >> kMebi, " MiB");
}

/// Copies of one checkpoint before one host.
class ForkJudge
{
public:
    ForkJudge(const v1::ForkProfile &profile, std::span<const std::string> names, const checkpoint::Means &means)
        : m_profile(profile), m_names(names), m_means(means), m_model(modelOf(profile.container()))
    {}
    [[nodiscard]] std::vector<CheckFinding> run(bool known, CheckpointStore &store, const runtime::Runtimes &runtimes);

private:
    template <class... What> void add(const What &...what) { m_out.push_back(findingOf(what...)); }
    void keeping(CheckpointStore &store);
    void memory();
    void disk(bool known);
    void place();
    void calling(const runtime::Runtimes &runtimes);
    void network();

    const v1::ForkProfile &m_profile;
    const std::span<const std::string> m_names;
    const checkpoint::Means &m_means;
    const launch::Model m_model;
    std::vector<CheckFinding> m_out;
};

void ForkJudge::keeping(CheckpointStore &store)
{
    if (const auto may = store.mayOpen(); !may)
        return add("store", may.error());
    const auto facts = store.facts();
    if (!facts)
        add("store", facts.error());
    else if (m_profile.encrypted() && facts->key == StoreFacts::Key::None)
        add(CheckFinding::SEVERITY_WARNING, "store", store.path(),
            "the checkpoint is encrypted where it is, and would not be here",
            "Use an encrypted store here: gantryctl repo init");
}

void ForkJudge::memory()
{
    struct sysinfo host
    {};
    if (::sysinfo(&host) != 0)
        return;
    const std::uint64_t total = std::uint64_t{host.totalram} * host.mem_unit;
    const std::uint64_t free = checkpoint::availableMemory().v;
    const std::uint64_t wanted = m_profile.container().resident_bytes() * m_names.size();
    const auto told = [&](std::string_view of, std::uint64_t bytes) {
        return strCat("all of them have ", mebibytes(wanted), " of memory, and ", mebibytes(bytes), " ", of, " here");
    };
    if (wanted > total)
        add(CheckFinding::SEVERITY_ERROR, "memory", "/proc/meminfo", told("are", total),
            "Fewer copies, or a bigger host");
    else if (wanted > free)
        add(CheckFinding::SEVERITY_WARNING, "memory", "/proc/meminfo", told("are free", free),
            "Make room, or fewer copies");
}

void ForkJudge::disk(bool known)
{
    struct statvfs facts
    {};
    // What comes into the store; and the files of each, and once more while they are unpacked.
    const std::uint64_t wanted = (known ? 0 : m_profile.checkpoint().logical_bytes()) +
                                 (m_names.size() + 1) * m_profile.container().upper_bytes();
    if (::statvfs(m_means.spillFolder.c_str(), &facts) != 0 || facts.f_bavail * facts.f_frsize >= wanted)
        return;
    add(CheckFinding::SEVERITY_ERROR, "disk", m_means.spillFolder,
        strCat("they take up to ", mebibytes(wanted), ", and ", mebibytes(facts.f_bavail * facts.f_frsize),
               " are free"),
        "Make room: gantryctl repo gc");
}

void ForkJudge::place()
{
    const auto lacks = launch::lacksOf(m_model, m_means.spillFolder, {runtime::Clock::now() + kForkLook});
    if (!lacks)
        return add("root", lacks.error());
    for (const Error &error : *lacks)
        add(error.op == launch::kNetworkOp ? "network" : "root", error);
}

void ForkJudge::calling(const runtime::Runtimes &runtimes)
{
    auto conflicts = checkpoint::checkCopyNames(m_model, m_names, m_means);
    if (!conflicts)
        return add("name", conflicts.error());
    addNamesakes(runtimes, m_names, *conflicts);
    for (const checkpoint::CopyConflict &one : *conflicts)
        add("name", one.error);
}

void ForkJudge::network()
{
    const auto network = launch::networkIn(m_model.config);
    if (!network || !*network)
        return; // told as what is lacking, or it has none
    const std::string address = launch::addressText((*network)->address);
    const auto have = launch::whoHas((*network)->bridge, (*network)->address);
    if (have && !have->empty())
        add(CheckFinding::SEVERITY_WARNING, "network", address,
            strCat("on ", (*network)->bridge, " of this host ", launch::macText(have->front()),
                   " has its address: what comes up has no network before that one is gone"),
            "End what has it, or choose a host in another network");
    else if (m_names.size() > 1)
        add(CheckFinding::SEVERITY_WARNING, "network", address,
            "only one container can have its address: the others come up without a network", "Restore one");
}

std::vector<CheckFinding> ForkJudge::run(bool known, CheckpointStore &store, const runtime::Runtimes &runtimes)
{
    m_out = judgeHost(m_profile.container(), m_profile.container().subject(), m_means);
    m_out.insert(m_out.end(), m_profile.container().findings().begin(), m_profile.container().findings().end());
    keeping(store);
    memory();
    disk(known);
    place();
    calling(runtimes);
    network();
    std::ranges::stable_sort(m_out, std::greater{}, &CheckFinding::severity);
    return std::move(m_out);
}

std::uint64_t memoryIn(const std::vector<repository::StreamInfo> &streams)
{
    std::uint64_t out = 0;
    for (const repository::StreamInfo &one : streams)
        out += one.kind == repository::StreamKind::Pages ? one.size.v : 0;
    return out;
}

} // namespace

Result<v1::ForkProfile> forkProfileOf(const repository::Checkpoint &checkpoint, const repository::Store &store)
{
    const launch::Model model = GANTRY_TRY(checkpoint::modelOf(checkpoint, store));
    const repository::Manifest &manifest = checkpoint.manifest;
    v1::ForkProfile out;
    *out.mutable_checkpoint() = service::toMessage(checkpoint);
    out.set_encrypted(store.isEncrypted());
    v1::MigrationProfile &container = *out.mutable_container();
    container.set_subject(manifest.container.id);
    container.set_runtime(model.runtime);
    container.set_config(model.config);
    container.set_lower(model.lower);
    container.set_image(model.image);
    container.set_criu_version(manifest.criuVersion);
    container.set_kernel_release(manifest.kernelRelease);
    // A checkpoint does not tell of what kind its host was: this one's is known.
    if (utsname names{}; manifest.container.host == machineId() && ::uname(&names) == 0)
        container.set_machine(static_cast<const char *>(names.machine));
    for (std::string &flag : splitWords(manifest.cpuFeatures))
        container.add_cpu_flags(std::move(flag));
    const std::vector<repository::StreamInfo> streams = GANTRY_TRY(store.streams(checkpoint.id));
    container.set_resident_bytes(memoryIn(streams));
    const auto upper = std::ranges::find(streams, std::string(checkpoint::kUpperStream), &repository::StreamInfo::name);
    container.set_upper_bytes(upper == streams.end() ? 0 : upper->size.v);
    container.set_realtime_usec(realtimeMicros());
    container.set_host(manifest.container.host);
    return out;
}

std::vector<CheckFinding> judgeFork(const v1::ForkProfile &profile, std::span<const std::string> names, bool known,
                                    const checkpoint::Means &means, CheckpointStore &store,
                                    const runtime::Runtimes &runtimes)
{
    return ForkJudge(profile, names, means).run(known, store, runtimes);
}

} // namespace gantry::service
