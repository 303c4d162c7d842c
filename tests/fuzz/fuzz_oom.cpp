// SPDX-License-Identifier: GPL-3.0-or-later
// A kernel log of any bytes: one record a line, a millisecond apart.
#include "engine/alerts/oom_assembler.h"
#include "engine/base/parse.h"
#include "tests/fuzz/fuzz_input.h"

using namespace gantry;
using namespace gantry::alerts;

namespace {

void check(const std::vector<OomReport> &reports)
{
    for (const OomReport &report : reports) {
        fuzz::require(report.record.victimPid > 0 && report.record.kernelLog.size() <= OomAssembler::kMostLog);
        fuzz::require(report.kills <= report.counted);
        for (const std::string &line : report.record.kernelLog)
            fuzz::require(line.size() <= OomAssembler::kMostLogBytes && isUtf8(line));
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    std::string_view text = fuzz::textOf(data, size);
    OomAssembler assembler;
    Micros now{1'000'000};
    while (const auto record = takeLine(text)) {
        now += Micros(1000);
        // Half of the inputs would die of their heads: a line without one is a text.
        if (const auto line = parseKernelRecord(*record))
            assembler.take(*line, now);
        else
            assembler.take({.text = std::string(*record)}, now);
        check(assembler.ready(now));
    }
    check(assembler.ready(now + OomAssembler::kMostPatience));
    fuzz::require(!assembler.isOpen());
    return 0;
}
