// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

#include "app/console/link/host_client.h"
#include "widgets/dialogs/host_dialog.h"
#include "widgets/models/hosts_tree_model.h"

#include <functional>
#include <memory>
#include <vector>

namespace gantry::console {

class MainWindow;

/// The hosts that the admin wrote down, besides this one: their clients, and adding, changing and removing them. Made
/// before the window, since its clients outlive that. Thread: GUI.
class HostList : public QObject
{
    Q_OBJECT
public:
    /// How a destination is reached.
    using DialTo = std::function<HostClient::Dial(const QString &destination)>;

    HostList(DialTo dialTo, HostDialog::Check check);
    ~HostList() override;
    HostList(const HostList &) = delete;
    HostList &operator=(const HostList &) = delete;
    HostList(HostList &&) = delete;
    HostList &operator=(HostList &&) = delete;

    /// Puts the hosts into the window, and serves its actions from then on. Connects those that are to be connected at
    /// the start.
    void show(MainWindow &window, const QList<HostEntry> &entries);
    /// One more, for this once: it is not written down. @return what is wrong with the destination, in a sentence;
    /// empty: nothing.
    [[nodiscard]] QString addOnce(const QString &destination);
    /// Those to be written down.
    [[nodiscard]] QList<HostEntry> entries() const;

Q_SIGNALS:
    /// A host was added, changed or removed: time to write them down.
    void changed();

private:
    struct Host
    {
        HostEntry entry;
        bool once = false; ///< not to be written down
        HostKey key;
        std::unique_ptr<HostClient> client;
    };

    void add(const HostEntry &entry, bool once = false);
    void askNew();
    void askChange(HostKey key);
    void askRemoval(HostKey key);
    void openDialog(const HostEntry &entry, const std::function<void(const HostEntry &)> &done);
    void change(HostKey key, const HostEntry &entry);
    void remove(HostKey key);
    [[nodiscard]] std::vector<Host>::iterator find(HostKey key);

    const DialTo m_dialTo;
    const HostDialog::Check m_check;
    MainWindow *m_window = nullptr;
    std::vector<Host> m_hosts;
};

} // namespace gantry::console
