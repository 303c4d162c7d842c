// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/service/checkpoint_files.h"

#include "engine/base/strings.h"
#include "engine/checkpoint/file_plan.h"
#include "engine/repository/bytes.h"
#include "engine/service/checkpoint_jobs.h"

#include <algorithm>
#include <utility>

#include <sys/stat.h>
#include <unistd.h>

namespace gantry::service {

namespace {

constexpr int kMostPaths = 100; ///< in one request

const char *nameOf(checkpoint::TakenBy by)
{
    switch (by) {
    case checkpoint::TakenBy::Clone:
        return "clone";
    case checkpoint::TakenBy::Snapshot:
        return "snapshot";
    case checkpoint::TakenBy::Copy:
        return "copy";
    }
    std::unreachable();
}

v1::RestoreCheckpointReply::Replaced::Now nowMessage(checkpoint::Replaced::Now now)
{
    switch (now) {
    case checkpoint::Replaced::Now::AsItWas:
        return v1::RestoreCheckpointReply::Replaced::NOW_AS_IT_WAS;
    case checkpoint::Replaced::Now::Changed:
        return v1::RestoreCheckpointReply::Replaced::NOW_CHANGED;
    case checkpoint::Replaced::Now::Gone:
        return v1::RestoreCheckpointReply::Replaced::NOW_GONE;
    }
    std::unreachable();
}

std::int64_t microseconds(const timespec &time)
{
    return time.tv_sec * 1'000'000 + time.tv_nsec / 1'000;
}

/// What is neither a file nor a folder.
const char *kindOf(mode_t mode)
{
    if (S_ISLNK(mode))
        return "link";
    if (S_ISFIFO(mode))
        return "fifo";
    if (S_ISSOCK(mode))
        return "socket";
    return S_ISREG(mode) || S_ISDIR(mode) ? "" : "device";
}

} // namespace

Result<checkpoint::FilesWish> filesWishOf(const v1::CreateCheckpointRequest &request)
{
    checkpoint::FilesWish out;
    if (request.without_files() && request.file_paths_size() > 0)
        return fail(EINVAL, "checkpoint", printable(request.file_paths(0)), "no files are to be saved");
    if (request.file_paths_size() > kMostPaths)
        return fail(EINVAL, "checkpoint", "files", strCat("more than ", kMostPaths, " paths"), "Name a folder");
    out.written = !request.without_files();
    out.declared.assign(request.file_paths().begin(), request.file_paths().end());
    return out;
}

checkpoint::KeptFilesUse useOf(const v1::RestoreCheckpointRequest &request)
{
    return request.without_files() ? checkpoint::KeptFilesUse::LeftOut : checkpoint::KeptFilesUse::PutBack;
}

Result<> wishWhatIsReplaced(const repository::Checkpoint &one, const repository::Store &store,
                            checkpoint::FilesWish &wish)
{
    for (const checkpoint::KeptRoot &root : GANTRY_TRY(checkpoint::readKeptFiles(store, one.id)).roots) {
        if (::access(root.path.c_str(), F_OK) == 0)
            wish.declared.push_back(root.path);
    }
    return {};
}

Result<> tellFiles(const checkpoint::SaveWish &wish, const std::string &stateFolder, v1::CreateCheckpointReply &reply)
{
    const checkpoint::FilesPlan plan = GANTRY_TRY(checkpoint::planFiles(wish.filesWish, wish.pids, stateFolder, {}));
    for (const checkpoint::PlannedRoot &root : plan.roots) {
        v1::CheckpointFile &out = *reply.add_would_save();
        out.set_path(printable(root.root.path));
        out.set_folder(root.folder);
        out.set_declared(root.root.declared);
        out.set_files(root.files);
        out.set_bytes(root.bytes);
        out.set_taken_by(nameOf(root.by));
    }
    for (const std::string &note : plan.notes)
        reply.add_notes(printable(note));
    return {};
}

void tellFiles(const checkpoint::Saved &saved, v1::CreateCheckpointReply &reply)
{
    reply.set_files_saved(saved.fileTotals.files);
    reply.set_files_bytes(saved.fileTotals.bytes);
    reply.set_files_usec(static_cast<std::uint64_t>(saved.fileTotals.stood.count()));
    for (const std::string &note : saved.notes)
        reply.add_notes(printable(note));
}

Result<> tellFiles(const repository::Checkpoint &one, const repository::Store &store,
                   std::span<const std::int32_t> ending, const v1::RestoreCheckpointRequest &request,
                   v1::RestoreCheckpointReply &reply)
{
    // What else a container had open is of its root, which is put in before it comes back.
    if (isKept(one.manifest) && !one.manifest.values.contains(checkpoint::kFilesKey))
        return {};
    const checkpoint::FilesOutlook outlook =
        GANTRY_TRY(checkpoint::checkFiles(one.id, store, useOf(request), ending, {}));
    for (const checkpoint::Replaced &root : outlook.replaced) {
        v1::RestoreCheckpointReply::Replaced &out = *reply.add_replaced();
        out.set_path(printable(root.path));
        out.set_folder(root.folder);
        out.set_now(nowMessage(root.now));
        out.set_files_then(root.filesThen);
        out.set_bytes_then(root.bytesThen);
        out.set_files_now(root.filesNow);
        out.set_bytes_now(root.bytesNow);
        out.set_changed_then_usec(microseconds(root.changedThen));
        out.set_changed_now_usec(microseconds(root.changedNow));
    }
    const bool changed = std::ranges::any_of(outlook.replaced, [](const checkpoint::Replaced &root) {
        return root.now == checkpoint::Replaced::Now::Changed;
    });
    if (changed && (ending.empty() || request.skip_safety()))
        reply.add_notes("what is in these files now is not kept anywhere once it runs again");
    for (const std::string &note : outlook.notes)
        reply.add_notes(printable(note));
    return {};
}

void addKept(v1::InspectReply &reply, const checkpoint::KeptFiles &files, std::size_t limit)
{
    auto &rows = *reply.mutable_files();
    for (int i = rows.size() - 1; i >= 0; --i) {
        const bool mount = rows[i].kind() != v1::SavedFile::KIND_FILE && rows[i].kind() != v1::SavedFile::KIND_FOLDER;
        if (!mount && !rows[i].deleted() && files.covers(rows[i].path()))
            rows.DeleteSubrange(i, 1);
    }
    for (const checkpoint::KeptEntry &entry : files.entries) {
        if (static_cast<std::size_t>(rows.size()) >= limit) {
            reply.set_more_files(reply.more_files() + 1);
            continue;
        }
        v1::SavedFile &out = *rows.Add();
        out.set_kind(S_ISDIR(entry.mode) ? v1::SavedFile::KIND_FOLDER : v1::SavedFile::KIND_FILE);
        out.set_path(printable(files.pathOf(entry)));
        if (S_ISREG(entry.mode))
            out.set_size_bytes(entry.size);
        out.set_type(kindOf(entry.mode));
        out.set_source(printable(entry.link));
        out.set_saved(true);
        out.set_mode(entry.mode & 07777U);
        out.set_modified_usec(microseconds(entry.modified));
        out.set_digest(repository::hexOf(repository::viewOf(files.digestOf(entry))));
    }
}

} // namespace gantry::service
