// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/files_page.h"

#include "widgets/delegates/few_lines_delegate.h"
#include "widgets/pages/table_panel.h"
#include "widgets/style/theme.h"
#include "widgets/text/error_text.h"

#include <QAction>
#include <QClipboard>
#include <QGuiApplication>
#include <QHeaderView>
#include <QLabel>
#include <QMenu>
#include <QPlainTextEdit>
#include <QScrollBar>
#include <QSplitter>
#include <QTableView>
#include <QVBoxLayout>

namespace gantry {

FilesPage::FilesPage(QWidget *parent)
    : QWidget(parent)
    , m_table(new TablePanel(tr("Files"), &m_model, this))
    , m_title(new QLabel(this))
    , m_text(new QPlainTextEdit(this))
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(12, 8, 12, 12);
    auto *below = new QWidget(this);
    auto *column = new QVBoxLayout(below);
    column->setContentsMargins(0, 4, 0, 0);
    column->setSpacing(4);
    m_title->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_title->setTextFormat(Qt::PlainText);
    column->addWidget(m_title);
    column->addWidget(m_text, 1);
    auto *splitter = new QSplitter(Qt::Vertical, this);
    splitter->addWidget(m_table);
    splitter->addWidget(below);
    splitter->setStretchFactor(0, 3);
    splitter->setStretchFactor(1, 1);
    splitter->setChildrenCollapsible(false);
    layout->addWidget(splitter);
    m_text->setFont(theme::fixedFont());
    m_text->setReadOnly(true);
    m_text->setLineWrapMode(QPlainTextEdit::NoWrap);
    m_text->setAccessibleName(tr("Text of the file"));
    m_text->setTabChangesFocus(true);
    buildView();
    clear();
}

void FilesPage::buildView()
{
    QTableView *view = m_table->view();
    view->sortByColumn(FileModel::Name, Qt::AscendingOrder);
    view->setItemDelegateForColumn(FileModel::Text, new FewLinesDelegate(view));
    view->verticalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
    view->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    const int unit = fontMetrics().horizontalAdvance(QLatin1Char('0'));
    view->horizontalHeader()->resizeSection(FileModel::Name, unit * 30);
    view->horizontalHeader()->resizeSection(FileModel::Hierarchy, unit * 24);
    view->horizontalHeader()->resizeSection(FileModel::Writable, unit * 10);
    auto *copy = new QAction(tr("&Copy text"), view);
    copy->setShortcut(QKeySequence::Copy);
    copy->setShortcutContext(Qt::WidgetShortcut);
    view->addAction(copy);
    connect(copy, &QAction::triggered, this, [this] { QGuiApplication::clipboard()->setText(selectedTexts()); });
    connect(m_table, &TablePanel::menuRequested, this, &FilesPage::openMenu);
    connect(m_table, &TablePanel::selectionChanged, this, &FilesPage::showCurrent);
    connect(&m_model, &QAbstractItemModel::dataChanged, this, &FilesPage::showCurrent);
}

void FilesPage::clear(const QString &reason)
{
    m_model.clear();
    m_table->setNotice({});
    m_table->setEmptyText(reason.isEmpty() ? tr("Reading…") : reason);
    showCurrent();
}

void FilesPage::setFiles(const v1::ReadFilesReply &files)
{
    m_table->setNotice({});
    m_table->setEmptyText(tr("There are no files here."));
    m_model.setFiles(files);
    showCurrent();
}

void FilesPage::setFailure(const v1::Failure &failure)
{
    m_table->setEmptyText({});
    m_table->setNotice(text::errorSentence(failure));
}

void FilesPage::showCurrent()
{
    const std::vector<int> rows = m_table->selectedRows();
    const int row = rows.empty() ? -1 : rows.front();
    m_title->setText(row < 0 ? tr("Select a file to see the whole of it.") : m_model.pathOf(row));
    const QString fresh = row < 0 ? QString() : m_model.textOf(row);
    if (fresh == m_text->toPlainText())
        return;
    // What is read or marked there must not jump with each refresh.
    const int down = m_text->verticalScrollBar()->value();
    const int right = m_text->horizontalScrollBar()->value();
    m_text->setPlainText(fresh);
    m_text->verticalScrollBar()->setValue(down);
    m_text->horizontalScrollBar()->setValue(right);
}

QString FilesPage::selectedTexts() const
{
    const std::vector<int> rows = m_table->selectedRows();
    if (rows.size() == 1)
        return m_model.textOf(rows.front());
    QStringList parts;
    for (const int row : rows)
        parts << QStringLiteral("# %1\n%2").arg(m_model.pathOf(row), m_model.textOf(row));
    return parts.join(QStringLiteral("\n\n"));
}

QString FilesPage::selectedPaths() const
{
    QStringList paths;
    for (const int row : m_table->selectedRows())
        paths << m_model.pathOf(row);
    return paths.join(u'\n');
}

void FilesPage::openMenu(const QPoint &position)
{
    if (m_table->selectedRows().empty())
        return;
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    const QIcon icon = theme::icon(u"copy", palette());
    menu->addAction(icon, tr("&Copy text"), this, [this] { QGuiApplication::clipboard()->setText(selectedTexts()); });
    menu->addAction(icon, tr("Copy &path"), this, [this] { QGuiApplication::clipboard()->setText(selectedPaths()); });
    menu->popup(position);
}

} // namespace gantry
