// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/repository/transfer_format.h"

#include "engine/base/parse.h"
#include "engine/base/strings.h"
#include "engine/repository/transfer.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace gantry::repository::transfer {

namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 3> kWords{"new", "zero", "old"};
constexpr std::size_t kMostLabel = 4096; ///< as an admin may write
constexpr int kFormatWithBases = 2;
constexpr int kFormatWithRests = 3;
constexpr std::size_t kMostRests = 16;

std::unexpected<Error> noPart(std::string_view what)
{
    return fail(EBADMSG, "import", what, "it does not say what it has to");
}

const json &member(const json &in, const char *key)
{
    static const json kNone;
    const auto found = in.is_object() ? in.find(key) : in.end();
    return in.is_object() && found != in.end() ? *found : kNone;
}

std::optional<StreamInfo> streamOf(const json &in)
{
    const json &name = member(in, "name");
    const json &kind = member(in, "kind");
    const json &size = member(in, "size");
    constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 50;
    if (!name.is_string() || !size.is_number_unsigned() || size.get<std::uint64_t>() > kMostBytes ||
        (kind != "pages" && kind != "bytes") || !isStreamName(name.get_ref<const std::string &>()))
        return std::nullopt;
    return StreamInfo{name.get<std::string>(), kind == "pages" ? StreamKind::Pages : StreamKind::Bytes,
                      Bytes(size.get<std::uint64_t>()), 0};
}

} // namespace

std::string encodeHead(const Head &head)
{
    const auto texts = [](const std::vector<CheckpointId> &ids) {
        json out = json::array();
        for (const CheckpointId &id : ids)
            out.push_back(id.text());
        return out;
    };
    const int format = !head.rests.empty() ? kFormatWithRests : !head.bases.empty() ? kFormatWithBases : 1;
    json out = {{"format", format}, {"checkpoints", texts(head.ids)}};
    if (!head.bases.empty())
        out["bases"] = texts(head.bases);
    for (const Rest &rest : head.rests)
        out["rests"].push_back({{"of", rest.of.text()}, {"pages", rest.pages}});
    return out.dump() + "\n";
}

Result<Head> parseHead(std::string_view text)
{
    const json in = json::parse(text, nullptr, false);
    const json &format = member(in, "format");
    if (format.is_number_unsigned() && format.get<std::uint64_t>() > kExportFormat)
        return fail(ENOTSUP, "import", kHead,
                    strCat("it has format ", format.get<std::uint64_t>(), ", this Gantry reads format ", kExportFormat),
                    "use the Gantry that wrote it, or a newer one");
    if (format != 1 && format != kFormatWithBases && format != kFormatWithRests)
        return noPart(kHead);
    Head out;
    const auto take = [&](const char *key, std::vector<CheckpointId> &into) {
        const json &all = member(in, key);
        if (!all.is_array() || all.empty() || all.size() > kMostExported)
            return false;
        for (const json &one : all) {
            const auto id = CheckpointId::parse(one.is_string() ? one.get<std::string>() : std::string());
            if (!id || std::ranges::find(out.ids, *id) != out.ids.end() ||
                std::ranges::find(out.bases, *id) != out.bases.end())
                return false;
            into.push_back(*id);
        }
        return true;
    };
    const bool hasBases = format == kFormatWithBases || (format == kFormatWithRests && in.contains("bases"));
    if (!take("checkpoints", out.ids) || (hasBases && !take("bases", out.bases)))
        return noPart(kHead);
    if (format == kFormatWithRests) {
        const json &rests = member(in, "rests");
        if (!rests.is_array() || rests.empty() || rests.size() > kMostRests)
            return noPart(kHead);
        for (const json &one : rests) {
            const json &of = member(one, "of");
            const json &pages = member(one, "pages");
            if (!of.is_string() || !pages.is_number_unsigned())
                return noPart(kHead);
            out.rests.push_back({GANTRY_TRY(CheckpointId::parse(of.get<std::string>())), pages.get<std::uint64_t>()});
        }
    }
    return out;
}

Result<std::string> encodeOutline(const Outline &outline)
{
    json streams = json::array();
    for (const StreamInfo &stream : outline.streams) {
        if (!isStreamName(stream.name))
            return fail(ENOTSUP, "export", printable(stream.name), "a stream of this name cannot be exported");
        streams.push_back({{"name", stream.name},
                           {"kind", stream.kind == StreamKind::Pages ? "pages" : "bytes"},
                           {"size", stream.size.v}});
    }
    const json manifest = json::parse(GANTRY_TRY(encodeManifest(outline.manifest)));
    return json({{"id", outline.id.text()},
                 {"pinned", outline.pinned},
                 {"manifest", manifest},
                 {"streams", std::move(streams)}})
               .dump() +
           "\n";
}

Result<Outline> parseOutline(std::string_view text)
{
    const json in = json::parse(text, nullptr, false);
    const json &id = member(in, "id");
    const json &pinned = member(in, "pinned");
    const json &streams = member(in, "streams");
    if (!id.is_string() || !pinned.is_boolean() || !streams.is_array())
        return noPart("manifest.json");
    Outline out;
    out.id = GANTRY_TRY(CheckpointId::parse(id.get<std::string>()));
    out.pinned = pinned.get<bool>();
    out.manifest = GANTRY_TRY(parseManifest(member(in, "manifest").dump()));
    if (out.manifest.name.size() > kMostLabel || out.manifest.note.size() > kMostLabel)
        return noPart("manifest.json");
    for (const json &one : streams) {
        auto stream = streamOf(one);
        if (!stream)
            return noPart("manifest.json");
        out.streams.push_back(*std::move(stream));
    }
    return out;
}

std::string encodeList(const std::vector<Run> &runs)
{
    std::string out;
    for (const Run &run : runs) {
        out += kWords[static_cast<std::size_t>(run.kind)];
        if (run.kind == Run::Kind::Old)
            out += strCat(' ', run.first);
        out += strCat(' ', run.count, '\n');
    }
    return out;
}

Result<std::vector<Run>> parseList(std::string_view text, std::uint64_t pages)
{
    std::vector<Run> out;
    while (const auto line = takeLine(text)) {
        std::string_view rest = *line;
        const auto word = std::ranges::find(kWords, takeToken(rest));
        Run run;
        if (word == kWords.end())
            return noPart("list");
        run.kind = static_cast<Run::Kind>(word - kWords.begin());
        if (run.kind == Run::Kind::Old)
            run.first = GANTRY_TRY(parseU64(takeToken(rest)));
        run.count = GANTRY_TRY(parseU64(takeToken(rest)));
        if (run.count == 0 || run.count > pages || !trim(rest).empty())
            return noPart("list");
        pages -= run.count;
        out.push_back(run);
    }
    if (pages != 0)
        return noPart("list");
    return out;
}

std::string SumChain::next()
{
    const Digest digest = std::exchange(m_digest, RunningDigest()).finish();
    m_digest.add(digest);
    return hexOf(digest) + "\n";
}

} // namespace gantry::repository::transfer
