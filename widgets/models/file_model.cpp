// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/models/file_model.h"

#include "engine/base/strings.h"
#include "widgets/models/column_header.h"
#include "widgets/style/theme.h"
#include "widgets/text/error_text.h"
#include "widgets/text/format.h"

#include <QGuiApplication>

#include <array>

namespace gantry {

std::string FileModel::keyOf(const v1::ReadFilesReply::File &row) const
{
    return strCat(row.mount_point(), "/", row.name());
}

void FileModel::setFiles(const v1::ReadFilesReply &files)
{
    m_cgroupPath = files.cgroup_path();
    replaceAll({files.files().begin(), files.files().end()});
}

void FileModel::clear()
{
    m_cgroupPath.clear();
    replaceAll({});
}

QString FileModel::pathOf(int row) const
{
    const v1::ReadFilesReply::File &file = rowAt(row);
    return text::utf8(strCat(file.mount_point(), m_cgroupPath == "/" ? "" : m_cgroupPath, "/", file.name()));
}

QString FileModel::textOf(int row) const
{
    const v1::ReadFilesReply::File &file = rowAt(row);
    // The newline that ends the last line begins no line of its own.
    std::string_view lines = file.text();
    if (lines.ends_with('\n'))
        lines.remove_suffix(1);
    return file.has_failure() ? tr("Unreadable. %1", "why").arg(text::errorSentence(file.failure()))
                              : text::utf8(lines);
}

int FileModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QString FileModel::display(int row, int column) const
{
    switch (column) {
    case Name:
        return text::utf8(rowAt(row).name());
    case Hierarchy:
        return text::utf8(rowAt(row).mount_point());
    case Writable:
        return rowAt(row).writable() ? tr("yes", "writable") : tr("no", "writable");
    case Text:
        return textOf(row);
    default:
        return {};
    }
}

QVariant FileModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const bool isText = index.column() == Text;
    const bool failed = rowAt(index.row()).has_failure();
    switch (role) {
    case Qt::DisplayRole:
    case SortRole:
        return display(index.row(), index.column());
    case Qt::ToolTipRole:
        return index.column() == Name ? pathOf(index.row()) : QString();
    case Qt::TextAlignmentRole:
        return cellAlignment(false);
    case Qt::FontRole:
        return isText && !failed ? QVariant(theme::fixedFont()) : QVariant();
    case Qt::ForegroundRole:
        return isText && failed ? QVariant(theme::severity(v1::SEVERITY_WARNING, QGuiApplication::palette()))
                                : QVariant();
    case FilterTextRole:
        return QStringList{display(index.row(), Name), display(index.row(), Hierarchy), textOf(index.row())}.join(
            QLatin1Char('\n'));
    default:
        return {};
    }
}

QVariant FileModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    static constexpr std::array kTitles{QT_TR_NOOP("File"), QT_TR_NOOP("Hierarchy"), QT_TR_NOOP("Writable"),
                                        QT_TR_NOOP("Text")};
    return columnHeader(staticMetaObject, kTitles, section, orientation, role, false);
}

} // namespace gantry
