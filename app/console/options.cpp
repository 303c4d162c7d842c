// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/console/options.h"

#include <QCommandLineParser>
#include <QCoreApplication>

#include "app/console/page_names.h"

#include <memory>

namespace gantry::console {

namespace {

struct Text
{
    Q_DECLARE_TR_FUNCTIONS(Options)
};

std::unique_ptr<QCommandLineParser> makeParser()
{
    const QStringList pages = pageNames();
    auto parser = std::make_unique<QCommandLineParser>();
    parser->setApplicationDescription(
        Text::tr("Desktop administration console for containers, cgroups and namespaces."));
    parser->addOptions({
        {QStringLiteral("screenshot"),
         Text::tr("Save a picture of the live console to FILE (PNG) and exit; needs no display."),
         QStringLiteral("FILE")},
        {QStringLiteral("size"), Text::tr("Size of the window in pixels."), QStringLiteral("WxH")},
        {QStringLiteral("host"),
         Text::tr("Show this host, too: user@host, ssh://user@host:port or unix:/path. Several are possible."),
         QStringLiteral("DESTINATION")},
        {QStringLiteral("select"),
         Text::tr("Select a node: cgroup path, container name or pid:N; HOST:NODE on a host of that name in the tree."),
         QStringLiteral("NODE")},
        {QStringLiteral("page"), Text::tr("Show a page: %1.").arg(pages.join(QStringLiteral(", "))),
         QStringLiteral("NAME")},
        {QStringLiteral("after"), Text::tr("Seconds of live data before the picture is taken (default 3)."),
         QStringLiteral("SECONDS")},
        {QStringLiteral("theme"), Text::tr("Colours: desktop, light or dark."), QStringLiteral("NAME")},
        {QStringLiteral("read-only"), Text::tr("Look only: nothing on the host can be changed.")},
        {{QStringLiteral("h"), QStringLiteral("help")}, Text::tr("Show this help.")},
        {QStringLiteral("version"), Text::tr("Show the version.")},
    });
    return parser;
}

std::optional<QSize> parseSize(const QString &text)
{
    const QStringList parts = text.split(u'x');
    bool widthOk = false;
    bool heightOk = false;
    const int width = parts.value(0).toInt(&widthOk);
    const int height = parts.value(1).toInt(&heightOk);
    constexpr int kMost = 16'384;
    if (parts.size() != 2 || !widthOk || !heightOk || width < 320 || height < 240 || width > kMost || height > kMost)
        return std::nullopt;
    return QSize(width, height);
}

std::optional<ThemeChoice> parseTheme(const QString &text)
{
    if (text == QLatin1String("desktop"))
        return ThemeChoice::Desktop;
    if (text == QLatin1String("light"))
        return ThemeChoice::Light;
    if (text == QLatin1String("dark"))
        return ThemeChoice::Dark;
    return std::nullopt;
}

/// Takes over the values that can be wrong. @return the problem, empty for none.
QString readValues(const QCommandLineParser &parser, Options &options)
{
    if (parser.isSet(QStringLiteral("size"))) {
        const auto size = parseSize(parser.value(QStringLiteral("size")));
        if (!size)
            return Text::tr("--size wants WIDTHxHEIGHT between 320x240 and 16384x16384, such as 1400x880.");
        options.size = size;
    }
    if (parser.isSet(QStringLiteral("after"))) {
        bool ok = false;
        options.afterSeconds = parser.value(QStringLiteral("after")).toDouble(&ok);
        if (!ok || !(options.afterSeconds >= 0 && options.afterSeconds <= 3'600))
            return Text::tr("--after wants a number of seconds from 0 to 3600.");
    }
    if (parser.isSet(QStringLiteral("theme"))) {
        const auto theme = parseTheme(parser.value(QStringLiteral("theme")));
        if (!theme)
            return Text::tr("--theme wants desktop, light or dark.");
        options.theme = *theme;
    }
    options.hosts = parser.values(QStringLiteral("host"));
    options.readOnly = parser.isSet(QStringLiteral("read-only"));
    options.page = parser.value(QStringLiteral("page"));
    if (parser.isSet(QStringLiteral("page")) && !pageNames().contains(options.page))
        return Text::tr("There is no page “%1”; the pages are %2.")
            .arg(options.page, pageNames().join(QStringLiteral(", ")));
    if (parser.isSet(QStringLiteral("screenshot")) && options.screenshotFile.isEmpty())
        return Text::tr("--screenshot wants the name of a file.");
    return {};
}

} // namespace

std::optional<Options> parseOptions(const QStringList &arguments, QString &problem)
{
    const auto parser = makeParser();
    if (!parser->parse(arguments)) {
        problem = parser->errorText();
        return std::nullopt;
    }
    if (!parser->positionalArguments().isEmpty()) {
        problem = Text::tr("“%1” is not an option of gantry.").arg(parser->positionalArguments().constFirst());
        return std::nullopt;
    }
    Options options;
    options.help = parser->isSet(QStringLiteral("help"));
    options.version = parser->isSet(QStringLiteral("version"));
    options.screenshotFile = parser->value(QStringLiteral("screenshot"));
    options.select = parser->value(QStringLiteral("select"));
    problem = readValues(*parser, options);
    return problem.isEmpty() ? std::optional(options) : std::nullopt;
}

QSize firstSize(const Options &options, QSize room)
{
    constexpr QSize kUsual(1400, 880);
    if (options.size)
        return *options.size;
    return options.screenshotFile.isEmpty() ? kUsual.boundedTo(room) : kUsual;
}

QString helpText()
{
    return makeParser()->helpText();
}

} // namespace gantry::console
