// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/recorded_tree.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>

namespace gantry::test {

namespace fs = std::filesystem;

namespace {

template <class T> T must(Result<T> result)
{
    if (!result) {
        std::fprintf(stderr, "recorded tree: %s\n", result.error().message().c_str());
        std::abort();
    }
    return *std::move(result);
}

fs::path copyOf(const fs::path &from)
{
    std::string folder = (fs::temp_directory_path() / "gantry-tree-XXXXXX").string();
    if (::mkdtemp(folder.data()) == nullptr)
        std::abort();
    fs::copy(from, folder, fs::copy_options::recursive);
    return folder;
}

} // namespace

RecordedTree::RecordedTree(const std::string &data, const std::string &name)
    : m_root(copyOf(fs::path(data) / "trees" / name))
    , m_hierarchies(
          must(cgroup::Hierarchies::discover({.proc = proc(), .prefix = m_root.string(), .checkFileSystem = false})))
{}

RecordedTree::~RecordedTree()
{
    std::error_code ignored;
    fs::remove_all(m_root, ignored);
}

cgroup::Cgroup RecordedTree::cgroup(std::string_view path) const
{
    return must(cgroup::locate(*m_hierarchies, must(cgroup::CgroupPath::parse(path))));
}

fs::path RecordedTree::file(std::string_view path) const
{
    return m_root / path.substr(1);
}

void RecordedTree::write(std::string_view path, std::string_view text) const
{
    std::ofstream(file(path), std::ios::trunc) << text;
}

} // namespace gantry::test
