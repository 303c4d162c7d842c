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
    if (const auto peer = m_state->byPeer.find(m_peer); --peer->second == 0)
        m_state->byPeer.erase(peer);
}

bool StreamGate::Ticket::closed() const
{
    const std::scoped_lock lock(m_state->mutex);
    return m_state->closed;
}

Result<StreamGate::Ticket> StreamGate::enter(const std::string &peer)
{
    const std::scoped_lock lock(m_state->mutex);
    if (m_state->closed)
        return fail(ECANCELED, "watch", peer, "the engine ends");
    std::size_t &ofPeer = m_state->byPeer[peer];
    if (ofPeer >= kMostStreamsOfPeer || m_state->total >= kMostStreams) {
        if (ofPeer == 0)
            m_state->byPeer.erase(peer);
        return fail(EMFILE, "watch", peer, strCat(m_state->total, " streams are open"), "close another console");
    }
    ++ofPeer;
    ++m_state->total;
    return Ticket(m_state, peer);
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
