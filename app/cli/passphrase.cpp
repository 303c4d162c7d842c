// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/passphrase.h"

#include "app/cli/session.h"
#include "engine/base/fd.h"
#include "engine/service/checkpoint_store.h"

#include <cerrno>
#include <cstdlib>

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

namespace gantry::cli {

namespace {

constexpr char kCtrlC = 3;
constexpr std::size_t kLongest = 4'096;

/// Until the end of the block the terminal shows nothing, and Ctrl-C is a character: a verb holds signals back.
class Unseen
{
public:
    explicit Unseen(int fd) : m_fd(fd)
    {
        m_good = ::tcgetattr(fd, &m_before) == 0;
        termios now = m_before;
        now.c_lflag &= ~static_cast<tcflag_t>(ECHO | ISIG);
        now.c_cc[VEOL] = kCtrlC;
        m_good = m_good && ::tcsetattr(fd, TCSAFLUSH, &now) == 0;
    }
    Unseen(const Unseen &) = delete;
    Unseen &operator=(const Unseen &) = delete;
    Unseen(Unseen &&) = delete;
    Unseen &operator=(Unseen &&) = delete;
    ~Unseen()
    {
        if (m_good)
            ::tcsetattr(m_fd, TCSAFLUSH, &m_before);
    }
    [[nodiscard]] bool good() const { return m_good; }

private:
    int m_fd;
    termios m_before{};
    bool m_good = false;
};

} // namespace

std::string askPassphrase(std::string_view question)
{
    const UniqueFd terminal(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY));
    if (!terminal)
        return {};
    const Unseen unseen(terminal.get());
    if (!unseen.good() || !writeOut(terminal.get(), question))
        return {};
    std::string line;
    char byte = 0;
    ssize_t got = 0;
    while (line.size() < kLongest && ((got = ::read(terminal.get(), &byte, 1)) == 1 || (got < 0 && errno == EINTR))) {
        if (got < 0)
            continue;
        if (byte == kCtrlC)
            line.clear();
        if (byte == kCtrlC || byte == '\n')
            break;
        line += byte;
    }
    (void)writeOut(terminal.get(), "\n");
    return line;
}

std::string newPassphrase()
{
    if (const char *const file = std::getenv("GANTRY_PASSPHRASE_FILE")) { // NOLINT(concurrency-mt-unsafe)
        auto words = service::passphraseIn(file);
        if (!words)
            Session::warn(words.error().message());
        return std::move(words).value_or("");
    }
    std::string first = askPassphrase("Passphrase of the store: ");
    if (first.empty()) {
        Session::warn("no passphrase came; without a terminal, name a file with it in GANTRY_PASSPHRASE_FILE");
        return {};
    }
    if (askPassphrase("The same once more: ") != first) {
        Session::warn("the two are not the same");
        return {};
    }
    return first;
}

} // namespace gantry::cli
