// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/dialogs/warning_list.h"

#include "gantry/v1/alerts.pb.h"
#include "widgets/style/theme.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QVBoxLayout>

namespace gantry {

WarningList::WarningList(QWidget *parent) : QWidget(parent), m_rows(new QVBoxLayout(this))
{
    m_rows->setContentsMargins(0, 0, 0, 0);
    m_rows->setSpacing(10);
    hide();
}

void WarningList::setWarnings(const QStringList &warnings)
{
    if (warnings == m_warnings)
        return;
    m_warnings = warnings;
    while (QLayoutItem *item = m_rows->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    for (const QString &warning : warnings) {
        auto *row = new QWidget(this);
        auto *layout = new QHBoxLayout(row);
        layout->setContentsMargins(0, 0, 0, 0);
        auto *sign = new QLabel(row);
        sign->setPixmap(theme::severityIcon(v1::SEVERITY_WARNING, palette()).pixmap(16, 16));
        auto *text = new QLabel(warning, row);
        text->setWordWrap(true);
        text->setTextFormat(Qt::PlainText);
        layout->addWidget(sign, 0, Qt::AlignTop);
        layout->addWidget(text, 1);
        m_rows->addWidget(row);
    }
    setVisible(!warnings.isEmpty());
}

} // namespace gantry
