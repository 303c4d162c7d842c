// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

#include "gantry/v1/migration.pb.h"

#include <vector>

class QLabel;
class QPushButton;
class QTreeWidget;

namespace gantry {

/// Several migrations on their way, a row each, and how each came out. It may be closed: they go on. Thread: GUI.
class MigrationQueueWindow final : public QDialog
{
    Q_OBJECT
public:
    enum class State {
        Waiting,
        AtWork,
        Stopping,
        Done,
        Failed,
        Unknown,
        GivenUp,
        Stays, ///< it could not go
        Back   ///< it was moved, and is home again
    };
    struct Row
    {
        QString container;
        QString host;     ///< empty: it stays
        QString reason{}; ///< why it stays
    };
    MigrationQueueWindow(const QString &source, const std::vector<Row> &rows, QWidget *parent = nullptr);

    void setState(std::size_t row, State state);
    void setPhase(std::size_t row, const v1::MigrationPhase &phase);
    void setDone(std::size_t row, const v1::MigrationDone &done);
    /// @param sentences why. @param state Failed, Unknown or GivenUp.
    void setFailed(std::size_t row, const QString &sentences, State state);

    [[nodiscard]] State state(std::size_t row) const { return m_states.at(row); }
    /// What a row says, its cells with blanks between.
    [[nodiscard]] QString words(std::size_t row) const;
    [[nodiscard]] QString summary() const;
    [[nodiscard]] QTreeWidget *table() const { return m_table; }
    [[nodiscard]] QPushButton *giveUpButton() const { return m_giveUp; }
    [[nodiscard]] QPushButton *giveUpAllButton() const { return m_giveUpAll; }
    [[nodiscard]] QPushButton *retryButton() const { return m_retry; }
    [[nodiscard]] QPushButton *rollBackButton() const { return m_rollBack; }
    [[nodiscard]] QPushButton *rollBackAllButton() const { return m_rollBackAll; }

Q_SIGNALS:
    /// These are to stay where they are, if they have not been handed over.
    void giveUpRequested(const std::vector<std::size_t> &rows);
    /// These are to be tried once more.
    void retryRequested(const std::vector<std::size_t> &rows);
    /// These are to come back.
    void rollBackRequested(const std::vector<std::size_t> &rows);

private:
    [[nodiscard]] std::vector<std::size_t> rowsIn(std::initializer_list<State> states, bool selected) const;
    void showState();

    const QString m_source;
    std::vector<State> m_states;
    QTreeWidget *m_table;
    QLabel *m_summary;
    QPushButton *m_giveUp;
    QPushButton *m_giveUpAll;
    QPushButton *m_retry;
    QPushButton *m_rollBack;
    QPushButton *m_rollBackAll;
};

} // namespace gantry
