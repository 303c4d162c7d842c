// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace gantry::checkpoint {

/// CRIU's image "pagemap-PID.img": which memory of a task is in "pages-ID.img", in the order of that file.
/// Source: CRIU's images/pagemap.proto and criu/include/magic.h.
struct PagemapImage
{
    struct Entry
    {
        std::uint64_t address = 0;
        std::uint64_t pages = 0;
        bool present = true; ///< they are in the file of pages
        bool lazy = false;   ///< CRIU lets them come in while the task runs already (private memory)
    };

    std::uint32_t pagesId = 0;
    std::vector<Entry> entries;
};

/// @param name for errors. @errors EILSEQ for what is none.
[[nodiscard]] Result<PagemapImage> parsePagemap(std::string_view image, std::string_view name);

} // namespace gantry::checkpoint
