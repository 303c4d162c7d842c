// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QCryptographicHash>

#include <string>

namespace gantry::test {

/// The head with which a server accepts a WebSocket. @param head of the request. Source: RFC 6455, 4.2.2.
inline std::string acceptedWebSocket(const std::string &head)
{
    const QByteArray text = QByteArray::fromStdString(head);
    const QByteArray name = "sec-websocket-key: ";
    const qsizetype from = text.toLower().indexOf(name) + name.size();
    const QByteArray key = text.mid(from, text.indexOf('\r', from) - from);
    const QByteArray proof =
        QCryptographicHash::hash(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11", QCryptographicHash::Sha1).toBase64();
    return ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
            proof + "\r\n\r\n")
        .toStdString();
}

inline constexpr char kTextFrame = '\x81';
inline constexpr char kPingFrame = '\x89';
inline constexpr char kCloseFrame = '\x88';

/// One frame of a server: not masked. @param first byte: opcode and flags. @param data at most 65535 bytes.
inline std::string webSocketFrame(char first, const std::string &data)
{
    std::string out(1, first);
    if (data.size() >= 126) {
        out += char{126};
        out += static_cast<char>(data.size() >> 8U & 0xffU);
    }
    out += static_cast<char>(data.size() & 0xffU);
    return out + data;
}

} // namespace gantry::test
