// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/dialogs/busy_line.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QProgressBar>

namespace gantry {

BusyLine::BusyLine(const QString &words, QWidget *parent) : QWidget(parent)
{
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    auto *bar = new QProgressBar(this);
    bar->setRange(0, 0);
    bar->setTextVisible(false);
    bar->setMaximumWidth(120);
    bar->setAccessibleName(words);
    layout->addWidget(bar);
    layout->addWidget(new QLabel(words, this), 1);
}

} // namespace gantry
