// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtTest>

#include "engine/base/fd.h"
#include "engine/base/parse.h"
#include "engine/base/strings.h"
#include "tests/service/ran.h"

#include <QJsonArray>
#include <QProcess>

#include <algorithm>
#include <filesystem>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Two engines as services of their own on this machine, and what is seen of containers that move between them. For
/// tests in runApart(): all of it is below a /var/lib that is theirs. Thread: the test's.
namespace gantry::test {

namespace fs = std::filesystem;

constexpr int kPatience = 30'000; ///< ms; a busy machine
constexpr int kVerb = 120'000;    ///< ms
inline const std::string kFolder = "/var/lib/gantry-test";
inline const std::string kRoot = kFolder + "/rootfs";
/// Counts in memory, on its log and in a file.
inline const QString kCount = QStringLiteral("i=0; while :; do i=$((i+1)); echo $i; echo $i > /n; sleep 0.03; done");

/// A gantryd with a state folder and a socket.
class Host
{
public:
    /// Starts it. @param before words before its own: a program that becomes it.
    explicit Host(const std::string &name, QStringList before = {})
        : m_state(strCat(kFolder, "/", name)), m_socket(strCat(m_state, ".sock")), m_before(std::move(before))
    {
        fs::create_directories(m_state);
        start();
    }
    Host(const Host &) = delete;
    Host &operator=(const Host &) = delete;
    Host(Host &&) = delete;
    Host &operator=(Host &&) = delete;
    ~Host()
    {
        m_daemon.terminate();
        if (isUp() && !m_daemon.waitForFinished(kPatience))
            qCritical("gantryd does not end");
    }

    void start()
    {
        m_daemon.setProcessChannelMode(QProcess::MergedChannels);
        m_daemon.setStandardOutputFile(QString::fromStdString(m_state + ".log"), QIODevice::Append);
        const QStringList words = m_before + QStringList{QStringLiteral(GANTRYD), QStringLiteral("--socket"),
                                                         QString::fromStdString(m_socket), QStringLiteral("--state"),
                                                         QString::fromStdString(m_state)};
        m_daemon.start(words.front(), words.mid(1));
        if (!m_daemon.waitForStarted() ||
            !QTest::qWaitFor(
                [this] { return fs::exists(m_socket) && gantryctl({QStringLiteral("host")}).exitStatus == 0; },
                kPatience))
            qFatal("gantryd does not serve %s", m_socket.c_str());
    }
    /// Dead at once, as if its memory were needed elsewhere.
    void kill()
    {
        m_daemon.kill();
        m_daemon.waitForFinished(kPatience);
    }
    [[nodiscard]] bool isUp() const { return m_daemon.state() == QProcess::Running; }
    [[nodiscard]] QString name() const { return QString::fromStdString("unix:" + m_socket); }
    [[nodiscard]] pid_t pid() const { return static_cast<pid_t>(m_daemon.processId()); }
    [[nodiscard]] const std::string &socket() const { return m_socket; }
    [[nodiscard]] const std::string &state() const { return m_state; }
    [[nodiscard]] Ran gantryctl(const QStringList &words, bool json = true) const
    {
        QProcess process;
        process.start(QStringLiteral(GANTRYCTL), arguments(words, json));
        return finish(process, kVerb);
    }
    [[nodiscard]] QStringList arguments(const QStringList &words, bool json) const
    {
        return (json ? QStringList{QStringLiteral("--json")} : QStringList()) +
               QStringList{QStringLiteral("--host"), name()} + words;
    }

private:
    const std::string m_state;
    const std::string m_socket;
    const QStringList m_before;
    QProcess m_daemon;
};

/// The numbers in the whole lines of a file; empty: there is none.
inline std::vector<int> numbersIn(const std::string &file)
{
    std::vector<int> out;
    const auto text = readFile(file);
    if (!text)
        return out;
    std::string_view rest(*text);
    rest = rest.substr(0, rest.rfind('\n') + 1);
    while (!rest.empty()) {
        if (const auto number = parseU64(takeLine(rest).value_or("")))
            out.push_back(static_cast<int>(*number));
    }
    return out;
}

/// The numbers in a container's log; empty: it has none.
inline std::vector<int> numbers(const Host &host, const std::string &name)
{
    return numbersIn(strCat(host.state(), "/containers/", name, "/log"));
}

/// Its log grows.
inline bool countsOn(const Host &host, const std::string &name)
{
    const std::vector<int> before = numbers(host, name);
    if (before.empty())
        return false;
    QTest::qWait(300);
    const std::vector<int> after = numbers(host, name);
    return !after.empty() && after.back() > before.back();
}

/// As runc tells it: "running", "paused", "stopped"; empty: it knows none.
inline QString stateOf(const std::string &name)
{
    QProcess process;
    process.start(QStringLiteral("runc"), {QStringLiteral("state"), QString::fromStdString(name)});
    return finish(process, kPatience).json()[QStringLiteral("status")].toString();
}

/// Ends a container and removes what is left of it, wherever it is. @return false: a host could not.
inline bool removeContainer(std::initializer_list<const Host *> hosts, const std::string &name)
{
    QProcess process;
    process.start(QStringLiteral("runc"),
                  {QStringLiteral("delete"), QStringLiteral("--force"), QString::fromStdString(name)});
    (void)finish(process, kPatience);
    return std::ranges::all_of(hosts, [&name](const Host *host) {
        return !fs::exists(strCat(host->state(), "/containers/", name)) ||
               host->gantryctl({QStringLiteral("rmrun"), QString::fromStdString(name)}).exitStatus == 0;
    });
}

/// No number twice, none left out.
inline bool isUnbroken(const std::vector<int> &all)
{
    return std::ranges::adjacent_find(all, [](int a, int b) { return b != a + 1; }) == all.end();
}

/// Duties of migrations that are not at their end, as its service tells them.
inline QStringList unfinishedOf(const Host &host)
{
    QStringList out;
    const QJsonObject told = host.gantryctl({QStringLiteral("migrations")}).json();
    for (const QJsonValue one : told[QStringLiteral("unfinished")].toArray())
        out << one[QStringLiteral("duty")].toString();
    if (!told[QStringLiteral("unreadable")].toArray().isEmpty())
        out << QStringLiteral("unreadable");
    return out;
}

/// How many names in a folder begin so.
inline std::size_t entriesOf(const std::string &folder, std::string_view prefix)
{
    std::size_t out = 0;
    std::error_code none;
    for (const fs::directory_entry &entry : fs::directory_iterator(folder, none))
        out += entry.path().filename().string().starts_with(prefix) ? std::size_t{1} : std::size_t{0};
    return out;
}

} // namespace gantry::test
