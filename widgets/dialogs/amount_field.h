// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include <cstdint>
#include <vector>

class QComboBox;
class QDoubleSpinBox;

namespace gantry {

/// A number and the unit that it counts: "90 minutes". An amount that is put in is told back as it was, below 2^53 of
/// the finest unit. Thread: GUI.
class AmountField final : public QWidget
{
    Q_OBJECT
public:
    struct Unit
    {
        QString name;       ///< "minutes"
        QString suffix;     ///< as gantryctl has it: "m"
        std::uint64_t size; ///< in what amount() counts
    };
    /// @param units from the finest, which is offered only once an amount needs it, to the coarsest. Two at least.
    /// @param number, unit what the two are for, for who hears the screen.
    AmountField(std::vector<Unit> units, const QString &number, const QString &unit, QWidget *parent = nullptr);

    /// What stands in it; the most that 64 bits hold where it is more.
    [[nodiscard]] std::uint64_t amount() const;
    /// Shown in the coarsest unit that divides it. changed() is emitted once.
    void setAmount(std::uint64_t amount);
    /// As an option of gantryctl wants it: "90m".
    [[nodiscard]] QString word() const;

Q_SIGNALS:
    void changed();

private:
    [[nodiscard]] const Unit &unit() const;
    void offer(std::size_t unit);

    std::vector<Unit> m_units;
    QDoubleSpinBox *m_number; ///< whole ones: QSpinBox ends at 2^31
    QComboBox *m_unit;        ///< data: index in m_units
};

} // namespace gantry
