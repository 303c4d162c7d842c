// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/service/checkpoint_volumes.h"

#include "engine/base/strings.h"
#include "engine/checkpoint/volumes.h"

namespace gantry::service {

namespace {

/// Not what podman's and LXC's own verbs save: nothing is added to that.
bool takesVolumes(const KeptContainer &kept)
{
    return kept.container.has_value();
}

std::string whyNot(const std::string &runtime)
{
    return runtime == "podman"
               ? "podman's own verb saves it, and its named volumes with it: other files cannot be added"
               : strCat(runtime, "'s own verb saves it, without any files: none can be added");
}

constexpr std::uint64_t kMostCounted = 50'000; ///< files of one volume; about a second

} // namespace

Result<> wishBesideRoot(const std::optional<KeptContainer> &kept, const v1::CreateCheckpointRequest &request,
                        checkpoint::SaveWish &wish)
{
    const std::string &name = wish.manifest.container.name;
    if (!kept && request.volumes())
        return fail(ENOTSUP, "checkpoint", name, "no runtime keeps it that tells its volumes",
                    "Name them: --files PATH");
    if (!kept)
        return {};
    wish.filesWish.written = false; // what it writes beside its volumes is of its root, which its runtime's verb saves
    if ((request.volumes() || request.file_paths_size() > 0) && !takesVolumes(*kept))
        return fail(ENOTSUP, "checkpoint", name, whyNot(kept->known.facts->runtime),
                    "Checkpoint it without naming files");
    if (request.volumes() && request.without_files())
        return fail(EINVAL, "checkpoint", name, "no files are to be saved, and its volumes are");
    for (const std::string &path : request.file_paths()) {
        if (kept->container->place && isPathWithin(path, kept->container->place->bundle()))
            return fail(EINVAL, "checkpoint", printable(path), "it is of its root, which is part of it anyway");
    }
    if (!request.volumes())
        return {};
    for (const checkpoint::Volume &volume : GANTRY_TRY(checkpoint::volumesOf(*kept->container)))
        wish.filesWish.declared.push_back(volume.path);
    return {};
}

Result<> tellVolumes(const KeptContainer &kept, const checkpoint::SaveWish &wish, bool dryRun,
                     v1::CreateCheckpointReply &reply)
{
    if (!takesVolumes(kept))
        return {};
    for (const checkpoint::Volume &volume : GANTRY_TRY(checkpoint::volumesOf(*kept.container))) {
        v1::ContainerVolume &out = *reply.add_volumes();
        out.set_path(printable(volume.path));
        out.set_destination(printable(volume.destination));
        out.set_saved(checkpoint::isDeclared(volume, wish.filesWish.declared));
        if (!dryRun)
            continue;
        const auto size = checkpoint::sizeOf(volume, kMostCounted, {});
        if (!size) {
            out.set_more(true);
            reply.add_notes(printable(strCat("how big a volume is is not known: ", size.error().message())));
            continue;
        }
        out.set_files(size->files);
        out.set_bytes(size->bytes);
        out.set_more(size->more);
    }
    return {};
}

Result<> tellNotCopied(const repository::Checkpoint &one, const repository::Store &store,
                       v1::CopyCheckpointReply &reply)
{
    if (!one.manifest.values.contains(checkpoint::kFilesKey))
        return {};
    for (const checkpoint::KeptRoot &root : GANTRY_TRY(checkpoint::readKeptFiles(store, one.id)).roots)
        reply.add_notes(
            printable(strCat(root.path, " is not put back for a new container, which shares it with others, "
                                        "as it is now: \"restore --in-place\" puts it back")));
    return {};
}

} // namespace gantry::service
