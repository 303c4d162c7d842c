// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/args.h"

#include "engine/base/limit.h"
#include "engine/base/parse.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <csignal>
#include <cstring>

namespace gantry::cli {

namespace {

// Kernel: PID_MAX_LIMIT.
constexpr std::uint64_t kMostPid = 4'194'304;
constexpr std::uint64_t kMostSignal = 64;
constexpr double kLeastInterval = 0.1;
constexpr double kMostInterval = 60;

/// The words of a command line, one after the other.
class Words
{
public:
    explicit Words(std::span<const char *const> words) : m_words(words) {}
    [[nodiscard]] bool atEnd() const { return m_next == m_words.size(); }
    [[nodiscard]] std::string_view take() { return m_words[m_next++]; }

private:
    std::span<const char *const> m_words;
    std::size_t m_next = 0;
};

/// Takes the value of "--name VALUE" or "--name=VALUE".
std::expected<std::string_view, Stop> optionValue(std::string_view name, std::optional<std::string_view> inlined,
                                                  Words &words)
{
    if (inlined)
        return *inlined;
    if (words.atEnd())
        return wrongUsage(strCat("option ", name, " wants a value"));
    return words.take();
}

/// A whole number of an option.
std::expected<std::uint32_t, Stop> numberOption(std::string_view name, std::string_view value, std::uint32_t least,
                                                std::uint32_t most)
{
    const auto number = parseU64(value);
    if (!number || *number < least || *number > most)
        return wrongUsage(strCat(name, " wants a whole number from ", least, " to ", most, ", not \"",
                                 printable(value), "\""));
    return static_cast<std::uint32_t>(*number);
}

Outcome setRepeatOption(Arguments &out, std::string_view name, std::string_view value)
{
    if (name == "--count") {
        out.count = GANTRY_TRY(numberOption(name, value, 1, 1'000'000));
        return {};
    }
    const auto seconds = parseDouble(value);
    if (!seconds || *seconds < kLeastInterval || *seconds > kMostInterval)
        return wrongUsage(strCat("--interval wants seconds from 0.1 to 60, not \"", printable(value), "\""));
    out.interval = std::chrono::milliseconds(static_cast<std::int64_t>(*seconds * 1'000 + 0.5));
    return {};
}

constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kRunLimits{
    {{"--memory-max", "memory.max="}, {"--cpus", "cpu.max="}, {"--pids-max", "pids.max="}}};

bool takesRunOption(std::string_view name)
{
    return name == "--rootfs" || name == "--image" || name == "--runtime" || name == "--env" || name == "--label" ||
           name == "--network" || name == "--ip" || name == "--gateway" ||
           std::ranges::find(kRunLimits, name, &std::pair<std::string_view, std::string_view>::first) !=
               kRunLimits.end();
}

void setRunOption(Arguments &out, std::string_view name, const std::string &value)
{
    if (name == "--rootfs") {
        out.rootFolder = value;
    } else if (name == "--image") {
        out.image = value;
    } else if (name == "--runtime") {
        out.runtime = value;
    } else if (name == "--env") {
        out.environment.push_back(value);
    } else if (name == "--label") {
        out.labels.push_back(value);
    } else if (name == "--network") {
        out.bridge = value;
    } else if (name == "--ip") {
        out.ip = value;
    } else if (name == "--gateway") {
        out.gateway = value;
    } else {
        const auto *const limit =
            std::ranges::find(kRunLimits, name, &std::pair<std::string_view, std::string_view>::first);
        // "--cpus 1.5" as engines have it, and "--cpus 50%" as cpu.max takes it.
        out.limits.push_back(strCat(limit->second, value, name == "--cpus" && parseDouble(value) ? "cpu" : ""));
    }
}

/// "30s", "5m", "2h", "7d", or milliseconds as "1500ms"; a year at most.
std::expected<std::chrono::milliseconds, Stop> durationOption(std::string_view name, std::string_view value)
{
    struct Unit
    {
        std::string_view suffix;
        std::uint64_t millis;
    };
    static constexpr Unit kUnits[] = {{"ms", 1}, {"s", 1'000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};
    constexpr std::uint64_t kMost = std::uint64_t{366} * 86'400'000;
    for (const Unit &unit : kUnits) {
        const auto number = value.ends_with(unit.suffix)
                                ? parseU64(value.substr(0, value.size() - unit.suffix.size()))
                                : failParse("duration", value);
        if (number && *number >= 1 && *number <= kMost / unit.millis)
            return std::chrono::milliseconds(static_cast<std::int64_t>(*number * unit.millis));
    }
    return wrongUsage(strCat(name, " wants a time such as 30s, 5m, 2h or 7d, not \"", printable(value), "\""));
}

/// --every, --keep...
std::expected<unsigned, Stop> setScheduleOption(Arguments &out, std::string_view name, std::string_view value)
{
    if (name == "--every") {
        out.every = GANTRY_TRY(durationOption(name, value));
        return kSchedule;
    }
    if (name == "--keep") {
        out.keep = GANTRY_TRY(numberOption(name, value, 1, 1'000'000));
    } else if (name == "--keep-for") {
        out.keepFor = GANTRY_TRY(durationOption(name, value));
        if (out.keepFor->count() < 1'000)
            return wrongUsage("--keep-for wants a second at least");
    } else {
        const auto bytes = parseBytes(value);
        if (!bytes)
            return wrongUsage(strCat("--keep-bytes wants a size such as 10G, not \"", printable(value), "\""));
        out.keepBytes = *bytes;
    }
    return kKeep;
}

/// --transport, --address, --limit-rate
Outcome setTransportOption(Arguments &out, std::string_view name, std::string_view value)
{
    constexpr std::uint64_t kLeastRate = 1'024;
    if (name == "--address") {
        out.address = std::string(value);
        return {};
    }
    if (name == "--transport") {
        out.transport = std::string(value);
        if (value != "auto" && value != "direct" && value != "relay")
            return wrongUsage(strCat(name, " wants auto, direct or relay, not \"", printable(value), "\""));
        return {};
    }
    const auto rate = parseBytes(value);
    if (!rate || *rate < kLeastRate)
        return wrongUsage(
            strCat(name, " wants bytes a second such as 10M, 1K at least, not \"", printable(value), "\""));
    out.limitRate = *rate;
    return {};
}

/// Takes one word that starts with "-". Options are kept with their bit, so that a verb may refuse them afterwards.
std::expected<unsigned, Stop> takeOption(Arguments &out, std::string_view word, Words &words)
{
    const std::size_t equals = word.find('=');
    const std::string_view name = word.substr(0, equals);
    const std::optional<std::string_view> inlined =
        equals == std::string_view::npos ? std::nullopt : std::optional(word.substr(equals + 1));
    if (name == "--host") {
        auto host = link::parseDestination(GANTRY_TRY(optionValue(name, inlined, words)));
        if (!host)
            return wrongUsage(
                strCat("--host: ", host.error().detail, ", in ", host.error().subject, "; ", host.error().remedy));
        out.hosts.push_back(*std::move(host));
        return kNoOption;
    }
    if (name == "--count" || name == "--interval") {
        GANTRY_CHECK(setRepeatOption(out, name, GANTRY_TRY(optionValue(name, inlined, words))));
        return kRepeat;
    }
    if (name == "--every" || (name.starts_with("--keep") && name != "--keep-source"))
        return setScheduleOption(out, name, GANTRY_TRY(optionValue(name, inlined, words)));
    if (name == "--key-file") {
        out.keyFile = GANTRY_TRY(optionValue(name, inlined, words));
        return kKeyFile;
    }
    if (name == "--prefix") {
        out.prefix = GANTRY_TRY(optionValue(name, inlined, words));
        while (out.prefix.size() > 1 && out.prefix.ends_with('/'))
            out.prefix.pop_back();
        if (!out.prefix.starts_with('/'))
            return wrongUsage("--prefix wants an absolute path on the host");
        return kPrefix;
    }
    if (name == "--format" || name == "--output") {
        (name == "--format" ? out.format : out.output) = GANTRY_TRY(optionValue(name, inlined, words));
        return kExport;
    }
    if (name == "--swappiness") {
        const std::string_view value = GANTRY_TRY(optionValue(name, inlined, words));
        out.swappiness = GANTRY_TRY(numberOption(name, value, 0, 200));
        return kSwappiness;
    }
    if (name == "--as" || name == "--copies") {
        const std::string_view value = GANTRY_TRY(optionValue(name, inlined, words));
        if (name == "--as")
            out.asName = std::string(value);
        else
            out.copies = GANTRY_TRY(numberOption(name, value, 1, 100));
        return name == "--as" ? kAs : kCopies;
    }
    if (name == "--skip" || name == "--rounds") {
        const std::string_view value = GANTRY_TRY(optionValue(name, inlined, words));
        if (name == "--skip")
            out.skip = std::string(value);
        else
            out.rounds = GANTRY_TRY(numberOption(name, value, 0, 8));
        return name == "--skip" ? kJudge : kMove;
    }
    if (name == "--on") {
        out.onHost = std::string(GANTRY_TRY(optionValue(name, inlined, words)));
        if (const auto host = link::parseDestination(out.onHost); !host)
            return wrongUsage(
                strCat("--on: ", host.error().detail, ", in ", host.error().subject, "; ", host.error().remedy));
        return kOn;
    }
    if (name == "--parallel") {
        const std::string_view value = GANTRY_TRY(optionValue(name, inlined, words));
        out.parallel = GANTRY_TRY(numberOption(name, value, 1, 16));
        return kBulk;
    }
    if (name == "--transport" || name == "--address" || name == "--limit-rate") {
        GANTRY_CHECK(setTransportOption(out, name, GANTRY_TRY(optionValue(name, inlined, words))));
        return kMove;
    }
    if (name == "--lines") {
        const std::string_view value = GANTRY_TRY(optionValue(name, inlined, words));
        out.lines = GANTRY_TRY(numberOption(name, value, 1, 1'000));
        return kLines;
    }
    if (name == "--pre-dump") {
        out.preDump = GANTRY_TRY(optionValue(name, inlined, words));
        if (out.preDump != "auto" && out.preDump != "always" && out.preDump != "no")
            return wrongUsage(strCat(name, " wants auto, always or no, not \"", printable(out.preDump), "\""));
        return kSave;
    }
    if (name == "--files") {
        out.filePaths.emplace_back(GANTRY_TRY(optionValue(name, inlined, words)));
        return kFiles;
    }
    if (name == "--name" || name == "--note" || name == "--option") {
        const std::string value(GANTRY_TRY(optionValue(name, inlined, words)));
        if (name == "--option") {
            out.criuOptions.push_back(value);
            return kSave;
        }
        (name == "--name" ? out.name : out.note) = value;
        return name == "--name" ? kName : kNote;
    }
    if (takesRunOption(name)) {
        setRunOption(out, name, std::string(GANTRY_TRY(optionValue(name, inlined, words))));
        return kRun;
    }
    struct Flag
    {
        std::string_view name;
        bool Arguments::*field;
        unsigned bit;
    };
    static constexpr Flag kFlags[] = {{"--json", &Arguments::json, kNoOption},
                                      {"--help", &Arguments::help, kNoOption},
                                      {"-h", &Arguments::help, kNoOption},
                                      {"--version", &Arguments::version, kNoOption},
                                      {"--dry-run", &Arguments::dryRun, kDryRun},
                                      {"--follow", &Arguments::follow, kFollow},
                                      {"--make-leaf", &Arguments::makeLeaf, kMakeLeaf},
                                      {"--stop", &Arguments::stop, kSave},
                                      {"--together", &Arguments::together, kTogether},
                                      {"--group", &Arguments::group, kGroup},
                                      {"--restart", &Arguments::restartDead, kSchedule},
                                      {"--in-place", &Arguments::inPlace, kInPlace},
                                      {"--no-safety", &Arguments::noSafety, kInPlace},
                                      {"--passphrase", &Arguments::passphrase, kKeyFile},
                                      {"--force", &Arguments::force, kExport},
                                      {"--without-files", &Arguments::withoutFiles, kNoFiles},
                                      {"--volumes", &Arguments::volumes, kFiles},
                                      {"--check-only", &Arguments::checkOnly, kJudge},
                                      {"--keep-source", &Arguments::keepSource, kMove},
                                      {"--with-timeline", &Arguments::withTimeline, kMove},
                                      {"--stop-on-error", &Arguments::stopOnError, kBulk},
                                      {"--pin", &Arguments::pin, kPins},
                                      {"--unpin", &Arguments::unpin, kPins},
                                      {"--permanent", &Arguments::permanent, kPersistence},
                                      {"--by-file", &Arguments::byFile, kPersistence}};
    const auto *const flag = std::ranges::find(kFlags, name, &Flag::name);
    if (flag == std::end(kFlags))
        return wrongUsage(strCat("unknown option \"", printable(name), "\""));
    if (inlined)
        return wrongUsage(strCat("option ", name, " takes no value"));
    out.*(flag->field) = true;
    return flag->bit;
}

/// "-memory" after a verb whose operands have signs.
bool isSigned(const Arguments &out, std::string_view word)
{
    return out.verb != nullptr && (out.verb->options & kSigned) != 0 && !word.starts_with("--") && word != "-h";
}

/// What an engine elsewhere cannot have, or must not be asked of several.
Outcome checkHosts(const Arguments &arguments)
{
    const Verb &verb = *arguments.verb;
    if (arguments.hosts.size() > 1 && ((verb.options & kManyHosts) == 0 || arguments.follow))
        return wrongUsage(strCat("\"", verb.name, arguments.follow ? " --follow" : "", "\" takes one --host"));
    const bool isElsewhere = std::ranges::any_of(
        arguments.hosts, [](const link::Destination &host) { return host.kind == link::Destination::Kind::Ssh; });
    std::vector<std::string> paths = arguments.filePaths;
    paths.insert(paths.end(), {arguments.keyFile, arguments.rootFolder});
    for (const std::string &path : paths) {
        if (isElsewhere && !path.empty() && !path.starts_with('/'))
            return wrongUsage(strCat("\"", printable(path), "\" lies on the host: write its absolute path"));
    }
    return {};
}

Outcome checkAgainstVerb(const Arguments &arguments, unsigned options)
{
    const Verb &verb = *arguments.verb;
    GANTRY_CHECK(checkHosts(arguments));
    if ((options & ~verb.options) != 0)
        return wrongUsage(strCat("an option given does not belong to \"", verb.name, "\""));
    if (arguments.permanent && arguments.byFile)
        return wrongUsage("--permanent and --by-file exclude each other: a file forgets at the next boot");
    if (arguments.noSafety && !arguments.inPlace)
        return wrongUsage("--no-safety goes with --in-place");
    if ((arguments.asName || arguments.copies) && arguments.inPlace)
        return wrongUsage("--in-place excludes --as and --copies: what is new ends nothing");
    if ((arguments.asName || arguments.copies) && arguments.withoutFiles)
        return wrongUsage("--without-files excludes --as and --copies: a copy has files of its own");
    if (!arguments.onHost.empty() && !arguments.asName && !arguments.copies)
        return wrongUsage("--on wants --as NAME, or --copies N: on another host it is a new container");
    if (verb.name == "restore" && arguments.onHost.empty() && (options & kJudge) != 0)
        return wrongUsage("--check-only and --skip go with --on; --dry-run tells what is in the way on this host");
    if ((verb.options & kTogether) != 0 && arguments.operands.size() > 1 && !arguments.together)
        return wrongUsage("several are saved by --together, at one instant");
    if (arguments.asName && arguments.asName->empty())
        return wrongUsage("--as wants a name");
    if (arguments.withoutFiles && (arguments.volumes || !arguments.filePaths.empty()))
        return wrongUsage("--without-files excludes --files and --volumes");
    if (!arguments.address.empty() && arguments.transport == "relay")
        return wrongUsage("--address is for a direct connection");
    if (arguments.pin && arguments.unpin)
        return wrongUsage("--pin and --unpin exclude each other");
    if (arguments.operands.size() < verb.least)
        return wrongUsage(strCat("\"", verb.name, "\" wants ", verb.operands));
    if (arguments.operands.size() > verb.most)
        return wrongUsage(
            strCat("\"", verb.name, "\" does not take \"", printable(arguments.operands.at(verb.most)), "\""));
    return {};
}

} // namespace

Stop::Stop(const Error &error) : text(error.message()), cause(error)
{
    if (!error.remedy.empty())
        text += strCat("; ", error.remedy);
}

std::unexpected<Stop> wrongUsage(std::string text)
{
    return std::unexpected(Stop(2, std::move(text)));
}

std::expected<Arguments, Stop> parseArguments(std::span<const char *const> words, std::span<const Verb> verbs)
{
    Arguments out;
    unsigned options = kNoOption;
    bool optionsEnded = false;
    for (Words rest(words); !rest.atEnd();) {
        const std::string_view word = rest.take();
        if (!optionsEnded && word == "--") {
            optionsEnded = true;
        } else if (!optionsEnded && word.size() > 1 && word.front() == '-' && !isSigned(out, word)) {
            options |= GANTRY_TRY(takeOption(out, word, rest));
        } else if (out.verb == nullptr) {
            const auto verb = std::ranges::find(verbs, word, &Verb::name);
            if (verb == verbs.end())
                return wrongUsage(strCat("unknown verb \"", printable(word), "\""));
            out.verb = &*verb;
        } else {
            out.operands.emplace_back(word);
        }
    }
    if (out.help || out.version)
        return out;
    if (out.verb == nullptr)
        return wrongUsage("no verb is given");
    GANTRY_CHECK(checkAgainstVerb(out, options));
    return out;
}

std::string usageText(std::span<const Verb> verbs, const Verb *verb)
{
    const auto synopsis = [](const Verb &v) {
        return strCat(
            v.name, v.operands.empty() ? "" : " ", v.operands, (v.options & kDryRun) != 0 ? " [--dry-run]" : "",
            (v.options & kFollow) != 0 ? " [--follow]" : "", (v.options & kMakeLeaf) != 0 ? " [--make-leaf]" : "",
            (v.options & kPersistence) != 0 ? " [--permanent|--by-file]" : "",
            (v.options & kSwappiness) != 0 ? " [--swappiness N]" : "", (v.options & kLines) != 0 ? " [--lines N]" : "",
            (v.options & kLabels) == kLabels ? " [--name NAME] [--note TEXT]" : "",
            (v.options & kSchedule) != 0 ? " [--every TIME]" : "",
            (v.options & kKeep) != 0 ? " [--keep N] [--keep-for TIME] [--keep-bytes SIZE]" : "",
            (v.options & kSchedule) != 0 ? " [--restart]" : "",
            (v.options & kKeyFile) != 0 ? " [--key-file FILE|--passphrase]" : "",
            (v.options & kExport) != 0 ? " [--format gantry|podman] [--output FILE [--force]]" : "",
            (v.options & kTogether) != 0 ? " [--together]" : "", (v.options & kGroup) != 0 ? " [--group]" : "",
            (v.options & kInPlace) != 0 ? " [--in-place [--no-safety]]" : "",
            (v.options & kAs) != 0 ? " [--as NAME]" : "", (v.options & kCopies) != 0 ? " [--copies N]" : "",
            (v.options & kOn) != 0 ? " [--on HOST]" : "",
            (v.options & kJudge) != 0 ? " [--check-only] [--skip CAUSE,...]" : "",
            (v.options & kMove) != 0 ? " [--rounds N] [--keep-source] [--with-timeline] "
                                       "[--transport auto|direct|relay] [--address ADDRESS] [--limit-rate SIZE]"
                                     : "",
            (v.options & kBulk) != 0 ? " [--parallel N] [--stop-on-error]" : "",
            (v.options & kFiles) != 0 ? " [--files PATH]... [--volumes]" : "",
            (v.options & kNoFiles) != 0 ? " [--without-files]" : "", (v.options & kPins) != 0 ? " [--pin|--unpin]" : "",
            (v.options & kSave) != 0 ? " [--stop] [--pre-dump auto|always|no] [--option CRIU_OPTION]..." : "",
            (v.options & kRun) != 0 ? " --name NAME (--rootfs DIR | --image IMAGE) [--memory-max SIZE] "
                                      "[--cpus N] [--pids-max N] [--env KEY=VALUE]... [--label KEY=VALUE]... "
                                      "[--network BRIDGE --ip ADDRESS/BITS [--gateway ADDRESS]] "
                                      "[--runtime runc|crun] -- PROGRAM [ARGUMENT...]"
                                    : "",
            (v.options & kPrefix) != 0 ? " [--prefix FOLDER]" : "",
            (v.options & kRepeat) != 0 ? " [--count N] [--interval SECONDS]" : "");
    };
    std::string out = "Usage: gantryctl [--json] [--host HOST]... ";
    if (verb != nullptr) {
        out += strCat(synopsis(*verb), "\n\n", verb->summary, "\n");
    } else {
        out += "VERB ...\n\nVerbs:\n";
        for (const Verb &v : verbs)
            out += strCat("  ", synopsis(v), "\n      ", v.summary, "\n");
        out += "\n--help after a verb tells about it; --version prints the version.\n";
    }
    out +=
        "\nHOST    [USER@]HOST or ssh://[USER@]HOST[:PORT], by your own ssh; unix:/PATH, a service's socket; local, "
        "an\n"
        "        engine of this program. Verbs that only look take several hosts. Unset: the service of this machine\n"
        "        (/run/gantry/gantryd.sock; GANTRY_SOCKET names another, or none if it is empty) where one runs and\n"
        "        GANTRY_STATE is not set, else an engine of this program\n"
        "TARGET  a cgroup path (/a/b), the name, id or id prefix of a container, or pid:N\n"
        "KEY     a cgroup v2 file such as memory.high, cpu.max or cpuset.cpus; \"gantryctl show TARGET\" lists them\n"
        "VALUE   max, 300M, 1.5G; cpu.max: 50%, 1.5cpu or 50000/100000; io.max: \"8:0 rbps=1M wiops=max\"\n"
        "\nJSON: bytes, microseconds and counts are numbers; \"max\" is no limit; null is absent; what could not be\n"
        "read is {\"error\": {...}}. Exit status: 0 done, 1 refused or failed (why is on stderr), 2 wrong usage.\n"
        "\nGANTRY_STATE in the environment names the folder of the alert rules and, where there is no journald, of "
        "the\n"
        "audit log. Unset: /var/lib/gantry for root, else gantry below $XDG_STATE_HOME (~/.local/state).\n"
        "GANTRY_KEY_FILE names the key file of the store of checkpoints, where it is not where \"repo init\" was "
        "told;\n"
        "GANTRY_PASSPHRASE_FILE a file whose first line is its passphrase, where nobody is to be asked for it.\n"
        "GANTRY_SSH is the ssh to use with its first words (\"ssh -F FILE\"), GANTRYD_PROGRAM gantryd's path on the "
        "host.\n";
    return out;
}

std::expected<TargetText, Stop> parseTarget(std::string_view text)
{
    if (text.starts_with('/'))
        return TargetText{TargetText::Kind::CgroupPath, std::string(text), 0};
    if (text.starts_with("pid:")) {
        return TargetText{TargetText::Kind::Process, {}, GANTRY_TRY(parsePid(text.substr(4)))};
    }
    if (text.empty())
        return wrongUsage("an empty TARGET");
    return TargetText{TargetText::Kind::Container, std::string(text), 0};
}

std::expected<std::int32_t, Stop> parsePid(std::string_view text)
{
    const auto pid = parseU64(text);
    if (!pid || *pid == 0 || *pid > kMostPid)
        return wrongUsage(strCat("\"", printable(text), "\" is no pid"));
    return static_cast<std::int32_t>(*pid);
}

std::expected<int, Stop> parseSignal(std::string_view text)
{
    const auto inRange = [](std::uint64_t number) { return number >= 1 && number <= kMostSignal; };
    if (const auto number = parseU64(text); number && inRange(*number))
        return static_cast<int>(*number);
    std::string name(text);
    std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    if (name.starts_with("SIG"))
        name.erase(0, 3);
    const std::string_view view = name;
    if (view.starts_with("RTMIN") || view.starts_with("RTMAX")) {
        const int base = view.starts_with("RTMIN") ? SIGRTMIN : SIGRTMAX;
        const std::string_view offset = view.substr(5);
        if (offset.empty())
            return base;
        const auto distance = parseU64(offset.substr(1));
        const bool upwards = base == SIGRTMIN && offset.front() == '+';
        const bool downwards = base == SIGRTMAX && offset.front() == '-';
        const auto span = static_cast<std::uint64_t>(SIGRTMAX - SIGRTMIN);
        if ((upwards || downwards) && distance && *distance <= span)
            return upwards ? base + static_cast<int>(*distance) : base - static_cast<int>(*distance);
    } else {
        for (int number = 1; number < SIGRTMIN; ++number) {
            const char *const known = ::sigabbrev_np(number);
            if (known != nullptr && view == known)
                return number;
        }
    }
    return wrongUsage(
        strCat("\"", printable(text), "\" is no signal (write a name such as TERM or a number from 1 to 64)"));
}

} // namespace gantry::cli
