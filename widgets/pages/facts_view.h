// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTextBrowser>

namespace gantry {

/// Facts to read, mark and copy, with links that keys reach, too (anchorClicked()). Thread: GUI.
class FactsView final : public QTextBrowser
{
    Q_OBJECT
public:
    /// @param name for screen readers.
    explicit FactsView(const QString &name, QWidget *parent = nullptr);

    /// New facts; the place in the text, and what is marked, stay, and nothing happens where they are the same.
    void setFacts(const QString &html);

    /// Back to the begin: the facts are those of something else.
    void rewind();

private:
    QString m_html;
};

} // namespace gantry
