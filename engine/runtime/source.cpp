// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runtime/source.h"

#include <cerrno>

namespace gantry::runtime {

namespace {

std::unexpected<Error> without(std::string_view verb, const Facts &container)
{
    return fail(ENOTSUP, verb, container.name, std::string(container.runtime) + " cannot do that from here");
}

} // namespace

Result<> checkPatience(std::string_view op, std::string_view subject, const Patience &patience)
{
    if (patience.stop.stop_requested())
        return failErrno(op, subject, ECANCELED);
    if (Clock::now() >= patience.deadline)
        return failErrno(op, subject, ETIMEDOUT);
    return {};
}

Result<> Source::update(const Facts &container, std::span<const std::pair<LimitKey, LimitValue>> /*limits*/,
                        const Patience & /*patience*/) const
{
    return without(verbName(Verb::Update), container);
}

Result<> Source::act(const Facts &container, Verb verb, const Patience & /*patience*/) const
{
    return without(verbName(verb), container);
}

Result<LogTail> Source::tailLog(const Facts &container, std::size_t /*lines*/, const Patience & /*patience*/) const
{
    return without(verbName(Verb::Log), container);
}

} // namespace gantry::runtime
