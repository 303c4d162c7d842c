// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/log_view.h"

#include "widgets/style/theme.h"
#include "widgets/text/error_text.h"
#include "widgets/text/format.h"

#include <QCheckBox>
#include <QClipboard>
#include <QDateTime>
#include <QEvent>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QPlainTextEdit>
#include <QScrollBar>
#include <QTextBlock>
#include <QTextDocumentFragment>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

namespace gantry {

namespace {

bool isSame(const v1::LogTail::Line &left, const v1::LogTail::Line &right)
{
    return left.realtime_usec() == right.realtime_usec() && left.error_stream() == right.error_stream() &&
           left.text() == right.text();
}

/// How many of the old lines have left at the top, so that the rest is the begin of the new ones.
std::size_t goneLines(const std::vector<v1::LogTail::Line> &old, const std::vector<v1::LogTail::Line> &fresh)
{
    for (std::size_t gone = 0; gone < old.size(); ++gone) {
        const auto rest = old.begin() + static_cast<std::ptrdiff_t>(gone);
        if (static_cast<std::size_t>(old.end() - rest) <= fresh.size() &&
            std::equal(rest, old.end(), fresh.begin(), isSame))
            return gone;
    }
    return old.size();
}

QString momentOf(const v1::LogTail::Line &line)
{
    if (line.realtime_usec() == 0)
        return QStringLiteral("--:--:--");
    const QDate day = QDateTime::fromMSecsSinceEpoch(line.realtime_usec() / 1'000).date();
    return day == QDate::currentDate() ? text::timeOfDay(line.realtime_usec()) : text::dateTime(line.realtime_usec());
}

} // namespace

LogView::LogView(QWidget *parent)
    : QWidget(parent)
    , m_title(new QLabel(this))
    , m_notice(new QLabel(this))
    , m_follow(new QCheckBox(tr("Follow the end"), this))
    , m_text(new QPlainTextEdit(this))
{
    m_notice->setWordWrap(true);
    m_notice->setTextFormat(Qt::PlainText);
    m_notice->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_text->setFont(theme::fixedFont());
    m_text->setReadOnly(true);
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_text->setLineWrapMode(QPlainTextEdit::NoWrap);
    m_text->setTabChangesFocus(true);
    m_text->setUndoRedoEnabled(false);
    m_text->setAccessibleName(tr("Log of the container"));
    m_follow->setChecked(true);
    buildBar();
    QScrollBar *bar = m_text->verticalScrollBar();
    connect(bar, &QScrollBar::valueChanged, this, [this, bar](int value) {
        // Who scrolls up wants to read there.
        if (!m_moving && value < bar->maximum())
            m_follow->setChecked(false);
    });
    connect(bar, &QScrollBar::rangeChanged, this, [this] { showEnd(); });
    connect(m_follow, &QCheckBox::toggled, this, &LogView::showEnd);
    clear();
}

void LogView::buildBar()
{
    m_title->setTextFormat(Qt::PlainText);
    m_title->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_title->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred); // a long path must not widen the window
    auto *copyButton = new QToolButton(this);
    copyButton->setText(tr("Copy lo&g"));
    copyButton->setIcon(theme::icon(u"copy", palette()));
    copyButton->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    copyButton->setFocusPolicy(Qt::TabFocus);
    copyButton->setToolTip(tr("Copy what is marked, or all lines"));
    connect(copyButton, &QToolButton::clicked, this, &LogView::copy);
    auto *bar = new QHBoxLayout;
    bar->addWidget(m_title, 1);
    bar->addWidget(m_follow);
    bar->addWidget(copyButton);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 4, 0, 0);
    layout->setSpacing(4);
    layout->addLayout(bar);
    layout->addWidget(m_notice);
    layout->addWidget(m_text, 1);
}

void LogView::clear()
{
    m_lines.clear();
    m_text->clear();
    m_text->setPlaceholderText(tr("Reading…"));
    m_title->setText(tr("Log"));
    m_title->setToolTip({});
    m_notice->hide();
    m_follow->setChecked(true);
}

void LogView::setLog(const v1::LogTail &log)
{
    m_notice->hide();
    m_text->setPlaceholderText(tr("The log is empty."));
    m_title->setText(log.source().empty() ? tr("Log")
                                          : tr("Log: %1", "where it is kept").arg(text::utf8(log.source())));
    m_title->setToolTip(m_title->text());
    const std::vector<v1::LogTail::Line> fresh(log.lines().begin(), log.lines().end());
    const std::size_t gone = goneLines(m_lines, fresh);
    const std::size_t kept = m_lines.size() - gone;
    if (gone == 0 && kept == fresh.size())
        return;
    QScrollBar *bar = m_text->verticalScrollBar();
    const bool wasMoving = std::exchange(m_moving, true);
    const int place = std::max(0, bar->value() - static_cast<int>(gone));
    dropFirst(gone);
    for (std::size_t i = kept; i < fresh.size(); ++i)
        append(fresh[i]);
    m_lines = fresh;
    if (!m_follow->isChecked())
        bar->setValue(place);
    m_moving = wasMoving;
    showEnd();
}

void LogView::setFailure(const v1::Failure &failure)
{
    m_notice->setText(text::errorSentence(failure));
    m_notice->show();
    m_text->setPlaceholderText({});
}

void LogView::append(const v1::LogTail::Line &line)
{
    QTextCursor cursor(m_text->document());
    cursor.movePosition(QTextCursor::End);
    if (!m_text->document()->isEmpty())
        cursor.insertBlock();
    QTextCharFormat faded;
    faded.setForeground(theme::muted(palette()));
    QTextCharFormat loud;
    loud.setForeground(theme::severity(v1::SEVERITY_WARNING, palette()));
    loud.setFontWeight(QFont::Bold);
    QTextCharFormat plain;
    plain.setForeground(palette().color(QPalette::Text));
    cursor.insertText(momentOf(line), faded);
    // A word of its own: colour alone would say nothing to some.
    cursor.insertText(line.error_stream() ? QStringLiteral(" stderr ") : QStringLiteral("        "), loud);
    cursor.insertText(text::utf8(line.text()), plain);
}

void LogView::dropFirst(std::size_t count)
{
    if (count == 0)
        return;
    if (count >= m_lines.size()) {
        m_text->clear();
        return;
    }
    QTextCursor cursor(m_text->document());
    cursor.setPosition(m_text->document()->findBlockByNumber(static_cast<int>(count)).position(),
                       QTextCursor::KeepAnchor);
    cursor.removeSelectedText();
}

void LogView::showEnd()
{
    if (!m_follow->isChecked() || m_moving)
        return;
    const bool wasMoving = std::exchange(m_moving, true);
    QScrollBar *bar = m_text->verticalScrollBar();
    bar->setValue(bar->maximum());
    m_moving = wasMoving;
}

void LogView::copy()
{
    const QTextCursor cursor = m_text->textCursor();
    QGuiApplication::clipboard()->setText(cursor.hasSelection() ? cursor.selection().toPlainText()
                                                                : m_text->toPlainText());
}

void LogView::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() != QEvent::PaletteChange || m_lines.empty())
        return;
    m_text->clear();
    for (const v1::LogTail::Line &line : m_lines)
        append(line);
    showEnd();
}

} // namespace gantry
