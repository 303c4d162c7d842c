// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/dialogs/rule_editor.h"

#include "engine/base/metric.h"
#include "widgets/dialogs/dialog_buttons.h"
#include "widgets/text/format.h"
#include "widgets/text/labels.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QFormLayout>
#include <QGridLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSpinBox>
#include <QVBoxLayout>

#include <array>

namespace gantry {

namespace {

/// What a level's editor is made of; durations in seconds.
struct LevelFields
{
    QCheckBox *enabled = nullptr;
    QDoubleSpinBox *value = nullptr;
    QSpinBox *duration = nullptr;
    QDoubleSpinBox *hysteresis = nullptr;
};

QComboBox *metricBox(QWidget *parent, MetricKind kind, bool only)
{
    auto *box = new QComboBox(parent);
    for (const MetricInfo &info : metricTable()) {
        if (info.unit != MetricUnit::State && (info.kind == kind) == only)
            box->addItem(RuleEditor::tr("%1 (%2)", "metric, kernel name")
                             .arg(text::metricLabel(info.metric), text::utf8(info.name)),
                         static_cast<int>(info.metric));
    }
    return box;
}

void choose(QComboBox &box, std::uint32_t value)
{
    box.setCurrentIndex(std::max(0, box.findData(static_cast<int>(value))));
}

std::uint64_t microseconds(int seconds)
{
    return static_cast<std::uint64_t>(seconds) * 1'000'000;
}

int seconds(std::uint64_t microseconds)
{
    return static_cast<int>(std::min<std::uint64_t>(microseconds / 1'000'000, 86'400));
}

} // namespace

class RuleEditor::Private
{
public:
    explicit Private(RuleEditor *editor, const v1::AlertRule &edited);

    void buildForm(QFormLayout &form);
    void buildLevels(QGridLayout &grid);
    void show(const v1::AlertRule &shown);
    void update();
    [[nodiscard]] v1::AlertSource chosenSource() const;

    RuleEditor *q;
    v1::AlertRule rule;
    QLineEdit *name;
    QComboBox *source;
    QComboBox *metric;
    QComboBox *reference;
    QLineEdit *scope;
    std::array<LevelFields, 2> levels; ///< soft, hard
    QSpinBox *hold;
    QSpinBox *repeat;
    QLabel *problem;
    QPushButton *save = nullptr;
};

RuleEditor::Private::Private(RuleEditor *editor, const v1::AlertRule &edited)
    : q(editor)
    , rule(edited)
    , name(new QLineEdit(q))
    , source(new QComboBox(q))
    , metric(metricBox(q, MetricKind::Limit, false))
    , reference(metricBox(q, MetricKind::Limit, true))
    , scope(new QLineEdit(q))
    , hold(new QSpinBox(q))
    , repeat(new QSpinBox(q))
    , problem(new QLabel(q))
{
    auto *layout = new QVBoxLayout(q);
    layout->setSpacing(10);
    auto *form = new QFormLayout;
    buildForm(*form);
    layout->addLayout(form);
    auto *grid = new QGridLayout;
    buildLevels(*grid);
    layout->addLayout(grid);
    problem->setWordWrap(true);
    layout->addWidget(problem);
    layout->addStretch(1);
    save = addDialogButtons(*q, RuleEditor::tr("&Save"));
    show(rule);
    update();
}

void RuleEditor::Private::buildForm(QFormLayout &form)
{
    source->addItem(RuleEditor::tr("compared with fixed levels"), v1::ALERT_SOURCE_METRIC);
    source->addItem(RuleEditor::tr("as a percentage of a limit"), v1::ALERT_SOURCE_RATIO);
    source->addItem(RuleEditor::tr("each time it grows"), v1::ALERT_SOURCE_EVENT);
    scope->setPlaceholderText(RuleEditor::tr("every cgroup"));
    for (QSpinBox *box : {hold, repeat}) {
        box->setRange(0, 86'400);
        box->setSuffix(RuleEditor::tr(" s", "seconds, after a number"));
    }
    form.addRow(RuleEditor::tr("&Name:"), name);
    form.addRow(RuleEditor::tr("&Metric:"), metric);
    form.addRow(RuleEditor::tr("&Watched:"), source);
    form.addRow(RuleEditor::tr("&Limit:"), reference);
    form.addRow(RuleEditor::tr("&Only below:"), scope);
    form.addRow(RuleEditor::tr("&Stays up for:"), hold);
    form.addRow(RuleEditor::tr("&Repeat not before:"), repeat);
    connect(source, &QComboBox::currentIndexChanged, q, [this] { update(); });
    connect(metric, &QComboBox::currentIndexChanged, q, [this] { update(); });
    connect(name, &QLineEdit::textChanged, q, [this] { update(); });
    connect(scope, &QLineEdit::textChanged, q, [this] { update(); });
}

void RuleEditor::Private::buildLevels(QGridLayout &grid)
{
    const std::array titles{RuleEditor::tr("Level"), RuleEditor::tr("above"), RuleEditor::tr("for at least"),
                            RuleEditor::tr("ends below it by")};
    for (std::size_t i = 0; i < titles.size(); ++i)
        grid.addWidget(new QLabel(titles.at(i), q), 0, static_cast<int>(i));
    const std::array names{RuleEditor::tr("So&ft"), RuleEditor::tr("&Hard")};
    for (std::size_t i = 0; i < levels.size(); ++i) {
        LevelFields &level = levels.at(i);
        const int row = static_cast<int>(i) + 1;
        level = {new QCheckBox(names.at(i), q), new QDoubleSpinBox(q), new QSpinBox(q), new QDoubleSpinBox(q)};
        for (QDoubleSpinBox *box : {level.value, level.hysteresis}) {
            box->setRange(0, 1e15);
            box->setDecimals(1);
            box->setGroupSeparatorShown(true);
        }
        level.value->setAccessibleName(RuleEditor::tr("Value of the level"));
        level.hysteresis->setAccessibleName(RuleEditor::tr("Distance below the level at which the alert ends"));
        level.duration->setAccessibleName(RuleEditor::tr("Seconds the value must stay there"));
        level.duration->setRange(0, 86'400);
        level.duration->setSuffix(RuleEditor::tr(" s", "seconds, after a number"));
        grid.addWidget(level.enabled, row, 0);
        grid.addWidget(level.value, row, 1);
        grid.addWidget(level.duration, row, 2);
        grid.addWidget(level.hysteresis, row, 3);
        connect(level.enabled, &QCheckBox::toggled, q, [this] { update(); });
        connect(level.value, &QDoubleSpinBox::valueChanged, q, [this] { update(); });
    }
}

void RuleEditor::Private::show(const v1::AlertRule &shown)
{
    name->setText(text::ruleName(shown));
    name->setReadOnly(shown.built_in());
    source->setCurrentIndex(std::max(0, source->findData(static_cast<int>(shown.source()))));
    choose(*metric, shown.metric());
    choose(*reference, shown.reference_metric());
    scope->setText(text::utf8(shown.scope_path()));
    hold->setValue(seconds(shown.hold_usec()));
    repeat->setValue(seconds(shown.repeat_usec()));
    const std::array given{&shown.soft(), &shown.hard()};
    for (std::size_t i = 0; i < levels.size(); ++i) {
        levels.at(i).enabled->setChecked(given.at(i)->enabled());
        levels.at(i).value->setValue(given.at(i)->value());
        levels.at(i).duration->setValue(seconds(given.at(i)->duration_usec()));
        levels.at(i).hysteresis->setValue(given.at(i)->hysteresis());
    }
}

v1::AlertSource RuleEditor::Private::chosenSource() const
{
    return static_cast<v1::AlertSource>(source->currentData().toInt());
}

void RuleEditor::Private::update()
{
    const v1::AlertSource chosen = chosenSource();
    const bool isEvent = chosen == v1::ALERT_SOURCE_EVENT;
    reference->setEnabled(chosen == v1::ALERT_SOURCE_RATIO);
    hold->setEnabled(isEvent);
    const MetricInfo *info = metricInfo(static_cast<Metric>(metric->currentData().toInt()));
    const QString unit = chosen == v1::ALERT_SOURCE_RATIO || info == nullptr ? text::unitLabel(MetricUnit::Percent)
                                                                             : text::unitLabel(info->unit);
    for (LevelFields &level : levels) {
        level.enabled->setEnabled(!isEvent);
        for (QWidget *field : std::initializer_list<QWidget *>{level.value, level.duration, level.hysteresis})
            field->setEnabled(!isEvent && level.enabled->isChecked());
        level.value->setSuffix(QStringLiteral(" %1").arg(unit));
    }
    QString wrong;
    if (name->text().trimmed().isEmpty())
        wrong = RuleEditor::tr("The rule needs a name.");
    else if (!scope->text().isEmpty() && !scope->text().startsWith(QLatin1Char('/')))
        wrong = RuleEditor::tr("The path of a cgroup begins with a slash.");
    else if (!isEvent && !levels[0].enabled->isChecked() && !levels[1].enabled->isChecked())
        wrong = RuleEditor::tr("Switch on a level.");
    else if (!isEvent && levels[0].enabled->isChecked() && levels[1].enabled->isChecked() &&
             levels[0].value->value() > levels[1].value->value())
        wrong = RuleEditor::tr("The soft level is above the hard one.");
    if (save != nullptr)
        showProblem(*problem, *save, wrong);
}

RuleEditor::RuleEditor(const v1::AlertRule &rule, QWidget *parent) : QDialog(parent)
{
    setWindowTitle(rule.id().empty() ? tr("New alert rule") : tr("Alert rule"));
    d = std::make_unique<Private>(this, rule);
    resize(sizeHint().expandedTo({620, 420}));
}

RuleEditor::~RuleEditor() = default;

v1::AlertRule RuleEditor::freshRule()
{
    v1::AlertRule rule;
    rule.set_source(v1::ALERT_SOURCE_RATIO);
    rule.set_metric(static_cast<std::uint32_t>(Metric::MemoryCurrent));
    rule.set_reference_metric(static_cast<std::uint32_t>(Metric::MemoryMax));
    rule.set_enabled(true);
    rule.set_repeat_usec(microseconds(300));
    rule.set_hold_usec(microseconds(60));
    rule.mutable_soft()->set_value(80);
    rule.mutable_hard()->set_value(90);
    for (v1::AlertRule::Level *level : {rule.mutable_soft(), rule.mutable_hard()}) {
        level->set_enabled(true);
        level->set_duration_usec(microseconds(5));
        level->set_hysteresis(5);
    }
    return rule;
}

v1::AlertRule RuleEditor::rule() const
{
    v1::AlertRule rule = d->rule;
    if (!rule.built_in())
        rule.set_name(d->name->text().trimmed().toStdString());
    rule.set_source(d->chosenSource());
    rule.set_metric(static_cast<std::uint32_t>(d->metric->currentData().toInt()));
    rule.set_reference_metric(
        rule.source() == v1::ALERT_SOURCE_RATIO ? static_cast<std::uint32_t>(d->reference->currentData().toInt()) : 0);
    rule.set_scope_path(d->scope->text().toStdString());
    rule.set_hold_usec(microseconds(d->hold->value()));
    rule.set_repeat_usec(microseconds(d->repeat->value()));
    const std::array out{rule.mutable_soft(), rule.mutable_hard()};
    for (std::size_t i = 0; i < out.size(); ++i) {
        out.at(i)->set_enabled(d->levels.at(i).enabled->isChecked());
        out.at(i)->set_value(d->levels.at(i).value->value());
        out.at(i)->set_duration_usec(microseconds(d->levels.at(i).duration->value()));
        out.at(i)->set_hysteresis(d->levels.at(i).hysteresis->value());
    }
    return rule;
}

} // namespace gantry
