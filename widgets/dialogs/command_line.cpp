// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/dialogs/command_line.h"

#include "widgets/style/theme.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QToolButton>

namespace gantry {

CommandLine::CommandLine(const QString &line, QWidget *parent) : QWidget(parent), m_line(new QLineEdit(this))
{
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    m_line->setReadOnly(true);
    m_line->setFrame(false);
    m_line->setAccessibleName(tr("The same on the command line"));
    m_line->setToolTip(m_line->accessibleName());
    m_line->setFont(theme::fixedFont());
    auto *copy = new QToolButton(this);
    copy->setIcon(theme::icon(u"copy", palette()));
    copy->setAutoRaise(true);
    copy->setToolTip(tr("Copy the command line"));
    copy->setAccessibleName(copy->toolTip());
    connect(copy, &QToolButton::clicked, this, [this] { QGuiApplication::clipboard()->setText(m_line->text()); });
    layout->addWidget(m_line, 1);
    layout->addWidget(copy);
    setLine(line);
}

void CommandLine::setLine(const QString &line)
{
    m_line->setText(line);
    m_line->setCursorPosition(0);
    setVisible(!line.isEmpty());
}

} // namespace gantry
