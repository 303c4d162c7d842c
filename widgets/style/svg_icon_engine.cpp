// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/style/svg_icon_engine.h"

#include "widgets/style/theme.h"

#include <QFile>
#include <QPainter>
#include <QPixmap>
#include <QPixmapCache>
#include <QSvgRenderer>

/// The linker drops the resources of a static library that nobody names. Global, as Q_INIT_RESOURCE demands.
static void initResources()
{
    Q_INIT_RESOURCE(gantry);
}

namespace gantry {

namespace {
QString fileName(const QString &name)
{
    static const bool kReady = (initResources(), true);
    Q_UNUSED(kReady)
    return QStringLiteral(":/gantry/icons/%1.svg").arg(name);
}
} // namespace

SvgIconEngine::SvgIconEngine(QString name, const QPalette &palette) : m_name(std::move(name)), m_palette(palette) {}

bool SvgIconEngine::exists(const QString &name)
{
    return QFile::exists(fileName(name));
}

QColor SvgIconEngine::color(QIcon::Mode mode) const
{
    if (mode == QIcon::Selected)
        return m_palette.color(QPalette::HighlightedText);
    if (mode != QIcon::Disabled)
        return m_palette.color(QPalette::Text);
    QColor faint = theme::muted(m_palette);
    faint.setAlphaF(0.55F);
    return faint;
}

QPixmap SvgIconEngine::pixmap(const QSize &size, QIcon::Mode mode, QIcon::State)
{
    const QColor tint = color(mode);
    const QString key =
        QStringLiteral("gantry/%1/%2x%3/%4").arg(m_name).arg(size.width()).arg(size.height()).arg(tint.rgba());
    QPixmap picture;
    if (QPixmapCache::find(key, &picture))
        return picture;
    picture = QPixmap(size);
    picture.fill(Qt::transparent);
    QFile file(fileName(m_name));
    if (file.open(QIODevice::ReadOnly)) {
        const QByteArray source = file.readAll().replace("currentColor", tint.name().toLatin1());
        QSvgRenderer renderer(source);
        QPainter painter(&picture);
        painter.setOpacity(tint.alphaF());
        renderer.render(&painter);
    }
    QPixmapCache::insert(key, picture);
    return picture;
}

void SvgIconEngine::paint(QPainter *painter, const QRect &rect, QIcon::Mode mode, QIcon::State state)
{
    const double ratio = painter->device()->devicePixelRatioF();
    painter->drawPixmap(rect, pixmap(rect.size() * ratio, mode, state));
}

QIconEngine *SvgIconEngine::clone() const
{
    return new SvgIconEngine(*this);
}

} // namespace gantry
