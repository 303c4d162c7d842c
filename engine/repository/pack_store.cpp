// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/repository/pack_store.h"

#include "engine/base/strings.h"

#include <algorithm>
#include <charconv>

#include <sys/stat.h>

namespace gantry::repository {

namespace {

constexpr std::size_t kMostOpen = 64;
/// Bytes of a pack that the kernel is asked to write at a time.
constexpr std::uint64_t kStartSync = std::uint64_t{4} << 20;
constexpr std::string_view kMagic = "GNTRPACK";
constexpr std::string_view kSuffix = ".pack";
constexpr std::size_t kDigits = 16;

ByteVector headOf(std::uint64_t number)
{
    ByteVector out;
    append(out, viewOf(kMagic));
    putFixed64(out, number);
    return out;
}

/// @return 0: no pack's name.
std::uint64_t numberOf(std::string_view file)
{
    std::uint64_t out = 0;
    if (file.size() != kDigits + kSuffix.size() || !file.ends_with(kSuffix))
        return 0;
    const char *end = file.data() + kDigits;
    const auto parsed = std::from_chars(file.data(), end, out, 16);
    return parsed.ec == std::errc{} && parsed.ptr == end ? out : 0;
}

Result<std::uint64_t> sizeOf(int fd, const std::string &path)
{
    struct stat facts{};
    if (::fstat(fd, &facts) != 0)
        return failErrno("fstat", path);
    return static_cast<std::uint64_t>(facts.st_size);
}

} // namespace

std::string packName(std::uint64_t number)
{
    ByteVector bytes;
    for (unsigned shift = 64; shift > 0; shift -= 8)
        bytes.push_back(static_cast<std::byte>(number >> (shift - 8) & 0xFF));
    return strCat(kPackFolder, '/', hexOf(bytes), kSuffix);
}

Result<> PackStore::recover(const std::vector<PackRow> &rows, const std::map<std::uint64_t, std::uint64_t> &ends,
                            bool unsure)
{
    const std::scoped_lock lock(m_mutex);
    m_known.clear();
    for (const PackRow &row : rows) {
        const auto end = ends.find(row.number);
        const bool agrees = !unsure && row.length == (end == ends.end() ? kPackHead : end->second);
        m_known[row.number] = {row.length, false, agrees};
    }
    for (const std::string &file : GANTRY_TRY(m_disk.list(kPackFolder))) {
        const std::uint64_t number = numberOf(file);
        if (number == 0)
            continue;
        m_next = std::max(m_next, number + 1);
        const std::string name = packName(number);
        const auto known = m_known.find(number);
        if (known == m_known.end()) {
            // Of a checkpoint that was not committed, or collected but not removed any more.
            if (!unsure && !ends.contains(number))
                GANTRY_CHECK(m_disk.unlink(name));
            continue;
        }
        const UniqueFd fd = GANTRY_TRY(m_disk.open(name, O_RDWR));
        const std::uint64_t size = GANTRY_TRY(sizeOf(fd.get(), m_disk.pathOf(name)));
        known->second.sound = known->second.sound && size >= known->second.committed;
        if (known->second.sound && size > known->second.committed)
            GANTRY_CHECK(m_disk.truncate(fd.get(), name, known->second.committed));
    }
    for (const auto &[number, known] : m_known)
        m_next = std::max(m_next, number + 1);
    return {};
}

Result<std::unique_ptr<PackStore::Claim>> PackStore::claimNew()
{
    auto out = std::make_unique<Claim>();
    out->number = m_next++;
    out->name = packName(out->number);
    out->fresh = true;
    out->fd = GANTRY_TRY(m_disk.create(out->name));
    out->committed = out->end = kPackHead;
    if (auto written = m_disk.writeAt(out->fd.get(), out->name, 0, headOf(out->number)); !written) {
        static_cast<void>(m_disk.unlink(out->name));
        return std::unexpected(std::move(written).error());
    }
    m_known[out->number] = {kPackHead, true, true};
    return out;
}

Result<std::unique_ptr<PackStore::Claim>> PackStore::claim()
{
    const std::scoped_lock lock(m_mutex);
    const auto usable = std::find_if(m_known.rbegin(), m_known.rend(), [this](const auto &entry) {
        return entry.second.sound && !entry.second.claimed && entry.second.committed < m_packBytes;
    });
    if (usable == m_known.rend())
        return claimNew();
    auto out = std::make_unique<Claim>();
    out->number = usable->first;
    out->name = packName(out->number);
    out->committed = out->end = out->begun = usable->second.committed;
    out->fd = GANTRY_TRY(m_disk.open(out->name, O_RDWR));
    if (GANTRY_TRY(sizeOf(out->fd.get(), m_disk.pathOf(out->name))) != out->committed)
        GANTRY_CHECK(m_disk.truncate(out->fd.get(), out->name, out->committed));
    usable->second.claimed = true;
    return out;
}

void PackStore::keep(std::unique_ptr<Claim> claim, std::uint64_t length)
{
    const std::scoped_lock lock(m_mutex);
    m_known[claim->number] = {length, false, true};
}

void PackStore::abandon(std::unique_ptr<Claim> claim)
{
    const std::scoped_lock lock(m_mutex);
    if (claim->fresh) {
        static_cast<void>(m_disk.unlink(claim->name));
        m_known.erase(claim->number);
        return;
    }
    static_cast<void>(m_disk.truncate(claim->fd.get(), claim->name, claim->committed));
    m_known[claim->number].claimed = false;
}

void PackStore::leave(std::unique_ptr<Claim> claim)
{
    const std::scoped_lock lock(m_mutex);
    m_known[claim->number] = {claim->committed, true, false};
}

bool PackStore::reserve(std::uint64_t number)
{
    const std::scoped_lock lock(m_mutex);
    const auto known = m_known.find(number);
    if (known == m_known.end() || known->second.claimed)
        return false;
    known->second.claimed = true;
    return true;
}

void PackStore::giveBack(std::uint64_t number)
{
    const std::scoped_lock lock(m_mutex);
    if (const auto known = m_known.find(number); known != m_known.end())
        known->second.claimed = false;
}

Result<> PackStore::remove(std::uint64_t number)
{
    const std::scoped_lock lock(m_mutex);
    m_known.erase(number);
    m_open.erase(number);
    return m_disk.unlink(packName(number));
}

Result<std::shared_ptr<const UniqueFd>> PackStore::opened(std::uint64_t number) const
{
    const std::scoped_lock lock(m_mutex);
    if (const auto at = m_open.find(number); at != m_open.end())
        return at->second;
    auto fd = std::make_shared<const UniqueFd>(GANTRY_TRY(m_disk.open(packName(number), O_RDONLY)));
    if (m_open.size() >= kMostOpen)
        m_open.erase(m_open.begin());
    m_open[number] = fd;
    return fd;
}

Result<> PackStore::read(std::uint64_t number, std::uint64_t offset, std::span<std::byte> to) const
{
    const auto fd = GANTRY_TRY(opened(number));
    return m_disk.readAt(fd->get(), packName(number), offset, to);
}

void PackStore::forget(std::uint64_t number) const
{
    const std::scoped_lock lock(m_mutex);
    m_open.erase(number);
}

Result<PackStore::Look> PackStore::look(std::uint64_t number) const
{
    const auto fd = GANTRY_TRY(opened(number));
    const std::string name = packName(number);
    Look out;
    out.size = GANTRY_TRY(sizeOf(fd->get(), m_disk.pathOf(name)));
    ByteVector head(kPackHead);
    out.headGood = m_disk.readAt(fd->get(), name, 0, head) && head == headOf(number);
    return out;
}

PackAppender::~PackAppender()
{
    for (auto &claim : m_claims)
        m_packs.abandon(std::move(claim));
}

Result<PackAppender::Place> PackAppender::append(ByteView record)
{
    PackStore::Claim *claim = nullptr;
    Place out;
    {
        const std::scoped_lock lock(m_mutex);
        if (m_claims.empty() || m_claims.back()->end >= m_packs.packBytes()) {
            m_claims.push_back(GANTRY_TRY(m_packs.claim()));
            m_bytes += m_claims.back()->fresh ? kPackHead : 0;
        }
        claim = m_claims.back().get();
        out = {claim->number, claim->end};
        claim->end += record.size();
        m_bytes += record.size();
    }
    // Outside of the lock: each has its own place.
    GANTRY_CHECK(m_packs.disk().writeAt(claim->fd.get(), claim->name, out.offset, record));
    const std::scoped_lock lock(m_mutex);
    const std::uint64_t end = out.offset + record.size();
    if (end >= claim->begun + kStartSync) {
        m_packs.disk().startSync(claim->fd.get(), claim->begun, end - claim->begun);
        claim->begun = end;
    }
    return out;
}

Result<> PackAppender::sync()
{
    bool fresh = false;
    for (const auto &claim : m_claims) {
        GANTRY_CHECK(m_packs.disk().sync(claim->fd.get(), claim->name));
        fresh = fresh || claim->fresh;
    }
    return fresh ? m_packs.disk().syncFolder(kPackFolder) : Result<>();
}

std::vector<PackRow> PackAppender::rows() const
{
    std::vector<PackRow> out;
    for (const auto &claim : m_claims)
        out.push_back({claim->number, claim->end});
    return out;
}

void PackAppender::keep()
{
    for (auto &claim : m_claims) {
        const std::uint64_t length = claim->end;
        m_packs.keep(std::move(claim), length);
    }
    m_claims.clear();
}

void PackAppender::leave()
{
    for (auto &claim : m_claims)
        m_packs.leave(std::move(claim));
    m_claims.clear();
}

std::uint64_t PackAppender::bytes() const
{
    const std::scoped_lock lock(m_mutex);
    return m_bytes;
}

} // namespace gantry::repository
