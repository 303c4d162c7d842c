// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/event_text.h"
#include "app/cli/session.h"
#include "app/cli/table.h"
#include "app/cli/verbs.h"
#include "engine/base/strings.h"

#include <algorithm>
#include <array>
#include <limits>
#include <unordered_map>
#include <utility>

#include <sys/ioctl.h>
#include <unistd.h>

namespace gantry::cli {

namespace {

using enum Format;

/// The tree's cgroups: what the frames are asked for and read with.
struct Watched
{
    std::uint64_t generation = 0;
    std::unordered_map<std::uint64_t, std::string> pathOf;
};

Result<Watched> watchedNow(Session &session)
{
    const v1::InventoryUpdate tree =
        GANTRY_TRY(session.firstOf(session.inventory(), &v1::Inventory::Stub::Watch, v1::WatchInventoryRequest()));
    Watched out;
    out.generation = tree.generation();
    for (const v1::Node &node : tree.upserted()) {
        if (node.has_cgroup())
            out.pathOf.emplace(node.id(), node.cgroup().path());
    }
    return out;
}

Json frameJson(const v1::Frame &frame, const Watched &watched)
{
    Json rows = Json::array();
    for (int row = 0; row < frame.node_ids_size(); ++row) {
        const auto path = watched.pathOf.find(frame.node_ids(row));
        if (path != watched.pathOf.end())
            rows.push_back({{"path", path->second},
                            {"id", std::to_string(frame.node_ids(row))},
                            {"metrics", metricsOfRow(frame, row)}});
    }
    return {{"time_usec", frame.realtime_usec()},
            {"monotonic_usec", frame.monotonic_usec()},
            {"sweep_usec", frame.sweep_usec()},
            {"skipped", frame.skipped()},
            {"cgroups", std::move(rows)}};
}

/// Rows that fit on the terminal; all of them where there is none.
std::size_t rowsThatFit()
{
    winsize size{};
    if (::isatty(STDOUT_FILENO) == 0 || ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row < 3)
        return std::numeric_limits<std::size_t>::max();
    return size.ws_row - 2U;
}

std::string topTable(const Json &frame)
{
    const auto used = [](const Json &row, const char *metric) {
        const Json value = row["metrics"].value(metric, Json());
        return value.is_number() ? value.get<double>() : -1.0;
    };
    std::vector<const Json *> order;
    for (const Json &row : frame["cgroups"])
        order.push_back(&row);
    std::ranges::stable_sort(order, [&used](const Json *a, const Json *b) {
        return std::pair(used(*a, "cpu.usage_percent"), used(*a, "memory.current")) >
               std::pair(used(*b, "cpu.usage_percent"), used(*b, "memory.current"));
    });
    order.resize(std::min(order.size(), rowsThatFit()));
    Json rows = Json::array();
    for (const Json *row : order)
        rows.push_back(*row);
    static constexpr std::array kColumns{Column{"CGROUP", "/path"},
                                         Column{"CPU %", "/metrics/cpu.usage_percent", Percent},
                                         Column{"MEMORY", "/metrics/memory.current", Size},
                                         Column{"MAX", "/metrics/memory.max", Size},
                                         Column{"READ", "/metrics/io.rbytes_rate", SizePerSecond},
                                         Column{"WRITE", "/metrics/io.wbytes_rate", SizePerSecond},
                                         Column{"PIDS", "/metrics/pids.current", Number},
                                         Column{"PSI MEM %", "/metrics/memory.pressure.some.avg10", Percent}};
    const bool onTerminal = ::isatty(STDOUT_FILENO) != 0;
    return strCat(onTerminal ? "\033[H\033[J" : "", renderTable(rows, kColumns), onTerminal ? "" : "\n");
}

} // namespace

Outcome runTop(Session &session, const Arguments &arguments)
{
    std::uint32_t left = arguments.count.value_or(std::numeric_limits<std::uint32_t>::max());
    std::uint64_t lastSequence = 0;
    while (left > 0) {
        // Frames name their nodes by number: when the tree has changed, names and stream are asked for again.
        const Watched watched = GANTRY_TRY(watchedNow(session));
        v1::WatchMetricsRequest request;
        request.set_interval_ms(static_cast<std::uint32_t>(arguments.interval.count()));
        for (const auto &[node, path] : watched.pathOf)
            request.add_node_ids(node);
        grpc::ClientContext context;
        const auto reader = session.metrics().Watch(&context, request);
        v1::Frame frame;
        bool sameTree = true;
        while (left > 0 && sameTree) {
            if (!reader->Read(&frame))
                return std::unexpected(Stop(service::errorFrom(reader->Finish())));
            sameTree = frame.inventory_generation() <= watched.generation;
            // The first frame of all has no rates yet: they need a second look.
            const bool isNew = frame.sequence() > lastSequence && lastSequence != 0;
            lastSequence = std::max<std::uint64_t>(lastSequence, frame.sequence());
            if (!isNew)
                continue;
            const Json item = frameJson(frame, watched);
            GANTRY_CHECK(session.printItem(item, [&item] { return topTable(item); }));
            --left;
        }
        context.TryCancel();
    }
    return {};
}

Outcome runEvents(Session &session, const Arguments &arguments)
{
    v1::WatchEventsRequest request;
    request.set_follow(arguments.follow);
    grpc::ClientContext context;
    const auto reader = session.alerts().WatchEvents(&context, request);
    v1::EventBatch batch;
    bool any = false;
    while (reader->Read(&batch)) {
        any = true;
        if (batch.lost() > 0)
            session.note(strCat(batch.lost(), " events were lost"));
        for (const v1::Event &event : batch.events()) {
            const Json item = toJson(event);
            GANTRY_CHECK(session.printItem(item, [&item] { return eventText(item); }));
        }
    }
    if (const grpc::Status status = reader->Finish(); !status.ok())
        return std::unexpected(Stop(service::errorFrom(status)));
    if (!any)
        session.note(session.hasOwnEngine()
                         ? "no events are kept from before gantryctl was started; --follow shows them as they happen"
                         : "nothing has happened since the engine there was started");
    return {};
}

} // namespace gantry::cli
