// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QLineEdit;

namespace gantry {

/// The gantryctl line that does the same as the dialog it stands in, to read and to copy. Thread: GUI.
class CommandLine final : public QWidget
{
    Q_OBJECT
public:
    explicit CommandLine(const QString &line, QWidget *parent = nullptr);

    /// Empty hides it.
    void setLine(const QString &line);

private:
    QLineEdit *m_line;
};

} // namespace gantry
