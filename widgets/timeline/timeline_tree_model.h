// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractItemModel>

#include "gantry/v1/checkpoint.pb.h"
#include "widgets/models/checkpoint_model.h"
#include "widgets/timeline/timeline_scene.h"

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace gantry {

/// The marks of a TimelineScene as a tree: those of a branch below each other, what forks off one below it, "Now" at
/// the end of the present; a row above for each subject where there are several. Columns are those of CheckpointModel.
/// A new list is compared with the old one, so that selection and expansion survive. Thread: GUI.
class TimelineTreeModel final : public QAbstractItemModel
{
    Q_OBJECT
public:
    /// Branches that fork off each other deeper than that stand beside each other.
    static constexpr int kDeepest = 8;

    explicit TimelineTreeModel(QObject *parent = nullptr);
    ~TimelineTreeModel() override;

    /// @param rows what the marks of the scene stand for, in their order.
    void setList(const TimelineScene &scene, std::vector<v1::CheckpointInfo> rows);

    /// Id of a checkpoint; empty for every other row.
    [[nodiscard]] std::string idOf(const QModelIndex &index) const;
    /// Where a checkpoint is; invalid: it is not.
    [[nodiscard]] QModelIndex indexOf(const std::string &id) const;

    [[nodiscard]] QModelIndex index(int row, int column, const QModelIndex &parent = {}) const override;
    [[nodiscard]] QModelIndex parent(const QModelIndex &index) const override;
    using QObject::parent;
    [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    [[nodiscard]] Qt::ItemFlags flags(const QModelIndex &index) const override;

private:
    struct Row;
    struct Wish;

    [[nodiscard]] Row &rowOf(const QModelIndex &index) const;
    [[nodiscard]] QModelIndex indexOf(const Row &row) const;
    void apply(Row &row, std::vector<Wish> &wishes);
    void removeUnwanted(Row &row, const std::vector<Wish> &wishes);
    [[nodiscard]] std::unique_ptr<Row> make(Row *parent, Wish &wish);
    void forget(const Row &row);

    std::unique_ptr<Row> m_root;
    std::unordered_map<std::string, Row *> m_byId; ///< checkpoints
};

} // namespace gantry
