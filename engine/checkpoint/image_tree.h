// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/checkpoint/image_file.h"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::checkpoint {

// What CRIU's images say of the processes of a checkpoint. Texts are as the images have them: not all are UTF-8.

inline constexpr std::uint64_t kImagePage = 4096;

/// Pages that follow each other in memory and in the image of pages.
struct SavedPages
{
    std::uint64_t address = 0; ///< bytes; of shared memory: from its beginning
    std::uint64_t count = 0;
    std::uint64_t first = 0; ///< in the image, in pages
    bool lazy = false;       ///< CRIU lets them come in while the process runs already: private memory
};
/// What a pagemap image says: by address, none over another, numbered through from 0.
struct SavedPageMap
{
    std::uint32_t image = 0; ///< N of "pages-N.img"
    std::vector<SavedPages> runs;

    /// Pages within [start, end), which lie at pages' borders.
    [[nodiscard]] std::uint64_t pagesIn(std::uint64_t start, std::uint64_t end) const;
};
/// @param image "pagemap-PID.img", or of shared memory; @param name its name. @errors EBADMSG.
[[nodiscard]] Result<SavedPageMap> parsePageMap(std::string_view image, const std::string &name);

struct SavedSocket
{
    std::string protocol; ///< "tcp", "udp6", "unix-stream", "netlink"
    std::string state;    ///< "listen", "established"; empty where it has none
    std::string local;    ///< "127.0.0.1:80", "[::1]:80", a path, "@name" for an abstract name; may be empty
    std::string peer;
    std::uint32_t inode = 0;
    std::uint32_t peerInode = 0; ///< of unix sockets; 0: none
};

/// One open file, which several descriptors may share.
struct SavedFile
{
    std::string kind;           ///< "file", "pipe", "inet", "unix", "memfd"...; CRIU's number for one that is not known
    std::string text;           ///< path, name, addresses
    std::uint32_t flags = 0;    ///< of open(2)
    std::uint32_t mode = 0;     ///< st_mode; 0: not known
    std::uint64_t position = 0; ///< in bytes
    std::optional<std::uint64_t> size; ///< of regular files, in bytes: what they must have at a restore; none for
                                       ///< those only ever appended to, which may grow
    bool deleted = false;              ///< had no name any more
    std::optional<SavedSocket> socket;
};

struct SavedDescriptor
{
    std::int32_t fd = -1;
    bool closeOnExec = false;
    std::uint32_t file = 0; ///< key of SavedTree::files
};

struct SavedArea
{
    std::uint64_t start = 0;
    std::uint64_t end = 0;
    std::uint64_t offset = 0;     ///< in bytes, of file or shared memory
    std::uint32_t protection = 0; ///< PROT_ of mmap(2)
    bool shared = false;
    std::string what;               ///< path, "[heap]", "[stack]", "[vdso]", "[anon]", "[shared]", "/memfd:NAME"
    std::uint64_t sharedMemory = 0; ///< key of SavedTree::sharedMemory; 0: its pages are the process's own
    std::uint64_t pages = 0;        ///< that were saved
};

/// Kinds of namespaces, in the order of SavedTask::namespaces.
inline constexpr std::array<std::string_view, 8> kNamespaceKinds{"pid", "net",  "ipc",    "uts",
                                                                 "mnt", "user", "cgroup", "time"};

struct SavedTask
{
    std::int32_t pid = 0;  ///< in its pid namespace; so the others
    std::int32_t ppid = 0; ///< 0 for the first
    std::int32_t pgid = 0;
    std::int32_t sid = 0;
    std::string comm;
    std::string state;                 ///< "running", "stopped", "zombie"
    std::vector<std::int32_t> threads; ///< the process itself among them
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    std::uint32_t euid = 0;
    std::uint32_t egid = 0;
    std::string exe;
    std::string workingFolder;
    std::string root;
    std::array<std::uint32_t, kNamespaceKinds.size()> namespaces{}; ///< CRIU's own numbers: equal where they are shared
    std::uint64_t argumentsStart = 0;                               ///< where its command line is in its memory
    std::uint64_t argumentsEnd = 0;
    std::vector<SavedDescriptor> descriptors; ///< by fd
    std::vector<SavedArea> areas;             ///< by address
    SavedPageMap pages;
};

struct SavedMount
{
    std::string mountPoint;
    std::string type; ///< "tmpfs"; empty where CRIU has only a number that is not known
    std::string source;
    std::string root; ///< of the file system
    std::string options;
    bool external = false; ///< not in the checkpoint: must be there at a restore
};

struct SavedTree
{
    std::vector<SavedTask> tasks;             ///< parents before their children
    std::map<std::uint32_t, SavedFile> files; ///< by CRIU's id: what is open, mapped, or a folder of a process
    std::vector<SavedMount> mounts;           ///< of mount namespaces that are part of it
    std::map<std::uint64_t, SavedPageMap> sharedMemory;
    std::string hostName; ///< where it has a uts namespace of its own

    /// Null: there is none.
    [[nodiscard]] const SavedFile *file(std::uint32_t id) const;
};

/// Reads all images but the pages themselves. At most 256 MiB of images are read, whatever they claim.
/// @errors EBADMSG, with image and byte, for what is no image of CRIU or makes no sense; EFBIG; ENOENT for one that
/// must be there and is not; the reader's.
[[nodiscard]] Result<SavedTree> readTree(const ReadImage &read);

} // namespace gantry::checkpoint
