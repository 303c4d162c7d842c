// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/time_text.h"

#include "engine/base/strings.h"

#include <array>
#include <chrono>
#include <ctime>

namespace gantry {

std::int64_t realtimeMicros()
{
    return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch())
        .count();
}

std::string sortableNow()
{
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    tm parts{};
    ::gmtime_r(&now.tv_sec, &parts);
    std::array<char, 32> text{};
    const std::size_t length = std::strftime(text.data(), text.size(), "%Y%m%dT%H%M%S", &parts);
    const std::string micros = std::to_string(1'000'000 + now.tv_nsec / 1'000);
    return strCat(std::string_view(text.data(), length), ".", std::string_view(micros).substr(1));
}

} // namespace gantry
