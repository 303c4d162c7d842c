// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/store_banner.h"

#include "widgets/pages/table_tools.h"
#include "widgets/style/theme.h"
#include "widgets/text/format.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>

namespace gantry {

namespace {

constexpr int kSign = 16;

QString lockedText(const v1::StoreStateReply &state)
{
    if (state.key() == v1::StoreStateReply::KEY_PASSPHRASE)
        return StoreBanner::tr("The store of checkpoints is locked: it is encrypted, and needs its passphrase.");
    if (state.key_file().empty())
        return StoreBanner::tr(
            "The store of checkpoints is locked: it is encrypted with a key file, and nobody has said "
            "where that is. GANTRY_KEY_FILE names it.");
    return StoreBanner::tr(
               "The store of checkpoints is locked: its key file %1 cannot be read. Bring it back to where it "
               "was, or name another place in GANTRY_KEY_FILE.")
        .arg(text::utf8(state.key_file()));
}

QString openText(const v1::StoreStateReply &state)
{
    const QString path = text::utf8(state.path());
    switch (state.key()) {
    case v1::StoreStateReply::KEY_PASSPHRASE:
        return StoreBanner::tr("Store: %1, encrypted with a passphrase, unlocked").arg(path);
    case v1::StoreStateReply::KEY_FILE:
        return StoreBanner::tr("Store: %1, encrypted with the key file %2").arg(path, text::utf8(state.key_file()));
    default:
        return StoreBanner::tr("Store: %1, not encrypted").arg(path);
    }
}

QString plannedText(v1::StoreStateReply::Key key)
{
    switch (key) {
    case v1::StoreStateReply::KEY_PASSPHRASE:
        return StoreBanner::tr(
            "There is no store yet: the first checkpoint makes one, encrypted with the passphrase in "
            "the file that GANTRY_PASSPHRASE_FILE names.");
    case v1::StoreStateReply::KEY_FILE:
        return StoreBanner::tr(
            "There is no store yet: the first checkpoint makes one, encrypted with the key file that "
            "GANTRY_KEY_FILE names.");
    default:
        return StoreBanner::tr("There is no store yet: the first checkpoint makes one that is not encrypted.");
    }
}

} // namespace

StoreBanner::StoreBanner(Shows shows, QWidget *parent)
    : QWidget(parent)
    , m_shows(shows)
    , m_sign(new QLabel(this))
    , m_words(new QLabel(this))
    , m_unlock(new QPushButton(tr("Unlock…"), this))
    , m_setUp(new QPushButton(tr("Set up…", "the store"), this))
{
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    m_words->setWordWrap(true);
    m_words->setTextFormat(Qt::PlainText);
    layout->addWidget(m_sign, 0, Qt::AlignVCenter);
    layout->addWidget(m_words, 1);
    layout->addWidget(m_unlock);
    layout->addWidget(m_setUp);
    m_unlock->setAutoDefault(false); // in a dialog Enter is for the dialog
    m_setUp->setAutoDefault(false);
    connect(m_unlock, &QPushButton::clicked, this, &StoreBanner::unlockRequested);
    connect(m_setUp, &QPushButton::clicked, this, &StoreBanner::setUpRequested);
    hide();
}

void StoreBanner::setState(const v1::StoreStateReply &state)
{
    const bool wasLocked = isLocked();
    m_state = state;
    showState();
    if (wasLocked != isLocked())
        Q_EMIT lockedChanged(isLocked());
}

void StoreBanner::setReadOnlyReason(const QString &reason)
{
    m_readOnly = reason;
    showState();
}

QString StoreBanner::words() const
{
    return m_words->text();
}

QString StoreBanner::emptyText()
{
    return tr("What was saved cannot be seen while the store is locked.");
}

void StoreBanner::showState()
{
    const bool isKnown = m_state.key() != v1::StoreStateReply::KEY_UNSPECIFIED;
    m_sign->setPixmap(isLocked() ? theme::icon(u"lock", palette()).pixmap(kSign, kSign) : QPixmap());
    m_sign->setVisible(isLocked());
    m_words->setText(isLocked()         ? lockedText(m_state)
                     : m_state.exists() ? openText(m_state)
                                        : plannedText(m_state.key()));
    m_unlock->setVisible(isLocked() && m_state.key() == v1::StoreStateReply::KEY_PASSPHRASE);
    m_setUp->setVisible(isKnown && !m_state.exists());
    offerButton(*m_unlock, m_readOnly, true, {});
    offerButton(*m_setUp, m_readOnly, true, {});
    if (m_readOnly.isEmpty())
        m_setUp->setToolTip(tr("Choose whether it is encrypted, and how"));
    setVisible(isKnown && (isLocked() || m_shows == Shows::Always));
}

} // namespace gantry
