// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QImage>
#include <QPixmap>
#include <QWidget>
#include <QtTest>

namespace gantry::test {

/// Paints the widget; the picture is kept where GANTRY_PICTURES says.
inline QImage picture(QWidget &widget, const QString &name, QSize size)
{
    widget.setAttribute(Qt::WA_DontShowOnScreen);
    if (size.isValid())
        widget.resize(size);
    widget.show();
    QTest::qWait(60); // charts paint at most once a frame
    const QImage image = widget.grab().toImage();
    if (const QString folder = qEnvironmentVariable("GANTRY_PICTURES"); !folder.isEmpty())
        image.save(QStringLiteral("%1/%2.png").arg(folder, name));
    return image;
}

/// Keeps what a widget looks like now where GANTRY_PICTURES says.
inline void keepPicture(QWidget &widget, const char *name)
{
    if (const QString folder = qEnvironmentVariable("GANTRY_PICTURES"); !folder.isEmpty())
        widget.grab().save(QStringLiteral("%1/%2.png").arg(folder, QString::fromLatin1(name)));
}

} // namespace gantry::test
