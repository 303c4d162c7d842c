// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/service/migration_judge.h"

#include "engine/base/parse.h"
#include "engine/base/strings.h"
#include "engine/base/time_text.h"
#include "engine/checkpoint/by_runtime.h"
#include "engine/checkpoint/host_story.h"
#include "engine/checkpoint/images.h"
#include "engine/checkpoint/pre_dump.h"
#include "engine/checkpoint/preflight.h"
#include "engine/launch/network.h"
#include "engine/service/checkpoint_common.h"
#include "engine/service/checkpoint_copies.h"
#include "engine/service/convert_checkpoint.h"
#include "engine/service/findings.h"
#include "engine/service/migration_client.h"

#include <algorithm>
#include <chrono>
#include <set>

#include <netinet/tcp.h>
#include <sys/statvfs.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>

namespace gantry::service {

using v1::CheckFinding;

namespace {

constexpr std::chrono::seconds kLook{20};
constexpr std::chrono::seconds kMostSkew{5};
constexpr std::size_t kMostNamed = 12; ///< flags of a processor in one sentence

/// What the profile and the judge read of a host, the kernel and the processor among it.
struct Here
{
    repository::Manifest manifest; ///< as checkpoints tell it
    std::string machine;           ///< as uname(2) has it
};
Here thisHost(const checkpoint::CriuFacts &criu)
{
    Here out;
    checkpoint::tellHost(out.manifest, criu);
    if (utsname names{}; ::uname(&names) == 0)
        out.machine = static_cast<const char *>(names.machine);
    return out;
}

/// Without what a distribution adds to it: "6.12.118".
std::string_view plainRelease(std::string_view release)
{
    return release.substr(0, release.find('-'));
}

/// One profile before one host.
class Judge
{
public:
    Judge(const v1::MigrationProfile &profile, const std::string &name, const checkpoint::Means &means)
        : m_profile(profile), m_name(name), m_means(means)
    {}
    [[nodiscard]] std::vector<CheckFinding> run(const runtime::Runtimes &runtimes);
    [[nodiscard]] std::vector<CheckFinding> runHost();

private:
    template <class... What> void add(const What &...what) { m_out.push_back(findingOf(what...)); }
    void machine();
    void criu();
    void memory();
    void disk();
    void clock();
    void place(const runtime::Runtimes &runtimes);
    void network();

    const v1::MigrationProfile &m_profile;
    const std::string &m_name;
    const checkpoint::Means &m_means;
    std::vector<CheckFinding> m_out;
};

void Judge::machine()
{
    const Here here = thisHost(m_means.criu);
    if (!m_profile.machine().empty() && here.machine != m_profile.machine())
        add(CheckFinding::SEVERITY_ERROR, "machine", here.machine,
            strCat("its programs are for ", m_profile.machine(), ", this host is ", here.machine),
            "Choose a host of the same kind");
    const std::string &release = here.manifest.kernelRelease;
    if (checkpoint::isOlderVersion(plainRelease(release), plainRelease(m_profile.kernel_release())))
        add(CheckFinding::SEVERITY_WARNING, "kernel", release,
            strCat("the kernel is older than the source's ", m_profile.kernel_release(),
                   ": what it uses of the newer one fails"),
            "Choose a host with the same kernel or a newer one");
    const std::vector<std::string> flags = splitWords(here.manifest.cpuFeatures);
    const std::set<std::string> have(flags.begin(), flags.end());
    std::vector<std::string> missing;
    for (const std::string &flag : m_profile.cpu_flags()) {
        if (!have.contains(flag))
            missing.push_back(flag);
    }
    if (missing.empty())
        return;
    const std::size_t all = missing.size();
    missing.resize(std::min(all, kMostNamed));
    add(CheckFinding::SEVERITY_WARNING, "cpu", "/proc/cpuinfo",
        strCat("the source's processor has what this one lacks: ", joined(missing, ", "),
               all > kMostNamed ? strCat(" and ", all - kMostNamed, " more") : std::string(),
               "; a program that uses it is ended by SIGILL"),
        "Choose a host with the same processor, or start its programs so that they do not use it");
}

void Judge::criu()
{
    if (auto works = checkpoint::checkCriu("migrate", m_name, m_means.criu); !works) {
        add("criu", works.error());
        return;
    }
    if (checkpoint::isOlderVersion(m_means.criu.version, m_profile.criu_version()))
        add(CheckFinding::SEVERITY_ERROR, "criu", m_means.criu.path,
            strCat("CRIU ", m_means.criu.version, " is here, and ", m_profile.criu_version(), " on the source"),
            "Install the same version or a newer one: packaging/setup.sh");
}

void Judge::memory()
{
    struct sysinfo host
    {};
    if (::sysinfo(&host) != 0)
        return;
    const std::uint64_t total = std::uint64_t{host.totalram} * host.mem_unit;
    const std::uint64_t free = checkpoint::availableMemory().v;
    const std::uint64_t wanted = m_profile.resident_bytes();
    const auto told = [&](std::string_view of, std::uint64_t bytes) {
        return strCat("it has ", wanted >> 20U, " MiB of memory, and ", bytes >> 20U, " MiB ", of, " here");
    };
    if (wanted > total)
        add(CheckFinding::SEVERITY_ERROR, "memory", "/proc/meminfo", told("are", total), "Choose a bigger host");
    else if (wanted > free)
        add(CheckFinding::SEVERITY_WARNING, "memory", "/proc/meminfo", told("are free", free),
            "Make room, or choose another host");
}

void Judge::disk()
{
    struct statvfs facts
    {};
    // Its pages in the store, its files there and unpacked.
    const std::uint64_t wanted = m_profile.resident_bytes() + 2 * m_profile.upper_bytes();
    if (::statvfs(m_means.spillFolder.c_str(), &facts) != 0 || facts.f_bavail * facts.f_frsize >= wanted)
        return;
    add(CheckFinding::SEVERITY_ERROR, "disk", m_means.spillFolder,
        strCat("it takes up to ", wanted >> 20U, " MiB, and ", (facts.f_bavail * facts.f_frsize) >> 20U,
               " MiB are free"),
        "Make room: gantryctl repo gc");
}

void Judge::clock()
{
    const std::int64_t ahead = realtimeMicros() - m_profile.realtime_usec();
    const auto most = std::chrono::duration_cast<std::chrono::microseconds>(kMostSkew).count();
    if (ahead < most && ahead > -most)
        return;
    constexpr std::int64_t kSecond = 1'000'000;
    add(CheckFinding::SEVERITY_WARNING, "clock", "CLOCK_REALTIME",
        strCat("this host's clock is ", (ahead < 0 ? -ahead : ahead) / kSecond, " s ",
               ahead < 0 ? "behind" : "ahead of", " the source's: its time jumps by that"),
        "Set both by NTP");
}

void Judge::place(const runtime::Runtimes &runtimes)
{
    const runtime::Patience patience{runtime::Clock::now() + kLook};
    const auto lacks = launch::lacksOf(modelOf(m_profile), m_means.spillFolder, patience);
    if (!lacks)
        add("root", lacks.error());
    else {
        for (const Error &error : *lacks)
            add(error.op == launch::kNetworkOp ? "network" : "root", error);
    }
    const auto conflicts = launch::conflictsOf(m_name, m_means.spillFolder);
    bool taken = false;
    if (!conflicts)
        add("name", conflicts.error());
    else {
        for (const Error &error : *conflicts) {
            add("name", error);
            taken = true;
        }
    }
    if (const std::string has = runtimeWith(runtimes, m_name, kLook); !taken && !has.empty())
        add(CheckFinding::SEVERITY_ERROR, "name", m_name, strCat(has, " has a container of this name here"),
            "Give it another name: --as NAME");
}

void Judge::network()
{
    const auto network = launch::networkIn(m_profile.config());
    const auto have = network && *network ? launch::whoHas((*network)->bridge, (*network)->address)
                                          : Result<std::vector<launch::Mac>>();
    if (!network || !*network || !have) // told as what is lacking
        return;
    const std::string address = launch::addressText((*network)->address);
    const std::string &bridge = (*network)->bridge;
    const auto other = std::ranges::find_if(*have, [&](const launch::Mac &mac) { return mac != (*network)->mac; });
    if (other != have->end())
        return add(CheckFinding::SEVERITY_ERROR, "network", address,
                   strCat("on ", bridge, " of this host ", launch::macText(*other), " has its address"),
                   "Choose a host whose bridge is in the network of the source's");
    if (!have->empty())
        return;
    const std::set<std::string> peers(m_profile.connections().begin(), m_profile.connections().end());
    std::vector<std::string> named(peers.begin(), peers.end());
    named.resize(std::min(named.size(), kMostNamed));
    add(CheckFinding::SEVERITY_WARNING, "network", address,
        strCat("it does not answer on ", bridge,
               " of this host, which is another network than on the source: whoever "
               "talks to it has to find it here",
               peers.empty() ? std::string()
                             : strCat("; these connections break: ", joined(named, ", "),
                                      peers.size() > kMostNamed ? strCat(" and ", peers.size() - kMostNamed, " more")
                                                                : std::string())),
        "Choose a host whose bridge is in the network of the source's");
}

std::vector<CheckFinding> Judge::runHost()
{
    machine();
    criu();
    return std::move(m_out);
}

std::vector<CheckFinding> Judge::run(const runtime::Runtimes &runtimes)
{
    m_out.assign(m_profile.findings().begin(), m_profile.findings().end());
    machine();
    criu();
    memory();
    disk();
    clock();
    place(runtimes);
    network();
    std::ranges::stable_sort(m_out, std::greater{}, &CheckFinding::severity);
    return std::move(m_out);
}

} // namespace

launch::Model modelOf(const v1::MigrationProfile &profile)
{
    return {profile.runtime(), profile.config(), profile.lower(), profile.image(), std::nullopt};
}

Result<v1::MigrationProfile> profileOf(const checkpoint::OciContainer &container, std::span<const std::int32_t> pids,
                                       const checkpoint::CriuFacts &criu)
{
    repository::Manifest manifest;
    checkpoint::addToManifest(container, manifest);
    const auto root = checkpoint::launchedRoot(manifest);
    if (!root)
        return fail(ENOTSUP, "migrate", container.id,
                    "Gantry did not start it: what its root and its mounts are made of is not known",
                    "Containers that \"gantryctl run\" started can be migrated");
    const checkpoint::TreeLook look = GANTRY_TRY(checkpoint::lookAtTree(pids, {}));
    v1::MigrationProfile out;
    out.set_subject(container.id);
    out.set_runtime(container.runtime);
    out.set_config(container.config);
    out.set_lower(root->lower);
    out.set_image(root->image);
    out.set_criu_version(criu.version);
    const Here here = thisHost(criu);
    out.set_kernel_release(here.manifest.kernelRelease);
    out.set_machine(here.machine);
    for (std::string &flag : splitWords(here.manifest.cpuFeatures))
        out.add_cpu_flags(std::move(flag));
    out.set_resident_bytes(checkpoint::residentOf(look).v);
    if (const std::string upper = checkpoint::upperFolderOf(container, pids.front()); !upper.empty())
        out.set_upper_bytes(checkpoint::archiveSize(upper));
    out.set_realtime_usec(realtimeMicros());
    out.set_host(machineId());
    for (const auto &[space, sockets] : look.sockets) {
        for (const auto &[inode, socket] : sockets.tcp) {
            if (socket.state == TCP_ESTABLISHED && !socket.peer.empty())
                out.add_connections(socket.peer);
        }
    }
    for (const checkpoint::Finding &finding : checkpoint::judge(look, criu))
        *out.add_findings() = toMessage(finding);
    return out;
}

std::vector<CheckFinding> judgeProfile(const v1::MigrationProfile &profile, const std::string &name,
                                       const checkpoint::Means &means, const runtime::Runtimes &runtimes)
{
    return Judge(profile, name, means).run(runtimes);
}

std::vector<CheckFinding> judgeHost(const v1::MigrationProfile &profile, const std::string &name,
                                    const checkpoint::Means &means)
{
    return Judge(profile, name, means).runHost();
}

Result<> checkJudged(const std::vector<CheckFinding> &findings, std::span<const std::string> skip,
                     std::string_view subject)
{
    std::vector<std::string> all;
    std::set<std::string> skippable;
    std::string remedy;
    for (const CheckFinding &one : findings) {
        if (!forbids(one, skip))
            continue;
        all.push_back(strCat(one.cause(), ": ", one.object(), ": ", one.why()));
        if (remedy.empty())
            remedy = one.remedy();
        if (one.severity() == CheckFinding::SEVERITY_WARNING)
            skippable.insert(one.cause());
    }
    if (all.empty())
        return {};
    if (!skippable.empty())
        remedy += strCat(remedy.empty() ? "" : ". ", "What is only a warning can be passed over: --skip ",
                         joined(std::vector<std::string>(skippable.begin(), skippable.end()), ","));
    return fail(ENOTSUP, "migrate", subject, joined(all, "; "), remedy);
}

} // namespace gantry::service
