// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/gui/picture.h"
#include "widgets/pages/timeline_page.h"

#include <QDateTime>
#include <QtTest>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace gantry::test {

inline constexpr std::int64_t kMinute = 60'000'000;

using Ids = std::vector<std::string>;

inline v1::CheckpointInfo checkpoint(const std::string &id, std::int64_t usec, const std::string &parent = {},
                                     const std::string &subject = "/web", const std::string &trigger = "manual")
{
    v1::CheckpointInfo out;
    out.set_id(id);
    out.set_realtime_usec(usec);
    out.set_parent(parent);
    out.set_subject(subject);
    out.set_runtime("bare");
    out.set_trigger(trigger);
    out.set_logical_bytes(static_cast<std::uint64_t>(140) << 20);
    out.set_fresh_bytes(static_cast<std::uint64_t>(9) << 20);
    out.set_stored_bytes(static_cast<std::uint64_t>(4) << 20);
    out.set_processes(3);
    return out;
}

inline std::int64_t nowUsec()
{
    return QDateTime::currentMSecsSinceEpoch() * 1'000;
}

/// a, b; then back to a: c, d, of /web; one of another.
inline v1::ListCheckpointsReply branched()
{
    const std::int64_t now = nowUsec();
    v1::ListCheckpointsReply out;
    *out.add_checkpoints() = checkpoint("a", now - 50 * kMinute);
    *out.add_checkpoints() = checkpoint("b", now - 38 * kMinute, "a", "/web", "schedule");
    *out.add_checkpoints() = checkpoint("x", now - 30 * kMinute, "", "/db");
    *out.add_checkpoints() = checkpoint("s", now - 26 * kMinute, "b", "/web", "before-restore");
    *out.add_checkpoints() = checkpoint("c", now - 20 * kMinute, "a", "/web", "schedule");
    *out.add_checkpoints() = checkpoint("d", now - 9 * kMinute, "c");
    out.mutable_checkpoints(0)->set_name("before the update");
    out.mutable_checkpoints(0)->set_pinned(true);
    out.mutable_checkpoints(0)->set_note("the last one with the old library");
    out.mutable_checkpoints(5)->set_name("works");
    out.mutable_checkpoints(5)->set_logical_bytes(static_cast<std::uint64_t>(900) << 20);
    return out;
}

/// The page of /web with a list.
struct Shown
{
    v1::ListCheckpointsReply list;
    TimelinePage page;

    explicit Shown(v1::ListCheckpointsReply what = branched()) : list(std::move(what))
    {
        page.resize(800, 520);
        page.setNode(QStringLiteral("web"), {QStringLiteral("/web")});
        page.show();
        page.activateWindow();
        (void)QTest::qWaitForWindowActive(&page);
        page.setList(list);
    }
};

} // namespace gantry::test
