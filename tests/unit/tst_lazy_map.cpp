// SPDX-License-Identifier: GPL-3.0-or-later
// Which page of an image belongs where, while a process changes its memory.
#include <QtTest>

#include "engine/checkpoint/lazy_map.h"

#include <map>
#include <random>

using namespace gantry::checkpoint;

namespace {

constexpr std::uint64_t kPage = LazyMap::kPage;
using Parts = std::vector<LazyMap::Part>;

} // namespace

class TestLazyMap : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void add_takesNoPageAndNoAddressTwice()
    {
        LazyMap map;
        QVERIFY(map.add({10 * kPage, 0, 4}));
        QVERIFY(map.add({14 * kPage, 4, 2}));
        QVERIFY(!map.add({13 * kPage, 9, 1}));
        QVERIFY(!map.add({9 * kPage, 9, 2}));
        QVERIFY(!map.add({20 * kPage, 5, 1}));
        QVERIFY(!map.add({20 * kPage, 6, 0}));
        QCOMPARE(map.pages(), std::uint64_t{6});
        QVERIFY(map.pageAt(15 * kPage + 17) == std::optional<std::uint64_t>(5));
        QVERIFY(!map.pageAt(16 * kPage));
        QVERIFY(!map.pageAt(9 * kPage));
        QVERIFY(map.partsOf(2, 3) == (Parts{{12 * kPage, 2, 2}, {14 * kPage, 4, 1}}));
    }

    void remove_cutsInTheMiddle()
    {
        LazyMap map;
        QVERIFY(map.add({10 * kPage, 100, 10}));
        map.remove(12 * kPage, 15 * kPage);
        QVERIFY(map.partsOf(0, 1'000) == (Parts{{10 * kPage, 100, 2}, {15 * kPage, 105, 5}}));
        map.remove(0, 11 * kPage);
        QVERIFY(map.partsOf(0, 1'000) == (Parts{{11 * kPage, 101, 1}, {15 * kPage, 105, 5}}));
        map.remove(0, ~std::uint64_t{0});
        QCOMPARE(map.pages(), std::uint64_t{0});
    }

    void move_replacesWhatWasThere()
    {
        LazyMap map;
        QVERIFY(map.add({10 * kPage, 0, 4}));
        QVERIFY(map.add({50 * kPage, 4, 4}));
        map.move(11 * kPage, 52 * kPage, 2 * kPage);
        QVERIFY(map.partsOf(0, 8) ==
                (Parts{{10 * kPage, 0, 1}, {52 * kPage, 1, 2}, {13 * kPage, 3, 1}, {50 * kPage, 4, 2}}));
    }

    /// Against a map that has each page by itself.
    void anything_isAsPageByPage()
    {
        std::mt19937_64 random(11);
        for (int round = 0; round < 200; ++round) {
            LazyMap map;
            std::map<std::uint64_t, std::uint64_t> simple;
            std::uint64_t address = 1;
            std::uint64_t page = 0;
            for (int i = 0; i < 8; ++i) {
                const std::uint64_t count = 1 + random() % 9;
                QVERIFY(map.add({address * kPage, page, count}));
                for (std::uint64_t k = 0; k < count; ++k)
                    simple[address + k] = page + k;
                address += count + random() % 3;
                page += count + random() % 2;
            }
            for (int step = 0; step < 12; ++step) {
                const std::uint64_t from = random() % 90;
                const std::uint64_t length = 1 + random() % 12;
                if (random() % 2 == 0) {
                    map.remove(from * kPage, (from + length) * kPage);
                    for (std::uint64_t k = from; k < from + length; ++k)
                        simple.erase(k);
                    continue;
                }
                const std::uint64_t to = 200 + random() % 60;
                map.move(from * kPage, to * kPage, length * kPage);
                std::map<std::uint64_t, std::uint64_t> moved;
                for (std::uint64_t k = 0; k < length; ++k) {
                    simple.erase(to + k);
                    if (const auto node = simple.extract(from + k))
                        moved[to + k] = node.mapped();
                }
                simple.merge(moved);
            }
            QCOMPARE(map.pages(), std::uint64_t{simple.size()});
            for (std::uint64_t k = 0; k < 300; ++k) {
                const auto found = simple.find(k);
                constexpr std::uint64_t kNone = ~std::uint64_t{0};
                QCOMPARE(map.pageAt(k * kPage).value_or(kNone), found == simple.end() ? kNone : found->second);
            }
            std::uint64_t parts = 0;
            for (const LazyMap::Part &part : map.partsOf(3, 40)) {
                for (std::uint64_t k = 0; k < part.count; ++k, ++parts)
                    QCOMPARE(simple.at(part.address / kPage + k), part.page + k);
            }
            QCOMPARE(parts, static_cast<std::uint64_t>(std::ranges::count_if(
                                simple, [](const auto &one) { return one.second >= 3 && one.second < 43; })));
        }
    }
};

QTEST_GUILESS_MAIN(TestLazyMap)
#include "tst_lazy_map.moc"
