// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/dialogs/transport_rows.h"

#include <QComboBox>
#include <QFormLayout>
#include <QSpinBox>

namespace gantry {

namespace {

constexpr int kMostLimit = 100'000; ///< MiB a second
constexpr std::uint64_t kMebi = std::uint64_t{1} << 20;

} // namespace

TransportRows::TransportRows(QFormLayout &form, const QString &source, QWidget *dialog)
    : QObject(dialog), m_way(new QComboBox(dialog)), m_limit(new QSpinBox(dialog))
{
    m_way->addItem(tr("From host to host, else by this console"), static_cast<int>(MigrationWay::Auto));
    m_way->addItem(tr("From host to host, or not at all"), static_cast<int>(MigrationWay::Direct));
    m_way->addItem(tr("By this console"), static_cast<int>(MigrationWay::Relay));
    m_way->setToolTip(tr("From host to host: the other host opens a port for this one migration, encrypted, for nobody "
                         "but %1, at most for a minute until it comes. By this console: over the connections that it "
                         "has. Of two hosts on this machine the first is the same as the last.")
                          .arg(source));
    m_limit->setRange(0, kMostLimit);
    m_limit->setSpecialValueText(tr("None", "limit"));
    m_limit->setSuffix(tr(" MiB/s"));
    m_limit->setToolTip(tr("No more than this is sent a second, also while it stands still."));
    form.addRow(tr("&Way:"), m_way);
    form.addRow(tr("&Limit:"), m_limit);
    connect(m_way, &QComboBox::currentIndexChanged, this, &TransportRows::changed);
    connect(m_limit, &QSpinBox::valueChanged, this, &TransportRows::changed);
}

MigrationWay TransportRows::way() const
{
    return static_cast<MigrationWay>(m_way->currentData().toInt());
}

std::uint64_t TransportRows::limit() const
{
    return static_cast<std::uint64_t>(m_limit->value()) * kMebi;
}

} // namespace gantry
