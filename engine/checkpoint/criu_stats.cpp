// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/criu_run.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/unknown_field_set.h>

#include <cstring>

namespace gantry::checkpoint {

namespace {

// Source: CRIU's criu/include/magic.h.
constexpr std::uint32_t kServiceMagic = 0x55105940;
constexpr std::uint32_t kStatsMagic = 0x57093306;

std::uint32_t wordAt(std::string_view bytes, std::size_t at)
{
    std::uint32_t word = 0;
    std::memcpy(&word, bytes.data() + at, sizeof word); // CRIU writes the machine's own order
    return word;
}

std::uint64_t numberOf(const google::protobuf::UnknownFieldSet &fields, int number)
{
    for (int i = 0; i < fields.field_count(); ++i) {
        const auto &field = fields.field(i);
        if (field.number() == number && field.type() == google::protobuf::UnknownField::TYPE_VARINT)
            return field.varint();
    }
    return 0;
}

} // namespace

Result<DumpStats> parseDumpStats(std::string_view image)
{
    constexpr std::size_t kHead = 3 * sizeof(std::uint32_t);
    if (image.size() < kHead || wordAt(image, 0) != kServiceMagic || wordAt(image, 4) != kStatsMagic ||
        wordAt(image, 8) > image.size() - kHead)
        return failParse("stats-dump", image.substr(0, kHead));
    // stats_entry: one field, dump_stats_entry; read by number, as no .proto of images is installed with CRIU.
    google::protobuf::UnknownFieldSet entry;
    google::protobuf::UnknownFieldSet dump;
    if (!entry.ParseFromArray(image.data() + kHead, static_cast<int>(wordAt(image, 8))) || entry.field_count() < 1 ||
        entry.field(0).number() != 1 ||
        entry.field(0).type() != google::protobuf::UnknownField::TYPE_LENGTH_DELIMITED ||
        !dump.ParseFromString(entry.field(0).length_delimited()))
        return failParse("stats-dump", image.substr(kHead));
    const auto micros = [&dump](int number) { return std::chrono::microseconds(numberOf(dump, number)); };
    return DumpStats{micros(1), micros(2), micros(3), micros(4), numberOf(dump, 5), numberOf(dump, 7)};
}

Result<DumpStats> readDumpStats(int folder)
{
    TextBuffer buffer;
    const std::string_view image = GANTRY_TRY(buffer.readAt(folder, "stats-dump"));
    return parseDumpStats(image);
}

} // namespace gantry::checkpoint
