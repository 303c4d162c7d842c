// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

#include "gantry/v1/alerts.pb.h"
#include "gantry/v1/common.pb.h"
#include "widgets/models/text_table.h"

class QLabel;
class QTabWidget;

namespace gantry {

class TablePanel;

/// A window of its own with a sentence, tables on tabs, and the command line that tells the same: each table with
/// filter, sortable columns, CSV, and Ctrl+C for the rows that are selected. Show it with show(): it does not stand in
/// the way of the console. Thread: GUI.
class FactTabs : public QDialog
{
    Q_OBJECT
public:
    /// What is on screen, in words.
    [[nodiscard]] QString sentence() const;
    [[nodiscard]] QTabWidget *tabs() const { return m_tabs; }
    [[nodiscard]] TablePanel *table(int tab) const;

protected:
    FactTabs(const QString &title, const QString &command, QWidget *parent);

    /// @param widths of the columns in digits; the last one takes what is left.
    /// @param emptyText shown once it is known that there is nothing. @return the model, owned by this.
    TextTable *addTab(const QString &name, std::vector<TextTable::Column> columns, const std::vector<int> &widths,
                      const QString &emptyText);
    /// @param more rows that the engine left off.
    void fill(int tab, std::vector<TextTable::Row> rows, std::uint64_t more);
    void setSentence(const QString &words);
    void setFailureSentence(const QString &words, const v1::Failure &failure);

private:
    QLabel *m_sign;
    QLabel *m_sentence;
    QTabWidget *m_tabs;
    std::vector<QString> m_names;
    std::vector<QString> m_emptyTexts;
    std::vector<TextTable *> m_models;
    std::vector<TablePanel *> m_tables;
};

} // namespace gantry
