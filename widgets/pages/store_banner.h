// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "gantry/v1/checkpoint.pb.h"

#include <cstdint>

class QLabel;
class QPushButton;

namespace gantry {

/// A line about the store of checkpoints: that it is locked, with a button that unlocks it; and on pages where there is
/// room for it what encrypts it, or, before the first checkpoint, a button to set it up. Thread: GUI.
class StoreBanner final : public QWidget
{
    Q_OBJECT
public:
    enum class Shows : std::uint8_t {
        LockedOnly, ///< takes no room otherwise
        Always,     ///< once something is known
    };
    explicit StoreBanner(Shows shows, QWidget *parent = nullptr);

    void setState(const v1::StoreStateReply &state);
    /// Why nothing may be changed; empty: it may.
    void setReadOnlyReason(const QString &reason);

    [[nodiscard]] bool isLocked() const { return m_state.locked(); }
    /// What is on screen.
    [[nodiscard]] QString words() const;
    /// What is said in the middle of a page that can have nothing while it is locked.
    [[nodiscard]] static QString emptyText();

Q_SIGNALS:
    /// Open UnlockDialog.
    void unlockRequested();
    /// Open NewStoreDialog.
    void setUpRequested();
    /// isLocked() is another one now.
    void lockedChanged(bool locked);

private:
    void showState();

    const Shows m_shows;
    v1::StoreStateReply m_state;
    QString m_readOnly;
    QLabel *m_sign;
    QLabel *m_words;
    QPushButton *m_unlock;
    QPushButton *m_setUp;
};

} // namespace gantry
