// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/table_tools.h"

#include <QCoreApplication>
#include <QFileDialog>
#include <QHeaderView>
#include <QMenu>
#include <QMessageBox>
#include <QPushButton>
#include <QSaveFile>

namespace gantry {

namespace {

/// Gives this file's texts their context for translators.
struct TableTools
{
    Q_DECLARE_TR_FUNCTIONS(TableTools)
};

void writeCsv(QWidget *parent, const QString &fileName, const QString &csv)
{
    QSaveFile file(fileName);
    if (file.open(QIODevice::WriteOnly) && file.write(csv.toUtf8()) >= 0 && file.commit())
        return;
    auto *box = new QMessageBox(QMessageBox::Warning, TableTools::tr("Save table"),
                                TableTools::tr("%1 could not be written: %2.").arg(fileName, file.errorString()),
                                QMessageBox::Ok, parent);
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->open();
}

} // namespace

void openColumnMenu(QHeaderView &header, const QPoint &position)
{
    auto *menu = new QMenu(&header);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    for (int column = 1; column < header.count(); ++column) {
        QAction *action = menu->addAction(header.model()->headerData(column, Qt::Horizontal).toString());
        action->setCheckable(true);
        action->setChecked(!header.isSectionHidden(column));
        QObject::connect(action, &QAction::toggled, &header,
                         [&header, column](bool shown) { header.setSectionHidden(column, !shown); });
    }
    menu->popup(header.mapToGlobal(position));
}

void offerButton(QPushButton &button, const QString &readOnly, bool fits, const QString &otherwise)
{
    button.setEnabled(fits && readOnly.isEmpty());
    button.setToolTip(!readOnly.isEmpty() ? readOnly : fits ? QString() : otherwise);
}

void openCsvDialog(QWidget &parent, const QString &name, const QString &csv)
{
    auto *dialog = new QFileDialog(&parent, TableTools::tr("Save table"), QStringLiteral("%1.csv").arg(name),
                                   TableTools::tr("Comma-separated values (*.csv)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(QStringLiteral("csv"));
    QObject::connect(dialog, &QFileDialog::fileSelected, &parent,
                     [&parent, csv](const QString &fileName) { writeCsv(&parent, fileName, csv); });
    dialog->open();
}

} // namespace gantry
