// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/runtime/json.h"
#include "gantry/v1/control.grpc.pb.h"
#include "gantry/v1/inventory.grpc.pb.h"
#include "tests/lab/programs/shell.h"
#include "tests/service/service_host.h"

#include <filesystem>
#include <map>
#include <string>

#include <unistd.h>

namespace gantry::lab {

constexpr int kTools = 120; ///< seconds; the first podman of a boot sets much up

/// A shell line that uses a runtime's tool.
inline std::string tool(const std::string &line)
{
    return shell(line, true, false, kTools);
}

/// The same as the user `admin`, who has a manager of systemd and a session bus.
inline std::string asAdmin(const std::string &line)
{
    return tool(strCat("cd /; runuser -u admin -- env XDG_RUNTIME_DIR=/run/user/1000 HOME=/home/admin "
                       "DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/1000/bus ",
                       line));
}

/// Null for what is no JSON.
inline runtime::Json json(const std::string &text)
{
    auto parsed = runtime::parseJson("output", text);
    return parsed ? *std::move(parsed) : runtime::Json();
}

/// What the gantryctl beside this program says, with its errors.
inline std::string gantryctl(const std::string &words, bool mustWork = true)
{
    return shell(strCat(QCoreApplication::applicationDirPath().toStdString(), "/gantryctl ", words), mustWork, true,
                 kTools);
}

/// What it answers, by --json; its errors and warnings go to the log. Null: it did not work, or not within `seconds`.
inline runtime::Json asJson(const std::string &words, int seconds = kTools)
{
    return json(shell(strCat(QCoreApplication::applicationDirPath().toStdString(), "/gantryctl --json ", words), true,
                      false, seconds));
}

/// In initTestCase(): an empty folder, with the state of gantryctl in folder/state. The case fails where this is no
/// guest of the lab: look at QTest::currentTestFailed().
inline void startAfresh(const std::string &folder)
{
    QVERIFY2(::geteuid() == 0 && ::access("/usr/local/bin/lab-images", X_OK) == 0,
             "this runs in a guest of the lab, as root");
    std::filesystem::remove_all(folder); // of a run that was ended
    std::filesystem::create_directories(folder);
    qputenv("GANTRY_STATE", QByteArray::fromStdString(folder + "/state"));
}

/// The lab's busybox in folder/rootfs. A failure is told.
inline void makeRootfs(const std::string &folder)
{
    std::filesystem::create_directories(folder + "/rootfs");
    tool(strCat("tar xf /usr/local/share/lab/busybox.tar -C ", folder, "/rootfs"));
}

/// Containers as gantryctl tells them, by name.
inline std::map<std::string, runtime::Json> byGantryctl()
{
    std::map<std::string, runtime::Json> out;
    const runtime::Json document = asJson("containers");
    for (const runtime::Json &container : runtime::at(document, {"containers"}))
        out.emplace(runtime::textAt(container, {"name"}), container);
    return out;
}

/// The tree as one client of a running engine sees it: containers by name.
inline std::map<std::string, v1::Node> containersOf(v1::Inventory::Stub &inventory)
{
    test::BoundedContext context(std::chrono::seconds(60));
    const auto reader = inventory.Watch(&context, {});
    v1::InventoryUpdate update;
    std::map<std::string, v1::Node> out;
    if (reader->Read(&update)) {
        for (const v1::Node &node : update.upserted()) {
            if (node.has_container())
                out.emplace(node.name(), node);
        }
    }
    context.TryCancel();
    return out;
}

/// Freezes or thaws a container by its name. @param method of the stub. A failure is told.
template <class Method> void freeze(v1::Control::Stub &control, const std::string &container, Method method)
{
    test::BoundedContext context(std::chrono::seconds(60));
    v1::FreezeRequest request;
    v1::FreezeReply reply;
    request.mutable_target()->set_container(container);
    const grpc::Status status = (control.*method)(&context, request, &reply);
    if (!status.ok())
        qCritical("%s: %s", container.c_str(), service::errorFrom(status).message().c_str());
}

/// Has the runtime act on a container. A failure is told.
inline v1::ContainerActionReply act(v1::Control::Stub &control, const std::string &container,
                                    v1::ContainerActionRequest::Action action)
{
    test::BoundedContext context(std::chrono::seconds(60));
    v1::ContainerActionRequest request;
    v1::ContainerActionReply reply;
    request.mutable_target()->set_container(container);
    request.set_action(action);
    const grpc::Status status = control.ActOnContainer(&context, request, &reply);
    if (!status.ok())
        qCritical("%s: %s", container.c_str(), service::errorFrom(status).message().c_str());
    return reply;
}

/// Kills all in a container. A failure is told.
inline v1::KillReply kill(v1::Control::Stub &control, const std::string &container)
{
    test::BoundedContext context(std::chrono::seconds(60));
    v1::KillRequest request;
    v1::KillReply reply;
    request.mutable_target()->set_container(container);
    const grpc::Status status = control.Kill(&context, request, &reply);
    if (!status.ok())
        qCritical("%s: %s", container.c_str(), service::errorFrom(status).message().c_str());
    return reply;
}

} // namespace gantry::lab
