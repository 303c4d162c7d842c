// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/steps.h"

#include "engine/base/parse.h"

namespace gantry::checkpoint {

void tell(const OnPhase &onPhase, std::string_view phase)
{
    if (onPhase)
        onPhase(phase);
}

std::string valueOf(const repository::Manifest &manifest, const char *key)
{
    const auto found = manifest.values.find(key);
    return found == manifest.values.end() ? std::string() : found->second;
}

std::vector<std::string> wordsOf(const repository::Manifest &manifest, const char *key)
{
    return splitWords(valueOf(manifest, key));
}

std::uint32_t processesOf(const repository::Manifest &manifest)
{
    return static_cast<std::uint32_t>(parseU64(valueOf(manifest, kProcessesKey)).value_or(0));
}

} // namespace gantry::checkpoint
