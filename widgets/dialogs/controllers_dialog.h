// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

#include "gantry/v1/control.pb.h"

#include <string>
#include <vector>

class QCheckBox;
class QLabel;
class QPushButton;

namespace gantry {

class CommandLine;
class WarningList;

/// Chooses which controllers a cgroup v2 has for the cgroups below it (cgroup.subtree_control). Each choice is a dry
/// run that tells which children change and what they lose; where the cgroup has processes of its own, a box offers to
/// move them into a new leaf. What cannot be done cannot be accepted. Open it with open(). Thread: GUI.
class ControllersDialog final : public QDialog
{
    Q_OBJECT
public:
    /// @param nodeId of the cgroup. @param available names of cgroup.controllers. @param enabled those of
    /// cgroup.subtree_control.
    ControllersDialog(std::uint64_t nodeId, const QString &path, const std::vector<std::string> &available,
                      const std::vector<std::string> &enabled, QWidget *parent = nullptr);

    /// Answers to previewRequested.
    void setPreview(const v1::SetControllersReply &reply);
    void setFailure(const v1::Failure &failure);

    /// The request as chosen; not a dry run, actor unset.
    [[nodiscard]] v1::SetControllersRequest request() const;
    /// Box of a controller, nullptr where it is not available.
    [[nodiscard]] QCheckBox *box(const std::string &controller) const;
    /// "Make a leaf and move the processes"; hidden while none is needed.
    [[nodiscard]] QCheckBox *leafBox() const { return m_leaf; }
    [[nodiscard]] QPushButton *acceptButton() const { return m_accept; }

Q_SIGNALS:
    /// Another choice was made: answer with setPreview() or setFailure().
    void previewRequested(const gantry::v1::SetControllersRequest &dryRun);

private:
    struct Row
    {
        std::string name;
        bool wasEnabled = false;
        QCheckBox *box = nullptr;
    };

    void addRows(const std::vector<std::string> &available, const std::vector<std::string> &enabled);
    void choose();
    void ask(bool makeLeaf);
    void offerLeaf(const v1::SetControllersReply &reply);
    void showState(const QString &problem, const QStringList &warnings);
    [[nodiscard]] bool isChanged() const;
    [[nodiscard]] QString commandLine() const;

    std::uint64_t m_nodeId;
    QString m_path;
    std::vector<Row> m_rows;
    QCheckBox *m_leaf;
    WarningList *m_warnings;
    QLabel *m_problem;
    CommandLine *m_command;
    QPushButton *m_accept;
    QPushButton *m_cancel;
    bool m_probesLeaf = false; ///< the dry run on its way asks whether a leaf would help
    v1::Failure m_refusal;     ///< of the same choice without a leaf
};

} // namespace gantry
