// SPDX-License-Identifier: GPL-3.0-or-later
// Bringing gantryd to a host, by a real sshd into a folder of the test's own; what fails leaves nothing behind.
#include <QtTest>

#include "app/link/install.h"
#include "tests/support/own_sshd.h"

#include <QDir>
#include <QFileInfo>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>

#include <optional>

using namespace gantry;

class TestHostInstall : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        m_sshd.emplace();
        qputenv("GANTRY_SSH", m_sshd->ssh());
    }
    void cleanupTestCase()
    {
        QTRY_VERIFY(m_sshd->sessions().empty());
        m_sshd.reset();
    }
    void init()
    {
        // A folder that has to be made, by a name that a shell must not split.
        m_there.emplace();
        m_prefix = m_there->filePath(QStringLiteral("it's there"));
    }

    void install_twice_secondFindsItThere()
    {
        for (const bool again : {false, true}) {
            QProcess process;
            process.start(QStringLiteral(GANTRYCTL),
                          {"--json", "host", "install", m_sshd->destination(), "--prefix", m_prefix});
            QVERIFY(process.waitForFinished(60'000));
            QVERIFY2(process.exitCode() == 0, process.readAllStandardError().constData());
            const QJsonObject done = QJsonDocument::fromJson(process.readAllStandardOutput()).object();
            QCOMPARE(done["was_there"].toBool(), again);
            QCOMPARE(done["path"].toString(), m_prefix + "/bin/gantryd");
            QVERIFY(!done["in_path"].toBool());
            QCOMPARE(done["version"].toString(), QStringLiteral(GANTRY_VERSION));
            QVERIFY(done["service"].isNull() != done["no_service"].isNull());
        }
        QCOMPARE(names(), (QStringList{"gantry-keeper", "gantryd"}));
    }

    void failure_leavesWhatWasThere_data()
    {
        QTest::addColumn<QByteArray>("gantryd");
        QTest::addColumn<QByteArray>("part");
        QTest::addColumn<int>("error");
        QTest::newRow("does not run") << QByteArray("#!/bin/sh\necho 'GLIBC_9.9 not found' >&2\nexit 1\n")
                                      << QByteArray("does not run there: GLIBC_9.9 not found") << ENOEXEC;
        QTest::newRow("is another program") << QByteArray("#!/bin/sh\necho hello\n") << QByteArray("does not run there")
                                            << ENOEXEC;
        QFile sh(QStringLiteral("/bin/true"));
        QVERIFY(sh.open(QIODevice::ReadOnly));
        QTest::newRow("library is missing") << sh.readAll().replace(QByteArray("libc.so.6\0", 10), QByteArray("libx.so.6\0", 10))
                                            << QByteArray("missing there: libx.so.6") << ENOEXEC;
    }
    void failure_leavesWhatWasThere()
    {
        QFETCH(const QByteArray, gantryd);
        QFETCH(const QByteArray, part);
        QFETCH(const int, error);
        const QTemporaryDir from;
        write(from.filePath(QStringLiteral("gantryd")), gantryd);
        write(from.filePath(QStringLiteral("gantry-keeper")), "new\n");
        QVERIFY(QDir().mkpath(m_prefix + "/bin"));
        write(m_prefix + "/bin/gantryd", "old\n");
        const auto done = install(from.path());
        QVERIFY(!done);
        const std::string told = done.error().message();
        QVERIFY2(told.contains(part.toStdString()), told.c_str());
        QCOMPARE(done.error().posix(), error);
        QCOMPARE(names(), QStringList{"gantryd"});
        QFile old(m_prefix + "/bin/gantryd");
        QVERIFY(old.open(QIODevice::ReadOnly));
        QCOMPARE(old.readAll(), QByteArray("old\n"));
    }

    void secondProgram_cannotBePutInPlace_firstIsTakenBack()
    {
        const QTemporaryDir from;
        write(from.filePath(QStringLiteral("gantryd")), "#!/bin/sh\necho gantryd 9\n");
        write(from.filePath(QStringLiteral("gantry-keeper")), "new\n");
        // A folder of its name stands where the program is to go, and cannot be copied as one.
        QVERIFY(QDir().mkpath(m_prefix + "/bin/gantryd/full"));
        write(m_prefix + "/bin/gantry-keeper", "old\n");
        const auto done = install(from.path());
        QVERIFY(!done);
        QCOMPARE(names(), (QStringList{"gantry-keeper", "gantryd"}));
        QFile keeper(m_prefix + "/bin/gantry-keeper");
        QVERIFY(keeper.open(QIODevice::ReadOnly));
        QCOMPARE(keeper.readAll(), QByteArray("old\n"));
    }

    void here_nothingToBring_isSaid()
    {
        const QTemporaryDir from;
        const auto done = install(from.path());
        QVERIFY(!done);
        QVERIFY(done.error().message().contains("gantryd") && done.error().remedy.contains("install all of Gantry"));
        QVERIFY(!QFileInfo::exists(m_prefix));
    }

    void prefix_cannotBeWritten_changesNothing()
    {
        m_prefix = QStringLiteral("/proc/gantry");
        const auto done = install(QFileInfo(QStringLiteral(GANTRYD)).path());
        QVERIFY(!done);
        QVERIFY2(done.error().message().contains("nothing was changed: mkdir"), done.error().message().c_str());
    }

private:
    [[nodiscard]] Result<link::Installed> install(const QString &from) const
    {
        link::InstallOptions options;
        options.prefix = m_prefix.toStdString();
        options.from = from.toStdString();
        options.dial.mayAsk = false;
        const auto destination = link::parseDestination(m_sshd->destination().toStdString());
        return link::install(*destination, options);
    }
    [[nodiscard]] QStringList names() const
    {
        return QDir(m_prefix + "/bin").entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot, QDir::Name);
    }
    static void write(const QString &path, const QByteArray &text)
    {
        QFile file(path);
        if (!file.open(QIODevice::WriteOnly) || file.write(text) != text.size())
            qFatal("%s", qPrintable(path));
        file.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
    }

    std::optional<test::OwnSshd> m_sshd;
    std::optional<QTemporaryDir> m_there;
    QString m_prefix;
};

QTEST_GUILESS_MAIN(TestHostInstall)
#include "tst_host_install.moc"
