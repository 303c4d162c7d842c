// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/dialogs/migration_progress.h"

#include "widgets/dialogs/dialog_buttons.h"
#include "widgets/text/format.h"

#include <QDialogButtonBox>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QVBoxLayout>

namespace gantry {

QString MigrationProgress::phaseText(const QString &name)
{
    if (name.startsWith(QStringLiteral("pre-copy ")))
        return MigrationProgress::tr("It is saved beforehand and runs on, round %1").arg(name.sliced(9));
    if (name == QStringLiteral("direct"))
        return MigrationProgress::tr("The two hosts are connected");
    if (name == QStringLiteral("relay"))
        return MigrationProgress::tr("This console carries what is sent");
    if (name == QStringLiteral("check"))
        return MigrationProgress::tr("Looking at it once more");
    if (name == QStringLiteral("dump"))
        return MigrationProgress::tr("It stands still: its processes are saved");
    if (name == QStringLiteral("files"))
        return MigrationProgress::tr("It stands still: its files are copied");
    if (name == QStringLiteral("write"))
        return MigrationProgress::tr("What was saved is stored");
    if (name == QStringLiteral("send"))
        return MigrationProgress::tr("What was saved is sent");
    if (name == QStringLiteral("restore"))
        return MigrationProgress::tr("It stands still: it is brought up on the other host");
    if (name == QStringLiteral("commit"))
        return MigrationProgress::tr("It is handed over");
    if (name == QStringLiteral("timeline"))
        return MigrationProgress::tr("It runs there; its checkpoints are copied");
    return name;
}

namespace {

/// The engine's words for a way, see MigrationPhase; empty for one that is not known.
QString wayText(const QString &way)
{
    if (way.startsWith(QStringLiteral("direct ")))
        return MigrationProgress::tr("From host to host (%1)", "address").arg(way.sliced(7));
    return way == QStringLiteral("relay") ? MigrationProgress::tr("By this console") : QString();
}

} // namespace

MigrationProgress::MigrationProgress(const QString &container, const QString &source, const QString &target,
                                     const QString &name, QWidget *parent)
    : QDialog(parent)
    , m_container(container)
    , m_source(source)
    , m_target(target)
    , m_name(name)
    , m_phase(paragraph(tr("Beginning…"), this))
    , m_figures(paragraph({}, this))
    , m_bar(new QProgressBar(this))
{
    setWindowTitle(tr("%1: %2 to %3", "container, host, host").arg(container, source, target));
    setMinimumWidth(fontMetrics().averageCharWidth() * 80);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 16, 16, 12);
    layout->setSpacing(10);
    QFont bold = m_phase->font();
    bold.setBold(true);
    m_phase->setFont(bold);
    m_bar->setRange(0, 0); // nobody knows how long the rest takes
    m_bar->setAccessibleName(tr("Under way"));
    layout->addWidget(m_phase);
    layout->addWidget(m_bar);
    layout->addWidget(m_figures);
    QDialogButtonBox &buttons = addCloseButton(*this);
    m_cancel = buttons.addButton(tr("&Give it up"), QDialogButtonBox::ActionRole);
    m_cancel->setToolTip(tr("%1 still runs on %2.").arg(container, source));
    m_rollBack = buttons.addButton(tr("&Roll back"), QDialogButtonBox::ActionRole);
    m_rollBack->setToolTip(tr("%1 goes back to %2, as it is then.").arg(container, source));
    m_rollBack->hide();
    // Enter closes: that it is given up, or goes back, is to be meant.
    m_cancel->setAutoDefault(false);
    m_rollBack->setAutoDefault(false);
    buttons.button(QDialogButtonBox::Close)->setDefault(true);
    connect(m_cancel, &QPushButton::clicked, this, [this] {
        m_cancel->setEnabled(false);
        m_phase->setText(tr("Giving it up…"));
        Q_EMIT cancelRequested();
    });
    connect(m_rollBack, &QPushButton::clicked, this, [this] {
        m_rollBack->setEnabled(false);
        Q_EMIT rollBackRequested();
    });
}

void MigrationProgress::setPhase(const v1::MigrationPhase &phase)
{
    const QString name = text::utf8(phase.name());
    if (name == QStringLiteral("timeline") && !m_isThere) {
        m_isThere = true;
        m_way = wayText(QStringLiteral("relay"));
        m_cancel->setText(tr("&Leave them"));
        m_cancel->setToolTip(
            tr("%1 runs on %2. Those of its checkpoints that are not there yet stay on %3 alone.", "container, hosts")
                .arg(m_container, m_target, m_source));
        m_cancel->setEnabled(true);
    }
    if (m_cancel->isEnabled())
        m_phase->setText(phaseText(name));
    if (name == QStringLiteral("commit"))
        m_cancel->setEnabled(false);
    if (!phase.way().empty())
        m_way = wayText(text::utf8(phase.way()));
    if (!phase.note().empty())
        m_note = text::utf8(phase.note());
    QStringList parts;
    if (!m_way.isEmpty())
        parts << m_way;
    if (phase.bytes() != 0)
        parts << tr("%1 sent").arg(text::bytes(phase.bytes()));
    if (phase.bytes_per_second() != 0)
        parts << tr("%1/s", "bytes").arg(text::bytes(phase.bytes_per_second()));
    m_figures->setText(parts.join(QStringLiteral(", ")) + (m_note.isEmpty() ? QString() : u'\n' + m_note));
}

void MigrationProgress::end(const QString &result, bool good)
{
    m_phase->setText(result);
    m_bar->setRange(0, 1);
    m_bar->setValue(good ? 1 : 0);
    m_bar->hide();
    m_cancel->hide();
    growToFit(*this);
}

void MigrationProgress::setDone(const v1::MigrationDone &done)
{
    end(m_name == m_container ? tr("%1 runs on %2.").arg(m_container, m_target)
                              : tr("%1 runs on %2 as %3.").arg(m_container, m_target, m_name),
        true);
    constexpr std::uint64_t kMilli = 1'000;
    QStringList lines{tr("At the end it stood still for %1 ms; %2 were sent in %3 ms.")
                          .arg(done.downtime_usec() / kMilli)
                          .arg(text::bytes(done.bytes()))
                          .arg(done.total_usec() / kMilli)};
    if (const QString way = wayText(text::utf8(done.way())); !way.isEmpty())
        lines << (done.bytes_per_second() == 0
                      ? way
                      : tr("%1, %2/s", "way, bytes").arg(way, text::bytes(done.bytes_per_second())));
    for (const std::string &note : done.notes())
        lines << text::utf8(note);
    m_figures->setText(lines.join(u'\n'));
    m_rollBack->show();
    growToFit(*this);
}

void MigrationProgress::setFailed(const QString &sentences, bool unknown)
{
    end(unknown ? tr("It is not known yet where %1 runs: on one host at most.").arg(m_container)
                : tr("%1 still runs on %2, unharmed.").arg(m_container, m_source),
        false);
    m_figures->setText(sentences);
    growToFit(*this);
}

QString MigrationProgress::words() const
{
    return m_phase->text() + u'\n' + m_figures->text();
}

} // namespace gantry
