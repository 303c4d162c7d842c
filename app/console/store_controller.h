// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QPointer>

#include "app/console/link/host_client.h"

#include <cstdint>
#include <functional>
#include <vector>

QT_FORWARD_DECLARE_CLASS(QDialog)

namespace gantry {
class StoreBanner;
}

namespace gantry::console {

/// Whether the host's store of checkpoints can be opened: tells it to the banners on pages and in dialogs, and asks for
/// what is missing. A passphrase goes to the engine as one request, and is kept nowhere here. Thread: GUI.
class StoreController : public QObject
{
    Q_OBJECT
public:
    /// @param window parent of the dialogs.
    StoreController(HostClient &client, QWidget *window);

    /// Asks how it is now.
    void refresh();
    /// Why nothing may be changed; empty: it may.
    void setReadOnlyReason(const QString &reason);
    /// From now on it shows how the store is.
    void serve(StoreBanner &banner);
    /// Puts a banner at the top of a dialog that needs the store, whose layout is a QVBoxLayout.
    /// @param again asks for what the dialog shows; called when the store has been unlocked.
    void serve(QDialog &dialog, std::function<void()> again);

Q_SIGNALS:
    /// It was unlocked, or made, from here.
    void opened();
    /// A line for the status bar.
    void message(const QString &text);
    /// A sentence about what failed.
    void failed(const QString &sentence);

private:
    void show(const v1::StoreStateReply &state);
    /// @param over the window that the dialog belongs to.
    void askPassphrase(QWidget *over);
    void askSetUp(QWidget *over);
    void tellDone(const QString &words, const std::string &notRecorded);

    HostClient &m_client;
    QWidget *m_window;
    v1::StoreStateReply m_state;
    QString m_readOnly;
    std::vector<QPointer<StoreBanner>> m_banners;
    std::uint64_t m_asked = 0;    ///< number of the newest question
    std::uint64_t m_outdated = 0; ///< of the newest one from before it was unlocked: its answer says nothing any more
};

} // namespace gantry::console
