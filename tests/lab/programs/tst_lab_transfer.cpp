// SPDX-License-Identifier: GPL-3.0-or-later
// Checkpoints between Gantry and podman, both ways: an archive of Gantry's that podman restores, archives of podman's
// that Gantry imports, looks into, compares and restores. Runs as root in a guest of the lab; the containers are its
// own and are removed at the end.
#include <QtTest>

#include "engine/base/strings.h"
#include "tests/lab/programs/containers.h"

#include <filesystem>

using namespace gantry;
using lab::gantryctl;
using lab::shell;
using runtime::Json;
namespace fs = std::filesystem;

namespace {

constexpr int kPatience = 120'000; ///< a guest without KVM beside a busy host
constexpr int kCommand = 300;      ///< seconds: podman's own restore took two minutes in there
const std::string kFolder = "/var/tmp/gantry-lab-transfer";
const std::string kName = "lab-transfer";

Json asJson(const std::string &words)
{
    return lab::asJson(words, kCommand);
}

/// The same, again where CRIU or podman did not answer in time: nothing was done then.
Json patiently(const std::string &words)
{
    constexpr int kTries = 5;
    for (int i = 1; i < kTries; ++i) {
        if (Json out = asJson(words); !out.is_null())
            return out;
    }
    return asJson(words);
}

/// The last line it wrote: a word that only its memory has, and a number that grows.
std::string lastLine()
{
    return shell(strCat("podman logs --tail 1 ", kName), false);
}
std::string wordOf(const std::string &line)
{
    std::string_view rest = line;
    return std::string(takeToken(rest));
}
std::int64_t lastCount()
{
    const std::string line = lastLine();
    std::string_view rest = line;
    (void)takeToken(rest);
    return parseI64(takeToken(rest)).value_or(0);
}

} // namespace

class TestLabTransfer : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        lab::startAfresh(kFolder);
        QVERIFY(!QTest::currentTestFailed());
        shell("lab-images", true, false, 300); // the first podman of a boot
    }
    void init()
    {
        lab::tool(strCat("podman run -d --log-driver k8s-file --name ", kName,
                         " localhost/lab:latest /bin/sh -c 'read w < /proc/sys/kernel/random/uuid; i=0; "
                         "while :; do i=$((i+1)); echo $w $i; sleep 0.2; done'"));
        QTRY_VERIFY_WITH_TIMEOUT(lastCount() > 3, kPatience);
        lab::tool(strCat("podman exec ", kName, " sh -c 'echo then > /kept'"));
    }
    void cleanup() { shell(strCat("podman rm -f -t 0 ", kName), false); }
    void cleanupTestCase() { fs::remove_all(kFolder); }

    void ofGantrys_isRestoredByPodman()
    {
        const std::string archive = kFolder + "/ours.tar";
        const std::int64_t before = lastCount();
        const std::string word = wordOf(lastLine());
        const Json saved = patiently(strCat("checkpoint ", kName, " --name ours"));
        QCOMPARE(runtime::textAt(saved, {"checkpoint", "runtime"}), std::string("podman"));
        const Json inside = asJson("inspect ours");
        QVERIFY(runtime::at(inside, {"processes"}).size() >= 1); // the archive was taken apart
        lab::tool(strCat("podman exec ", kName, " sh -c 'echo now > /kept'"));
        const Json given = asJson(strCat("export ours --format podman --output ", archive));
        QVERIFY(runtime::numberAt(given, {"bytes"}) == static_cast<std::int64_t>(fs::file_size(archive)));
        lab::tool(strCat("podman rm -f -t 0 ", kName));
        lab::tool(strCat("podman container restore --import ", archive));
        QCOMPARE(shell(strCat("podman inspect --format '{{.State.Status}}' ", kName)), std::string("running"));
        QCOMPARE(shell(strCat("podman exec ", kName, " cat /kept")), std::string("then"));
        // podman puts its log back, too: what counts is that it goes on in it, from where it was.
        QTRY_VERIFY_WITH_TIMEOUT(lastCount() >= before, kPatience);
        const std::int64_t after = lastCount();
        QTRY_VERIFY_WITH_TIMEOUT(lastCount() > after + 3, kPatience);
        QCOMPARE(wordOf(lastLine()), word);
    }

    void ofPodmans_isImported_lookedInto_restored()
    {
        const std::string early = kFolder + "/theirs.tar.gz";
        const std::string late = kFolder + "/theirs.tar.zst";
        lab::tool(strCat("podman container checkpoint --leave-running --compress gzip --export ", early, " ", kName));
        const std::int64_t then = lastCount();
        QTRY_VERIFY_WITH_TIMEOUT(lastCount() > then + 3, kPatience);
        const std::int64_t before = lastCount();
        const std::string word = wordOf(lastLine());
        lab::tool(strCat("podman container checkpoint --export ", late, " ", kName)); // zstd, and it ends
        lab::tool(strCat("podman rm -f -t 0 ", kName));

        const Json first = asJson("import " + early);
        const Json second = asJson(strCat("import < ", late));
        QCOMPARE(runtime::textAt(second, {"format"}), std::string("podman"));
        const Json &one = runtime::at(second, {"added"}).at(0);
        const std::string id = runtime::textAt(one, {"id"});
        QCOMPARE(runtime::textAt(one, {"subject"}), kName);
        QVERIFY(runtime::numberAt(one, {"processes"}) >= 1);
        // podman's archive tells of neither, unless CRIU's log is in it.
        const std::string criu = runtime::textAt(one, {"criu_version"});
        QVERIFY(criu.empty() || shell("criu --version | head -n 1").find(criu) != std::string::npos);
        QVERIFY(runtime::numberAt(one, {"time_usec"}) > 1'700'000'000'000'000);
        QCOMPARE(runtime::at(asJson("import " + late), {"known"}).size(), std::size_t{1});

        const Json inside = asJson("inspect " + id);
        QVERIFY(runtime::textAt(runtime::at(inside, {"processes"}).at(0), {"comm"}) == "sh");
        QVERIFY(runtime::numberAt(inside, {"saved_bytes"}) > 0);
        const Json differ =
            asJson(strCat("diff ", runtime::textAt(runtime::at(first, {"added"}).at(0), {"id"}), " ", id));
        QVERIFY(runtime::numberAt(differ, {"totals", "pages", "changed"}) > 0);

        const Json back = patiently("restore " + id);
        QVERIFY(runtime::pidAt(back, {"root_pid"}) > 0);
        QCOMPARE(shell(strCat("podman exec ", kName, " cat /kept")), std::string("then"));
        // podman puts its log back, too: what counts is that it goes on in it, from where it was.
        QTRY_VERIFY_WITH_TIMEOUT(lastCount() >= before, kPatience);
        const std::int64_t after = lastCount();
        QTRY_VERIFY_WITH_TIMEOUT(lastCount() > after + 3, kPatience);
        QCOMPARE(wordOf(lastLine()), word);
    }
};

QTEST_GUILESS_MAIN(TestLabTransfer)
#include "tst_lab_transfer.moc"
