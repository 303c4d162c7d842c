// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/models/namespace_model.h"

#include "engine/base/ids.h"
#include "widgets/models/column_header.h"
#include "widgets/text/format.h"
#include "widgets/text/labels.h"

#include <array>

namespace gantry {

namespace {

bool isNumber(int column)
{
    return column == NamespaceModel::Inode || column == NamespaceModel::Members;
}

QString otherNamespace(std::uint64_t id)
{
    // The inode is the number of a namespace's id (engine/base/ids.h).
    return id == 0 ? text::absent() : QString::number(NodeId{id}.number());
}

QString pin(const v1::NamespaceDetail::Pin &pin)
{
    return pin.kind() == v1::NamespaceDetail::Pin::KIND_OPEN_FD
               ? NamespaceModel::tr("open in %1", "file descriptor that keeps a namespace").arg(text::utf8(pin.where()))
               : NamespaceModel::tr("mounted at %1", "bind mount that keeps a namespace").arg(text::utf8(pin.where()));
}

QString pins(const v1::NamespaceDetail &detail, const QString &separator)
{
    QStringList out;
    for (const auto &one : detail.pins())
        out << pin(one);
    return out.isEmpty() ? text::absent() : out.join(separator);
}

QString note(const v1::NamespaceDetail &detail)
{
    if (!detail.incomplete_reason().empty())
        return NamespaceModel::tr("incomplete: %1", "why").arg(text::utf8(detail.incomplete_reason()));
    return detail.initial() ? NamespaceModel::tr("the host's own") : QString();
}

QString display(const v1::Node &node, int column)
{
    const v1::NamespaceDetail &detail = node.namespace_();
    switch (column) {
    case NamespaceModel::Type:
        return text::namespaceType(detail.type());
    case NamespaceModel::Inode:
        return QString::number(detail.inode());
    case NamespaceModel::Members:
        return text::count(detail.member_count());
    case NamespaceModel::FirstProcess:
        return detail.first_pid() == 0 ? text::absent()
                                       : NamespaceModel::tr("%1 (%2)", "program, pid")
                                             .arg(text::utf8(detail.first_comm()))
                                             .arg(detail.first_pid());
    case NamespaceModel::Owner:
        return otherNamespace(detail.owner_user_namespace());
    case NamespaceModel::Parent:
        return otherNamespace(detail.parent_namespace());
    case NamespaceModel::Pins:
        return pins(detail, QStringLiteral(", "));
    case NamespaceModel::Note:
        return note(detail);
    default:
        return {};
    }
}

QVariant sortValue(const v1::Node &node, int column)
{
    if (column == NamespaceModel::Inode)
        return static_cast<qulonglong>(node.namespace_().inode());
    return column == NamespaceModel::Members ? QVariant(node.namespace_().member_count())
                                             : QVariant(display(node, column));
}

} // namespace

std::uint64_t NamespaceModel::keyOf(const v1::Node &row) const
{
    return row.id();
}

void NamespaceModel::setNamespaces(const v1::NamespaceList &list)
{
    replaceAll({list.namespaces().begin(), list.namespaces().end()});
}

int NamespaceModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant NamespaceModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const v1::Node &node = rowAt(index.row());
    switch (role) {
    case Qt::DisplayRole:
        return display(node, index.column());
    case Qt::ToolTipRole:
        if (index.column() == Pins)
            return pins(node.namespace_(), QStringLiteral("\n"));
        return index.column() == Owner
                   ? tr("User namespace that owns it; created by user id %1").arg(node.namespace_().owner_uid())
                   : QString();
    case Qt::TextAlignmentRole:
        return cellAlignment(isNumber(index.column()));
    case SortRole:
        return sortValue(node, index.column());
    case IdRole:
        return static_cast<quint64>(node.id());
    case KindRole:
        return static_cast<int>(v1::NODE_KIND_NAMESPACE);
    case FilterTextRole: {
        QStringList texts{text::utf8(node.name())};
        for (int column = 0; column < ColumnCount; ++column)
            texts << display(node, column);
        return texts.join(QLatin1Char('\n'));
    }
    default:
        return {};
    }
}

QVariant NamespaceModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    static constexpr std::array kTitles{QT_TR_NOOP("Kind"),          QT_TR_NOOP("Inode"), QT_TR_NOOP("Processes"),
                                        QT_TR_NOOP("First process"), QT_TR_NOOP("Owner"), QT_TR_NOOP("Parent"),
                                        QT_TR_NOOP("Kept by"),       QT_TR_NOOP("Note")};
    return columnHeader(staticMetaObject, kTitles, section, orientation, role, isNumber(section));
}

} // namespace gantry
