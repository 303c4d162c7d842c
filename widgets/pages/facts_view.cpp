// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/facts_view.h"

#include <QScrollBar>
#include <QTextCursor>

#include <algorithm>

namespace gantry {

FactsView::FactsView(const QString &name, QWidget *parent) : QTextBrowser(parent)
{
    setAccessibleName(name);
    setOpenLinks(false);
    setFrameShape(QFrame::NoFrame);
    setTabChangesFocus(false); // Tab goes from link to link and then on
    setTextInteractionFlags(Qt::TextBrowserInteraction | Qt::TextSelectableByKeyboard);
    document()->setDocumentMargin(8);
    setWordWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
}

void FactsView::setFacts(const QString &html)
{
    if (html == m_html)
        return;
    m_html = html;
    const int down = verticalScrollBar()->value();
    // As numbers: a cursor would be pushed along by the new text.
    const int anchor = textCursor().anchor();
    const int position = textCursor().position();
    setHtml(html);
    const int end = document()->characterCount() - 1;
    QTextCursor after(document());
    after.setPosition(std::min(anchor, end));
    after.setPosition(std::min(position, end), QTextCursor::KeepAnchor);
    setTextCursor(after);
    verticalScrollBar()->setValue(down);
}

void FactsView::rewind()
{
    moveCursor(QTextCursor::Start);
    verticalScrollBar()->setValue(0);
}

} // namespace gantry
