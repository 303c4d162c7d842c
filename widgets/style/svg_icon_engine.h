// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QIconEngine>
#include <QPalette>

namespace gantry {

/// Draws an icon of resources/icons in the colours of a palette: "currentColor" becomes the text colour, faint when
/// disabled, the highlighted text's when selected. Renders when painted, at the size painted, and keeps the picture in
/// QPixmapCache. Thread: GUI.
class SvgIconEngine final : public QIconEngine
{
public:
    SvgIconEngine(QString name, const QPalette &palette);

    void paint(QPainter *painter, const QRect &rect, QIcon::Mode mode, QIcon::State state) override;
    [[nodiscard]] QPixmap pixmap(const QSize &size, QIcon::Mode mode, QIcon::State state) override;
    [[nodiscard]] QIconEngine *clone() const override;
    /// False where resources has no such icon.
    [[nodiscard]] static bool exists(const QString &name);

private:
    [[nodiscard]] QColor color(QIcon::Mode mode) const;

    QString m_name;
    QPalette m_palette;
};

} // namespace gantry
