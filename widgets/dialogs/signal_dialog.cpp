// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/dialogs/signal_dialog.h"

#include "widgets/dialogs/dialog_buttons.h"
#include "widgets/dialogs/process_summary.h"

#include <QLabel>
#include <QListWidget>
#include <QPushButton>
#include <QVBoxLayout>

#include <array>
#include <csignal>

namespace gantry {

namespace {

struct SignalInfo
{
    int number;
    const char *name;
    const char *effect;
};

constexpr std::array kSignals{
    SignalInfo{SIGTERM, "SIGTERM", QT_TRANSLATE_NOOP("gantry::SignalDialog", "asks the program to end and tidy up")},
    SignalInfo{SIGKILL, "SIGKILL", QT_TRANSLATE_NOOP("gantry::SignalDialog", "ends it at once; nothing is saved")},
    SignalInfo{SIGINT, "SIGINT", QT_TRANSLATE_NOOP("gantry::SignalDialog", "interrupts it, as Ctrl+C does")},
    SignalInfo{SIGHUP, "SIGHUP",
               QT_TRANSLATE_NOOP("gantry::SignalDialog", "many services read their configuration again")},
    SignalInfo{SIGSTOP, "SIGSTOP", QT_TRANSLATE_NOOP("gantry::SignalDialog", "stops it until SIGCONT")},
    SignalInfo{SIGCONT, "SIGCONT", QT_TRANSLATE_NOOP("gantry::SignalDialog", "lets a stopped program go on")},
    SignalInfo{SIGQUIT, "SIGQUIT", QT_TRANSLATE_NOOP("gantry::SignalDialog", "ends it and writes a core dump")},
    SignalInfo{SIGUSR1, "SIGUSR1", QT_TRANSLATE_NOOP("gantry::SignalDialog", "means what the program says it means")},
    SignalInfo{SIGUSR2, "SIGUSR2", QT_TRANSLATE_NOOP("gantry::SignalDialog", "means what the program says it means")},
    SignalInfo{SIGABRT, "SIGABRT",
               QT_TRANSLATE_NOOP("gantry::SignalDialog", "ends it as if it had found an error in itself")},
};

} // namespace

SignalDialog::SignalDialog(const std::vector<v1::Process> &processes, QWidget *parent)
    : QDialog(parent), m_processes(processes), m_signals(new QListWidget(this))
{
    setWindowTitle(tr("Send a signal"));
    auto *layout = new QVBoxLayout(this);
    layout->addWidget(processSummary(processes, this));
    m_signals->setAccessibleName(tr("Signal"));
    for (const SignalInfo &info : kSignals) {
        auto *item = new QListWidgetItem(
            tr("%1: %2", "signal, what it does").arg(QString::fromLatin1(info.name), tr(info.effect)), m_signals);
        item->setData(Qt::UserRole, info.number);
    }
    m_signals->setCurrentRow(0);
    m_signals->setMinimumHeight(m_signals->sizeHintForRow(0) * (m_signals->count() + 1));
    layout->addWidget(m_signals, 1);
    QPushButton *send = addDialogButtons(*this, tr("&Send"));
    connect(m_signals, &QListWidget::currentItemChanged, send, [send](const QListWidgetItem *item) {
        // Enter must not kill.
        send->setDefault(item != nullptr && item->data(Qt::UserRole).toInt() != SIGKILL);
        send->setAutoDefault(send->isDefault());
    });
    resize(sizeHint().expandedTo({520, 380}));
}

v1::SignalRequest SignalDialog::request() const
{
    v1::SignalRequest request;
    for (const v1::Process &process : m_processes)
        *request.add_processes() = referenceTo(process);
    request.set_signal(m_signals->currentItem() == nullptr ? SIGTERM
                                                           : m_signals->currentItem()->data(Qt::UserRole).toInt());
    return request;
}

} // namespace gantry
