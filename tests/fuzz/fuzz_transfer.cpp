// SPDX-License-Identifier: GPL-3.0-or-later
// What comes from elsewhere to be imported: archives, packed or not, Gantry's own and podman's.
#include "engine/checkpoint/podman_archive.h"
#include "engine/repository/source.h"
#include "engine/repository/tar.h"
#include "engine/repository/transfer.h"
#include "engine/repository/transfer_format.h"

#include "tests/fuzz/fuzz_input.h"

#include <cstdlib>
#include <filesystem>
#include <optional>

using namespace gantry;
using namespace gantry::repository;

namespace {

/// A store that is gone at the end.
class ScratchStore
{
public:
    ScratchStore()
    {
        std::string path = std::filesystem::temp_directory_path() / "gantry-fuzz-XXXXXX";
        fuzz::require(::mkdtemp(path.data()) != nullptr);
        m_path = path;
        StoreOptions options;
        options.threads = 1;
        auto made = Store::create(m_path + "/r", options);
        fuzz::require(made.has_value());
        m_store.emplace(*std::move(made));
    }
    ScratchStore(const ScratchStore &) = delete;
    ScratchStore &operator=(const ScratchStore &) = delete;
    ScratchStore(ScratchStore &&) = delete;
    ScratchStore &operator=(ScratchStore &&) = delete;
    ~ScratchStore()
    {
        m_store.reset();
        std::error_code ignored;
        std::filesystem::remove_all(m_path, ignored);
    }
    [[nodiscard]] Store &store() { return *m_store; }

private:
    std::string m_path;
    std::optional<Store> m_store;
};

/// All members, with what was read of them being what was there. @return it is an archive to its end.
bool members(ByteView bytes)
{
    TarReader reader(sourceOf(bytes));
    std::uint64_t seen = 0;
    reader.onBytes([&seen](ByteView part) { seen += part.size(); });
    while (true) {
        const auto member = reader.next();
        fuzz::require(seen == reader.offset() && seen <= bytes.size());
        if (!member || !*member)
            return member.has_value();
        std::uint64_t size = 0;
        const auto read = reader.content([&size](ByteView part) -> Result<> {
            size += part.size();
            return {};
        });
        fuzz::require(!read || size == (*member)->size);
    }
}

void unpack(ByteView bytes)
{
    constexpr std::size_t kMost = std::size_t{4} << 20;
    const auto source = unpacked(sourceOf(bytes));
    ByteVector part(4096);
    for (std::size_t total = 0; source && total < kMost;) {
        const auto got = (*source)(part);
        if (!got || *got == 0)
            return;
        fuzz::require(*got <= part.size());
        total += *got;
    }
}

void import(ByteView bytes)
{
    static ScratchStore scratch;
    Store &store = scratch.store();
    const auto before = store.list();
    fuzz::require(before.has_value() && before->damages.empty());
    const bool own = bytes.size() >= kTarBlock && isExport(bytes.first(kTarBlock));
    const auto in = own ? importCheckpoints(store, sourceOf(bytes), {})
                        : checkpoint::importPodmanArchive(store, sourceOf(bytes), {});
    const auto after = store.list();
    fuzz::require(after.has_value() && after->damages.empty());
    fuzz::require(after->checkpoints.size() == before->checkpoints.size() + (in ? in->added.size() : 0));
    if (!in)
        return;
    // What was let in is whole: it comes out again.
    std::uint64_t size = 0;
    const auto count = [&size](ByteView part) -> Result<> {
        size += part.size();
        return {};
    };
    for (const Checkpoint &one : in->added) {
        fuzz::require(exportCheckpoints(store, {{one.id}}, count, {}).has_value());
        fuzz::require(own || checkpoint::givePodmanArchive(store, one.id, count, {}).has_value());
        fuzz::require(store.remove(one.id).has_value());
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const std::string_view text = fuzz::textOf(data, size);
    const ByteView bytes = viewOf(text);
    unpack(bytes);
    // A store's threads and files cost more than all else.
    if (members(bytes))
        import(bytes);
    if (const auto outline = transfer::parseOutline(text))
        fuzz::require(transfer::encodeOutline(*outline).has_value());
    constexpr std::uint64_t kPages = 1'000;
    if (const auto runs = transfer::parseList(text, kPages))
        fuzz::require(transfer::parseList(transfer::encodeList(*runs), kPages).has_value());
    if (const auto ids = transfer::parseHead(text))
        fuzz::require(transfer::parseHead(transfer::encodeHead(*ids)).has_value());
    return 0;
}
