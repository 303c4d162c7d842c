// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/scratch_cgroup.h"

#include "engine/base/parse.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include <csignal>
#include <dirent.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace gantry::test {

namespace fs = std::filesystem;

namespace {

[[noreturn]] void giveUp(std::string_view what, const std::string &subject, int err)
{
    std::fprintf(stderr, "scratch cgroup: %.*s %s: %s\n", static_cast<int>(what.size()), what.data(), subject.c_str(),
                 std::generic_category().message(err).c_str());
    std::abort();
}

template <class T> T must(Result<T> result, std::string_view what)
{
    if (!result)
        giveUp(what, result.error().message(), result.error().posix());
    return *std::move(result);
}

/// Kills what is in one cgroup. Kernel: a frozen v1 task dies only when thawed.
void killIn(int dir)
{
    for (const auto &[file, text] : {std::pair{"freezer.state", "THAWED"}, std::pair{"cgroup.freeze", "0"}})
        (void)writeFileAt(dir, file, text);
    TextBuffer buffer;
    const auto procs = buffer.readAt(dir, "cgroup.procs");
    std::string_view rest = procs ? *procs : std::string_view();
    while (const auto line = takeLine(rest)) {
        const auto pid = parseU64(*line);
        // Never ourselves: a test may have moved its own process in.
        if (pid && *pid > 1 && *pid != static_cast<std::uint64_t>(::getpid()))
            ::kill(static_cast<pid_t>(*pid), SIGKILL);
    }
}

/// Kills until the directory can be removed; false if that takes too long.
bool killAndRemove(int parent, const std::string &name)
{
    using namespace std::chrono_literals;
    const auto end = std::chrono::steady_clock::now() + 5s;
    while (::unlinkat(parent, name.c_str(), AT_REMOVEDIR) != 0 && errno == EBUSY) {
        if (std::chrono::steady_clock::now() > end)
            return false;
        if (const auto dir = openAt(parent, name, O_PATH | O_DIRECTORY))
            killIn(dir->get());
        std::this_thread::sleep_for(2ms);
    }
    return true;
}

/// Name of one sub-directory; empty if there is none.
std::string anyChild(int dir)
{
    UniqueFd readable(::openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    DIR *stream = ::fdopendir(readable.get());
    if (stream == nullptr)
        return {};
    (void)readable.release();
    std::string out;
    while (const dirent *entry = ::readdir(stream))
        if (entry->d_type == DT_DIR && entry->d_name[0] != '.')
            out = entry->d_name;
    ::closedir(stream);
    return out;
}

/// Removes everything below a directory. Steps down and up one level at a time: the tree may be deeper than PATH_MAX
/// or than there are descriptors.
void removeBelow(UniqueFd dir)
{
    std::vector<std::string> names;
    while (dir) {
        std::string child = anyChild(dir.get());
        if (!child.empty()) {
            dir = UniqueFd(::openat(dir.get(), child.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
            names.push_back(std::move(child));
        } else if (names.empty()) {
            return;
        } else {
            dir = UniqueFd(::openat(dir.get(), "..", O_PATH | O_DIRECTORY | O_CLOEXEC));
            if (!killAndRemove(dir.get(), names.back()))
                return;
            names.pop_back();
        }
    }
}

/// Kernel: what is frozen on v1 dies only when thawed, so that hierarchy is the first to be cleared at the end.
std::vector<const cgroup::Hierarchy *> freezerFirst(const cgroup::Hierarchies &hierarchies)
{
    std::vector<const cgroup::Hierarchy *> out;
    for (const cgroup::Hierarchy &hierarchy : hierarchies.all())
        out.push_back(&hierarchy);
    std::ranges::stable_partition(out, [](const auto *hierarchy) { return hierarchy->has("freezer"); });
    return out;
}

/// Where scratch cgroups are made: the root, or in the lab what systemd delegated to the test.
std::string baseFolder()
{
    const char *const given = std::getenv("GANTRY_TEST_CGROUP");
    return given != nullptr ? given : "";
}

/// v2: enables ('+') or disables ('-') each controller that is named in `file`.
void setControllers(const std::string &directory, std::string_view file, char sign)
{
    const auto controllers = readFile(strCat(directory, '/', file));
    std::string_view rest = controllers ? std::string_view(*controllers) : std::string_view();
    for (std::string_view name = takeToken(rest); !name.empty(); name = takeToken(rest)) {
        const auto done = writeFileAt(AT_FDCWD, strCat(directory, "/cgroup.subtree_control"), strCat(sign, name));
        if (!done)
            giveUp("write", done.error().message(), done.error().posix());
    }
}

/// v2: takes the controllers away again, from the deepest cgroup up.
void disableBelow(const std::string &directory)
{
    for (const fs::directory_entry &entry : fs::directory_iterator(directory)) {
        if (entry.is_directory())
            disableBelow(entry.path().string());
    }
    setControllers(directory, "cgroup.subtree_control", '-');
}

/// v2: gives the children every controller there is. Not where there are processes: cpu alone would be taken there, and
/// leave the children "domain invalid".
void enableControllers(const std::string &directory)
{
    if (const auto procs = readFile(strCat(directory, "/cgroup.procs")); procs && procs->empty())
        setControllers(directory, "cgroup.controllers", '+');
}

} // namespace

ScratchCgroup::ScratchCgroup(std::string_view name, std::initializer_list<std::string_view> controllers)
    : m_hierarchies(must(cgroup::Hierarchies::discover(), "discover"))
{
    static std::atomic<unsigned> number = 0;
    m_path = must(
        cgroup::CgroupPath::parse(strCat(baseFolder(), "/gantry-test-", ::getpid(), '-', ++number, '-', name)), "path");
    m_in = freezerFirst(*m_hierarchies);
    if (controllers.size() > 0) {
        std::vector<const cgroup::Hierarchy *> wanted;
        for (const std::string_view controller : controllers)
            wanted.push_back(&hierarchyOf(controller));
        std::erase_if(m_in, [&](const auto *one) { return std::ranges::find(wanted, one) == wanted.end(); });
    }
    for (const auto *hierarchy : m_in) {
        if (hierarchy->version == cgroup::Version::V2 && !baseFolder().empty())
            enableControllers(strCat(hierarchy->mountPoint, baseFolder()));
        if (::mkdir(directory(*hierarchy).c_str(), 0755) != 0)
            giveUp("mkdir", directory(*hierarchy), errno);
    }
}

ScratchCgroup::~ScratchCgroup()
{
    for (const auto *hierarchy : m_in) {
        if (auto dir = cgroup::openCgroup(*hierarchy, m_path))
            removeBelow(std::move(*dir));
        if (!killAndRemove(hierarchy->dir->get(), m_path.text().substr(1)))
            std::fprintf(stderr, "scratch cgroup: %s stays behind\n", directory(*hierarchy).c_str());
    }
}

const cgroup::Hierarchy &ScratchCgroup::hierarchyOf(std::string_view controller) const
{
    const auto *found = controller == "unified" ? m_hierarchies->unified() : m_hierarchies->forController(controller);
    if (found == nullptr)
        giveUp("no hierarchy for", std::string(controller), ENODEV);
    return *found;
}

std::string ScratchCgroup::directory(const cgroup::Hierarchy &hierarchy, std::string_view relative) const
{
    return strCat(hierarchy.mountPoint, m_path.text(), relative.empty() ? "" : "/", relative);
}

cgroup::Cgroup ScratchCgroup::cgroup() const
{
    return must(cgroup::locate(*m_hierarchies, m_path), "locate");
}

cgroup::Cgroup ScratchCgroup::makeChild(std::string_view relative) const
{
    for (const auto *hierarchy : m_in) {
        std::string parent = directory(*hierarchy);
        for (const fs::path &component : fs::path(relative)) {
            if (hierarchy->version == cgroup::Version::V2)
                enableControllers(parent);
            parent += strCat('/', component.string());
            if (::mkdir(parent.c_str(), 0755) != 0 && errno != EEXIST)
                giveUp("mkdir", parent, errno);
        }
    }
    const auto path = must(cgroup::CgroupPath::parse(strCat(m_path.text(), '/', relative)), "path");
    return must(cgroup::locate(*m_hierarchies, path), "locate");
}

void ScratchCgroup::remove(std::string_view relative) const
{
    for (const auto *hierarchy : m_in)
        if (::rmdir(directory(*hierarchy, relative).c_str()) != 0)
            giveUp("rmdir", directory(*hierarchy, relative), errno);
}

std::string ScratchCgroup::read(std::string_view controller, const std::string &file) const
{
    return must(readFile(strCat(directory(hierarchyOf(controller)), '/', file)), "read");
}

void ScratchCgroup::write(std::string_view controller, const std::string &file, std::string_view text) const
{
    const auto done = writeFileAt(AT_FDCWD, strCat(directory(hierarchyOf(controller)), '/', file), text);
    if (!done)
        giveUp("write", done.error().message(), done.error().posix());
}

bool ScratchCgroup::isV1(std::string_view controller) const
{
    return hierarchyOf(controller).version == cgroup::Version::V1;
}

std::string ScratchCgroup::file(std::string_view v2Name) const
{
    if (v2Name == "memory.max" && isV1("memory"))
        return "memory.limit_in_bytes";
    if (v2Name == "memory.current" && isV1("memory"))
        return "memory.usage_in_bytes";
    if (v2Name == "cgroup.freeze" && isV1("freezer"))
        return "freezer.state";
    return std::string(v2Name);
}

std::string ScratchCgroup::freezerWord(bool frozen) const
{
    if (isV1("freezer"))
        return frozen ? "FROZEN" : "THAWED";
    return frozen ? "1" : "0";
}

void ScratchCgroup::attach(pid_t pid, std::string_view relative) const
{
    for (const auto *hierarchy : m_in) {
        const std::string target = directory(*hierarchy, relative);
        auto done = writeFileAt(AT_FDCWD, strCat(target, "/cgroup.procs"), std::to_string(pid));
        if (!done && done.error().posix() == EBUSY) { // v2: controllers for children, or processes
            disableBelow(target);
            done = writeFileAt(AT_FDCWD, strCat(target, "/cgroup.procs"), std::to_string(pid));
        }
        if (!done)
            giveUp("attach", done.error().message(), done.error().posix());
    }
}

bool removeScratchCgroupsOf(pid_t program)
{
    const std::string prefix = strCat("gantry-test-", program, '-');
    const auto hierarchies = must(cgroup::Hierarchies::discover(), "discover");
    bool any = false;
    for (const cgroup::Hierarchy *hierarchy : freezerFirst(*hierarchies)) {
        const std::string folder = hierarchy->mountPoint + baseFolder();
        const UniqueFd base = must(openAt(AT_FDCWD, folder, O_PATH | O_DIRECTORY), "open");
        std::vector<std::string> names;
        for (const fs::directory_entry &entry : fs::directory_iterator(folder)) {
            if (entry.path().filename().string().starts_with(prefix))
                names.push_back(entry.path().filename().string());
        }
        for (const std::string &name : names) {
            any = true;
            std::fprintf(stderr, "scratch cgroup: %s/%s was left behind\n", folder.c_str(), name.c_str());
            if (auto dir = openAt(base.get(), name, O_PATH | O_DIRECTORY))
                removeBelow(std::move(*dir));
            (void)killAndRemove(base.get(), name);
        }
    }
    return any;
}

ChildProcess::ChildProcess(const std::function<int()> &body)
{
    int ends[2] = {-1, -1};
    if (::pipe2(ends, O_CLOEXEC) != 0)
        giveUp("pipe", "start", errno);
    const UniqueFd wait(ends[0]);
    m_start = UniqueFd(ends[1]);
    m_pid = ::fork();
    if (m_pid < 0)
        giveUp("fork", "child", errno);
    if (m_pid == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        m_start.reset();
        char go = 0;
        ::_exit(::read(wait.get(), &go, 1) == 1 ? body() : 0);
    }
}

ChildProcess::~ChildProcess()
{
    if (m_pid > 0) {
        ::kill(m_pid, SIGKILL);
        wait();
    }
}

void ChildProcess::go()
{
    if (::write(m_start.get(), "g", 1) != 1)
        giveUp("start", "child", errno);
}

int ChildProcess::wait()
{
    int status = 0;
    while (::waitpid(m_pid, &status, 0) < 0 && errno == EINTR) {
    }
    m_pid = -1;
    return status;
}

[[gnu::no_sanitize_address, gnu::no_sanitize_thread]] void touchPage(void *memory, std::uint64_t offset)
{
    static_cast<volatile char *>(memory)[offset] = 1;
}

int sleepForEver()
{
    while (true)
        ::pause();
}

std::function<int()> allocate(std::uint64_t bytes)
{
    return [bytes] {
        void *const memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED)
            return 1;
        for (std::uint64_t at = 0; at < bytes; at += 4096)
            touchPage(memory, at);
        return sleepForEver();
    };
}

int spin()
{
    volatile unsigned long turns = 0;
    while (true)
        turns = turns + 1;
}

} // namespace gantry::test
