// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/checkpoint_actions.h"

#include "widgets/pages/table_tools.h"
#include "widgets/text/format.h"

#include <QHBoxLayout>
#include <QMenu>
#include <QPushButton>
#include <QShortcut>

#include <algorithm>

namespace gantry {

CheckpointActions::CheckpointActions(QWidget *parent)
    : QWidget(parent)
    , m_inspect(new QPushButton(tr("Inspect…", "button"), this))
    , m_compare(new QPushButton(tr("Compare…", "button"), this))
    , m_restore(new QPushButton(tr("Restore…", "button"), this))
    , m_copy(new QPushButton(tr("Fork…", "button: restore as a new container"), this))
    , m_describe(new QPushButton(tr("Name…", "button"), this))
    , m_pin(new QPushButton(tr("Pin", "button"), this))
    , m_export(new QPushButton(tr("Export…", "button"), this))
    , m_remove(new QPushButton(tr("Remove…", "button"), this))
{
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(4);
    for (QPushButton *button : buttons()) {
        // As wide as its words: eight stand beside each other in a small window.
        const QString words = button == m_pin ? tr("Unpin", "button") : button->text();
        button->setMinimumWidth(fontMetrics().horizontalAdvance(words) + 16);
        button->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
        layout->addWidget(button, button->minimumWidth());
    }
    connect(m_inspect, &QPushButton::clicked, this,
            [this] { Q_EMIT inspectRequested(text::utf8(m_selected.front().id())); });
    connect(m_compare, &QPushButton::clicked, this, &CheckpointActions::compare);
    connect(m_restore, &QPushButton::clicked, this, [this] { Q_EMIT restoreRequested(m_selected.front()); });
    connect(m_copy, &QPushButton::clicked, this, [this] { Q_EMIT copyRequested(m_selected.front()); });
    connect(m_describe, &QPushButton::clicked, this, [this] { Q_EMIT describeRequested(m_selected.front()); });
    connect(m_pin, &QPushButton::clicked, this,
            [this] { Q_EMIT pinRequested(m_selected, !std::ranges::all_of(m_selected, &v1::CheckpointInfo::pinned)); });
    connect(m_export, &QPushButton::clicked, this, [this] { Q_EMIT exportRequested(m_selected); });
    connect(m_remove, &QPushButton::clicked, this, [this] { Q_EMIT removeRequested(m_selected); });
    // As file managers rename; anywhere on the page.
    auto *rename = new QShortcut(QKeySequence(Qt::Key_F2), parent == nullptr ? this : parent);
    rename->setContext(Qt::WidgetWithChildrenShortcut);
    connect(rename, &QShortcut::activated, m_describe, &QPushButton::click);
    offer();
}

std::array<QPushButton *, 8> CheckpointActions::buttons() const
{
    return {m_inspect, m_compare, m_restore, m_copy, m_describe, m_pin, m_export, m_remove};
}

void CheckpointActions::compare()
{
    std::vector<v1::CheckpointInfo> two = m_selected;
    std::ranges::sort(two, {}, &v1::CheckpointInfo::realtime_usec);
    Q_EMIT compareRequested(text::utf8(two.front().id()), text::utf8(two.back().id()));
}

void CheckpointActions::setSelected(std::vector<v1::CheckpointInfo> selected)
{
    m_selected = std::move(selected);
    offer();
}

void CheckpointActions::setReadOnlyReason(const QString &reason)
{
    m_readOnlyReason = reason;
    offer();
}

void CheckpointActions::activate()
{
    if (m_inspect->isEnabled())
        m_inspect->click();
}

void CheckpointActions::openMenu(const QPoint &globalPosition)
{
    QMenu menu(this);
    for (QPushButton *button : buttons()) {
        QAction *action = menu.addAction(button->text(), button, &QPushButton::click);
        action->setEnabled(button->isEnabled());
    }
    menu.exec(globalPosition);
}

void CheckpointActions::offer()
{
    const std::size_t count = m_selected.size();
    const bool isPinned = count > 0 && std::ranges::all_of(m_selected, &v1::CheckpointInfo::pinned);
    m_pin->setText(isPinned ? tr("Unpin", "button") : tr("Pin", "button"));
    offerButton(*m_inspect, {}, count == 1, tr("Select one checkpoint first."));
    offerButton(*m_compare, {}, count == 2, tr("Select two checkpoints first."));
    offerButton(*m_restore, m_readOnlyReason, count == 1, tr("Select one checkpoint first."));
    offerButton(*m_copy, m_readOnlyReason, count == 1, tr("Select one checkpoint first."));
    offerButton(*m_describe, m_readOnlyReason, count == 1, tr("Select one checkpoint first."));
    offerButton(*m_pin, m_readOnlyReason, count > 0, tr("Select a checkpoint first."));
    offerButton(*m_export, m_readOnlyReason, count > 0, tr("Select a checkpoint first."));
    offerButton(*m_remove, m_readOnlyReason, count > 0, tr("Select a checkpoint first."));
    if (m_copy->isEnabled())
        m_copy->setToolTip(tr("Restore as a new container, beside whatever runs now"));
    if (m_describe->isEnabled())
        m_describe->setToolTip(tr("Name and note (F2)"));
    if (m_pin->isEnabled())
        m_pin->setToolTip(isPinned ? tr("Retention may remove it again") : tr("Retention leaves it alone"));
}

} // namespace gantry
