// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/dialogs/checkpoint_help_dialog.h"

#include "widgets/dialogs/dialog_buttons.h"
#include "widgets/style/theme.h"

#include <QDialogButtonBox>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollBar>
#include <QShortcut>
#include <QTextBrowser>
#include <QUrl>
#include <QVBoxLayout>

#include <utility>

namespace gantry {

CheckpointHelpDialog::CheckpointHelpDialog(std::vector<text::HelpCause> causes, std::vector<text::HelpCovered> covered,
                                           Explain explain, QWidget *parent)
    : QDialog(parent)
    , m_causes(std::move(causes))
    , m_covered(std::move(covered))
    , m_explain(std::move(explain))
    , m_search(new QLineEdit(this))
    , m_count(new QLabel(this))
    , m_text(new QTextBrowser(this))
{
    setWindowTitle(tr("What can be checkpointed and what cannot"));
    m_search->setPlaceholderText(tr("Search: words, an option, or a line of CRIU's log"));
    m_search->setAccessibleName(tr("Search"));
    m_search->setClearButtonEnabled(true);
    m_search->installEventFilter(this);
    m_count->setForegroundRole(QPalette::PlaceholderText);
    m_text->setAccessibleName(windowTitle());
    m_text->setOpenLinks(false);
    m_text->setTextInteractionFlags(Qt::TextBrowserInteraction | Qt::TextSelectableByKeyboard);
    m_text->document()->setDocumentMargin(10);

    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 16, 16, 12);
    layout->setSpacing(10);
    auto *head = new QHBoxLayout;
    head->addWidget(m_search, 1);
    head->addWidget(m_count);
    layout->addLayout(head);
    layout->addWidget(m_text, 1);
    QPushButton *close = addCloseButton(*this).button(QDialogButtonBox::Close);
    close->setAutoDefault(false); // Enter in the search closes nothing

    connect(m_search, &QLineEdit::textChanged, this, &CheckpointHelpDialog::fill);
    connect(m_text, &QTextBrowser::anchorClicked, this,
            [this](const QUrl &link) { m_text->scrollToAnchor(link.fragment()); });
    connect(new QShortcut(QKeySequence::Find, this), &QShortcut::activated, this, [this] {
        m_search->setFocus();
        m_search->selectAll();
    });
    resize(fontMetrics().averageCharWidth() * 100, fontMetrics().height() * 36);
    m_search->setFocus();
    fill();
}

void CheckpointHelpDialog::search(const QString &words)
{
    m_search->setText(words);
}

QString CheckpointHelpDialog::shown() const
{
    return m_text->toPlainText();
}

void CheckpointHelpDialog::fill()
{
    int found = 0;
    const QString name = m_explain ? m_explain(m_search->text()) : QString();
    m_text->setHtml(text::checkpointHelp(m_causes, m_covered, m_search->text(), name, theme::muted(palette()), &found));
    m_text->verticalScrollBar()->setValue(0);
    m_count->setText(m_search->text().trimmed().isEmpty() ? QString() : tr("%n cause(s)", nullptr, found));
}

void CheckpointHelpDialog::changeEvent(QEvent *event)
{
    QDialog::changeEvent(event);
    if (event->type() == QEvent::PaletteChange)
        fill(); // its colours are those of the theme
}

bool CheckpointHelpDialog::eventFilter(QObject *watched, QEvent *event)
{
    if (watched != m_search || event->type() != QEvent::KeyPress)
        return QDialog::eventFilter(watched, event);
    const auto *key = static_cast<QKeyEvent *>(event);
    switch (key->key()) {
    case Qt::Key_Escape:
        if (m_search->text().isEmpty())
            return false; // closes
        m_search->clear();
        return true;
    case Qt::Key_Down:
    case Qt::Key_Up:
    case Qt::Key_PageDown:
    case Qt::Key_PageUp: {
        // Reads on without leaving the search.
        QScrollBar *bar = m_text->verticalScrollBar();
        const bool page = key->key() == Qt::Key_PageDown || key->key() == Qt::Key_PageUp;
        const bool down = key->key() == Qt::Key_Down || key->key() == Qt::Key_PageDown;
        bar->triggerAction(page ? (down ? QScrollBar::SliderPageStepAdd : QScrollBar::SliderPageStepSub)
                                : (down ? QScrollBar::SliderSingleStepAdd : QScrollBar::SliderSingleStepSub));
        return true;
    }
    default:
        return false;
    }
}

} // namespace gantry
