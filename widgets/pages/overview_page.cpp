// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/overview_page.h"

#include "engine/proto/convert.h"
#include "widgets/charts/chart_feed.h"
#include "widgets/charts/metric_chart.h"
#include "widgets/pages/limit_strip.h"
#include "widgets/pages/overview_charts.h"
#include "widgets/pages/table_filter_proxy.h"
#include "widgets/text/event_text.h"
#include "widgets/text/format.h"
#include "widgets/text/labels.h"

#include <QButtonGroup>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QToolButton>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>

namespace gantry {

namespace {

constexpr std::array kWindows{60, 300, 600, 1800, 7200};
constexpr std::size_t kMostMarkers = 500;

bool isOurs(const v1::Event &event, const QString &path)
{
    return !path.isEmpty() && isAtOrBelow(text::utf8(event.cgroup_path()), path);
}

} // namespace

class OverviewPage::Private
{
public:
    explicit Private(OverviewPage *page);

    void buildHead();
    void setPending(LimitKey key, std::optional<double> value);
    void showPending();
    void dropPending();
    void setLine(const v1::LimitRow &row);
    void showMarkers();
    void showResolution(double time);
    [[nodiscard]] MetricChart *chartOf(LimitKey key) const;
    [[nodiscard]] const LimitValue *configured(LimitKey key) const;

    OverviewPage *q;
    std::vector<ChartSpec> specs = chartSpecs();
    std::vector<MetricChart *> charts;
    LimitStrip *strip;
    QLabel *title;
    QLabel *resolution;
    QButtonGroup *windows;
    NodeId node;
    QString path;
    QString readOnlyReason;
    std::map<LimitKey, LimitValue> limits;
    std::map<LimitKey, double> pending;
    std::vector<ChartMarker> markers;
    std::optional<ChartFeed> feed;
    double newest = 0; ///< time of the last tick
    int windowSeconds = 600;
};

OverviewPage::Private::Private(OverviewPage *page)
    : q(page)
    , strip(new LimitStrip(page))
    , title(new QLabel(page))
    , resolution(new QLabel(page))
    , windows(new QButtonGroup(page))
{
    auto *grid = new QGridLayout(q);
    grid->setContentsMargins(12, 8, 12, 12);
    grid->setSpacing(10);
    buildHead();
    for (const ChartSpec &spec : specs) {
        auto *chart = new MetricChart(OverviewPage::tr(spec.title), spec.unit, spec.series, q);
        chart->setLeastTop(spec.leastTop);
        grid->addWidget(chart, spec.row + 1, spec.column, 1, spec.columns);
        charts.push_back(chart);
        connect(chart, &MetricChart::limitDragged, q, [this](LimitKey key, double value) {
            const LimitValue *old = configured(key);
            strip->setDragText(text::limitChange(key, old == nullptr ? LimitValue{Unlimited{}} : *old,
                                                 limitFromChart(key, value, old)));
        });
        connect(chart, &MetricChart::limitDropped, q, [this](LimitKey key, double value) { setPending(key, value); });
        connect(chart, &MetricChart::limitDragCancelled, q, [this](LimitKey key) { setPending(key, std::nullopt); });
        connect(chart, &MetricChart::markerActivated, q, &OverviewPage::eventActivated);
    }
    feed.emplace(charts);
    grid->addWidget(strip, 4, 0, 1, 2);
    for (const int row : {1, 2, 3})
        grid->setRowStretch(row, row == 1 ? 3 : 2);
    grid->setColumnStretch(0, 1);
    grid->setColumnStretch(1, 1);
}

void OverviewPage::Private::buildHead()
{
    auto *row = new QHBoxLayout;
    QFont large = q->font();
    large.setPointSizeF(large.pointSizeF() * 1.2);
    large.setBold(true);
    title->setFont(large);
    title->setTextInteractionFlags(Qt::TextSelectableByMouse);
    title->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    row->addWidget(title, 1);
    resolution->setForegroundRole(QPalette::PlaceholderText);
    row->addWidget(resolution);
    const std::array labels{OverviewPage::tr("1 min"), OverviewPage::tr("5 min"), OverviewPage::tr("10 min"),
                            OverviewPage::tr("30 min"), OverviewPage::tr("2 h")};
    for (std::size_t i = 0; i < kWindows.size(); ++i) {
        auto *button = new QToolButton(q);
        button->setText(labels.at(i));
        button->setAccessibleName(OverviewPage::tr("Show %1", "length of time").arg(labels.at(i)));
        button->setCheckable(true);
        button->setAutoRaise(true);
        windows->addButton(button, kWindows.at(i));
        row->addWidget(button);
    }
    connect(windows, &QButtonGroup::idClicked, q, [this](int seconds) { q->setWindowSeconds(seconds); });
    static_cast<QGridLayout *>(q->layout())->addLayout(row, 0, 0, 1, 2);
}

MetricChart *OverviewPage::Private::chartOf(LimitKey key) const
{
    for (std::size_t i = 0; i < specs.size(); ++i) {
        if (std::ranges::find(specs[i].limits, key) != specs[i].limits.end())
            return charts[i];
    }
    return nullptr;
}

const LimitValue *OverviewPage::Private::configured(LimitKey key) const
{
    const auto it = limits.find(key);
    return it == limits.end() ? nullptr : &it->second;
}

void OverviewPage::Private::setPending(LimitKey key, std::optional<double> value)
{
    if (value)
        pending[key] = *value;
    else
        pending.erase(key);
    if (MetricChart *chart = chartOf(key))
        chart->setPendingLimit(key, value);
    showPending();
}

void OverviewPage::Private::showPending()
{
    v1::SetLimitsRequest request;
    request.mutable_target()->set_node_id(node.v);
    for (const auto &[key, value] : pending) {
        v1::LimitSetting &setting = *request.add_settings();
        setting.set_key(std::string(limitInfo(key).name));
        *setting.mutable_value() = toMessage(limitFromChart(key, value, configured(key)));
    }
    strip->setPending(request);
}

void OverviewPage::Private::dropPending()
{
    for (const auto &[key, value] : std::exchange(pending, {})) {
        if (MetricChart *chart = chartOf(key))
            chart->setPendingLimit(key, std::nullopt);
    }
    strip->setPending({});
}

void OverviewPage::Private::setLine(const v1::LimitRow &row)
{
    const auto key = limitKeyByName(row.key());
    MetricChart *chart = key ? chartOf(*key) : nullptr;
    if (chart == nullptr)
        return;
    const auto value = row.has_configured() ? valueOf(row.configured()) : std::nullopt;
    if (!value) {
        limits.erase(*key);
        chart->removeLimit(*key);
        return;
    }
    limits[*key] = *value;
    LimitLine line;
    line.key = *key;
    line.label = text::utf8(limitInfo(*key).name);
    line.role = limitInfo(*key).role;
    line.value = chartValue(*value);
    line.least = *key == LimitKey::CpuMax ? 1 : 0;
    line.lockedReason = readOnlyReason.isEmpty() ? text::utf8(row.not_settable_reason()) : readOnlyReason;
    line.draggable = line.lockedReason.isEmpty();
    chart->setLimit(line);
}

void OverviewPage::Private::showResolution(double time)
{
    const double interval = time - std::exchange(newest, time);
    constexpr double kLongest = 60; // above it is a pause, no interval
    constexpr double kWhole = 0.8;  // from here on the rest is jitter
    if (interval > 0 && interval < kLongest)
        resolution->setText(
            OverviewPage::tr("One point each %1 s", "interval of the graphs")
                .arg(QLocale().toString(interval >= kWhole ? std::round(interval)
                                                           : std::max(0.1, std::round(interval * 10) / 10))));
}

void OverviewPage::Private::showMarkers()
{
    for (MetricChart *chart : charts)
        chart->setMarkers(markers);
}

OverviewPage::OverviewPage(QWidget *parent) : QWidget(parent), d(nullptr)
{
    d = std::make_unique<Private>(this);
    connect(d->strip, &LimitStrip::previewRequested, this, &OverviewPage::limitPreviewRequested);
    connect(d->strip, &LimitStrip::applyRequested, this, &OverviewPage::limitApplyRequested);
    connect(d->strip, &LimitStrip::revertRequested, this, [this] { d->dropPending(); });
    setWindowSeconds(d->windowSeconds);
}

OverviewPage::~OverviewPage() = default;

std::vector<Metric> OverviewPage::metrics()
{
    std::vector<Metric> out;
    for (const ChartSpec &spec : chartSpecs()) {
        for (const SeriesSpec &series : spec.series)
            out.push_back(series.metric);
    }
    return out;
}

void OverviewPage::setNode(NodeId id, const QString &title, const QString &path)
{
    d->node = id;
    d->path = path;
    d->title->setText(title);
    d->title->setToolTip(path);
    d->strip->setCgroupPath(path);
    d->dropPending();
    d->limits.clear();
    d->markers.clear();
    d->feed->restart();
    for (std::size_t i = 0; i < d->charts.size(); ++i) {
        d->charts[i]->setNote({});
        for (const LimitKey key : d->specs[i].limits)
            d->charts[i]->removeLimit(key);
    }
}

NodeId OverviewPage::node() const
{
    return d->node;
}

void OverviewPage::setHistory(const v1::HistoryReply &history)
{
    d->feed->setHistory(history);
    d->showMarkers();
}

void OverviewPage::apply(const v1::NodeMetrics &metrics, qint64 realtimeUsec)
{
    d->showResolution(static_cast<double>(realtimeUsec) / 1e6);
    d->feed->apply(metrics, realtimeUsec);
}

void OverviewPage::applyGap(qint64 realtimeUsec)
{
    d->showResolution(static_cast<double>(realtimeUsec) / 1e6);
    d->feed->applyGap(realtimeUsec);
}

void OverviewPage::setLimits(const v1::ListLimitsReply &limits)
{
    if (text::utf8(limits.cgroup_path()) != d->path)
        return; // of the node shown before
    for (const v1::LimitRow &row : limits.rows())
        d->setLine(row);
}

void OverviewPage::setPersistence(v1::Persistence persistence)
{
    d->strip->setPersistence(persistence);
}

void OverviewPage::setPreview(const v1::SetLimitsReply &reply)
{
    d->strip->setPreview(reply);
}

void OverviewPage::setApplied(const v1::SetLimitsReply &reply)
{
    if (text::utf8(reply.cgroup_path()) != d->path)
        return;
    for (const v1::LimitChange &change : reply.changes()) {
        v1::LimitRow row;
        row.set_key(change.key());
        *row.mutable_configured() = change.new_value();
        d->setLine(row);
    }
    d->dropPending();
    d->strip->setApplied(reply);
}

void OverviewPage::setLimitFailure(const v1::Failure &failure)
{
    d->strip->setFailure(failure);
}

void OverviewPage::addEvents(const v1::EventBatch &batch)
{
    for (const v1::Event &event : batch.events()) {
        if (!isOurs(event, d->path))
            continue;
        d->markers.push_back({event.sequence(), static_cast<double>(event.realtime_usec()) / 1e6,
                              text::eventSeverity(event), text::eventSentence(event)});
    }
    if (d->markers.size() > kMostMarkers)
        d->markers.erase(d->markers.begin(), d->markers.end() - static_cast<std::ptrdiff_t>(kMostMarkers));
    d->showMarkers();
}

void OverviewPage::setReadOnlyReason(const QString &reason)
{
    d->readOnlyReason = reason;
    d->strip->setReadOnlyReason(reason);
}

void OverviewPage::setNote(const QString &note)
{
    for (MetricChart *chart : d->charts)
        chart->setNote(note);
}

void OverviewPage::setWindowSeconds(int seconds)
{
    if (std::ranges::find(kWindows, seconds) == kWindows.end())
        return;
    d->windowSeconds = seconds;
    d->windows->button(seconds)->setChecked(true);
    for (MetricChart *chart : d->charts)
        chart->setWindow(std::chrono::seconds(seconds));
    Q_EMIT windowSecondsChanged(seconds);
}

int OverviewPage::windowSeconds() const
{
    return d->windowSeconds;
}

} // namespace gantry
