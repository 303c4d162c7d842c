// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStringList>
#include <QTimer>
#include <QWidget>

#include "gantry/v1/checkpoint.pb.h"
#include "gantry/v1/jobs.pb.h"
#include "gantry/v1/metrics.pb.h"
#include "widgets/charts/chart_feed.h"
#include "widgets/models/job_model.h"
#include "widgets/pages/checkpoint_actions.h"
#include "widgets/timeline/timeline_tree_model.h"
#include "widgets/timeline/timeline_view.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

class QLabel;
class QProgressBar;
class QPushButton;
class QSplitter;
class QStackedWidget;
class QToolButton;
class QTreeView;

namespace gantry {

class MetricChart;
class StoreBanner;

/// The checkpoints of a node on a time axis, above its memory and its CPU on the same axis: a cursor in one reads all.
/// The same as a tree, with the same selection. What is being saved or restored is shown with its phase. Thread: GUI.
class TimelinePage final : public QWidget
{
    Q_OBJECT
public:
    explicit TimelinePage(QWidget *parent = nullptr);

    /// Another node, whose checkpoints are those of `subjects`; its history and its ticks follow.
    void setNode(const QString &name, const QStringList &subjects);
    /// A host: the checkpoints of all.
    void setHost(const QString &name);
    /// Subjects that run now, besides those that the list tells of.
    void setRunning(std::set<std::string> subjects);
    void setList(const v1::ListCheckpointsReply &reply);
    /// The list could not be had; what was there stays.
    void setFailure(const QString &sentence);
    /// Somebody went back: the present goes on from this one, or from the newest one that is saved from now on.
    void noteRestored(const v1::CheckpointInfo &checkpoint);
    void setHistory(const v1::HistoryReply &history) { m_feed.setHistory(history); }
    void apply(const v1::NodeMetrics &metrics, qint64 realtimeUsec) { m_feed.apply(metrics, realtimeUsec); }
    void applyGap(qint64 realtimeUsec) { m_feed.applyGap(realtimeUsec); }
    void applyJobs(const v1::JobUpdate &update);
    void setReadOnlyReason(const QString &reason);
    /// The program's own action "Checkpoint" gets a button here.
    void setCheckpointAction(QAction *action);
    /// And "Schedule checkpoints", in that button's menu.
    void setScheduleAction(QAction *action);

    [[nodiscard]] CheckpointActions *actions() const { return m_actions; }
    /// Says that the store is locked.
    [[nodiscard]] StoreBanner *store() const { return m_store; }
    [[nodiscard]] TimelineView *view() const { return m_view; }
    [[nodiscard]] QTreeView *tree() const { return m_tree; }
    [[nodiscard]] const std::vector<MetricChart *> &charts() const { return m_charts; }
    /// Shows the tree instead of the time axis.
    void setTreeShown(bool shown);
    /// Columns of the tree, as QHeaderView keeps them; an empty state changes nothing.
    [[nodiscard]] QByteArray saveTreeState() const;
    void restoreTreeState(const QByteArray &state);

Q_SIGNALS:
    void cancelRequested(quint64 jobId);

protected:
    void resizeEvent(QResizeEvent *event) override;
    void showEvent(QShowEvent *event) override;
    void hideEvent(QHideEvent *event) override;

private:
    [[nodiscard]] static std::vector<MetricChart *> makeCharts(QWidget *parent);
    void buildBars();
    void buildAxis();
    void buildTree();
    void buildProgress();
    void restart(const QString &name);
    void showEmptyText();
    void showList();
    void showHeads();
    void onViewSelection();
    void onTreeSelection();
    void selectInTree();
    void showSelected();
    void showCursor();
    void showProgress();
    void alignCharts();
    void fitCharts();
    [[nodiscard]] bool isMine(const std::string &subject) const;

    CheckpointActions *m_actions;
    TimelineView *m_view;
    std::vector<MetricChart *> m_charts;
    ChartFeed m_feed;
    TimelineTreeModel m_treeModel;
    QTreeView *m_tree;
    QSplitter *m_splitter;
    QStackedWidget *m_stack;
    QToolButton *m_checkpoint;
    QToolButton *m_asTree;
    StoreBanner *m_store;
    QLabel *m_notice;
    QLabel *m_detail;
    QWidget *m_progress;
    QLabel *m_progressText;
    QPushButton *m_cancel;
    quint64 m_cancelJob = 0;
    JobModel m_jobs;
    QTimer m_clock;
    QString m_name; ///< of the node
    bool m_isHost = false;
    std::set<std::string> m_subjects;
    std::set<std::string> m_running;
    std::map<std::string, std::pair<std::string, std::int64_t>> m_restored; ///< subject: which checkpoint, when
    v1::ListCheckpointsReply m_list;
    std::vector<v1::CheckpointInfo> m_rows; ///< what the marks stand for
    double m_hover;                         ///< time the mouse is at; NaN: nowhere
    bool m_selecting = false;
    bool m_sizesAreChosen = false; ///< the user moved the splitter
};

} // namespace gantry
