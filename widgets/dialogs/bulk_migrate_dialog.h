// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

#include "gantry/v1/migration.pb.h"
#include "widgets/dialogs/migrate_dialog.h"

#include <functional>
#include <optional>
#include <vector>

class QListWidget;
class QTreeWidget;

namespace gantry {

/// One of several that are to go.
struct BulkItem
{
    QString container;
    QString name{}; ///< it is to have there; empty: as the dialog says for all
};

/// One of them as a host is asked about it.
struct BulkQuestion
{
    int item = 0; ///< its place
    QString container;
    QString name; ///< it is to have there
};

/// What a host thinks of one of them.
struct BulkVerdict
{
    bool possible = false;
    std::uint64_t availableBytes = 0;
    std::uint64_t wantedBytes = 0;
};
/// Chooses for each container one of the hosts, by its place; nullopt: none.
using BulkPlacer =
    std::function<std::vector<std::optional<std::size_t>>(const std::vector<std::vector<BulkVerdict>> &)>;

/// What the user decided.
struct BulkWish : MigrationOptions
{
    struct Item
    {
        QString container;
        QString name;     ///< it has there
        HostKey host{};   ///< none: it stays
        QString reason{}; ///< why it stays
    };
    std::vector<Item> items;
    int parallel = 1;
    bool stopOnError = false;
};

/// Before several containers of a host go to another one, or each to one of several: what the hosts find about each,
/// the worst first. What cannot go is named with its reason and left out. Nothing is moved by it. Open it with open();
/// call start() once its signal is connected. Thread: GUI.
class BulkMigrateDialog final : public QDialog
{
    Q_OBJECT
public:
    /// @param hosts all others. @param wanted ticked at first; none: all that may be. @param all these are all that the
    /// host has.
    BulkMigrateDialog(const MigrationHost &source, std::vector<BulkItem> items, std::vector<MigrationHost> hosts,
                      const std::vector<HostKey> &wanted, bool all, BulkPlacer placer, QWidget *parent = nullptr);

    /// Asks what the hosts find; so does each change of hosts and names.
    void start();
    /// Answers to checkRequested; those to an older question are passed over.
    void setReply(int question, int item, HostKey host, const v1::JudgeMigrationReply &reply);
    void setFailure(int question, int item, HostKey host, const QString &sentences);

    [[nodiscard]] BulkWish wish() const;
    [[nodiscard]] QString verdict() const;
    [[nodiscard]] QListWidget *hostList() const { return m_hostList; }
    [[nodiscard]] QTreeWidget *table() const { return m_table; }
    [[nodiscard]] QLineEdit *nameEdit() const { return m_name; }
    [[nodiscard]] QSpinBox *parallelBox() const { return m_parallel; }
    [[nodiscard]] TransportRows *transport() const { return m_transport; }
    [[nodiscard]] QCheckBox *timelineBox() const { return m_timeline; }
    [[nodiscard]] QPushButton *acceptButton() const { return m_accept; }
    [[nodiscard]] std::vector<QCheckBox *> skipBoxes() const { return m_skips->boxes(); }

Q_SIGNALS:
    /// Answer about each with setReply() or setFailure(). An older question is no longer asked.
    void checkRequested(int question, gantry::HostKey host, const std::vector<gantry::BulkQuestion> &items);

private:
    struct Answer
    {
        bool answered = false;
        QString failure{};
        std::vector<v1::CheckFinding> found{};
        BulkVerdict verdict{};
    };

    [[nodiscard]] std::vector<std::size_t> chosenHosts() const;
    [[nodiscard]] QString nameOf(const BulkItem &item) const;
    [[nodiscard]] Answer *answerOf(int question, int item, HostKey host);
    [[nodiscard]] bool isPassedOver(const v1::CheckFinding &finding) const;
    [[nodiscard]] QString reasonOf(const Answer &answer) const;
    void buildOptions(const std::vector<HostKey> &wanted);
    void judge();
    void showSkips();
    void showAnswers();
    void showTable();
    void showFindings();
    void showCommand();

    const MigrationHost m_source;
    const std::vector<BulkItem> m_items;
    const std::vector<MigrationHost> m_hosts;
    const BulkPlacer m_placer;
    const bool m_all;
    std::vector<std::vector<Answer>> m_answers; ///< of each item, of each host
    std::vector<BulkWish::Item> m_places;       ///< of each item
    QListWidget *m_hostList;
    QLineEdit *m_name;
    QSpinBox *m_rounds;
    QSpinBox *m_parallel;
    TransportRows *m_transport = nullptr;
    QCheckBox *m_keep;
    QCheckBox *m_timeline;
    QCheckBox *m_stop;
    QLabel *m_verdict;
    QTreeWidget *m_table;
    FindingView *m_findings;
    SkipRows *m_skips;
    CommandLine *m_command;
    QPushButton *m_accept = nullptr;
    int m_question = 0;
    bool m_answered = false; ///< all of them
};

} // namespace gantry
