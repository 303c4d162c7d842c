// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/text/labels.h"

#include "engine/base/parse.h"
#include "widgets/text/format.h"

#include <QCoreApplication>

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

namespace gantry::text {

namespace {

QString tr(const char *source)
{
    return QCoreApplication::translate("Labels", source);
}

/// A number or word of the protocol with its translatable name.
template <class T> struct Label
{
    T value;
    const char *text;
};

template <class T> const char *find(std::span<const Label<T>> labels, const T &value)
{
    const auto it = std::ranges::find(labels, value, &Label<T>::value);
    return it == labels.end() ? nullptr : it->text;
}

template <class T, std::size_t N> QString label(const std::array<Label<T>, N> &labels, const T &value)
{
    const char *text = find<T>(labels, value);
    return text == nullptr ? absent() : tr(text);
}

/// For words of an open set: one that is not known is shown as it stands.
template <std::size_t N> QString label(const std::array<Label<std::string_view>, N> &labels, std::string_view word)
{
    const char *text = find<std::string_view>(labels, word);
    return text == nullptr ? utf8(word) : tr(text);
}

constexpr std::array kMetrics{
    Label<Metric>{Metric::MemoryCurrent, QT_TRANSLATE_NOOP("Labels", "Memory in use")},
    Label<Metric>{Metric::MemoryPeak, QT_TRANSLATE_NOOP("Labels", "Peak memory")},
    Label<Metric>{Metric::MemorySwapCurrent, QT_TRANSLATE_NOOP("Labels", "Swap in use")},
    Label<Metric>{Metric::MemoryAnon, QT_TRANSLATE_NOOP("Labels", "Anonymous memory")},
    Label<Metric>{Metric::MemoryFile, QT_TRANSLATE_NOOP("Labels", "File cache")},
    Label<Metric>{Metric::MemoryKernel, QT_TRANSLATE_NOOP("Labels", "Kernel memory")},
    Label<Metric>{Metric::MemoryShmem, QT_TRANSLATE_NOOP("Labels", "Shared memory")},
    Label<Metric>{Metric::MemorySlab, QT_TRANSLATE_NOOP("Labels", "Slab memory")},
    Label<Metric>{Metric::MemoryMin, QT_TRANSLATE_NOOP("Labels", "Guaranteed memory")},
    Label<Metric>{Metric::MemoryLow, QT_TRANSLATE_NOOP("Labels", "Protected memory")},
    Label<Metric>{Metric::MemoryHigh, QT_TRANSLATE_NOOP("Labels", "Soft memory limit")},
    Label<Metric>{Metric::MemoryMax, QT_TRANSLATE_NOOP("Labels", "Hard memory limit")},
    Label<Metric>{Metric::MemorySwapMax, QT_TRANSLATE_NOOP("Labels", "Swap limit")},
    Label<Metric>{Metric::MemoryRefaultAnon, QT_TRANSLATE_NOOP("Labels", "Refaults of anonymous memory")},
    Label<Metric>{Metric::MemoryRefaultFile, QT_TRANSLATE_NOOP("Labels", "Refaults of file cache")},
    Label<Metric>{Metric::MemoryEventsLow, QT_TRANSLATE_NOOP("Labels", "Reclaims below the protection")},
    Label<Metric>{Metric::MemoryEventsHigh, QT_TRANSLATE_NOOP("Labels", "Soft memory limit exceeded")},
    Label<Metric>{Metric::MemoryEventsMax, QT_TRANSLATE_NOOP("Labels", "Hard memory limit hit")},
    Label<Metric>{Metric::MemoryEventsOom, QT_TRANSLATE_NOOP("Labels", "Out of memory")},
    Label<Metric>{Metric::MemoryEventsOomKill, QT_TRANSLATE_NOOP("Labels", "OOM kills")},
    Label<Metric>{Metric::CpuUsage, QT_TRANSLATE_NOOP("Labels", "CPU time")},
    Label<Metric>{Metric::CpuUser, QT_TRANSLATE_NOOP("Labels", "CPU time in programs")},
    Label<Metric>{Metric::CpuSystem, QT_TRANSLATE_NOOP("Labels", "CPU time in the kernel")},
    Label<Metric>{Metric::CpuPeriods, QT_TRANSLATE_NOOP("Labels", "CPU periods")},
    Label<Metric>{Metric::CpuThrottledPeriods, QT_TRANSLATE_NOOP("Labels", "Throttled CPU periods")},
    Label<Metric>{Metric::CpuThrottled, QT_TRANSLATE_NOOP("Labels", "Throttled time")},
    Label<Metric>{Metric::CpuUsageRate, QT_TRANSLATE_NOOP("Labels", "CPU")},
    Label<Metric>{Metric::CpuUserRate, QT_TRANSLATE_NOOP("Labels", "CPU in programs")},
    Label<Metric>{Metric::CpuSystemRate, QT_TRANSLATE_NOOP("Labels", "CPU in the kernel")},
    Label<Metric>{Metric::CpuThrottledRate, QT_TRANSLATE_NOOP("Labels", "CPU throttled")},
    Label<Metric>{Metric::CpuWeight, QT_TRANSLATE_NOOP("Labels", "CPU weight")},
    Label<Metric>{Metric::CpuQuota, QT_TRANSLATE_NOOP("Labels", "CPU limit")},
    Label<Metric>{Metric::IoReadBytes, QT_TRANSLATE_NOOP("Labels", "Bytes read")},
    Label<Metric>{Metric::IoWriteBytes, QT_TRANSLATE_NOOP("Labels", "Bytes written")},
    Label<Metric>{Metric::IoReadOperations, QT_TRANSLATE_NOOP("Labels", "Read operations")},
    Label<Metric>{Metric::IoWriteOperations, QT_TRANSLATE_NOOP("Labels", "Write operations")},
    Label<Metric>{Metric::IoReadRate, QT_TRANSLATE_NOOP("Labels", "Read")},
    Label<Metric>{Metric::IoWriteRate, QT_TRANSLATE_NOOP("Labels", "Written")},
    Label<Metric>{Metric::IoReadOperationsRate, QT_TRANSLATE_NOOP("Labels", "Reads per second")},
    Label<Metric>{Metric::IoWriteOperationsRate, QT_TRANSLATE_NOOP("Labels", "Writes per second")},
    Label<Metric>{Metric::PidsCurrent, QT_TRANSLATE_NOOP("Labels", "Processes")},
    Label<Metric>{Metric::PidsMax, QT_TRANSLATE_NOOP("Labels", "Process limit")},
    Label<Metric>{Metric::PidsEventsMax, QT_TRANSLATE_NOOP("Labels", "Forks refused")},
    Label<Metric>{Metric::PressureCpuSomeAvg10, QT_TRANSLATE_NOOP("Labels", "CPU pressure (some)")},
    Label<Metric>{Metric::PressureCpuFullAvg10, QT_TRANSLATE_NOOP("Labels", "CPU pressure (full)")},
    Label<Metric>{Metric::PressureMemorySomeAvg10, QT_TRANSLATE_NOOP("Labels", "Memory pressure (some)")},
    Label<Metric>{Metric::PressureMemoryFullAvg10, QT_TRANSLATE_NOOP("Labels", "Memory pressure (full)")},
    Label<Metric>{Metric::PressureIoSomeAvg10, QT_TRANSLATE_NOOP("Labels", "I/O pressure (some)")},
    Label<Metric>{Metric::PressureIoFullAvg10, QT_TRANSLATE_NOOP("Labels", "I/O pressure (full)")},
    Label<Metric>{Metric::PressureCpuSomeTotal, QT_TRANSLATE_NOOP("Labels", "CPU pressure time (some)")},
    Label<Metric>{Metric::PressureCpuFullTotal, QT_TRANSLATE_NOOP("Labels", "CPU pressure time (full)")},
    Label<Metric>{Metric::PressureMemorySomeTotal, QT_TRANSLATE_NOOP("Labels", "Memory pressure time (some)")},
    Label<Metric>{Metric::PressureMemoryFullTotal, QT_TRANSLATE_NOOP("Labels", "Memory pressure time (full)")},
    Label<Metric>{Metric::PressureIoSomeTotal, QT_TRANSLATE_NOOP("Labels", "I/O pressure time (some)")},
    Label<Metric>{Metric::PressureIoFullTotal, QT_TRANSLATE_NOOP("Labels", "I/O pressure time (full)")},
    Label<Metric>{Metric::PressureCpuSomeRate, QT_TRANSLATE_NOOP("Labels", "CPU pressure now (some)")},
    Label<Metric>{Metric::PressureCpuFullRate, QT_TRANSLATE_NOOP("Labels", "CPU pressure now (full)")},
    Label<Metric>{Metric::PressureMemorySomeRate, QT_TRANSLATE_NOOP("Labels", "Memory pressure now (some)")},
    Label<Metric>{Metric::PressureMemoryFullRate, QT_TRANSLATE_NOOP("Labels", "Memory pressure now (full)")},
    Label<Metric>{Metric::PressureIoSomeRate, QT_TRANSLATE_NOOP("Labels", "I/O pressure now (some)")},
    Label<Metric>{Metric::PressureIoFullRate, QT_TRANSLATE_NOOP("Labels", "I/O pressure now (full)")},
    Label<Metric>{Metric::FreezerState, QT_TRANSLATE_NOOP("Labels", "Freezer")},
    Label<Metric>{Metric::Populated, QT_TRANSLATE_NOOP("Labels", "Has processes")},
    Label<Metric>{Metric::MemoryRefaultRate, QT_TRANSLATE_NOOP("Labels", "Refaults per second")},
    Label<Metric>{Metric::MemoryIntervalPeak, QT_TRANSLATE_NOOP("Labels", "Peak memory since the last sample")},
};

constexpr std::array kUnits{
    Label<MetricUnit>{MetricUnit::Byte, QT_TRANSLATE_NOOP("Labels", "bytes")},
    Label<MetricUnit>{MetricUnit::BytePerSecond, QT_TRANSLATE_NOOP("Labels", "bytes per second")},
    Label<MetricUnit>{MetricUnit::Microsecond, QT_TRANSLATE_NOOP("Labels", "microseconds")},
    Label<MetricUnit>{MetricUnit::Percent, QT_TRANSLATE_NOOP("Labels", "percent")},
    Label<MetricUnit>{MetricUnit::Number, QT_TRANSLATE_NOOP("Labels", "count")},
    Label<MetricUnit>{MetricUnit::PerSecond, QT_TRANSLATE_NOOP("Labels", "per second")},
    Label<MetricUnit>{MetricUnit::WeightNumber, QT_TRANSLATE_NOOP("Labels", "weight")},
};

constexpr std::array kLimits{
    Label<LimitKey>{LimitKey::MemoryMin, QT_TRANSLATE_NOOP("Labels", "Guaranteed memory")},
    Label<LimitKey>{LimitKey::MemoryLow, QT_TRANSLATE_NOOP("Labels", "Protected memory")},
    Label<LimitKey>{LimitKey::MemoryHigh, QT_TRANSLATE_NOOP("Labels", "Soft memory limit")},
    Label<LimitKey>{LimitKey::MemoryMax, QT_TRANSLATE_NOOP("Labels", "Hard memory limit")},
    Label<LimitKey>{LimitKey::MemorySwapMax, QT_TRANSLATE_NOOP("Labels", "Swap limit")},
    Label<LimitKey>{LimitKey::CpuWeight, QT_TRANSLATE_NOOP("Labels", "CPU weight")},
    Label<LimitKey>{LimitKey::CpuMax, QT_TRANSLATE_NOOP("Labels", "CPU limit")},
    Label<LimitKey>{LimitKey::IoMax, QT_TRANSLATE_NOOP("Labels", "I/O limits")},
    Label<LimitKey>{LimitKey::PidsMax, QT_TRANSLATE_NOOP("Labels", "Process limit")},
    Label<LimitKey>{LimitKey::MemorySwapHigh, QT_TRANSLATE_NOOP("Labels", "Soft swap limit")},
    Label<LimitKey>{LimitKey::MemoryZswapMax, QT_TRANSLATE_NOOP("Labels", "Compressed swap limit")},
    Label<LimitKey>{LimitKey::MemoryZswapWriteback, QT_TRANSLATE_NOOP("Labels", "Compressed swap to disk")},
    Label<LimitKey>{LimitKey::MemoryOomGroup, QT_TRANSLATE_NOOP("Labels", "OOM kills all")},
    Label<LimitKey>{LimitKey::CpuMaxBurst, QT_TRANSLATE_NOOP("Labels", "CPU burst")},
    Label<LimitKey>{LimitKey::CpuIdle, QT_TRANSLATE_NOOP("Labels", "CPU idle class")},
    Label<LimitKey>{LimitKey::CpuUclampMin, QT_TRANSLATE_NOOP("Labels", "Least CPU clock")},
    Label<LimitKey>{LimitKey::CpuUclampMax, QT_TRANSLATE_NOOP("Labels", "Highest CPU clock")},
    Label<LimitKey>{LimitKey::CpusetCpus, QT_TRANSLATE_NOOP("Labels", "CPUs")},
    Label<LimitKey>{LimitKey::CpusetMems, QT_TRANSLATE_NOOP("Labels", "Memory nodes")},
    Label<LimitKey>{LimitKey::CpusetCpusExclusive, QT_TRANSLATE_NOOP("Labels", "Exclusive CPUs")},
    Label<LimitKey>{LimitKey::CpusetCpusPartition, QT_TRANSLATE_NOOP("Labels", "CPU partition")},
    Label<LimitKey>{LimitKey::IoWeight, QT_TRANSLATE_NOOP("Labels", "I/O weight")},
    Label<LimitKey>{LimitKey::IoBfqWeight, QT_TRANSLATE_NOOP("Labels", "I/O weight (BFQ)")},
    Label<LimitKey>{LimitKey::IoLatency, QT_TRANSLATE_NOOP("Labels", "I/O latency target")},
    Label<LimitKey>{LimitKey::IoPrioClass, QT_TRANSLATE_NOOP("Labels", "I/O priority class")},
    Label<LimitKey>{LimitKey::IoCostQos, QT_TRANSLATE_NOOP("Labels", "I/O cost quality")},
    Label<LimitKey>{LimitKey::IoCostModel, QT_TRANSLATE_NOOP("Labels", "I/O cost model")},
    Label<LimitKey>{LimitKey::HugetlbMax, QT_TRANSLATE_NOOP("Labels", "Huge pages limit")},
    Label<LimitKey>{LimitKey::HugetlbRsvdMax, QT_TRANSLATE_NOOP("Labels", "Huge pages reservation limit")},
    Label<LimitKey>{LimitKey::RdmaMax, QT_TRANSLATE_NOOP("Labels", "RDMA limit")},
    Label<LimitKey>{LimitKey::MiscMax, QT_TRANSLATE_NOOP("Labels", "Miscellaneous limit")},
    Label<LimitKey>{LimitKey::DmemMax, QT_TRANSLATE_NOOP("Labels", "Device memory limit")},
    Label<LimitKey>{LimitKey::DmemLow, QT_TRANSLATE_NOOP("Labels", "Protected device memory")},
    Label<LimitKey>{LimitKey::DmemMin, QT_TRANSLATE_NOOP("Labels", "Guaranteed device memory")},
    Label<LimitKey>{LimitKey::CgroupMaxDepth, QT_TRANSLATE_NOOP("Labels", "Depth of cgroups")},
    Label<LimitKey>{LimitKey::CgroupMaxDescendants, QT_TRANSLATE_NOOP("Labels", "Number of cgroups")},
    Label<LimitKey>{LimitKey::CgroupPressure, QT_TRANSLATE_NOOP("Labels", "Pressure accounting")},
    Label<LimitKey>{LimitKey::CgroupType, QT_TRANSLATE_NOOP("Labels", "Type of cgroup")},
};

constexpr std::array kLimitDescriptions{
    Label<LimitKey>{LimitKey::MemoryMin,
                    QT_TRANSLATE_NOOP("Labels", "Memory that is never reclaimed, whatever happens elsewhere.")},
    Label<LimitKey>{LimitKey::MemoryLow,
                    QT_TRANSLATE_NOOP("Labels", "Memory that is reclaimed only when nothing unprotected is left.")},
    Label<LimitKey>{
        LimitKey::MemoryHigh,
        QT_TRANSLATE_NOOP(
            "Labels", "Above this the processes are slowed down and their memory is reclaimed; nothing is killed.")},
    Label<LimitKey>{
        LimitKey::MemoryMax,
        QT_TRANSLATE_NOOP("Labels", "Above this the kernel reclaims, and kills processes when that is not enough.")},
    Label<LimitKey>{LimitKey::MemorySwapMax, QT_TRANSLATE_NOOP("Labels", "Swap space the processes may use.")},
    Label<LimitKey>{
        LimitKey::CpuWeight,
        QT_TRANSLATE_NOOP("Labels", "Share of the CPU against the neighbours when it is scarce; 100 is usual.")},
    Label<LimitKey>{LimitKey::CpuMax,
                    QT_TRANSLATE_NOOP("Labels", "CPU time per period; the processes wait when it is used up.")},
    Label<LimitKey>{LimitKey::IoMax,
                    QT_TRANSLATE_NOOP("Labels", "Bytes and operations per second on each block device.")},
    Label<LimitKey>{LimitKey::PidsMax, QT_TRANSLATE_NOOP("Labels", "Processes and threads; more cannot start.")},
    Label<LimitKey>{
        LimitKey::MemorySwapHigh,
        QT_TRANSLATE_NOOP("Labels", "Above this the processes are slowed down, so that swap does not fill up.")},
    Label<LimitKey>{LimitKey::MemoryZswapMax,
                    QT_TRANSLATE_NOOP("Labels", "Memory that compressed swap (zswap) may take.")},
    Label<LimitKey>{
        LimitKey::MemoryZswapWriteback,
        QT_TRANSLATE_NOOP("Labels", "1: compressed pages may move on to the swap device; 0: they stay in memory.")},
    Label<LimitKey>{
        LimitKey::MemoryOomGroup,
        QT_TRANSLATE_NOOP("Labels", "1: when one process is killed for want of memory, all of the cgroup are.")},
    Label<LimitKey>{
        LimitKey::CpuMaxBurst,
        QT_TRANSLATE_NOOP("Labels", "CPU time saved up in quiet periods that may be used beyond the CPU limit.")},
    Label<LimitKey>{LimitKey::CpuIdle, QT_TRANSLATE_NOOP("Labels", "1: runs only when nothing else wants the CPU.")},
    Label<LimitKey>{LimitKey::CpuUclampMin,
                    QT_TRANSLATE_NOOP(
                        "Labels", "The CPU is clocked at least for this share of its power while its processes run.")},
    Label<LimitKey>{
        LimitKey::CpuUclampMax,
        QT_TRANSLATE_NOOP("Labels", "The CPU is not clocked above this share of its power for its processes.")},
    Label<LimitKey>{LimitKey::CpusetCpus,
                    QT_TRANSLATE_NOOP("Labels", "CPUs its processes may run on; empty: those of the parent.")},
    Label<LimitKey>{LimitKey::CpusetMems,
                    QT_TRANSLATE_NOOP("Labels", "NUMA nodes its memory may come from; empty: those of the parent.")},
    Label<LimitKey>{LimitKey::CpusetCpusExclusive,
                    QT_TRANSLATE_NOOP("Labels", "CPUs that are kept for a partition below or at this cgroup.")},
    Label<LimitKey>{
        LimitKey::CpusetCpusPartition,
        QT_TRANSLATE_NOOP("Labels", "root: its CPUs belong to it alone; isolated: also without load balancing.")},
    Label<LimitKey>{
        LimitKey::IoWeight,
        QT_TRANSLATE_NOOP("Labels", "Share of a disk against the neighbours when it is busy; 100 is usual.")},
    Label<LimitKey>{LimitKey::IoBfqWeight, QT_TRANSLATE_NOOP("Labels", "The same for disks with the BFQ scheduler.")},
    Label<LimitKey>{
        LimitKey::IoLatency,
        QT_TRANSLATE_NOOP("Labels",
                          "Neighbours are slowed down while this cgroup waits longer for the disk, in microseconds.")},
    Label<LimitKey>{LimitKey::IoPrioClass, QT_TRANSLATE_NOOP("Labels", "Changes the I/O priority of its processes.")},
    Label<LimitKey>{
        LimitKey::IoCostQos,
        QT_TRANSLATE_NOOP("Labels", "When the I/O cost controller counts a disk as saturated; of the root only.")},
    Label<LimitKey>{LimitKey::IoCostModel,
                    QT_TRANSLATE_NOOP("Labels", "What a disk can do, for the I/O cost controller; of the root only.")},
    Label<LimitKey>{LimitKey::HugetlbMax, QT_TRANSLATE_NOOP("Labels", "Memory in huge pages of each size.")},
    Label<LimitKey>{LimitKey::HugetlbRsvdMax,
                    QT_TRANSLATE_NOOP("Labels", "Huge pages that may be reserved, used or not.")},
    Label<LimitKey>{LimitKey::RdmaMax, QT_TRANSLATE_NOOP("Labels", "Handles and objects of each RDMA device.")},
    Label<LimitKey>{LimitKey::MiscMax, QT_TRANSLATE_NOOP("Labels", "Other scarce resources of the host, by name.")},
    Label<LimitKey>{LimitKey::DmemMax, QT_TRANSLATE_NOOP("Labels", "Memory of graphics and other devices, by region.")},
    Label<LimitKey>{
        LimitKey::DmemLow,
        QT_TRANSLATE_NOOP("Labels", "Device memory that is evicted only when nothing unprotected is left.")},
    Label<LimitKey>{LimitKey::DmemMin, QT_TRANSLATE_NOOP("Labels", "Device memory that is never evicted.")},
    Label<LimitKey>{LimitKey::CgroupMaxDepth, QT_TRANSLATE_NOOP("Labels", "Levels of cgroups that may be made below.")},
    Label<LimitKey>{LimitKey::CgroupMaxDescendants, QT_TRANSLATE_NOOP("Labels", "Cgroups that may be made below.")},
    Label<LimitKey>{LimitKey::CgroupPressure,
                    QT_TRANSLATE_NOOP("Labels", "0: pressure (PSI) is not counted for this cgroup.")},
    Label<LimitKey>{
        LimitKey::CgroupType,
        QT_TRANSLATE_NOOP("Labels",
                          "threaded: threads of one process may be spread over cgroups. There is no way back.")},
};

constexpr std::array kFreezerStates{
    Label<v1::FreezerState>{v1::FREEZER_STATE_THAWED, QT_TRANSLATE_NOOP("Labels", "running")},
    Label<v1::FreezerState>{v1::FREEZER_STATE_FREEZING, QT_TRANSLATE_NOOP("Labels", "freezing")},
    Label<v1::FreezerState>{v1::FREEZER_STATE_FROZEN, QT_TRANSLATE_NOOP("Labels", "frozen")},
    Label<v1::FreezerState>{v1::FREEZER_STATE_FROZEN_BY_ANCESTOR, QT_TRANSLATE_NOOP("Labels", "frozen above")},
    Label<v1::FreezerState>{v1::FREEZER_STATE_UNREADABLE, QT_TRANSLATE_NOOP("Labels", "unreadable")},
};

constexpr std::array kContainerStates{
    Label<v1::ContainerState>{v1::CONTAINER_STATE_CREATED, QT_TRANSLATE_NOOP("Labels", "created")},
    Label<v1::ContainerState>{v1::CONTAINER_STATE_RUNNING, QT_TRANSLATE_NOOP("Labels", "running")},
    Label<v1::ContainerState>{v1::CONTAINER_STATE_PAUSED, QT_TRANSLATE_NOOP("Labels", "paused")},
    Label<v1::ContainerState>{v1::CONTAINER_STATE_STOPPING, QT_TRANSLATE_NOOP("Labels", "stopping")},
    Label<v1::ContainerState>{v1::CONTAINER_STATE_EXITED, QT_TRANSLATE_NOOP("Labels", "exited")},
};

constexpr std::array kHealths{
    Label<std::string_view>{"healthy", QT_TRANSLATE_NOOP("Labels", "healthy")},
    Label<std::string_view>{"unhealthy", QT_TRANSLATE_NOOP("Labels", "unhealthy")},
    Label<std::string_view>{"starting", QT_TRANSLATE_NOOP("Labels", "starting up")},
};

constexpr std::array kNodeKinds{
    Label<v1::NodeKind>{v1::NODE_KIND_HOST, QT_TRANSLATE_NOOP("Labels", "Host")},
    Label<v1::NodeKind>{v1::NODE_KIND_CGROUP, QT_TRANSLATE_NOOP("Labels", "Cgroup")},
    Label<v1::NodeKind>{v1::NODE_KIND_CONTAINER, QT_TRANSLATE_NOOP("Labels", "Container")},
    Label<v1::NodeKind>{v1::NODE_KIND_NAMESPACE, QT_TRANSLATE_NOOP("Labels", "Namespace")},
    Label<v1::NodeKind>{v1::NODE_KIND_PROCESS, QT_TRANSLATE_NOOP("Labels", "Process")},
};

constexpr std::array kNamespaceTypes{
    Label<v1::NamespaceType>{v1::NAMESPACE_TYPE_CGROUP, QT_TRANSLATE_NOOP("Labels", "Cgroup root")},
    Label<v1::NamespaceType>{v1::NAMESPACE_TYPE_IPC, QT_TRANSLATE_NOOP("Labels", "Inter-process communication")},
    Label<v1::NamespaceType>{v1::NAMESPACE_TYPE_MNT, QT_TRANSLATE_NOOP("Labels", "Mount points")},
    Label<v1::NamespaceType>{v1::NAMESPACE_TYPE_NET, QT_TRANSLATE_NOOP("Labels", "Network")},
    Label<v1::NamespaceType>{v1::NAMESPACE_TYPE_PID, QT_TRANSLATE_NOOP("Labels", "Process numbers")},
    Label<v1::NamespaceType>{v1::NAMESPACE_TYPE_TIME, QT_TRANSLATE_NOOP("Labels", "Clocks")},
    Label<v1::NamespaceType>{v1::NAMESPACE_TYPE_USER, QT_TRANSLATE_NOOP("Labels", "Users")},
    Label<v1::NamespaceType>{v1::NAMESPACE_TYPE_UTS, QT_TRANSLATE_NOOP("Labels", "Host name")},
};

constexpr std::array kSeverities{
    Label<v1::Severity>{v1::SEVERITY_NONE, QT_TRANSLATE_NOOP("Labels", "normal")},
    Label<v1::Severity>{v1::SEVERITY_WARNING, QT_TRANSLATE_NOOP("Labels", "warning")},
    Label<v1::Severity>{v1::SEVERITY_CRITICAL, QT_TRANSLATE_NOOP("Labels", "critical")},
};

constexpr std::array kJobStates{
    Label<v1::JobState>{v1::JOB_STATE_QUEUED, QT_TRANSLATE_NOOP("Labels", "queued")},
    Label<v1::JobState>{v1::JOB_STATE_RUNNING, QT_TRANSLATE_NOOP("Labels", "running")},
    Label<v1::JobState>{v1::JOB_STATE_DONE, QT_TRANSLATE_NOOP("Labels", "done")},
    Label<v1::JobState>{v1::JOB_STATE_FAILED, QT_TRANSLATE_NOOP("Labels", "failed")},
    Label<v1::JobState>{v1::JOB_STATE_CANCELLED, QT_TRANSLATE_NOOP("Labels", "cancelled")},
};

constexpr std::array kJobVerbs{
    Label<std::string_view>{"setLimits", QT_TRANSLATE_NOOP("Labels", "Change limits")},
    Label<std::string_view>{"freeze", QT_TRANSLATE_NOOP("Labels", "Freeze")},
    Label<std::string_view>{"thaw", QT_TRANSLATE_NOOP("Labels", "Thaw")},
    Label<std::string_view>{"kill", QT_TRANSLATE_NOOP("Labels", "Kill")},
    Label<std::string_view>{"signal", QT_TRANSLATE_NOOP("Labels", "Send signal")},
    Label<std::string_view>{"move", QT_TRANSLATE_NOOP("Labels", "Move processes")},
    Label<std::string_view>{"createCgroup", QT_TRANSLATE_NOOP("Labels", "Make cgroup")},
    Label<std::string_view>{"removeCgroup", QT_TRANSLATE_NOOP("Labels", "Remove cgroup")},
    Label<std::string_view>{"setControllers", QT_TRANSLATE_NOOP("Labels", "Set controllers")},
    Label<std::string_view>{"reclaim", QT_TRANSLATE_NOOP("Labels", "Reclaim memory")},
    Label<std::string_view>{"start", QT_TRANSLATE_NOOP("Labels", "Start container")},
    Label<std::string_view>{"stop", QT_TRANSLATE_NOOP("Labels", "Stop container")},
    Label<std::string_view>{"restart", QT_TRANSLATE_NOOP("Labels", "Restart container")},
    Label<std::string_view>{"remove", QT_TRANSLATE_NOOP("Labels", "Remove container")},
    Label<std::string_view>{"checkpoint", QT_TRANSLATE_NOOP("Labels", "Checkpoint")},
    Label<std::string_view>{"restore", QT_TRANSLATE_NOOP("Labels", "Restore")},
    Label<std::string_view>{"restoreCopies", QT_TRANSLATE_NOOP("Labels", "Restore as new container")},
    Label<std::string_view>{"restoreInPlace", QT_TRANSLATE_NOOP("Labels", "Restore")},
    Label<std::string_view>{"collect", QT_TRANSLATE_NOOP("Labels", "Collect checkpoints")},
    Label<std::string_view>{"verify", QT_TRANSLATE_NOOP("Labels", "Verify checkpoints")},
};

constexpr std::array kJobPhases{
    Label<std::string_view>{"check", QT_TRANSLATE_NOOP("Labels", "checking")},
    Label<std::string_view>{"write", QT_TRANSLATE_NOOP("Labels", "writing")},
    Label<std::string_view>{"wait", QT_TRANSLATE_NOOP("Labels", "waiting for the kernel")},
    Label<std::string_view>{"readBack", QT_TRANSLATE_NOOP("Labels", "reading back")},
    Label<std::string_view>{"rollBack", QT_TRANSLATE_NOOP("Labels", "rolling back")},
    Label<std::string_view>{"dump", QT_TRANSLATE_NOOP("Labels", "stopped, being saved")},
    Label<std::string_view>{"files", QT_TRANSLATE_NOOP("Labels", "stopped, its files are taken")},
    Label<std::string_view>{"read", QT_TRANSLATE_NOOP("Labels", "reading from the store")},
    Label<std::string_view>{"restore", QT_TRANSLATE_NOOP("Labels", "being restored")},
    Label<std::string_view>{"verify", QT_TRANSLATE_NOOP("Labels", "reading it whole")},
};

constexpr std::array kCheckpointTriggers{
    Label<std::string_view>{"manual", QT_TRANSLATE_NOOP("Labels", "by hand")},
    Label<std::string_view>{"schedule", QT_TRANSLATE_NOOP("Labels", "by a schedule")},
    Label<std::string_view>{"before-restore", QT_TRANSLATE_NOOP("Labels", "before a restore")},
    Label<std::string_view>{"suspend", QT_TRANSLATE_NOOP("Labels", "to suspend it")},
    Label<std::string_view>{"program", QT_TRANSLATE_NOOP("Labels", "by the program itself")},
};

// The ids of engine/alerts/rules.cpp.
constexpr std::array kRules{
    Label<std::string_view>{"memory-near-max", QT_TRANSLATE_NOOP("Labels", "Memory near the hard limit")},
    Label<std::string_view>{"memory-near-high", QT_TRANSLATE_NOOP("Labels", "Memory near the soft limit")},
    Label<std::string_view>{"oom-kill", QT_TRANSLATE_NOOP("Labels", "OOM kill")},
    Label<std::string_view>{"memory-max-hit", QT_TRANSLATE_NOOP("Labels", "Hard memory limit hit")},
    Label<std::string_view>{"memory-pressure", QT_TRANSLATE_NOOP("Labels", "Memory pressure")},
    Label<std::string_view>{"cpu-throttled", QT_TRANSLATE_NOOP("Labels", "CPU throttled")},
    Label<std::string_view>{"pids-near-max", QT_TRANSLATE_NOOP("Labels", "Processes near the limit")},
    Label<std::string_view>{"pids-max-hit", QT_TRANSLATE_NOOP("Labels", "Fork failed at the limit of processes")},
};

constexpr std::array kProcessStates{
    Label<std::string_view>{"R", QT_TRANSLATE_NOOP("Labels", "running")},
    Label<std::string_view>{"S", QT_TRANSLATE_NOOP("Labels", "sleeping")},
    Label<std::string_view>{"D", QT_TRANSLATE_NOOP("Labels", "waiting for I/O")},
    Label<std::string_view>{"Z", QT_TRANSLATE_NOOP("Labels", "zombie")},
    Label<std::string_view>{"T", QT_TRANSLATE_NOOP("Labels", "stopped")},
    Label<std::string_view>{"t", QT_TRANSLATE_NOOP("Labels", "traced")},
    Label<std::string_view>{"I", QT_TRANSLATE_NOOP("Labels", "idle")},
    Label<std::string_view>{"X", QT_TRANSLATE_NOOP("Labels", "dead")},
};

} // namespace

QString metricLabel(Metric metric)
{
    return label(kMetrics, metric);
}

QString unitLabel(MetricUnit unit)
{
    return label(kUnits, unit);
}

QString limitLabel(LimitKey key)
{
    return label(kLimits, key);
}

QString limitDescription(LimitKey key)
{
    return label(kLimitDescriptions, key);
}

QString freezerState(v1::FreezerState state)
{
    return label(kFreezerStates, state);
}

QString containerState(v1::ContainerState state)
{
    return state == v1::CONTAINER_STATE_UNSPECIFIED ? QString() : label(kContainerStates, state);
}

QString containerHealth(std::string_view health)
{
    return label(kHealths, health);
}

QString nodeKind(v1::NodeKind kind)
{
    return label(kNodeKinds, kind);
}

QString namespaceType(v1::NamespaceType type)
{
    return label(kNamespaceTypes, type);
}

QString severity(v1::Severity severity)
{
    return label(kSeverities, severity);
}

QString jobState(v1::JobState state)
{
    return label(kJobStates, state);
}

QString jobVerb(std::string_view verb)
{
    return label(kJobVerbs, verb);
}

QString jobPhase(std::string_view phase)
{
    constexpr std::string_view kCopy = "copy ";
    if (phase.starts_with(kCopy)) // "copy 2/3"
        return QCoreApplication::translate("Labels", "restoring container %1")
            .arg(QString::fromUtf8(phase.data() + kCopy.size(), static_cast<qsizetype>(phase.size() - kCopy.size())));
    // "pre-dump N BYTES"
    std::string_view rest = phase;
    if (takeToken(rest) == "pre-dump") {
        const auto round = parseU64(takeToken(rest));
        const auto saved = parseU64(takeToken(rest));
        if (round && saved && *saved == 0)
            return QCoreApplication::translate("Labels", "saving memory while it runs");
        if (round && saved)
            return QCoreApplication::translate("Labels",
                                               "saving what has changed while it runs: round %1, %2 are saved")
                .arg(*round)
                .arg(bytes(*saved));
    }
    return label(kJobPhases, phase);
}

QString checkpointTrigger(std::string_view trigger)
{
    return label(kCheckpointTriggers, trigger);
}

QString ruleName(const v1::AlertRule &rule)
{
    const char *translated = rule.built_in() ? find<std::string_view>(kRules, rule.id()) : nullptr;
    return translated == nullptr ? utf8(rule.name()) : tr(translated);
}

QString processState(std::string_view letter)
{
    return label(kProcessStates, letter);
}

} // namespace gantry::text
