// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/limits_page.h"

#include "widgets/delegates/limit_delegate.h"
#include "widgets/pages/limit_strip.h"
#include "widgets/pages/table_panel.h"
#include "widgets/style/theme.h"
#include "widgets/text/error_text.h"
#include "widgets/text/format.h"

#include <QHeaderView>
#include <QLabel>
#include <QMenu>
#include <QTableView>
#include <QVBoxLayout>

namespace gantry {

LimitsPage::LimitsPage(QWidget *parent)
    : QWidget(parent)
    , m_table(new TablePanel(tr("Limits"), &m_model, this))
    , m_hint(new QLabel(this))
    , m_strip(new LimitStrip(this))
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(12, 8, 12, 12);
    layout->addWidget(m_table, 1);
    m_hint->setForegroundRole(QPalette::PlaceholderText);
    m_hint->setWordWrap(true);
    layout->addWidget(m_hint);
    setReadOnlyReason({});
    layout->addWidget(m_strip);
    m_table->setEmptyText(tr("Nothing can be set here."));
    QTableView *view = m_table->view();
    view->sortByColumn(LimitModel::Name, Qt::AscendingOrder);
    view->setEditTriggers(QAbstractItemView::DoubleClicked | QAbstractItemView::EditKeyPressed |
                          QAbstractItemView::AnyKeyPressed);
    view->setSelectionMode(QAbstractItemView::SingleSelection);
    view->setItemDelegateForColumn(LimitModel::New, new LimitDelegate(view));
    const int unit = fontMetrics().horizontalAdvance(QLatin1Char('0'));
    view->horizontalHeader()->resizeSection(LimitModel::Name, unit * 31);
    view->horizontalHeader()->resizeSection(LimitModel::Configured, unit * 22); // with "(changed outside)"
    for (const int column : {LimitModel::New, LimitModel::Effective})
        view->horizontalHeader()->resizeSection(column, unit * 13);
    view->horizontalHeader()->resizeSection(LimitModel::LimitedBy, unit * 20);
    connect(m_table, &TablePanel::menuRequested, this, &LimitsPage::openMenu);
    connect(&m_model, &LimitModel::editRefused, this,
            [this](LimitKey, const QString &sentence) { m_table->setNotice(sentence); });
    connect(&m_model, &LimitModel::pendingChanged, this, [this] {
        m_table->setNotice({});
        m_strip->setPending(m_model.request());
    });
    connect(m_strip, &LimitStrip::previewRequested, this, &LimitsPage::limitPreviewRequested);
    connect(m_strip, &LimitStrip::applyRequested, this, &LimitsPage::limitApplyRequested);
    connect(m_strip, &LimitStrip::revertRequested, &m_model, &LimitModel::revert);
}

void LimitsPage::clear()
{
    m_model.clear();
    m_table->setNotice({});
}

void LimitsPage::setLimits(const v1::ListLimitsReply &limits)
{
    m_strip->setCgroupPath(text::utf8(limits.cgroup_path()));
    m_model.setLimits(limits);
}

void LimitsPage::setFailure(const v1::Failure &failure)
{
    m_table->setNotice(text::errorSentence(failure));
}

void LimitsPage::setPersistence(v1::Persistence persistence)
{
    m_strip->setPersistence(persistence);
}

void LimitsPage::setPreview(const v1::SetLimitsReply &reply)
{
    m_strip->setPreview(reply);
}

void LimitsPage::setApplied(const v1::SetLimitsReply &reply)
{
    m_model.applied(reply);
    m_strip->setApplied(reply);
}

void LimitsPage::noteChanged(const v1::SetLimitsReply &reply)
{
    m_model.applied(reply);
}

void LimitsPage::setLimitFailure(const v1::Failure &failure)
{
    m_strip->setFailure(failure);
}

void LimitsPage::setReadOnlyReason(const QString &reason)
{
    m_hint->setText(reason.isEmpty() ? tr("Double click a new value to edit it: 300M, 1.5G, 50%, 50000/100000, max.")
                                     : reason);
    m_model.setReadOnlyReason(reason);
    m_strip->setReadOnlyReason(reason);
}

void LimitsPage::markChangedOutside(const QString &key, const QString &who)
{
    m_model.markChangedOutside(key, who);
}

void LimitsPage::openMenu(const QPoint &position)
{
    const int row = m_table->currentRow();
    if (row < 0)
        return;
    const QString path = text::utf8(m_model.rowAt(row).row.limiting_path());
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addAction(theme::icon(u"cgroup", palette()), tr("Show the cgroup that &limits"), this,
                    [this, path] { Q_EMIT jumpRequested(path); })
        ->setEnabled(!path.isEmpty());
    menu->popup(position);
}

} // namespace gantry
