// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/dialogs/dialog_buttons.h"

#include "widgets/style/theme.h"

#include <QCoreApplication>
#include <QDialog>
#include <QDialogButtonBox>
#include <QLabel>
#include <QLayout>
#include <QPushButton>

#include <algorithm>

namespace gantry {

namespace {
/// Gives this file's texts their context for translators.
struct DialogButtons
{
    Q_DECLARE_TR_FUNCTIONS(DialogButtons)
};
} // namespace

QLabel *paragraph(const QString &words, QWidget *parent)
{
    auto *label = new QLabel(words, parent);
    label->setWordWrap(true);
    label->setTextFormat(Qt::PlainText);
    return label;
}

QDialogButtonBox &addCloseButton(QDialog &dialog)
{
    auto *box = new QDialogButtonBox(QDialogButtonBox::Close, &dialog);
    box->button(QDialogButtonBox::Close)->setText(DialogButtons::tr("Close"));
    QObject::connect(box, &QDialogButtonBox::rejected, &dialog, &QDialog::reject);
    dialog.layout()->addWidget(box);
    return *box;
}

QPushButton *addDialogButtons(QDialog &dialog, const QString &acceptText)
{
    auto *box = new QDialogButtonBox(QDialogButtonBox::Cancel, &dialog);
    // Qt's own catalogue need not be installed.
    box->button(QDialogButtonBox::Cancel)->setText(DialogButtons::tr("Cancel"));
    QPushButton *accept = box->addButton(acceptText, QDialogButtonBox::AcceptRole);
    accept->setDefault(true);
    QObject::connect(box, &QDialogButtonBox::accepted, &dialog, &QDialog::accept);
    QObject::connect(box, &QDialogButtonBox::rejected, &dialog, &QDialog::reject);
    dialog.layout()->addWidget(box);
    return accept;
}

void growToFit(QDialog &dialog)
{
    QLayout *layout = dialog.layout();
    layout->activate();
    const int width = dialog.isVisible() ? std::max(dialog.width(), layout->minimumSize().width())
                                         : std::max(dialog.minimumWidth(), layout->sizeHint().width());
    const int height =
        layout->hasHeightForWidth() ? layout->totalHeightForWidth(width) : layout->totalSizeHint().height();
    // A size of before it was shown means nothing: nobody chose it.
    dialog.resize(width, dialog.isVisible() ? std::max(dialog.height(), height) : height);
}

void showProblem(QLabel &label, QPushButton &accept, const QString &problem)
{
    QPalette colors = label.palette();
    colors.setColor(QPalette::WindowText, theme::severity(v1::SEVERITY_CRITICAL, accept.palette()));
    label.setPalette(colors);
    label.setText(problem);
    accept.setEnabled(problem.isEmpty());
}

} // namespace gantry
