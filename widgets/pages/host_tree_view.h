// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPersistentModelIndex>
#include <QTimer>
#include <QTreeView>

#include "widgets/models/hosts_tree_model.h"

#include <functional>
#include <map>

namespace gantry {

/// Whether what is dragged may go to a host.
struct DropVerdict
{
    enum class Kind {
        Asking, ///< it is not known yet; it may be dropped, and is looked at then
        Allowed,
        Warned,
        Refused
    };
    Kind kind = Kind::Refused;
    QString reason{}; ///< a sentence; empty where there is nothing to say
};

/// A tree whose values change with every tick: a range of changed rows costs one repaint of the viewport. QTreeView
/// would look for each range's place among all rows, which is linear in them. Rows all have the same height and no
/// editors. What is dragged can be dropped on hosts alone: on their row, or on any row of theirs; each host's row shows
/// whether it may. Thread: GUI.
class HostTreeView final : public QTreeView
{
    Q_OBJECT
public:
    explicit HostTreeView(QWidget *parent = nullptr);

    /// @param names of what a drag of the selected rows would move, asked at its beginning; empty: nothing can be.
    void setDragNames(std::function<QStringList()> names);
    /// Told of a host while something is dragged.
    void setVerdict(HostKey host, const DropVerdict &verdict);
    [[nodiscard]] bool isDragging() const { return m_dragging; }

    void dataChanged(const QModelIndex &topLeft, const QModelIndex &bottomRight, const QList<int> &roles) override;

Q_SIGNALS:
    /// Answer with setVerdict() for each host.
    void dragBegan();
    /// Nothing moves by it: somebody is to be asked.
    void dropped(gantry::HostKey host);
    /// What is to be said of the host that the pointer is on; empty: nothing.
    void hovered(const QString &reason);

protected:
    void startDrag(Qt::DropActions supportedActions) override;
    void dragEnterEvent(QDragEnterEvent *event) override;
    void dragMoveEvent(QDragMoveEvent *event) override;
    void dragLeaveEvent(QDragLeaveEvent *event) override;
    void dropEvent(QDropEvent *event) override;
    void drawRow(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override;

private:
    [[nodiscard]] HostKey hostAt(const QPoint &position) const;
    [[nodiscard]] DropVerdict verdictOf(HostKey host) const;
    void hover(HostKey host, const QPoint &position);
    [[nodiscard]] QPixmap badge(const QStringList &names) const;

    std::function<QStringList()> m_dragNames;
    std::map<HostKey, DropVerdict> m_verdicts;
    HostKey m_hovered;
    QPersistentModelIndex m_under; ///< the row that the pointer is on while something is dragged
    QTimer m_expand;               ///< QTreeView's own closes what is open
    bool m_dragging = false;
};

} // namespace gantry
