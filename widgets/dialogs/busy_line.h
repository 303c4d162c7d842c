// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

namespace gantry {

/// Says that something is waited for whose end nobody knows. Thread: GUI.
class BusyLine final : public QWidget
{
    Q_OBJECT
public:
    explicit BusyLine(const QString &words, QWidget *parent = nullptr);
};

} // namespace gantry
