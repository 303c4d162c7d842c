// SPDX-License-Identifier: GPL-3.0-or-later
// What two trees say differently, but for their memory: see memory_diff.cpp.
#include "engine/checkpoint/image_diff.h"

#include "engine/base/strings.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace gantry::checkpoint {

namespace {

/// What is told of a thing, by name; a first one without a name is always told.
using Facts = std::vector<std::pair<std::string_view, std::string>>;

std::string textOf(const Facts &facts, const Facts *other)
{
    std::string out;
    for (std::size_t i = 0; i < facts.size(); ++i) {
        const auto &[name, value] = facts[i];
        if (value.empty() || (other != nullptr && i < other->size() && (*other)[i].second == value))
            continue;
        out += strCat(out.empty() ? "" : " ", name, name.empty() ? "" : "=", value);
    }
    return out;
}

/// Fills in what differs. @return false: nothing.
bool compare(const Facts &before, const Facts &after, Difference &out)
{
    if (before == after)
        return false;
    out.before = textOf(before, &after);
    out.after = textOf(after, &before);
    return true;
}

Facts factsOf(const SavedTask &task)
{
    return {{"", task.comm},
            {"exe", task.exe},
            {"state", task.state},
            {"threads", std::to_string(task.threads.size())},
            {"ppid", std::to_string(task.ppid)},
            {"uid", std::to_string(task.uid)},
            {"euid", std::to_string(task.euid)},
            {"gid", std::to_string(task.gid)},
            {"cwd", task.workingFolder}};
}

std::string octal(std::uint32_t number)
{
    std::string out;
    do
        out.insert(out.begin(), static_cast<char>('0' + (number & 7)));
    while ((number >>= 3) != 0);
    return "0" + out;
}

Facts factsOf(const SavedDescriptor &descriptor, const SavedFile *file)
{
    if (file == nullptr)
        return {{"", "?"}};
    return {{"", strCat(file->kind, file->text.empty() ? "" : " ", file->text, file->deleted ? " (deleted)" : "")},
            {"flags", file->flags == 0 ? std::string() : octal(file->flags)},
            {"position", std::to_string(file->position)},
            {"cloexec", descriptor.closeOnExec ? "1" : "0"}};
}

Difference differenceOf(Change change, const SavedTask &task, std::string object)
{
    return {change, task.pid, task.comm, std::move(object), {}, {}};
}

void diffDescriptors(const SavedTree &beforeTree, const SavedTask &before, const SavedTree &afterTree,
                     const SavedTask &after, std::vector<Difference> &out)
{
    const auto factsIn = [](const SavedTree &tree, const SavedDescriptor &one) {
        return factsOf(one, tree.file(one.file));
    };
    auto a = before.descriptors.begin();
    auto b = after.descriptors.begin();
    while (a != before.descriptors.end() || b != after.descriptors.end()) {
        const bool onlyBefore = b == after.descriptors.end() || (a != before.descriptors.end() && a->fd < b->fd);
        const bool onlyAfter = a == before.descriptors.end() || (b != after.descriptors.end() && b->fd < a->fd);
        const std::string object = strCat("fd ", onlyAfter ? b->fd : a->fd);
        if (onlyBefore) {
            Difference one = differenceOf(Change::Gone, before, object);
            one.before = factsIn(beforeTree, *a++).front().second;
            out.push_back(std::move(one));
        } else if (onlyAfter) {
            Difference one = differenceOf(Change::New, after, object);
            one.after = factsIn(afterTree, *b++).front().second;
            out.push_back(std::move(one));
        } else {
            Difference one = differenceOf(Change::Changed, after, object);
            if (compare(factsIn(beforeTree, *a++), factsIn(afterTree, *b++), one))
                out.push_back(std::move(one));
        }
    }
}

/// What makes a socket the same one.
std::string identityOf(const SavedSocket &socket)
{
    std::string out = socket.protocol;
    if (!socket.local.empty())
        out += strCat(" ", socket.local);
    else
        out += strCat(" socket:[", socket.inode, "]");
    return socket.peer.empty() ? out : strCat(out, " -> ", socket.peer);
}

struct OwnedSocket
{
    const SavedSocket *socket;
    const SavedTask *task; ///< one of those that have it open
};
/// Connections that a unix socket has accepted have its name: several of one identity are told apart by their order.
std::map<std::pair<std::string, std::size_t>, OwnedSocket> socketsOf(const SavedTree &tree)
{
    std::map<std::pair<std::string, std::size_t>, OwnedSocket> out;
    std::map<std::string, std::size_t> seen;
    std::set<std::uint32_t> files;
    for (const SavedTask &task : tree.tasks) {
        for (const SavedDescriptor &descriptor : task.descriptors) {
            const SavedFile *file = tree.file(descriptor.file);
            if (file == nullptr || !file->socket || !files.insert(descriptor.file).second)
                continue;
            std::string identity = identityOf(*file->socket);
            const std::size_t number = seen[identity]++;
            out.emplace(std::pair(std::move(identity), number), OwnedSocket{&*file->socket, &task});
        }
    }
    return out;
}

void diffSockets(const SavedTree &before, const SavedTree &after, std::vector<Difference> &out)
{
    const auto old = socketsOf(before);
    const auto now = socketsOf(after);
    const auto stateOf = [](const SavedSocket &socket) { return socket.state.empty() ? "open" : socket.state; };
    for (const auto &[key, owned] : old) {
        const auto other = now.find(key);
        if (other != now.end() && other->second.socket->state == owned.socket->state)
            continue;
        const SavedTask &task = other == now.end() ? *owned.task : *other->second.task;
        Difference one = differenceOf(other == now.end() ? Change::Gone : Change::Changed, task, key.first);
        one.before = stateOf(*owned.socket);
        if (other != now.end())
            one.after = stateOf(*other->second.socket);
        out.push_back(std::move(one));
    }
    for (const auto &[key, owned] : now) {
        if (old.contains(key))
            continue;
        Difference one = differenceOf(Change::New, *owned.task, key.first);
        one.after = stateOf(*owned.socket);
        out.push_back(std::move(one));
    }
}

std::map<std::string, std::uint64_t> sizesOf(const SavedTree &tree)
{
    std::map<std::string, std::uint64_t> out;
    for (const auto &[id, file] : tree.files) {
        if (file.kind == "file" && file.size && !file.deleted)
            out[file.text] = *file.size;
    }
    return out;
}

void diffFiles(const SavedTree &before, const SavedTree &after, std::vector<FileDifference> &out)
{
    const auto old = sizesOf(before);
    const auto now = sizesOf(after);
    for (const auto &[path, size] : old) {
        const auto other = now.find(path);
        if (other == now.end())
            out.push_back({Change::Gone, path, size, {}});
        else if (other->second != size)
            out.push_back({Change::Changed, path, size, other->second});
    }
    for (const auto &[path, size] : now) {
        if (!old.contains(path))
            out.push_back({Change::New, path, {}, size});
    }
}

} // namespace

TreeDiff diffTrees(const SavedTree &before, const SavedTree &after)
{
    TreeDiff out;
    static const SavedTask kNobody;
    std::map<std::int32_t, const SavedTask *> old;
    std::set<std::int32_t> now;
    for (const SavedTask &task : before.tasks)
        old.emplace(task.pid, &task);
    for (const SavedTask &task : after.tasks)
        now.insert(task.pid);
    for (const SavedTask &task : before.tasks) {
        if (now.contains(task.pid))
            continue;
        Difference one = differenceOf(Change::Gone, task, {});
        one.before = textOf(factsOf(task), nullptr);
        out.processes.push_back(std::move(one));
        diffDescriptors(before, task, after, kNobody, out.descriptors);
    }
    for (const SavedTask &task : after.tasks) {
        const auto found = old.find(task.pid);
        if (found == old.end()) {
            Difference one = differenceOf(Change::New, task, {});
            one.after = textOf(factsOf(task), nullptr);
            out.processes.push_back(std::move(one));
            diffDescriptors(before, kNobody, after, task, out.descriptors);
            continue;
        }
        Difference one = differenceOf(Change::Changed, task, {});
        if (compare(factsOf(*found->second), factsOf(task), one))
            out.processes.push_back(std::move(one));
        diffDescriptors(before, *found->second, after, task, out.descriptors);
    }
    diffSockets(before, after, out.sockets);
    diffFiles(before, after, out.files);
    return out;
}

} // namespace gantry::checkpoint
