// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/cgroup/hierarchy.h"

#include <filesystem>
#include <string>

namespace gantry::test {

/// A host made of files: a copy of tests/data/trees/<name> in a temporary folder, removed at the end, so that a test
/// may change it. Ends the program when it cannot be made.
class RecordedTree
{
public:
    /// @param data the folder of test data (GANTRY_TEST_DATA).
    RecordedTree(const std::string &data, const std::string &name);
    RecordedTree(const RecordedTree &) = delete;
    RecordedTree &operator=(const RecordedTree &) = delete;
    RecordedTree(RecordedTree &&) = delete;
    RecordedTree &operator=(RecordedTree &&) = delete;
    ~RecordedTree();

    [[nodiscard]] const cgroup::HierarchiesPtr &hierarchies() const { return m_hierarchies; }
    [[nodiscard]] std::string proc() const { return (m_root / "proc").string(); }
    /// A cgroup of the tree as locate() finds it.
    [[nodiscard]] cgroup::Cgroup cgroup(std::string_view path) const;
    /// "/sys/fs/cgroup/..." of this tree.
    [[nodiscard]] std::filesystem::path file(std::string_view path) const;
    void write(std::string_view path, std::string_view text) const;

private:
    std::filesystem::path m_root;
    cgroup::HierarchiesPtr m_hierarchies;
};

} // namespace gantry::test
