// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QTemporaryDir>

#include "engine/checkpoint/save.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <sys/types.h>

namespace gantry::test {

/// What a target says of what it has.
struct Told
{
    std::string secret;                         ///< what only its memory knows; empty: it does not answer
    std::string differs = "it does not answer"; ///< empty: all is as it was
    bool operator==(const Told &) const = default;
};
/// For QCOMPARE.
[[nodiscard]] char *toString(const Told &told);

/// A coverage_target in the namespaces of its kind, until it dies with all that it started. adoptTargets() first: it
/// becomes our child.
class Covered
{
public:
    /// @param kind one of its kinds. @param folder its working directory.
    Covered(const std::string &kind, std::string folder);
    Covered(const Covered &) = delete;
    Covered &operator=(const Covered &) = delete;
    Covered(Covered &&) = delete;
    Covered &operator=(Covered &&) = delete;
    ~Covered();

    [[nodiscard]] bool isReady() const { return m_ready; } ///< what stands in the way is on standard error
    [[nodiscard]] std::int32_t pid() const { return m_pid; }
    /// It came back with another number: it has a pid namespace.
    void isNow(std::int32_t pid) { m_pid = pid; }
    /// Of a tree that has ended: nothing of it is left after this.
    void reap() const;
    /// Waits at most 30 s.
    [[nodiscard]] Told ask() const;

private:
    std::string m_folder;
    pid_t m_pid = -1;
    bool m_ready = false;
};

/// Where targets are saved to: a store, and a folder that is theirs to work in. What it says went wrong is empty where
/// nothing did.
class SavePlace
{
public:
    /// Once: adoptTargets(), and which CRIU works here.
    [[nodiscard]] std::string prepare();
    /// Before each case.
    [[nodiscard]] std::string open();
    /// After each: ends all that was started.
    void close();

    [[nodiscard]] std::string folder() const { return m_folder->path().toStdString(); }
    [[nodiscard]] const repository::Store &store() const { return *m_store; }
    [[nodiscard]] Result<checkpoint::Saved> save(const Covered &target, bool leaveRunning);
    [[nodiscard]] Result<checkpoint::Restored> restore(const repository::CheckpointId &id);

private:
    checkpoint::Means m_means;
    std::unique_ptr<QTemporaryDir> m_folder;
    std::optional<repository::Store> m_store;
};

/// For QVERIFY2.
template <typename T> QByteArray wrong(const Result<T> &result)
{
    return result ? QByteArray() : QByteArray::fromStdString(result.error().message());
}

} // namespace gantry::test
