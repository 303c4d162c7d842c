// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include "engine/checkpoint/criu_run.h"
#include "engine/checkpoint/placement.h"

using namespace gantry;
using namespace gantry::checkpoint;

namespace {

const std::vector<Place> kPlaces{{812, 0, "/a b/c"}, {813, 1, "/"}};

} // namespace

class TestCriuRun : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void parseDumpStats_data()
    {
        QTest::addColumn<QByteArray>("image");
        QTest::addColumn<bool>("good");
        const QByteArray magic("\x40\x59\x10\x55\x06\x33\x09\x57", 8);
        // dump { freezing 300 us, frozen 400 us, memory 5 us and 6 us, 7 pages looked at, none of a parent, 9 written }
        const QByteArray dump("\x08\xac\x02\x10\x90\x03\x18\x05\x20\x06\x28\x07\x30\x00\x38\x09", 16);
        const QByteArray entry = QByteArray("\x0a\x10", 2) + dump;
        QTest::newRow("real shape") << magic + QByteArray("\x12\0\0\0", 4) + entry << true;
        QTest::newRow("empty") << QByteArray() << false;
        QTest::newRow("other image") << QByteArray(12, 'x') + entry << false;
        QTest::newRow("cut") << magic + QByteArray("\x12\0\0\0", 4) + entry.left(9) << false;
        QTest::newRow("length beyond the end") << magic + QByteArray("\xff\xff\xff\xff", 4) + entry << false;
        QTest::newRow("of a restore") << magic + QByteArray("\x02\0\0\0\x12\0", 6) << false;
    }
    void parseDumpStats()
    {
        QFETCH(QByteArray, image);
        QFETCH(bool, good);
        const auto stats = checkpoint::parseDumpStats(image.toStdString());
        QCOMPARE(stats.has_value(), good);
        if (!good) {
            QCOMPARE(stats.error().posix(), EILSEQ);
            return;
        }
        QCOMPARE(stats->freezing.count(), 300);
        QCOMPARE(stats->frozen.count(), 400);
        QCOMPARE(stats->pagesScanned, 7u);
        QCOMPARE(stats->pagesWritten, 9u);
    }

    void places_areReadBackAsWritten() { QCOMPARE(*parsePlaces(placesText(kPlaces)), kPlaces); }
    void parsePlaces_refuses_data()
    {
        QTest::addColumn<QByteArray>("text");
        for (const char *text : {"x 0 /a\n", "812 16 /a\n", "0 0 /a\n", "812 0 a\n", "812 0\n", "99999999999 0 /\n"})
            QTest::newRow(text) << QByteArray(text);
    }
    void parsePlaces_refuses()
    {
        QFETCH(QByteArray, text);
        QCOMPARE(parsePlaces(text.toStdString()).error().posix(), EILSEQ);
    }
};

QTEST_GUILESS_MAIN(TestCriuRun)
#include "tst_criu_run.moc"
