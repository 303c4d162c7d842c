// SPDX-License-Identifier: GPL-3.0-or-later
// CRIU's images before they are believed: the input is every image of a process whose pid is known.
#include "engine/base/strings.h"
#include "engine/checkpoint/image_diff.h"

#include "tests/fuzz/fuzz_input.h"

using namespace gantry;
using namespace gantry::checkpoint;

namespace {

/// One process of pid 1. Source: pstree_entry of CRIU's images/pstree.proto.
std::string oneProcess()
{
    return imageHead("pstree.img") + std::string("\x04\0\0\0\x08\x01\x10\0", 8);
}

void examine(const SavedTree &tree)
{
    for (const SavedTask &task : tree.tasks) {
        std::uint64_t end = 0;
        std::uint64_t pages = 0;
        for (const SavedPages &run : task.pages.runs) {
            fuzz::require(run.address >= end && run.address % kImagePage == 0 && run.count > 0 && run.first == pages);
            end = run.address + run.count * kImagePage;
            pages += run.count;
        }
        fuzz::require(task.pages.pagesIn(0, ~std::uint64_t{0}) <= pages);
        end = 0;
        for (const SavedArea &area : task.areas) {
            fuzz::require(area.start >= end && area.end > area.start);
            fuzz::require(area.pages <= (area.end - area.start + kImagePage - 1) / kImagePage);
            end = area.end;
        }
        for (const SavedDescriptor &descriptor : task.descriptors)
            fuzz::require(descriptor.fd >= 0 && tree.file(descriptor.file) != nullptr);
    }
    const TreeDiff same = diffTrees(tree, tree);
    fuzz::require(same.processes.empty() && same.sockets.empty() && same.files.empty());
    static_cast<void>(diffTrees(SavedTree(), tree));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const std::string_view text = fuzz::textOf(data, size);
    // As it is, and as the entries of each image.
    for (const char *name : {"pstree.img", "core-1.img", "files.img"})
        static_cast<void>(forEachEntry(text, name, [](std::string_view, std::size_t) { return Result<>(); }));
    const ReadImage read = [text](const std::string &name, std::uint64_t) -> Result<std::optional<std::string>> {
        return name == "pstree.img" ? oneProcess() : strCat(imageHead(name), text);
    };
    if (const auto tree = readTree(read))
        examine(*tree);
    const ReadImage whole = [text](const std::string &name, std::uint64_t) -> Result<std::optional<std::string>> {
        return strCat(imageHead(name), text);
    };
    if (const auto tree = readTree(whole))
        examine(*tree);
    return 0;
}
