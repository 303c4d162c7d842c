// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/dialogs/amount_field.h"

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QHBoxLayout>
#include <QSignalBlocker>

#include <algorithm>
#include <limits>

namespace gantry {

namespace {
constexpr double kMostNumber = 2'000'000'000; ///< of a unit, to be typed; what is put in may be more
} // namespace

AmountField::AmountField(std::vector<Unit> units, const QString &number, const QString &unit, QWidget *parent)
    : QWidget(parent), m_units(std::move(units)), m_number(new QDoubleSpinBox(this)), m_unit(new QComboBox(this))
{
    auto *row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->addWidget(m_number);
    row->addWidget(m_unit);
    m_number->setDecimals(0);
    m_number->setRange(1, kMostNumber);
    m_number->setAccessibleName(number);
    m_unit->setAccessibleName(unit);
    for (std::size_t i = 1; i < m_units.size(); ++i)
        offer(i);
    setFocusProxy(m_number);
    connect(m_number, &QDoubleSpinBox::valueChanged, this, &AmountField::changed);
    connect(m_unit, &QComboBox::currentIndexChanged, this, &AmountField::changed);
}

void AmountField::offer(std::size_t unit)
{
    m_unit->addItem(m_units.at(unit).name, QVariant::fromValue(unit));
}

const AmountField::Unit &AmountField::unit() const
{
    return m_units.at(m_unit->currentData().value<std::size_t>());
}

std::uint64_t AmountField::amount() const
{
    constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
    const auto number = static_cast<std::uint64_t>(m_number->value());
    return number > kMost / unit().size ? kMost : number * unit().size;
}

void AmountField::setAmount(std::uint64_t amount)
{
    std::size_t coarsest = m_units.size() - 1;
    while (coarsest > 0 && amount % m_units.at(coarsest).size != 0)
        --coarsest;
    {
        const QSignalBlocker quietUnit(m_unit);
        const QSignalBlocker quietNumber(m_number);
        if (m_unit->findData(QVariant::fromValue(coarsest)) < 0)
            offer(coarsest); // the finest, below the others: nobody looks for it
        m_unit->setCurrentIndex(m_unit->findData(QVariant::fromValue(coarsest)));
        const auto shown = static_cast<double>(amount / m_units.at(coarsest).size);
        m_number->setRange(std::min(1.0, shown), std::max(kMostNumber, shown));
        m_number->setValue(shown);
    }
    Q_EMIT changed();
}

QString AmountField::word() const
{
    return QString::number(static_cast<std::uint64_t>(m_number->value())) + unit().suffix;
}

} // namespace gantry
