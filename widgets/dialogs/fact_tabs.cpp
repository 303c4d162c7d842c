// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/dialogs/fact_tabs.h"

#include "widgets/dialogs/command_line.h"
#include "widgets/dialogs/dialog_buttons.h"
#include "widgets/pages/table_panel.h"
#include "widgets/style/theme.h"
#include "widgets/text/error_text.h"
#include "widgets/text/format.h"

#include <QAction>
#include <QClipboard>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QItemSelectionModel>
#include <QLabel>
#include <QMenu>
#include <QTabWidget>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>

namespace gantry {

namespace {

constexpr int kSign = 16;

/// The selected rows as they are shown, tabs between cells.
QString selectedText(const QTableView &view)
{
    QModelIndexList rows = view.selectionModel()->selectedRows();
    std::ranges::sort(rows, {}, &QModelIndex::row);
    const QHeaderView &header = *view.horizontalHeader();
    QStringList lines;
    for (const QModelIndex &row : rows) {
        QStringList cells;
        for (int visual = 0; visual < header.count(); ++visual) {
            const int column = header.logicalIndex(visual);
            if (!header.isSectionHidden(column))
                cells << row.siblingAtColumn(column).data().toString();
        }
        lines << cells.join(QLatin1Char('\t'));
    }
    return lines.join(QLatin1Char('\n'));
}

/// Ctrl+C and a menu that has it.
void offerCopy(TablePanel &table)
{
    QTableView *view = table.view();
    auto *copy = new QAction(FactTabs::tr("&Copy"), view);
    copy->setShortcut(QKeySequence::Copy);
    copy->setShortcutContext(Qt::WidgetWithChildrenShortcut);
    view->addAction(copy);
    QObject::connect(copy, &QAction::triggered, view, [view] {
        if (const QString text = selectedText(*view); !text.isEmpty())
            QGuiApplication::clipboard()->setText(text);
    });
    QObject::connect(&table, &TablePanel::menuRequested, view, [view, copy](const QPoint &position) {
        auto *menu = new QMenu(view);
        menu->setAttribute(Qt::WA_DeleteOnClose);
        menu->addAction(copy);
        menu->addAction(FactTabs::tr("Select &all"), view, &QTableView::selectAll);
        menu->popup(position);
    });
}

} // namespace

FactTabs::FactTabs(const QString &title, const QString &command, QWidget *parent)
    : QDialog(parent), m_sign(new QLabel(this)), m_sentence(paragraph({}, this)), m_tabs(new QTabWidget(this))
{
    setWindowTitle(title);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 16, 16, 12);
    layout->setSpacing(10);
    auto *head = new QHBoxLayout;
    head->addWidget(m_sign, 0, Qt::AlignTop);
    head->addWidget(m_sentence, 1);
    layout->addLayout(head);
    m_sign->hide();
    m_tabs->setAccessibleName(title);
    layout->addWidget(m_tabs, 1);
    layout->addWidget(new CommandLine(command, this));
    addCloseButton(*this);
    resize(fontMetrics().averageCharWidth() * 190, fontMetrics().height() * 34);
}

TextTable *FactTabs::addTab(const QString &name, std::vector<TextTable::Column> columns, const std::vector<int> &widths,
                            const QString &emptyText)
{
    auto *model = new TextTable(std::move(columns), this);
    auto *table = new TablePanel(name, model, m_tabs);
    table->setContentsMargins(6, 6, 6, 6);
    QTableView *view = table->view();
    const int unit = fontMetrics().horizontalAdvance(QLatin1Char('0'));
    for (std::size_t i = 0; i < widths.size(); ++i)
        view->horizontalHeader()->resizeSection(static_cast<int>(i), unit * widths[i]);
    // In the engine's order until a header is clicked.
    view->horizontalHeader()->setSortIndicatorClearable(true);
    view->sortByColumn(-1, Qt::AscendingOrder);
    view->setTextElideMode(Qt::ElideMiddle); // paths differ at both ends
    offerCopy(*table);
    m_tabs->addTab(table, name);
    m_names.push_back(name);
    m_emptyTexts.push_back(emptyText);
    m_models.push_back(model);
    m_tables.push_back(table);
    return model;
}

void FactTabs::fill(int tab, std::vector<TextTable::Row> rows, std::uint64_t more)
{
    const auto at = static_cast<std::size_t>(tab);
    const std::uint64_t all = rows.size() + more;
    m_models[at]->append(std::move(rows));
    m_tables[at]->setEmptyText(m_emptyTexts[at]);
    m_tabs->setTabText(tab, tr("%1 (%2)", "name of a table, number of rows").arg(m_names[at], text::count(all)));
    if (more > 0)
        m_tables[at]->setNotice(tr("There are %1 more, which are not shown.").arg(text::count(more)));
}

void FactTabs::setSentence(const QString &words)
{
    m_sentence->setText(words);
    m_sign->hide();
}

void FactTabs::setFailureSentence(const QString &words, const v1::Failure &failure)
{
    m_sentence->setText(words + QLatin1Char('\n') + text::errorSentence(failure));
    m_sign->setPixmap(theme::severityIcon(v1::SEVERITY_CRITICAL, palette()).pixmap(kSign));
    m_sign->show();
}

QString FactTabs::sentence() const
{
    return m_sentence->text();
}

TablePanel *FactTabs::table(int tab) const
{
    return m_tables[static_cast<std::size_t>(tab)];
}

} // namespace gantry
