// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"
#include "engine/base/fd.h"
#include "engine/base/quantity.h"
#include "engine/checkpoint/lazy_map.h"
#include "engine/checkpoint/restore_guard.h"
#include "engine/repository/store.h"

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace gantry::checkpoint {

/// What of a checkpoint's memory can come in while its processes run already: CRIU's lazy pages, private memory.
struct LazyPlan
{
    struct Task
    {
        std::int32_t pid = 0; ///< as the images call it: in its own pid namespace
        std::string stream;   ///< of the store, "pages-1.img"
        LazyMap map;
        std::vector<std::pair<std::uint64_t, std::uint64_t>> eager; ///< of the stream: first page, pages; the rest
    };
    std::vector<Task> tasks;

    [[nodiscard]] Bytes bytes() const;
    [[nodiscard]] const Task *ofStream(std::string_view stream) const;
};

/// @param folder of CRIU images; the pages need not be there. @errors EBADMSG for what is no pagemap.
[[nodiscard]] Result<LazyPlan> planLazy(int folder);

/// Gives processes that CRIU restores with "lazy-pages" their memory: at each touch, and all the rest behind it. For
/// its time the whole tree depends on this program; when it dies, a guard kills the tree, and nothing runs with wrong
/// memory. Sources: userfaultfd(2), ioctl_userfaultfd(2); for what CRIU sends, its criu/uffd.c.
/// Thread: the methods one at a time; has one of its own.
class LazyMemory
{
public:
    /// Listens for CRIU in its folder of images. @errors of the store; of socket(2), fork(2).
    [[nodiscard]] static Result<std::unique_ptr<LazyMemory>>
    create(const repository::Store &store, const repository::CheckpointId &id, LazyPlan plan, int folder);
    LazyMemory(const LazyMemory &) = delete;
    LazyMemory &operator=(const LazyMemory &) = delete;
    LazyMemory(LazyMemory &&) = delete;
    LazyMemory &operator=(LazyMemory &&) = delete;
    ~LazyMemory();

    /// The first process is there, and does not run yet. @errors of treeOf(); of the guard.
    [[nodiscard]] Result<> guard(std::int32_t pid);
    /// Brings in all that is not there yet, and verifies that it was all of it; the tree is on its own then.
    /// @errors of the store; of UFFDIO_COPY; ECANCELED. The tree must not run on after one: see endTree().
    [[nodiscard]] Result<> fill(const std::stop_token &stop, const repository::Progress &progress);
    /// Kills it, and waits until it is gone.
    void endTree();

private:
    struct Image
    {
        std::string stream;
        repository::PageReader reader; ///< of the own thread only
    };
    /// One address space. A fork(2) makes another one with the same image.
    struct Space
    {
        UniqueFd fd;
        Image *image = nullptr; ///< none: it has nothing but empty memory
        LazyMap map;
        std::vector<std::uint64_t> unmapped; ///< pages that could not be put
        bool gone = false;
    };
    struct Fault
    {
        Space *space;
        std::uint64_t address;
    };

    LazyMemory(const repository::Store &store, const repository::CheckpointId &id, LazyPlan plan);
    void serve(const std::stop_token &stop);
    [[nodiscard]] Result<> receive();
    [[nodiscard]] Result<> takeEvents(Space &space);
    [[nodiscard]] Result<> takeFork(const Space &parent, int fd);
    /// @return false: to be tried again.
    [[nodiscard]] Result<bool> resolve(const Fault &fault);
    [[nodiscard]] Result<> resolveAll();
    /// @return false: to be tried again. m_mutex is held.
    [[nodiscard]] Result<bool> put(Space &space, std::uint64_t page, std::span<const std::byte> bytes);
    [[nodiscard]] Result<> deliver(const Image &image, std::uint64_t page, std::span<const std::byte> bytes);

    const repository::Store &m_store;
    const repository::CheckpointId m_id;
    LazyPlan m_plan;
    std::unique_ptr<RestoreGuard> m_guard;
    std::int32_t m_root = 0;
    UniqueFd m_wake;
    UniqueFd m_socket; ///< listens, then is CRIU's connection
    bool m_connected = false;
    std::vector<Fault> m_faults; ///< of the own thread
    std::mutex m_mutex;          ///< of all below; held while events are read and while pages are put
    std::list<Image> m_images;
    std::list<Space> m_spaces;
    std::optional<Error> m_failure;
    std::jthread m_thread;
};

} // namespace gantry::checkpoint
