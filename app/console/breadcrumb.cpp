// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/console/breadcrumb.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QToolButton>

namespace gantry::console {

Breadcrumb::Breadcrumb(QWidget *parent) : QWidget(parent), m_row(new QHBoxLayout(this))
{
    m_row->setContentsMargins(4, 2, 4, 2);
    m_row->setSpacing(0);
    setAccessibleName(tr("Path of the selected node"));
    // A long path must not widen the window; what does not fit is cut at the right.
    setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
}

void Breadcrumb::show(const QString &host, const QString &path, const QString &name)
{
    while (QLayoutItem *item = m_row->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    addButton(host, QStringLiteral("/"));
    if (path.isEmpty()) {
        m_row->addWidget(new QLabel(QStringLiteral("› %1").arg(name), this));
    } else {
        QString prefix;
        for (const QString &component : path.split(u'/', Qt::SkipEmptyParts)) {
            prefix += u'/' + component;
            m_row->addWidget(new QLabel(QStringLiteral("›"), this));
            addButton(component, prefix);
        }
    }
    m_row->addStretch();
}

void Breadcrumb::addButton(const QString &text, const QString &path)
{
    auto *button = new QToolButton(this);
    // A name is shown as it is: "&" starts no shortcut in it.
    button->setText(QString(text).replace(u'&', QStringLiteral("&&")));
    button->setAutoRaise(true);
    connect(button, &QToolButton::clicked, this, [this, path] { Q_EMIT pathActivated(path); });
    m_row->addWidget(button);
}

} // namespace gantry::console
