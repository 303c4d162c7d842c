// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/events_page.h"

#include "widgets/delegates/badge_delegate.h"
#include "widgets/pages/table_panel.h"
#include "widgets/style/theme.h"
#include "widgets/text/format.h"

#include <QCheckBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QMenu>
#include <QTableView>
#include <QVBoxLayout>

namespace gantry {

EventsPage::EventsPage(QWidget *parent)
    : QWidget(parent)
    , m_table(new TablePanel(tr("Events"), &m_model, this))
    , m_onlyHere(new QCheckBox(tr("Only here and &below"), this))
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(12, 8, 12, 12);
    layout->addWidget(m_table);
    m_table->bar()->addWidget(m_onlyHere);
    m_table->setEmptyText(tr("Nothing has happened yet."));
    m_onlyHere->setChecked(true);
    QTableView *view = m_table->view();
    view->setItemDelegateForColumn(EventModel::Level, new BadgeDelegate(view));
    view->sortByColumn(EventModel::Time, Qt::DescendingOrder);
    const int unit = fontMetrics().horizontalAdvance(QLatin1Char('0'));
    view->horizontalHeader()->resizeSection(EventModel::Time, unit * 20);
    view->horizontalHeader()->resizeSection(EventModel::Level, unit * 15);
    view->horizontalHeader()->resizeSection(EventModel::What, unit * 28);
    view->horizontalHeader()->resizeSection(EventModel::Where, unit * 18);
    connect(m_onlyHere, &QCheckBox::toggled, this,
            [this](bool on) { m_table->setPathFilter(on ? m_path : QString()); });
    connect(m_table, &TablePanel::menuRequested, this, &EventsPage::openMenu);
}

void EventsPage::addEvents(const v1::EventBatch &batch)
{
    m_model.add(batch);
    const auto lost = static_cast<int>(std::min<std::uint64_t>(m_model.lost(), 1'000'000'000));
    m_table->setNotice(lost == 0 ? QString() : tr("%n event(s) were lost: too many at once.", nullptr, lost));
}

void EventsPage::clear()
{
    m_model.clear();
    m_table->setNotice({});
}

void EventsPage::setCgroupPath(const QString &path)
{
    m_path = path;
    if (m_onlyHere->isChecked())
        m_table->setPathFilter(path);
}

void EventsPage::selectEvent(quint64 sequence)
{
    const int row = m_model.rowOf(sequence);
    if (row < 0)
        return;
    m_table->selectSourceRow(row);
    if (m_table->currentRow() == row)
        return;
    m_table->clearFilter();
    m_onlyHere->setChecked(false);
    m_table->selectSourceRow(row);
}

void EventsPage::openMenu(const QPoint &position)
{
    const int row = m_table->currentRow();
    if (row < 0)
        return;
    const QString path = text::utf8(m_model.rowAt(row).cgroup_path());
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addAction(theme::icon(u"cgroup", palette()), tr("Show the &cgroup in the tree"), this,
                    [this, path] { Q_EMIT jumpRequested(path); })
        ->setEnabled(!path.isEmpty());
    menu->popup(position);
}

} // namespace gantry
