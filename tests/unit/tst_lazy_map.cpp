// SPDX-License-Identifier: GPL-3.0-or-later
// Which page of an image belongs where, while a process changes its memory; and CRIU's pagemap image.
#include <QtTest>

#include "engine/checkpoint/lazy_map.h"
#include "engine/checkpoint/pagemap_image.h"

#include <map>
#include <random>

using namespace gantry;
using namespace gantry::checkpoint;

namespace {

constexpr std::uint64_t kPage = LazyMap::kPage;
using Parts = std::vector<LazyMap::Part>;

std::string word(std::uint32_t value)
{
    return {reinterpret_cast<const char *>(&value), sizeof value};
}

/// A message of a few bytes, with its size before it.
std::string message(const std::string &bytes)
{
    return word(static_cast<std::uint32_t>(bytes.size())) + bytes;
}

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

    void pagemap_isRead()
    {
        // pages_id 7; three pages at 0x1000 (present, lazy); 2^32 + 1 pages at 0x20000 (present), told in field 5.
        const std::string image = word(0x54564319) + word(0x56084025) + message("\x08\x07") +
                                  message("\x08\x80\x20\x10\x03\x20\x06") +
                                  message(std::string("\x08\x80\x80\x08\x10\x01\x20\x04\x28\x81\x80\x80\x80\x10", 14));
        const auto pagemap = parsePagemap(image, "pagemap-1.img");
        QVERIFY(pagemap);
        QCOMPARE(pagemap->pagesId, 7U);
        QCOMPARE(pagemap->entries.size(), std::size_t{2});
        QCOMPARE(pagemap->entries[0].address, std::uint64_t{0x1000});
        QCOMPARE(pagemap->entries[0].pages, std::uint64_t{3});
        QVERIFY(pagemap->entries[0].lazy && pagemap->entries[0].present);
        QVERIFY(!pagemap->entries[1].lazy && pagemap->entries[1].present);
        QCOMPARE(pagemap->entries[1].pages, (std::uint64_t{1} << 32) + 1);
        for (std::size_t size = 0; size < image.size(); ++size) {
            const auto cut = parsePagemap(std::string_view(image).substr(0, size), "pagemap-1.img");
            QVERIFY(!cut || cut->entries.size() < 2);
        }
    }
};

QTEST_GUILESS_MAIN(TestLazyMap)
#include "tst_lazy_map.moc"
