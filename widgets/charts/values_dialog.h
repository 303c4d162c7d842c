// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractTableModel>
#include <QDialog>

#include "engine/base/metric.h"

#include <vector>

namespace gantry {

/// The points of a graph as they were at one moment: time and one column a series, newest first. NaN is an em dash.
/// Thread: GUI.
class ValuesModel final : public QAbstractTableModel
{
    Q_OBJECT
public:
    struct Series
    {
        QString label;
        std::vector<double> values; ///< one a time
    };

    /// @param times seconds since the epoch, ascending.
    ValuesModel(MetricUnit unit, std::vector<double> times, std::vector<Series> series, QObject *parent = nullptr);

    [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    MetricUnit m_unit;
    std::vector<double> m_times;
    std::vector<Series> m_series;
};

/// A graph as a table, for who cannot or does not want to look at curves. Thread: GUI.
class ValuesDialog final : public QDialog
{
    Q_OBJECT
public:
    /// @param model becomes the dialog's.
    ValuesDialog(const QString &title, ValuesModel *model, QWidget *parent = nullptr);
};

} // namespace gantry
