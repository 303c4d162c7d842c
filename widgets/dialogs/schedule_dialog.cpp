// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/dialogs/schedule_dialog.h"

#include "widgets/dialogs/amount_field.h"
#include "widgets/dialogs/command_line.h"
#include "widgets/dialogs/dialog_buttons.h"
#include "widgets/text/error_text.h"
#include "widgets/text/format.h"
#include "widgets/text/shell.h"

#include <QCheckBox>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSpinBox>
#include <QVBoxLayout>

#include <algorithm>
#include <cerrno>

namespace gantry {

namespace {

constexpr int kMostCount = 2'000'000'000; ///< about what a spin box can hold

/// Of an AmountField that counts milliseconds.
std::vector<AmountField::Unit> periodUnits()
{
    return {{ScheduleDialog::tr("milliseconds"), QStringLiteral("ms"), 1},
            {ScheduleDialog::tr("seconds"), QStringLiteral("s"), 1'000},
            {ScheduleDialog::tr("minutes"), QStringLiteral("m"), 60'000},
            {ScheduleDialog::tr("hours"), QStringLiteral("h"), 3'600'000}};
}

/// Of one that counts seconds.
std::vector<AmountField::Unit> ageUnits()
{
    return {{ScheduleDialog::tr("seconds"), QStringLiteral("s"), 1},
            {ScheduleDialog::tr("minutes"), QStringLiteral("m"), 60},
            {ScheduleDialog::tr("hours"), QStringLiteral("h"), 3'600}};
}

/// Of one that counts bytes.
std::vector<AmountField::Unit> sizeUnits()
{
    return {{ScheduleDialog::tr("bytes"), QString(), 1},
            {ScheduleDialog::tr("KiB"), QStringLiteral("K"), std::uint64_t{1} << 10},
            {ScheduleDialog::tr("MiB"), QStringLiteral("M"), std::uint64_t{1} << 20},
            {ScheduleDialog::tr("GiB"), QStringLiteral("G"), std::uint64_t{1} << 30}};
}

/// A tick with the number that it switches on. @param unit what the number counts; empty: it says so itself.
QWidget *tickedRow(QCheckBox *tick, QWidget *number, const QString &unit, QWidget *parent)
{
    auto *out = new QWidget(parent);
    auto *row = new QHBoxLayout(out);
    row->setContentsMargins(0, 0, 0, 0);
    row->addWidget(tick);
    row->addWidget(number);
    if (!unit.isEmpty())
        row->addWidget(new QLabel(unit, out));
    row->addStretch(1);
    number->setEnabled(tick->isChecked());
    QObject::connect(tick, &QCheckBox::toggled, number, &QWidget::setEnabled);
    return out;
}

} // namespace

ScheduleDialog::ScheduleDialog(const v1::Target &target, const QString &name, const QString &word, QWidget *parent)
    : QDialog(parent)
    , m_target(target)
    , m_word(word)
    , m_verdict(paragraph(tr("Looking whether %1 can be checkpointed…").arg(name), this))
    , m_problem(paragraph({}, this))
    , m_state(paragraph(tr("%1 has no schedule.").arg(name), this))
    , m_every(new AmountField(periodUnits(), tr("Time between two checkpoints"), tr("Unit of time"), this))
    , m_byCount(new QCheckBox(tr("the &newest"), this))
    , m_count(new QSpinBox(this))
    , m_byAge(new QCheckBox(tr("those of the &last"), this))
    , m_age(new AmountField(ageUnits(), tr("Greatest age"), tr("Unit of time"), this))
    , m_bySize(new QCheckBox(tr("&at most"), this))
    , m_size(new AmountField(sizeUnits(), tr("Greatest size"), tr("Unit of size"), this))
    , m_restart(new QCheckBox(tr("&Bring it back from its newest checkpoint where it dies"), this))
    , m_expired(paragraph({}, this))
    , m_command(new CommandLine({}, this))
    , m_remove(new QPushButton(tr("Remove &schedule"), this))
{
    setWindowTitle(tr("Schedule checkpoints of %1").arg(name));
    setMinimumWidth(fontMetrics().averageCharWidth() * 90);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 16, 16, 12);
    layout->setSpacing(10);
    layout->addWidget(m_verdict);
    layout->addWidget(m_problem);
    auto *now = new QHBoxLayout;
    now->addWidget(m_state, 1);
    now->addWidget(m_remove);
    layout->addLayout(now);
    buildForm();
    layout->addWidget(m_expired);
    layout->addWidget(m_command);
    layout->addStretch(1);
    m_accept = addDialogButtons(*this, tr("S&et schedule", "button"));
    m_accept->setEnabled(false); // until the dry run has said that it can be done
    m_problem->hide();
    m_remove->setAutoDefault(false);
    m_remove->hide();
    m_restart->setToolTip(tr("Not where Gantry ends it, nor where it is known to end with exit code 0; at most 5 times "
                             "in 10 minutes."));
    connect(m_remove, &QPushButton::clicked, this, [this] {
        Q_EMIT removeRequested(text::utf8(m_id));
        reject();
    });
    showCommand();
    m_every->setFocus();
}

void ScheduleDialog::buildForm()
{
    m_every->setAmount(5 * 60'000);
    m_count->setRange(1, kMostCount);
    m_count->setValue(10);
    m_count->setAccessibleName(tr("Most checkpoints"));
    m_age->setAmount(24 * 3'600);
    m_size->setAmount(std::uint64_t{1} << 30);
    m_byCount->setChecked(true);
    auto *form = new QFormLayout;
    auto *every = new QHBoxLayout;
    every->addWidget(m_every);
    every->addStretch(1);
    auto *label = new QLabel(tr("E&very:"), this);
    label->setBuddy(m_every);
    form->addRow(label, every);
    form->addRow(tr("Keep:"), tickedRow(m_byCount, m_count, tr("checkpoints"), this));
    form->addRow(QString(), tickedRow(m_byAge, m_age, {}, this));
    form->addRow(QString(), tickedRow(m_bySize, m_size, {}, this));
    form->addRow(QString(), m_restart);
    static_cast<QVBoxLayout *>(layout())->addLayout(form);
    for (QCheckBox *tick : {m_byCount, m_byAge, m_bySize, m_restart})
        connect(tick, &QCheckBox::toggled, this, &ScheduleDialog::onChange);
    connect(m_count, &QSpinBox::valueChanged, this, &ScheduleDialog::onChange);
    for (const AmountField *field : {m_every, m_age, m_size})
        connect(field, &AmountField::changed, this, &ScheduleDialog::onChange);
}

void ScheduleDialog::start()
{
    v1::SetScheduleRequest dryRun = request();
    dryRun.set_dry_run(true);
    Q_EMIT previewRequested(dryRun);
}

void ScheduleDialog::onChange()
{
    showCommand();
    start(); // what would go is asked after its answer
}

void ScheduleDialog::askExpired()
{
    v1::ExpireRequest request;
    request.set_subject(m_id);
    *request.mutable_retention() = retention();
    request.set_dry_run(true);
    const bool keepsAll = !m_byCount->isChecked() && !m_byAge->isChecked() && !m_bySize->isChecked();
    if (keepsAll)
        m_expired->setText(tr("All checkpoints stay, until somebody removes them."));
    else if (!m_id.empty())
        Q_EMIT expireRequested(request);
}

v1::Retention ScheduleDialog::retention() const
{
    v1::Retention out;
    if (m_byCount->isChecked())
        out.set_count(static_cast<std::uint64_t>(m_count->value()));
    if (m_byAge->isChecked())
        out.set_age_sec(m_age->amount());
    if (m_bySize->isChecked())
        out.set_bytes(m_size->amount());
    return out;
}

v1::SetScheduleRequest ScheduleDialog::request() const
{
    v1::SetScheduleRequest out;
    *out.mutable_target() = m_target;
    out.set_period_ms(m_every->amount());
    *out.mutable_retention() = retention();
    out.set_restart(m_restart->isChecked());
    return out;
}

void ScheduleDialog::showCommand()
{
    QString line =
        QStringLiteral("gantryctl schedule set %1 --every %2").arg(text::shellWord(m_word), m_every->word());
    if (m_byCount->isChecked())
        line += QStringLiteral(" --keep %1").arg(m_count->value());
    if (m_byAge->isChecked())
        line += QStringLiteral(" --keep-for %1").arg(m_age->word());
    if (m_bySize->isChecked())
        line += QStringLiteral(" --keep-bytes %1").arg(m_size->word());
    if (m_restart->isChecked())
        line += QStringLiteral(" --restart");
    m_command->setLine(line);
}

void ScheduleDialog::setPreview(const v1::SetScheduleReply &reply)
{
    m_problem->hide();
    m_verdict->setText(reply.runner_pid() == 0
                           ? tr("It can be checkpointed. Nobody runs schedules now: this window does, "
                                "as long as it is open.")
                           : tr("It can be checkpointed."));
    m_accept->setEnabled(true);
    const bool isNew = m_id.empty();
    m_id = reply.schedule().id();
    if (isNew)
        showFound();
    askExpired();
    growToFit(*this);
}

void ScheduleDialog::setFailure(const v1::Failure &failure)
{
    m_verdict->setText(tr("It cannot be checkpointed by a schedule."));
    m_expired->clear(); // it told of another question
    m_problem->show();
    showProblem(*m_problem, *m_accept, text::errorSentence(failure));
    growToFit(*this);
}

void ScheduleDialog::setSchedules(const v1::ListSchedulesReply &reply)
{
    m_schedules = reply;
    showFound();
}

void ScheduleDialog::showFound()
{
    const auto found =
        std::ranges::find_if(m_schedules.schedules(), [this](const v1::Schedule &one) { return one.id() == m_id; });
    m_remove->setVisible(!m_id.empty() && found != m_schedules.schedules().end());
    if (m_id.empty() || found == m_schedules.schedules().end())
        return;
    QStringList lines{found->state().empty() ? tr("It has a schedule, which nobody has run yet.")
                                             : tr("It has a schedule: %1.").arg(text::utf8(found->state()))};
    if (found->last_usec() != 0)
        lines << tr("Last: %1. %n taken", "checkpoints", static_cast<int>(found->taken()))
                     .arg(text::dateTime(found->last_usec()));
    if (found->next_usec() != 0)
        lines << tr("Next: %1").arg(text::dateTime(found->next_usec()));
    if (found->restarts() != 0)
        lines << tr("Brought back %n time(s)", nullptr, static_cast<int>(found->restarts()));
    if (!found->last_error().empty())
        lines << tr("The last one failed: %1").arg(text::utf8(found->last_error()));
    m_state->setText(lines.join(u'\n'));
    if (m_isFilled)
        return;
    m_isFilled = true; // what the user chooses afterwards stays
    m_every->setAmount(found->period_ms());
    const v1::Retention &keep = found->retention();
    m_byCount->setChecked(keep.has_count());
    m_byAge->setChecked(keep.has_age_sec());
    m_bySize->setChecked(keep.has_bytes());
    if (keep.has_count())
        m_count->setValue(static_cast<int>(std::min<std::uint64_t>(keep.count(), kMostCount)));
    if (keep.has_age_sec())
        m_age->setAmount(keep.age_sec());
    if (keep.has_bytes())
        m_size->setAmount(keep.bytes());
    m_restart->setChecked(found->restart());
}

void ScheduleDialog::setExpired(const v1::ExpireReply &reply)
{
    const int count = reply.checkpoints_size();
    m_expired->setText(count == 0 ? tr("None of the checkpoints that there are would go.")
                                  : tr("%n checkpoint(s) would go with the next one, the oldest of %1.", nullptr, count)
                                        .arg(text::dateTime(reply.checkpoints(0).realtime_usec())));
}

void ScheduleDialog::setExpireFailure(const v1::Failure &failure)
{
    if (failure.posix_errno() == ENOENT)
        setExpired({});
    else
        m_expired->setText(tr("Which checkpoints would go is not known: %1", "sentence").arg(text::errorSentence(failure)));
    growToFit(*this);
}

} // namespace gantry
