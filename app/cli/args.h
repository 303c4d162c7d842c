// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/link/destination.h"
#include "engine/base/error.h"

#include <chrono>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gantry::cli {

/// Options a verb may take besides its operands; bits of Verb::options. kSigned: operands such as "-memory" are none.
enum Option : unsigned {
    kNoOption = 0,
    kDryRun = 1,
    kFollow = 2,
    kRepeat = 4,
    kMakeLeaf = 8,
    kSwappiness = 16,
    kSigned = 32,
    kPersistence = 64,
    kLines = 128,
    kRuntimes = 256, ///< takes no option: the verb needs what container runtimes tell
    kCriu = 512,     ///< takes no option: the verb needs what CRIU can do
    kSave = 1'024,
    kNote = 2'048,
    kPins = 4'096,
    kInPlace = 8'192,
    kKeep = 16'384,     ///< --keep, --keep-for, --keep-bytes
    kSchedule = 32'768, ///< --every, --restart
    kName = 65'536,
    kLabels = kName | kNote,
    kRun = 131'072,
    kKeyFile = 262'144,      ///< --key-file, --passphrase
    kFiles = 524'288,        ///< --files, --volumes
    kNoFiles = 1'048'576,    ///< --without-files
    kPrefix = 2'097'152,     ///< --prefix
    kCopies = 4'194'304,     ///< --copies
    kAs = 16'777'216,        ///< --as
    kMove = 8'388'608,       ///< --rounds, --keep-source, --with-timeline, --transport, --address, --limit-rate
    kExport = 67'108'864,    ///< --format, --output, --force
    kBulk = 268'435'456,     ///< --parallel, --stop-on-error
    kJudge = 536'870'912,    ///< --skip, --check-only
    kOn = 1'073'741'824,     ///< --on
    kTogether = 33'554'432,  ///< --together
    kGroup = 2'147'483'648,  ///< --group
    kManyHosts = 134'217'728 ///< takes no option: it only looks, so that it may be asked of several hosts at once
};

class Session;
struct Arguments;

/// Why the program ends without having done what was asked.
struct Stop
{
    int exitStatus = 1; ///< 1 refused or failed, 2 wrong usage
    std::string text;   ///< for stderr, without the program's name
    std::optional<Error> cause{}; ///< what the text was made of, where that is an error

    Stop(int status, std::string reason) : exitStatus(status), text(std::move(reason)) {}
    /// Failure with the error's sentence and what can be done about it.
    Stop(const Error &error); // NOLINT(google-explicit-constructor): lets GANTRY_TRY pass errors on
};
using Outcome = std::expected<void, Stop>;

/// A command line that makes no sense: exit status 2.
[[nodiscard]] std::unexpected<Stop> wrongUsage(std::string text);

/// One verb: what the parser, --help, the dispatch and the tests iterate.
struct Verb
{
    std::string_view name;
    std::string_view operands; ///< as shown in the usage line: "TARGET KEY=VALUE..."
    std::string_view summary;  ///< one line
    std::size_t least;         ///< fewest operands
    std::size_t most;          ///< most operands
    unsigned options;          ///< bits of Option
    Outcome (*run)(Session &session, const Arguments &arguments);
};

/// A command line that makes sense.
struct Arguments
{
    std::vector<link::Destination> hosts; ///< --host, in their order; empty: this machine
    bool help = false;
    bool version = false;
    bool json = false;
    bool dryRun = false;
    bool follow = false;
    bool makeLeaf = false;
    bool permanent = false;                  ///< set: also after the next boot, where a manager keeps the limit
    bool byFile = false;                     ///< set: the kernel's file, whoever keeps the limit
    bool together = false;                   ///< checkpoint: several, at one instant
    bool group = false;                      ///< restore: the operand is a group, all of it
    bool stop = false;                       ///< checkpoint: it ends once it is saved
    std::optional<std::chrono::milliseconds> every;   ///< schedule
    std::optional<std::uint32_t> keep;                ///< checkpoints, 1 or more
    std::optional<std::chrono::milliseconds> keepFor; ///< whole seconds, 1 or more
    std::optional<std::uint64_t> keepBytes;
    std::string keyFile;                              ///< repo init
    bool passphrase = false;                          ///< repo init
    bool restartDead = false;                ///< schedule: what dies is restored
    bool inPlace = false;                    ///< restore: what lives there now ends
    bool noSafety = false;                   ///< restore: and nothing of it is kept
    std::optional<std::string> asName;       ///< restore: as a new container of this name
    std::optional<std::uint32_t> copies;     ///< restore: so many new ones, 1 .. 100
    std::string onHost;                      ///< restore: where the new ones are to run; empty: where the checkpoint is
    bool checkOnly = false;                  ///< migrate, restore --on
    bool keepSource = false;                 ///< migrate: its files and log stay
    bool withTimeline = false;               ///< migrate: its checkpoints are copied, too
    std::optional<std::uint32_t> parallel;   ///< migrate, evacuate: 1 .. 16; unset: 1
    bool stopOnError = false;                ///< migrate, evacuate: after one that failed no further one begins
    std::string skip;                        ///< migrate, restore --on: causes of warnings, with commas between
    std::optional<std::uint32_t> rounds;     ///< migrate: 0 .. 8
    std::string transport = "auto";          ///< migrate: or "direct", "relay"
    std::string address;                     ///< migrate: of the other host; empty: any that it has
    std::uint64_t limitRate = 0;             ///< migrate: bytes a second; 0: as fast as it goes
    bool pin = false;
    bool unpin = false;
    std::optional<std::string> name;         ///< of a checkpoint: an admin's word for it
    std::optional<std::string> note;
    std::string rootFolder;               ///< run: absolute
    std::string image;                    ///< run
    std::string runtime;                  ///< run: empty: the one that is there
    std::vector<std::string> limits;      ///< run: "memory.max=64M"
    std::vector<std::string> environment; ///< run: "KEY=VALUE"
    std::vector<std::string> labels;      ///< run: "KEY=VALUE"
    std::string bridge;                   ///< run: of the host; empty: nothing but loopback
    std::string ip;                       ///< run: "10.0.0.5/24"
    std::string gateway;                  ///< run
    std::string preDump;                     ///< checkpoint: "auto", "always", "no"; empty: auto
    std::vector<std::string> criuOptions;    ///< checkpoint: besides those that the check chooses
    std::vector<std::string> filePaths;      ///< checkpoint: saved with it
    bool withoutFiles = false;               ///< checkpoint, restore
    bool volumes = false;                    ///< checkpoint: all of a container's are saved with it
    std::optional<std::uint32_t> swappiness; ///< 0 .. 200; unset: the host's
    std::optional<std::uint32_t> lines;      ///< 1 .. 1 000; unset: 100
    std::optional<std::uint32_t> count;      ///< --count; unset: until interrupted
    std::chrono::milliseconds interval{1'000};
    std::string prefix = "/usr/local"; ///< host install: absolute
    std::string format; ///< export: "gantry", "podman"; empty: the first
    std::string output; ///< export: a file; empty, "-": standard output
    bool force = false; ///< export: a file that is there is replaced
    const Verb *verb = nullptr; ///< null only with help or version
    std::vector<std::string> operands;
};

/// Reads a command line (without the program's name). Options may stand anywhere before "--"; "--name VALUE" and
/// "--name=VALUE" are the same.
/// @return what was asked; every error is wrong usage.
[[nodiscard]] std::expected<Arguments, Stop> parseArguments(std::span<const char *const> words,
                                                            std::span<const Verb> verbs);

/// Usage of one verb, or of the program with all verbs where `verb` is null. Ends in a newline.
[[nodiscard]] std::string usageText(std::span<const Verb> verbs, const Verb *verb);

/// TARGET as typed: "/a/b" a cgroup path, "pid:N" a process, anything else a container's name or id.
struct TargetText
{
    enum class Kind : std::uint8_t { CgroupPath, Process, Container };
    Kind kind = Kind::CgroupPath;
    std::string text; ///< path or container; empty for a process
    std::int32_t pid = 0;
};
[[nodiscard]] std::expected<TargetText, Stop> parseTarget(std::string_view text);

/// Positive pid of at most 2^22.
[[nodiscard]] std::expected<std::int32_t, Stop> parsePid(std::string_view text);

/// Signal by number ("9") or name ("KILL", "SIGKILL", "RTMIN+3"), 1 .. 64.
[[nodiscard]] std::expected<int, Stop> parseSignal(std::string_view text);

} // namespace gantry::cli
