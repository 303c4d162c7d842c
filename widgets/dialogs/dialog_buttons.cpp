// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/dialogs/dialog_buttons.h"

#include "widgets/style/theme.h"

#include <QDialog>
#include <QDialogButtonBox>
#include <QLabel>
#include <QLayout>
#include <QPushButton>

namespace gantry {

QPushButton *addDialogButtons(QDialog &dialog, const QString &acceptText)
{
    auto *box = new QDialogButtonBox(QDialogButtonBox::Cancel, &dialog);
    QPushButton *accept = box->addButton(acceptText, QDialogButtonBox::AcceptRole);
    accept->setDefault(true);
    QObject::connect(box, &QDialogButtonBox::accepted, &dialog, &QDialog::accept);
    QObject::connect(box, &QDialogButtonBox::rejected, &dialog, &QDialog::reject);
    dialog.layout()->addWidget(box);
    return accept;
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
