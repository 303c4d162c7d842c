// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include <vector>

class QAbstractItemModel;
class QHBoxLayout;
class QLabel;
class QLineEdit;
class QTableView;

namespace gantry {

class TableFilterProxy;

/// A table as every page shows it: filter field, sortable columns, column chooser on the header, multi-selection, CSV
/// of what is shown, a line for "nothing here" and failures. Thread: GUI.
class TablePanel final : public QWidget
{
    Q_OBJECT
public:
    /// @param name of the table, for screen readers and file names. The model must outlive the panel.
    TablePanel(const QString &name, QAbstractItemModel *model, QWidget *parent = nullptr);

    [[nodiscard]] QTableView *view() const { return m_view; }
    /// Row of the bar above the table where a page adds its buttons, right of the filter.
    [[nodiscard]] QHBoxLayout *bar() const { return m_bar; }
    /// Rows of the source model that are selected, in the order shown.
    [[nodiscard]] std::vector<int> selectedRows() const;
    /// Row of the source model that is current, -1 if there is none.
    [[nodiscard]] int currentRow() const;
    void selectSourceRow(int row);
    /// Text in the middle of the table while it has no rows.
    void setEmptyText(const QString &text);
    /// A failure or notice above the table; empty hides it.
    void setNotice(const QString &text);
    /// Only rows of this cgroup (PathRole) and those below it; empty: all.
    void setPathFilter(const QString &path);
    void focusFilter();
    void clearFilter();

    /// Column widths, order, visibility and sorting, as QHeaderView keeps them.
    [[nodiscard]] QByteArray saveState() const;
    bool restoreState(const QByteArray &state);
    /// What is shown as CSV.
    [[nodiscard]] QString csv() const;

Q_SIGNALS:
    void selectionChanged();
    /// Double click or Enter on a row of the source model.
    void activated(int sourceRow);
    /// Right click or menu key; the page opens its menu there.
    void menuRequested(const QPoint &globalPosition);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void buildBar(const QString &name);
    void buildView(const QString &name);
    void updateEmptyText();

    QTableView *m_view;
    QHBoxLayout *m_bar;
    QLineEdit *m_filter;
    QLabel *m_notice;
    QLabel *m_empty;
    QString m_emptyText;
    TableFilterProxy *m_proxy;
};

} // namespace gantry
