// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "gantry/v1/common.pb.h"
#include "gantry/v1/inventory.pb.h"

#include <vector>

class QCheckBox;
class QLabel;
class QPlainTextEdit;

namespace gantry {

/// The last lines of a log, which may be asked for again and again: only what is new is added, so that marks and the
/// place stay. Thread: GUI.
class LogView final : public QWidget
{
    Q_OBJECT
public:
    explicit LogView(QWidget *parent = nullptr);

    /// Another log, which is on its way.
    void clear();
    void setLog(const v1::LogTail &log);
    /// What is shown stays, below a sentence.
    void setFailure(const v1::Failure &failure);

    [[nodiscard]] QPlainTextEdit *textView() const { return m_text; }
    /// Ticked: the end stays in sight.
    [[nodiscard]] QCheckBox *followBox() const { return m_follow; }

protected:
    void changeEvent(QEvent *event) override;

private:
    void buildBar();
    void append(const v1::LogTail::Line &line);
    void dropFirst(std::size_t count);
    void showEnd();
    void copy();

    QLabel *m_title;
    QLabel *m_notice;
    QCheckBox *m_follow;
    QPlainTextEdit *m_text;
    std::vector<v1::LogTail::Line> m_lines;
    bool m_moving = false; ///< the view itself scrolls, not the user
};

} // namespace gantry
