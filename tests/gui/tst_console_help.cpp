// SPDX-License-Identifier: GPL-3.0-or-later
// The help "What can be checkpointed and what cannot", which is made from the engine's table of causes, and the page
// that says what works on a host.
#include <QtTest>

#include "app/console/checkpoint_help.h"
#include "engine/checkpoint/causes.h"
#include "engine/checkpoint/coverage.h"
#include "engine/checkpoint/criu.h"
#include "tests/gui/picture.h"
#include "widgets/dialogs/check_dialog.h"
#include "widgets/dialogs/checkpoint_help_dialog.h"
#include "widgets/pages/facts_view.h"
#include "widgets/style/theme.h"
#include "widgets/text/checkpoint_help.h"
#include "widgets/text/host_text.h"

#include <QApplication>
#include <QFile>
#include <QLineEdit>
#include <QScrollBar>
#include <QTextBrowser>
#include <QTranslator>

using namespace gantry;
using namespace gantry::console;

namespace {

/// German texts until it dies.
class German
{
public:
    German()
    {
        m_loaded = m_translator.load(QStringLiteral(":/i18n/gantry_de.qm"));
        QCoreApplication::installTranslator(&m_translator);
    }
    German(const German &) = delete;
    German &operator=(const German &) = delete;
    German(German &&) = delete;
    German &operator=(German &&) = delete;
    ~German() { QCoreApplication::removeTranslator(&m_translator); }
    [[nodiscard]] bool isLoaded() const { return m_loaded; }

private:
    QTranslator m_translator;
    bool m_loaded = false;
};

/// The help of a window of its own.
struct Help
{
    QWidget window;
    CheckpointHelpDialog *dialog;

    Help()
    {
        showCheckpointHelp(&window);
        dialog = window.findChild<CheckpointHelpDialog *>();
    }
    [[nodiscard]] QLineEdit *search() const { return dialog->findChild<QLineEdit *>(); }
    [[nodiscard]] QTextBrowser *text() const { return dialog->findChild<QTextBrowser *>(); }
};

QString translated(const char *context, std::string_view text)
{
    return QCoreApplication::translate(context, std::string(text).c_str());
}

/// Text on screen has other blanks than its source.
bool shows(const Help &help, const QString &text)
{
    return help.dialog->shown().simplified().contains(text.simplified());
}

} // namespace

class TestConsoleHelp : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void everyCause_isInTheHelp_data()
    {
        QTest::addColumn<bool>("german");
        QTest::newRow("English") << false;
        QTest::newRow("German") << true;
    }
    void everyCause_isInTheHelp()
    {
        QFETCH(bool, german);
        const auto catalogue = german ? std::make_unique<German>() : nullptr;
        QVERIFY(!catalogue || catalogue->isLoaded());
        const Help help;
        for (const checkpoint::CauseInfo &info : checkpoint::causeTable()) {
            for (const std::string_view text : {info.why, info.remedy}) {
                const QString sentence = text.empty() ? QString() : translated("Causes", text);
                QVERIFY2(shows(help, sentence), qPrintable(sentence));
                QVERIFY2(!german || text.empty() || sentence.toStdString() != text, text.data());
            }
            QVERIFY2(shows(help, QString::fromUtf8(info.name.data())), info.name.data());
            if (!info.option.empty())
                QVERIFY2(shows(help, QStringLiteral("--%1").arg(QLatin1String(info.option.data()))), info.name.data());
            if (!info.log.empty())
                QVERIFY2(shows(help, QString::fromUtf8(info.log.data())), info.name.data());
        }
    }

    void everyThingThatWasSaved_isInTheHelp_data() { everyCause_isInTheHelp_data(); }
    void everyThingThatWasSaved_isInTheHelp()
    {
        QFETCH(bool, german);
        const auto catalogue = german ? std::make_unique<German>() : nullptr;
        QVERIFY(!catalogue || catalogue->isLoaded());
        const Help help;
        for (const checkpoint::CoverageRow &row : checkpoint::coverageTable()) {
            const QString what = translated("Coverage", row.what);
            QVERIFY2(shows(help, what), qPrintable(what));
            // A word for it that has a blank is a sentence, or a part of one: it has another in German.
            QVERIFY2(!german || !row.what.contains(' ') || what.toStdString() != row.what, row.what.data());
        }
        for (const checkpoint::CoverageRow &row : checkpoint::programTable())
            QVERIFY2(shows(help, translated("Coverage", row.what)), row.what.data());
    }

    void everyFigure_isInTheHelpAndInReadme_data() { everyCause_isInTheHelp_data(); }
    void everyFigure_isInTheHelpAndInReadme()
    {
        QFETCH(bool, german);
        const auto catalogue = german ? std::make_unique<German>() : nullptr;
        QFile readme(QStringLiteral(GANTRY_README));
        QVERIFY(readme.open(QIODevice::ReadOnly));
        const QString text = QString::fromUtf8(readme.readAll());
        const Help help;
        QVERIFY(!text::helpFigures().empty());
        for (const text::HelpFigure &row : text::helpFigures()) {
            QVERIFY2(shows(help, translated("Speed", row.what)), row.what);
            QVERIFY2(!german || translated("Speed", row.what) != QString::fromUtf8(row.what), row.what);
            QVERIFY2(shows(help, QString::fromUtf8(row.figure)), row.figure);
            QVERIFY2(text.contains(QString::fromUtf8(row.figure)), row.figure);
        }
    }

    void programsExample_isInTheHelp_data() { everyCause_isInTheHelp_data(); }
    void programsExample_isInTheHelp()
    {
        QFETCH(bool, german);
        const auto catalogue = german ? std::make_unique<German>() : nullptr;
        const Help help;
        QFile file(QStringLiteral(":/gantry/help/program.py"));
        QVERIFY(file.open(QIODevice::ReadOnly));
        for (const QByteArray &line : file.readAll().split('\n'))
            QVERIFY2(line.trimmed().isEmpty() || shows(help, QString::fromUtf8(line.trimmed())), line.constData());
        QVERIFY(shows(help, german ? QStringLiteral("Wie ein Programm mitmacht")
                                   : QStringLiteral("How a program takes part")));
    }

    void search_findsWordsOptionsAndLinesOfLogs_data()
    {
        QTest::addColumn<QString>("typed");
        QTest::addColumn<QStringList>("names"); // of all causes shown; empty: none
        QTest::newRow("a word") << QStringLiteral("IO_URING") << QStringList{QStringLiteral("io-uring")};
        QTest::newRow("words in any order")
            << QStringLiteral("   outside datagram name ") << QStringList{QStringLiteral("unix-nameless-peer")};
        QTest::newRow("an option") << QStringLiteral("--ghost-limit")
                                   << QStringList{QStringLiteral("big-deleted-file")};
        QTest::newRow("a name") << QStringLiteral("pid-taken") << QStringList{QStringLiteral("pid-taken")};
        QTest::newRow("a line of a log")
            << QStringLiteral("(00.116595) Error (criu/cr-restore.c:1230): Can't fork for 15047: File exists")
            << QStringList{QStringLiteral("pid-taken")};
        QTest::newRow("a line that is not the one of the table")
            << QStringLiteral("pie: 1889: Error (criu/pie/parasite.c:588): send_fds failed (-22)")
            << QStringList{QStringLiteral("io-uring")};
        QTest::newRow("nothing") << QStringLiteral("qwertz") << QStringList();
    }
    void search_findsWordsOptionsAndLinesOfLogs()
    {
        QFETCH(QString, typed);
        QFETCH(QStringList, names);
        const Help help;
        QTest::keyClicks(help.search(), typed);
        for (const checkpoint::CauseInfo &info : checkpoint::causeTable()) {
            const QString name = QString::fromUtf8(info.name.data());
            QVERIFY2(shows(help, QStringLiteral("Name: %1").arg(name)) == names.contains(name), qPrintable(name));
        }
        QCOMPARE(shows(help, QStringLiteral("Nothing here has to do with")), names.isEmpty());
        // HTML in it is a text like any other.
        help.search()->clear();
        QTest::keyClicks(help.search(), QStringLiteral("<h1>x"));
        QVERIFY(shows(help, QStringLiteral("“<h1>x”")));
    }

    void search_knowsTheLanguageOfTheConsole_andEnglish()
    {
        const German german;
        QVERIFY(german.isLoaded());
        const Help help;
        help.dialog->search(QStringLiteral("Debugger hängt"));
        QVERIFY(shows(help, QStringLiteral("traced")));
        help.dialog->search(QStringLiteral("tracer attached"));
        QVERIFY(shows(help, QStringLiteral("traced")));
        QVERIFY(!shows(help, QStringLiteral("io-uring")));
    }

    void keys_searchScrollAndClose()
    {
        Help help;
        QVERIFY(QTest::qWaitForWindowActive(help.dialog));
        QTRY_VERIFY(help.search()->hasFocus()); // one types at once
        QScrollBar *bar = help.text()->verticalScrollBar();
        QVERIFY(bar->maximum() > 0);
        QTest::keyClick(help.search(), Qt::Key_PageDown);
        QVERIFY(bar->value() > 0);
        QTest::keyClick(help.search(), Qt::Key_Tab);
        QTRY_VERIFY(!help.search()->hasFocus());
        QTest::keyClick(help.dialog, Qt::Key_F, Qt::ControlModifier);
        QTRY_VERIFY(help.search()->hasFocus());
        QTest::keyClicks(help.search(), QStringLiteral("io_uring"));
        QCOMPARE(bar->value(), 0);
        QTest::keyClick(help.search(), Qt::Key_Return); // closes nothing
        QVERIFY(help.dialog->isVisible());
        QTest::keyClick(help.search(), Qt::Key_Escape);
        QVERIFY(help.search()->text().isEmpty() && help.dialog->isVisible());
        const QPointer<CheckpointHelpDialog> dialog = help.dialog;
        QTest::keyClick(help.search(), Qt::Key_Escape);
        QTRY_VERIFY(!dialog || !dialog->isVisible());
    }

    void links_goToTheirPart()
    {
        const Help help;
        Q_EMIT help.text()->anchorClicked(QUrl(QStringLiteral("#restore")));
        QVERIFY(help.text()->verticalScrollBar()->value() > 0);
        QVERIFY(!help.text()->toPlainText().isEmpty()); // it is still there
    }

    void help_isOneWindow_alsoOfTheCheck()
    {
        CheckDialog check(QStringLiteral("web"), QStringLiteral("gantryctl check web"));
        connect(&check, &CheckDialog::helpRequested, &check, [&check] { showCheckpointHelp(&check); });
        check.open();
        QVERIFY(QTest::qWaitForWindowActive(&check));
        QTest::keyClick(&check, Qt::Key_F1);
        QTRY_VERIFY(check.findChild<CheckpointHelpDialog *>());
        const QPointer<CheckpointHelpDialog> first = check.findChild<CheckpointHelpDialog *>();
        QVERIFY(first->isVisible() && !first->isModal()); // read beside the findings
        showCheckpointHelp(&check);
        QCOMPARE(check.findChildren<CheckpointHelpDialog *>().size(), 1);
    }

    void abilities_sayWhatWorksAndWhatDoesNot()
    {
        const v1::HostInfo host = hostOf();
        FactsView view(QStringLiteral("x"));
        view.setFacts(text::hostAbilities(host, Qt::gray));
        const QString english = view.toPlainText();
        QVERIFY(english.contains(QStringLiteral("CRIU 4.2.1, /usr/sbin/criu")));
        QVERIFY(english.contains(QStringLiteral("CONFIG_MEM_SOFT_DIRTY")));
        QVERIFY(english.contains(QStringLiteral("no <b>")) && english.contains(QStringLiteral("new.probe")));
        QVERIFY(english.indexOf(QStringLiteral("CRIU 4.2.1")) < english.indexOf(QStringLiteral("new.probe")));
        const German german;
        view.setFacts(text::hostAbilities(host, Qt::gray));
        QVERIFY(!view.toPlainText().contains(QStringLiteral("does not work")));
        for (const checkpoint::Ability &ability : checkpoint::abilities({"/c", "4.2.1", "", {"uffd"}}, {false, true}))
            QVERIFY2(ability.key == "criu" || translated("Probes", ability.detail).toStdString() != ability.detail,
                     ability.key.c_str());
        view.setFacts(text::hostAbilities(v1::HostInfo(), Qt::gray));
        QVERIFY(!view.toPlainText().isEmpty());
    }

    void everything_paints_data()
    {
        QTest::addColumn<int>("scheme");
        QTest::addColumn<bool>("german");
        QTest::newRow("light") << int(theme::Scheme::Light) << false;
        QTest::newRow("dark") << int(theme::Scheme::Dark) << false;
        QTest::newRow("german") << int(theme::Scheme::Light) << true;
    }
    void everything_paints()
    {
        QFETCH(int, scheme);
        QFETCH(bool, german);
        const auto catalogue = german ? std::make_unique<German>() : nullptr;
        const QPalette before = QApplication::palette();
        QApplication::setPalette(theme::palette(static_cast<theme::Scheme>(scheme)));
        const QString suffix = QString::fromLatin1(QTest::currentDataTag());
        Help help;
        QVERIFY(!test::picture(*help.dialog, QStringLiteral("checkpoint-help-%1").arg(suffix), {}).isNull());
        help.text()->scrollToAnchor(QStringLiteral("refused"));
        (void)test::picture(*help.dialog, QStringLiteral("checkpoint-help-refused-%1").arg(suffix), {});
        help.text()->scrollToAnchor(QStringLiteral("restore"));
        (void)test::picture(*help.dialog, QStringLiteral("checkpoint-help-restore-%1").arg(suffix), {});
        help.dialog->search(german ? QStringLiteral("datei") : QStringLiteral("file"));
        (void)test::picture(*help.dialog, QStringLiteral("checkpoint-help-search-%1").arg(suffix), {});
        FactsView view(QStringLiteral("x"));
        view.setFacts(text::hostAbilities(hostOf(), theme::muted(view.palette())));
        (void)test::picture(view, QStringLiteral("abilities-%1").arg(suffix), {900, 420});
        CheckDialog check(QStringLiteral("web"), QStringLiteral("gantryctl check web"));
        check.setReply(v1::CheckReply());
        (void)test::picture(check, QStringLiteral("check-help-%1").arg(suffix), {});
        QApplication::setPalette(before);
    }

private:
    [[nodiscard]] static v1::HostInfo hostOf()
    {
        v1::HostInfo host;
        const auto add = [&host](const std::string &key, bool works, const std::string &detail) {
            v1::HostInfo::Probe &probe = *host.add_probes();
            probe.set_key(key);
            probe.set_works(works);
            probe.set_detail(detail);
        };
        add("psi", true, "");
        add("rights", true, "");
        add("journal", false, "no journald: the audit goes to a file below the state folder");
        add("new.probe", false, "no <b>");
        for (const checkpoint::Ability &ability :
             checkpoint::abilities({"/usr/sbin/criu", "4.2.1", "", {"uffd", "pidfd_store"}}, {false, true}))
            add(ability.key, ability.works, ability.detail);
        return host;
    }
};

QTEST_MAIN(TestConsoleHelp)
#include "tst_console_help.moc"
