// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/limit.h"

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gantry {

/// The shapes of LimitShape that a LimitValue keeps as text, taken apart. No I/O. Thread: any.

/// One line of a limit file that has one a device, resource or page size: "8:0 target=10000", "default 100", "2MB max".
struct LimitLine
{
    std::string name;                                        ///< "8:0", "default", "mlx4_0", "2MB"
    std::vector<std::pair<std::string, std::string>> fields; ///< a plain value has an empty field name
    bool operator==(const LimitLine &) const = default;
};

/// True for the shapes that are a list of lines.
[[nodiscard]] bool hasLines(LimitShape shape);

/// Lines as a person types them (separated by ",") or as the file has them (by line ends), checked against the key.
/// Sizes are turned into digits. @errors EINVAL, ERANGE; subject is the key.
[[nodiscard]] Result<std::vector<LimitLine>> parseLimitLines(const LimitInfo &info, std::string_view text);
/// The same for what the kernel wrote: fields this version does not know are kept. @errors EILSEQ.
[[nodiscard]] Result<std::vector<LimitLine>> readLimitLines(const LimitInfo &info, std::string_view text);
/// "8:0 target=10000, 8:16 target=500".
[[nodiscard]] std::string limitLinesText(std::span<const LimitLine> lines);
/// `current` with the lines and fields that `change` names; lines that mean "no value" are left out, as the kernel
/// does.
[[nodiscard]] std::vector<LimitLine> mergedLines(const LimitInfo &info, std::vector<LimitLine> current,
                                                 std::span<const LimitLine> change);
/// The line that takes the value of this name away ("8:0 target=0", "8:0 default", "drm/card0 max").
[[nodiscard]] LimitLine unsetLine(const LimitInfo &info, const LimitLine &line);

/// First and last of each range of "0-3,8", sorted and joined. @errors EINVAL, ERANGE with the offending part.
using NumberRanges = std::vector<std::pair<std::uint64_t, std::uint64_t>>;
[[nodiscard]] Result<NumberRanges> parseNumberRanges(const LimitInfo &info, std::string_view text);
/// "0-3,8" sorted and joined: "0-3,8". @errors EINVAL, ERANGE with the offending part.
[[nodiscard]] Result<std::string> parseNumberList(const LimitInfo &info, std::string_view text);

/// A word of the file and the kernel's reason why it is not in force: "root invalid (Cpu list in cpuset.cpus not
/// exclusive)" is "root" and all of it; without a reason the second part is empty.
[[nodiscard]] std::pair<std::string, std::string> splitInvalid(std::string_view text);

} // namespace gantry
