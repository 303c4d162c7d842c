// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/service/stream_gate.h"

#include "engine/base/strings.h"

namespace gantry::service {

StreamGate::Ticket::~Ticket()
{
    if (!m_state)
        return;
    const std::scoped_lock lock(m_state->mutex);
    --m_state->total;
    m_state->looking -= m_account.looks ? 1 : 0;
    if (const auto peer = m_state->byPeer.find(m_account.owner); --peer->second == 0)
        m_state->byPeer.erase(peer);
}

bool StreamGate::Ticket::closed() const
{
    const std::scoped_lock lock(m_state->mutex);
    return m_state->closed;
}

Result<StreamGate::Ticket> StreamGate::enter(const std::string &peer)
{
    Account account = m_accountOf ? m_accountOf(peer) : Account{peer};
    const std::scoped_lock lock(m_state->mutex);
    if (m_state->closed)
        return fail(ECANCELED, "watch", peer, "the engine ends");
    std::size_t &ofPeer = m_state->byPeer[account.owner];
    if (ofPeer >= kMostStreamsOfPeer || m_state->total >= kMostStreams ||
        (account.looks && m_state->looking >= kMostStreamsOfLookers)) {
        if (ofPeer == 0)
            m_state->byPeer.erase(account.owner);
        return fail(EMFILE, "watch", peer, strCat(m_state->total, " streams are open"), "close another console");
    }
    ++ofPeer;
    ++m_state->total;
    m_state->looking += account.looks ? 1 : 0;
    return Ticket(m_state, std::move(account));
}

void StreamGate::close()
{
    {
        const std::scoped_lock lock(m_state->mutex);
        m_state->closed = true;
    }
    m_closing.notify();
}

} // namespace gantry::service
