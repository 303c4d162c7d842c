// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

#include "gantry/v1/migration.pb.h"
#include "widgets/dialogs/skip_rows.h"
#include "widgets/dialogs/transport_rows.h"
#include "widgets/models/hosts_tree_model.h"

#include <cstdint>
#include <vector>

class QCheckBox;
class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QSpinBox;

namespace gantry {

class CommandLine;
class FindingView;

/// A host that a container may go to.
struct MigrationHost
{
    HostKey key;
    QString name;
    QString destination{}; ///< as gantryctl takes it; empty: this machine
    QString problem{};     ///< why not there, a sentence; empty: it may be asked
};

/// What the user decided.
struct MigrationWish : MigrationOptions
{
    HostKey host;
    QString name; ///< it has there
};

/// Before a container goes to another host: where to, and what both hosts find about that. Nothing is moved by it;
/// "Migrate" is off while something is in the way, or a warning is not passed over by hand. Open it with open(); call
/// start() once its signal is connected. Thread: GUI.
class MigrateDialog final : public QDialog
{
    Q_OBJECT
public:
    /// @param container its name. @param source the host it is on. @param hosts all others, also those that it may not
    /// go to. @param wanted chosen at first; none: the first that may be.
    MigrateDialog(const QString &container, const MigrationHost &source, std::vector<MigrationHost> hosts,
                  HostKey wanted, QWidget *parent = nullptr);

    /// Asks what both hosts find; so does each change of host and name.
    void start();
    /// Answers to checkRequested; those to an older question are passed over.
    void setReply(int question, const v1::JudgeMigrationReply &reply);
    void setFailure(int question, const QString &sentences);

    [[nodiscard]] MigrationWish wish() const;
    [[nodiscard]] QString verdict() const;
    [[nodiscard]] QString findings() const;
    [[nodiscard]] QComboBox *hostBox() const { return m_host; }
    [[nodiscard]] TransportRows *transport() const { return m_transport; }
    [[nodiscard]] QLineEdit *nameEdit() const { return m_name; }
    [[nodiscard]] QCheckBox *timelineBox() const { return m_timeline; }
    [[nodiscard]] QPushButton *acceptButton() const { return m_accept; }
    /// One for each cause of which there are warnings.
    [[nodiscard]] std::vector<QCheckBox *> skipBoxes() const { return m_skips->boxes(); }

Q_SIGNALS:
    /// Answer with setReply() or setFailure(). @param name it is to have there.
    void checkRequested(int question, gantry::HostKey host, const QString &name);

private:
    [[nodiscard]] const MigrationHost *host() const;
    void showVerdict();
    void showCommand();

    const QString m_container;
    const MigrationHost m_source;
    const std::vector<MigrationHost> m_hosts;
    QComboBox *m_host;
    QLineEdit *m_name;
    QSpinBox *m_rounds;
    TransportRows *m_transport = nullptr;
    QCheckBox *m_keep;
    QCheckBox *m_timeline;
    QLabel *m_sign;
    QLabel *m_verdict;
    FindingView *m_findings;
    SkipRows *m_skips;
    CommandLine *m_command;
    QPushButton *m_again;
    QPushButton *m_accept;
    std::vector<v1::CheckFinding> m_found;
    int m_question = 0;
    bool m_answered = false;
    QString m_failure;
};

} // namespace gantry
