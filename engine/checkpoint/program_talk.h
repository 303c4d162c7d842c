// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"
#include "engine/base/fd.h"
#include "engine/checkpoint/preflight.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::checkpoint {

/// Talks with the programs of a tree that want to know of their checkpoints. Such a program has a UNIX datagram socket
/// bound to an absolute path that ends in "gantry-checkpoint"; each message is one datagram of text:
///
///   before-checkpoint    to it. It answers "ready" once it has come to a quiet point, or "wait SECONDS" first, counted
///                        from the beginning; nothing is stopped until then.
///   after-checkpoint ID  to it: saved, and it runs on.
///   no-checkpoint        to it: that failed, and it runs on.
///   restored ID          to it, in place of what follows in the run that was saved.
///
/// Datagrams, because a connection to us would be one to outside of the tree, which CRIU refuses to save; what waits in
/// such a socket is saved with it. Found by the sockets that the tree has, not by a list: a restored program is found
/// without having said anything again. Source: unix(7), proc_pid_net(5).
class ProgramTalk
{
public:
    static constexpr std::string_view kSuffix = "gantry-checkpoint";
    static constexpr std::chrono::seconds kPatience{2};      ///< for who says nothing
    static constexpr std::chrono::seconds kMostPatience{10}; ///< for who asks for more

    /// Finds them. One that goes meanwhile, or whose socket's file is gone, is left out. Costs a file a net namespace,
    /// and 10 us an open file where there is a socket of that name.
    [[nodiscard]] static ProgramTalk with(std::span<const std::int32_t> pids);

    /// Tells them of a checkpoint, and waits until all are ready, or their time is over. @return a warning for each one
    /// that was not: the checkpoint goes on all the same, since a program that hangs is to be saved, too.
    [[nodiscard]] std::vector<Finding> untilReady(const std::stop_token &stop);
    /// Tells them this; who does not listen misses it.
    void tell(std::string_view words) const;
    [[nodiscard]] std::size_t size() const { return m_programs.size(); }

private:
    struct Program
    {
        std::int32_t pid = 0;
        std::string name; ///< "pid 812 (db), /run/db.gantry-checkpoint"; printable
        UniqueFd file;    ///< of its socket, by O_PATH
        UniqueFd socket;  ///< ours, in its net namespace, so that it can answer
        bool ready = false;
    };
    [[nodiscard]] static bool send(const Program &program, std::string_view words);

    std::vector<Program> m_programs;
};

/// A row of /proc/PID/net/unix that such a program is behind. @param text of that file.
struct NamedSocket
{
    std::uint64_t inode = 0;
    std::string path;
};
[[nodiscard]] std::vector<NamedSocket> parseNamedSockets(std::string_view text, std::string_view suffix);

/// The answer of a program. @return nullopt: ready. @errors EILSEQ: neither "ready" nor "wait SECONDS".
[[nodiscard]] Result<std::optional<std::chrono::seconds>> parseAnswer(std::string_view words);

} // namespace gantry::checkpoint
