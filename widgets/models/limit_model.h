// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/models/keyed_table.h"

#include "engine/base/error.h"
#include "engine/base/limit.h"
#include "gantry/v1/control.pb.h"
#include "widgets/models/roles.h"

#include <map>
#include <optional>

namespace gantry {

/// One settable value with what the user has typed for it but not applied.
struct LimitRowData
{
    v1::LimitRow row;
    LimitKey key = LimitKey::MemoryMax;
    std::optional<LimitValue> pending; ///< typed, valid, not applied
    QString changedOutside;            ///< who changed it outside Gantry; empty: nobody
};

/// Every settable value of a cgroup: configured, effective, limiting ancestor, usage; column New is editable as text
/// (parseLimitValue's grammar). Thread: GUI.
class LimitModel final : public KeyedTable<LimitRowData, int>
{
    Q_OBJECT
public:
    enum Column { Name, Configured, New, Effective, LimitedBy, InUse, File, ColumnCount };

    using KeyedTable::KeyedTable;

    /// Takes what the engine says. Edits that are pending stay while the node is the same, and a configured value that
    /// differs from the last one without an applied() in between is marked "changed outside Gantry".
    void setLimits(const v1::ListLimitsReply &limits);
    void clear();
    /// Greys every editor and says why; empty makes them editable again.
    void setReadOnlyReason(const QString &reason);
    /// The values of `reply` were set by us: they are not "changed outside".
    void applied(const v1::SetLimitsReply &reply);
    void markChangedOutside(const QString &key, const QString &who);

    /// @errors those of parseLimitValue; nothing is changed then.
    [[nodiscard]] Result<> setPending(LimitKey key, const QString &typed);
    void revert();
    [[nodiscard]] bool hasPending() const;
    /// Every pending edit as a request for this node (dry_run and actor unset).
    [[nodiscard]] v1::SetLimitsRequest request() const;

    [[nodiscard]] int columnCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    [[nodiscard]] bool setData(const QModelIndex &index, const QVariant &value, int role) override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    [[nodiscard]] Qt::ItemFlags flags(const QModelIndex &index) const override;

Q_SIGNALS:
    /// A pending value was typed, changed or dropped.
    void pendingChanged();
    /// What was typed is no value of that key.
    void editRefused(gantry::LimitKey key, const QString &sentence);

protected:
    [[nodiscard]] int keyOf(const LimitRowData &row) const override;

private:
    [[nodiscard]] QString display(const LimitRowData &row, int column) const;
    void update(LimitRowData row);

    std::uint64_t m_nodeId = 0;
    QString m_readOnlyReason;
};

} // namespace gantry
