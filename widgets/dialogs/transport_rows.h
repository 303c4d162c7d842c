// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

#include "widgets/dialogs/migration_options.h"

#include <cstdint>

class QComboBox;
class QFormLayout;
class QSpinBox;

namespace gantry {

/// Two rows of a dialog about migration: which way it goes, and how fast at most. Thread: GUI.
class TransportRows final : public QObject
{
    Q_OBJECT
public:
    /// Adds them to a form of this dialog. @param source name of the host that it goes from.
    TransportRows(QFormLayout &form, const QString &source, QWidget *dialog);

    [[nodiscard]] MigrationWay way() const;
    /// Bytes a second; 0: as fast as it goes.
    [[nodiscard]] std::uint64_t limit() const;
    [[nodiscard]] QComboBox *wayBox() const { return m_way; }
    [[nodiscard]] QSpinBox *limitBox() const { return m_limit; }

Q_SIGNALS:
    void changed();

private:
    QComboBox *m_way;
    QSpinBox *m_limit;
};

} // namespace gantry
