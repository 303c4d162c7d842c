// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/repository/manifest.h"

#include "engine/base/strings.h"

#include <nlohmann/json.hpp>
#include <sodium.h>

#include <algorithm>

namespace gantry::repository {

namespace {

using nlohmann::json;

constexpr std::string_view kWhat = "manifest";

/// The first text that is not UTF-8, by its place; JSON cannot hold it.
std::string firstBadText(const json &value, const std::string &place)
{
    if (value.is_string())
        return isUtf8(value.get_ref<const std::string &>()) ? std::string() : place;
    if (!value.is_structured())
        return {};
    for (const auto &[key, inner] : value.items()) {
        const std::string where = strCat(place, '/', printable(key));
        if (!isUtf8(key))
            return where;
        if (std::string bad = firstBadText(inner, where); !bad.empty())
            return bad;
    }
    return {};
}

Result<std::string> dumped(const json &value)
{
    if (const std::string bad = firstBadText(value, ""); !bad.empty())
        return fail(EILSEQ, "write", strCat("manifest", bad), "the text is not UTF-8");
    return value.dump();
}

/// Reads members and remembers whether all were as they have to be: one question at the end instead of one each.
class Fields
{
public:
    explicit Fields(const json &in) : m_in(in), m_good(in.is_object()) {}

    [[nodiscard]] bool good() const { return m_good; }
    [[nodiscard]] const json &at(const char *key)
    {
        static const json kNone;
        const auto found = m_good ? m_in.find(key) : m_in.end();
        if (!m_good || found == m_in.end()) {
            m_good = false;
            return kNone;
        }
        return *found;
    }
    [[nodiscard]] std::string text(const char *key)
    {
        const json &value = at(key);
        m_good = m_good && value.is_string();
        return m_good ? value.get<std::string>() : std::string();
    }
    [[nodiscard]] std::uint64_t number(const char *key)
    {
        const json &value = at(key);
        m_good = m_good && value.is_number_unsigned();
        return m_good ? value.get<std::uint64_t>() : 0;
    }
    [[nodiscard]] bool truth(const char *key)
    {
        const json &value = at(key);
        m_good = m_good && value.is_boolean();
        return m_good && value.get<bool>();
    }
    template <std::size_t N> void bytes(const char *key, std::array<std::byte, N> &out)
    {
        const auto parsed = parseHex(text(key));
        m_good = m_good && parsed && parsed->size() == N;
        if (m_good)
            std::ranges::copy(*parsed, out.begin());
    }
    void require(bool holds) { m_good = m_good && holds; }

private:
    const json &m_in;
    bool m_good;
};

std::unexpected<Error> noManifest()
{
    return fail(EBADMSG, "read", kWhat, "it is no manifest");
}

json manifestJson(const Manifest &in)
{
    json out{{"time_us", in.time.time_since_epoch().count()},
             {"container",
              {{"name", in.container.name},
               {"runtime", in.container.runtime},
               {"id", in.container.id},
               {"host", in.container.host}}},
             {"criu", in.criuVersion},
             {"kernel", in.kernelRelease},
             {"cpu", in.cpuFeatures},
             {"trigger", in.trigger},
             {"name", in.name},
             {"note", in.note},
             {"values", in.values}};
    if (in.parent)
        out["parent"] = in.parent->text();
    return out;
}

Result<Manifest> manifestOf(const json &in)
{
    Fields fields(in);
    Manifest out;
    const json &time = fields.at("time_us");
    fields.require(time.is_number_integer());
    if (fields.good())
        out.time = decltype(out.time)(std::chrono::microseconds(time.get<std::int64_t>()));
    Fields who(fields.at("container"));
    out.container = {who.text("name"), who.text("runtime"), who.text("id"), who.text("host")};
    out.criuVersion = fields.text("criu");
    out.kernelRelease = fields.text("kernel");
    out.cpuFeatures = fields.text("cpu");
    out.trigger = fields.text("trigger");
    out.name = fields.text("name");
    out.note = fields.text("note");
    const json &values = fields.at("values");
    fields.require(values.is_object() && who.good());
    if (!fields.good())
        return noManifest();
    for (const auto &[key, value] : values.items()) {
        if (!value.is_string())
            return noManifest();
        out.values[key] = value.get<std::string>();
    }
    if (in.contains("parent")) {
        const auto parent = CheckpointId::parse(fields.text("parent"));
        if (!parent)
            return noManifest();
        out.parent = *parent;
    }
    return out;
}

json streamJson(const StreamRecord &in)
{
    return {{"name", in.info.name},         {"kind", in.info.kind == StreamKind::Pages ? "pages" : "bytes"},
            {"size", in.info.size.v},       {"pieces", in.info.pieces},
            {"runs", hexOf(in.listRuns)},   {"list_size", in.listSize},
            {"content", hexOf(in.content)}, {"list", hexOf(in.list)}};
}

Result<StreamRecord> streamOf(const json &in)
{
    Fields fields(in);
    StreamRecord out;
    out.info.name = fields.text("name");
    const std::string kind = fields.text("kind");
    fields.require(kind == "pages" || kind == "bytes");
    out.info.kind = kind == "pages" ? StreamKind::Pages : StreamKind::Bytes;
    out.info.size = Bytes(fields.number("size"));
    out.info.pieces = fields.number("pieces");
    auto runs = parseHex(fields.text("runs"));
    fields.require(runs.has_value());
    out.listSize = fields.number("list_size");
    fields.bytes("content", out.content);
    fields.bytes("list", out.list);
    if (!fields.good())
        return noManifest();
    out.listRuns = *std::move(runs);
    return out;
}

Result<json> parsed(std::string_view text)
{
    json out = json::parse(text, nullptr, false);
    if (!out.is_object() || !out.contains("format") || !out["format"].is_number_unsigned())
        return noManifest();
    if (const auto version = out["format"].get<std::uint64_t>(); version != kManifestFormat)
        return fail(ENOTSUP, "read", kWhat,
                    strCat("it has format ", version, ", this Gantry reads format ", kManifestFormat),
                    "use the Gantry that wrote it, or a newer one");
    return out;
}

} // namespace

std::string CheckpointId::text() const
{
    return hexOf(v);
}

Result<CheckpointId> CheckpointId::parse(std::string_view text)
{
    const ByteVector bytes = GANTRY_TRY(parseHex(text));
    CheckpointId out;
    if (bytes.size() != out.v.size())
        return failParse("checkpoint id", text);
    std::ranges::copy(bytes, out.v.begin());
    return out;
}

CheckpointId CheckpointId::random()
{
    CheckpointId out;
    randombytes_buf(out.v.data(), out.v.size());
    return out;
}

Result<std::string> encodeManifest(const Manifest &manifest)
{
    return dumped(manifestJson(manifest));
}

Result<Manifest> parseManifest(std::string_view text)
{
    return manifestOf(json::parse(text, nullptr, false));
}

Result<std::string> encodeBody(const CheckpointBody &body)
{
    json streams = json::array();
    for (const StreamRecord &stream : body.streams)
        streams.push_back(streamJson(stream));
    return dumped({{"format", kManifestFormat},
                   {"manifest", manifestJson(body.manifest)},
                   {"logical", body.sizes.logical.v},
                   {"fresh", body.sizes.fresh.v},
                   {"stored", body.sizes.stored.v},
                   {"streams", std::move(streams)}});
}

Result<CheckpointBody> parseBody(std::string_view text)
{
    const json in = GANTRY_TRY(parsed(text));
    Fields fields(in);
    CheckpointBody out;
    out.sizes = {Bytes(fields.number("logical")), Bytes(fields.number("fresh")), Bytes(fields.number("stored"))};
    const json &manifest = fields.at("manifest");
    const json &streams = fields.at("streams");
    fields.require(streams.is_array());
    if (!fields.good())
        return noManifest();
    out.manifest = GANTRY_TRY(manifestOf(manifest));
    for (const json &stream : streams)
        out.streams.push_back(GANTRY_TRY(streamOf(stream)));
    return out;
}

Result<std::string> encodeLabels(const CheckpointLabels &labels)
{
    json out{{"format", kManifestFormat}, {"name", labels.name}, {"note", labels.note}, {"pinned", labels.pinned}};
    if (labels.unfinished) {
        out["unfinished_of"] = labels.unfinished->of.text();
        out["unfinished_since_us"] = labels.unfinished->since.time_since_epoch().count();
    }
    return dumped(out);
}

Result<CheckpointLabels> parseLabels(std::string_view text)
{
    const json in = GANTRY_TRY(parsed(text));
    Fields fields(in);
    CheckpointLabels out{fields.text("name"), fields.text("note"), fields.truth("pinned")};
    if (in.contains("unfinished_of")) {
        const auto of = CheckpointId::parse(fields.text("unfinished_of"));
        const json &since = fields.at("unfinished_since_us");
        fields.require(of && since.is_number_integer());
        if (fields.good())
            out.unfinished = {*of, decltype(Unfinished::since)(std::chrono::microseconds(since.get<std::int64_t>()))};
    }
    if (!fields.good())
        return noManifest();
    return out;
}

bool isStreamName(std::string_view name)
{
    constexpr std::size_t kMostName = 4096;
    const bool plain = std::ranges::none_of(name, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
    if (name.empty() || name.size() > kMostName || !plain || !isUtf8(name))
        return false;
    while (true) {
        const std::size_t slash = name.find('/');
        const std::string_view part = name.substr(0, slash);
        if (part.empty() || part == "." || part == "..")
            return false;
        if (slash == std::string_view::npos)
            return true;
        name.remove_prefix(slash + 1);
    }
}

} // namespace gantry::repository
