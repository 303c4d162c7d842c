// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/runtime/source.h"

#include <string>
#include <string_view>

namespace gantry::test {

/// A source that lists nothing by itself, and does what it is told without a word.
class SilentSource final : public runtime::Source
{
public:
    [[nodiscard]] std::string_view runtime() const override { return "podman"; }
    [[nodiscard]] std::string endpoint() const override { return "here"; }
    [[nodiscard]] Rank rank() const override { return Rank::Api; }
    [[nodiscard]] Result<std::string> version(const runtime::Patience &) const override { return std::string(); }
    [[nodiscard]] Result<runtime::Listing> list(const runtime::Patience &) override { return runtime::Listing{}; }
    [[nodiscard]] Result<> waitForChange(const runtime::Patience &) override { return {}; }
    [[nodiscard]] Result<> act(const runtime::Facts &, runtime::Verb, const runtime::Patience &) const override
    {
        return {};
    }
};

} // namespace gantry::test
