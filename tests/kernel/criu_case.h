// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/checkpoint/criu.h"
#include "engine/checkpoint/save.h"
#include "engine/checkpoint/tree_look.h"
#include "engine/process/process.h"
#include "engine/runtime/tool.h"
#include "tests/kernel/criu_target.h"
#include "tests/support/verify.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

/// What the cases have in common that save and restore processes by real CRIU. Thread: the test's.
namespace gantry::test {

/// For a call that is to end within `time`, and that nobody cancels.
[[nodiscard]] inline runtime::Patience patience(std::chrono::seconds time = std::chrono::seconds(60))
{
    return {runtime::Clock::now() + time, {}};
}

/// False for a zombie, too. @param pid in this pid namespace.
[[nodiscard]] inline bool isAlive(std::int32_t pid)
{
    const auto stat = process::readStat(pid);
    return stat && stat->state != 'Z';
}

/// Fills in this host's CRIU and its hierarchies. The case fails where there is no CRIU that works: call it last in
/// initTestCase(), or look at QTest::currentTestFailed().
inline void findCriu(checkpoint::Means &means)
{
    means.criu = checkpoint::probeCriu(checkpoint::criuPath(), patience());
    QVERIFY2(!means.criu.path.empty(), "no CRIU: packaging/setup.sh installs one");
    QCOMPARE(means.criu.problem, std::string());
    const auto hierarchies = cgroup::Hierarchies::discover();
    GANTRY_VERIFY(hierarchies);
    means.hierarchies = *hierarchies;
}

/// A new store in folder/store. @param folder is there. @return nothing, and the case has failed, where it cannot be
/// made.
[[nodiscard]] inline std::optional<repository::Store> newStore(const std::string &folder,
                                                               repository::StoreOptions options = {})
{
    auto made = repository::Store::create(folder + "/store", std::move(options));
    if (!made) {
        QTest::qFail(text(made.error()), __FILE__, __LINE__);
        return {};
    }
    return *std::move(made);
}

/// To save all processes of a target, which runs on.
[[nodiscard]] inline checkpoint::SaveWish wishFor(const Target &target)
{
    checkpoint::SaveWish wish;
    wish.pids = *checkpoint::treeOf(target.pid());
    wish.manifest.container.runtime = "bare";
    wish.manifest.trigger = "manual";
    return wish;
}

} // namespace gantry::test
