// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/link/install.h"

#include "app/link/command.h"
#include "engine/base/strings.h"

#include <array>
#include <filesystem>
#include <map>

#include <fcntl.h>
#include <sys/utsname.h>
#include <unistd.h>

namespace gantry::link {

namespace {

using std::chrono::seconds;

constexpr seconds kShort{60};
constexpr seconds kCopy{900};
constexpr std::array<const char *, 2> kPrograms{"gantryd", "gantry-keeper"};
constexpr std::array<const char *, 2> kUnits{"gantryd.service", "gantryd.socket"};

// Exit codes of the scripts below.
constexpr int kDoesNotRun = 40;
constexpr int kNotInPlace = 41;

/// Changes nothing but the folder of the programs, which it makes.
constexpr std::string_view kLook = R"sh(
echo "machine=$(uname -sm)"
echo "uid=$(id -u)"
[ -r /etc/os-release ] && . /etc/os-release && echo "os=$PRETTY_NAME"
[ -d /run/systemd/system ] && echo systemd=yes
for f in gantryd gantry-keeper; do
    [ -f "$p/bin/$f" ] && [ -x "$p/bin/$f" ] && echo "$f=$(sha256sum < "$p/bin/$f" | cut -d' ' -f1)"
done
[ "$(command -v gantryd)" = "$p/bin/gantryd" ] && echo path=yes
case :$PATH: in *:$p/bin:*) echo path=yes ;; esac
true
)sh";

/// Takes an archive of the programs. Everything is in one folder that goes at the end, however it ends.
constexpr std::string_view kPut = R"sh(
set -e
umask 022
mkdir -p "$p/bin"
d=$(mktemp -d "$p/bin/.gantry-install.XXXXXX")
trap 'rm -rf "$d"' EXIT
trap 'exit 1' HUP INT TERM PIPE
tar -x -f - -C "$d"
chmod 755 "$d/gantryd" "$d/gantry-keeper"
if ! "$d/gantryd" --version >"$d/version" 2>"$d/why" || ! grep -q '^gantryd ' "$d/version"; then
    ldd "$d/gantryd" 2>/dev/null | sed -n 's/^[[:space:]]*\([^ ]*\) => not found.*/missing=\1/p'
    cat "$d/why" >&2
    exit 40
fi
for f in gantry-keeper gantryd; do
    [ ! -f "$p/bin/$f" ] || cp -p "$p/bin/$f" "$d/$f.old"
done
for f in gantry-keeper gantryd; do
    mv -fT "$d/$f" "$p/bin/$f" && continue
    for g in gantry-keeper gantryd; do
        if [ -f "$d/$g.old" ]; then mv -fT "$d/$g.old" "$p/bin/$g"; else rm -f "$p/bin/$g" || true; fi
    done
    exit 41
done
)sh";

/// Takes an archive of the units. systemd(1) reads those of two prefixes by itself.
constexpr std::string_view kServe = R"sh(
set -e
umask 022
case $p in /usr | /usr/local) u=$p/lib/systemd/system ;; *) u=/etc/systemd/system ;; esac
mkdir -p "$u"
d=$(mktemp -d "$u/.gantry-install.XXXXXX")
trap 'rm -rf "$d"' EXIT
tar -x -f - -C "$d"
sed -i "s|^ExecStart=[^ ]*/gantryd|ExecStart=$p/bin/gantryd|" "$d/gantryd.service"
for g in gantry gantry-view; do getent group "$g" >/dev/null || groupadd --system "$g"; done
changed=no
for f in gantryd.service gantryd.socket; do
    cmp -s "$d/$f" "$u/$f" || { changed=yes; mv -f "$d/$f" "$u/$f"; }
done
systemctl daemon-reload
systemctl enable -q gantryd.socket gantryd.service
if [ "$fresh" = yes ] || [ $changed = yes ]; then systemctl stop -q gantryd.service; fi
systemctl start gantryd.socket gantryd.service
)sh";

std::unexpected<Error> failed(int error, const Destination &destination, std::string_view detail,
                              std::string_view remedy = {})
{
    return fail(error, "install on", printable(destination.text), detail, remedy);
}

/// "key=value" lines; of a key that comes several times all values, separated by blanks.
std::map<std::string, std::string> valuesOf(std::string_view text)
{
    std::map<std::string, std::string> out;
    while (!text.empty()) {
        const std::size_t newline = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, newline);
        text.remove_prefix(std::min(newline + 1, text.size()));
        const std::size_t equals = line.find('=');
        if (equals == std::string_view::npos)
            continue;
        std::string &value = out[std::string(line.substr(0, equals))];
        value += strCat(value.empty() ? "" : " ", printable(trim(line.substr(equals + 1))));
    }
    return out;
}

Result<std::string> sumHere(const std::string &file)
{
    const UniqueFd opened = GANTRY_TRY(openAt(AT_FDCWD, file, O_RDONLY));
    const Ran ran = GANTRY_TRY(runHere({"sha256sum"}, opened.get(), kShort));
    return ran.out.substr(0, ran.out.find(' '));
}

class Installer
{
public:
    Installer(const Destination &destination, const InstallOptions &options)
        : m_destination(destination), m_options(options)
    {}

    [[nodiscard]] Result<Installed> run()
    {
        GANTRY_CHECK(look());
        if (!m_out.wasThere)
            GANTRY_CHECK(put());
        GANTRY_CHECK(serve());
        DialOptions dial = m_options.dial;
        dial.programs.gantryd = m_out.path;
        const auto connection = GANTRY_TRY(Connection::dial(m_destination, dial));
        m_out.version = connection->hello().engine_version();
        return m_out;
    }

private:
    [[nodiscard]] Result<Ran> there(std::string_view script, int input, seconds patience) const
    {
        return runThere(m_destination, m_options.dial.programs, m_options.dial.mayAsk,
                        strCat("p=", shellQuoted(m_options.prefix), "; fresh=", m_out.wasThere ? "no" : "yes", script),
                        input, patience);
    }

    /// Runs a script there that reads an archive of some files here.
    template <class Names>
    [[nodiscard]] Result<Ran> thereWith(std::string_view script, const std::string &folder, const Names &names) const
    {
        std::vector<std::string> words{"tar", "-c", "-h", "-f", "-", "--owner=0", "--group=0", "-C", folder};
        words.insert(words.end(), names.begin(), names.end());
        std::array<int, 2> fds{};
        if (::pipe2(fds.data(), O_CLOEXEC) != 0)
            return failErrno("pipe", "tar");
        const UniqueFd readEnd(fds[0]);
        UniqueFd writeEnd(fds[1]);
        Child tar = GANTRY_TRY(Child::startForUser(words, std::array{Child::Descriptor{writeEnd.get(), STDOUT_FILENO}}));
        writeEnd.reset();
        return there(script, readEnd.get(), kCopy);
    }

    [[nodiscard]] Result<> look()
    {
        m_out.path = strCat(m_options.prefix, "/bin/gantryd");
        std::map<std::string, std::string> sums;
        for (const char *const name : kPrograms) {
            const std::string file = strCat(m_options.from, "/", name);
            auto sum = sumHere(file);
            if (!sum)
                return failed(ENOENT, m_destination, strCat(file, ": ", sum.error().message()),
                              "install all of Gantry here first");
            sums[name] = *sum;
        }
        const Ran ran = GANTRY_TRY(there(kLook, -1, kShort));
        auto values = valuesOf(ran.out);
        utsname here{};
        ::uname(&here);
        const std::string machine = strCat(here.sysname, " ", here.machine);
        if (values["machine"].empty())
            return failed(EPROTO, m_destination,
                          strCat("no shell answers there: ", lastLines(strCat(ran.out, "\n", ran.err), 1)),
                          "name a user who has one");
        if (values["machine"] != std::string_view(machine))
            return failed(ENOEXEC, m_destination,
                          strCat("it is a ", values["machine"], ", and the gantryd here is for ", machine),
                          "install it there from its own packages");
        if (values["uid"] != std::string_view("0"))
            return failed(EPERM, m_destination, "this user is not root there", "name root: ssh://root@HOST");
        m_out.operatingSystem = values["os"];
        m_out.inPath = values.contains("path");
        m_hasSystemd = values.contains("systemd");
        m_out.wasThere = true;
        for (const char *const name : kPrograms)
            m_out.wasThere = m_out.wasThere && values[name] == std::string_view(sums[name]);
        return {};
    }

    [[nodiscard]] Result<> put()
    {
        const Ran ran = GANTRY_TRY(thereWith(kPut, m_options.from, kPrograms));
        const std::string said = lastLines(ran.err, 1);
        if (ran.exitCode == kDoesNotRun) {
            const std::string missing = valuesOf(ran.out)["missing"];
            const std::string os = m_out.operatingSystem.empty() ? std::string("this system") : m_out.operatingSystem;
            if (!missing.empty())
                return failed(ENOEXEC, m_destination, strCat("libraries that gantryd needs are missing there: ", missing),
                              strCat("install the packages of ", os, " that have them"));
            return failed(ENOEXEC, m_destination, strCat("gantryd does not run there: ", said),
                          strCat("bring one that was built for ", os));
        }
        if (ran.exitCode == kNotInPlace)
            return failed(EIO, m_destination, strCat("it could not be put in place, and what was there is back: ", said));
        if (ran.exitCode != 0)
            return failed(EIO, m_destination, strCat("nothing was changed: ", said.empty() ? "the copy failed" : said));
        return {};
    }

    [[nodiscard]] Result<> serve()
    {
        const std::string units = strCat(m_options.from, "/../lib/systemd/system");
        std::error_code unknown;
        if (!m_hasSystemd) {
            m_out.noService = "systemd does not run there";
            return {};
        }
        for (const char *const unit : kUnits) {
            if (!std::filesystem::exists(strCat(units, "/", unit), unknown)) {
                m_out.noService = strCat("there is no ", units, "/", unit, " here to bring");
                return {};
            }
        }
        const Ran ran = GANTRY_TRY(thereWith(kServe, units, kUnits));
        if (ran.exitCode == 0)
            m_out.service = "gantryd.socket";
        else
            m_out.noService = strCat("its unit does not start: ", lastLines(ran.err, 1));
        return {};
    }

    const Destination &m_destination;
    const InstallOptions &m_options;
    bool m_hasSystemd = false;
    Installed m_out;
};

} // namespace

Result<Installed> install(const Destination &destination, const InstallOptions &options)
{
    if (destination.kind != Destination::Kind::Ssh)
        return failed(EINVAL, destination, "only a host that is reached by ssh is installed on");
    return Installer(destination, options).run();
}

} // namespace gantry::link
