// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/text/format.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QLocale>

#include <array>
#include <cmath>

namespace gantry::text {

namespace {

/// Gives this file's texts their context for translators.
struct FormatText
{
    Q_DECLARE_TR_FUNCTIONS(FormatText)
};

/// Three significant digits, but never fewer than the whole part has: 1.25, 12.5, 125, 1023.
QString threeDigits(double value)
{
    const double magnitude = std::abs(value);
    const bool whole = value == std::floor(value);
    const int decimals = whole || magnitude >= 99.95 ? 0 : magnitude >= 9.995 ? 1 : 2;
    QLocale plain; // 1000 to 1023 of a unit need no separator
    plain.setNumberOptions(QLocale::OmitGroupSeparator);
    return plain.toString(value, 'f', decimals);
}

QString scaled(double value, const std::array<QString, 7> &patterns)
{
    std::size_t i = 0;
    // 1023.5 would print as "1024" of the smaller unit.
    while (std::abs(value) >= 1023.5 && i + 1 < patterns.size()) {
        value /= 1024;
        ++i;
    }
    return patterns.at(i).arg(threeDigits(i == 0 ? std::round(value) : value));
}

QString ioRate(const QString &name, const std::optional<Limit<std::uint64_t>> &rate, bool isBytes)
{
    if (!rate)
        return {};
    const QString value = !*rate    ? unlimited()
                          : isBytes ? byteRate(static_cast<double>(**rate))
                                    : perSecond(static_cast<double>(**rate));
    return FormatText::tr("%1 %2", "I/O limit: kind and rate").arg(name, value);
}

QString ioMax(const IoMax &io)
{
    QStringList parts{FormatText::tr("%1:%2", "block device number").arg(io.device.major).arg(io.device.minor)};
    parts << ioRate(FormatText::tr("read"), io.rbps, true) << ioRate(FormatText::tr("write"), io.wbps, true)
          << ioRate(FormatText::tr("read operations"), io.riops, false)
          << ioRate(FormatText::tr("write operations"), io.wiops, false);
    parts.removeAll(QString());
    return parts.join(QLatin1Char(' '));
}

/// A limit as one number of its unit, where it is one.
std::optional<double> scalar(const LimitValue &value)
{
    if (const auto *number = std::get_if<std::uint64_t>(&value))
        return static_cast<double>(*number);
    if (const auto *cpu = std::get_if<CpuMax>(&value); cpu && cpu->quota && cpu->period.count() > 0)
        return static_cast<double>(cpu->quota->count()) / static_cast<double>(cpu->period.count());
    return std::nullopt;
}

} // namespace

QString utf8(std::string_view bytes)
{
    return QString::fromUtf8(bytes.data(), static_cast<qsizetype>(bytes.size()));
}

QString absent()
{
    return QStringLiteral("\u2014");
}

QString unlimited()
{
    return QStringLiteral("\u221E");
}

QString bytes(std::uint64_t value)
{
    return scaled(static_cast<double>(value),
                  {FormatText::tr("%1 B", "bytes"), FormatText::tr("%1 KiB"), FormatText::tr("%1 MiB"),
                   FormatText::tr("%1 GiB"), FormatText::tr("%1 TiB"), FormatText::tr("%1 PiB"),
                   FormatText::tr("%1 EiB")});
}

QString byteRate(double bytesPerSecond)
{
    return scaled(bytesPerSecond, {FormatText::tr("%1 B/s"), FormatText::tr("%1 KiB/s"), FormatText::tr("%1 MiB/s"),
                                   FormatText::tr("%1 GiB/s"), FormatText::tr("%1 TiB/s"), FormatText::tr("%1 PiB/s"),
                                   FormatText::tr("%1 EiB/s")});
}

QString percent(double value)
{
    return FormatText::tr("%1 %").arg(QLocale().toString(value, 'f', std::abs(value) >= 99.95 ? 0 : 1));
}

QString duration(Micros value)
{
    const auto us = static_cast<double>(value.count());
    if (us < 1'000)
        return FormatText::tr("%1 µs").arg(threeDigits(us));
    if (us < 1e6)
        return FormatText::tr("%1 ms").arg(threeDigits(us / 1e3));
    if (us < 60e6)
        return FormatText::tr("%1 s", "seconds").arg(threeDigits(us / 1e6));
    const std::uint64_t seconds = value.count() / 1'000'000;
    if (seconds < 3'600)
        return FormatText::tr("%1 min %2 s").arg(seconds / 60).arg(seconds % 60);
    if (seconds < 86'400)
        return FormatText::tr("%1 h %2 min").arg(seconds / 3'600).arg(seconds / 60 % 60);
    return FormatText::tr("%1 d %2 h", "days and hours").arg(seconds / 86'400).arg(seconds / 3'600 % 24);
}

QString count(std::uint64_t value)
{
    return QLocale().toString(static_cast<qulonglong>(value));
}

QString perSecond(double value)
{
    return FormatText::tr("%1/s").arg(threeDigits(value));
}

QString number(MetricUnit unit, double value)
{
    if (!std::isfinite(value))
        return absent();
    const std::uint64_t whole = value <= 0 ? 0 : static_cast<std::uint64_t>(std::min(value, 1.8e19));
    switch (unit) {
    case MetricUnit::Byte:
        return bytes(whole);
    case MetricUnit::BytePerSecond:
        return byteRate(value);
    case MetricUnit::Microsecond:
        return duration(Micros(whole));
    case MetricUnit::Percent:
        return percent(value);
    case MetricUnit::PerSecond:
        return perSecond(value);
    case MetricUnit::None:
    case MetricUnit::Number:
    case MetricUnit::WeightNumber:
    case MetricUnit::State:
        break;
    }
    return value == std::floor(value) ? count(whole) : QLocale().toString(value, 'f', 1);
}

QString cell(Metric metric, const Cell &value)
{
    switch (value.state) {
    case v1::CELL_STATE_VALUE:
        if (const MetricInfo *info = metricInfo(metric))
            return info->unit == MetricUnit::Byte ? bytes(value.integer) : number(info->unit, value.number(*info));
        return absent();
    case v1::CELL_STATE_UNLIMITED:
        return unlimited();
    case v1::CELL_STATE_UNREADABLE:
        return FormatText::tr("unreadable");
    case v1::CELL_STATE_NOT_YET:
        return QStringLiteral("\u2026");
    default:
        return absent();
    }
}

QString cellHint(const Cell &value)
{
    switch (value.state) {
    case v1::CELL_STATE_VALUE:
        return {};
    case v1::CELL_STATE_UNLIMITED:
        return FormatText::tr("No limit is set.");
    case v1::CELL_STATE_UNREADABLE:
        return FormatText::tr("The kernel has this value, but it could not be read.");
    case v1::CELL_STATE_NOT_YET:
        return FormatText::tr("A rate needs two samples; the second one is on its way.");
    default:
        return FormatText::tr("The kernel keeps no such value here.");
    }
}

QString limitValue(LimitKey key, const LimitValue &value)
{
    if (std::holds_alternative<Unlimited>(value))
        return unlimited();
    if (const auto *number = std::get_if<std::uint64_t>(&value)) {
        if (limitInfo(key).shape == LimitShape::Microseconds)
            return duration(Micros(*number));
        return limitInfo(key).shape == LimitShape::ByteSize ? bytes(*number) : count(*number);
    }
    if (const auto *cpu = std::get_if<CpuMax>(&value)) {
        if (!cpu->quota)
            return unlimited();
        if (const auto share = scalar(value))
            return FormatText::tr("%1 of one CPU").arg(percent(*share * 100));
        return duration(*cpu->quota);
    }
    if (const auto *text = std::get_if<std::string>(&value))
        return utf8(*text);
    QStringList devices;
    for (const IoMax &io : std::get<std::vector<IoMax>>(value))
        devices << ioMax(io);
    return devices.isEmpty() ? unlimited() : devices.join(QStringLiteral(", "));
}

QString limitInput(LimitKey key, const LimitValue &value)
{
    if (const auto *number = std::get_if<std::uint64_t>(&value); number && limitInfo(key).shape == LimitShape::ByteSize)
        return utf8(compactBytes(*number));
    if (const auto *cpu = std::get_if<CpuMax>(&value)) {
        if (!cpu->quota)
            return QStringLiteral("max");
        // A whole percentage of the usual period reads better than two numbers of microseconds.
        constexpr std::uint64_t kUsualPeriod = 100'000;
        if (cpu->period.count() == kUsualPeriod && cpu->quota->count() % 1'000 == 0)
            return QStringLiteral("%1%").arg(cpu->quota->count() / 1'000);
        if (cpu->period.count() != 0)
            return QStringLiteral("%1/%2").arg(cpu->quota->count()).arg(cpu->period.count());
    }
    return utf8(limitValueText(value));
}

QString limitChange(LimitKey key, const LimitValue &from, const LimitValue &to)
{
    const QString name = utf8(limitInfo(key).name);
    const auto before = scalar(from);
    const auto after = scalar(to);
    if (!before || !after || *before == 0)
        return FormatText::tr("%1: %2 → %3", "limit: old to new").arg(name, limitValue(key, from), limitValue(key, to));
    return FormatText::tr("%1: %2 → %3 (%4)", "limit: old to new, change in percent")
        .arg(name, limitValue(key, from), limitValue(key, to), percentChange(*before, *after));
}

QString percentChange(double from, double to)
{
    const double change = (to / from - 1) * 100;
    const QString amount = QLocale().toString(std::abs(change), 'f', std::abs(change) < 9.95 ? 1 : 0);
    return change < 0 ? FormatText::tr("−%1 %", "decrease").arg(amount)
                      : FormatText::tr("+%1 %", "increase").arg(amount);
}

QString dateTime(std::int64_t realtimeUsec)
{
    return QDateTime::fromMSecsSinceEpoch(realtimeUsec / 1'000).toString(QStringLiteral("yyyy-MM-dd HH:mm:ss"));
}

QString timeOfDay(std::int64_t realtimeUsec)
{
    return QDateTime::fromMSecsSinceEpoch(realtimeUsec / 1'000).toString(QStringLiteral("HH:mm:ss"));
}

} // namespace gantry::text
