// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

#include "widgets/text/checkpoint_help.h"

#include <functional>
#include <vector>

class QLabel;
class QLineEdit;
class QTextBrowser;

namespace gantry {

/// "What can be checkpointed and what cannot", with a search as one types: Ctrl+F goes to it, Esc clears it and then
/// closes the window, which stands beside others (show(), not open()). Thread: GUI.
class CheckpointHelpDialog final : public QDialog
{
    Q_OBJECT
public:
    /// The name of the cause that lines of CRIU's log tell of; empty: none.
    using Explain = std::function<QString(const QString &lines)>;

    /// @param causes, covered of the engine's tables. @param explain may be empty.
    CheckpointHelpDialog(std::vector<text::HelpCause> causes, std::vector<text::HelpCovered> covered, Explain explain,
                         QWidget *parent = nullptr);

    /// As if typed.
    void search(const QString &words);

    /// What is on screen, in words.
    [[nodiscard]] QString shown() const;

protected:
    void changeEvent(QEvent *event) override;
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void fill();

    const std::vector<text::HelpCause> m_causes;
    const std::vector<text::HelpCovered> m_covered;
    const Explain m_explain;
    QLineEdit *m_search;
    QLabel *m_count;
    QTextBrowser *m_text;
};

} // namespace gantry
