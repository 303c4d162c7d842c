// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/service/convert_images.h"

#include "engine/base/strings.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include <sys/mman.h>
#include <sys/stat.h>

namespace gantry::service {

using namespace checkpoint;

namespace {

constexpr std::size_t kUsualRows = 5'000;
constexpr std::size_t kMostRows = 50'000;
constexpr int kMostOwners = 8;

std::string accessOf(const SavedArea &area)
{
    std::string out;
    out += (area.protection & PROT_READ) != 0 ? 'r' : '-';
    out += (area.protection & PROT_WRITE) != 0 ? 'w' : '-';
    out += (area.protection & PROT_EXEC) != 0 ? 'x' : '-';
    return out + (area.shared ? 's' : 'p');
}

void fill(v1::SavedProcess &out, const SavedTask &task)
{
    out.set_pid(task.pid);
    out.set_ppid(task.ppid);
    out.set_pgid(task.pgid);
    out.set_sid(task.sid);
    out.set_comm(printable(task.comm));
    out.set_state(task.state);
    out.set_threads(static_cast<std::uint32_t>(task.threads.size()));
    out.set_uid(task.uid);
    out.set_gid(task.gid);
    out.set_euid(task.euid);
    out.set_egid(task.egid);
    out.set_exe(printable(task.exe));
    out.set_working_folder(printable(task.workingFolder));
    out.set_root(printable(task.root));
    for (std::size_t i = 0; i < kNamespaceKinds.size(); ++i) {
        if (task.namespaces.at(i) != 0)
            (*out.mutable_namespaces())[std::string(kNamespaceKinds.at(i))] = task.namespaces.at(i);
    }
    out.set_descriptors(static_cast<std::uint32_t>(task.descriptors.size()));
    out.set_mappings(static_cast<std::uint32_t>(task.areas.size()));
    out.set_saved_bytes(task.pages.pagesIn(0, ~std::uint64_t{0}) * kImagePage);
}

void fill(v1::SavedDescriptor &out, const SavedTask &task, const SavedDescriptor &descriptor, const SavedFile &file)
{
    out.set_pid(task.pid);
    out.set_comm(printable(task.comm));
    out.set_fd(descriptor.fd);
    out.set_kind(file.kind);
    out.set_text(printable(file.text));
    out.set_flags(file.flags);
    out.set_close_on_exec(descriptor.closeOnExec);
    out.set_position(file.position);
    out.set_file(descriptor.file);
    out.set_deleted(file.deleted);
}

void fill(v1::SavedSocket &out, const SavedSocket &socket)
{
    out.set_protocol(socket.protocol);
    out.set_state(socket.state);
    out.set_local(printable(socket.local));
    out.set_peer(printable(socket.peer));
    out.set_inode(socket.inode);
    out.set_peer_inode(socket.peerInode);
}

void fill(v1::SavedMapping &out, const SavedTask &task, const SavedArea &area)
{
    out.set_pid(task.pid);
    out.set_comm(printable(task.comm));
    out.set_start(area.start);
    out.set_end(area.end);
    out.set_access(accessOf(area));
    out.set_offset(area.offset);
    out.set_what(printable(area.what));
    out.set_saved_bytes(area.pages * kImagePage);
}

/// Descriptors and the sockets among them.
void addDescriptors(v1::InspectReply &reply, const SavedTree &tree, std::size_t limit)
{
    static const SavedFile kUnknown;
    std::map<std::uint32_t, v1::SavedSocket *> sockets; ///< by file; null: left off
    std::uint64_t all = 0;
    for (const SavedTask &task : tree.tasks) {
        for (const SavedDescriptor &descriptor : task.descriptors) {
            const SavedFile *file = tree.file(descriptor.file);
            if (++all <= limit)
                fill(*reply.add_descriptors(), task, descriptor, file == nullptr ? kUnknown : *file);
            if (file == nullptr || !file->socket)
                continue;
            const auto [at, first] = sockets.try_emplace(descriptor.file, nullptr);
            if (first && sockets.size() <= limit) {
                at->second = reply.add_sockets();
                fill(*at->second, *file->socket);
            }
            if (at->second != nullptr && at->second->owners_size() < kMostOwners)
                at->second->add_owners(strCat("pid ", task.pid, " fd ", descriptor.fd));
        }
    }
    reply.set_more_descriptors(all - static_cast<std::uint64_t>(reply.descriptors_size()));
    reply.set_more_sockets(sockets.size() - static_cast<std::uint64_t>(reply.sockets_size()));
}

void addFiles(v1::InspectReply &reply, const SavedTree &tree, std::size_t limit)
{
    std::set<std::pair<std::string, bool>> seen;
    std::uint64_t all = 0;
    for (const auto &[id, file] : tree.files) {
        const bool folder = S_ISDIR(file.mode);
        if (file.kind != "file" || (!folder && !S_ISREG(file.mode)) || !seen.emplace(file.text, file.deleted).second ||
            ++all > limit)
            continue;
        v1::SavedFile &out = *reply.add_files();
        out.set_kind(folder ? v1::SavedFile::KIND_FOLDER : v1::SavedFile::KIND_FILE);
        out.set_path(printable(file.text));
        if (file.size && !folder)
            out.set_size_bytes(*file.size);
        out.set_deleted(file.deleted);
    }
    for (const SavedMount &mount : tree.mounts) {
        if (++all > limit)
            continue;
        v1::SavedFile &out = *reply.add_files();
        out.set_kind(mount.external ? v1::SavedFile::KIND_EXTERNAL_MOUNT : v1::SavedFile::KIND_MOUNT);
        out.set_path(printable(mount.mountPoint));
        out.set_type(printable(mount.type));
        out.set_source(printable(mount.source));
        out.set_options(printable(mount.options));
    }
    reply.set_more_files(all - static_cast<std::uint64_t>(reply.files_size()));
}

v1::DiffChange toMessage(Change change)
{
    switch (change) {
    case Change::Gone:
        return v1::DIFF_CHANGE_GONE;
    case Change::New:
        return v1::DIFF_CHANGE_NEW;
    case Change::Changed:
        return v1::DIFF_CHANGE_CHANGED;
    }
    std::unreachable();
}

v1::DiffRow toMessage(const Difference &difference)
{
    v1::DiffRow out;
    out.set_change(toMessage(difference.change));
    out.set_pid(difference.pid);
    out.set_comm(printable(difference.comm));
    out.set_object(printable(difference.object));
    out.set_before(printable(difference.before));
    out.set_after(printable(difference.after));
    return out;
}

v1::DiffFile toMessage(const FileDifference &difference)
{
    v1::DiffFile out;
    out.set_change(toMessage(difference.change));
    out.set_path(printable(difference.path));
    if (difference.before)
        out.set_before_bytes(*difference.before);
    if (difference.after)
        out.set_after_bytes(*difference.after);
    out.set_by_content(difference.byContent);
    return out;
}

v1::DiffMapping toMessage(const AreaDifference &difference)
{
    v1::DiffMapping out;
    out.set_change(toMessage(difference.change));
    out.set_pid(difference.pid);
    out.set_comm(printable(difference.comm));
    out.set_start(difference.start);
    out.set_end(difference.end);
    out.set_what(printable(difference.what));
    out.set_pages_before(difference.pagesBefore);
    out.set_pages_after(difference.pagesAfter);
    out.set_pages_changed(difference.changed);
    out.set_pages_new(difference.fresh);
    out.set_pages_gone(difference.gone);
    return out;
}

/// Counts all, and adds the first.
template <class Row, class Out>
void addAll(const std::vector<Row> &rows, std::size_t limit, v1::DiffCounts &counts, Out &out)
{
    for (const Row &row : rows) {
        switch (row.change) {
        case Change::Gone:
            counts.set_gone(counts.gone() + 1);
            break;
        case Change::New:
            counts.set_fresh(counts.fresh() + 1);
            break;
        case Change::Changed:
            counts.set_changed(counts.changed() + 1);
            break;
        }
        if (static_cast<std::size_t>(out.size()) < limit)
            *out.Add() = toMessage(row);
    }
}

} // namespace

std::size_t rowLimit(std::uint32_t asked)
{
    return asked == 0 ? kUsualRows : std::min<std::size_t>(asked, kMostRows);
}

void fill(v1::InspectReply &reply, const SavedTree &tree, std::size_t limit)
{
    reply.set_host_name(printable(tree.hostName));
    std::uint64_t mappings = 0;
    std::uint64_t pages = 0;
    for (const auto &[id, map] : tree.sharedMemory)
        pages += map.pagesIn(0, ~std::uint64_t{0});
    for (const SavedTask &task : tree.tasks) {
        pages += task.pages.pagesIn(0, ~std::uint64_t{0});
        if (static_cast<std::size_t>(reply.processes_size()) < limit)
            fill(*reply.add_processes(), task);
        for (const SavedArea &area : task.areas) {
            if (++mappings <= limit)
                fill(*reply.add_mappings(), task, area);
        }
    }
    reply.set_more_processes(tree.tasks.size() - static_cast<std::uint64_t>(reply.processes_size()));
    reply.set_more_mappings(mappings - static_cast<std::uint64_t>(reply.mappings_size()));
    reply.set_saved_bytes(pages * kImagePage);
    addDescriptors(reply, tree, limit);
    addFiles(reply, tree, limit);
}

void fill(v1::DiffReply &reply, const TreeDiff &diff, std::size_t limit)
{
    addAll(diff.processes, limit, *reply.mutable_processes_total(), *reply.mutable_processes());
    addAll(diff.descriptors, limit, *reply.mutable_descriptors_total(), *reply.mutable_descriptors());
    addAll(diff.sockets, limit, *reply.mutable_sockets_total(), *reply.mutable_sockets());
    addAll(diff.files, limit, *reply.mutable_files_total(), *reply.mutable_files());
    addAll(diff.areas, limit, *reply.mutable_mappings_total(), *reply.mutable_mappings());
    reply.set_pages_before(diff.pages.before);
    reply.set_pages_after(diff.pages.after);
    reply.set_pages_changed(diff.pages.changed);
    reply.set_pages_new(diff.pages.fresh);
    reply.set_pages_gone(diff.pages.gone);
}

} // namespace gantry::service
