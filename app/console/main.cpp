// SPDX-License-Identifier: GPL-3.0-or-later
// gantry: the desktop console. Reads the command line, starts the engine behind a window, keeps the settings.
#include <QApplication>
#include <QFile>
#include <QLibraryInfo>
#include <QLocale>
#include <QScreen>
#include <QSettings>
#include <QTextStream>
#include <QTimer>
#include <QTranslator>

#include "app/console/desktop_theme.h"
#include "app/console/engine_host.h"
#include "app/console/host_list.h"
#include "app/console/main_window.h"
#include "app/console/options.h"
#include "app/console/screenshot.h"
#include "app/link/connection.h"
#include "widgets/style/theme.h"
#include "widgets/text/error_text.h"

#include <chrono>

namespace {

using namespace gantry;
using namespace gantry::console;

constexpr int kFailed = 1;
constexpr int kWrongUsage = 2;

/// Exit code of what needs no window; nullopt: go on.
std::optional<int> answerWithoutWindow(const std::optional<Options> &options, const QString &problem)
{
    if (!options) {
        QTextStream(stderr) << QStringLiteral("gantry: ") << problem << Qt::endl;
        return kWrongUsage;
    }
    if (options->help) {
        QTextStream(stdout) << helpText();
        return EXIT_SUCCESS;
    }
    if (options->version) {
        QTextStream(stdout) << QStringLiteral("gantry " GANTRY_VERSION) << Qt::endl;
        return EXIT_SUCCESS;
    }
    return std::nullopt;
}

bool hasDisplay()
{
    return qEnvironmentVariableIsSet("DISPLAY") || qEnvironmentVariableIsSet("WAYLAND_DISPLAY") ||
           qEnvironmentVariableIsSet("QT_QPA_PLATFORM");
}

void loadTranslations(QApplication &app)
{
    const auto load = [&app](const QLocale &locale, const QString &catalogue, const QString &folder) {
        auto *translator = new QTranslator(&app);
        if (translator->load(locale, catalogue, QStringLiteral("_"), folder))
            QApplication::installTranslator(translator);
    };
    const QString catalogue = QStringLiteral("gantry");
    const QString folder = QStringLiteral(":/i18n");
    // English has its plurals in a catalogue; it stands in for texts and languages that are missing.
    load(QLocale(QLocale::English), catalogue, folder);
    load(QLocale(), catalogue, folder);
    load(QLocale(), QStringLiteral("qtbase"), QLibraryInfo::path(QLibraryInfo::TranslationsPath));
}

void applyTheme(ThemeChoice choice)
{
    if (choice != ThemeChoice::Desktop)
        QApplication::setPalette(
            theme::palette(choice == ThemeChoice::Dark ? theme::Scheme::Dark : theme::Scheme::Light));
}

/// Once the node that was asked for is there.
void checkPage(const MainWindow &window, const HostClient &client, const Options &options)
{
    const auto check = [&window, page = options.page] { tellMissingPage(window, page); };
    const std::chrono::milliseconds wait(static_cast<int>(options.afterSeconds * 1'000));
    QObject::connect(
        &client, &HostClient::frameArrived, &window,
        [&window, wait, check] { QTimer::singleShot(wait, &window, check); }, Qt::SingleShotConnection);
}

/// By the user's own ssh, which asks what it has to ask in a window.
HostClient::Dial dialTo(const QString &destination)
{
    return [destination = destination.toStdString()](const std::stop_token &stop) -> Result<Reached> {
        link::DialOptions options;
        options.client = "gantry " GANTRY_VERSION;
        const link::Destination parsed = GANTRY_TRY(link::parseDestination(destination));
        std::shared_ptr<link::Connection> connection = GANTRY_TRY(link::Connection::dial(parsed, options, stop));
        // The channel keeps the connection.
        const std::shared_ptr<grpc::Channel> channel(connection, connection->channel().get());
        return Reached(channel, [connection](Error error) { return connection->explained(std::move(error)); });
    };
}

QString problemWith(const QString &destination)
{
    const auto parsed = link::parseDestination(destination.toStdString());
    return parsed ? QString() : text::errorSentence(parsed.error());
}

/// ssh asks by a program of ours, unless the user has one of his own. Call it before there are threads, while there is
/// an application.
void offerAskpass()
{
    if (qEnvironmentVariableIsSet("SSH_ASKPASS"))
        return;
    const QString askpass = QCoreApplication::applicationDirPath() + QStringLiteral("/gantry-askpass");
    qputenv("SSH_ASKPASS", QFile::encodeName(askpass));
    qputenv("SSH_ASKPASS_REQUIRE", "force"); // a console that was started in a terminal must not ask there
}

int runWindow(const Options &options)
{
    const bool forPicture = !options.screenshotFile.isEmpty();
    QSettings store;
    Settings settings = forPicture ? Settings() : Settings::load(store);
    settings.readOnly = settings.readOnly || options.readOnly;
    EngineHost engine({});
    HostClient client([&engine](const std::stop_token &) { return engine.dial(); });
    HostList hosts(dialTo, problemWith);
    MainWindow window(client, settings);
    hosts.show(window, settings.hosts);
    for (const QString &destination : options.hosts) {
        if (const QString problem = hosts.addOnce(destination); !problem.isEmpty()) {
            QTextStream(stderr) << QStringLiteral("gantry: ") << problem << Qt::endl;
            return kWrongUsage;
        }
    }
    if (settings.geometry.isEmpty())
        window.resize(firstSize(options, window.screen()->availableSize()));
    if (!options.select.isEmpty())
        window.select(options.select);
    if (!options.page.isEmpty())
        window.showPage(static_cast<Page>(pageNames().indexOf(options.page)));
    window.show();
    std::optional<DesktopTheme> theme;
    if (options.theme == ThemeChoice::Desktop && !forPicture)
        theme.emplace();
    std::optional<Screenshot> screenshot;
    if (forPicture)
        screenshot.emplace(window, client, options);
    else if (!options.page.isEmpty())
        checkPage(window, client, options);
    const auto save = [&] {
        Settings now = window.settings();
        now.hosts = hosts.entries();
        now.save(store);
    };
    if (!forPicture) // what was added is not lost with a crash
        QObject::connect(&hosts, &HostList::changed, &window, save);
    client.start();
    const int code = QApplication::exec();
    if (!forPicture)
        save();
    return code;
}

} // namespace

int main(int argc, char **argv)
{
    QStringList arguments;
    for (int i = 0; i < argc; ++i)
        arguments.append(QString::fromLocal8Bit(argv[i]));
    QCoreApplication::setOrganizationName(QStringLiteral("gantry"));
    QCoreApplication::setApplicationName(QStringLiteral("gantry"));
    QCoreApplication::setApplicationVersion(QStringLiteral(GANTRY_VERSION));
    QString problem;
    const std::optional<Options> options = parseOptions(arguments, problem);
    {
        // QCommandLineParser asks the application for its name.
        const QCoreApplication early(argc, argv);
        if (const auto code = answerWithoutWindow(options, problem))
            return *code;
        offerAskpass();
    }
    if (!hasDisplay()) {
        if (options->screenshotFile.isEmpty()) {
            QTextStream(stderr) << QCoreApplication::translate(
                                       "main", "gantry: there is no display (DISPLAY and WAYLAND_DISPLAY are not set); "
                                               "use “gantry --screenshot FILE” or the command line “gantryctl”.")
                                << Qt::endl;
            return kFailed;
        }
        qputenv("QT_QPA_PLATFORM", "offscreen");
    }
    QApplication app(argc, argv);
    loadTranslations(app);
    applyTheme(options->theme);
    return runWindow(*options);
}
