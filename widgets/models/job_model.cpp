// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/models/job_model.h"

#include "widgets/models/column_header.h"
#include "widgets/text/error_text.h"
#include "widgets/text/format.h"
#include "widgets/text/labels.h"

#include <array>

namespace gantry {

namespace {

QString resultText(const v1::Job &job, const QString &separator)
{
    if (job.has_failure())
        return text::errorSentence(job.failure());
    QStringList lines;
    for (const std::string &line : job.results())
        lines << text::utf8(line);
    return lines.join(separator);
}

std::uint64_t durationUsec(const v1::Job &job)
{
    return job.ended_realtime_usec() > job.started_realtime_usec()
               ? static_cast<std::uint64_t>(job.ended_realtime_usec() - job.started_realtime_usec())
               : 0;
}

QString display(const v1::Job &job, int column)
{
    switch (column) {
    case JobModel::Started:
        return text::dateTime(job.started_realtime_usec());
    case JobModel::Verb:
        return text::jobVerb(job.verb());
    case JobModel::Subject:
        return text::utf8(job.subject());
    case JobModel::State:
        return JobModel::stateText(job);
    case JobModel::Duration:
        return job.ended_realtime_usec() == 0 ? QStringLiteral("\u2026") : text::duration(Micros(durationUsec(job)));
    case JobModel::Result:
        return resultText(job, QStringLiteral("; "));
    case JobModel::Actor:
        return job.actor().empty() ? text::absent() : text::utf8(job.actor());
    default:
        return {};
    }
}

} // namespace

bool JobModel::isActive(const v1::Job &job)
{
    return job.state() == v1::JOB_STATE_QUEUED || job.state() == v1::JOB_STATE_RUNNING;
}

QString JobModel::stateText(const v1::Job &job)
{
    if (job.state() != v1::JOB_STATE_RUNNING || job.phase().empty())
        return text::jobState(job.state());
    return tr("%1: %2", "state of a job, phase")
        .arg(text::jobState(job.state()), text::jobPhase(job.phase()));
}

std::uint64_t JobModel::keyOf(const v1::Job &row) const
{
    return row.id();
}

void JobModel::apply(const v1::JobUpdate &update)
{
    std::vector<v1::Job> jobs(update.jobs().begin(), update.jobs().end());
    if (update.snapshot()) {
        replaceAll(std::move(jobs));
        return;
    }
    const auto &gone = update.removed();
    removeWhere([&gone](const v1::Job &job) { return std::ranges::find(gone, job.id()) != gone.end(); });
    upsert(std::move(jobs));
}

int JobModel::activeCount() const
{
    return static_cast<int>(std::ranges::count_if(rows(), &JobModel::isActive));
}

int JobModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant JobModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const v1::Job &job = rowAt(index.row());
    switch (role) {
    case Qt::DisplayRole:
        return display(job, index.column());
    case Qt::ToolTipRole:
        return index.column() == Result ? resultText(job, QStringLiteral("\n")) : display(job, index.column());
    case Qt::TextAlignmentRole:
        return cellAlignment(index.column() == Duration);
    case SortRole:
        if (index.column() == Started)
            return static_cast<qulonglong>(job.id());
        return index.column() == Duration ? QVariant(static_cast<qulonglong>(durationUsec(job)))
                                          : QVariant(display(job, index.column()));
    case IdRole:
        return static_cast<quint64>(job.id());
    case SeverityRole:
        return static_cast<int>(job.state() == v1::JOB_STATE_FAILED ? v1::SEVERITY_CRITICAL : v1::SEVERITY_NONE);
    case FilterTextRole: {
        QStringList texts;
        for (int column = 0; column < ColumnCount; ++column)
            texts << display(job, column);
        return texts.join(QLatin1Char('\n'));
    }
    default:
        return {};
    }
}

QVariant JobModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    static constexpr std::array kTitles{QT_TR_NOOP("Started"), QT_TR_NOOP("Operation"), QT_TR_NOOP("Object"),
                                        QT_TR_NOOP("State"),   QT_TR_NOOP("Took"),      QT_TR_NOOP("Result"),
                                        QT_TR_NOOP("By")};
    return columnHeader(staticMetaObject, kTitles, section, orientation, role, section == Duration);
}

} // namespace gantry
