// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/dialogs/inspect_dialog.h"

#include "widgets/text/checkpoint_text.h"
#include "widgets/text/format.h"

#include <utility>

namespace gantry {

namespace {

using Row = TextTable::Row;

TextCell number(std::uint64_t value)
{
    return {text::count(value), static_cast<qulonglong>(value)};
}

/// Of processes and descriptors: without group separators, as everybody writes them.
TextCell plain(std::int64_t value)
{
    return {QString::number(value), static_cast<qlonglong>(value)};
}

TextCell size(std::uint64_t value)
{
    return {text::bytes(value), static_cast<qulonglong>(value)};
}

TextCell address(std::uint64_t value)
{
    return {QString::number(value, 16), static_cast<qulonglong>(value)};
}

TextCell orAbsent(const std::string &words)
{
    return words.empty() ? text::absent() : text::utf8(words);
}

Row rowOf(const v1::SavedProcess &in)
{
    QStringList command;
    for (const std::string &argument : in.arguments())
        command << text::utf8(argument);
    QStringList namespaces;
    for (const char *kind : {"pid", "net", "ipc", "uts", "mnt", "user", "cgroup", "time"}) {
        if (const auto found = in.namespaces().find(kind); found != in.namespaces().end())
            namespaces << QStringLiteral("%1:%2").arg(QLatin1String(kind)).arg(found->second);
    }
    return {plain(in.pid()),
            text::utf8(in.comm()),
            text::savedState(in.state()),
            in.ppid() == 0 ? TextCell(text::absent(), 0) : plain(in.ppid()),
            plain(in.uid()),
            number(in.threads()),
            size(in.saved_bytes()),
            command.isEmpty() ? orAbsent(in.exe()) : command.join(QLatin1Char(' ')),
            orAbsent(in.working_folder()),
            namespaces.join(QLatin1Char(' '))};
}

Row rowOf(const v1::SavedDescriptor &in)
{
    QString what = text::utf8(in.text());
    if (in.deleted())
        what = InspectDialog::tr("%1 (deleted)", "path").arg(what);
    return {plain(in.pid()),
            text::utf8(in.comm()),
            plain(in.fd()),
            text::savedFileKind(in.kind()),
            number(in.position()),
            QStringLiteral("0%1").arg(in.flags(), 0, 8),
            what};
}

Row rowOf(const v1::SavedSocket &in)
{
    QStringList owners;
    for (const std::string &owner : in.owners())
        owners << text::utf8(owner);
    const TextCell peer = in.peer().empty() && in.peer_inode() != 0
                              ? TextCell(QStringLiteral("socket:[%1]").arg(in.peer_inode()))
                              : orAbsent(in.peer());
    const TextCell local =
        in.local().empty() ? TextCell(QStringLiteral("socket:[%1]").arg(in.inode())) : TextCell(text::utf8(in.local()));
    return {text::utf8(in.protocol()), orAbsent(in.state()), local, peer, owners.join(QStringLiteral(", "))};
}

Row rowOf(const v1::SavedMapping &in)
{
    return {plain(in.pid()),         text::utf8(in.comm()),       address(in.start()),
            text::utf8(in.access()), size(in.end() - in.start()), size(in.saved_bytes()),
            text::utf8(in.what())};
}

Row rowOf(const v1::SavedFile &in)
{
    QStringList more;
    for (const std::string *one : {&in.type(), &in.source(), &in.options()}) {
        if (!one->empty())
            more << text::utf8(*one);
    }
    if (in.deleted())
        more << InspectDialog::tr("had no name any more");
    return {text::savedFile(in.kind()), text::utf8(in.path()),
            in.has_size_bytes() ? size(in.size_bytes()) : TextCell(text::absent(), 0), more.join(QStringLiteral(", "))};
}

Row rowOf(const v1::DiffRow &in)
{
    return {text::diffChange(in.change()), in.pid() == 0 ? TextCell(text::absent(), 0) : plain(in.pid()),
            orAbsent(in.comm()),           orAbsent(in.object()),
            orAbsent(in.before()),         orAbsent(in.after())};
}

Row rowOf(const v1::DiffFile &in)
{
    const auto sizeOf = [](bool has, std::uint64_t bytes) { return has ? size(bytes) : TextCell(text::absent(), 0); };
    return {text::diffChange(in.change()), text::utf8(in.path()), sizeOf(in.has_before_bytes(), in.before_bytes()),
            sizeOf(in.has_after_bytes(), in.after_bytes())};
}

Row rowOf(const v1::DiffMapping &in)
{
    constexpr std::uint64_t kPage = 4096; // as the protocol says
    const bool shared = in.pid() == 0;
    return {text::diffChange(in.change()),
            shared ? TextCell(text::absent(), 0) : plain(in.pid()),
            shared ? TextCell(InspectDialog::tr("shared", "memory")) : TextCell(text::utf8(in.comm())),
            shared ? TextCell(text::absent(), 0) : address(in.start()),
            size(in.pages_after() * kPage),
            size(in.pages_changed() * kPage),
            size(in.pages_new() * kPage),
            size(in.pages_gone() * kPage),
            text::utf8(in.what())};
}

template <class Messages> std::vector<Row> rowsOf(const Messages &messages)
{
    std::vector<Row> out;
    out.reserve(static_cast<std::size_t>(messages.size()));
    for (const auto &message : messages)
        out.push_back(rowOf(message));
    return out;
}

template <class Messages> std::uint64_t leftOff(const v1::DiffCounts &counts, const Messages &messages)
{
    return counts.gone() + counts.fresh() + counts.changed() - static_cast<std::uint64_t>(messages.size());
}

} // namespace

InspectDialog::InspectDialog(const QString &id, QWidget *parent)
    : FactTabs(tr("Checkpoint"), QStringLiteral("gantryctl inspect %1").arg(id), parent)
{
    const QString nothing = tr("Nothing of this kind was saved.");
    addTab(tr("Processes"),
           {{tr("PID"), true},
            {tr("Name")},
            {tr("State")},
            {tr("Parent"), true},
            {tr("User"), true},
            {tr("Threads"), true},
            {tr("Memory"), true},
            {tr("Command")},
            {tr("Working folder")},
            {tr("Namespaces")}},
           {9, 18, 11, 9, 9, 9, 11, 40, 24}, nothing);
    addTab(tr("Descriptors"),
           {{tr("PID"), true},
            {tr("Process")},
            {tr("Descriptor"), true},
            {tr("Kind")},
            {tr("Position"), true},
            {tr("Flags"), true},
            {tr("What")}},
           {9, 18, 12, 16, 13, 11}, nothing);
    addTab(tr("Sockets"), {{tr("Protocol")}, {tr("State")}, {tr("Local")}, {tr("Peer")}, {tr("Open in")}},
           {14, 14, 34, 34}, nothing);
    addTab(tr("Memory"),
           {{tr("PID"), true},
            {tr("Process")},
            {tr("Address"), true},
            {tr("Access")},
            {tr("Size"), true},
            {tr("Saved"), true},
            {tr("What")}},
           {9, 18, 15, 9, 11, 11}, nothing);
    addTab(tr("Files"), {{tr("Kind")}, {tr("Path")}, {tr("Size"), true}, {tr("Details")}}, {18, 64, 12}, nothing);
    setSentence(tr("Looking into the checkpoint…"));
}

void InspectDialog::setReply(const v1::InspectReply &reply)
{
    const QString what = text::utf8(reply.checkpoint().subject());
    const QString when = text::dateTime(reply.checkpoint().realtime_usec());
    setWindowTitle(tr("Checkpoint of %1, %2", "what, when").arg(what, when));
    setSentence(tr("%1 as it was at %2: %3 of memory were saved. Files are not part of it: those of the tab Files must be "
                   "there when it is restored, of the size that is shown.")
                    .arg(what, when, text::bytes(reply.saved_bytes())));
    fill(Processes, rowsOf(reply.processes()), reply.more_processes());
    fill(Descriptors, rowsOf(reply.descriptors()), reply.more_descriptors());
    fill(Sockets, rowsOf(reply.sockets()), reply.more_sockets());
    fill(Memory, rowsOf(reply.mappings()), reply.more_mappings());
    fill(Files, rowsOf(reply.files()), reply.more_files());
}

void InspectDialog::setFailure(const v1::Failure &failure)
{
    setFailureSentence(tr("The checkpoint cannot be looked into."), failure);
}

DiffDialog::DiffDialog(const QString &before, const QString &after, QWidget *parent)
    : FactTabs(tr("Compare checkpoints"), QStringLiteral("gantryctl diff %1 %2").arg(before, after), parent)
{
    const QString nothing = tr("Nothing of this kind is different.");
    const std::vector<TextTable::Column> columns{{tr("Change")}, {tr("PID"), true}, {tr("Process")},
                                                 {tr("What")},   {tr("Before")},    {tr("After")}};
    const std::vector<int> widths{12, 9, 18, 24, 40};
    for (const QString &name : {tr("Processes"), tr("Descriptors"), tr("Sockets")})
        addTab(name, columns, widths, nothing);
    addTab(tr("Memory"),
           {{tr("Change")},
            {tr("PID"), true},
            {tr("Process")},
            {tr("Address"), true},
            {tr("Saved"), true},
            {tr("Changed"), true},
            {tr("New"), true},
            {tr("Gone"), true},
            {tr("What")}},
           {10, 9, 16, 15, 10, 10, 10, 10}, nothing);
    addTab(tr("Files"), {{tr("Change")}, {tr("Path")}, {tr("Size before"), true}, {tr("Size after"), true}},
           {12, 80, 15}, nothing);
    setSentence(tr("Comparing…"));
}

void DiffDialog::setReply(const v1::DiffReply &reply)
{
    constexpr std::uint64_t kPage = 4096;
    const auto pages = [](std::uint64_t count) { return text::bytes(count * kPage); };
    const QString what = text::utf8(reply.after().subject());
    const QString old = text::utf8(reply.before().subject());
    const QString from = text::dateTime(reply.before().realtime_usec());
    const QString until = text::dateTime(reply.after().realtime_usec());
    const QString head = what == old
                             ? tr("%1 between %2 and %3.", "what, two times").arg(what, from, until)
                             : tr("%1, %2, compared with %3, %4.", "what and when, twice").arg(what, until, old, from);
    setSentence(head + QLatin1Char(' ') +
                tr("Of %1 of memory %2 have other content, %3 are new; %4 are gone.")
                    .arg(pages(reply.pages_after()), pages(reply.pages_changed()), pages(reply.pages_new()),
                         pages(reply.pages_gone())));
    setWindowTitle(what == old ? tr("Changes of %1", "what was saved twice").arg(what) : windowTitle());
    fill(Processes, rowsOf(reply.processes()), leftOff(reply.processes_total(), reply.processes()));
    fill(Descriptors, rowsOf(reply.descriptors()), leftOff(reply.descriptors_total(), reply.descriptors()));
    fill(Sockets, rowsOf(reply.sockets()), leftOff(reply.sockets_total(), reply.sockets()));
    fill(Memory, rowsOf(reply.mappings()), leftOff(reply.mappings_total(), reply.mappings()));
    fill(Files, rowsOf(reply.files()), leftOff(reply.files_total(), reply.files()));
}

void DiffDialog::setFailure(const v1::Failure &failure)
{
    setFailureSentence(tr("The checkpoints cannot be compared."), failure);
}

} // namespace gantry
