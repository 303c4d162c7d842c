<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en">
<context>
    <name>Actions</name>
    <message numerus="yes">
        <source>&amp;Thaw %n cgroups</source>
        <translation>
            <numerusform>&amp;Thaw %n cgroup</numerusform>
            <numerusform>&amp;Thaw %n cgroups</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>&amp;Freeze %n cgroups</source>
        <translation>
            <numerusform>&amp;Freeze %n cgroup</numerusform>
            <numerusform>&amp;Freeze %n cgroups</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>&amp;Kill %n cgroups…</source>
        <translation>
            <numerusform>&amp;Kill %n cgroup…</numerusform>
            <numerusform>&amp;Kill %n cgroups…</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>&amp;Signal to %n cgroups…</source>
        <translation>
            <numerusform>&amp;Signal to %n cgroup…</numerusform>
            <numerusform>&amp;Signal to %n cgroups…</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>&amp;Remove %n cgroups…</source>
        <translation>
            <numerusform>&amp;Remove %n cgroup…</numerusform>
            <numerusform>&amp;Remove %n cgroups…</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>&amp;Copy %n paths</source>
        <translation>
            <numerusform>&amp;Copy %n path</numerusform>
            <numerusform>&amp;Copy %n paths</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>S&amp;tart %n containers</source>
        <translation>
            <numerusform>S&amp;tart %n container</numerusform>
            <numerusform>S&amp;tart %n containers</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Sto&amp;p %n containers…</source>
        <translation>
            <numerusform>Sto&amp;p %n container…</numerusform>
            <numerusform>Sto&amp;p %n containers…</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Rest&amp;art %n containers…</source>
        <translation>
            <numerusform>Rest&amp;art %n container…</numerusform>
            <numerusform>Rest&amp;art %n containers…</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Remo&amp;ve %n containers…</source>
        <translation>
            <numerusform>Remo&amp;ve %n container…</numerusform>
            <numerusform>Remo&amp;ve %n containers…</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Mi&amp;grate %n containers to another host…</source>
        <translation>
            <numerusform>Mi&amp;grate %n container to another host…</numerusform>
            <numerusform>Mi&amp;grate %n containers to another host…</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Checkpo&amp;int %n containers together…</source>
        <translation>
            <numerusform>Checkpo&amp;int %n container together…</numerusform>
            <numerusform>Checkpo&amp;int %n containers together…</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ContainerText</name>
    <message numerus="yes">
        <source>%n minute(s)</source>
        <translation>
            <numerusform>%n minute</numerusform>
            <numerusform>%n minutes</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>EventText</name>
    <message numerus="yes">
        <source>Protected memory was reclaimed %n time(s).</source>
        <translation>
            <numerusform>Protected memory was reclaimed %n time.</numerusform>
            <numerusform>Protected memory was reclaimed %n times.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>The soft memory limit was exceeded %n time(s).</source>
        <translation>
            <numerusform>The soft memory limit was exceeded %n time.</numerusform>
            <numerusform>The soft memory limit was exceeded %n times.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>The hard memory limit was hit %n time(s).</source>
        <translation>
            <numerusform>The hard memory limit was hit %n time.</numerusform>
            <numerusform>The hard memory limit was hit %n times.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>The cgroup ran out of memory %n time(s).</source>
        <translation>
            <numerusform>The cgroup ran out of memory %n time.</numerusform>
            <numerusform>The cgroup ran out of memory %n times.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>The kernel killed %n process(es) for lack of memory.</source>
        <translation>
            <numerusform>The kernel killed %n process for lack of memory.</numerusform>
            <numerusform>The kernel killed %n processes for lack of memory.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>The limit of processes refused %n fork(s).</source>
        <translation>
            <numerusform>The limit of processes refused %n fork.</numerusform>
            <numerusform>The limit of processes refused %n forks.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>The CPU limit throttled %n period(s).</source>
        <translation>
            <numerusform>The CPU limit throttled %n period.</numerusform>
            <numerusform>The CPU limit throttled %n periods.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n process(es) killed.</source>
        <translation>
            <numerusform>%n process killed.</numerusform>
            <numerusform>%n processes killed.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n process(es) moved.</source>
        <translation>
            <numerusform>%n process moved.</numerusform>
            <numerusform>%n processes moved.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n process(es) were killed, the whole cgroup.</source>
        <comment>memory.oom.group</comment>
        <translation>
            <numerusform>%n process was killed, the whole cgroup.</numerusform>
            <numerusform>%n processes were killed, the whole cgroup.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ProcessSummary</name>
    <message numerus="yes">
        <source>%n process(es): %1</source>
        <translation>
            <numerusform>%n process: %1</numerusform>
            <numerusform>%n processes: %1</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>WarningText</name>
    <message numerus="yes">
        <source>The %n process(es) of it are moved into the new cgroup %1 first.</source>
        <translation>
            <numerusform>The %n process of it is moved into the new cgroup %1 first.</numerusform>
            <numerusform>The %n processes of it are moved into the new cgroup %1 first.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>gantry::AlertModel</name>
    <message numerus="yes">
        <source>%n time(s)</source>
        <comment>how often an alert fired</comment>
        <translation>
            <numerusform>%n time</numerusform>
            <numerusform>%n times</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>gantry::AlertsPanel</name>
    <message numerus="yes">
        <source>Note for the %n selected alert(s), kept with who acknowledged:</source>
        <translation>
            <numerusform>Note for the selected alert, kept with who acknowledged:</numerusform>
            <numerusform>Note for the %n selected alerts, kept with who acknowledged:</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>gantry::BulkMigrateDialog</name>
    <message numerus="yes">
        <source>Migrate %n container(s)</source>
        <translation>
            <numerusform>Migrate %n container</numerusform>
            <numerusform>Migrate %n containers</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 of %2 can go; %n stay(s) here.</source>
        <translation>
            <numerusform>%1 of %2 can go; %n stays here.</numerusform>
            <numerusform>%1 of %2 can go; %n stay here.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>&amp;Migrate %n container(s)</source>
        <comment>button</comment>
        <translation>
            <numerusform>&amp;Migrate %n container</numerusform>
            <numerusform>&amp;Migrate %n containers</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>gantry::CheckDialog</name>
    <message numerus="yes">
        <source>%n process(es)</source>
        <translation>
            <numerusform>%n process</numerusform>
            <numerusform>%n processes</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>gantry::CheckpointDialog</name>
    <message numerus="yes">
        <source>It can be checkpointed: %n process(es).</source>
        <translation>
            <numerusform>It can be checkpointed: %n process.</numerusform>
            <numerusform>It can be checkpointed: %n processes.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>and %n more</source>
        <comment>files</comment>
        <translation>
            <numerusform>and %n more</numerusform>
            <numerusform>and %n more</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>gantry::CheckpointHelpDialog</name>
    <message numerus="yes">
        <source>%n cause(s)</source>
        <translation>
            <numerusform>%n cause</numerusform>
            <numerusform>%n causes</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>gantry::CheckpointNoteDialog</name>
    <message numerus="yes">
        <source>A text has at most %n byte(s).</source>
        <translation>
            <numerusform>A text has at most %n byte.</numerusform>
            <numerusform>A text has at most %n bytes.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>gantry::ConfirmDialog</name>
    <message numerus="yes">
        <source>%n process(es)</source>
        <translation>
            <numerusform>%n process</numerusform>
            <numerusform>%n processes</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>gantry::ControllersDialog</name>
    <message numerus="yes">
        <source>&amp;Make %1 and move the %n process(es) there</source>
        <translation>
            <numerusform>&amp;Make %1 and move the %n process there</numerusform>
            <numerusform>&amp;Make %1 and move the %n processes there</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 has %n process(es) of its own: cgroup v2 lets a cgroup have either processes or controllers for those below.</source>
        <translation>
            <numerusform>%1 has %n process of its own: cgroup v2 lets a cgroup have either processes or controllers for those below.</numerusform>
            <numerusform>%1 has %n processes of its own: cgroup v2 lets a cgroup have either processes or controllers for those below.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>gantry::CopyDialog</name>
    <message numerus="yes">
        <source>%n new container(s): %1</source>
        <translation>
            <numerusform>%n new container: %1</numerusform>
            <numerusform>%n new containers: %1</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n thing(s) stand in the way:</source>
        <translation>
            <numerusform>%n thing stands in the way:</numerusform>
            <numerusform>%n things stand in the way:</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n new container(s) on %1: %2</source>
        <translation>
            <numerusform>%n new container on %1: %2</numerusform>
            <numerusform>%n new containers on %1: %2</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>gantry::EventsPage</name>
    <message numerus="yes">
        <source>%n event(s) were lost: too many at once.</source>
        <translation>
            <numerusform>%n event was lost: too many at once.</numerusform>
            <numerusform>%n events were lost: too many at once.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>gantry::FewLinesDelegate</name>
    <message numerus="yes">
        <source>… %n more line(s)</source>
        <translation>
            <numerusform>… %n more line</numerusform>
            <numerusform>… %n more lines</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>gantry::GroupDialog</name>
    <message numerus="yes">
        <source>Checkpoint %n containers together</source>
        <translation>
            <numerusform>Checkpoint %n container together</numerusform>
            <numerusform>Checkpoint %n containers together</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Restore %n containers together</source>
        <translation>
            <numerusform>Restore %n container together</numerusform>
            <numerusform>Restore %n containers together</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>gantry::HostTreeView</name>
    <message numerus="yes">
        <source>%n containers</source>
        <translation>
            <numerusform>%n container</numerusform>
            <numerusform>%n containers</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>gantry::MigrateDialog</name>
    <message numerus="yes">
        <source>%1 cannot go to %2: %n thing(s) stand in the way.</source>
        <translation>
            <numerusform>%1 cannot go to %2: something stands in the way.</numerusform>
            <numerusform>%1 cannot go to %2: %n things stand in the way.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>gantry::NewCgroupDialog</name>
    <message numerus="yes">
        <source>A name has at most %n byte(s).</source>
        <translation>
            <numerusform>A name has at most %n byte.</numerusform>
            <numerusform>A name has at most %n bytes.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>gantry::NodeTreeModel</name>
    <message numerus="yes">
        <source>%n open alert(s) here and below</source>
        <translation>
            <numerusform>%n open alert here and below</numerusform>
            <numerusform>%n open alerts here and below</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>gantry::ProcessesPage</name>
    <message numerus="yes">
        <source>%n more process(es) are not listed.</source>
        <translation>
            <numerusform>%n more process is not listed.</numerusform>
            <numerusform>%n more processes are not listed.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>gantry::RestoreDialog</name>
    <message numerus="yes">
        <source>%1 and %n more</source>
        <comment>pids</comment>
        <translation>
            <numerusform>%1 and %n more</numerusform>
            <numerusform>%1 and %n more</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n process(es) that run now will end: %1.</source>
        <translation>
            <numerusform>%n process that runs now will end: %1.</numerusform>
            <numerusform>%n processes that run now will end: %1.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>and %n more</source>
        <comment>files</comment>
        <translation>
            <numerusform>and %n more</numerusform>
            <numerusform>and %n more</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>gantry::ScheduleDialog</name>
    <message numerus="yes">
        <source>Last: %1. %n taken</source>
        <comment>checkpoints</comment>
        <translation>
            <numerusform>Last: %1. %n taken</numerusform>
            <numerusform>Last: %1. %n taken</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Brought back %n time(s)</source>
        <translation>
            <numerusform>Brought back once</numerusform>
            <numerusform>Brought back %n times</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n checkpoint(s) would go with the next one, the oldest of %1.</source>
        <translation>
            <numerusform>%n checkpoint would go with the next one, that of %1.</numerusform>
            <numerusform>%n checkpoints would go with the next one, the oldest of %1.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>gantry::TimelinePage</name>
    <message numerus="yes">
        <source>%n checkpoint(s) selected</source>
        <translation>
            <numerusform>%n checkpoint selected</numerusform>
            <numerusform>%n checkpoints selected</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>gantry::TimelineTreeModel</name>
    <message numerus="yes">
        <source>Branch of %n checkpoint(s)</source>
        <translation>
            <numerusform>Branch of %n checkpoint</numerusform>
            <numerusform>Branch of %n checkpoints</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>gantry::TimelineView</name>
    <message numerus="yes">
        <source>%n checkpoint(s)</source>
        <translation>
            <numerusform>%n checkpoint</numerusform>
            <numerusform>%n checkpoints</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n branch(es)</source>
        <translation>
            <numerusform>%n branch</numerusform>
            <numerusform>%n branches</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n selected</source>
        <translation>
            <numerusform>%n selected</numerusform>
            <numerusform>%n selected</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>gantry::console::BulkMigrations</name>
    <message numerus="yes">
        <source>%1 of %n container(s) moved from %2.</source>
        <translation>
            <numerusform>%1 of %n container moved from %2.</numerusform>
            <numerusform>%1 of %n containers moved from %2.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>gantry::console::ForkController</name>
    <message numerus="yes">
        <source>%n new container(s) run on %1: %2</source>
        <translation>
            <numerusform>%n new container runs on %1: %2</numerusform>
            <numerusform>%n new containers run on %1: %2</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>gantry::console::GroupController</name>
    <message numerus="yes">
        <source>%n containers are being saved together…</source>
        <translation>
            <numerusform>%n container is being saved…</numerusform>
            <numerusform>%n containers are being saved together…</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n containers are being restored together…</source>
        <translation>
            <numerusform>%n container is being restored…</numerusform>
            <numerusform>%n containers are being restored together…</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n containers are saved, as they were at one instant (within %1).</source>
        <translation>
            <numerusform>%n container is saved (within %1).</numerusform>
            <numerusform>%n containers are saved, as they were at one instant (within %1).</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n containers run again, as they were at one instant.</source>
        <translation>
            <numerusform>%n container runs again.</numerusform>
            <numerusform>%n containers run again, as they were at one instant.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>gantry::console::MainWindow</name>
    <message numerus="yes">
        <source>%n path(s) copied.</source>
        <translation>
            <numerusform>%n path copied.</numerusform>
            <numerusform>%n paths copied.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>gantry::console::MigrationController</name>
    <message numerus="yes">
        <source>%n of %1 can go to %2.</source>
        <translation>
            <numerusform>%n of %1 can go to %2.</numerusform>
            <numerusform>%n of %1 can go to %2.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>gantry::console::StatusLine</name>
    <message numerus="yes">
        <source>%1, %n CPU(s), %2 of memory</source>
        <comment>operating system, size</comment>
        <translation>
            <numerusform>%1, %n CPU, %2 of memory</numerusform>
            <numerusform>%1, %n CPUs, %2 of memory</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>gantry::console::TrayIcon</name>
    <message numerus="yes">
        <source>Gantry: %n open alert(s)</source>
        <translation>
            <numerusform>Gantry: %n open alert</numerusform>
            <numerusform>Gantry: %n open alerts</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>gantry::console::Verbs</name>
    <message numerus="yes">
        <source>%n process(es) will stop until thawed.</source>
        <translation>
            <numerusform>%n process will stop until thawed.</numerusform>
            <numerusform>%n processes will stop until thawed.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n process(es) will run on.</source>
        <translation>
            <numerusform>%n process will run on.</numerusform>
            <numerusform>%n processes will run on.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n cgroup(s) frozen.</source>
        <translation>
            <numerusform>%n cgroup frozen.</numerusform>
            <numerusform>%n cgroups frozen.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n cgroup(s) thawed.</source>
        <translation>
            <numerusform>%n cgroup thawed.</numerusform>
            <numerusform>%n cgroups thawed.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n process(es) of the cgroups and of those below get SIGKILL. This cannot be undone.</source>
        <translation>
            <numerusform>%n process of the cgroups and of those below gets SIGKILL. This cannot be undone.</numerusform>
            <numerusform>%n processes of the cgroups and of those below get SIGKILL. This cannot be undone.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Kill %n process(es)</source>
        <translation>
            <numerusform>Kill %n process</numerusform>
            <numerusform>Kill %n processes</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n process(es) killed.</source>
        <translation>
            <numerusform>%n process killed.</numerusform>
            <numerusform>%n processes killed.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n process(es) do not die: they wait in the kernel.</source>
        <translation>
            <numerusform>%n process does not die: it waits in the kernel.</numerusform>
            <numerusform>%n processes do not die: they wait in the kernel.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n process(es) will get %1.</source>
        <translation>
            <numerusform>%n process will get %1.</numerusform>
            <numerusform>%n processes will get %1.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Signal delivered to %n process(es).</source>
        <translation>
            <numerusform>Signal delivered to %n process.</numerusform>
            <numerusform>Signal delivered to %n processes.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>The signal did not reach %n process(es).</source>
        <translation>
            <numerusform>The signal did not reach %n process.</numerusform>
            <numerusform>The signal did not reach %n processes.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n process(es) will move to %1, all or none.</source>
        <translation>
            <numerusform>%n process will move to %1, all or none.</numerusform>
            <numerusform>%n processes will move to %1, all or none.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n process(es) moved to %1.</source>
        <translation>
            <numerusform>%n process moved to %1.</numerusform>
            <numerusform>%n processes moved to %1.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n cgroup(s) removed.</source>
        <translation>
            <numerusform>%n cgroup removed.</numerusform>
            <numerusform>%n cgroups removed.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n container(s) will be started.</source>
        <translation>
            <numerusform>%n container will be started.</numerusform>
            <numerusform>%n containers will be started.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n container(s) will get SIGTERM, and SIGKILL when the patience of the runtime ends.</source>
        <translation>
            <numerusform>%n container will get SIGTERM, and SIGKILL when the patience of the runtime ends.</numerusform>
            <numerusform>%n containers will get SIGTERM, and SIGKILL when the patience of the runtime ends.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n container(s) will be stopped and started again.</source>
        <translation>
            <numerusform>%n container will be stopped and started again.</numerusform>
            <numerusform>%n containers will be stopped and started again.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n container(s) will be gone with all files that are in no volume. This cannot be undone.</source>
        <translation>
            <numerusform>%n container will be gone with all its files that are in no volume. This cannot be undone.</numerusform>
            <numerusform>%n containers will be gone with all files that are in no volume. This cannot be undone.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n checkpoint(s) will be gone. This cannot be undone.</source>
        <translation>
            <numerusform>%n checkpoint will be gone. This cannot be undone.</numerusform>
            <numerusform>%n checkpoints will be gone. This cannot be undone.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n checkpoint(s) removed.</source>
        <translation>
            <numerusform>%n checkpoint removed.</numerusform>
            <numerusform>%n checkpoints removed.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n checkpoint(s) changed.</source>
        <translation>
            <numerusform>%n checkpoint changed.</numerusform>
            <numerusform>%n checkpoints changed.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n checkpoint(s) go to %1.</source>
        <translation>
            <numerusform>%n checkpoint goes to %1.</numerusform>
            <numerusform>%n checkpoints go to %1.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n checkpoint(s) exported: %1, %2.</source>
        <comment>file, bytes</comment>
        <translation>
            <numerusform>%n checkpoint exported: %1, %2.</numerusform>
            <numerusform>%n checkpoints exported: %1, %2.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n of them was, or were, here before.</source>
        <translation>
            <numerusform>%n of them was here before.</numerusform>
            <numerusform>%n of them were here before.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n checkpoint(s) imported.</source>
        <translation>
            <numerusform>%n checkpoint imported.</numerusform>
            <numerusform>%n checkpoints imported.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n new container(s) run: %1</source>
        <translation>
            <numerusform>%n new container runs: %1</numerusform>
            <numerusform>%n new containers run: %1</numerusform>
        </translation>
    </message>
</context>
</TS>
