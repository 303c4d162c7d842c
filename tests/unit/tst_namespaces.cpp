// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include "engine/namespaces/namespaces.h"

#include <algorithm>

#include <unistd.h>

using namespace gantry;
using namespace gantry::namespaces;

class TestNamespaces : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void parseRef_takesTheKernelsFormOnly_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<bool>("good");
        QTest::newRow("net") << QByteArray("net:[4026531840]") << true;
        QTest::newRow("time") << QByteArray("time:[1]") << true;
        QTest::newRow("socket") << QByteArray("socket:[12345]") << false;
        QTest::newRow("children") << QByteArray("pid_for_children:[4]") << false;
        QTest::newRow("zero") << QByteArray("net:[0]") << false;
        QTest::newRow("negative") << QByteArray("net:[-1]") << false;
        QTest::newRow("open") << QByteArray("net:[1") << false;
        QTest::newRow("no inode") << QByteArray("net:[]") << false;
        QTest::newRow("rest") << QByteArray("net:[1] (deleted)") << false;
        QTest::newRow("short") << QByteArray(":[]") << false;
        QTest::newRow("empty") << QByteArray("") << false;
    }
    void parseRef_takesTheKernelsFormOnly()
    {
        QFETCH(QByteArray, text);
        QFETCH(bool, good);
        const auto ref = parseRef(text.toStdString());
        QCOMPARE(ref.has_value(), good);
        if (good)
            QCOMPARE(ref->text(), text.toStdString());
    }

    void typeNames_goBothWays()
    {
        for (const Type type : kTypes)
            QCOMPARE(typeByName(typeName(type)), std::optional(type));
        QCOMPARE(typeByName(""), std::nullopt);
    }

    void parseBindMounts_findsNamespacesOnly()
    {
        const auto mounts = parseBindMounts("36 35 98:0 / / rw,noatime master:1 - ext4 /dev/root rw\n"
                                            "40 36 0:4 net:[4026532999] /run/netns/a\\040b rw shared:5 - nsfs nsfs rw\n"
                                            "41 36 0:4 uts:[77] /run/uts rw - nsfs nsfs rw\n");
        QVERIFY(mounts);
        QCOMPARE(mounts->size(), std::size_t{2});
        QCOMPARE(mounts->front().ref, (Ref{Type::Net, 4026532999}));
        QCOMPARE(mounts->front().mountPoint, std::string("/run/netns/a b"));
        QCOMPARE(mounts->back().ref, (Ref{Type::Uts, 77}));
    }

    void parseBindMounts_refusesOtherShapes_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::newRow("words") << QByteArray("not a mountinfo line\n");
        QTest::newRow("no hyphen") << QByteArray("40 36 0:4 net:[1] /run/x rw shared:5\n");
        QTest::newRow("bad reference") << QByteArray("40 36 0:4 net:1 /run/x rw - nsfs nsfs rw\n");
    }
    void parseBindMounts_refusesOtherShapes()
    {
        QFETCH(QByteArray, text);
        QCOMPARE(parseBindMounts(text.toStdString()).error().posix(), EILSEQ);
    }

    void ofProcess_knowsItselfAndTheGone()
    {
        const auto refs = ofProcess(::getpid());
        QVERIFY(refs);
        QVERIFY(refs->size() >= 6);
        QVERIFY(std::ranges::is_sorted(*refs));
        QCOMPARE(ofProcess(1 << 22, Type::Net).error().posix(), ESRCH);
    }

    void scan_findsOwnNamespacesWithMembers()
    {
        const auto found = scan({});
        QVERIFY(found);
        const auto refs = ofProcess(::getpid());
        QVERIFY(refs);
        for (const Ref ref : *refs) {
            const auto own = std::ranges::find(*found, ref, &Namespace::ref);
            QVERIFY(own != found->end());
            QVERIFY(own->members > 0 && own->firstPid > 0);
        }
        QVERIFY(std::ranges::is_sorted(*found, {}, &Namespace::ref));
    }

    void scan_stops()
    {
        std::stop_source stop;
        stop.request_stop();
        QCOMPARE(scan(stop.get_token()).error().posix(), ECANCELED);
    }
};

QTEST_GUILESS_MAIN(TestNamespaces)
#include "tst_namespaces.moc"
