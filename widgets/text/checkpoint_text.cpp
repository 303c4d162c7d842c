// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/text/checkpoint_text.h"

#include "widgets/text/format.h"

#include <QCoreApplication>

namespace gantry::text {

namespace {

/// Gives this file's texts their context for translators.
struct CheckpointText
{
    Q_DECLARE_TR_FUNCTIONS(CheckpointText)
};

} // namespace

QString savedState(const std::string &state)
{
    if (state == "running")
        return CheckpointText::tr("running", "process");
    if (state == "stopped")
        return CheckpointText::tr("stopped", "process");
    if (state == "zombie")
        return CheckpointText::tr("zombie", "process");
    return utf8(state);
}

QString savedFileKind(const std::string &kind)
{
    if (kind == "file")
        return CheckpointText::tr("file", "kind of descriptor");
    if (kind == "inet")
        return CheckpointText::tr("Internet socket", "kind of descriptor");
    if (kind == "unix")
        return CheckpointText::tr("Unix socket", "kind of descriptor");
    if (kind == "tty")
        return CheckpointText::tr("terminal", "kind of descriptor");
    if (kind == "external")
        return CheckpointText::tr("from outside", "kind of descriptor");
    return utf8(kind);
}

QString savedFile(v1::SavedFile::Kind kind)
{
    switch (kind) {
    case v1::SavedFile::KIND_FILE:
        return CheckpointText::tr("File");
    case v1::SavedFile::KIND_FOLDER:
        return CheckpointText::tr("Folder");
    case v1::SavedFile::KIND_MOUNT:
        return CheckpointText::tr("Mount");
    case v1::SavedFile::KIND_EXTERNAL_MOUNT:
        return CheckpointText::tr("Mount from outside");
    default:
        return absent();
    }
}

QString groupSentence(const v1::CheckpointInfo &checkpoint)
{
    QStringList others;
    for (const std::string &member : checkpoint.group_members()) {
        if (member != checkpoint.group_member())
            others << utf8(member);
    }
    return CheckpointText::tr("saved together with %1, within %2", "containers, time")
        .arg(others.join(QStringLiteral(", ")), duration(Micros(checkpoint.group_skew_usec())));
}

QString diffChange(v1::DiffChange change)
{
    switch (change) {
    case v1::DIFF_CHANGE_GONE:
        return CheckpointText::tr("gone", "change");
    case v1::DIFF_CHANGE_NEW:
        return CheckpointText::tr("new", "change");
    case v1::DIFF_CHANGE_CHANGED:
        return CheckpointText::tr("changed", "change");
    default:
        return absent();
    }
}

} // namespace gantry::text
