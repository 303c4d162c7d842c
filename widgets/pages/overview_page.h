// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "engine/base/ids.h"
#include "gantry/v1/alerts.pb.h"
#include "gantry/v1/control.pb.h"
#include "gantry/v1/metrics.pb.h"
#include "widgets/charts/chart_types.h"

#include <memory>
#include <vector>

namespace gantry {

/// Live graphs of one node: memory, CPU, I/O, pressure, processes; limits as lines; the pending change below.
///
/// The window gives it the node, its history, each tick's values, its limits and events; it emits what the user wants
/// changed. Thread: GUI.
class OverviewPage final : public QWidget
{
    Q_OBJECT
public:
    explicit OverviewPage(QWidget *parent = nullptr);
    ~OverviewPage() override;

    /// Metrics this page draws: what History and the detail of Watch should bring.
    [[nodiscard]] static std::vector<Metric> metrics();

    /// Another node: empties the graphs, drops what is pending. @param path cgroup path, empty where there is none.
    void setNode(NodeId id, const QString &title, const QString &path);
    [[nodiscard]] NodeId node() const;
    /// The past of the node, given once after setNode() and before or after the first ticks.
    void setHistory(const v1::HistoryReply &history);
    /// One tick of this node. @param realtimeUsec Frame.realtime_usec.
    void apply(const v1::NodeMetrics &metrics, qint64 realtimeUsec);
    /// A tick without values for this node (skipped, unreadable): a gap.
    void applyGap(qint64 realtimeUsec);
    void setLimits(const v1::ListLimitsReply &limits);
    /// Answers to limitPreviewRequested and limitApplyRequested.
    void setPreview(const v1::SetLimitsReply &reply);
    void setApplied(const v1::SetLimitsReply &reply);
    void setLimitFailure(const v1::Failure &failure);
    /// The last choice of this session, see LimitStrip.
    void setPersistence(v1::Persistence persistence);
    /// Adds those of this node and those below it as markers.
    void addEvents(const v1::EventBatch &batch);
    /// Why nothing may be changed here; empty: it may.
    void setReadOnlyReason(const QString &reason);
    /// Note across the graphs: frozen, link lost; empty removes it.
    void setNote(const QString &note);
    /// Seconds shown: 60, 300, 600, 1800 or 7200.
    void setWindowSeconds(int seconds);
    [[nodiscard]] int windowSeconds() const;

Q_SIGNALS:
    void limitPreviewRequested(const gantry::v1::SetLimitsRequest &request);
    void limitApplyRequested(const gantry::v1::SetLimitsRequest &request);
    /// A marker was clicked.
    void eventActivated(quint64 sequence);
    void windowSecondsChanged(int seconds);

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace gantry
