// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/style/theme.h"

#include "widgets/style/svg_icon_engine.h"

#include <QPainter>
#include <QPixmap>
#include <QPolygonF>

#include <array>
#include <cmath>
#include <numbers>

namespace gantry::theme {

namespace {

struct Pair
{
    QRgb light;
    QRgb dark;
};

QColor pick(Pair pair, const QPalette &palette)
{
    return QColor::fromRgb(isDark(palette) ? pair.dark : pair.light);
}

// Okabe-Ito based, so that they stay apart for colour-blind eyes; darkened or lightened to 3:1 on the base colour.
constexpr std::array kSeries{
    Pair{0xff1668b8, 0xff5aa9f0}, Pair{0xffb85c00, 0xfff0a04b}, Pair{0xff00806a, 0xff3ec9a7},
    Pair{0xffa8447f, 0xffe08ac0}, Pair{0xff5b4fc4, 0xffa79bf5}, Pair{0xff7a6a00, 0xffd9c84a},
    Pair{0xff2c7da0, 0xff7fd0f0}, Pair{0xff8c4a2f, 0xffd9a089},
};
constexpr Pair kWarning{0xff8a5a00, 0xfff2b233};
constexpr Pair kCritical{0xffc0262d, 0xffff7b72};
constexpr Pair kMuted{0xff5a6472, 0xff9aa4b2};
constexpr Pair kLine{0xffd9dee5, 0xff3a414c};
constexpr Pair kFrozen{0xff1a6f96, 0xff7cc7e8};

QPolygonF octagon(const QRectF &box)
{
    QPolygonF shape;
    for (int i = 0; i < 8; ++i) {
        const double angle = std::numbers::pi / 8 + i * std::numbers::pi / 4;
        shape << box.center() + QPointF(std::cos(angle) * box.width() / 2, std::sin(angle) * box.height() / 2);
    }
    return shape;
}

struct Shades
{
    QRgb window, base, alternate, text, button, highlight, highlightedText, link;
};
constexpr Shades kLight{0xfff4f6f8, 0xffffffff, 0xfff8fafb, 0xff1b222c, 0xfffbfcfd, 0xff1668b8, 0xffffffff, 0xff0f5ba6};
constexpr Shades kDark{0xff1d2128, 0xff15181d, 0xff1a1e24, 0xffe4e8ee, 0xff2a303a, 0xff2f6fb0, 0xffffffff, 0xff7ab8f5};

} // namespace

QPalette palette(Scheme scheme)
{
    const Shades &shades = scheme == Scheme::Dark ? kDark : kLight;
    const QColor button = QColor::fromRgb(shades.button);
    const QColor text = QColor::fromRgb(shades.text);
    QPalette out(text, button, button.lighter(120), button.darker(150), button.darker(115), text,
                 QColor::fromRgb(0xffffffff), QColor::fromRgb(shades.base), QColor::fromRgb(shades.window));
    out.setColor(QPalette::AlternateBase, QColor::fromRgb(shades.alternate));
    out.setColor(QPalette::Highlight, QColor::fromRgb(shades.highlight));
    out.setColor(QPalette::HighlightedText, QColor::fromRgb(shades.highlightedText));
    out.setColor(QPalette::Link, QColor::fromRgb(shades.link));
    out.setColor(QPalette::ToolTipBase, QColor::fromRgb(shades.button));
    out.setColor(QPalette::ToolTipText, text);
    out.setColor(QPalette::PlaceholderText, muted(out));
    for (const auto role : {QPalette::Text, QPalette::WindowText, QPalette::ButtonText})
        out.setColor(QPalette::Disabled, role, muted(out));
    return out;
}

bool isDark(const QPalette &palette)
{
    return palette.color(QPalette::Base).lightnessF() < palette.color(QPalette::Text).lightnessF();
}

QColor series(int index, const QPalette &palette)
{
    return pick(kSeries.at(static_cast<std::size_t>(index) % kSeries.size()), palette);
}

QColor severity(v1::Severity severity, const QPalette &palette)
{
    switch (severity) {
    case v1::SEVERITY_WARNING:
        return pick(kWarning, palette);
    case v1::SEVERITY_CRITICAL:
        return pick(kCritical, palette);
    default:
        return palette.color(QPalette::Text);
    }
}

QColor muted(const QPalette &palette)
{
    return pick(kMuted, palette);
}

QColor line(const QPalette &palette)
{
    return pick(kLine, palette);
}

QColor softLimit(const QPalette &palette)
{
    return pick(kWarning, palette);
}

QColor hardLimit(const QPalette &palette)
{
    return pick(kCritical, palette);
}

QColor frozen(const QPalette &palette)
{
    return pick(kFrozen, palette);
}

void paintSeverity(QPainter &painter, const QRectF &box, v1::Severity severity, const QPalette &palette)
{
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(severity == v1::SEVERITY_WARNING || severity == v1::SEVERITY_CRITICAL
                         ? theme::severity(severity, palette)
                         : muted(palette));
    if (severity == v1::SEVERITY_WARNING) {
        painter.drawPolygon(QPolygonF{{box.center().x(), box.top()}, box.bottomRight(), box.bottomLeft()});
    } else if (severity == v1::SEVERITY_CRITICAL) {
        painter.drawPolygon(octagon(box));
    } else {
        painter.drawEllipse(box.adjusted(box.width() / 4, box.height() / 4, -box.width() / 4, -box.height() / 4));
    }
    if (severity == v1::SEVERITY_WARNING || severity == v1::SEVERITY_CRITICAL) {
        const double bar = std::max(1.0, box.width() / 8);
        painter.setBrush(palette.color(QPalette::Base));
        painter.drawRect(QRectF(box.center().x() - bar / 2, box.top() + box.height() * 0.32, bar, box.height() * 0.32));
        painter.drawRect(QRectF(box.center().x() - bar / 2, box.top() + box.height() * 0.72, bar, bar));
    }
    painter.restore();
}

QIcon severityIcon(v1::Severity severity, const QPalette &palette)
{
    QIcon out;
    for (const int size : {16, 32}) {
        QPixmap pixmap(size, size);
        pixmap.fill(Qt::transparent);
        QPainter painter(&pixmap);
        paintSeverity(painter, QRectF(1, 1, size - 2, size - 2), severity, palette);
        painter.end();
        out.addPixmap(pixmap);
    }
    return out;
}

QIcon icon(QStringView name, const QPalette &palette)
{
    const QString text = name.toString();
    return SvgIconEngine::exists(text) ? QIcon(new SvgIconEngine(text, palette)) : QIcon();
}

QFont fixedFont()
{
    QFont fixed(QStringLiteral("monospace"));
    fixed.setStyleHint(QFont::Monospace);
    return fixed;
}

} // namespace gantry::theme
