// SPDX-License-Identifier: GPL-3.0-or-later
// gantryctl with a store that wants a passphrase: asked at a terminal, or taken from a file.
#include <QtTest>

#include "engine/base/fd.h"
#include "engine/base/strings.h"

#include <QFile>
#include <QProcess>
#include <QTemporaryDir>

#include <chrono>
#include <string>
#include <vector>

#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace gantry;
using namespace std::chrono_literals;

namespace {

struct Ran
{
    int exitStatus = -1; ///< -1: it did not end by itself
    QByteArray out;      ///< with standard error
};

/// Without a terminal.
Ran gantryctl(const QStringList &arguments)
{
    QProcess process;
    process.setProcessChannelMode(QProcess::MergedChannels);
    process.start(QStringLiteral("/usr/bin/setsid"), QStringList{QStringLiteral("--wait"), GANTRYCTL} + arguments);
    if (!process.waitForFinished(30'000) || process.exitStatus() != QProcess::NormalExit)
        return {};
    return {process.exitCode(), process.readAll()};
}

/// At a terminal: each time it asks the next answer is typed.
Ran atTerminal(const std::vector<std::string> &arguments, const std::vector<std::string> &answers)
{
    std::vector<char *> words{const_cast<char *>(GANTRYCTL)};
    for (const std::string &word : arguments)
        words.push_back(const_cast<char *>(word.c_str()));
    words.push_back(nullptr);
    int terminal = -1;
    const pid_t pid = ::forkpty(&terminal, nullptr, nullptr, nullptr);
    if (pid == 0) {
        ::execv(GANTRYCTL, words.data());
        ::_exit(127);
    }
    const UniqueFd end(terminal);
    Ran out;
    std::size_t answered = 0;
    qsizetype seen = 0;
    const auto until = std::chrono::steady_clock::now() + 30s;
    while (std::chrono::steady_clock::now() < until) {
        pollfd wait{terminal, POLLIN, 0};
        if (::poll(&wait, 1, 100) <= 0)
            continue;
        char buffer[1'024];
        const ssize_t got = ::read(terminal, buffer, sizeof buffer);
        if (got <= 0)
            break; // EIO: it has ended
        out.out.append(buffer, got);
        if (answered < answers.size() && out.out.indexOf(": ", seen) >= 0) {
            seen = out.out.size();
            const std::string &line = answers[answered++];
            if (::write(terminal, line.data(), line.size()) < 0)
                break;
        }
    }
    int status = 0;
    if (::waitpid(pid, &status, WNOHANG) != pid) {
        std::this_thread::sleep_for(2s);
        if (::waitpid(pid, &status, WNOHANG) != pid) {
            ::kill(pid, SIGKILL);
            ::waitpid(pid, &status, 0);
            return out;
        }
    }
    out.exitStatus = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return out;
}

} // namespace

class TestGantryctlStore : public QObject
{
    Q_OBJECT
    std::unique_ptr<QTemporaryDir> m_state;
private Q_SLOTS:
    void init()
    {
        m_state = std::make_unique<QTemporaryDir>();
        qputenv("GANTRY_STATE", m_state->path().toLocal8Bit());
        qunsetenv("GANTRY_KEY_FILE");
        qunsetenv("GANTRY_PASSPHRASE_FILE");
    }

    void passphrase_isAskedForAtTheTerminal()
    {
        // Two that differ make nothing.
        Ran ran = atTerminal({"repo", "init", "--passphrase"}, {"one way\n", "or another\n"});
        QVERIFY2(ran.exitStatus == 1 && ran.out.contains("not the same"), ran.out.constData());
        ran = atTerminal({"repo", "init", "--passphrase"}, {"correct horse\n", "correct horse\n"});
        QVERIFY2(ran.exitStatus == 0 && ran.out.contains("encrypted"), ran.out.constData());
        QVERIFY2(!ran.out.contains("horse"), "what is typed is not shown");
        // The wrong one first.
        ran = atTerminal({"checkpoints"}, {"wrong\n", "correct horse\n"});
        QVERIFY2(ran.exitStatus == 0, ran.out.constData());
        ran = atTerminal({"checkpoints"}, {"wrong\n", "wrong\n", "wrong\n"});
        QVERIFY2(ran.exitStatus == 1 && ran.out.contains("not the repository's passphrase"), ran.out.constData());
        // Ctrl-C gives up, also of a verb that holds signals back.
        ran = atTerminal({"repo", "gc"}, {"corr\003"});
        QVERIFY2(ran.exitStatus == 1 && ran.out.contains("needs its passphrase"), ran.out.constData());
        QVERIFY2(!recorded().contains("horse"), "the audit log does not have it");
        QVERIFY(recorded().contains("with a passphrase"));
    }

    void passphrase_isTakenFromAFile()
    {
        const QString file = m_state->filePath(QStringLiteral("words"));
        QVERIFY(write(file, "correct horse\nwhat follows does not count\n", QFile::ReadOwner | QFile::WriteOwner));
        qputenv("GANTRY_PASSPHRASE_FILE", file.toLocal8Bit());
        Ran ran = gantryctl({"repo", "init", "--passphrase"});
        QVERIFY2(ran.exitStatus == 0, ran.out.constData());
        QCOMPARE(gantryctl({"checkpoints"}).exitStatus, 0);
        ran = gantryctl({"repo", "stats"});
        QVERIFY2(ran.out.contains("on disk, encrypted with a passphrase"), ran.out.constData());
        QVERIFY(QFile::setPermissions(file, QFile::ReadOwner | QFile::ReadOther));
        ran = gantryctl({"checkpoints"});
        QVERIFY2(ran.exitStatus == 1 && ran.out.contains("others may read"), ran.out.constData());
        QVERIFY(write(file, "another\n", QFile::ReadOwner | QFile::WriteOwner));
        ran = gantryctl({"checkpoints"});
        QVERIFY2(ran.exitStatus == 1 && ran.out.contains("not the repository's passphrase"), ran.out.constData());
        // Nobody to ask, and no file: said, and nothing is made anew.
        qunsetenv("GANTRY_PASSPHRASE_FILE");
        ran = gantryctl({"checkpoints"});
        QVERIFY2(ran.exitStatus == 1 && ran.out.contains("GANTRY_PASSPHRASE_FILE"), ran.out.constData());
    }

    void aKeyFileAndAPassphrase_isRefused()
    {
        const QString key = m_state->filePath(QStringLiteral("key"));
        QVERIFY(write(key, QByteArray(32, 'k'), QFile::ReadOwner | QFile::WriteOwner));
        const QString words = m_state->filePath(QStringLiteral("words"));
        QVERIFY(write(words, "correct horse\n", QFile::ReadOwner | QFile::WriteOwner));
        qputenv("GANTRY_PASSPHRASE_FILE", words.toLocal8Bit());
        const Ran ran = gantryctl({"repo", "init", "--passphrase", "--key-file", key});
        QVERIFY2(ran.exitStatus == 1 && ran.out.contains("one of them"), ran.out.constData());
        QVERIFY(!QFile::exists(m_state->filePath(QStringLiteral("repository/format"))));
    }

private:
    static bool write(const QString &path, const QByteArray &text, QFile::Permissions permissions)
    {
        QFile file(path);
        return file.open(QIODevice::WriteOnly | QIODevice::Truncate) && file.write(text) == text.size() &&
               file.setPermissions(permissions);
    }
    /// The audit log of a machine without a journal.
    [[nodiscard]] QByteArray recorded() const
    {
        QFile file(m_state->filePath(QStringLiteral("audit.log")));
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }
};

QTEST_GUILESS_MAIN(TestGantryctlStore)
#include "tst_gantryctl_store.moc"
