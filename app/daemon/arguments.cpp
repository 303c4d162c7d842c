// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/daemon/arguments.h"

#include "engine/base/strings.h"

#include <algorithm>
#include <array>
#include <utility>

namespace gantry::daemon {

namespace {

struct Option
{
    std::string_view name;
    std::string_view value; ///< as the usage names it
    std::string Arguments::*field;
    std::string_view help;
};

constexpr std::array kOptions{
    Option{"--socket", "PATH", &Arguments::socket, "the service's socket (/run/gantry/gantryd.sock)"},
    Option{"--act-group", "NAME", &Arguments::actGroup, "who besides root may change this host (gantry)"},
    Option{"--view-group", "NAME", &Arguments::viewGroup, "who may look (gantry-view)"},
    Option{"--state", "FOLDER", &Arguments::stateFolder, "checkpoints, rules, audit log (/var/lib/gantry)"},
};

} // namespace

std::expected<Arguments, std::string> parseArguments(std::span<const char *const> words)
{
    Arguments out;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string_view word = words[i];
        if (word == "--help" || word == "-h") {
            out.command = Arguments::Command::Help;
            return out;
        }
        if (word == "--version") {
            out.command = Arguments::Command::Version;
            return out;
        }
        if (word == "dial" && i == 0) {
            out.command = Arguments::Command::Dial;
            continue;
        }
        const std::size_t equals = word.find('=');
        const Option *found = nullptr;
        for (const Option &option : kOptions) {
            if (option.name == word.substr(0, equals))
                found = &option;
        }
        if (found == nullptr)
            return std::unexpected(strCat("\"", printable(word), "\" is neither a command nor an option"));
        if (equals == std::string_view::npos && ++i == words.size())
            return std::unexpected(strCat(found->name, " wants a ", found->value));
        const std::string_view value = equals == std::string_view::npos ? words[i] : word.substr(equals + 1);
        if (value.empty())
            return std::unexpected(strCat(found->name, " wants a ", found->value));
        out.*(found->field) = std::string(value);
    }
    return out;
}

std::string usageText()
{
    std::string out = "gantryd [OPTION]...         serve consoles and commands until SIGTERM\n"
                      "gantryd dial [OPTION]...    connect standard input and output to that service, or to an engine\n"
                      "                            of this program where no service runs\n"
                      "gantryd --help, gantryd --version\n\n";
    for (const Option &option : kOptions) {
        std::string left = strCat("  ", option.name, " ", option.value);
        constexpr std::size_t kColumn = 26;
        left.resize(std::max(left.size() + 1, kColumn), ' ');
        out += strCat(left, option.help, "\n");
    }
    return out;
}

} // namespace gantry::daemon
