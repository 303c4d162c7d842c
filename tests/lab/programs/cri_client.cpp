// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/lab/programs/cri_client.h"

#include "engine/base/strings.h"

#include "cri.grpc.pb.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <grpcpp/grpcpp.h>

namespace gantry::lab {

namespace cri = ::runtime::v1;

namespace {

constexpr std::chrono::seconds kPatience{120}; ///< a guest without KVM beside a busy host

/// What kubelet gives every pod, and every container of one.
void label(google::protobuf::Map<std::string, std::string> &labels, const Pod &pod)
{
    labels["io.kubernetes.pod.name"] = pod.name;
    labels["io.kubernetes.pod.namespace"] = pod.space;
    labels["io.kubernetes.pod.uid"] = pod.uid;
}

cri::SandboxConfig configOf(const Pod &pod)
{
    cri::SandboxConfig out;
    cri::SandboxName &name = *out.mutable_metadata();
    name.set_name(pod.name);
    name.set_uid(pod.uid);
    name.set_namespace_(pod.space);
    label(*out.mutable_labels(), pod);
    (*out.mutable_labels())["app"] = pod.name;
    (*out.mutable_annotations())["kubernetes.io/config.source"] = "api";
    out.mutable_linux()->set_cgroup_parent(pod.slice());
    auto &spaces = *out.mutable_linux()->mutable_security_context()->mutable_namespace_options();
    spaces.set_network(cri::NODE);
    spaces.set_pid(cri::CONTAINER);
    return out;
}

} // namespace

std::string Pod::slice() const
{
    if (!handler.empty())
        return strCat("/kubepods/besteffort/pod", uid);
    // A dash would be a level more.
    std::string escaped = uid;
    std::ranges::replace(escaped, '-', '_');
    return strCat("/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod", escaped, ".slice");
}

class CriClient::Stub
{
public:
    explicit Stub(const std::string &socket)
        : m_calls(cri::RuntimeService::NewStub(
              grpc::CreateChannel(strCat("unix://", socket), grpc::InsecureChannelCredentials())))
    {}
    template <class Request, class Reply>
    [[nodiscard]] Result<Reply> call(std::string_view op, const Request &request,
                                     grpc::Status (cri::RuntimeService::Stub::*method)(grpc::ClientContext *,
                                                                                       const Request &, Reply *))
    {
        grpc::ClientContext context;
        context.set_deadline(std::chrono::system_clock::now() + kPatience);
        context.set_wait_for_ready(true);
        Reply reply;
        const grpc::Status status = (m_calls.get()->*method)(&context, request, &reply);
        if (!status.ok())
            return fail(EIO, op, "CRI", status.error_message());
        return reply;
    }

private:
    std::unique_ptr<cri::RuntimeService::Stub> m_calls;
};

CriClient::CriClient(const std::string &socket) : m_stub(std::make_unique<Stub>(socket)) {}

CriClient::~CriClient() = default;

Result<std::string> CriClient::version()
{
    const auto reply =
        GANTRY_TRY(m_stub->call("Version", cri::VersionRequest(), &cri::RuntimeService::Stub::Version));
    return strCat(reply.runtime_name(), " ", reply.runtime_version());
}

Result<std::string> CriClient::run(const Pod &pod)
{
    cri::RunPodSandboxRequest request;
    *request.mutable_config() = configOf(pod);
    request.set_runtime_handler(pod.handler);
    const auto reply =
        GANTRY_TRY(m_stub->call("RunPodSandbox", request, &cri::RuntimeService::Stub::RunPodSandbox));
    return reply.pod_sandbox_id();
}

Result<std::string> CriClient::start(const Pod &pod, const std::string &sandbox, const std::string &name,
                                     const std::string &image, const std::vector<std::string> &command,
                                     std::int64_t memoryMax)
{
    cri::CreateContainerRequest request;
    request.set_pod_sandbox_id(sandbox);
    *request.mutable_sandbox_config() = configOf(pod);
    cri::ContainerConfig &config = *request.mutable_config();
    config.mutable_metadata()->set_name(name);
    config.mutable_image()->set_image(image);
    for (const std::string &word : command)
        config.add_command(word);
    label(*config.mutable_labels(), pod);
    (*config.mutable_labels())["io.kubernetes.container.name"] = name;
    (*config.mutable_annotations())["io.kubernetes.container.restartCount"] = "0";
    config.mutable_linux()->mutable_resources()->set_memory_limit_in_bytes(memoryMax);
    auto &spaces = *config.mutable_linux()->mutable_security_context()->mutable_namespace_options();
    spaces.set_network(cri::NODE);
    spaces.set_pid(cri::CONTAINER);
    const auto made =
        GANTRY_TRY(m_stub->call("CreateContainer", request, &cri::RuntimeService::Stub::CreateContainer));
    cri::ContainerRequest which;
    which.set_container_id(made.container_id());
    GANTRY_CHECK(m_stub->call("StartContainer", which, &cri::RuntimeService::Stub::StartContainer));
    return made.container_id();
}

Result<> CriClient::removeContainer(const std::string &id)
{
    cri::ContainerRequest which;
    which.set_container_id(id);
    GANTRY_CHECK(m_stub->call("RemoveContainer", which, &cri::RuntimeService::Stub::RemoveContainer));
    return {};
}

Result<std::vector<std::string>> CriClient::sandboxes()
{
    const auto reply =
        GANTRY_TRY(m_stub->call("ListPodSandbox", cri::Nothing(), &cri::RuntimeService::Stub::ListPodSandbox));
    std::vector<std::string> out;
    for (const cri::PodSandboxes::Sandbox &sandbox : reply.items())
        out.push_back(sandbox.id());
    return out;
}

Result<> CriClient::removePod(const std::string &sandbox)
{
    cri::PodSandboxRequest which;
    which.set_pod_sandbox_id(sandbox);
    GANTRY_CHECK(m_stub->call("StopPodSandbox", which, &cri::RuntimeService::Stub::StopPodSandbox));
    GANTRY_CHECK(m_stub->call("RemovePodSandbox", which, &cri::RuntimeService::Stub::RemovePodSandbox));
    return {};
}

} // namespace gantry::lab
