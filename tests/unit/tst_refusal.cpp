// SPDX-License-Identifier: GPL-3.0-or-later
// What is told, and kept, of a run that CRIU refused.
#include <QDir>
#include <QTemporaryDir>
#include <QtTest>

#include "engine/base/fd.h"
#include "engine/base/strings.h"
#include "engine/checkpoint/refusal.h"

#include <sys/stat.h>

using namespace gantry;
using namespace gantry::checkpoint;

namespace {

constexpr std::string_view kLog = "(00.010) Something before it\n"
                                  "(00.020) Error (criu/files.c:1): Can't do it: no reason known\n"
                                  "(00.030) Error (criu/cr-dump.c:2): Dumping FAILED.\n";

} // namespace

class TestRefusal : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void report_hasAllOfIt_andTheErrorNamesIt()
    {
        const QTemporaryDir state;
        const std::vector<std::string> options{"tcp-established", "ghost-limit=4194304"};
        const std::vector<Finding> findings{
            {.cause = Cause::IoUring, .object = "fd 14 of pid 812 (node)", .value = {}, .pid = 812}};
        const Error error = refusalOf(EIO,
                                      {.op = "checkpoint",
                                       .subject = "pid 812",
                                       .stateFolder = state.path().toStdString(),
                                       .options = options,
                                       .findings = findings},
                                      kLog, "it gave up")
                                .error();
        QCOMPARE(error.posix(), EIO);
        QVERIFY2(error.detail.find("Can't do it: no reason known") != std::string::npos, error.detail.c_str());
        const QDir reports(state.filePath(QStringLiteral("reports")));
        const QStringList names = reports.entryList(QDir::Files);
        QCOMPARE(names.size(), 1);
        const std::string path = reports.filePath(names.front()).toStdString();
        QVERIFY2(error.remedy.find(path) != std::string::npos, error.remedy.c_str());
        const std::string text = readFile(path).value_or("");
        for (const std::string_view part :
             {std::string_view("checkpoint of pid 812"), std::string_view("tcp-established ghost-limit=4194304"),
              std::string_view("io-uring: fd 14 of pid 812 (node)"), kLog})
            QVERIFY2(text.find(part) != std::string::npos, text.c_str());
        struct stat facts
        {};
        QCOMPARE(::stat(path.c_str(), &facts), 0);
        QCOMPARE(facts.st_mode & 0777U, 0600U);
    }

    void onlyTheNewestReportsStay()
    {
        const QTemporaryDir state;
        std::string last;
        for (std::size_t i = 0; i < kMostReports + 5; ++i) {
            last = refusalOf(EIO, {.op = "restore", .subject = "images", .stateFolder = state.path().toStdString()},
                             kLog, "it gave up")
                       .error()
                       .remedy;
        }
        const QDir reports(state.filePath(QStringLiteral("reports")));
        const QStringList names = reports.entryList(QDir::Files, QDir::Name);
        QCOMPARE(names.size(), static_cast<qsizetype>(kMostReports));
        QVERIFY2(last.find(names.back().toStdString()) != std::string::npos, last.c_str());
    }

    void hugeLog_isKeptByItsEnd()
    {
        const QTemporaryDir state;
        const std::string log = strCat(std::string(kMostReportedLog, 'x'), "\n", kLog);
        (void)refusalOf(EIO, {.op = "restore", .subject = "images", .stateFolder = state.path().toStdString()}, log,
                        "");
        const QDir reports(state.filePath(QStringLiteral("reports")));
        const std::string text =
            readFile(reports.filePath(reports.entryList(QDir::Files).value(0)).toStdString()).value_or("");
        QVERIFY(text.size() < kMostReportedLog + 4'096);
        QVERIFY(text.ends_with(kLog));
    }

    void whereNoneCanBeWritten_noneIsNamed()
    {
        for (const char *folder : {"", "/proc/self/no-such"}) {
            const Error error =
                refusalOf(EPIPE, {.op = "restore", .subject = "images", .stateFolder = folder}, "", "it was killed")
                    .error();
            QCOMPARE(error.posix(), EPIPE);
            QCOMPARE(error.detail, std::string("it was killed"));
            QCOMPARE(error.remedy, std::string());
        }
    }
};

QTEST_GUILESS_MAIN(TestRefusal)
#include "tst_refusal.moc"
