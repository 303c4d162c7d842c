// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace gantry::checkpoint {

/// Why something cannot be checkpointed or restored, or only with an option of CRIU. Drives pre-flight, the story of a
/// failure (log_story.h) and the help page about what can be checkpointed. Not on the wire by number: causeInfo() has
/// the stable names.
enum class Cause : std::uint8_t {
    CriuMissing,
    CriuFails,
    NoRights,
    OtherUid,
    IoUring,
    UnsupportedFile,
    Device,
    DeviceMapping,
    UprobesMapping,
    UnixStreamPeer,
    UnixDatagramPeer,
    TcpConnection,
    TcpHandshake,
    SocketProtocol,
    Terminal,
    NotSessionLeader,
    SessionLeaderOutside,
    SessionOutsideNamespace,
    FileLock,
    DeletedFile,
    BigDeletedFile,
    LinkedDeletedFile,
    FileOutsideMounts,
    OvermountedFile,
    InotifyOnOverlay,
    FuseMount,
    UnknownFilesystem,
    NestedNamespace,
    PidNamespaceWithoutInit,
    Traced,
    Uninterruptible,
    NotDumpable,
    HoldsGantry,
    OutsideTree,
    Unreadable,
    HostSharedMemory,
    UnixNamelessPeer,
    LeaderGone,
    EventSemaphore,
    DueTimer,
    UserNamespace,
    SilentProgram,
    // Those that only a log tells: of a checkpoint ...
    SocketBusy,
    HostMount,
    StoppedThreads,
    NoDirtyTracking,
    NetworkLock,
    DiskFull,
    CriuBug,
    // ... and of a restore.
    DamagedCheckpoint,
    PidTaken,
    FileMissing,
    FileChanged,
    AddressMissing,
    AddressTaken,
    UnixPeerMissing,
    MountMissing,
    CgroupRefused,
    OtherCpu,
};
inline constexpr std::size_t kCauseCount = 59;

enum class Severity : std::uint8_t {
    Info,    ///< an option that is chosen takes care of it
    Warning, ///< the checkpoint works, but something is lost, or it may fail
    Error    ///< CRIU will refuse
};

/// When a cause shows first.
enum class Stage : std::uint8_t {
    Check,      ///< pre-flight sees it, before anything is stopped
    Checkpoint, ///< CRIU's log of a checkpoint that failed
    Restore     ///< CRIU's log of a restore that failed
};

/// One row a cause. Sources: CRIU's own messages (criu-dev, files named in the table), criu.org,
/// What_cannot_be_checkpointed.
struct CauseInfo
{
    Cause cause;
    std::string_view name; ///< stable: "io-uring"
    Severity severity;
    std::string_view why;    ///< a sentence
    std::string_view remedy; ///< what the admin can do; empty where the option does it
    std::string_view option; ///< CRIU's option that takes care of it, as in criu(8); empty: there is none
    std::string_view log;    ///< part of CRIU's line when it fails for this; empty: it says nothing of its own
    Stage stage = Stage::Check;
};
/// All causes in the order of the enumeration.
[[nodiscard]] std::span<const CauseInfo, kCauseCount> causeTable();
[[nodiscard]] const CauseInfo &causeInfo(Cause cause);

} // namespace gantry::checkpoint
