// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/text/checkpoint_help.h"

#include "widgets/text/format.h"

#include <QCoreApplication>
#include <QFile>
#include <QStringList>

#include <algorithm>
#include <array>
#include <string>

namespace gantry::text {

namespace {

struct CheckpointHelp
{
    Q_DECLARE_TR_FUNCTIONS(CheckpointHelp)
};

QString latin(std::string_view text)
{
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

/// A sentence of the engine's table, in the console's language.
QString sentence(std::string_view english)
{
    return english.empty() ? QString() : QCoreApplication::translate("Causes", std::string(english).c_str());
}

struct Part
{
    const char *anchor;
    QString title;
    QString about;
    HelpCause::Stage stage;
    /// Of stage Check; elsewhere all are failures.
    v1::CheckFinding::Severity severity;
};

std::array<Part, 5> parts()
{
    using Stage = HelpCause::Stage;
    return {{
        {"options", CheckpointHelp::tr("What an option takes care of"),
         CheckpointHelp::tr("Gantry finds these and gives CRIU the option by itself."), Stage::Check,
         v1::CheckFinding::SEVERITY_INFO},
        {"losses", CheckpointHelp::tr("What is lost, or may fail"),
         CheckpointHelp::tr("The checkpoint is made, but not all of it comes back."), Stage::Check,
         v1::CheckFinding::SEVERITY_WARNING},
        {"refused", CheckpointHelp::tr("What cannot be checkpointed"),
         CheckpointHelp::tr("CRIU refuses these. Gantry says so before anything is stopped, with what can be done."),
         Stage::Check, v1::CheckFinding::SEVERITY_ERROR},
        {"failures", CheckpointHelp::tr("What can go wrong while it is saved"),
         CheckpointHelp::tr("These show only in CRIU's log. The program runs on as before."), Stage::Checkpoint,
         v1::CheckFinding::SEVERITY_ERROR},
        {"restore", CheckpointHelp::tr("What can keep a restore from working"),
         CheckpointHelp::tr(
             "Most of these leave the checkpoint as it is: once the cause has gone, it can be restored."),
         Stage::Restore, v1::CheckFinding::SEVERITY_ERROR},
    }};
}

bool belongsTo(const HelpCause &cause, const Part &part)
{
    return cause.stage == part.stage && (part.stage != HelpCause::Stage::Check || cause.severity == part.severity);
}

bool fits(const HelpCause &cause, const QString &search, const QString &name)
{
    if (search.isEmpty())
        return true;
    if (!name.isEmpty())
        return latin(cause.name) == name;
    // A line of a log, as it was copied, or a part of one.
    if (!cause.log.empty() && search.contains(latin(cause.log), Qt::CaseInsensitive))
        return true;
    const QString all = QStringList{sentence(cause.why),
                                    sentence(cause.remedy),
                                    latin(cause.why),
                                    latin(cause.remedy),
                                    QStringLiteral("--") + latin(cause.option),
                                    latin(cause.name),
                                    latin(cause.log)}
                            .join(u'\n');
    const QStringList words = search.split(u' ', Qt::SkipEmptyParts);
    return std::ranges::all_of(words, [&](const QString &word) { return all.contains(word, Qt::CaseInsensitive); });
}

QString heading(const QString &title, const char *anchor)
{
    return QStringLiteral("<h3 style=\"margin-top:18px; margin-bottom:4px\"><a name=\"%1\"></a>%2</h3>")
        .arg(QString::fromLatin1(anchor), title.toHtmlEscaped());
}

QString paragraph(const QString &text)
{
    return QStringLiteral("<p style=\"margin-top:2px; margin-bottom:6px\">%1</p>").arg(text.toHtmlEscaped());
}

QString htmlOf(const HelpCause &cause, const QColor &faded)
{
    QString html = QStringLiteral("<p style=\"margin-top:8px; margin-bottom:0px\"><b>%1</b>")
                       .arg(sentence(cause.why).toHtmlEscaped());
    if (!cause.remedy.empty())
        html += QStringLiteral("<br>%1").arg(sentence(cause.remedy).toHtmlEscaped());
    QStringList details;
    if (!cause.option.empty())
        details << CheckpointHelp::tr("Option: %1").arg(QStringLiteral("--") + latin(cause.option));
    details << CheckpointHelp::tr("Name: %1", "of a cause, in gantryctl").arg(latin(cause.name));
    if (!cause.log.empty())
        details << CheckpointHelp::tr("CRIU's log: “%1”").arg(latin(cause.log));
    return html + QStringLiteral("<br><span style=\"color:%1\">%2</span></p>")
                      .arg(faded.name(), details.join(QStringLiteral(" · ")).toHtmlEscaped());
}

QString whatWasSaved(std::span<const HelpCovered> covered)
{
    QString good;
    QString lost;
    for (const HelpCovered &row : covered) {
        const QString what = QCoreApplication::translate("Coverage", std::string(row.what).c_str());
        if (row.why.empty())
            good += QStringLiteral("<li>%1</li>").arg(what.toHtmlEscaped());
        else
            lost += QStringLiteral("<li>%1<br>%2</li>").arg(what.toHtmlEscaped(), sentence(row.why).toHtmlEscaped());
    }
    return heading(CheckpointHelp::tr("What has been saved and restored"), "saved") +
           paragraph(CheckpointHelp::tr("Gantry's own tests save each of these, restore it, and let the program look "
                                        "whether it is as it was. The programs at the end were under load, and no "
                                        "answer was lost or came twice. What is in files that others have, too, is "
                                        "not part of a checkpoint.")) +
           QStringLiteral("<ul>%1</ul>").arg(good) +
           paragraph(CheckpointHelp::tr("The same tests show that these do not come back:")) +
           QStringLiteral("<ul>%1</ul>").arg(lost);
}

/// An example that runs as it stands.
QString program()
{
    QFile file(QStringLiteral(":/gantry/help/program.py"));
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

QString whatProgramsAreTold()
{
    return heading(CheckpointHelp::tr("How a program takes part"), "programs") +
           paragraph(CheckpointHelp::tr(
               "A program that has a UNIX datagram socket bound to a path that ends in “gantry-checkpoint” is told of "
               "its checkpoints, one message each: “before-checkpoint”, then “after-checkpoint ID” or “no-checkpoint”, "
               "and “restored ID” when it goes on from one. Nothing is stopped until it answers “ready”, for 2 s at "
               "most; with “wait SECONDS” for up to 10 s. Then it is saved all the same, with a warning that names "
               "it.")) +
           paragraph(CheckpointHelp::tr(
               "It can ask, too: the message “checkpoint” to /run/gantry/checkpoint.sock saves the container that it "
               "is "
               "in, otherwise the program and what it has started, once in 10 s. Taken from root and from containers "
               "that see that socket, while the console or gantryctl schedule run is there. A refusal comes as "
               "“refused WHY”. In Python:")) +
           QStringLiteral("<pre>%1</pre>").arg(program().toHtmlEscaped());
}

QString whoseContainers()
{
    const std::array<QString, 6> rows{
        CheckpointHelp::tr("Those that “gantryctl run” started: memory and all that they changed of their root. They "
                           "come back in place, or as new containers beside it."),
        CheckpointHelp::tr("Those of runc and crun: the same by their own verbs, into the bundle they were started "
                           "from. Their volumes, where that is asked for."),
        CheckpointHelp::tr("podman's, of root: by its own verb, where the CRIU that works here is the system's. They "
                           "come back in place, or as new containers. To be ended they must be of no pod, and of no unit of systemd."),
        CheckpointHelp::tr("Docker's: memory, what they changed of their root, and their volumes, where that is asked "
                           "for. They come back by “docker start --checkpoint”, which needs a dockerd that is "
                           "experimental."),
        CheckpointHelp::tr("LXC's: memory alone, their files stay as they are. LXC cannot save again what it has "
                           "restored."),
        CheckpointHelp::tr("Not those of containerd, Kubernetes, Incus, nspawn and others, which would not know what "
                           "is restored. Without a runtime: any process with what it has started."),
    };
    QString items;
    for (const QString &row : rows)
        items += QStringLiteral("<li>%1</li>").arg(row.toHtmlEscaped());
    return heading(CheckpointHelp::tr("Whose containers"), "whose") + QStringLiteral("<ul>%1</ul>").arg(items) +
           paragraph(
               CheckpointHelp::tr("One that is to end with its checkpoint stands still until that is in the store, "
                                  "and then ends as it stands: nothing that it does is lost, and if its "
                                  "checkpoint fails, it runs on."));
}

QString howFast()
{
    QString rows;
    for (const HelpFigure &row : helpFigures())
        rows += QStringLiteral("<tr><td style=\"padding-right:16px\">%1</td><td>%2</td></tr>")
                    .arg(QCoreApplication::translate("Speed", row.what).toHtmlEscaped(),
                         QString::fromUtf8(row.figure).toHtmlEscaped());
    return heading(CheckpointHelp::tr("How fast it is"), "speed") +
           paragraph(
               CheckpointHelp::tr("Measured on two cores with nothing else running; in brackets CRIU alone, to and "
                                  "from the page cache, in the same run. packaging/bench.sh measures on yours.")) +
           QStringLiteral("<table>%1</table>").arg(rows);
}

QString contents()
{
    const auto link = [](const char *anchor, const QString &title) {
        return QStringLiteral("<li><a href=\"#%1\">%2</a></li>")
            .arg(QString::fromLatin1(anchor), title.toHtmlEscaped());
    };
    QString html = link("whose", CheckpointHelp::tr("Whose containers"));
    html += link("saved", CheckpointHelp::tr("What has been saved and restored"));
    html += link("speed", CheckpointHelp::tr("How fast it is"));
    html += link("programs", CheckpointHelp::tr("How a program takes part"));
    for (const Part &part : parts())
        html += link(part.anchor, part.title);
    return QStringLiteral("<ul>%1</ul>").arg(html);
}

constexpr std::array kFigures{
    HelpFigure{QT_TRANSLATE_NOOP("Speed", "A process of 256 MiB, and of 1 GiB, stands still for"),
               "86 and 230 ms (132, 488)"},
    HelpFigure{QT_TRANSLATE_NOOP("Speed", "The same runs again from a checkpoint after"), "65 and 74 ms (168, 507)"},
    HelpFigure{QT_TRANSLATE_NOOP("Speed", "All of its memory is there after"), "0.43 and 1.4 s"},
    HelpFigure{QT_TRANSLATE_NOOP("Speed", "Stored once it runs on: 147 MB that are new"), "466 to 502 MB/s"},
    HelpFigure{QT_TRANSLATE_NOOP("Speed", "On disk for a later one, of which 7 % are new"), "3.5 MB"},
    HelpFigure{QT_TRANSLATE_NOOP("Speed", "gantryctl check of 50 processes"), "76 and 80 ms"},
};

} // namespace

std::span<const HelpFigure> helpFigures()
{
    return kFigures;
}

QString checkpointHelp(std::span<const HelpCause> causes, std::span<const HelpCovered> covered, const QString &search,
                       const QString &name, const QColor &faded, int *found)
{
    const QString wanted = search.simplified();
    int count = 0;
    QString html;
    if (wanted.isEmpty())
        html = paragraph(
                   CheckpointHelp::tr("A checkpoint saves a container, or a process and all below it, so that it can "
                                      "go on later from the same point. CRIU does it, and not everything can be "
                                      "saved. “Can it be checkpointed?” in the menu Node looks at what runs without "
                                      "stopping it; on the command line, gantryctl check.")) +
               paragraph(CheckpointHelp::tr("What is in a checkpoint can be read without restoring it: on the host's "
                                            "page Checkpoints, Inspect… shows its processes, descriptors, sockets, "
                                            "memory and the files it needs, Compare… what two of them have otherwise. "
                                            "On the command line, gantryctl inspect and gantryctl diff.")) +
               contents() + whoseContainers() + whatWasSaved(covered) + howFast() + whatProgramsAreTold();
    for (const Part &part : parts()) {
        QString entries;
        for (const HelpCause &cause : causes) {
            if (!belongsTo(cause, part) || !fits(cause, wanted, name))
                continue;
            ++count;
            entries += htmlOf(cause, faded);
        }
        if (!entries.isEmpty())
            html += heading(part.title, part.anchor) + paragraph(part.about) + entries;
    }
    if (count == 0)
        html = paragraph(CheckpointHelp::tr("Nothing here has to do with “%1”.").arg(wanted));
    if (found != nullptr)
        *found = count;
    return html;
}

} // namespace gantry::text
