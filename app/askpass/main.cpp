// SPDX-License-Identifier: GPL-3.0-or-later
// gantry-askpass: the console's SSH_ASKPASS. Shows what ssh asks, and writes the answer to standard output; exit status
// 1 where there is none. Source: ssh(1), ENVIRONMENT.
#include <QApplication>
#include <QFile>
#include <QTextStream>

#include "widgets/dialogs/askpass_dialog.h"

#include <cstdio>

int main(int argc, char **argv)
{
    using gantry::AskpassDialog;
    if (argc != 2) {
        QTextStream(stderr) << "gantry-askpass: run by ssh, with what it asks as the only word\n";
        return 2;
    }
    QApplication app(argc, argv);
    const QString prompt = QString::fromLocal8Bit(argv[1]);
    AskpassDialog dialog(AskpassDialog::kindOf(prompt, qEnvironmentVariable("SSH_ASKPASS_PROMPT")), prompt);
    if (dialog.exec() != QDialog::Accepted)
        return 1;
    QFile out;
    const QByteArray answer = dialog.answer().toUtf8() + '\n';
    return out.open(stdout, QIODevice::WriteOnly) && out.write(answer) == answer.size() && out.flush() ? 0 : 1;
}
