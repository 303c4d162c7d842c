// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/fd.h"
#include "engine/base/parse.h"
#include "engine/base/replace_file.h"
#include "engine/base/strings.h"
#include "engine/launch/launch.h"
#include "engine/launch/place.h"
#include "engine/process/process.h"
#include "engine/runtime/tool.h"
#include "gantry/v1/launch.grpc.pb.h"
#include "tests/service/service_host.h"
#include "tests/support/busybox_root.h"

#include <QTemporaryDir>

#include <filesystem>
#include <string>

#include <sys/wait.h>

/// A container as "gantryctl run" starts it, in a test that runs apart (tests/support/apart.h): busybox counts in its
/// memory, and tells the number in its log and in a file. It ends by itself with the exit code that somebody writes
/// into /data/end.
namespace gantry::test {

inline constexpr int kCountingPatience = 20'000; ///< ms; a busy machine

class CountingContainer
{
public:
    /// @param host its state folder is not on an overlay.
    CountingContainer(ServiceHost &host, std::string name)
        : m_state(host.statePath(QString()).toStdString()), m_name(std::move(name))
    {
        const std::string root = rootfs();
        makeBusyboxRoot(root, {"sh", "sleep", "cat"});
        v1::RunRequest request;
        request.set_name(m_name);
        request.set_rootfs_folder(root);
        request.set_runtime("runc");
        for (const char *word : {"/bin/sh", "-c",
                                 "i=0; while :; do i=$((i+1)); echo $i; echo $i > /data/n; "
                                 "[ ! -e /data/end ] || exit $(cat /data/end); sleep 0.05; done"})
            request.add_command(word);
        BoundedContext context(std::chrono::seconds(60));
        v1::RunReply reply;
        const grpc::Status status = v1::Launch::NewStub(host.channel(false))->Run(&context, request, &reply);
        if (!status.ok())
            qCritical("run: %s", service::errorFrom(status).message().c_str());
        m_pid = reply.root_pid();
    }
    CountingContainer(const CountingContainer &) = delete;
    CountingContainer &operator=(const CountingContainer &) = delete;
    CountingContainer(CountingContainer &&) = delete;
    CountingContainer &operator=(CountingContainer &&) = delete;
    ~CountingContainer()
    {
        static_cast<void>(runc({"delete", "--force", m_name}));
        // Its last process may still go. The cgroup that containers have in common goes with the last of them.
        static_cast<void>(QTest::qWaitFor([&] {
            const auto removed = launch::remove(m_name, m_state, {runtime::Clock::now() + std::chrono::seconds(20)});
            return removed || removed.error().posix() == ENOENT;
        }));
        while (::waitpid(-1, nullptr, WNOHANG) > 0) {
        }
    }

    [[nodiscard]] std::int32_t startedPid() const { return m_pid; } ///< 0: it was not started
    [[nodiscard]] launch::Place place() const { return {m_state, m_name}; }
    /// The first process of the one that runs now, by runc; 0: none.
    [[nodiscard]] std::int32_t pid() const
    {
        const std::string text = runc({"state", m_name});
        const std::size_t at = text.find("\"pid\": ");
        std::string_view rest = at == std::string::npos ? std::string_view() : std::string_view(text).substr(at + 7);
        const auto pid = parseU64(rest.substr(0, rest.find_first_of(",\n")));
        const auto stat =
            pid && *pid != 0 ? process::readStat(static_cast<std::int32_t>(*pid)) : std::unexpected(Error());
        return stat && stat->state != 'Z' ? stat->pid : 0;
    }
    /// The number in the last whole line of its log that has one; 0: there is none.
    [[nodiscard]] std::int64_t count() const
    {
        const std::string log = readFile(place().log()).value_or("");
        std::string_view whole =
            std::string_view(log).substr(0, log.rfind('\n') == std::string::npos ? 0 : log.rfind('\n'));
        // A runtime that is ended says so in the same log.
        std::int64_t last = 0;
        while (const auto line = takeLine(whole))
            last = parseI64(*line).value_or(last);
        return last;
    }
    [[nodiscard]] bool reaches(std::int64_t least) const
    {
        return QTest::qWaitFor([&] { return count() >= least; }, kCountingPatience);
    }
    /// It goes on counting: whatever it has counted to.
    [[nodiscard]] bool goesOn() const
    {
        const std::int64_t now = count();
        return QTest::qWaitFor([&] { return count() > now + 2; }, kCountingPatience);
    }
    /// As if nothing was written before.
    void forgetLog() const { std::filesystem::remove(place().log()); }
    /// The first number in its log; 0: there is none yet. Waits for it.
    [[nodiscard]] std::int64_t firstNumber() const
    {
        std::string log;
        if (!QTest::qWaitFor(
                [&] {
                    log = readFile(place().log()).value_or("");
                    return log.find('\n') != std::string::npos;
                },
                kCountingPatience))
            return 0;
        return parseI64(log.substr(0, log.find('\n'))).value_or(0);
    }
    /// Whole or not at all: the program may look for the file at any moment.
    void write(const std::string &file, const std::string &content) const
    {
        const auto written = replaceFile(strCat(place().root(), "/data/", file), content);
        if (!written)
            qCritical("write: %s", written.error().message().c_str());
    }
    /// Empty: there is no such file.
    [[nodiscard]] std::string read(const std::string &file) const
    {
        return readFile(strCat(place().root(), "/data/", file)).value_or("");
    }
    static std::string runc(std::vector<std::string> words)
    {
        words.insert(words.begin(), "runc");
        const auto done = runtime::runTool(words, {runtime::Clock::now() + std::chrono::seconds(60)});
        return done ? done->standardOutput : std::string();
    }

private:
    [[nodiscard]] std::string rootfs() const { return m_root.path().toStdString(); }

    const std::string m_state;
    const std::string m_name;
    const QTemporaryDir m_root; ///< not within the state folder
    std::int32_t m_pid = 0;
};

} // namespace gantry::test
