// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QVBoxLayout;

namespace gantry {

/// Sentences of caution, each with the sign of a warning; takes no room while there are none. Thread: GUI.
class WarningList final : public QWidget
{
    Q_OBJECT
public:
    explicit WarningList(QWidget *parent = nullptr);

    /// Plain texts, in this order.
    void setWarnings(const QStringList &warnings);
    [[nodiscard]] const QStringList &warnings() const { return m_warnings; }

private:
    QVBoxLayout *m_rows;
    QStringList m_warnings;
};

} // namespace gantry
