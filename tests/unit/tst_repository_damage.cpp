// SPDX-License-Identifier: GPL-3.0-or-later
// Bits that flip, rows that vanish: found and named, and never read back as content.
#include <QtTest>

#include "engine/base/strings.h"
#include "engine/repository/store.h"
#include "tests/support/repository_fixture.h"

#include <sqlite3.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <set>

#include <fcntl.h>
#include <unistd.h>

using namespace gantry;
using namespace gantry::repository;
using namespace gantry::test;
namespace fs = std::filesystem;

namespace {

constexpr int kPackFlips = 100;
constexpr int kCatalogueFlips = 200;

/// Three checkpoints that share some of their content.
struct Made
{
    std::map<CheckpointId, Contents> contents;
};

Made make(const std::string &path, const StoreOptions &options)
{
    Made out;
    auto store = Store::create(path, options);
    GANTRY_ASSERT(store.has_value());
    Contents contents{{"pages-1.img", {StreamKind::Pages, noise(1, 300'000)}},
                      {"core.img", {StreamKind::Bytes, noise(2, 2'000)}}};
    for (std::uint64_t i = 0; i < 3; ++i) {
        dirty(contents.at("pages-1.img").bytes, i, 0.2);
        const auto id = save(*store, contents, manifestNamed(strCat("tick-", i)));
        GANTRY_ASSERT(id.has_value());
        out.contents[*id] = contents;
    }
    return out;
}

/// Turns one bit of a file while it lives.
class FlippedBit
{
public:
    FlippedBit(const std::string &path, std::uint64_t byte, unsigned bit)
        : m_fd(::open(path.c_str(), O_RDWR | O_CLOEXEC)), m_byte(static_cast<off_t>(byte)), m_mask(1U << bit)
    {
        turn();
    }
    FlippedBit(const FlippedBit &) = delete;
    FlippedBit &operator=(const FlippedBit &) = delete;
    ~FlippedBit()
    {
        turn();
        ::close(m_fd);
    }

private:
    void turn() const
    {
        unsigned char value = 0;
        GANTRY_ASSERT(::pread(m_fd, &value, 1, m_byte) == 1);
        value = static_cast<unsigned char>(value ^ m_mask);
        GANTRY_ASSERT(::pwrite(m_fd, &value, 1, m_byte) == 1);
    }
    int m_fd;
    off_t m_byte;
    unsigned m_mask;
};

/// Everything of a checkpoint is right, or its reading fails. @return how many are right; -1: wrong content came.
int rightOnes(const Store &store, const Made &made)
{
    int out = 0;
    for (const auto &[id, contents] : made.contents) {
        const auto back = loadAll(store, id);
        if (back && *back != contents)
            return -1;
        out += back ? 1 : 0;
    }
    return out;
}

/// What the sink got before a reading failed is the beginning of what was written.
bool deliversNothingWrong(const Store &store, const Made &made)
{
    for (const auto &[id, contents] : made.contents) {
        for (const auto &[name, content] : contents) {
            ByteVector got;
            static_cast<void>(store.read(id, name, [&got](ByteView bytes) -> Result<> {
                got.insert(got.end(), bytes.begin(), bytes.end());
                return {};
            }));
            if (got.size() > content.bytes.size() || !std::equal(got.begin(), got.end(), content.bytes.begin()))
                return false;
        }
    }
    return true;
}

StoreOptions optionsFor(const QString &key, const QTemporaryDir &dir, bool write)
{
    StoreOptions out = smallOptions();
    out.write = write;
    if (key == QStringLiteral("file")) {
        const std::string path = dir.filePath(QStringLiteral("key")).toStdString();
        if (!fs::exists(path))
            std::ofstream(path) << std::string(40, 'k');
        out.key = KeyFile{path};
    }
    return out;
}

void runSql(const std::string &path, const char *sql)
{
    sqlite3 *handle = nullptr;
    GANTRY_ASSERT(sqlite3_open((path + "/catalogue.sqlite").c_str(), &handle) == SQLITE_OK);
    GANTRY_ASSERT(sqlite3_exec(handle, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
    GANTRY_ASSERT(sqlite3_close(handle) == SQLITE_OK);
}

bool names(const CheckReport &report, const std::string &word)
{
    return std::ranges::any_of(report.damages, [&word](const Damage &damage) {
        return damage.object.find(word) != std::string::npos || damage.text.find(word) != std::string::npos;
    });
}

} // namespace

class TestRepositoryDamage : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void flippedBitInPack_isFoundAndNamed_data()
    {
        QTest::addColumn<QString>("key");
        QTest::newRow("plain") << QStringLiteral("none");
        QTest::newRow("encrypted") << QStringLiteral("file");
    }
    void flippedBitInPack_isFoundAndNamed()
    {
        QFETCH(const QString, key);
        const QTemporaryDir dir;
        const std::string path = dir.filePath(QStringLiteral("repo")).toStdString();
        const Made made = make(path, optionsFor(key, dir, true));
        std::vector<fs::path> packs;
        for (const auto &entry : fs::directory_iterator(path + "/packs"))
            packs.push_back(entry.path());
        std::mt19937_64 random(11);
        int touched = 0;
        for (int i = 0; i < kPackFlips; ++i) {
            const fs::path &pack = packs[random() % packs.size()];
            // The first ones at the head of the pack and of its first block.
            const std::uint64_t byte = i < 40 ? static_cast<std::uint64_t>(i) : random() % fs::file_size(pack);
            const FlippedBit flip(pack.string(), byte, static_cast<unsigned>(random() % 8));
            const auto store = Store::open(path, optionsFor(key, dir, false));
            GANTRY_VERIFY(store);
            const auto report = store->check();
            GANTRY_VERIFY(report);
            QVERIFY2(names(*report, pack.filename().string()), qPrintable(QStringLiteral("byte %1").arg(byte)));
            const int right = rightOnes(*store, made);
            QVERIFY(right >= 0);
            QVERIFY(deliversNothingWrong(*store, made));
            std::set<CheckpointId> named;
            for (const Damage &damage : report->damages)
                named.insert(damage.checkpoints.begin(), damage.checkpoints.end());
            QCOMPARE(static_cast<int>(made.contents.size()) - right, static_cast<int>(named.size()));
            touched += named.empty() ? 0 : 1;
        }
        QVERIFY(touched > kPackFlips / 2);
        const auto store = Store::open(path, optionsFor(key, dir, true));
        GANTRY_VERIFY(store);
        QCOMPARE(store->check()->damages.size(), std::size_t{0});
        QCOMPARE(rightOnes(*store, made), 3);
    }

    void flippedBitInCatalogue_isFoundOrHarmless_data() { flippedBitInPack_isFoundAndNamed_data(); }
    void flippedBitInCatalogue_isFoundOrHarmless()
    {
        QFETCH(const QString, key);
        const QTemporaryDir dir;
        const std::string path = dir.filePath(QStringLiteral("repo")).toStdString();
        const std::string broken = dir.filePath(QStringLiteral("broken")).toStdString();
        const Made made = make(path, optionsFor(key, dir, true));
        QVERIFY(!fs::exists(path + "/catalogue.sqlite-wal"));
        // Where something stands: most of so small a file is free space.
        std::ifstream in(path + "/catalogue.sqlite", std::ios::binary);
        const std::string all{std::istreambuf_iterator<char>(in), {}};
        std::vector<std::uint64_t> used;
        for (std::size_t i = 0; i < all.size(); ++i) {
            if (all[i] != 0)
                used.push_back(i);
        }
        std::mt19937_64 random(5);
        int found = 0;
        for (int i = 0; i < kCatalogueFlips; ++i) {
            fs::remove_all(broken);
            fs::copy(path, broken, fs::copy_options::recursive);
            const std::string file = broken + "/catalogue.sqlite";
            const std::uint64_t byte = used[random() % used.size()];
            const unsigned bit = static_cast<unsigned>(random() % 8);
            {
                // Lasts: who writes then works on it. Turned back by nobody.
                std::fstream io(file, std::ios::in | std::ios::out | std::ios::binary);
                io.seekg(static_cast<std::streamoff>(byte));
                const int value = io.get() ^ (1 << bit);
                io.seekp(static_cast<std::streamoff>(byte));
                io.put(static_cast<char>(value));
            }
            const QByteArray where = QStringLiteral("byte %1 bit %2").arg(byte).arg(bit).toUtf8();
            auto store = Store::open(broken, optionsFor(key, dir, true));
            if (!store) {
                ++found;
                QVERIFY2(store.error().posix() != ENOENT, where.constData());
                continue;
            }
            const auto report = store->check();
            GANTRY_VERIFY(report);
            const int right = rightOnes(*store, made);
            QVERIFY2(right >= 0, where.constData());
            QVERIFY2(right == 3 || !report->damages.empty(), where.constData());
            found += report->damages.empty() ? 0 : 1;
            // A collection on it takes nothing that could be read before.
            static_cast<void>(store->collect(0.0));
            QVERIFY2(rightOnes(*store, made) >= right, where.constData());
        }
        // The rest are texts of the schema and numbers that SQLite does not look at.
        QVERIFY2(found > kCatalogueFlips * 3 / 4, qPrintable(QString::number(found)));
    }

    void flippedBitInFormat_isFound()
    {
        const QTemporaryDir dir;
        const std::string path = dir.filePath(QStringLiteral("repo")).toStdString();
        static_cast<void>(make(path, optionsFor(QStringLiteral("file"), dir, true)));
        for (std::uint64_t byte = 0; byte < fs::file_size(path + "/format"); ++byte) {
            const FlippedBit flip(path + "/format", byte, byte % 8);
            const auto store = Store::open(path, optionsFor(QStringLiteral("file"), dir, false));
            if (store) // a blank between two words
                QCOMPARE(store->check()->damages.size(), std::size_t{0});
            else
                QVERIFY(store.error().posix() == EBADMSG || store.error().posix() == ENOTSUP);
        }
    }

    void lostCheckpoint_isFound_andNothingCollected()
    {
        const QTemporaryDir dir;
        const std::string path = dir.filePath(QStringLiteral("repo")).toStdString();
        const Made made = make(path, smallOptions());
        runSql(path, "DELETE FROM checkpoint WHERE sequence = 2");
        auto store = Store::open(path, smallOptions());
        GANTRY_VERIFY(store);
        const auto listing = store->list();
        GANTRY_VERIFY(listing);
        QCOMPARE(listing->checkpoints.size(), std::size_t{2});
        QCOMPARE(listing->damages.size(), std::size_t{1});
        QVERIFY(!store->check()->damages.empty());
        QCOMPARE(store->collect(0.0).error().posix(), EBADMSG);
        // It stays found whatever is done after.
        GANTRY_VERIFY(save(*store, {}, manifestNamed("later")));
        GANTRY_VERIFY(store->remove(*store->find("later")));
        QCOMPARE(store->list()->damages.size(), std::size_t{1});
        QCOMPARE(rightOnes(*store, made), 2);
    }

    void brokenCheckpoint_canBeRemoved()
    {
        const QTemporaryDir dir;
        const std::string path = dir.filePath(QStringLiteral("repo")).toStdString();
        const Made made = make(path, smallOptions());
        runSql(path, "UPDATE checkpoint SET body = substr(body, 1, 50) WHERE sequence = 2");
        auto store = Store::open(path, smallOptions());
        GANTRY_VERIFY(store);
        const auto listing = store->list();
        QCOMPARE(listing->checkpoints.size(), std::size_t{2});
        QCOMPARE(listing->damages.size(), std::size_t{1});
        QCOMPARE(listing->damages[0].checkpoints.size(), std::size_t{1});
        const CheckpointId id = listing->damages[0].checkpoints[0];
        QCOMPARE(store->manifest(id).error().posix(), EBADMSG);
        QCOMPARE(store->collect(0.0).error().posix(), EBADMSG);
        GANTRY_VERIFY(store->remove(id));
        QCOMPARE(store->list()->damages.size(), std::size_t{0});
        GANTRY_VERIFY(store->collect(0.0));
        QCOMPARE(store->check()->damages.size(), std::size_t{0});
        QCOMPARE(rightOnes(*store, made), 2);
    }

    void swappedRows_areFound_data()
    {
        QTest::addColumn<QByteArray>("sql");
        QTest::newRow("places of two blocks")
            << QByteArray("UPDATE block SET offset = (SELECT offset FROM block WHERE number = 3) WHERE number = 2");
        QTest::newRow("pieces of two blocks")
            << QByteArray("UPDATE block SET pieces = (SELECT pieces FROM block WHERE number = 3) WHERE number = 2");
        QTest::newRow("a block is gone") << QByteArray("DELETE FROM block WHERE number = 2");
        QTest::newRow("a pack is gone") << QByteArray("DELETE FROM pack WHERE number = 1");
        QTest::newRow("bodies of two checkpoints") << QByteArray(
            "UPDATE checkpoint SET body = (SELECT body FROM checkpoint WHERE sequence = 3) WHERE sequence = 1");
        QTest::newRow("labels of two checkpoints") << QByteArray(
            "UPDATE checkpoint SET labels = (SELECT labels FROM checkpoint WHERE sequence = 3) WHERE sequence = 1");
    }
    void swappedRows_areFound()
    {
        QFETCH(const QByteArray, sql);
        const QTemporaryDir dir;
        const std::string path = dir.filePath(QStringLiteral("repo")).toStdString();
        const Made made = make(path, smallOptions());
        runSql(path, sql.constData());
        auto store = Store::open(path, smallOptions());
        GANTRY_VERIFY(store);
        QVERIFY(!store->check()->damages.empty());
        QVERIFY(rightOnes(*store, made) >= 0);
        QVERIFY(fs::exists(path + "/packs/0000000000000001.pack")); // nothing was thrown away
        GANTRY_VERIFY(save(*store, made.contents.begin()->second, manifestNamed("later")));
    }

    void packsCutShortOrGone_areNamed()
    {
        const QTemporaryDir dir;
        const std::string path = dir.filePath(QStringLiteral("repo")).toStdString();
        StoreOptions options = smallOptions();
        options.packBytes = 1 << 20; // there is room in it
        const Made made = make(path, options);
        const std::string pack = path + "/packs/0000000000000001.pack";
        const std::uintmax_t size = fs::file_size(pack) - 10;
        fs::resize_file(pack, size);
        {
            auto store = Store::open(path, options);
            GANTRY_VERIFY(store);
            const auto report = store->check();
            GANTRY_VERIFY(report);
            QVERIFY(names(*report, pack));
            QVERIFY(rightOnes(*store, made) >= 0);
            GANTRY_VERIFY(save(*store, {{"a", {StreamKind::Bytes, noise(77, 9'000)}}}, manifestNamed("later")));
            QCOMPARE(fs::file_size(pack), size); // it is neither written to nor cut
            QVERIFY(fs::exists(path + "/packs/0000000000000002.pack"));
        }
        fs::remove(pack);
        auto store = Store::open(path, options);
        GANTRY_VERIFY(store);
        QVERIFY(names(*store->check(), pack));
        QVERIFY(rightOnes(*store, made) >= 0);
    }

    void noCatalogue_isSaid()
    {
        const QTemporaryDir dir;
        const std::string path = dir.filePath(QStringLiteral("repo")).toStdString();
        static_cast<void>(make(path, smallOptions()));
        fs::remove(path + "/catalogue.sqlite");
        const auto gone = Store::open(path, smallOptions());
        QCOMPARE(gone.error().posix(), ENOENT);
        QVERIFY(gone.error().subject.ends_with("catalogue.sqlite"));
        std::ofstream(path + "/catalogue.sqlite") << std::string(5'000, 'x');
        QCOMPARE(Store::open(path, smallOptions()).error().posix(), EBADMSG);
    }
};

QTEST_GUILESS_MAIN(TestRepositoryDamage)
#include "tst_repository_damage.moc"
