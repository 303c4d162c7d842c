// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/strings.h"
#include "engine/checkpoint/criu_keeper.h"
#include "engine/checkpoint/log_story.h"
#include "engine/checkpoint/tree_look.h"

#include "tests/fuzz/fuzz_input.h"

using namespace gantry;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const std::string_view text = fuzz::textOf(data, size);
    checkpoint::SocketLook sockets;
    checkpoint::parseTcp(text, sockets);
    if (const auto mounts = checkpoint::parseMounts(text))
        for (const checkpoint::MountLook &mount : *mounts)
            fuzz::require(mount.id > 0 && mount.mountPoint.starts_with('/'));
    const checkpoint::FailureStory story = checkpoint::explainLog(text);
    fuzz::require(!story.cause || !story.line.empty());
    fuzz::require(story.pid >= 0 && isUtf8(story.line) && isUtf8(story.object));
    fuzz::require(story.around.size() <= checkpoint::kStoryLinesBefore + 1 + checkpoint::kStoryLinesAfter);
    for (const std::string &line : story.around)
        fuzz::require(isUtf8(line) && line.size() <= checkpoint::kMostStoryLine + 3);
    if (const auto facts = checkpoint::parseKept(text, "criu", "5"))
        fuzz::require(*checkpoint::parseKept(checkpoint::keptText(*facts, "5"), "criu", "5") == *facts);
    return 0;
}
