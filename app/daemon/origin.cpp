// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/daemon/origin.h"

#include "engine/base/parse.h"
#include "engine/base/strings.h"

#include <array>
#include <cstdlib>
#include <utility>

#include <unistd.h>

namespace gantry::daemon {

namespace {

constexpr std::string_view kPrefix = "gantry-dial/";
constexpr std::size_t kMostOrigin = 40;

} // namespace

std::string ownOrigin()
{
    constexpr std::array<std::pair<const char *, std::string_view>, 2> kTold{
        {{"PKEXEC_UID", "pkexec"}, {"SUDO_UID", "sudo"}}};
    for (const auto &[variable, by] : kTold) {
        const char *const text = ::getuid() == 0 ? std::getenv(variable) : nullptr; // NOLINT(concurrency-mt-unsafe)
        if (text == nullptr)
            continue;
        if (const auto uid = parseU64(text))
            return strCat("uid ", *uid, " by ", by);
    }
    return {};
}

std::string addressFor(std::string_view origin)
{
    return origin.empty() ? std::string() : strCat(kPrefix, ::getpid(), "/", origin);
}

std::string originIn(std::string_view address)
{
    if (!address.starts_with(kPrefix))
        return {};
    address.remove_prefix(kPrefix.size());
    const std::size_t slash = address.find('/');
    return slash == std::string_view::npos ? std::string() : printable(address.substr(slash + 1, kMostOrigin));
}

} // namespace gantry::daemon
