// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "gantry/v1/common.pb.h"
#include "widgets/models/file_model.h"

class QLabel;
class QPlainTextEdit;

namespace gantry {

class TablePanel;

/// Every control and statistics file of the selected cgroup as the kernel gives it; the whole text of the current one
/// below. Thread: GUI.
class FilesPage final : public QWidget
{
    Q_OBJECT
public:
    explicit FilesPage(QWidget *parent = nullptr);

    /// Another node. @param reason why it has no files; empty: they are asked for.
    void clear(const QString &reason = {});
    void setFiles(const v1::ReadFilesReply &files);
    void setFailure(const v1::Failure &failure);
    [[nodiscard]] TablePanel *table() const { return m_table; }
    /// The whole text of the current file.
    [[nodiscard]] QPlainTextEdit *textView() const { return m_text; }

private:
    void buildView();
    void showCurrent();
    void openMenu(const QPoint &position);
    /// The texts of the selected files, each below its path where there are several.
    [[nodiscard]] QString selectedTexts() const;
    [[nodiscard]] QString selectedPaths() const;

    FileModel m_model;
    TablePanel *m_table;
    QLabel *m_title;
    QPlainTextEdit *m_text;
};

} // namespace gantry
