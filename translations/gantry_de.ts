<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de">
<context>
    <name></name>
    <message>
        <source>%1: %2</source>
        <comment>column: value</comment>
        <translation>%1: %2</translation>
    </message>
</context>
<context>
    <name>Actions</name>
    <message>
        <source>%1 has no cgroup of its own.</source>
        <translation>%1 hat keine eigene Cgroup.</translation>
    </message>
    <message>
        <source>The root cgroup holds the whole host.</source>
        <translation>Die Wurzel-Cgroup enthält den ganzen Rechner.</translation>
    </message>
    <message>
        <source>%1 is protected: %2.</source>
        <translation>%1 ist geschützt: %2.</translation>
    </message>
    <message>
        <source>%1 is in no hierarchy with a freezer.</source>
        <translation>%1 liegt in keiner Hierarchie mit Freezer.</translation>
    </message>
    <message>
        <source>%1 is frozen by an ancestor; thaw that one.</source>
        <translation>%1 ist durch eine übergeordnete Cgroup eingefroren; tauen Sie diese auf.</translation>
    </message>
    <message>
        <source>%1 has cgroups below it.</source>
        <translation>%1 enthält weitere Cgroups.</translation>
    </message>
    <message>
        <source>%1 still has processes.</source>
        <translation>%1 enthält noch Prozesse.</translation>
    </message>
    <message>
        <source>%1 is no container&apos;s cgroup.</source>
        <translation>%1 gehört zu keinem Container.</translation>
    </message>
    <message numerus="yes">
        <source>&amp;Thaw %n cgroups</source>
        <translation>
            <numerusform>%n Cgroup &amp;auftauen</numerusform>
            <numerusform>%n Cgroups &amp;auftauen</numerusform>
        </translation>
    </message>
    <message>
        <source>&amp;Thaw</source>
        <translation>&amp;Auftauen</translation>
    </message>
    <message numerus="yes">
        <source>&amp;Freeze %n cgroups</source>
        <translation>
            <numerusform>%n Cgroup ein&amp;frieren</numerusform>
            <numerusform>%n Cgroups ein&amp;frieren</numerusform>
        </translation>
    </message>
    <message>
        <source>&amp;Freeze</source>
        <translation>Ein&amp;frieren</translation>
    </message>
    <message numerus="yes">
        <source>&amp;Kill %n cgroups…</source>
        <translation>
            <numerusform>%n Cgroup a&amp;bschießen…</numerusform>
            <numerusform>%n Cgroups a&amp;bschießen…</numerusform>
        </translation>
    </message>
    <message>
        <source>&amp;Kill…</source>
        <translation>A&amp;bschießen…</translation>
    </message>
    <message numerus="yes">
        <source>&amp;Signal to %n cgroups…</source>
        <translation>
            <numerusform>&amp;Signal an %n Cgroup…</numerusform>
            <numerusform>&amp;Signal an %n Cgroups…</numerusform>
        </translation>
    </message>
    <message>
        <source>&amp;Signal…</source>
        <translation>&amp;Signal…</translation>
    </message>
    <message>
        <source>&amp;Move processes…</source>
        <translation>Prozesse &amp;verschieben…</translation>
    </message>
    <message>
        <source>Set &amp;limits</source>
        <translation>&amp;Grenzen setzen</translation>
    </message>
    <message>
        <source>&amp;New cgroup…</source>
        <translation>&amp;Neue Cgroup…</translation>
    </message>
    <message numerus="yes">
        <source>&amp;Remove %n cgroups…</source>
        <translation>
            <numerusform>%n Cgroup &amp;entfernen…</numerusform>
            <numerusform>%n Cgroups &amp;entfernen…</numerusform>
        </translation>
    </message>
    <message>
        <source>&amp;Remove cgroup…</source>
        <translation>Cgroup &amp;entfernen…</translation>
    </message>
    <message>
        <source>&amp;Undo</source>
        <translation>&amp;Rückgängig</translation>
    </message>
    <message>
        <source>&amp;Redo</source>
        <translation>&amp;Wiederholen</translation>
    </message>
    <message>
        <source>&amp;Refresh</source>
        <translation>&amp;Aktualisieren</translation>
    </message>
    <message numerus="yes">
        <source>&amp;Copy %n paths</source>
        <translation>
            <numerusform>%n Pfad &amp;kopieren</numerusform>
            <numerusform>%n Pfade &amp;kopieren</numerusform>
        </translation>
    </message>
    <message>
        <source>&amp;Copy path</source>
        <translation>Pfad &amp;kopieren</translation>
    </message>
    <message>
        <source>&amp;Jump to container or cgroup</source>
        <translation>&amp;Zum Container oder zur Cgroup</translation>
    </message>
    <message>
        <source>&amp;Save tree as CSV…</source>
        <translation>Baum als &amp;CSV speichern…</translation>
    </message>
    <message>
        <source>&amp;Back</source>
        <translation>&amp;Zurück</translation>
    </message>
    <message>
        <source>&amp;Forward</source>
        <translation>&amp;Vorwärts</translation>
    </message>
    <message>
        <source>F&amp;ilter the tree</source>
        <translation>Baum f&amp;iltern</translation>
    </message>
    <message>
        <source>&amp;All actions…</source>
        <translation>&amp;Alle Aktionen…</translation>
    </message>
    <message>
        <source>&amp;Keys</source>
        <translation>&amp;Tasten</translation>
    </message>
    <message>
        <source>&amp;Quit</source>
        <translation>&amp;Beenden</translation>
    </message>
    <message>
        <source>&amp;Look only</source>
        <translation>Nur &amp;ansehen</translation>
    </message>
    <message>
        <source>&amp;Desktop notifications</source>
        <translation>&amp;Benachrichtigungen auf dem Desktop</translation>
    </message>
    <message>
        <source>%1 is not in a cgroup v2 hierarchy; v1 mounts each controller whole.</source>
        <translation>%1 ist in keiner Cgroup-v2-Hierarchie; v1 hängt jeden Controller als Ganzes ein.</translation>
    </message>
    <message>
        <source>Memory is not on cgroup v2 here; only v2 can reclaim it.</source>
        <translation>Der Speicher ist hier nicht bei Cgroup v2; nur v2 kann ihn zurückholen.</translation>
    </message>
    <message>
        <source>C&amp;ontrollers…</source>
        <translation>C&amp;ontroller…</translation>
    </message>
    <message>
        <source>R&amp;eclaim memory…</source>
        <translation>Speicher &amp;zurückholen…</translation>
    </message>
    <message>
        <source>The host has not told yet which cgroup hierarchies it has.</source>
        <translation>Der Rechner hat noch nicht gesagt, welche Cgroup-Hierarchien er hat.</translation>
    </message>
    <message>
        <source>%1 is no container.</source>
        <translation>%1 ist kein Container.</translation>
    </message>
    <message>
        <source>The runtime of %1 does not answer: %2.</source>
        <translation>Die Laufzeitumgebung von %1 antwortet nicht: %2.</translation>
    </message>
    <message>
        <source>No runtime says that %1 is its own.</source>
        <translation>Keine Laufzeitumgebung nennt %1 ihr eigen.</translation>
    </message>
    <message>
        <source>%1 cannot do that with %2.</source>
        <translation>%1 kann das mit %2 nicht tun.</translation>
    </message>
    <message>
        <source>%1 runs: stop it first.</source>
        <translation>%1 läuft: erst stoppen.</translation>
    </message>
    <message numerus="yes">
        <source>S&amp;tart %n containers</source>
        <translation>
            <numerusform>%n Container s&amp;tarten</numerusform>
            <numerusform>%n Container s&amp;tarten</numerusform>
        </translation>
    </message>
    <message>
        <source>S&amp;tart container</source>
        <translation>Container s&amp;tarten</translation>
    </message>
    <message numerus="yes">
        <source>Sto&amp;p %n containers…</source>
        <translation>
            <numerusform>%n Container sto&amp;ppen…</numerusform>
            <numerusform>%n Container sto&amp;ppen…</numerusform>
        </translation>
    </message>
    <message>
        <source>Sto&amp;p container…</source>
        <translation>Container sto&amp;ppen…</translation>
    </message>
    <message numerus="yes">
        <source>Rest&amp;art %n containers…</source>
        <translation>
            <numerusform>%n Container ne&amp;u starten…</numerusform>
            <numerusform>%n Container ne&amp;u starten…</numerusform>
        </translation>
    </message>
    <message>
        <source>Rest&amp;art container…</source>
        <translation>Container ne&amp;u starten…</translation>
    </message>
    <message numerus="yes">
        <source>Remo&amp;ve %n containers…</source>
        <translation>
            <numerusform>%n Container lösc&amp;hen…</numerusform>
            <numerusform>%n Container lösc&amp;hen…</numerusform>
        </translation>
    </message>
    <message>
        <source>Remo&amp;ve container…</source>
        <translation>Container lösc&amp;hen…</translation>
    </message>
    <message>
        <source>%1: %2 cannot do that with a container that is %3.</source>
        <comment>name, runtime, state</comment>
        <translation>%1: %2 kann das mit einem Container im Zustand „%3“ nicht tun.</translation>
    </message>
    <message>
        <source>%1 does not run.</source>
        <translation>%1 läuft nicht.</translation>
    </message>
    <message>
        <source>%1 is no container and no cgroup.</source>
        <translation>%1 ist weder Container noch Cgroup.</translation>
    </message>
    <message>
        <source>Can it be chec&amp;kpointed?…</source>
        <translation>Chec&amp;kpoint möglich?…</translation>
    </message>
    <message>
        <source>&amp;What can be checkpointed</source>
        <translation>&amp;Was sich sichern lässt</translation>
    </message>
    <message>
        <source>%1 keeps the state of %2; Gantry cannot checkpoint through it yet.</source>
        <translation>%1 führt den Zustand von %2; Gantry kann darüber noch nicht sichern.</translation>
    </message>
    <message>
        <source>Checkpo&amp;int…</source>
        <translation>Checkpo&amp;int…</translation>
    </message>
    <message>
        <source>Sche&amp;dule checkpoints…</source>
        <translation>&amp;Regelmäßig sichern…</translation>
    </message>
    <message>
        <source>Add &amp;host…</source>
        <translation>Rechner &amp;hinzufügen…</translation>
    </message>
    <message>
        <source>Ch&amp;ange host…</source>
        <translation>Rechner &amp;ändern…</translation>
    </message>
    <message>
        <source>Re&amp;move host from the list…</source>
        <translation>Rechner aus der Liste ent&amp;fernen…</translation>
    </message>
    <message>
        <source>C&amp;onnect</source>
        <translation>Verbi&amp;nden</translation>
    </message>
    <message>
        <source>D&amp;isconnect</source>
        <translation>&amp;Trennen</translation>
    </message>
    <message>
        <source>%1 is paused.</source>
        <translation>%1 ist angehalten.</translation>
    </message>
    <message>
        <source>%1 keeps %2: only what &quot;gantryctl run&quot; started can be migrated.</source>
        <translation>%1 verwaltet %2: Umziehen kann nur, was „gantryctl run“ gestartet hat.</translation>
    </message>
    <message>
        <source>Mi&amp;grate to another host…</source>
        <translation>Auf einen anderen Host um&amp;ziehen…</translation>
    </message>
    <message numerus="yes">
        <source>Mi&amp;grate %n containers to another host…</source>
        <translation>
            <numerusform>%n Container auf einen anderen Host &amp;umziehen…</numerusform>
            <numerusform>%n Container auf einen anderen Host &amp;umziehen…</numerusform>
        </translation>
    </message>
    <message>
        <source>E&amp;vacuate this host…</source>
        <translation>Diesen Host &amp;räumen…</translation>
    </message>
    <message numerus="yes">
        <source>Checkpo&amp;int %n containers together…</source>
        <translation>
            <numerusform>%n Container zusammen s&amp;ichern…</numerusform>
            <numerusform>%n Container zusammen s&amp;ichern…</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Causes</name>
    <message>
        <source>CRIU, which does the checkpoint, is not installed.</source>
        <translation>CRIU, das den Checkpoint macht, ist nicht installiert.</translation>
    </message>
    <message>
        <source>Install the package criu, or name its path in GANTRY_CRIU.</source>
        <translation>Das Paket criu installieren oder seinen Pfad in GANTRY_CRIU nennen.</translation>
    </message>
    <message>
        <source>CRIU does not work on this kernel.</source>
        <translation>CRIU arbeitet mit diesem Kernel nicht.</translation>
    </message>
    <message>
        <source>Install a newer CRIU: 4.2.1 works on kernels up to 6.18.</source>
        <translation>Ein neueres CRIU installieren: 4.2.1 arbeitet mit Kerneln bis 6.18.</translation>
    </message>
    <message>
        <source>Gantry may not look at this process, and CRIU could not either.</source>
        <translation>Gantry darf diesen Prozess nicht ansehen, und CRIU könnte es auch nicht.</translation>
    </message>
    <message>
        <source>Run it as root.</source>
        <translation>Als root starten.</translation>
    </message>
    <message>
        <source>CRIU may not read the resource limits of another user&apos;s process: CAP_SYS_RESOURCE is missing on this machine.</source>
        <translation>CRIU darf die Ressourcengrenzen eines Prozesses eines anderen Benutzers nicht lesen: CAP_SYS_RESOURCE fehlt auf diesem Rechner.</translation>
    </message>
    <message>
        <source>Run the workload as the user of CRIU, or in a user namespace of its own.</source>
        <translation>Als der Benutzer von CRIU laufen lassen oder in einem eigenen User-Namespace.</translation>
    </message>
    <message>
        <source>CRIU cannot save an io_uring.</source>
        <translation>CRIU kann ein io_uring nicht sichern.</translation>
    </message>
    <message>
        <source>Turn it off in the program (Node.js: UV_USE_IO_URING=0; databases have a setting for it).</source>
        <translation>Im Programm abschalten (Node.js: UV_USE_IO_URING=0; Datenbanken haben eine Einstellung dafür).</translation>
    </message>
    <message>
        <source>CRIU cannot save a file of this kind.</source>
        <translation>CRIU kann eine Datei dieser Art nicht sichern.</translation>
    </message>
    <message>
        <source>Close it, or end the feature that uses it, before the checkpoint.</source>
        <translation>Vor dem Checkpoint schließen oder beenden, was sie benutzt.</translation>
    </message>
    <message>
        <source>CRIU cannot save an open device of this kind.</source>
        <translation>CRIU kann ein offenes Gerät dieser Art nicht sichern.</translation>
    </message>
    <message>
        <source>Close it before the checkpoint; GPUs need CRIU&apos;s plugin for them.</source>
        <translation>Vor dem Checkpoint schließen; GPUs brauchen das Plugin von CRIU.</translation>
    </message>
    <message>
        <source>Memory of a device is mapped, which CRIU cannot save.</source>
        <translation>Speicher eines Geräts ist eingeblendet; den kann CRIU nicht sichern.</translation>
    </message>
    <message>
        <source>Close the device before the checkpoint.</source>
        <translation>Das Gerät vor dem Checkpoint schließen.</translation>
    </message>
    <message>
        <source>A tracer (bpftrace, perf) has put probes into this process.</source>
        <translation>Ein Tracer (bpftrace, perf) hat Sonden in diesen Prozess gesetzt.</translation>
    </message>
    <message>
        <source>The probes are gone after a restore: remove them first.</source>
        <translation>Nach dem Wiederherstellen sind die Sonden weg: vorher entfernen.</translation>
    </message>
    <message>
        <source>A UNIX stream connection leads to a process that is not part of it, and cannot be made anew at a restore.</source>
        <translation>Eine UNIX-Stream-Verbindung führt zu einem Prozess, der nicht dazugehört, und kann beim Wiederherstellen nicht neu entstehen.</translation>
    </message>
    <message>
        <source>Let the program close it first (D-Bus, X11 and the journal&apos;s stdout are the usual ones), or save both ends.</source>
        <translation>Das Programm sie erst schließen lassen (meist D-Bus, X11 oder die Standardausgabe ins Journal) oder beide Enden sichern.</translation>
    </message>
    <message>
        <source>A datagram socket sends to a UNIX socket outside, which must be there again at a restore.</source>
        <translation>Ein Datagramm-Socket sendet an einen UNIX-Socket draußen; der muss beim Wiederherstellen wieder da sein.</translation>
    </message>
    <message>
        <source>An established TCP connection is saved with it; it lives on only if it is restored soon, with the same address.</source>
        <translation>Eine bestehende TCP-Verbindung wird mitgesichert; sie lebt nur weiter, wenn bald und mit derselben Adresse wiederhergestellt wird.</translation>
    </message>
    <message>
        <source>A TCP connection is just being made: it will be dropped.</source>
        <translation>Eine TCP-Verbindung entsteht gerade: sie geht verloren.</translation>
    </message>
    <message>
        <source>CRIU cannot save a socket of this protocol.</source>
        <translation>CRIU kann einen Socket dieses Protokolls nicht sichern.</translation>
    </message>
    <message>
        <source>Close it before the checkpoint (Go programs listen by MPTCP unless GODEBUG=multipathtcp=0 is set).</source>
        <translation>Vor dem Checkpoint schließen (Go-Programme lauschen mit MPTCP, wenn nicht GODEBUG=multipathtcp=0 gesetzt ist).</translation>
    </message>
    <message>
        <source>It uses a terminal that belongs to a process outside.</source>
        <translation>Es benutzt ein Terminal, das einem Prozess draußen gehört.</translation>
    </message>
    <message>
        <source>A restore needs another terminal in its place; start it without one where it is not needed.</source>
        <translation>Beim Wiederherstellen braucht es ein anderes Terminal; ohne starten, wo keins nötig ist.</translation>
    </message>
    <message>
        <source>Its first process does not lead its session.</source>
        <translation>Der erste Prozess führt seine Sitzung nicht an.</translation>
    </message>
    <message>
        <source>A process is in a session or process group whose leader is not part of it.</source>
        <translation>Ein Prozess ist in einer Sitzung oder Prozessgruppe, deren Anführer nicht dazugehört.</translation>
    </message>
    <message>
        <source>Checkpoint the whole session, or start the workload with setsid.</source>
        <translation>Die ganze Sitzung sichern oder mit setsid starten.</translation>
    </message>
    <message>
        <source>It holds locks on files.</source>
        <translation>Es hält Sperren auf Dateien.</translation>
    </message>
    <message>
        <source>A file that is open was deleted: its content goes into the checkpoint.</source>
        <translation>Eine offene Datei wurde gelöscht: ihr Inhalt kommt in den Checkpoint.</translation>
    </message>
    <message>
        <source>A big file that is open was deleted: its content goes into the checkpoint, while the program stands still.</source>
        <translation>Eine große offene Datei wurde gelöscht: ihr Inhalt kommt in den Checkpoint, solange das Programm stillsteht.</translation>
    </message>
    <message>
        <source>A file was opened outside of its mount namespace.</source>
        <translation>Eine Datei wurde außerhalb des Mount-Namespace geöffnet.</translation>
    </message>
    <message>
        <source>Give the program a pipe instead, or let it open the file inside.</source>
        <translation>Dem Programm stattdessen eine Pipe geben oder es die Datei drinnen öffnen lassen.</translation>
    </message>
    <message>
        <source>Something is mounted over an open file.</source>
        <translation>Über einer offenen Datei ist etwas eingehängt.</translation>
    </message>
    <message>
        <source>Unmount it, or let the program open the file anew.</source>
        <translation>Aushängen oder das Programm die Datei neu öffnen lassen.</translation>
    </message>
    <message>
        <source>It watches files of an overlay by inotify, which CRIU cannot find.</source>
        <translation>Es beobachtet mit inotify Dateien eines Overlays; die kann CRIU nicht finden.</translation>
    </message>
    <message>
        <source>Turn watching off in the program, or put the watched folder on a volume.</source>
        <translation>Das Beobachten im Programm abschalten oder den Ordner auf ein Volume legen.</translation>
    </message>
    <message>
        <source>A FUSE file system is mounted in it, whose server is elsewhere.</source>
        <translation>Darin ist ein FUSE-Dateisystem eingehängt, dessen Server anderswo läuft.</translation>
    </message>
    <message>
        <source>Unmount it before the checkpoint.</source>
        <translation>Vor dem Checkpoint aushängen.</translation>
    </message>
    <message>
        <source>CRIU does not know this file system in a container.</source>
        <translation>CRIU kennt dieses Dateisystem in einem Container nicht.</translation>
    </message>
    <message>
        <source>A process inside has a namespace of its own, which CRIU cannot nest.</source>
        <translation>Ein Prozess darin hat einen eigenen Namespace; den kann CRIU nicht schachteln.</translation>
    </message>
    <message>
        <source>Start it without (systemd: ProtectHostname=no, PrivateIPC=no), or checkpoint that process alone.</source>
        <translation>Ohne ihn starten (systemd: ProtectHostname=no, PrivateIPC=no) oder diesen Prozess allein sichern.</translation>
    </message>
    <message>
        <source>It is in a pid namespace, whose first process is not part of it.</source>
        <translation>Es ist in einem PID-Namespace, dessen erster Prozess nicht dazugehört.</translation>
    </message>
    <message>
        <source>Checkpoint the whole container.</source>
        <translation>Den ganzen Container sichern.</translation>
    </message>
    <message>
        <source>A debugger or tracer is attached.</source>
        <translation>Ein Debugger oder Tracer hängt daran.</translation>
    </message>
    <message>
        <source>Detach it (gdb, strace).</source>
        <translation>Ihn lösen (gdb, strace).</translation>
    </message>
    <message>
        <source>It waits for the kernel and cannot be stopped meanwhile.</source>
        <translation>Es wartet auf den Kernel und kann so lange nicht angehalten werden.</translation>
    </message>
    <message>
        <source>Often that passes in a moment; if not, the disk or network file system it waits for hangs.</source>
        <translation>Oft ist das gleich vorbei; wenn nicht, hängt die Platte oder das Netzdateisystem, worauf es wartet.</translation>
    </message>
    <message>
        <source>The process forbade that it is looked at (PR_SET_DUMPABLE).</source>
        <translation>Der Prozess hat verboten, dass man ihn ansieht (PR_SET_DUMPABLE).</translation>
    </message>
    <message>
        <source>Programs that change their user must allow it again.</source>
        <translation>Programme, die ihren Benutzer wechseln, müssen es wieder erlauben.</translation>
    </message>
    <message>
        <source>Gantry itself runs in it.</source>
        <translation>Gantry selbst läuft darin.</translation>
    </message>
    <message>
        <source>Start Gantry elsewhere.</source>
        <translation>Gantry anderswo starten.</translation>
    </message>
    <message>
        <source>A process in it was not started by its first one (podman exec), and is not part of the checkpoint.</source>
        <translation>Ein Prozess darin wurde nicht vom ersten gestartet (podman exec) und kommt nicht in den Checkpoint.</translation>
    </message>
    <message>
        <source>Let it end first.</source>
        <translation>Ihn erst enden lassen.</translation>
    </message>
    <message>
        <source>A part of it could not be looked at.</source>
        <translation>Ein Teil konnte nicht angesehen werden.</translation>
    </message>
    <message>
        <source>The leader of its session is outside of its pid namespace.</source>
        <translation>Der Anführer seiner Sitzung ist außerhalb seines PID-Namensraums.</translation>
    </message>
    <message>
        <source>Start it with setsid (nsenter and unshare do not by themselves).</source>
        <translation>Mit setsid starten (nsenter und unshare tun das nicht von selbst).</translation>
    </message>
    <message>
        <source>System V shared memory is attached that belongs to the whole host.</source>
        <translation>Ein System-V-Speicherbereich ist eingebunden, der dem ganzen Rechner gehört.</translation>
    </message>
    <message>
        <source>Run the workload in an IPC namespace of its own, as a container has.</source>
        <translation>Das Programm in einem eigenen IPC-Namensraum betreiben, wie ihn ein Container hat.</translation>
    </message>
    <message>
        <source>A datagram socket is connected to one outside that has no name to find it by.</source>
        <translation>Ein Datagramm-Socket ist mit einem außerhalb verbunden, der keinen Namen hat, unter dem er zu finden wäre.</translation>
    </message>
    <message>
        <source>Let the program close it first, or save both ends.</source>
        <translation>Das Programm es zuerst schließen lassen oder beide Enden sichern.</translation>
    </message>
    <message>
        <source>Its first thread has ended while others run on.</source>
        <translation>Sein erster Thread ist beendet, während andere weiterlaufen.</translation>
    </message>
    <message>
        <source>Programs that end their main thread cannot be saved: let it wait for the others instead.</source>
        <translation>Programme, die ihren Haupt-Thread beenden, lassen sich nicht sichern: Er muss auf die anderen warten.</translation>
    </message>
    <message>
        <source>Just then a socket held something on its way that CRIU cannot save.</source>
        <translation>In diesem Augenblick war in einem Socket etwas unterwegs, das CRIU nicht sichern kann.</translation>
    </message>
    <message>
        <source>Try again: it passes as soon as the program reads or sends.</source>
        <translation>Noch einmal versuchen: Es vergeht, sobald das Programm liest oder sendet.</translation>
    </message>
    <message>
        <source>A mount comes from the host, and CRIU was not told what to put in its place.</source>
        <translation>Eine Einhängung kommt vom Rechner, und CRIU weiß nicht, was an ihre Stelle gehört.</translation>
    </message>
    <message>
        <source>Let the container&apos;s own runtime make the checkpoint: it tells CRIU of its mounts.</source>
        <translation>Die Laufzeitumgebung des Containers den Checkpoint machen lassen: Sie nennt CRIU ihre Einhängungen.</translation>
    </message>
    <message>
        <source>Some of its threads stand still while the others run.</source>
        <translation>Einige seiner Threads stehen still, während die anderen laufen.</translation>
    </message>
    <message>
        <source>Let it go on (SIGCONT), or detach the debugger that stopped them.</source>
        <translation>Es weiterlaufen lassen (SIGCONT) oder den Debugger lösen, der sie angehalten hat.</translation>
    </message>
    <message>
        <source>This kernel cannot tell which memory has changed, which a checkpoint in rounds needs.</source>
        <translation>Dieser Kernel kann nicht sagen, welcher Speicher sich geändert hat; ein Checkpoint in Runden braucht das.</translation>
    </message>
    <message>
        <source>Make a whole checkpoint instead, or use a kernel with CONFIG_MEM_SOFT_DIRTY.</source>
        <translation>Stattdessen einen ganzen Checkpoint machen oder einen Kernel mit CONFIG_MEM_SOFT_DIRTY verwenden.</translation>
    </message>
    <message>
        <source>CRIU could not hold back the network meanwhile, or save what is set up in it.</source>
        <translation>CRIU konnte das Netz währenddessen nicht anhalten oder nicht sichern, was darin eingerichtet ist.</translation>
    </message>
    <message>
        <source>Install the tools it calls on this host: iptables or nftables, and ip.</source>
        <translation>Die Werkzeuge auf diesem Rechner installieren, die es aufruft: iptables oder nftables, und ip.</translation>
    </message>
    <message>
        <source>There was no room for it on the disk.</source>
        <translation>Auf dem Datenträger war kein Platz dafür.</translation>
    </message>
    <message>
        <source>Make room where checkpoints are kept, or keep fewer of them.</source>
        <translation>Platz schaffen, wo Checkpoints liegen, oder weniger davon aufheben.</translation>
    </message>
    <message>
        <source>CRIU gave up over an error of its own.</source>
        <translation>CRIU hat wegen eines eigenen Fehlers aufgegeben.</translation>
    </message>
    <message>
        <source>Install a newer CRIU; if it stays, report it there with this log.</source>
        <translation>Ein neueres CRIU installieren; bleibt es dabei, es dort mit diesem Protokoll melden.</translation>
    </message>
    <message>
        <source>Files of the checkpoint are missing or damaged, or another version of CRIU wrote them.</source>
        <translation>Dateien des Checkpoints fehlen oder sind beschädigt, oder eine andere Version von CRIU hat sie geschrieben.</translation>
    </message>
    <message>
        <source>Restore another checkpoint, or use the version of CRIU that made this one, or a newer one.</source>
        <translation>Einen anderen Checkpoint wiederherstellen oder die Version von CRIU verwenden, die diesen gemacht hat, oder eine neuere.</translation>
    </message>
    <message>
        <source>Another process, session or thread has a number that this one needs again.</source>
        <translation>Ein anderer Prozess, eine Sitzung oder ein Thread hat eine Nummer, die dieser wieder braucht.</translation>
    </message>
    <message>
        <source>End that process, or restore into a pid namespace of its own. One that has ended keeps its number until its parent asks for it.</source>
        <translation>Diesen Prozess beenden oder in einem eigenen PID-Namensraum wiederherstellen. Ein beendeter behält seine Nummer, bis sein Elternprozess nach ihm fragt.</translation>
    </message>
    <message>
        <source>A file that was open at the checkpoint is not there any more.</source>
        <translation>Eine Datei, die beim Checkpoint offen war, ist nicht mehr da.</translation>
    </message>
    <message>
        <source>Put it back, or restore the checkpoint with its files.</source>
        <translation>Sie zurücklegen oder den Checkpoint mit seinen Dateien wiederherstellen.</translation>
    </message>
    <message>
        <source>A file that was open at the checkpoint is not the same any more.</source>
        <translation>Eine Datei, die beim Checkpoint offen war, ist nicht mehr dieselbe.</translation>
    </message>
    <message>
        <source>Put back the one of that time (a log that grew: cut it to its old size), or restore the checkpoint with its files.</source>
        <translation>Die von damals zurücklegen (ein Protokoll, das gewachsen ist: auf die alte Größe kürzen) oder den Checkpoint mit seinen Dateien wiederherstellen.</translation>
    </message>
    <message>
        <source>A socket needs an address that this host or network namespace does not have.</source>
        <translation>Ein Socket braucht eine Adresse, die dieser Rechner oder Netz-Namensraum nicht hat.</translation>
    </message>
    <message>
        <source>Give the interface its old address, or restore without connections (tcp-close).</source>
        <translation>Der Schnittstelle ihre alte Adresse geben oder ohne Verbindungen wiederherstellen (tcp-close).</translation>
    </message>
    <message>
        <source>Another program uses the port of a socket.</source>
        <translation>Ein anderes Programm benutzt den Port eines Sockets.</translation>
    </message>
    <message>
        <source>End it, or restore into a network namespace of its own.</source>
        <translation>Es beenden oder in einem eigenen Netz-Namensraum wiederherstellen.</translation>
    </message>
    <message>
        <source>The UNIX socket outside that it was connected to is not there.</source>
        <translation>Der UNIX-Socket außerhalb, mit dem es verbunden war, ist nicht da.</translation>
    </message>
    <message>
        <source>Start the program that has it (journald, D-Bus) first.</source>
        <translation>Zuerst das Programm starten, dem er gehört (journald, D-Bus).</translation>
    </message>
    <message>
        <source>A file system or folder that was mounted in it cannot be mounted again.</source>
        <translation>Ein Dateisystem oder Ordner, der darin eingehängt war, lässt sich nicht wieder einhängen.</translation>
    </message>
    <message>
        <source>Bring back what was mounted there, or let the container&apos;s own runtime restore it.</source>
        <translation>Zurückbringen, was dort eingehängt war, oder die Laufzeitumgebung des Containers es wiederherstellen lassen.</translation>
    </message>
    <message>
        <source>Its cgroup could not be made again as it was: another host has other controllers.</source>
        <translation>Seine Cgroup konnte nicht wieder so angelegt werden, wie sie war: Ein anderer Rechner hat andere Controller.</translation>
    </message>
    <message>
        <source>Let the runtime make the cgroup and CRIU leave it alone (manage-cgroups ignore).</source>
        <translation>Die Laufzeitumgebung die Cgroup anlegen und CRIU sie in Ruhe lassen (manage-cgroups ignore).</translation>
    </message>
    <message>
        <source>The processor lacks something that the program found when it started.</source>
        <translation>Dem Prozessor fehlt etwas, das das Programm bei seinem Start vorgefunden hat.</translation>
    </message>
    <message>
        <source>Restore it on a machine with the same processor or a newer one of its maker.</source>
        <translation>Auf einem Rechner mit demselben Prozessor oder einem neueren desselben Herstellers wiederherstellen.</translation>
    </message>
    <message>
        <source>The name of an open file was deleted, but the file has another one: CRIU gives it a name for the restore, which is there only if the program ends with the checkpoint.</source>
        <translation>Der Name einer offenen Datei wurde gelöscht, aber sie hat noch einen anderen: CRIU gibt ihr für die Wiederherstellung einen Namen, der nur da ist, wenn das Programm mit dem Checkpoint endet.</translation>
    </message>
    <message>
        <source>Let it end (--stop), or let it close the file first.</source>
        <translation>Lassen Sie es enden (--stop), oder lassen Sie es die Datei vorher schließen.</translation>
    </message>
    <message>
        <source>An eventfd counts down by one at each read (EFD_SEMAPHORE), which CRIU does not know.</source>
        <translation>Ein eventfd zählt bei jedem Lesen um eins herunter (EFD_SEMAPHORE), was CRIU nicht kennt.</translation>
    </message>
    <message>
        <source>After a restore a read takes the whole count: let the program make it anew.</source>
        <translation>Nach einer Wiederherstellung nimmt ein Lesen den ganzen Zähler: das Programm muss ihn neu anlegen.</translation>
    </message>
    <message>
        <source>A timerfd has fired and was not read yet: CRIU restores it without its next times.</source>
        <translation>Ein timerfd ist abgelaufen und wurde noch nicht gelesen: CRIU stellt es ohne die nächsten Zeiten wieder her.</translation>
    </message>
    <message>
        <source>Try again: it passes as soon as the program reads it.</source>
        <translation>Versuchen Sie es noch einmal: es geht, sobald das Programm es liest.</translation>
    </message>
    <message>
        <source>It has a user namespace of its own, but not a pid namespace and a root of its own as well: the kernel does not let CRIU save or restore that.</source>
        <translation>Es hat einen eigenen User-Namensraum, aber nicht auch einen eigenen PID-Namensraum und ein eigenes Wurzelverzeichnis: das lässt der Kernel CRIU nicht sichern oder wiederherstellen.</translation>
    </message>
    <message>
        <source>Start it as a container is: with all namespaces, and a root folder of its own.</source>
        <translation>Starten Sie es wie einen Container: mit allen Namensräumen und einem eigenen Wurzelverzeichnis.</translation>
    </message>
    <message>
        <source>A program that wants to be told before a checkpoint was not ready in time: it was saved wherever it was.</source>
        <translation>Ein Programm, das vor einem Checkpoint Bescheid haben will, war nicht rechtzeitig bereit: Es wurde gesichert, wo es gerade war.</translation>
    </message>
    <message>
        <source>It has to answer &quot;ready&quot; within 2 s, or first &quot;wait SECONDS&quot; for up to 10 s.</source>
        <translation>Es muss binnen 2 s mit &quot;ready&quot; antworten, oder zuvor mit &quot;wait SEKUNDEN&quot; für bis zu 10 s.</translation>
    </message>
</context>
<context>
    <name>CheckpointHelp</name>
    <message>
        <source>What an option takes care of</source>
        <translation>Was eine Option erledigt</translation>
    </message>
    <message>
        <source>Gantry finds these and gives CRIU the option by itself.</source>
        <translation>Gantry findet das und gibt CRIU die Option von selbst.</translation>
    </message>
    <message>
        <source>What is lost, or may fail</source>
        <translation>Was verloren geht oder scheitern kann</translation>
    </message>
    <message>
        <source>The checkpoint is made, but not all of it comes back.</source>
        <translation>Der Checkpoint wird gemacht, aber nicht alles kommt zurück.</translation>
    </message>
    <message>
        <source>What cannot be checkpointed</source>
        <translation>Was sich nicht sichern lässt</translation>
    </message>
    <message>
        <source>CRIU refuses these. Gantry says so before anything is stopped, with what can be done.</source>
        <translation>Das lehnt CRIU ab. Gantry sagt es, bevor etwas angehalten wird, und was sich tun lässt.</translation>
    </message>
    <message>
        <source>What can go wrong while it is saved</source>
        <translation>Was beim Sichern schiefgehen kann</translation>
    </message>
    <message>
        <source>These show only in CRIU&apos;s log. The program runs on as before.</source>
        <translation>Das zeigt sich erst in CRIUs Protokoll. Das Programm läuft weiter wie zuvor.</translation>
    </message>
    <message>
        <source>What can keep a restore from working</source>
        <translation>Was eine Wiederherstellung verhindern kann</translation>
    </message>
    <message>
        <source>Option: %1</source>
        <translation>Option: %1</translation>
    </message>
    <message>
        <source>Name: %1</source>
        <comment>of a cause, in gantryctl</comment>
        <translation>Name: %1</translation>
    </message>
    <message>
        <source>CRIU&apos;s log: “%1”</source>
        <translation>CRIUs Protokoll: „%1“</translation>
    </message>
    <message>
        <source>A checkpoint saves a container, or a process and all below it, so that it can go on later from the same point. CRIU does it, and not everything can be saved. “Can it be checkpointed?” in the menu Node looks at what runs without stopping it; on the command line, gantryctl check.</source>
        <translation>Ein Checkpoint sichert einen Container oder einen Prozess und alles darunter, sodass er später vom selben Punkt weiterlaufen kann. Das macht CRIU, und nicht alles lässt sich sichern. „Checkpoint möglich?“ im Menü Objekt sieht sich an, was läuft, ohne es anzuhalten; auf der Kommandozeile tut das gantryctl check.</translation>
    </message>
    <message>
        <source>Nothing here has to do with “%1”.</source>
        <translation>Nichts hier hat mit „%1“ zu tun.</translation>
    </message>
    <message>
        <source>Most of these leave the checkpoint as it is: once the cause has gone, it can be restored.</source>
        <translation>Das meiste davon lässt den Checkpoint, wie er ist: Ist die Ursache behoben, lässt er sich wiederherstellen.</translation>
    </message>
    <message>
        <source>What is in a checkpoint can be read without restoring it: on the host&apos;s page Checkpoints, Inspect… shows its processes, descriptors, sockets, memory and the files it needs, Compare… what two of them have otherwise. On the command line, gantryctl inspect and gantryctl diff.</source>
        <translation>Was in einem Checkpoint steht, lässt sich lesen, ohne ihn wiederherzustellen: Auf der Seite Checkpoints des Hosts zeigt Untersuchen… seine Prozesse, Deskriptoren, Sockets, den Speicher und die Dateien, die er braucht, Vergleichen…, was in zweien anders ist. Auf der Befehlszeile: gantryctl inspect und gantryctl diff.</translation>
    </message>
    <message>
        <source>What has been saved and restored</source>
        <translation>Was gesichert und wiederhergestellt wurde</translation>
    </message>
    <message>
        <source>Gantry&apos;s own tests save each of these, restore it, and let the program look whether it is as it was. The programs at the end were under load, and no answer was lost or came twice. What is in files that others have, too, is not part of a checkpoint.</source>
        <translation>Gantrys eigene Tests sichern dies alles, stellen es wieder her und lassen das Programm nachsehen, ob es ist, wie es war. Die Programme am Ende standen unter Last, und keine Antwort ging verloren oder kam doppelt. Was in Dateien steht, die auch andere haben, gehört nicht zu einem Checkpoint.</translation>
    </message>
    <message>
        <source>The same tests show that these do not come back:</source>
        <translation>Dieselben Tests zeigen, dass dies nicht zurückkommt:</translation>
    </message>
    <message>
        <source>How a program takes part</source>
        <translation>Wie ein Programm mitmacht</translation>
    </message>
    <message>
        <source>A program that has a UNIX datagram socket bound to a path that ends in “gantry-checkpoint” is told of its checkpoints, one message each: “before-checkpoint”, then “after-checkpoint ID” or “no-checkpoint”, and “restored ID” when it goes on from one. Nothing is stopped until it answers “ready”, for 2 s at most; with “wait SECONDS” for up to 10 s. Then it is saved all the same, with a warning that names it.</source>
        <translation>Ein Programm mit einem UNIX-Datagramm-Socket, dessen Pfad mit „gantry-checkpoint“ endet, erfährt von seinen Checkpoints, je eine Nachricht: „before-checkpoint“, dann „after-checkpoint ID“ oder „no-checkpoint“, und „restored ID“, wenn es von einem aus weiterläuft. Angehalten wird erst, wenn es „ready“ antwortet, oder nach 2 s; mit „wait SEKUNDEN“ nach bis zu 10 s. Dann wird es trotzdem gesichert, mit einer Warnung, die es nennt.</translation>
    </message>
    <message>
        <source>It can ask, too: the message “checkpoint” to /run/gantry/checkpoint.sock saves the container that it is in, otherwise the program and what it has started, once in 10 s. Taken from root and from containers that see that socket, while the console or gantryctl schedule run is there. A refusal comes as “refused WHY”. In Python:</source>
        <translation>Es kann auch selbst darum bitten: Die Nachricht „checkpoint“ an /run/gantry/checkpoint.sock sichert den Container, in dem es ist, sonst das Programm und was es gestartet hat, einmal in 10 s. Angenommen wird sie von root und aus Containern, die diesen Socket sehen, solange die Konsole oder gantryctl schedule run da ist. Eine Ablehnung kommt als „refused WARUM“. In Python:</translation>
    </message>
    <message>
        <source>How fast it is</source>
        <translation>Wie schnell es ist</translation>
    </message>
    <message>
        <source>Measured on two cores with nothing else running; in brackets CRIU alone, to and from the page cache, in the same run. packaging/bench.sh measures on yours.</source>
        <translation>Gemessen auf zwei Kernen, auf denen sonst nichts lief; in Klammern CRIU allein, in den und aus dem Seitencache, im selben Lauf. packaging/bench.sh misst auf Ihrem Rechner.</translation>
    </message>
    <message>
        <source>Those that “gantryctl run” started: memory and all that they changed of their root. They come back in place, or as new containers beside it.</source>
        <translation>Die „gantryctl run“ gestartet hat: Speicher und alles, was sie an ihrem Wurzelverzeichnis geändert haben. Sie kommen an ihre Stelle zurück, oder als neue Container daneben.</translation>
    </message>
    <message>
        <source>Those of runc and crun: the same by their own verbs, into the bundle they were started from. Their volumes, where that is asked for.</source>
        <translation>Die von runc und crun: ebenso mit deren eigenen Befehlen, in das Bundle, aus dem sie gestartet wurden. Ihre Volumes, wo das verlangt wird.</translation>
    </message>
    <message>
        <source>podman&apos;s, of root: by its own verb, where the CRIU that works here is the system&apos;s. They come back in place, or as new containers. To be ended they must be of no pod, and of no unit of systemd.</source>
        <translation>Die von podman, von root: mit dessen eigenem Befehl, wo das CRIU, das hier arbeitet, das des Systems ist. Sie kommen an ihre Stelle zurück, oder als neue Container. Sollen sie enden, dürfen sie zu keinem Pod und zu keiner Unit von systemd gehören.</translation>
    </message>
    <message>
        <source>Docker&apos;s: memory, what they changed of their root, and their volumes, where that is asked for. They come back by “docker start --checkpoint”, which needs a dockerd that is experimental.</source>
        <translation>Die von Docker: Speicher, was sie an ihrem Wurzelverzeichnis geändert haben, und ihre Volumes, wo das verlangt wird. Sie kommen mit „docker start --checkpoint“ zurück, wofür dockerd „experimental“ sein muss.</translation>
    </message>
    <message>
        <source>LXC&apos;s: memory alone, their files stay as they are. LXC cannot save again what it has restored.</source>
        <translation>Die von LXC: nur Speicher, ihre Dateien bleiben, wie sie sind. LXC kann nicht noch einmal sichern, was es wiederhergestellt hat.</translation>
    </message>
    <message>
        <source>Not those of containerd, Kubernetes, Incus, nspawn and others, which would not know what is restored. Without a runtime: any process with what it has started.</source>
        <translation>Nicht die von containerd, Kubernetes, Incus, nspawn und anderen, die nicht wüssten, was wiederhergestellt ist. Ohne Laufzeitumgebung: jeder Prozess mit dem, was er gestartet hat.</translation>
    </message>
    <message>
        <source>Whose containers</source>
        <translation>Wessen Container</translation>
    </message>
    <message>
        <source>One that is to end with its checkpoint stands still until that is in the store, and then ends as it stands: nothing that it does is lost, and if its checkpoint fails, it runs on.</source>
        <translation>Einer, der mit seinem Checkpoint enden soll, steht still, bis dieser abgelegt ist, und endet dann, wie er steht: Nichts, was er tut, geht verloren, und wenn der Checkpoint misslingt, läuft er weiter.</translation>
    </message>
</context>
<context>
    <name>CheckpointText</name>
    <message>
        <source>running</source>
        <comment>process</comment>
        <translation>läuft</translation>
    </message>
    <message>
        <source>stopped</source>
        <comment>process</comment>
        <translation>angehalten</translation>
    </message>
    <message>
        <source>zombie</source>
        <comment>process</comment>
        <translation>Zombie</translation>
    </message>
    <message>
        <source>file</source>
        <comment>kind of descriptor</comment>
        <translation>Datei</translation>
    </message>
    <message>
        <source>Internet socket</source>
        <comment>kind of descriptor</comment>
        <translation>Internet-Socket</translation>
    </message>
    <message>
        <source>Unix socket</source>
        <comment>kind of descriptor</comment>
        <translation>Unix-Socket</translation>
    </message>
    <message>
        <source>terminal</source>
        <comment>kind of descriptor</comment>
        <translation>Terminal</translation>
    </message>
    <message>
        <source>from outside</source>
        <comment>kind of descriptor</comment>
        <translation>von außen</translation>
    </message>
    <message>
        <source>File</source>
        <translation>Datei</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>Ordner</translation>
    </message>
    <message>
        <source>Mount</source>
        <translation>Einhängung</translation>
    </message>
    <message>
        <source>Mount from outside</source>
        <translation>Einhängung von außen</translation>
    </message>
    <message>
        <source>gone</source>
        <comment>change</comment>
        <translation>weg</translation>
    </message>
    <message>
        <source>new</source>
        <comment>change</comment>
        <translation>neu</translation>
    </message>
    <message>
        <source>changed</source>
        <comment>change</comment>
        <translation>geändert</translation>
    </message>
    <message>
        <source>saved together with %1, within %2</source>
        <comment>containers, time</comment>
        <translation>zusammen mit %1 gesichert, innerhalb von %2</translation>
    </message>
</context>
<context>
    <name>ContainerText</name>
    <message>
        <source>%1 (less than a minute ago)</source>
        <comment>time</comment>
        <translation>%1 (vor weniger als einer Minute)</translation>
    </message>
    <message>
        <source>%1 (%2 ago)</source>
        <comment>time, age</comment>
        <translation>%1 (vor %2)</translation>
    </message>
    <message numerus="yes">
        <source>%n minute(s)</source>
        <translation>
            <numerusform>%n Minute</numerusform>
            <numerusform>%n Minuten</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 %2</source>
        <comment>runtime, version</comment>
        <translation>%1 %2</translation>
    </message>
    <message>
        <source>%1, run by %2</source>
        <comment>runtime, OCI runtime</comment>
        <translation>%1, ausgeführt von %2</translation>
    </message>
    <message>
        <source>%1, %2</source>
        <comment>state, health</comment>
        <translation>%1, %2</translation>
    </message>
    <message>
        <source>%1 (its infrastructure container)</source>
        <comment>pod</comment>
        <translation>%1 (dessen Infrastruktur-Container)</translation>
    </message>
    <message>
        <source>first process %1</source>
        <comment>pid</comment>
        <translation>erster Prozess %1</translation>
    </message>
    <message>
        <source>monitor %1</source>
        <comment>pid</comment>
        <translation>Wächter %1</translation>
    </message>
    <message>
        <source>uid %1, rootless</source>
        <translation>UID %1, ohne root</translation>
    </message>
    <message>
        <source>the system</source>
        <translation>das System</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>Id</source>
        <translation>ID</translation>
    </message>
    <message>
        <source>copy</source>
        <comment>link</comment>
        <translation>kopieren</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Zustand</translation>
    </message>
    <message>
        <source>Image</source>
        <translation>Abbild</translation>
    </message>
    <message>
        <source>Command</source>
        <translation>Befehl</translation>
    </message>
    <message>
        <source>Created</source>
        <translation>Angelegt</translation>
    </message>
    <message>
        <source>Started</source>
        <translation>Gestartet</translation>
    </message>
    <message>
        <source>Restart policy</source>
        <translation>Neustartregel</translation>
    </message>
    <message>
        <source>Pod</source>
        <translation>Pod</translation>
    </message>
    <message>
        <source>Runtime</source>
        <translation>Laufzeitumgebung</translation>
    </message>
    <message>
        <source>User</source>
        <translation>Benutzer</translation>
    </message>
    <message>
        <source>Processes</source>
        <translation>Prozesse</translation>
    </message>
    <message>
        <source>Cgroup</source>
        <translation>Cgroup</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>Ordner</translation>
    </message>
    <message>
        <source>Told by</source>
        <translation>Auskunft von</translation>
    </message>
    <message>
        <source>Host</source>
        <translation>Host</translation>
    </message>
    <message>
        <source>Container</source>
        <translation>Container</translation>
    </message>
    <message>
        <source>Protocol</source>
        <translation>Protokoll</translation>
    </message>
    <message>
        <source>Ports</source>
        <translation>Ports</translation>
    </message>
    <message>
        <source>In the container</source>
        <translation>Im Container</translation>
    </message>
    <message>
        <source>Source</source>
        <translation>Quelle</translation>
    </message>
    <message>
        <source>Type</source>
        <translation>Art</translation>
    </message>
    <message>
        <source>Access</source>
        <translation>Zugriff</translation>
    </message>
    <message>
        <source>read only</source>
        <translation>nur lesen</translation>
    </message>
    <message>
        <source>read and write</source>
        <translation>lesen und schreiben</translation>
    </message>
    <message>
        <source>Mounts</source>
        <translation>Einhängungen</translation>
    </message>
    <message>
        <source>Network</source>
        <translation>Netz</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>Adresse</translation>
    </message>
    <message>
        <source>MAC</source>
        <translation>MAC</translation>
    </message>
    <message>
        <source>Addresses</source>
        <translation>Adressen</translation>
    </message>
    <message>
        <source>Labels</source>
        <translation>Labels</translation>
    </message>
    <message>
        <source>%1, its own</source>
        <comment>namespace</comment>
        <translation>%1, der eigene</translation>
    </message>
    <message>
        <source>%1, the host&apos;s</source>
        <comment>namespace</comment>
        <translation>%1, der des Hosts</translation>
    </message>
    <message>
        <source>Namespaces</source>
        <translation>Namensräume</translation>
    </message>
    <message>
        <source>Some facts are missing or old: %1.</source>
        <translation>Einige Angaben fehlen oder sind alt: %1.</translation>
    </message>
    <message>
        <source>No container runtime was found on this host.</source>
        <translation>Auf diesem Host wurde keine Container-Laufzeitumgebung gefunden.</translation>
    </message>
    <message>
        <source>Version</source>
        <translation>Version</translation>
    </message>
    <message>
        <source>Reached at</source>
        <translation>Erreichbar unter</translation>
    </message>
    <message>
        <source>Containers</source>
        <translation>Container</translation>
    </message>
    <message>
        <source>Problem</source>
        <translation>Störung</translation>
    </message>
    <message>
        <source>%1 of uid %2</source>
        <comment>runtime</comment>
        <translation>%1 von UID %2</translation>
    </message>
    <message>
        <source>none</source>
        <comment>problem of a runtime</comment>
        <translation>keines</translation>
    </message>
</context>
<context>
    <name>Coverage</name>
    <message>
        <source>A process: memory, registers, working directory</source>
        <translation>Ein Prozess: Speicher, Register, Arbeitsverzeichnis</translation>
    </message>
    <message>
        <source>Limits, niceness, processors, name, umask</source>
        <translation>Grenzen, Priorität (nice), Prozessoren, Name, umask</translation>
    </message>
    <message>
        <source>A tree of processes</source>
        <translation>Ein Baum von Prozessen</translation>
    </message>
    <message>
        <source>Sessions and process groups</source>
        <translation>Sitzungen und Prozessgruppen</translation>
    </message>
    <message>
        <source>Zombies, with how they ended</source>
        <translation>Zombies und wie sie endeten</translation>
    </message>
    <message>
        <source>A process that is stopped (SIGSTOP)</source>
        <translation>Ein angehaltener Prozess (SIGSTOP)</translation>
    </message>
    <message>
        <source>Threads</source>
        <translation>Threads</translation>
    </message>
    <message>
        <source>Restartable sequences (rseq)</source>
        <translation>Wiederholbare Abschnitte (rseq)</translation>
    </message>
    <message>
        <source>A seccomp filter</source>
        <translation>Ein seccomp-Filter</translation>
    </message>
    <message>
        <source>Shared memory without a name</source>
        <translation>Gemeinsamer Speicher ohne Namen</translation>
    </message>
    <message>
        <source>memfd, with its seals</source>
        <translation>memfd mit seinen Siegeln</translation>
    </message>
    <message>
        <source>Huge pages, private and shared</source>
        <translation>Große Seiten (huge pages), eigene und gemeinsame</translation>
    </message>
    <message>
        <source>memfd of huge pages</source>
        <translation>memfd aus großen Seiten</translation>
    </message>
    <message>
        <source>Mapped files, private and shared</source>
        <translation>Eingeblendete Dateien, eigene und gemeinsame</translation>
    </message>
    <message>
        <source>What may be done with memory (mprotect, madvise)</source>
        <translation>Was mit Speicher getan werden darf (mprotect, madvise)</translation>
    </message>
    <message>
        <source>Open files: position, flags, copies</source>
        <translation>Offene Dateien: Stelle, Flags, Kopien</translation>
    </message>
    <message>
        <source>Deleted files, with what is in them</source>
        <translation>Gelöschte Dateien mit ihrem Inhalt</translation>
    </message>
    <message>
        <source>Big deleted files</source>
        <translation>Große gelöschte Dateien</translation>
    </message>
    <message>
        <source>Files that have another name by now, where the program ends</source>
        <translation>Dateien, die inzwischen anders heißen, wenn das Programm endet</translation>
    </message>
    <message>
        <source>Files that are appended to</source>
        <translation>Dateien, an die angehängt wird</translation>
    </message>
    <message>
        <source>File locks: flock, POSIX, of an open file description</source>
        <translation>Dateisperren: flock, POSIX, einer offenen Dateibeschreibung</translation>
    </message>
    <message>
        <source>Pipes, with what is in them</source>
        <translation>Pipes mit ihrem Inhalt</translation>
    </message>
    <message>
        <source>FIFOs, with what is in them</source>
        <translation>FIFOs mit ihrem Inhalt</translation>
    </message>
    <message>
        <source>Socket pairs, with what is in them</source>
        <translation>Socket-Paare mit ihrem Inhalt</translation>
    </message>
    <message>
        <source>UNIX sockets: listening, and connections inside</source>
        <translation>UNIX-Sockets: wartende, und Verbindungen im Innern</translation>
    </message>
    <message>
        <source>A descriptor on its way through a UNIX socket</source>
        <translation>Ein Deskriptor unterwegs durch einen UNIX-Socket</translation>
    </message>
    <message>
        <source>Pseudo terminals with a session</source>
        <translation>Pseudoterminals mit einer Sitzung</translation>
    </message>
    <message>
        <source>UDP sockets, in a network namespace</source>
        <translation>UDP-Sockets, in einem Netz-Namensraum</translation>
    </message>
    <message>
        <source>Listening TCP sockets</source>
        <translation>Wartende TCP-Sockets</translation>
    </message>
    <message>
        <source>TCP connections inside, in a network namespace</source>
        <translation>TCP-Verbindungen im Innern, in einem Netz-Namensraum</translation>
    </message>
    <message>
        <source>TCP connections that one end has closed</source>
        <translation>TCP-Verbindungen, die ein Ende geschlossen hat</translation>
    </message>
    <message>
        <source>TCP connections inside, in the host&apos;s network</source>
        <translation>TCP-Verbindungen im Innern, im Netz des Hosts</translation>
    </message>
    <message>
        <source>Signals that wait</source>
        <translation>Wartende Signale</translation>
    </message>
    <message>
        <source>Signal handlers, masks, alternate stack</source>
        <translation>Signalbehandlung, Masken, eigener Stapel</translation>
    </message>
    <message>
        <source>Interval timers (setitimer)</source>
        <translation>Intervall-Timer (setitimer)</translation>
    </message>
    <message>
        <source>POSIX timers</source>
        <translation>POSIX-Timer</translation>
    </message>
    <message>
        <source>timerfd</source>
        <translation>timerfd</translation>
    </message>
    <message>
        <source>timerfd that has fired and was not read</source>
        <translation>timerfd, der abgelaufen und nicht gelesen ist</translation>
    </message>
    <message>
        <source>eventfd</source>
        <translation>eventfd</translation>
    </message>
    <message>
        <source>eventfd as a semaphore</source>
        <translation>eventfd als Semaphor</translation>
    </message>
    <message>
        <source>epoll</source>
        <translation>epoll</translation>
    </message>
    <message>
        <source>inotify</source>
        <translation>inotify</translation>
    </message>
    <message>
        <source>signalfd</source>
        <translation>signalfd</translation>
    </message>
    <message>
        <source>pidfd</source>
        <translation>pidfd</translation>
    </message>
    <message>
        <source>System V IPC in an IPC namespace</source>
        <translation>System-V-IPC in einem IPC-Namensraum</translation>
    </message>
    <message>
        <source>POSIX shared memory and semaphores</source>
        <translation>Gemeinsamer Speicher und Semaphore von POSIX</translation>
    </message>
    <message>
        <source>POSIX message queues</source>
        <translation>Nachrichtenschlangen von POSIX</translation>
    </message>
    <message>
        <source>A pid namespace</source>
        <translation>Ein PID-Namensraum</translation>
    </message>
    <message>
        <source>A mount namespace</source>
        <translation>Ein Mount-Namensraum</translation>
    </message>
    <message>
        <source>A UTS namespace</source>
        <translation>Ein UTS-Namensraum</translation>
    </message>
    <message>
        <source>A network namespace</source>
        <translation>Ein Netz-Namensraum</translation>
    </message>
    <message>
        <source>A user namespace alone</source>
        <translation>Ein Benutzer-Namensraum allein</translation>
    </message>
    <message>
        <source>A time namespace</source>
        <translation>Ein Zeit-Namensraum</translation>
    </message>
    <message>
        <source>All of a container&apos;s namespaces at once</source>
        <translation>Alle Namensräume eines Containers zugleich</translation>
    </message>
    <message>
        <source>All of them and a user namespace, with the host&apos;s root</source>
        <translation>Alle und ein Benutzer-Namensraum, mit dem Wurzelverzeichnis des Hosts</translation>
    </message>
    <message>
        <source>A Java virtual machine</source>
        <translation>Eine Java-VM</translation>
    </message>
</context>
<context>
    <name>DialogButtons</name>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
</context>
<context>
    <name>ErrorText</name>
    <message>
        <source>%1 may not be changed.</source>
        <translation>%1 darf nicht geändert werden.</translation>
    </message>
    <message>
        <source>You may not access %1.</source>
        <translation>Sie dürfen auf %1 nicht zugreifen.</translation>
    </message>
    <message>
        <source>Run Gantry as root, or ask for the right.</source>
        <translation>Starten Sie Gantry als root, oder bitten Sie um das Recht.</translation>
    </message>
    <message>
        <source>%1 does not exist.</source>
        <translation>%1 gibt es nicht.</translation>
    </message>
    <message>
        <source>It may have been removed meanwhile.</source>
        <translation>Es wurde vielleicht inzwischen entfernt.</translation>
    </message>
    <message>
        <source>%1 has been removed.</source>
        <translation>%1 wurde entfernt.</translation>
    </message>
    <message>
        <source>%1 was removed and made again; nothing was changed.</source>
        <translation>%1 wurde entfernt und neu angelegt; nichts wurde geändert.</translation>
    </message>
    <message>
        <source>Select the new one and try again.</source>
        <translation>Wählen Sie das neue Objekt und versuchen Sie es noch einmal.</translation>
    </message>
    <message>
        <source>The process %1 has ended.</source>
        <translation>Der Prozess %1 ist beendet.</translation>
    </message>
    <message>
        <source>The kernel is still using %1.</source>
        <translation>Der Kernel benutzt %1 noch.</translation>
    </message>
    <message>
        <source>On cgroup v1 a memory limit below the usage is refused when not enough can be reclaimed; a cgroup with processes cannot be removed.</source>
        <translation>Bei Cgroup v1 wird eine Speichergrenze unter dem Verbrauch abgelehnt, wenn nicht genug freigegeben werden kann; eine Cgroup mit Prozessen kann nicht entfernt werden.</translation>
    </message>
    <message>
        <source>The value for %1 is not valid.</source>
        <translation>Der Wert für %1 ist nicht gültig.</translation>
    </message>
    <message>
        <source>The value for %1 is out of range.</source>
        <translation>Der Wert für %1 liegt außerhalb des Bereichs.</translation>
    </message>
    <message>
        <source>%1 exists already.</source>
        <translation>%1 gibt es schon.</translation>
    </message>
    <message>
        <source>%1 is not empty.</source>
        <translation>%1 ist nicht leer.</translation>
    </message>
    <message>
        <source>%1 is mounted read-only.</source>
        <translation>%1 ist nur lesbar eingehängt.</translation>
    </message>
    <message>
        <source>Inside a container the host&apos;s cgroups usually are.</source>
        <translation>In einem Container sind die Cgroups des Rechners das meist.</translation>
    </message>
    <message>
        <source>The kernel does not support this for %1.</source>
        <translation>Der Kernel unterstützt das für %1 nicht.</translation>
    </message>
    <message>
        <source>The kernel does not know this call (%1).</source>
        <translation>Der Kernel kennt diesen Aufruf nicht (%1).</translation>
    </message>
    <message>
        <source>%1 did not answer in time.</source>
        <translation>%1 hat nicht rechtzeitig geantwortet.</translation>
    </message>
    <message>
        <source>The operation may still be going on; see the job list.</source>
        <translation>Der Vorgang läuft vielleicht noch; siehe die Liste der Aufträge.</translation>
    </message>
    <message>
        <source>The operation on %1 was cancelled.</source>
        <translation>Der Vorgang an %1 wurde abgebrochen.</translation>
    </message>
    <message>
        <source>The connection to the host was lost (%1).</source>
        <translation>Die Verbindung zum Rechner ist verloren (%1).</translation>
    </message>
    <message>
        <source>Gantry keeps trying to connect.</source>
        <translation>Gantry versucht weiter, sich zu verbinden.</translation>
    </message>
    <message>
        <source>No engine answers at %1.</source>
        <translation>Unter %1 antwortet keine Engine.</translation>
    </message>
    <message>
        <source>%1 does not have the expected form.</source>
        <translation>%1 hat nicht die erwartete Form.</translation>
    </message>
    <message>
        <source>There is not enough memory for %1.</source>
        <translation>Für %1 ist nicht genug Speicher da.</translation>
    </message>
    <message>
        <source>There is no space left for %1.</source>
        <translation>Für %1 ist kein Platz mehr da.</translation>
    </message>
    <message>
        <source>Too many files are open (%1).</source>
        <translation>Zu viele Dateien sind offen (%1).</translation>
    </message>
    <message>
        <source>%1 could not be read or written.</source>
        <translation>%1 konnte nicht gelesen oder geschrieben werden.</translation>
    </message>
    <message>
        <source>%1 failed: %2.</source>
        <translation>%1 ist fehlgeschlagen: %2.</translation>
    </message>
    <message>
        <source>Reason: %1.</source>
        <comment>facts from the engine</comment>
        <translation>Grund: %1.</translation>
    </message>
    <message>
        <source>Remedy: %1.</source>
        <comment>advice from the engine</comment>
        <translation>Abhilfe: %1.</translation>
    </message>
    <message>
        <source>There is no log of %1.</source>
        <translation>Von %1 gibt es kein Log.</translation>
    </message>
    <message>
        <source>The runtime cannot do this with %1.</source>
        <translation>Die Laufzeitumgebung kann das mit %1 nicht tun.</translation>
    </message>
    <message>
        <source>The runtime cannot do this with %1 as it is now.</source>
        <translation>Die Laufzeitumgebung kann das mit %1 im jetzigen Zustand nicht tun.</translation>
    </message>
    <message>
        <source>Nothing was imported: the file is damaged, cut off, or of another kind (%1).</source>
        <translation>Nichts wurde importiert: Die Datei ist beschädigt, abgeschnitten oder von anderer Art (%1).</translation>
    </message>
    <message>
        <source>%1 cannot be imported.</source>
        <translation>%1 kann nicht importiert werden.</translation>
    </message>
    <message>
        <source>%1 cannot be exported this way.</source>
        <translation>%1 kann so nicht exportiert werden.</translation>
    </message>
    <message>
        <source>%1 is encrypted, and its key is not there.</source>
        <translation>%1 ist verschlüsselt, und der Schlüssel ist nicht da.</translation>
    </message>
    <message>
        <source>%1 takes nothing now.</source>
        <translation>%1 nimmt zurzeit nichts an.</translation>
    </message>
    <message>
        <source>The key that was given does not open %1.</source>
        <translation>Der angegebene Schlüssel öffnet %1 nicht.</translation>
    </message>
    <message>
        <source>%1 is being unlocked by somebody else.</source>
        <translation>%1 wird gerade von jemand anderem entsperrt.</translation>
    </message>
</context>
<context>
    <name>EventText</name>
    <message>
        <source>The cgroup was made.</source>
        <translation>Die Cgroup wurde angelegt.</translation>
    </message>
    <message>
        <source>The cgroup was removed.</source>
        <translation>Die Cgroup wurde entfernt.</translation>
    </message>
    <message numerus="yes">
        <source>Protected memory was reclaimed %n time(s).</source>
        <translation>
            <numerusform>Geschützter Speicher wurde %n-mal zurückgeholt.</numerusform>
            <numerusform>Geschützter Speicher wurde %n-mal zurückgeholt.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>The soft memory limit was exceeded %n time(s).</source>
        <translation>
            <numerusform>Die weiche Speichergrenze wurde %n-mal überschritten.</numerusform>
            <numerusform>Die weiche Speichergrenze wurde %n-mal überschritten.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>The hard memory limit was hit %n time(s).</source>
        <translation>
            <numerusform>Die harte Speichergrenze wurde %n-mal erreicht.</numerusform>
            <numerusform>Die harte Speichergrenze wurde %n-mal erreicht.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>The cgroup ran out of memory %n time(s).</source>
        <translation>
            <numerusform>Der Cgroup ging %n-mal der Speicher aus.</numerusform>
            <numerusform>Der Cgroup ging %n-mal der Speicher aus.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>The kernel killed %n process(es) for lack of memory.</source>
        <translation>
            <numerusform>Der Kernel hat aus Speichermangel %n Prozess getötet.</numerusform>
            <numerusform>Der Kernel hat aus Speichermangel %n Prozesse getötet.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>The limit of processes refused %n fork(s).</source>
        <translation>
            <numerusform>Die Prozessgrenze hat %n Fork verweigert.</numerusform>
            <numerusform>Die Prozessgrenze hat %n Forks verweigert.</numerusform>
        </translation>
    </message>
    <message>
        <source>Tasks waited for a resource too long (%1).</source>
        <translation>Prozesse haben zu lange auf ein Betriebsmittel gewartet (%1).</translation>
    </message>
    <message numerus="yes">
        <source>The CPU limit throttled %n period(s).</source>
        <translation>
            <numerusform>Die CPU-Grenze hat %n Periode gedrosselt.</numerusform>
            <numerusform>Die CPU-Grenze hat %n Perioden gedrosselt.</numerusform>
        </translation>
    </message>
    <message>
        <source>Frozen.</source>
        <translation>Eingefroren.</translation>
    </message>
    <message>
        <source>Thawed.</source>
        <translation>Aufgetaut.</translation>
    </message>
    <message>
        <source>%1 changed from %2 to %3.</source>
        <translation>%1 von %2 auf %3 geändert.</translation>
    </message>
    <message numerus="yes">
        <source>%n process(es) killed.</source>
        <translation>
            <numerusform>%n Prozess getötet.</numerusform>
            <numerusform>%n Prozesse getötet.</numerusform>
        </translation>
    </message>
    <message>
        <source>Signal %1 sent.</source>
        <translation>Signal %1 gesendet.</translation>
    </message>
    <message numerus="yes">
        <source>%n process(es) moved.</source>
        <translation>
            <numerusform>%n Prozess verschoben.</numerusform>
            <numerusform>%n Prozesse verschoben.</numerusform>
        </translation>
    </message>
    <message>
        <source>The first process arrived.</source>
        <translation>Der erste Prozess ist gekommen.</translation>
    </message>
    <message>
        <source>The last process left.</source>
        <translation>Der letzte Prozess ist gegangen.</translation>
    </message>
    <message>
        <source>Alert raised: %1.</source>
        <translation>Alarm ausgelöst: %1.</translation>
    </message>
    <message>
        <source>Alert resolved: %1.</source>
        <translation>Alarm beendet: %1.</translation>
    </message>
    <message>
        <source>The kernel&apos;s event queue overflowed; the tree was read again.</source>
        <translation>Die Ereignisschlange des Kernels lief über; der Baum wurde neu gelesen.</translation>
    </message>
    <message>
        <source>Something this version does not know happened (%1).</source>
        <translation>Etwas geschah, das diese Version nicht kennt (%1).</translation>
    </message>
    <message>
        <source>%1: failed. %2</source>
        <comment>kind of action, then why it failed</comment>
        <translation>%1: fehlgeschlagen. %2</translation>
    </message>
    <message>
        <source>New cgroup</source>
        <translation>Neue Cgroup</translation>
    </message>
    <message>
        <source>Cgroup removed</source>
        <translation>Cgroup entfernt</translation>
    </message>
    <message>
        <source>Memory protection</source>
        <translation>Speicherschutz</translation>
    </message>
    <message>
        <source>Soft memory limit</source>
        <translation>Weiche Speichergrenze</translation>
    </message>
    <message>
        <source>Hard memory limit</source>
        <translation>Harte Speichergrenze</translation>
    </message>
    <message>
        <source>Out of memory</source>
        <translation>Speichermangel</translation>
    </message>
    <message>
        <source>OOM kill</source>
        <translation>OOM-Kill</translation>
    </message>
    <message>
        <source>Process limit</source>
        <translation>Prozessgrenze</translation>
    </message>
    <message>
        <source>Pressure</source>
        <translation>Druck</translation>
    </message>
    <message>
        <source>CPU throttled</source>
        <translation>CPU gedrosselt</translation>
    </message>
    <message>
        <source>Freeze</source>
        <translation>Einfrieren</translation>
    </message>
    <message>
        <source>Thaw</source>
        <translation>Auftauen</translation>
    </message>
    <message>
        <source>Limit changed</source>
        <translation>Grenze geändert</translation>
    </message>
    <message>
        <source>Kill</source>
        <translation>Abschießen</translation>
    </message>
    <message>
        <source>Signal</source>
        <translation>Signal</translation>
    </message>
    <message>
        <source>Processes moved</source>
        <translation>Prozesse verschoben</translation>
    </message>
    <message>
        <source>Populated</source>
        <translation>Belegt</translation>
    </message>
    <message>
        <source>Empty</source>
        <translation>Leer</translation>
    </message>
    <message>
        <source>Alert</source>
        <translation>Alarm</translation>
    </message>
    <message>
        <source>Alert resolved</source>
        <translation>Alarm beendet</translation>
    </message>
    <message>
        <source>Queue overflow</source>
        <translation>Schlange übergelaufen</translation>
    </message>
    <message>
        <source>Unknown</source>
        <translation>Unbekannt</translation>
    </message>
    <message>
        <source>%1 (pid %2)</source>
        <comment>program and its number</comment>
        <translation>%1 (Pid %2)</translation>
    </message>
    <message>
        <source>kernel</source>
        <translation>Kernel</translation>
    </message>
    <message>
        <source>systemd-oomd killed it: %1.</source>
        <translation>systemd-oomd hat sie beendet: %1.</translation>
    </message>
    <message>
        <source>The container %1 started.</source>
        <translation>Der Container %1 ist gestartet.</translation>
    </message>
    <message>
        <source>The container %1 ended.</source>
        <translation>Der Container %1 ist beendet.</translation>
    </message>
    <message>
        <source>Controllers of its children changed from %1 to %2.</source>
        <translation>Controller der Kinder geändert von %1 auf %2.</translation>
    </message>
    <message>
        <source>Memory reclaimed: %1.</source>
        <translation>Speicher zurückgeholt: %1.</translation>
    </message>
    <message>
        <source>%1: %2.</source>
        <comment>container, what was done</comment>
        <translation>%1: %2.</translation>
    </message>
    <message>
        <source>Kill by systemd-oomd</source>
        <translation>Kill durch systemd-oomd</translation>
    </message>
    <message>
        <source>Container started</source>
        <translation>Container gestartet</translation>
    </message>
    <message>
        <source>Container ended</source>
        <translation>Container beendet</translation>
    </message>
    <message>
        <source>Controllers</source>
        <translation>Controller</translation>
    </message>
    <message>
        <source>Reclaim</source>
        <translation>Reclaim</translation>
    </message>
    <message>
        <source>Container</source>
        <translation>Container</translation>
    </message>
    <message>
        <source>The kernel killed %1 (pid %2, %3 resident) for lack of memory.</source>
        <translation>Der Kernel hat %1 (PID %2, %3 im Speicher) aus Speichermangel getötet.</translation>
    </message>
    <message>
        <source>The kernel killed %1 (pid %2, %3 resident): the host was out of memory.</source>
        <translation>Der Kernel hat %1 (PID %2, %3 im Speicher) getötet: Dem Host war der Speicher ausgegangen.</translation>
    </message>
    <message>
        <source>The kernel killed %1 (pid %2, %3 resident): %4 was at its memory limit.</source>
        <translation>Der Kernel hat %1 (PID %2, %3 im Speicher) getötet: %4 war an seiner Speichergrenze.</translation>
    </message>
    <message>
        <source>The kernel killed %1 (pid %2, %3 resident): %4 was at its memory limit of %5.</source>
        <translation>Der Kernel hat %1 (PID %2, %3 im Speicher) getötet: %4 war an seiner Speichergrenze von %5.</translation>
    </message>
    <message numerus="yes">
        <source>%n process(es) were killed, the whole cgroup.</source>
        <comment>memory.oom.group</comment>
        <translation>
            <numerusform>%n Prozess wurde getötet, die ganze Cgroup.</numerusform>
            <numerusform>%n Prozesse wurden getötet, die ganze Cgroup.</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 (pid %2) had asked for memory.</source>
        <translation>%1 (PID %2) hatte Speicher angefordert.</translation>
    </message>
    <message>
        <source>When last sampled, %1 used %2.</source>
        <translation>Bei der letzten Messung belegte %1 %2.</translation>
    </message>
    <message>
        <source>Last change of the limit: %1.</source>
        <translation>Letzte Änderung der Grenze: %1.</translation>
    </message>
</context>
<context>
    <name>FormatText</name>
    <message>
        <source>%1 %</source>
        <translation>%1 %</translation>
    </message>
    <message>
        <source>%1 %2</source>
        <comment>I/O limit: kind and rate</comment>
        <translation>%1 %2</translation>
    </message>
    <message>
        <source>%1:%2</source>
        <comment>block device number</comment>
        <translation>%1:%2</translation>
    </message>
    <message>
        <source>read</source>
        <translation>lesen</translation>
    </message>
    <message>
        <source>write</source>
        <translation>schreiben</translation>
    </message>
    <message>
        <source>read operations</source>
        <translation>Lesevorgänge</translation>
    </message>
    <message>
        <source>write operations</source>
        <translation>Schreibvorgänge</translation>
    </message>
    <message>
        <source>%1 B</source>
        <comment>bytes</comment>
        <translation>%1 B</translation>
    </message>
    <message>
        <source>%1 KiB</source>
        <translation>%1 KiB</translation>
    </message>
    <message>
        <source>%1 MiB</source>
        <translation>%1 MiB</translation>
    </message>
    <message>
        <source>%1 GiB</source>
        <translation>%1 GiB</translation>
    </message>
    <message>
        <source>%1 TiB</source>
        <translation>%1 TiB</translation>
    </message>
    <message>
        <source>%1 PiB</source>
        <translation>%1 PiB</translation>
    </message>
    <message>
        <source>%1 EiB</source>
        <translation>%1 EiB</translation>
    </message>
    <message>
        <source>%1 B/s</source>
        <translation>%1 B/s</translation>
    </message>
    <message>
        <source>%1 KiB/s</source>
        <translation>%1 KiB/s</translation>
    </message>
    <message>
        <source>%1 MiB/s</source>
        <translation>%1 MiB/s</translation>
    </message>
    <message>
        <source>%1 GiB/s</source>
        <translation>%1 GiB/s</translation>
    </message>
    <message>
        <source>%1 TiB/s</source>
        <translation>%1 TiB/s</translation>
    </message>
    <message>
        <source>%1 PiB/s</source>
        <translation>%1 PiB/s</translation>
    </message>
    <message>
        <source>%1 EiB/s</source>
        <translation>%1 EiB/s</translation>
    </message>
    <message>
        <source>%1 µs</source>
        <translation>%1 µs</translation>
    </message>
    <message>
        <source>%1 ms</source>
        <translation>%1 ms</translation>
    </message>
    <message>
        <source>%1 s</source>
        <comment>seconds</comment>
        <translation>%1 s</translation>
    </message>
    <message>
        <source>%1 min %2 s</source>
        <translation>%1 min %2 s</translation>
    </message>
    <message>
        <source>%1 h %2 min</source>
        <translation>%1 h %2 min</translation>
    </message>
    <message>
        <source>%1 d %2 h</source>
        <comment>days and hours</comment>
        <translation>%1 d %2 h</translation>
    </message>
    <message>
        <source>%1/s</source>
        <translation>%1/s</translation>
    </message>
    <message>
        <source>unreadable</source>
        <translation>nicht lesbar</translation>
    </message>
    <message>
        <source>No limit is set.</source>
        <translation>Es ist keine Grenze gesetzt.</translation>
    </message>
    <message>
        <source>The kernel has this value, but it could not be read.</source>
        <translation>Der Kernel hat diesen Wert, aber er konnte nicht gelesen werden.</translation>
    </message>
    <message>
        <source>A rate needs two samples; the second one is on its way.</source>
        <translation>Eine Rate braucht zwei Messungen; die zweite ist unterwegs.</translation>
    </message>
    <message>
        <source>The kernel keeps no such value here.</source>
        <translation>Der Kernel führt hier keinen solchen Wert.</translation>
    </message>
    <message>
        <source>%1 of one CPU</source>
        <translation>%1 einer CPU</translation>
    </message>
    <message>
        <source>%1: %2 → %3</source>
        <comment>limit: old to new</comment>
        <translation>%1: %2 → %3</translation>
    </message>
    <message>
        <source>%1: %2 → %3 (%4)</source>
        <comment>limit: old to new, change in percent</comment>
        <translation>%1: %2 → %3 (%4)</translation>
    </message>
    <message>
        <source>−%1 %</source>
        <comment>decrease</comment>
        <translation>−%1 %</translation>
    </message>
    <message>
        <source>+%1 %</source>
        <comment>increase</comment>
        <translation>+%1 %</translation>
    </message>
</context>
<context>
    <name>Freeze</name>
    <message>
        <source>How long it will stand still is not known yet: this host has saved nothing like it.</source>
        <translation>Wie lange es stillstehen wird, ist noch nicht bekannt: Auf diesem Rechner wurde noch nichts Vergleichbares gesichert.</translation>
    </message>
    <message>
        <source>It will stand still for about %1 (this host&apos;s last checkpoints: %2/s).</source>
        <translation>Es wird etwa %1 stillstehen (die letzten Checkpoints dieses Rechners: %2/s).</translation>
    </message>
    <message>
        <source>Before that its memory is saved in rounds while it runs.</source>
        <translation>Davor wird sein Speicher in Runden gesichert, während es läuft.</translation>
    </message>
</context>
<context>
    <name>HostText</name>
    <message>
        <source>Checkpoints</source>
        <translation>Checkpoints</translation>
    </message>
    <message>
        <source>Checkpoints in rounds</source>
        <translation>Checkpoints in Runden</translation>
    </message>
    <message>
        <source>Restore with memory later</source>
        <translation>Wiederherstellen mit späterem Speicher</translation>
    </message>
    <message>
        <source>Processes told apart</source>
        <translation>Prozesse unterscheiden</translation>
    </message>
    <message>
        <source>Network held back</source>
        <translation>Netz anhalten</translation>
    </message>
    <message>
        <source>Right to make checkpoints</source>
        <translation>Recht auf Checkpoints</translation>
    </message>
    <message>
        <source>Processes of other users</source>
        <translation>Prozesse anderer Benutzer</translation>
    </message>
    <message>
        <source>Right to make changes</source>
        <translation>Recht auf Änderungen</translation>
    </message>
    <message>
        <source>Pressure</source>
        <translation>Druck</translation>
    </message>
    <message>
        <source>Alarms of pressure</source>
        <translation>Alarme des Drucks</translation>
    </message>
    <message>
        <source>Changes seen at once</source>
        <translation>Änderungen sofort sehen</translation>
    </message>
    <message>
        <source>Soft limit of memory</source>
        <translation>Weiche Grenze des Speichers</translation>
    </message>
    <message>
        <source>Watch on limits</source>
        <translation>Überwachung der Grenzen</translation>
    </message>
    <message>
        <source>Story of OOM kills</source>
        <translation>Hergang von OOM-Kills</translation>
    </message>
    <message>
        <source>Journal</source>
        <translation>Journal</translation>
    </message>
    <message>
        <source>systemd</source>
        <translation>systemd</translation>
    </message>
    <message>
        <source>Limits by systemd</source>
        <translation>Grenzen durch systemd</translation>
    </message>
    <message>
        <source>systemd-oomd</source>
        <translation>systemd-oomd</translation>
    </message>
    <message>
        <source>works</source>
        <translation>geht</translation>
    </message>
    <message>
        <source>does not work</source>
        <translation>geht nicht</translation>
    </message>
    <message>
        <source>The host has not told yet what works there.</source>
        <translation>Der Rechner hat noch nicht gesagt, was dort geht.</translation>
    </message>
    <message>
        <source>Kernel and system</source>
        <translation>Kernel und System</translation>
    </message>
</context>
<context>
    <name>Labels</name>
    <message>
        <source>Memory in use</source>
        <translation>Speicher in Gebrauch</translation>
    </message>
    <message>
        <source>Peak memory</source>
        <translation>Spitze des Speichers</translation>
    </message>
    <message>
        <source>Swap in use</source>
        <translation>Swap in Gebrauch</translation>
    </message>
    <message>
        <source>Anonymous memory</source>
        <translation>Anonymer Speicher</translation>
    </message>
    <message>
        <source>File cache</source>
        <translation>Dateicache</translation>
    </message>
    <message>
        <source>Kernel memory</source>
        <translation>Kernelspeicher</translation>
    </message>
    <message>
        <source>Shared memory</source>
        <translation>Gemeinsamer Speicher</translation>
    </message>
    <message>
        <source>Slab memory</source>
        <translation>Slab-Speicher</translation>
    </message>
    <message>
        <source>Guaranteed memory</source>
        <translation>Garantierter Speicher</translation>
    </message>
    <message>
        <source>Protected memory</source>
        <translation>Geschützter Speicher</translation>
    </message>
    <message>
        <source>Soft memory limit</source>
        <translation>Weiche Speichergrenze</translation>
    </message>
    <message>
        <source>Hard memory limit</source>
        <translation>Harte Speichergrenze</translation>
    </message>
    <message>
        <source>Swap limit</source>
        <translation>Swap-Grenze</translation>
    </message>
    <message>
        <source>Refaults of anonymous memory</source>
        <translation>Refaults anonymen Speichers</translation>
    </message>
    <message>
        <source>Refaults of file cache</source>
        <translation>Refaults des Dateicaches</translation>
    </message>
    <message>
        <source>Reclaims below the protection</source>
        <translation>Rückholungen unter den Schutz</translation>
    </message>
    <message>
        <source>Soft memory limit exceeded</source>
        <translation>Weiche Speichergrenze überschritten</translation>
    </message>
    <message>
        <source>Hard memory limit hit</source>
        <translation>Harte Speichergrenze erreicht</translation>
    </message>
    <message>
        <source>Out of memory</source>
        <translation>Speichermangel</translation>
    </message>
    <message>
        <source>OOM kills</source>
        <translation>OOM-Kills</translation>
    </message>
    <message>
        <source>CPU time</source>
        <translation>CPU-Zeit</translation>
    </message>
    <message>
        <source>CPU time in programs</source>
        <translation>CPU-Zeit in Programmen</translation>
    </message>
    <message>
        <source>CPU time in the kernel</source>
        <translation>CPU-Zeit im Kernel</translation>
    </message>
    <message>
        <source>CPU periods</source>
        <translation>CPU-Perioden</translation>
    </message>
    <message>
        <source>Throttled CPU periods</source>
        <translation>Gedrosselte CPU-Perioden</translation>
    </message>
    <message>
        <source>Throttled time</source>
        <translation>Gedrosselte Zeit</translation>
    </message>
    <message>
        <source>CPU</source>
        <translation>CPU</translation>
    </message>
    <message>
        <source>CPU in programs</source>
        <translation>CPU in Programmen</translation>
    </message>
    <message>
        <source>CPU in the kernel</source>
        <translation>CPU im Kernel</translation>
    </message>
    <message>
        <source>CPU throttled</source>
        <translation>CPU gedrosselt</translation>
    </message>
    <message>
        <source>CPU weight</source>
        <translation>CPU-Gewicht</translation>
    </message>
    <message>
        <source>CPU limit</source>
        <translation>CPU-Grenze</translation>
    </message>
    <message>
        <source>Bytes read</source>
        <translation>Gelesene Bytes</translation>
    </message>
    <message>
        <source>Bytes written</source>
        <translation>Geschriebene Bytes</translation>
    </message>
    <message>
        <source>Read operations</source>
        <translation>Lesevorgänge</translation>
    </message>
    <message>
        <source>Write operations</source>
        <translation>Schreibvorgänge</translation>
    </message>
    <message>
        <source>Read</source>
        <translation>Gelesen</translation>
    </message>
    <message>
        <source>Written</source>
        <translation>Geschrieben</translation>
    </message>
    <message>
        <source>Reads per second</source>
        <translation>Lesevorgänge pro Sekunde</translation>
    </message>
    <message>
        <source>Writes per second</source>
        <translation>Schreibvorgänge pro Sekunde</translation>
    </message>
    <message>
        <source>Processes</source>
        <translation>Prozesse</translation>
    </message>
    <message>
        <source>Process limit</source>
        <translation>Prozessgrenze</translation>
    </message>
    <message>
        <source>Forks refused</source>
        <translation>Verweigerte Forks</translation>
    </message>
    <message>
        <source>CPU pressure (some)</source>
        <translation>CPU-Druck (einige)</translation>
    </message>
    <message>
        <source>CPU pressure (full)</source>
        <translation>CPU-Druck (alle)</translation>
    </message>
    <message>
        <source>Memory pressure (some)</source>
        <translation>Speicherdruck (einige)</translation>
    </message>
    <message>
        <source>Memory pressure (full)</source>
        <translation>Speicherdruck (alle)</translation>
    </message>
    <message>
        <source>I/O pressure (some)</source>
        <translation>E/A-Druck (einige)</translation>
    </message>
    <message>
        <source>I/O pressure (full)</source>
        <translation>E/A-Druck (alle)</translation>
    </message>
    <message>
        <source>CPU pressure time (some)</source>
        <translation>CPU-Druckzeit (einige)</translation>
    </message>
    <message>
        <source>CPU pressure time (full)</source>
        <translation>CPU-Druckzeit (alle)</translation>
    </message>
    <message>
        <source>Memory pressure time (some)</source>
        <translation>Speicherdruckzeit (einige)</translation>
    </message>
    <message>
        <source>Memory pressure time (full)</source>
        <translation>Speicherdruckzeit (alle)</translation>
    </message>
    <message>
        <source>I/O pressure time (some)</source>
        <translation>E/A-Druckzeit (einige)</translation>
    </message>
    <message>
        <source>I/O pressure time (full)</source>
        <translation>E/A-Druckzeit (alle)</translation>
    </message>
    <message>
        <source>CPU pressure now (some)</source>
        <translation>CPU-Druck jetzt (einige)</translation>
    </message>
    <message>
        <source>CPU pressure now (full)</source>
        <translation>CPU-Druck jetzt (alle)</translation>
    </message>
    <message>
        <source>Memory pressure now (some)</source>
        <translation>Speicherdruck jetzt (einige)</translation>
    </message>
    <message>
        <source>Memory pressure now (full)</source>
        <translation>Speicherdruck jetzt (alle)</translation>
    </message>
    <message>
        <source>I/O pressure now (some)</source>
        <translation>E/A-Druck jetzt (einige)</translation>
    </message>
    <message>
        <source>I/O pressure now (full)</source>
        <translation>E/A-Druck jetzt (alle)</translation>
    </message>
    <message>
        <source>Freezer</source>
        <translation>Freezer</translation>
    </message>
    <message>
        <source>Has processes</source>
        <translation>Hat Prozesse</translation>
    </message>
    <message>
        <source>Refaults per second</source>
        <translation>Refaults pro Sekunde</translation>
    </message>
    <message>
        <source>bytes</source>
        <translation>Bytes</translation>
    </message>
    <message>
        <source>bytes per second</source>
        <translation>Bytes pro Sekunde</translation>
    </message>
    <message>
        <source>microseconds</source>
        <translation>Mikrosekunden</translation>
    </message>
    <message>
        <source>percent</source>
        <translation>Prozent</translation>
    </message>
    <message>
        <source>count</source>
        <translation>Anzahl</translation>
    </message>
    <message>
        <source>per second</source>
        <translation>pro Sekunde</translation>
    </message>
    <message>
        <source>weight</source>
        <translation>Gewicht</translation>
    </message>
    <message>
        <source>I/O limits</source>
        <translation>E/A-Grenzen</translation>
    </message>
    <message>
        <source>Memory that is never reclaimed, whatever happens elsewhere.</source>
        <translation>Speicher, der nie zurückgeholt wird, was sonst auch geschieht.</translation>
    </message>
    <message>
        <source>Memory that is reclaimed only when nothing unprotected is left.</source>
        <translation>Speicher, der nur zurückgeholt wird, wenn nichts Ungeschütztes übrig ist.</translation>
    </message>
    <message>
        <source>Above this the processes are slowed down and their memory is reclaimed; nothing is killed.</source>
        <translation>Darüber werden die Prozesse gebremst und ihr Speicher zurückgeholt; nichts wird getötet.</translation>
    </message>
    <message>
        <source>Above this the kernel reclaims, and kills processes when that is not enough.</source>
        <translation>Darüber holt der Kernel Speicher zurück und tötet Prozesse, wenn das nicht reicht.</translation>
    </message>
    <message>
        <source>Swap space the processes may use.</source>
        <translation>Swap, den die Prozesse benutzen dürfen.</translation>
    </message>
    <message>
        <source>Share of the CPU against the neighbours when it is scarce; 100 is usual.</source>
        <translation>Anteil an der CPU gegenüber den Nachbarn, wenn sie knapp ist; üblich ist 100.</translation>
    </message>
    <message>
        <source>CPU time per period; the processes wait when it is used up.</source>
        <translation>CPU-Zeit je Periode; die Prozesse warten, wenn sie verbraucht ist.</translation>
    </message>
    <message>
        <source>Bytes and operations per second on each block device.</source>
        <translation>Bytes und Vorgänge pro Sekunde auf jedem Blockgerät.</translation>
    </message>
    <message>
        <source>Processes and threads; more cannot start.</source>
        <translation>Prozesse und Threads; mehr können nicht starten.</translation>
    </message>
    <message>
        <source>running</source>
        <translation>läuft</translation>
    </message>
    <message>
        <source>freezing</source>
        <translation>friert ein</translation>
    </message>
    <message>
        <source>frozen</source>
        <translation>eingefroren</translation>
    </message>
    <message>
        <source>frozen above</source>
        <translation>oberhalb eingefroren</translation>
    </message>
    <message>
        <source>unreadable</source>
        <translation>nicht lesbar</translation>
    </message>
    <message>
        <source>Host</source>
        <translation>Rechner</translation>
    </message>
    <message>
        <source>Cgroup</source>
        <translation>Cgroup</translation>
    </message>
    <message>
        <source>Container</source>
        <translation>Container</translation>
    </message>
    <message>
        <source>Namespace</source>
        <translation>Namensraum</translation>
    </message>
    <message>
        <source>Process</source>
        <translation>Prozess</translation>
    </message>
    <message>
        <source>Cgroup root</source>
        <translation>Cgroup-Wurzel</translation>
    </message>
    <message>
        <source>Inter-process communication</source>
        <translation>Prozesskommunikation</translation>
    </message>
    <message>
        <source>Mount points</source>
        <translation>Einhängepunkte</translation>
    </message>
    <message>
        <source>Network</source>
        <translation>Netzwerk</translation>
    </message>
    <message>
        <source>Process numbers</source>
        <translation>Prozessnummern</translation>
    </message>
    <message>
        <source>Clocks</source>
        <translation>Uhren</translation>
    </message>
    <message>
        <source>Users</source>
        <translation>Benutzer</translation>
    </message>
    <message>
        <source>Host name</source>
        <translation>Rechnername</translation>
    </message>
    <message>
        <source>normal</source>
        <translation>normal</translation>
    </message>
    <message>
        <source>warning</source>
        <translation>Warnung</translation>
    </message>
    <message>
        <source>critical</source>
        <translation>kritisch</translation>
    </message>
    <message>
        <source>queued</source>
        <translation>wartet</translation>
    </message>
    <message>
        <source>done</source>
        <translation>fertig</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>fehlgeschlagen</translation>
    </message>
    <message>
        <source>cancelled</source>
        <translation>abgebrochen</translation>
    </message>
    <message>
        <source>Change limits</source>
        <translation>Grenzen ändern</translation>
    </message>
    <message>
        <source>Freeze</source>
        <translation>Einfrieren</translation>
    </message>
    <message>
        <source>Thaw</source>
        <translation>Auftauen</translation>
    </message>
    <message>
        <source>Kill</source>
        <translation>Abschießen</translation>
    </message>
    <message>
        <source>Send signal</source>
        <translation>Signal senden</translation>
    </message>
    <message>
        <source>Move processes</source>
        <translation>Prozesse verschieben</translation>
    </message>
    <message>
        <source>Make cgroup</source>
        <translation>Cgroup anlegen</translation>
    </message>
    <message>
        <source>Remove cgroup</source>
        <translation>Cgroup entfernen</translation>
    </message>
    <message>
        <source>checking</source>
        <translation>prüft</translation>
    </message>
    <message>
        <source>writing</source>
        <translation>schreibt</translation>
    </message>
    <message>
        <source>waiting for the kernel</source>
        <translation>wartet auf den Kernel</translation>
    </message>
    <message>
        <source>reading back</source>
        <translation>liest zurück</translation>
    </message>
    <message>
        <source>rolling back</source>
        <translation>nimmt zurück</translation>
    </message>
    <message>
        <source>Memory near the hard limit</source>
        <translation>Speicher nahe der harten Grenze</translation>
    </message>
    <message>
        <source>Memory near the soft limit</source>
        <translation>Speicher nahe der weichen Grenze</translation>
    </message>
    <message>
        <source>OOM kill</source>
        <translation>OOM-Kill</translation>
    </message>
    <message>
        <source>Memory pressure</source>
        <translation>Speicherdruck</translation>
    </message>
    <message>
        <source>Processes near the limit</source>
        <translation>Prozesse nahe der Grenze</translation>
    </message>
    <message>
        <source>sleeping</source>
        <translation>schläft</translation>
    </message>
    <message>
        <source>waiting for I/O</source>
        <translation>wartet auf E/A</translation>
    </message>
    <message>
        <source>zombie</source>
        <translation>Zombie</translation>
    </message>
    <message>
        <source>stopped</source>
        <translation>angehalten</translation>
    </message>
    <message>
        <source>traced</source>
        <translation>verfolgt</translation>
    </message>
    <message>
        <source>idle</source>
        <translation>untätig</translation>
    </message>
    <message>
        <source>dead</source>
        <translation>tot</translation>
    </message>
    <message>
        <source>Fork failed at the limit of processes</source>
        <translation>Fork an der Prozessgrenze gescheitert</translation>
    </message>
    <message>
        <source>Soft swap limit</source>
        <translation>Weiche Swap-Grenze</translation>
    </message>
    <message>
        <source>Compressed swap limit</source>
        <translation>Grenze für komprimierten Swap</translation>
    </message>
    <message>
        <source>Compressed swap to disk</source>
        <translation>Komprimierter Swap auf Platte</translation>
    </message>
    <message>
        <source>OOM kills all</source>
        <translation>OOM beendet alle</translation>
    </message>
    <message>
        <source>CPU burst</source>
        <translation>CPU-Burst</translation>
    </message>
    <message>
        <source>CPU idle class</source>
        <translation>CPU-Leerlaufklasse</translation>
    </message>
    <message>
        <source>Least CPU clock</source>
        <translation>Mindester CPU-Takt</translation>
    </message>
    <message>
        <source>Highest CPU clock</source>
        <translation>Höchster CPU-Takt</translation>
    </message>
    <message>
        <source>CPUs</source>
        <translation>CPUs</translation>
    </message>
    <message>
        <source>Memory nodes</source>
        <translation>Speicherknoten</translation>
    </message>
    <message>
        <source>Exclusive CPUs</source>
        <translation>Exklusive CPUs</translation>
    </message>
    <message>
        <source>CPU partition</source>
        <translation>CPU-Partition</translation>
    </message>
    <message>
        <source>I/O weight</source>
        <translation>E/A-Gewicht</translation>
    </message>
    <message>
        <source>I/O weight (BFQ)</source>
        <translation>E/A-Gewicht (BFQ)</translation>
    </message>
    <message>
        <source>I/O latency target</source>
        <translation>E/A-Latenzziel</translation>
    </message>
    <message>
        <source>I/O priority class</source>
        <translation>E/A-Prioritätsklasse</translation>
    </message>
    <message>
        <source>I/O cost quality</source>
        <translation>E/A-Kosten: Qualität</translation>
    </message>
    <message>
        <source>I/O cost model</source>
        <translation>E/A-Kosten: Modell</translation>
    </message>
    <message>
        <source>Huge pages limit</source>
        <translation>Grenze für Huge Pages</translation>
    </message>
    <message>
        <source>Huge pages reservation limit</source>
        <translation>Grenze für Huge-Page-Reservierungen</translation>
    </message>
    <message>
        <source>RDMA limit</source>
        <translation>RDMA-Grenze</translation>
    </message>
    <message>
        <source>Miscellaneous limit</source>
        <translation>Sonstige Grenze</translation>
    </message>
    <message>
        <source>Device memory limit</source>
        <translation>Grenze für Gerätespeicher</translation>
    </message>
    <message>
        <source>Protected device memory</source>
        <translation>Geschützter Gerätespeicher</translation>
    </message>
    <message>
        <source>Guaranteed device memory</source>
        <translation>Garantierter Gerätespeicher</translation>
    </message>
    <message>
        <source>Depth of cgroups</source>
        <translation>Tiefe der Cgroups</translation>
    </message>
    <message>
        <source>Number of cgroups</source>
        <translation>Anzahl der Cgroups</translation>
    </message>
    <message>
        <source>Pressure accounting</source>
        <translation>Druckmessung</translation>
    </message>
    <message>
        <source>Type of cgroup</source>
        <translation>Art der Cgroup</translation>
    </message>
    <message>
        <source>Above this the processes are slowed down, so that swap does not fill up.</source>
        <translation>Darüber werden die Prozesse gebremst, damit der Swap nicht volläuft.</translation>
    </message>
    <message>
        <source>Memory that compressed swap (zswap) may take.</source>
        <translation>Speicher, den komprimierter Swap (zswap) belegen darf.</translation>
    </message>
    <message>
        <source>1: compressed pages may move on to the swap device; 0: they stay in memory.</source>
        <translation>1: komprimierte Seiten dürfen auf das Swap-Gerät; 0: sie bleiben im Speicher.</translation>
    </message>
    <message>
        <source>1: when one process is killed for want of memory, all of the cgroup are.</source>
        <translation>1: wird ein Prozess aus Speichermangel beendet, so werden es alle der Cgroup.</translation>
    </message>
    <message>
        <source>CPU time saved up in quiet periods that may be used beyond the CPU limit.</source>
        <translation>In ruhigen Perioden gesparte CPU-Zeit, die über die CPU-Grenze hinaus genutzt werden darf.</translation>
    </message>
    <message>
        <source>1: runs only when nothing else wants the CPU.</source>
        <translation>1: läuft nur, wenn sonst niemand die CPU will.</translation>
    </message>
    <message>
        <source>The CPU is clocked at least for this share of its power while its processes run.</source>
        <translation>Mindestens für diesen Anteil ihrer Leistung wird die CPU getaktet, während die Prozesse laufen.</translation>
    </message>
    <message>
        <source>The CPU is not clocked above this share of its power for its processes.</source>
        <translation>Über diesen Anteil ihrer Leistung wird die CPU für die Prozesse nicht getaktet.</translation>
    </message>
    <message>
        <source>CPUs its processes may run on; empty: those of the parent.</source>
        <translation>CPUs, auf denen die Prozesse laufen dürfen; leer: die der übergeordneten Cgroup.</translation>
    </message>
    <message>
        <source>NUMA nodes its memory may come from; empty: those of the parent.</source>
        <translation>NUMA-Knoten, von denen der Speicher kommen darf; leer: die der übergeordneten Cgroup.</translation>
    </message>
    <message>
        <source>CPUs that are kept for a partition below or at this cgroup.</source>
        <translation>CPUs, die für eine Partition an oder unter dieser Cgroup freigehalten werden.</translation>
    </message>
    <message>
        <source>root: its CPUs belong to it alone; isolated: also without load balancing.</source>
        <translation>root: die CPUs gehören ihr allein; isolated: auch ohne Lastverteilung.</translation>
    </message>
    <message>
        <source>Share of a disk against the neighbours when it is busy; 100 is usual.</source>
        <translation>Anteil an einer ausgelasteten Platte gegenüber den Nachbarn; üblich ist 100.</translation>
    </message>
    <message>
        <source>The same for disks with the BFQ scheduler.</source>
        <translation>Dasselbe für Platten mit dem BFQ-Scheduler.</translation>
    </message>
    <message>
        <source>Neighbours are slowed down while this cgroup waits longer for the disk, in microseconds.</source>
        <translation>Nachbarn werden gebremst, solange diese Cgroup länger auf die Platte wartet, in Mikrosekunden.</translation>
    </message>
    <message>
        <source>Changes the I/O priority of its processes.</source>
        <translation>Ändert die E/A-Priorität der Prozesse.</translation>
    </message>
    <message>
        <source>When the I/O cost controller counts a disk as saturated; of the root only.</source>
        <translation>Wann der E/A-Kosten-Controller eine Platte als ausgelastet ansieht; nur an der Wurzel.</translation>
    </message>
    <message>
        <source>What a disk can do, for the I/O cost controller; of the root only.</source>
        <translation>Was eine Platte leistet, für den E/A-Kosten-Controller; nur an der Wurzel.</translation>
    </message>
    <message>
        <source>Memory in huge pages of each size.</source>
        <translation>Speicher in Huge Pages jeder Größe.</translation>
    </message>
    <message>
        <source>Huge pages that may be reserved, used or not.</source>
        <translation>Huge Pages, die reserviert werden dürfen, genutzt oder nicht.</translation>
    </message>
    <message>
        <source>Handles and objects of each RDMA device.</source>
        <translation>Handles und Objekte jedes RDMA-Geräts.</translation>
    </message>
    <message>
        <source>Other scarce resources of the host, by name.</source>
        <translation>Andere knappe Ressourcen des Rechners, nach Namen.</translation>
    </message>
    <message>
        <source>Memory of graphics and other devices, by region.</source>
        <translation>Speicher von Grafik- und anderen Geräten, nach Region.</translation>
    </message>
    <message>
        <source>Device memory that is evicted only when nothing unprotected is left.</source>
        <translation>Gerätespeicher, der erst verdrängt wird, wenn nichts Ungeschütztes mehr da ist.</translation>
    </message>
    <message>
        <source>Device memory that is never evicted.</source>
        <translation>Gerätespeicher, der nie verdrängt wird.</translation>
    </message>
    <message>
        <source>Levels of cgroups that may be made below.</source>
        <translation>Ebenen von Cgroups, die darunter angelegt werden dürfen.</translation>
    </message>
    <message>
        <source>Cgroups that may be made below.</source>
        <translation>Cgroups, die darunter angelegt werden dürfen.</translation>
    </message>
    <message>
        <source>0: pressure (PSI) is not counted for this cgroup.</source>
        <translation>0: für diese Cgroup wird kein Druck (PSI) gemessen.</translation>
    </message>
    <message>
        <source>threaded: threads of one process may be spread over cgroups. There is no way back.</source>
        <translation>threaded: Threads eines Prozesses dürfen auf Cgroups verteilt werden. Es gibt keinen Weg zurück.</translation>
    </message>
    <message>
        <source>Set controllers</source>
        <translation>Controller setzen</translation>
    </message>
    <message>
        <source>Reclaim memory</source>
        <translation>Speicher zurückholen</translation>
    </message>
    <message>
        <source>created</source>
        <translation>angelegt</translation>
    </message>
    <message>
        <source>paused</source>
        <translation>angehalten</translation>
    </message>
    <message>
        <source>stopping</source>
        <translation>stoppt</translation>
    </message>
    <message>
        <source>exited</source>
        <translation>beendet</translation>
    </message>
    <message>
        <source>healthy</source>
        <translation>gesund</translation>
    </message>
    <message>
        <source>unhealthy</source>
        <translation>krank</translation>
    </message>
    <message>
        <source>starting up</source>
        <translation>fährt hoch</translation>
    </message>
    <message>
        <source>Start container</source>
        <translation>Container starten</translation>
    </message>
    <message>
        <source>Stop container</source>
        <translation>Container stoppen</translation>
    </message>
    <message>
        <source>Restart container</source>
        <translation>Container neu starten</translation>
    </message>
    <message>
        <source>Remove container</source>
        <translation>Container löschen</translation>
    </message>
    <message>
        <source>Peak memory since the last sample</source>
        <translation>Speicherspitze seit der letzten Messung</translation>
    </message>
    <message>
        <source>Checkpoint</source>
        <translation>Checkpoint</translation>
    </message>
    <message>
        <source>Restore</source>
        <translation>Wiederherstellen</translation>
    </message>
    <message>
        <source>stopped, being saved</source>
        <translation>angehalten, wird gesichert</translation>
    </message>
    <message>
        <source>stopped, its files are taken</source>
        <translation>angehalten, Dateien werden gesichert</translation>
    </message>
    <message>
        <source>reading from the store</source>
        <translation>wird aus dem Speicher gelesen</translation>
    </message>
    <message>
        <source>being restored</source>
        <translation>wird wiederhergestellt</translation>
    </message>
    <message>
        <source>by hand</source>
        <translation>von Hand</translation>
    </message>
    <message>
        <source>Collect checkpoints</source>
        <translation>Checkpoints aufräumen</translation>
    </message>
    <message>
        <source>Verify checkpoints</source>
        <translation>Checkpoints prüfen</translation>
    </message>
    <message>
        <source>reading it whole</source>
        <translation>es wird ganz gelesen</translation>
    </message>
    <message>
        <source>by a schedule</source>
        <translation>nach Zeitplan</translation>
    </message>
    <message>
        <source>before a restore</source>
        <translation>vor einer Wiederherstellung</translation>
    </message>
    <message>
        <source>to suspend it</source>
        <translation>zum Aussetzen</translation>
    </message>
    <message>
        <source>by the program itself</source>
        <translation>vom Programm selbst</translation>
    </message>
    <message>
        <source>Restore as new container</source>
        <translation>Als neuen Container wiederherstellen</translation>
    </message>
    <message>
        <source>restoring container %1</source>
        <translation>Container %1 wird wiederhergestellt</translation>
    </message>
    <message>
        <source>saving memory while it runs</source>
        <translation>Speicher wird gesichert, während es läuft</translation>
    </message>
    <message>
        <source>saving what has changed while it runs: round %1, %2 are saved</source>
        <translation>Geändertes wird gesichert, während es läuft: Runde %1, %2 sind gesichert</translation>
    </message>
</context>
<context>
    <name>LimitChangeText</name>
    <message>
        <source>%1: %2 → %3</source>
        <comment>limit: old to new</comment>
        <translation>%1: %2 → %3</translation>
    </message>
</context>
<context>
    <name>Options</name>
    <message>
        <source>Desktop administration console for containers, cgroups and namespaces.</source>
        <translation>Verwaltungskonsole für Container, Cgroups und Namensräume.</translation>
    </message>
    <message>
        <source>Save a picture of the live console to FILE (PNG) and exit; needs no display.</source>
        <translation>Ein Bild der laufenden Konsole als DATEI (PNG) speichern und enden; braucht keinen Bildschirm.</translation>
    </message>
    <message>
        <source>Size of the window in pixels.</source>
        <translation>Größe des Fensters in Pixeln.</translation>
    </message>
    <message>
        <source>Show a page: %1.</source>
        <translation>Eine Seite zeigen: %1.</translation>
    </message>
    <message>
        <source>Seconds of live data before the picture is taken (default 3).</source>
        <translation>Sekunden mit lebenden Daten vor dem Bild (üblich 3).</translation>
    </message>
    <message>
        <source>Colours: desktop, light or dark.</source>
        <translation>Farben: desktop, light oder dark.</translation>
    </message>
    <message>
        <source>Show this help.</source>
        <translation>Diese Hilfe zeigen.</translation>
    </message>
    <message>
        <source>Show the version.</source>
        <translation>Die Version zeigen.</translation>
    </message>
    <message>
        <source>--size wants WIDTHxHEIGHT between 320x240 and 16384x16384, such as 1400x880.</source>
        <translation>--size braucht BREITExHÖHE zwischen 320x240 und 16384x16384, etwa 1400x880.</translation>
    </message>
    <message>
        <source>--after wants a number of seconds from 0 to 3600.</source>
        <translation>--after braucht eine Zahl von Sekunden von 0 bis 3600.</translation>
    </message>
    <message>
        <source>--theme wants desktop, light or dark.</source>
        <translation>--theme braucht desktop, light oder dark.</translation>
    </message>
    <message>
        <source>There is no page “%1”; the pages are %2.</source>
        <translation>Es gibt keine Seite „%1“; die Seiten sind %2.</translation>
    </message>
    <message>
        <source>--screenshot wants the name of a file.</source>
        <translation>--screenshot braucht den Namen einer Datei.</translation>
    </message>
    <message>
        <source>“%1” is not an option of gantry.</source>
        <translation>„%1“ ist keine Option von gantry.</translation>
    </message>
    <message>
        <source>Look only: nothing on the host can be changed.</source>
        <translation>Nur ansehen: am Rechner lässt sich nichts ändern.</translation>
    </message>
    <message>
        <source>Show this host, too: user@host, ssh://user@host:port or unix:/path. Several are possible.</source>
        <translation>Auch diesen Rechner zeigen: benutzer@rechner, ssh://benutzer@rechner:port oder unix:/pfad. Mehrere sind möglich.</translation>
    </message>
    <message>
        <source>Select a node: cgroup path, container name or pid:N; HOST:NODE on a host of that name in the tree.</source>
        <translation>Einen Knoten auswählen: Cgroup-Pfad, Name eines Containers oder pid:N; RECHNER:KNOTEN auf einem Rechner, der im Baum so heißt.</translation>
    </message>
</context>
<context>
    <name>PreDump</name>
    <message>
        <source>No round before it was wanted.</source>
        <translation>Eine Runde davor war nicht gewünscht.</translation>
    </message>
    <message>
        <source>This kernel does not tell which memory has changed (CONFIG_MEM_SOFT_DIRTY): all of it is saved while it stands still.</source>
        <translation>Dieser Kernel sagt nicht, welcher Speicher sich geändert hat (CONFIG_MEM_SOFT_DIRTY): Alles wird gesichert, während es stillsteht.</translation>
    </message>
    <message>
        <source>It has so little memory that a round before it would save no time.</source>
        <translation>Es hat so wenig Speicher, dass eine Runde davor keine Zeit sparte.</translation>
    </message>
    <message>
        <source>Another checkpoint is just saved in rounds.</source>
        <translation>Gerade wird ein anderer Checkpoint in Runden gesichert.</translation>
    </message>
    <message>
        <source>There is not enough room for the images of a round before it.</source>
        <translation>Für die Abbilder einer Runde davor ist nicht genug Platz.</translation>
    </message>
    <message>
        <source>Its runtime&apos;s own verb saves it, in one go.</source>
        <translation>Der Befehl seiner Laufzeitumgebung sichert es, in einem Zug.</translation>
    </message>
</context>
<context>
    <name>Probes</name>
    <message>
        <source>A restored program can run before all of its memory is read.</source>
        <translation>Ein wiederhergestelltes Programm kann laufen, bevor sein ganzer Speicher gelesen ist.</translation>
    </message>
    <message>
        <source>The kernel has no userfaultfd (CONFIG_USERFAULTFD): a restore waits for all of the memory.</source>
        <translation>Der Kernel hat kein userfaultfd (CONFIG_USERFAULTFD): Eine Wiederherstellung wartet auf den ganzen Speicher.</translation>
    </message>
    <message>
        <source>A process is not taken for another one that got its number between two rounds.</source>
        <translation>Ein Prozess wird nicht mit einem anderen verwechselt, der zwischen zwei Runden seine Nummer bekam.</translation>
    </message>
    <message>
        <source>The kernel is older than 5.6 (no pidfd_getfd): between two rounds a process that got another&apos;s number can be taken for it.</source>
        <translation>Der Kernel ist älter als 5.6 (kein pidfd_getfd): Zwischen zwei Runden kann ein Prozess, der die Nummer eines anderen bekam, mit ihm verwechselt werden.</translation>
    </message>
    <message>
        <source>Connections are held back by nftables meanwhile.</source>
        <translation>Verbindungen hält währenddessen nftables an.</translation>
    </message>
    <message>
        <source>nftables cannot hold back connections meanwhile: install iptables, or a CRIU built with nftables on a kernel that has it (CONFIG_NF_TABLES).</source>
        <translation>nftables kann Verbindungen währenddessen nicht anhalten: iptables installieren oder ein CRIU mit nftables auf einem Kernel, der es hat (CONFIG_NF_TABLES).</translation>
    </message>
    <message>
        <source>CRIU is not installed, so nothing can be checkpointed: install the package criu, or run packaging/setup.sh.</source>
        <translation>CRIU ist nicht installiert, also gibt es keine Checkpoints: das Paket criu installieren oder packaging/setup.sh ausführen.</translation>
    </message>
    <message>
        <source>Gantry has the right to make checkpoints.</source>
        <translation>Gantry darf Checkpoints machen.</translation>
    </message>
    <message>
        <source>CAP_CHECKPOINT_RESTORE and CAP_SYS_ADMIN are missing: run Gantry as root.</source>
        <translation>CAP_CHECKPOINT_RESTORE und CAP_SYS_ADMIN fehlen: Gantry als root ausführen.</translation>
    </message>
    <message>
        <source>Processes of every user can be checkpointed.</source>
        <translation>Prozesse jedes Benutzers lassen sich sichern.</translation>
    </message>
    <message>
        <source>CAP_SYS_RESOURCE is missing on this machine: processes of other users can be checkpointed only in a user namespace of their own.</source>
        <translation>CAP_SYS_RESOURCE fehlt auf dieser Maschine: Prozesse anderer Benutzer lassen sich nur in einem eigenen Benutzer-Namensraum sichern.</translation>
    </message>
    <message>
        <source>of the host and of cgroups in the v2 hierarchy; v1 cgroups have none</source>
        <translation>vom Rechner und von Cgroups der v2-Hierarchie; v1-Cgroups haben keinen</translation>
    </message>
    <message>
        <source>not built into this kernel</source>
        <translation>nicht in diesen Kernel eingebaut</translation>
    </message>
    <message>
        <source>window must be a multiple of 2 s (CAP_SYS_RESOURCE is missing)</source>
        <translation>das Fenster muss ein Vielfaches von 2 s sein (CAP_SYS_RESOURCE fehlt)</translation>
    </message>
    <message>
        <source>no memory controller is mounted</source>
        <translation>kein Speicher-Controller ist eingehängt</translation>
    </message>
    <message>
        <source>memory.high throttles</source>
        <translation>memory.high bremst</translation>
    </message>
    <message>
        <source>this kernel ignores v1 memory.soft_limit_in_bytes: it is Gantry&apos;s own alarm only</source>
        <translation>dieser Kernel beachtet v1 memory.soft_limit_in_bytes nicht: Es ist nur Gantrys eigener Alarm</translation>
    </message>
    <message>
        <source>v1 memory.soft_limit_in_bytes is a hint for reclaim: it does not throttle</source>
        <translation>v1 memory.soft_limit_in_bytes ist ein Hinweis für das Zurückholen: Es bremst nicht</translation>
    </message>
    <message>
        <source>no journald: the audit goes to a file below the state folder</source>
        <translation>kein journald: Das Protokoll der Eingriffe geht in eine Datei im Zustandsordner</translation>
    </message>
    <message>
        <source>this program does not watch limits (the console and events --follow do)</source>
        <translation>dieses Programm überwacht keine Grenzen (die Konsole und events --follow tun es)</translation>
    </message>
    <message>
        <source>this program does not watch the kernel&apos;s log</source>
        <translation>dieses Programm verfolgt das Protokoll des Kernels nicht</translation>
    </message>
    <message>
        <source>systemd is not PID 1 here: cgroups are changed by their files</source>
        <translation>systemd ist hier nicht PID 1: Cgroups werden über ihre Dateien geändert</translation>
    </message>
    <message>
        <source>systemd-oomd does not run</source>
        <translation>systemd-oomd läuft nicht</translation>
    </message>
    <message>
        <source>this program does not look what CRIU can do (gantryctl host does)</source>
        <translation>dieses Programm sieht nicht nach, was CRIU kann (gantryctl host tut es)</translation>
    </message>
    <message>
        <source>CRIU has not said yet what it can do</source>
        <translation>CRIU hat noch nicht gesagt, was es kann</translation>
    </message>
    <message>
        <source>The kernel tells which memory has changed: it is saved in rounds while the program runs, which then stands still only for what it changed last.</source>
        <translation>Der Kernel sagt, welcher Speicher sich geändert hat: Er wird in Runden gesichert, während das Programm läuft, das dann nur für das zuletzt Geänderte stillsteht.</translation>
    </message>
    <message>
        <source>The kernel was built without CONFIG_MEM_SOFT_DIRTY: all memory is saved while the program stands still.</source>
        <translation>Der Kernel wurde ohne CONFIG_MEM_SOFT_DIRTY gebaut: Der ganze Speicher wird gesichert, während das Programm stillsteht.</translation>
    </message>
</context>
<context>
    <name>ProcessSummary</name>
    <message>
        <source>%1 (%2)</source>
        <comment>program, pid</comment>
        <translation>%1 (%2)</translation>
    </message>
    <message numerus="yes">
        <source>%n process(es): %1</source>
        <translation>
            <numerusform>%n Prozess: %1</numerusform>
            <numerusform>%n Prozesse: %1</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Speed</name>
    <message>
        <source>A process of 256 MiB, and of 1 GiB, stands still for</source>
        <translation>Ein Prozess mit 256 MiB und einer mit 1 GiB stehen still für</translation>
    </message>
    <message>
        <source>The same runs again from a checkpoint after</source>
        <translation>Derselbe läuft aus einem Checkpoint wieder nach</translation>
    </message>
    <message>
        <source>All of its memory is there after</source>
        <translation>Sein ganzer Speicher ist da nach</translation>
    </message>
    <message>
        <source>Stored once it runs on: 147 MB that are new</source>
        <translation>Gespeichert, sobald er weiterläuft: 147 MB, die neu sind</translation>
    </message>
    <message>
        <source>On disk for a later one, of which 7 % are new</source>
        <translation>Auf der Platte für einen späteren, von dem 7 % neu sind</translation>
    </message>
    <message>
        <source>gantryctl check of 50 processes</source>
        <translation>gantryctl check bei 50 Prozessen</translation>
    </message>
</context>
<context>
    <name>TableTools</name>
    <message>
        <source>Save table</source>
        <translation>Tabelle speichern</translation>
    </message>
    <message>
        <source>%1 could not be written: %2.</source>
        <translation>%1 konnte nicht geschrieben werden: %2.</translation>
    </message>
    <message>
        <source>Comma-separated values (*.csv)</source>
        <translation>Kommagetrennte Werte (*.csv)</translation>
    </message>
</context>
<context>
    <name>WarningText</name>
    <message>
        <source>Usage is %1, above the new limit of %2: the kernel will reclaim what it can, then kill processes.</source>
        <translation>Der Verbrauch ist %1 und liegt über der neuen Grenze von %2: Der Kernel holt zurück, was er kann, und tötet dann Prozesse.</translation>
    </message>
    <message>
        <source>Usage is %1, above the new limit of %2: cgroup v1 refuses the limit when it cannot reclaim enough.</source>
        <translation>Der Verbrauch ist %1 und liegt über der neuen Grenze von %2: Cgroup v1 lehnt die Grenze ab, wenn nicht genug zurückgeholt werden kann.</translation>
    </message>
    <message>
        <source>Usage is %1, above the new soft limit of %2: its processes will be slowed down to a crawl until enough is reclaimed.</source>
        <translation>Der Verbrauch ist %1 und liegt über der neuen weichen Grenze von %2: Die Prozesse werden fast bis zum Stillstand gebremst, bis genug zurückgeholt ist.</translation>
    </message>
    <message>
        <source>This kernel does not enforce a soft limit on cgroup v1: Gantry raises an alert instead.</source>
        <translation>Dieser Kernel setzt bei Cgroup v1 keine weiche Grenze durch: Gantry löst stattdessen einen Alarm aus.</translation>
    </message>
    <message>
        <source>There are %1 processes, more than the new limit of %2: nothing is killed, but no new process or thread can start.</source>
        <translation>Es gibt %1 Prozesse, mehr als die neue Grenze von %2: Nichts wird getötet, aber kein neuer Prozess oder Thread kann starten.</translation>
    </message>
    <message>
        <source>%1 has a lower limit of %2: the new value has no effect.</source>
        <translation>%1 hat eine niedrigere Grenze von %2: Der neue Wert hat keine Wirkung.</translation>
    </message>
    <message>
        <source>systemd owns %1: it may undo the change at any time.</source>
        <translation>systemd verwaltet %1 und kann die Änderung jederzeit rückgängig machen.</translation>
    </message>
    <message>
        <source>The kernel will keep %1 instead of %2.</source>
        <translation>Der Kernel wird %1 statt %2 behalten.</translation>
    </message>
    <message>
        <source>Your own session or Gantry itself runs in %1: you may lock yourself out.</source>
        <translation>Ihre eigene Sitzung oder Gantry selbst läuft in %1: Sie sperren sich vielleicht aus.</translation>
    </message>
    <message>
        <source>Swap in use is %1, above the new limit of %2: it shrinks only as pages are used again.</source>
        <translation>Der Swap in Gebrauch ist %1 und liegt über der neuen Grenze von %2: Er schrumpft nur, wenn Seiten wieder benutzt werden.</translation>
    </message>
    <message>
        <source>%1 is frozen: the effect shows after it is thawed.</source>
        <translation>%1 ist eingefroren: Die Wirkung zeigt sich nach dem Auftauen.</translation>
    </message>
    <message>
        <source>Memory used so far stays charged to %1.</source>
        <translation>Bisher benutzter Speicher bleibt %1 angerechnet.</translation>
    </message>
    <message>
        <source>This changes more than that: %1.</source>
        <translation>Das ändert noch mehr: %1.</translation>
    </message>
    <message>
        <source>This changes every cgroup directly below: %1.</source>
        <translation>Das ändert jede Cgroup direkt darunter: %1.</translation>
    </message>
    <message>
        <source>%1 belongs to a container runtime, which may write the limit again.</source>
        <translation>%1 gehört einer Container-Laufzeit, die die Grenze wieder überschreiben kann.</translation>
    </message>
    <message>
        <source>The change holds until %1 is stopped or the host is started again.</source>
        <translation>Die Änderung gilt, bis %1 beendet oder der Rechner neu gestartet wird.</translation>
    </message>
    <message>
        <source>The kernel took the value but does not act on it: %1.</source>
        <translation>Der Kernel hat den Wert angenommen, hält sich aber nicht daran: %1.</translation>
    </message>
    <message>
        <source>This cannot be undone: %1.</source>
        <translation>Das lässt sich nicht rückgängig machen: %1.</translation>
    </message>
    <message numerus="yes">
        <source>The %n process(es) of it are moved into the new cgroup %1 first.</source>
        <translation>
            <numerusform>Zuerst wird ihr Prozess in die neue Cgroup %1 verschoben.</numerusform>
            <numerusform>Zuerst werden ihre %n Prozesse in die neue Cgroup %1 verschoben.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>gantry::AlertModel</name>
    <message>
        <source>resolved</source>
        <translation>beendet</translation>
    </message>
    <message>
        <source>acknowledged by %1</source>
        <translation>zur Kenntnis genommen von %1</translation>
    </message>
    <message>
        <source>open</source>
        <translation>offen</translation>
    </message>
    <message numerus="yes">
        <source>%n time(s)</source>
        <comment>how often an alert fired</comment>
        <translation>
            <numerusform>%n-mal</numerusform>
            <numerusform>%n-mal</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 (level %2)</source>
        <comment>value and the level it crossed</comment>
        <translation>%1 (Schwelle %2)</translation>
    </message>
    <message>
        <source>Level</source>
        <translation>Stufe</translation>
    </message>
    <message>
        <source>Rule</source>
        <translation>Regel</translation>
    </message>
    <message>
        <source>Where</source>
        <translation>Wo</translation>
    </message>
    <message>
        <source>Value</source>
        <translation>Wert</translation>
    </message>
    <message>
        <source>Since</source>
        <translation>Seit</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Zustand</translation>
    </message>
    <message>
        <source>Note</source>
        <translation>Notiz</translation>
    </message>
</context>
<context>
    <name>gantry::AlertsPanel</name>
    <message>
        <source>Alerts</source>
        <translation>Alarme</translation>
    </message>
    <message>
        <source>Ac&amp;knowledge</source>
        <translation>&amp;Zur Kenntnis nehmen</translation>
    </message>
    <message>
        <source>Ne&amp;w…</source>
        <translation>Ne&amp;u…</translation>
    </message>
    <message>
        <source>E&amp;dit…</source>
        <translation>Bearbe&amp;iten…</translation>
    </message>
    <message>
        <source>No alerts.</source>
        <translation>Keine Alarme.</translation>
    </message>
    <message>
        <source>R&amp;ules</source>
        <translation>Rege&amp;ln</translation>
    </message>
    <message>
        <source>Alert rules</source>
        <translation>Alarmregeln</translation>
    </message>
    <message>
        <source>Every cgroup</source>
        <translation>Jede Cgroup</translation>
    </message>
    <message>
        <source>%1 and below</source>
        <translation>%1 und darunter</translation>
    </message>
    <message>
        <source>Show in the &amp;tree</source>
        <translation>Im &amp;Baum zeigen</translation>
    </message>
    <message>
        <source>Select an open alert first.</source>
        <translation>Wählen Sie zuerst einen offenen Alarm.</translation>
    </message>
    <message>
        <source>Built-in rules can only be switched off.</source>
        <translation>Eingebaute Regeln können nur abgeschaltet werden.</translation>
    </message>
    <message>
        <source>Acknowledge w&amp;ith note…</source>
        <translation>Mit No&amp;tiz zur Kenntnis nehmen…</translation>
    </message>
    <message>
        <source>Acknowledge with note</source>
        <translation>Mit Notiz zur Kenntnis nehmen</translation>
    </message>
    <message numerus="yes">
        <source>Note for the %n selected alert(s), kept with who acknowledged:</source>
        <translation>
            <numerusform>Notiz zum gewählten Alarm, steht bei dem, der ihn zur Kenntnis nahm:</numerusform>
            <numerusform>Notiz zu den %n gewählten Alarmen, steht bei dem, der sie zur Kenntnis nahm:</numerusform>
        </translation>
    </message>
    <message>
        <source>Acknowledge</source>
        <translation>Zur Kenntnis nehmen</translation>
    </message>
    <message>
        <source>Delete alert rule</source>
        <translation>Alarmregel löschen</translation>
    </message>
    <message>
        <source>The rule will be gone. This cannot be undone; it can be switched off instead.</source>
        <translation>Die Regel wird weg sein. Das lässt sich nicht zurücknehmen; sie lässt sich stattdessen ausschalten.</translation>
    </message>
    <message>
        <source>Delete</source>
        <comment>button</comment>
        <translation>Löschen</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Lös&amp;chen</translation>
    </message>
</context>
<context>
    <name>gantry::AskpassDialog</name>
    <message>
        <source>Unknown host – Gantry</source>
        <translation>Unbekannter Rechner – Gantry</translation>
    </message>
    <message>
        <source>ssh asks – Gantry</source>
        <translation>ssh fragt – Gantry</translation>
    </message>
    <message>
        <source>&amp;Trust and connect</source>
        <translation>&amp;Vertrauen und verbinden</translation>
    </message>
    <message>
        <source>&amp;Allow</source>
        <translation>&amp;Erlauben</translation>
    </message>
    <message>
        <source>&amp;Answer</source>
        <translation>&amp;Antworten</translation>
    </message>
</context>
<context>
    <name>gantry::BulkMigrateDialog</name>
    <message>
        <source>&amp;Keep their files and logs here, stopped</source>
        <translation>Dateien und Protokolle gestoppt hier &amp;behalten</translation>
    </message>
    <message>
        <source>After one that &amp;fails begin no other</source>
        <translation>Nach einem &amp;Fehler keinen weiteren beginnen</translation>
    </message>
    <message>
        <source>Evacuate %1</source>
        <comment>host</comment>
        <translation>%1 räumen</translation>
    </message>
    <message numerus="yes">
        <source>Migrate %n container(s)</source>
        <translation>
            <numerusform>%n Container umziehen</numerusform>
            <numerusform>%n Container umziehen</numerusform>
        </translation>
    </message>
    <message>
        <source>Each goes on running on another host, with its memory and its files, or stays on %1 unharmed. What cannot go is left out.</source>
        <translation>Jeder läuft auf einem anderen Host weiter, mit Speicher und Dateien, oder bleibt unversehrt auf %1. Was nicht umziehen kann, wird ausgelassen.</translation>
    </message>
    <message>
        <source>Container</source>
        <translation>Container</translation>
    </message>
    <message>
        <source>Goes to</source>
        <translation>Zieht um nach</translation>
    </message>
    <message>
        <source>What was found</source>
        <translation>Was gefunden wurde</translation>
    </message>
    <message>
        <source>Containers</source>
        <translation>Container</translation>
    </message>
    <message>
        <source>&amp;Migrate</source>
        <comment>button</comment>
        <translation>&amp;Umziehen</translation>
    </message>
    <message>
        <source>Hosts</source>
        <translation>Hosts</translation>
    </message>
    <message>
        <source>Of several, each goes to the one with most free memory that it can go to.</source>
        <translation>Von mehreren nimmt jeder den mit dem meisten freien Speicher, auf den er umziehen kann.</translation>
    </message>
    <message>
        <source>{} is its name here.</source>
        <translation>{} steht für seinen Namen hier.</translation>
    </message>
    <message>
        <source>Those that go at the same time share the network and the disks, so that each stands still for longer.</source>
        <translation>Die gleichzeitig umziehen, teilen sich Netz und Platten, sodass jeder länger stillsteht.</translation>
    </message>
    <message>
        <source>&amp;Hosts:</source>
        <translation>&amp;Hosts:</translation>
    </message>
    <message>
        <source>&amp;Names there:</source>
        <translation>&amp;Namen dort:</translation>
    </message>
    <message>
        <source>&amp;Rounds beforehand:</source>
        <translation>&amp;Runden vorher:</translation>
    </message>
    <message>
        <source>&amp;At the same time:</source>
        <translation>Gleich&amp;zeitig:</translation>
    </message>
    <message>
        <source>What goes there before takes the memory of %1.</source>
        <comment>host</comment>
        <translation>Was vorher dorthin umzieht, belegt den Speicher von %1.</translation>
    </message>
    <message>
        <source>stays here</source>
        <translation>bleibt hier</translation>
    </message>
    <message>
        <source>%1, as %2</source>
        <comment>host, name</comment>
        <translation>%1, als %2</translation>
    </message>
    <message>
        <source>Both hosts look…</source>
        <translation>Beide Hosts sehen nach…</translation>
    </message>
    <message>
        <source>It can go.</source>
        <translation>Er kann umziehen.</translation>
    </message>
    <message>
        <source>There is no container on %1.</source>
        <translation>Auf %1 ist kein Container.</translation>
    </message>
    <message>
        <source>Choose a host that they can go to.</source>
        <translation>Wählen Sie einen Host, auf den sie umziehen können.</translation>
    </message>
    <message>
        <source>Each needs a name of its own: put {} where its name here is to be.</source>
        <translation>Jeder braucht einen eigenen Namen: Setzen Sie {} dorthin, wo sein Name von hier stehen soll.</translation>
    </message>
    <message>
        <source>The hosts look whether it can be done…</source>
        <translation>Die Hosts sehen nach, ob es möglich ist…</translation>
    </message>
    <message>
        <source>All can go.</source>
        <translation>Alle können umziehen.</translation>
    </message>
    <message numerus="yes">
        <source>%1 of %2 can go; %n stay(s) here.</source>
        <translation>
            <numerusform>%1 von %2 können umziehen; %n bleibt hier.</numerusform>
            <numerusform>%1 von %2 können umziehen; %n bleiben hier.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>&amp;Migrate %n container(s)</source>
        <comment>button</comment>
        <translation>
            <numerusform>%n Container &amp;umziehen</numerusform>
            <numerusform>%n Container &amp;umziehen</numerusform>
        </translation>
    </message>
    <message>
        <source>Nothing stands in the way.</source>
        <translation>Nichts steht im Weg.</translation>
    </message>
    <message>
        <source>Of each no more than this is sent a second, also while it stands still.</source>
        <translation>Mehr als das wird von jedem je Sekunde nicht übertragen, auch nicht, während er stillsteht.</translation>
    </message>
    <message>
        <source>&amp;Take their checkpoints along</source>
        <translation>Ihre Checkpoints mi&amp;tnehmen</translation>
    </message>
    <message>
        <source>Once one runs there its checkpoints are copied, so that its time line there has its past. Pages that are there already are not sent again. The copies on %1 stay; should this fail, it runs there all the same.</source>
        <translation>Sobald einer dort läuft, werden seine Checkpoints kopiert, damit seine Zeitleiste dort seine Vergangenheit zeigt. Speicherseiten, die es dort schon gibt, werden nicht noch einmal übertragen. Die Kopien auf %1 bleiben; auch wenn das misslingt, läuft er dort.</translation>
    </message>
</context>
<context>
    <name>gantry::CheckDialog</name>
    <message>
        <source>Can it be checkpointed?</source>
        <translation>Ist ein Checkpoint möglich?</translation>
    </message>
    <message>
        <source>Nothing was stopped for this. A process may change a moment later.</source>
        <translation>Dafür wurde nichts angehalten. Ein Prozess kann sich im nächsten Moment ändern.</translation>
    </message>
    <message>
        <source>Check &amp;again</source>
        <translation>Noch ein&amp;mal prüfen</translation>
    </message>
    <message>
        <source>Looking at %1…</source>
        <translation>%1 wird angesehen …</translation>
    </message>
    <message>
        <source>%1, %2 of memory. CRIU %3.</source>
        <comment>processes, memory, version</comment>
        <translation>%1, %2 Speicher. CRIU %3.</translation>
    </message>
    <message numerus="yes">
        <source>%n process(es)</source>
        <translation>
            <numerusform>%n Prozess</numerusform>
            <numerusform>%n Prozesse</numerusform>
        </translation>
    </message>
    <message>
        <source>is not there</source>
        <translation>fehlt</translation>
    </message>
    <message>
        <source>It needs %1.</source>
        <comment>options</comment>
        <translation>Nötig: %1.</translation>
    </message>
    <message>
        <source>%1 can be checkpointed.</source>
        <translation>Von %1 ist ein Checkpoint möglich.</translation>
    </message>
    <message>
        <source>%1 cannot be checkpointed now.</source>
        <translation>Von %1 ist jetzt kein Checkpoint möglich.</translation>
    </message>
    <message>
        <source>Nothing stands in the way.</source>
        <translation>Nichts steht im Weg.</translation>
    </message>
    <message>
        <source>%1 could not be looked at.</source>
        <translation>%1 konnte nicht angesehen werden.</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>&amp;Hilfe</translation>
    </message>
    <message>
        <source>What can be checkpointed and what cannot (F1)</source>
        <translation>Was sich sichern lässt und was nicht (F1)</translation>
    </message>
</context>
<context>
    <name>gantry::CheckpointActions</name>
    <message>
        <source>Inspect…</source>
        <comment>button</comment>
        <translation>Untersuchen…</translation>
    </message>
    <message>
        <source>Compare…</source>
        <comment>button</comment>
        <translation>Vergleichen…</translation>
    </message>
    <message>
        <source>Restore…</source>
        <comment>button</comment>
        <translation>Wiederherstellen…</translation>
    </message>
    <message>
        <source>Name…</source>
        <comment>button</comment>
        <translation>Benennen…</translation>
    </message>
    <message>
        <source>Pin</source>
        <comment>button</comment>
        <translation>Anheften</translation>
    </message>
    <message>
        <source>Remove…</source>
        <comment>button</comment>
        <translation>Entfernen…</translation>
    </message>
    <message>
        <source>Unpin</source>
        <comment>button</comment>
        <translation>Lösen</translation>
    </message>
    <message>
        <source>Select one checkpoint first.</source>
        <translation>Wählen Sie zuerst einen Checkpoint.</translation>
    </message>
    <message>
        <source>Select two checkpoints first.</source>
        <translation>Wählen Sie zuerst zwei Checkpoints aus.</translation>
    </message>
    <message>
        <source>Select a checkpoint first.</source>
        <translation>Wählen Sie zuerst einen Checkpoint.</translation>
    </message>
    <message>
        <source>Name and note (F2)</source>
        <translation>Name und Notiz (F2)</translation>
    </message>
    <message>
        <source>Retention may remove it again</source>
        <translation>Die Aufbewahrung darf ihn wieder entfernen</translation>
    </message>
    <message>
        <source>Retention leaves it alone</source>
        <translation>Die Aufbewahrung lässt ihn stehen</translation>
    </message>
    <message>
        <source>Export…</source>
        <comment>button</comment>
        <translation>Exportieren…</translation>
    </message>
    <message>
        <source>Fork…</source>
        <comment>button: restore as a new container</comment>
        <translation>Klonen…</translation>
    </message>
    <message>
        <source>Restore as a new container, beside whatever runs now</source>
        <translation>Als neuen Container wiederherstellen, neben dem, was jetzt läuft</translation>
    </message>
</context>
<context>
    <name>gantry::CheckpointDialog</name>
    <message>
        <source>Looking whether %1 can be checkpointed…</source>
        <translation>Prüfe, ob %1 gesichert werden kann …</translation>
    </message>
    <message>
        <source>&amp;End it once it is saved</source>
        <translation>Nach dem Sichern b&amp;eenden</translation>
    </message>
    <message>
        <source>Checkpoint %1</source>
        <translation>%1 sichern</translation>
    </message>
    <message>
        <source>may be empty</source>
        <translation>darf leer sein</translation>
    </message>
    <message>
        <source>&amp;Name:</source>
        <translation>&amp;Name:</translation>
    </message>
    <message>
        <source>N&amp;ote:</source>
        <translation>N&amp;otiz:</translation>
    </message>
    <message>
        <source>&amp;Checkpoint</source>
        <comment>button</comment>
        <translation>&amp;Sichern</translation>
    </message>
    <message numerus="yes">
        <source>It can be checkpointed: %n process(es).</source>
        <translation>
            <numerusform>Es kann gesichert werden: %n Prozess.</numerusform>
            <numerusform>Es kann gesichert werden: %n Prozesse.</numerusform>
        </translation>
    </message>
    <message>
        <source>It cannot be checkpointed.</source>
        <translation>Es kann nicht gesichert werden.</translation>
    </message>
    <message>
        <source>Save the &amp;files that it writes, too</source>
        <translation>Auch die &amp;Dateien sichern, in die es schreibt</translation>
    </message>
    <message>
        <source>It stands still for a moment while its memory is saved. Files that are open and not part of it must be there when it is restored, and only logs may have grown. If anything fails, it runs on.</source>
        <translation>Es steht einen Augenblick still, während der Arbeitsspeicher gesichert wird. Offene Dateien, die nicht dazugehören, müssen beim Wiederherstellen da sein, und nur Protokolle dürfen gewachsen sein. Geht etwas schief, läuft es weiter.</translation>
    </message>
    <message>
        <source>%1 (%2)</source>
        <comment>path, size</comment>
        <translation>%1 (%2)</translation>
    </message>
    <message numerus="yes">
        <source>and %n more</source>
        <comment>files</comment>
        <translation>
            <numerusform>und %n weitere</numerusform>
            <numerusform>und %n weitere</numerusform>
        </translation>
    </message>
    <message>
        <source>What it changed of its files will be part of it.</source>
        <translation>Was er an seinen Dateien geändert hat, gehört dazu.</translation>
    </message>
    <message>
        <source>Save its &amp;volumes, too</source>
        <translation>Auch seine &amp;Volumes sichern</translation>
    </message>
    <message>
        <source>They are on the host, and others may have them as well. A restore puts them back as they were then, for all of them.</source>
        <translation>Sie liegen auf dem Rechner, und andere können sie auch haben. Eine Wiederherstellung setzt sie für alle auf den damaligen Stand zurück.</translation>
    </message>
    <message>
        <source>%1 (how big is not known)</source>
        <comment>path</comment>
        <translation>%1 (Größe unbekannt)</translation>
    </message>
    <message>
        <source>%1 (more than %2)</source>
        <comment>path, size</comment>
        <translation>%1 (mehr als %2)</translation>
    </message>
    <message>
        <source>They are not part of it:</source>
        <translation>Sie gehören nicht dazu:</translation>
    </message>
</context>
<context>
    <name>gantry::CheckpointHelpDialog</name>
    <message>
        <source>What can be checkpointed and what cannot</source>
        <translation>Was sich sichern lässt und was nicht</translation>
    </message>
    <message>
        <source>Search: words, an option, or a line of CRIU&apos;s log</source>
        <translation>Suche: Wörter, eine Option oder eine Zeile aus CRIUs Protokoll</translation>
    </message>
    <message>
        <source>Search</source>
        <translation>Suche</translation>
    </message>
    <message numerus="yes">
        <source>%n cause(s)</source>
        <translation>
            <numerusform>%n Ursache</numerusform>
            <numerusform>%n Ursachen</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>gantry::CheckpointModel</name>
    <message>
        <source>Saved</source>
        <translation>Gesichert</translation>
    </message>
    <message>
        <source>Of</source>
        <translation>Von</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>Processes</source>
        <translation>Prozesse</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>New</source>
        <translation>Neu</translation>
    </message>
    <message>
        <source>On disk</source>
        <translation>Auf der Platte</translation>
    </message>
    <message>
        <source>Trigger</source>
        <translation>Anlass</translation>
    </message>
    <message>
        <source>Note</source>
        <translation>Notiz</translation>
    </message>
    <message>
        <source>Id</source>
        <translation>Id</translation>
    </message>
</context>
<context>
    <name>gantry::CheckpointNoteDialog</name>
    <message>
        <source>Name and note</source>
        <translation>Name und Notiz</translation>
    </message>
    <message>
        <source>%1, as it was at %2</source>
        <comment>what was saved, when</comment>
        <translation>%1, Stand vom %2</translation>
    </message>
    <message>
        <source>&amp;Name:</source>
        <translation>&amp;Name:</translation>
    </message>
    <message>
        <source>N&amp;ote:</source>
        <translation>N&amp;otiz:</translation>
    </message>
    <message>
        <source>&amp;Save</source>
        <translation>&amp;Speichern</translation>
    </message>
    <message numerus="yes">
        <source>A text has at most %n byte(s).</source>
        <translation>
            <numerusform>Ein Text hat höchstens %n Byte.</numerusform>
            <numerusform>Ein Text hat höchstens %n Bytes.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>gantry::CheckpointsPage</name>
    <message>
        <source>Checkpoints</source>
        <translation>Checkpoints</translation>
    </message>
    <message>
        <source>Nothing was saved on this host yet: Checkpoint… in the menu Node, or on the page Processes, saves what runs.</source>
        <translation>Auf diesem Rechner wurde noch nichts gesichert: „Checkpoint…“ im Menü Objekt oder auf der Seite Prozesse sichert, was läuft.</translation>
    </message>
    <message>
        <source>The store is damaged: %1</source>
        <translation>Der Speicher ist beschädigt: %1</translation>
    </message>
    <message>
        <source>Import…</source>
        <comment>button</comment>
        <translation>Importieren…</translation>
    </message>
    <message>
        <source>Take checkpoints from a file of Gantry&apos;s, or of podman&apos;s</source>
        <translation>Checkpoints aus einer Datei von Gantry oder podman übernehmen</translation>
    </message>
    <message>
        <source>The store is locked.</source>
        <translation>Der Speicher ist gesperrt.</translation>
    </message>
</context>
<context>
    <name>gantry::CommandLine</name>
    <message>
        <source>The same on the command line</source>
        <translation>Dasselbe auf der Kommandozeile</translation>
    </message>
    <message>
        <source>Copy the command line</source>
        <translation>Kommandozeile kopieren</translation>
    </message>
</context>
<context>
    <name>gantry::ConfirmDialog</name>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>&amp;Do not ask again</source>
        <translation>&amp;Nicht mehr fragen</translation>
    </message>
    <message>
        <source>What is hit</source>
        <translation>Was getroffen wird</translation>
    </message>
    <message numerus="yes">
        <source>%n process(es)</source>
        <translation>
            <numerusform>%n Prozess</numerusform>
            <numerusform>%n Prozesse</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 (%2)</source>
        <comment>object, process count</comment>
        <translation>%1 (%2)</translation>
    </message>
    <message>
        <source>This cannot be undone. Type %1 to go on:</source>
        <translation>Das kann nicht rückgängig gemacht werden. Geben Sie %1 ein, um fortzufahren:</translation>
    </message>
</context>
<context>
    <name>gantry::ContainerPage</name>
    <message>
        <source>Facts of the container</source>
        <translation>Angaben zum Container</translation>
    </message>
    <message>
        <source>The id was copied.</source>
        <translation>Die ID wurde kopiert.</translation>
    </message>
</context>
<context>
    <name>gantry::ControllersDialog</name>
    <message>
        <source>Controllers</source>
        <translation>Controller</translation>
    </message>
    <message>
        <source>Controllers that count and limit each cgroup directly below %1:</source>
        <translation>Controller, die jede Cgroup direkt unter %1 zählen und begrenzen:</translation>
    </message>
    <message>
        <source>&amp;Set</source>
        <translation>&amp;Setzen</translation>
    </message>
    <message>
        <source>None is available here: enable them in the cgroup above first.</source>
        <translation>Hier ist keiner verfügbar: Sie müssen zuerst in der Cgroup darüber eingeschaltet werden.</translation>
    </message>
    <message>
        <source>What is not listed has to be enabled in the cgroup above first.</source>
        <translation>Was nicht aufgeführt ist, muss zuerst in der Cgroup darüber eingeschaltet werden.</translation>
    </message>
    <message numerus="yes">
        <source>&amp;Make %1 and move the %n process(es) there</source>
        <translation>
            <numerusform>%1 &amp;anlegen und den Prozess dorthin verschieben</numerusform>
            <numerusform>%1 &amp;anlegen und die %n Prozesse dorthin verschieben</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 has %n process(es) of its own: cgroup v2 lets a cgroup have either processes or controllers for those below.</source>
        <translation>
            <numerusform>%1 hat einen eigenen Prozess: Bei Cgroup v2 hat eine Cgroup entweder Prozesse oder Controller für die darunter.</numerusform>
            <numerusform>%1 hat %n eigene Prozesse: Bei Cgroup v2 hat eine Cgroup entweder Prozesse oder Controller für die darunter.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>gantry::CopyDialog</name>
    <message>
        <source>Restore as new container</source>
        <translation>Als neuen Container wiederherstellen</translation>
    </message>
    <message>
        <source>What %1 was at %2 runs once more: under another name, with files and a log of its own. What runs now is left as it is.</source>
        <translation>Was %1 am %2 war, läuft ein weiteres Mal: unter anderem Namen, mit eigenen Dateien und eigenem Protokoll. Was jetzt läuft, bleibt, wie es ist.</translation>
    </message>
    <message>
        <source>%1-copy</source>
        <comment>name of a container; letters without accents</comment>
        <translation>%1-kopie</translation>
    </message>
    <message>
        <source>Several get a number behind the name: -1, -2…</source>
        <translation>Mehrere bekommen eine Nummer hinter dem Namen: -1, -2…</translation>
    </message>
    <message>
        <source>&amp;Name:</source>
        <translation>&amp;Name:</translation>
    </message>
    <message>
        <source>N&amp;umber:</source>
        <comment>how many containers</comment>
        <translation>An&amp;zahl:</translation>
    </message>
    <message>
        <source>&amp;Restore</source>
        <comment>button</comment>
        <translation>&amp;Wiederherstellen</translation>
    </message>
    <message>
        <source>Give it a name.</source>
        <translation>Geben Sie ihm einen Namen.</translation>
    </message>
    <message>
        <source>Looking whether it can be restored…</source>
        <translation>Es wird geprüft, ob er wiederhergestellt werden kann…</translation>
    </message>
    <message numerus="yes">
        <source>%n new container(s): %1</source>
        <translation>
            <numerusform>%n neuer Container: %1</numerusform>
            <numerusform>%n neue Container: %1</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n thing(s) stand in the way:</source>
        <translation>
            <numerusform>%n Sache steht im Weg:</numerusform>
            <numerusform>%n Dinge stehen im Weg:</numerusform>
        </translation>
    </message>
    <message>
        <source>It cannot be restored as a new container.</source>
        <translation>Er kann nicht als neuer Container wiederhergestellt werden.</translation>
    </message>
    <message>
        <source>This host</source>
        <translation>Dieser Rechner</translation>
    </message>
    <message>
        <source>&amp;Host:</source>
        <translation>&amp;Host:</translation>
    </message>
    <message>
        <source>On another host it is restored once the checkpoint is in its store; only what it lacks is sent, by way of this console.</source>
        <translation>Auf einem anderen Host wird er wiederhergestellt, sobald der Checkpoint in dessen Speicher liegt; gesendet wird nur, was dort fehlt, und zwar über diese Konsole.</translation>
    </message>
    <message>
        <source>Both hosts look whether it can be done…</source>
        <translation>Beide Hosts sehen nach, ob es geht…</translation>
    </message>
    <message>
        <source>Nothing stands in the way.</source>
        <translation>Nichts steht im Weg.</translation>
    </message>
    <message>
        <source>It can be restored on %1 if what is found is passed over.</source>
        <translation>Er kann auf %1 wiederhergestellt werden, wenn über das Gefundene hinweggegangen wird.</translation>
    </message>
    <message numerus="yes">
        <source>%n new container(s) on %1: %2</source>
        <translation>
            <numerusform>%n neuer Container auf %1: %2</numerusform>
            <numerusform>%n neue Container auf %1: %2</numerusform>
        </translation>
    </message>
    <message>
        <source>The checkpoint is there already: nothing has to be sent.</source>
        <translation>Der Checkpoint ist schon dort: Es muss nichts gesendet werden.</translation>
    </message>
    <message>
        <source>The checkpoint is sent there first, and stays in its store.</source>
        <translation>Der Checkpoint wird zuerst dorthin gesendet und bleibt im Speicher des Hosts.</translation>
    </message>
    <message>
        <source>It cannot be restored on %1.</source>
        <translation>Er kann auf %1 nicht wiederhergestellt werden.</translation>
    </message>
</context>
<context>
    <name>gantry::DiffDialog</name>
    <message>
        <source>Compare checkpoints</source>
        <translation>Checkpoints vergleichen</translation>
    </message>
    <message>
        <source>Nothing of this kind is different.</source>
        <translation>Nichts dieser Art ist anders.</translation>
    </message>
    <message>
        <source>Change</source>
        <translation>Änderung</translation>
    </message>
    <message>
        <source>PID</source>
        <translation>PID</translation>
    </message>
    <message>
        <source>Process</source>
        <translation>Prozess</translation>
    </message>
    <message>
        <source>What</source>
        <translation>Was</translation>
    </message>
    <message>
        <source>Before</source>
        <translation>Vorher</translation>
    </message>
    <message>
        <source>After</source>
        <translation>Nachher</translation>
    </message>
    <message>
        <source>Processes</source>
        <translation>Prozesse</translation>
    </message>
    <message>
        <source>Descriptors</source>
        <translation>Deskriptoren</translation>
    </message>
    <message>
        <source>Sockets</source>
        <translation>Sockets</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>Speicher</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>Adresse</translation>
    </message>
    <message>
        <source>Saved</source>
        <translation>Gesichert</translation>
    </message>
    <message>
        <source>Changed</source>
        <translation>Geändert</translation>
    </message>
    <message>
        <source>New</source>
        <translation>Neu</translation>
    </message>
    <message>
        <source>Gone</source>
        <translation>Weg</translation>
    </message>
    <message>
        <source>Files</source>
        <translation>Dateien</translation>
    </message>
    <message>
        <source>Path</source>
        <translation>Pfad</translation>
    </message>
    <message>
        <source>Size before</source>
        <translation>Größe vorher</translation>
    </message>
    <message>
        <source>Size after</source>
        <translation>Größe nachher</translation>
    </message>
    <message>
        <source>Comparing…</source>
        <translation>Wird verglichen…</translation>
    </message>
    <message>
        <source>%1 between %2 and %3.</source>
        <comment>what, two times</comment>
        <translation>%1 zwischen %2 und %3.</translation>
    </message>
    <message>
        <source>%1, %2, compared with %3, %4.</source>
        <comment>what and when, twice</comment>
        <translation>%1, %2, verglichen mit %3, %4.</translation>
    </message>
    <message>
        <source>Of %1 of memory %2 have other content, %3 are new; %4 are gone.</source>
        <translation>Von %1 Speicher haben %2 anderen Inhalt, %3 sind neu; %4 sind weg.</translation>
    </message>
    <message>
        <source>Changes of %1</source>
        <comment>what was saved twice</comment>
        <translation>Änderungen von %1</translation>
    </message>
    <message>
        <source>The checkpoints cannot be compared.</source>
        <translation>Die Checkpoints lassen sich nicht vergleichen.</translation>
    </message>
</context>
<context>
    <name>gantry::EventModel</name>
    <message>
        <source>Time</source>
        <translation>Zeit</translation>
    </message>
    <message>
        <source>Event</source>
        <translation>Ereignis</translation>
    </message>
    <message>
        <source>What happened</source>
        <translation>Was geschah</translation>
    </message>
    <message>
        <source>Where</source>
        <translation>Wo</translation>
    </message>
    <message>
        <source>Who</source>
        <translation>Wer</translation>
    </message>
</context>
<context>
    <name>gantry::EventsPage</name>
    <message>
        <source>Events</source>
        <translation>Ereignisse</translation>
    </message>
    <message>
        <source>Only here and &amp;below</source>
        <translation>Nur hier und &amp;darunter</translation>
    </message>
    <message>
        <source>Nothing has happened yet.</source>
        <translation>Noch ist nichts geschehen.</translation>
    </message>
    <message numerus="yes">
        <source>%n event(s) were lost: too many at once.</source>
        <translation>
            <numerusform>%n Ereignis ging verloren: zu viele auf einmal.</numerusform>
            <numerusform>%n Ereignisse gingen verloren: zu viele auf einmal.</numerusform>
        </translation>
    </message>
    <message>
        <source>Show the &amp;cgroup in the tree</source>
        <translation>Die &amp;Cgroup im Baum zeigen</translation>
    </message>
</context>
<context>
    <name>gantry::FactTabs</name>
    <message>
        <source>&amp;Copy</source>
        <translation>&amp;Kopieren</translation>
    </message>
    <message>
        <source>Select &amp;all</source>
        <translation>&amp;Alles auswählen</translation>
    </message>
    <message>
        <source>%1 (%2)</source>
        <comment>name of a table, number of rows</comment>
        <translation>%1 (%2)</translation>
    </message>
    <message>
        <source>There are %1 more, which are not shown.</source>
        <translation>%1 weitere werden nicht gezeigt.</translation>
    </message>
</context>
<context>
    <name>gantry::FewLinesDelegate</name>
    <message numerus="yes">
        <source>… %n more line(s)</source>
        <translation>
            <numerusform>… noch %n Zeile</numerusform>
            <numerusform>… noch %n Zeilen</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>gantry::FileModel</name>
    <message>
        <source>Unreadable. %1</source>
        <comment>why</comment>
        <translation>Nicht lesbar. %1</translation>
    </message>
    <message>
        <source>yes</source>
        <comment>writable</comment>
        <translation>ja</translation>
    </message>
    <message>
        <source>no</source>
        <comment>writable</comment>
        <translation>nein</translation>
    </message>
    <message>
        <source>File</source>
        <translation>Datei</translation>
    </message>
    <message>
        <source>Hierarchy</source>
        <translation>Hierarchie</translation>
    </message>
    <message>
        <source>Writable</source>
        <translation>Schreibbar</translation>
    </message>
    <message>
        <source>Text</source>
        <translation>Text</translation>
    </message>
</context>
<context>
    <name>gantry::FilesPage</name>
    <message>
        <source>Files</source>
        <translation>Dateien</translation>
    </message>
    <message>
        <source>Text of the file</source>
        <translation>Text der Datei</translation>
    </message>
    <message>
        <source>&amp;Copy text</source>
        <translation>Text &amp;kopieren</translation>
    </message>
    <message>
        <source>Reading…</source>
        <translation>Wird gelesen…</translation>
    </message>
    <message>
        <source>There are no files here.</source>
        <translation>Hier gibt es keine Dateien.</translation>
    </message>
    <message>
        <source>Select a file to see the whole of it.</source>
        <translation>Wählen Sie eine Datei, um sie ganz zu sehen.</translation>
    </message>
    <message>
        <source>Copy &amp;path</source>
        <translation>&amp;Pfad kopieren</translation>
    </message>
</context>
<context>
    <name>gantry::FindingView</name>
    <message>
        <source>In the way</source>
        <translation>Im Weg</translation>
    </message>
    <message>
        <source>Caution</source>
        <translation>Vorsicht</translation>
    </message>
    <message>
        <source>Taken care of</source>
        <translation>Dafür ist gesorgt</translation>
    </message>
    <message>
        <source>CRIU gets --%1.</source>
        <translation>CRIU bekommt --%1.</translation>
    </message>
    <message>
        <source>What was found</source>
        <translation>Was gefunden wurde</translation>
    </message>
</context>
<context>
    <name>gantry::GroupDialog</name>
    <message>
        <source>Looking whether all of them can be…</source>
        <comment>saved or restored</comment>
        <translation>Es wird geprüft, ob es bei allen geht…</translation>
    </message>
    <message>
        <source>&amp;End them once all are saved</source>
        <translation>Alle b&amp;eenden, sobald sie gesichert sind</translation>
    </message>
    <message numerus="yes">
        <source>Checkpoint %n containers together</source>
        <translation>
            <numerusform>%n Container zusammen sichern</numerusform>
            <numerusform>%n Container zusammen sichern</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Restore %n containers together</source>
        <translation>
            <numerusform>%n Container zusammen wiederherstellen</numerusform>
            <numerusform>%n Container zusammen wiederherstellen</numerusform>
        </translation>
    </message>
    <message>
        <source>All of them stand still at one instant, and each is saved on its host: no message between them is lost or doubled when they are restored together. If one fails, all run on and none is saved.</source>
        <translation>Alle stehen zum selben Zeitpunkt still, und jeder wird auf seinem Host gesichert: Werden sie zusammen wiederhergestellt, geht keine Nachricht zwischen ihnen verloren, und keine kommt doppelt. Misslingt es bei einem, laufen alle weiter, und keiner wird gesichert.</translation>
    </message>
    <message>
        <source>None of them runs before all are there. If one fails, none is.</source>
        <translation>Keiner läuft, bevor alle da sind. Misslingt es bei einem, kommt keiner zurück.</translation>
    </message>
    <message>
        <source>Containers</source>
        <comment>of a group</comment>
        <translation>Container</translation>
    </message>
    <message>
        <source>Container</source>
        <translation>Container</translation>
    </message>
    <message>
        <source>What was found</source>
        <translation>Was gefunden wurde</translation>
    </message>
    <message>
        <source>may be empty</source>
        <translation>darf leer sein</translation>
    </message>
    <message>
        <source>&amp;Name:</source>
        <translation>&amp;Name:</translation>
    </message>
    <message>
        <source>N&amp;ote:</source>
        <translation>N&amp;otiz:</translation>
    </message>
    <message>
        <source>&amp;Checkpoint</source>
        <comment>button</comment>
        <translation>&amp;Sichern</translation>
    </message>
    <message>
        <source>&amp;Restore</source>
        <comment>button</comment>
        <translation>&amp;Wiederherstellen</translation>
    </message>
    <message>
        <source>can be saved</source>
        <translation>kann gesichert werden</translation>
    </message>
    <message>
        <source>can be restored</source>
        <translation>kann wiederhergestellt werden</translation>
    </message>
    <message>
        <source>cannot be: %1</source>
        <comment>saved or restored: why</comment>
        <translation>geht nicht: %1</translation>
    </message>
    <message>
        <source>%1, but: %2</source>
        <comment>can be saved, warnings</comment>
        <translation>%1, aber: %2</translation>
    </message>
    <message>
        <source>Not all of them can be: nothing is done.</source>
        <translation>Es geht nicht bei allen: Es wird nichts getan.</translation>
    </message>
</context>
<context>
    <name>gantry::HostDialog</name>
    <message>
        <source>&amp;Connect when Gantry starts</source>
        <translation>Beim Start von Gantry &amp;verbinden</translation>
    </message>
    <message>
        <source>Add host</source>
        <translation>Rechner hinzufügen</translation>
    </message>
    <message>
        <source>Change host</source>
        <translation>Rechner ändern</translation>
    </message>
    <message>
        <source>user@host, or a name of your ssh configuration</source>
        <translation>benutzer@rechner, oder ein Name aus Ihrer ssh-Konfiguration</translation>
    </message>
    <message>
        <source>none</source>
        <translation>keine</translation>
    </message>
    <message>
        <source>Gantry uses your own ssh: its keys, agent, jump hosts and known hosts. The host needs gantryd; “gantryctl host install” puts it there.</source>
        <translation>Gantry benutzt Ihr eigenes ssh: dessen Schlüssel, Agenten, Sprungrechner und bekannte Rechner. Der Rechner braucht gantryd; „gantryctl host install“ bringt es dorthin.</translation>
    </message>
    <message>
        <source>&amp;Destination:</source>
        <translation>&amp;Ziel:</translation>
    </message>
    <message>
        <source>&amp;Name in the tree:</source>
        <translation>&amp;Name im Baum:</translation>
    </message>
    <message>
        <source>&amp;Group:</source>
        <translation>&amp;Gruppe:</translation>
    </message>
    <message>
        <source>&amp;Add</source>
        <translation>&amp;Hinzufügen</translation>
    </message>
    <message>
        <source>&amp;Change</source>
        <translation>&amp;Ändern</translation>
    </message>
    <message>
        <source>Type where the host is.</source>
        <translation>Geben Sie ein, wo der Rechner ist.</translation>
    </message>
    <message>
        <source>Type a name.</source>
        <translation>Geben Sie einen Namen ein.</translation>
    </message>
    <message>
        <source>A name has no colon and no slash.</source>
        <translation>Ein Name hat keinen Doppelpunkt und keinen Schrägstrich.</translation>
    </message>
    <message>
        <source>There is a host %1 already.</source>
        <translation>Einen Rechner %1 gibt es schon.</translation>
    </message>
</context>
<context>
    <name>gantry::HostTreeView</name>
    <message numerus="yes">
        <source>%n containers</source>
        <translation>
            <numerusform>%n Container</numerusform>
            <numerusform>%n Container</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>gantry::HostsTreeModel</name>
    <message>
        <source>This host</source>
        <translation>Dieser Rechner</translation>
    </message>
    <message>
        <source>not connected</source>
        <translation>nicht verbunden</translation>
    </message>
    <message>
        <source>connecting</source>
        <translation>verbindet</translation>
    </message>
    <message>
        <source>lost</source>
        <translation>verloren</translation>
    </message>
    <message>
        <source>Double click to connect.</source>
        <translation>Doppelklick verbindet.</translation>
    </message>
    <message>
        <source>Version: %1</source>
        <translation>Version: %1</translation>
    </message>
    <message>
        <source>Latency: %1</source>
        <translation>Antwortzeit: %1</translation>
    </message>
    <message>
        <source>%1 – %2</source>
        <comment>host, not connected</comment>
        <translation>%1 – %2</translation>
    </message>
    <message>
        <source>It is older than this program, and does not have: %1</source>
        <translation>Es ist älter als dieses Programm und hat nicht: %1</translation>
    </message>
</context>
<context>
    <name>gantry::InspectDialog</name>
    <message>
        <source>%1 (deleted)</source>
        <comment>path</comment>
        <translation>%1 (gelöscht)</translation>
    </message>
    <message>
        <source>had no name any more</source>
        <translation>hatte keinen Namen mehr</translation>
    </message>
    <message>
        <source>shared</source>
        <comment>memory</comment>
        <translation>geteilt</translation>
    </message>
    <message>
        <source>Checkpoint</source>
        <translation>Checkpoint</translation>
    </message>
    <message>
        <source>Nothing of this kind was saved.</source>
        <translation>Nichts dieser Art wurde gesichert.</translation>
    </message>
    <message>
        <source>Processes</source>
        <translation>Prozesse</translation>
    </message>
    <message>
        <source>PID</source>
        <translation>PID</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Zustand</translation>
    </message>
    <message>
        <source>Parent</source>
        <translation>Elternprozess</translation>
    </message>
    <message>
        <source>User</source>
        <translation>Benutzer</translation>
    </message>
    <message>
        <source>Threads</source>
        <translation>Threads</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>Speicher</translation>
    </message>
    <message>
        <source>Command</source>
        <translation>Befehl</translation>
    </message>
    <message>
        <source>Working folder</source>
        <translation>Arbeitsordner</translation>
    </message>
    <message>
        <source>Namespaces</source>
        <translation>Namensräume</translation>
    </message>
    <message>
        <source>Descriptors</source>
        <translation>Deskriptoren</translation>
    </message>
    <message>
        <source>Process</source>
        <translation>Prozess</translation>
    </message>
    <message>
        <source>Descriptor</source>
        <translation>Deskriptor</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>Art</translation>
    </message>
    <message>
        <source>Position</source>
        <translation>Position</translation>
    </message>
    <message>
        <source>Flags</source>
        <translation>Flags</translation>
    </message>
    <message>
        <source>What</source>
        <translation>Was</translation>
    </message>
    <message>
        <source>Sockets</source>
        <translation>Sockets</translation>
    </message>
    <message>
        <source>Protocol</source>
        <translation>Protokoll</translation>
    </message>
    <message>
        <source>Local</source>
        <translation>Lokal</translation>
    </message>
    <message>
        <source>Peer</source>
        <translation>Gegenstelle</translation>
    </message>
    <message>
        <source>Open in</source>
        <translation>Offen in</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>Adresse</translation>
    </message>
    <message>
        <source>Access</source>
        <translation>Zugriff</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>Saved</source>
        <translation>Gesichert</translation>
    </message>
    <message>
        <source>Files</source>
        <translation>Dateien</translation>
    </message>
    <message>
        <source>Path</source>
        <translation>Pfad</translation>
    </message>
    <message>
        <source>Details</source>
        <translation>Einzelheiten</translation>
    </message>
    <message>
        <source>Looking into the checkpoint…</source>
        <translation>Der Checkpoint wird untersucht…</translation>
    </message>
    <message>
        <source>Checkpoint of %1, %2</source>
        <comment>what, when</comment>
        <translation>Checkpoint von %1, %2</translation>
    </message>
    <message>
        <source>%1 as it was at %2: %3 of memory were saved. Files are not part of it: those of the tab Files must be there when it is restored, of the size that is shown.</source>
        <translation>%1, wie es am %2 war: %3 Speicher wurden gesichert. Dateien gehören nicht dazu: Die des Reiters Dateien müssen beim Wiederherstellen da sein, in der gezeigten Größe.</translation>
    </message>
    <message>
        <source>The checkpoint cannot be looked into.</source>
        <translation>Der Checkpoint lässt sich nicht untersuchen.</translation>
    </message>
</context>
<context>
    <name>gantry::JobModel</name>
    <message>
        <source>%1: %2</source>
        <comment>state of a job, phase</comment>
        <translation>%1: %2</translation>
    </message>
    <message>
        <source>Started</source>
        <translation>Begonnen</translation>
    </message>
    <message>
        <source>Operation</source>
        <translation>Vorgang</translation>
    </message>
    <message>
        <source>Object</source>
        <translation>Objekt</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Zustand</translation>
    </message>
    <message>
        <source>Took</source>
        <translation>Dauer</translation>
    </message>
    <message>
        <source>Result</source>
        <translation>Ergebnis</translation>
    </message>
    <message>
        <source>By</source>
        <translation>Von</translation>
    </message>
</context>
<context>
    <name>gantry::JobsPanel</name>
    <message>
        <source>Jobs</source>
        <translation>Aufträge</translation>
    </message>
    <message>
        <source>Cancel &amp;job</source>
        <translation>Au&amp;ftrag abbrechen</translation>
    </message>
    <message>
        <source>Nothing has been done yet.</source>
        <translation>Noch wurde nichts getan.</translation>
    </message>
    <message>
        <source>Select a job first.</source>
        <translation>Wählen Sie zuerst einen Auftrag.</translation>
    </message>
    <message>
        <source>A selected job has ended or cannot be stopped any more.</source>
        <translation>Ein gewählter Auftrag ist beendet oder kann nicht mehr angehalten werden.</translation>
    </message>
</context>
<context>
    <name>gantry::LimitDelegate</name>
    <message>
        <source>300M, 1.5G, max</source>
        <translation>300M, 1.5G, max</translation>
    </message>
    <message>
        <source>1 to 10000, usually 100</source>
        <translation>1 bis 10000, üblich 100</translation>
    </message>
    <message>
        <source>50%, 50000/100000, max</source>
        <translation>50%, 50000/100000, max</translation>
    </message>
    <message>
        <source>8:0 rbps=1M wiops=100</source>
        <translation>8:0 rbps=1M wiops=100</translation>
    </message>
    <message>
        <source>a number, max</source>
        <translation>eine Zahl, max</translation>
    </message>
    <message>
        <source>5ms, 5000</source>
        <translation>5ms, 5000</translation>
    </message>
    <message>
        <source>1 or 0</source>
        <translation>1 oder 0</translation>
    </message>
    <message>
        <source>0 to 100, max</source>
        <translation>0 bis 100, max</translation>
    </message>
    <message>
        <source>0-3,8, or nothing</source>
        <translation>0-3,8 oder nichts</translation>
    </message>
    <message>
        <source>one of: %1</source>
        <translation>eines von: %1</translation>
    </message>
    <message>
        <source>default 100, 8:0 200</source>
        <translation>default 100, 8:0 200</translation>
    </message>
    <message>
        <source>8:0 FIELD=VALUE (%1)</source>
        <translation>8:0 FELD=WERT (%1)</translation>
    </message>
    <message>
        <source>NAME FIELD=VALUE (%1)</source>
        <translation>NAME FELD=WERT (%1)</translation>
    </message>
    <message>
        <source>NAME 64M, NAME max</source>
        <translation>NAME 64M, NAME max</translation>
    </message>
</context>
<context>
    <name>gantry::LimitLines</name>
    <message>
        <source>%1 → %2</source>
        <comment>limit: old, new</comment>
        <translation>%1 → %2</translation>
    </message>
    <message>
        <source>%1 → %2 (%3)</source>
        <comment>limit: old, new, change in percent</comment>
        <translation>%1 → %2 (%3)</translation>
    </message>
    <message>
        <source>%1 %2 ↑</source>
        <comment>limit above the shown range: name, value</comment>
        <translation>%1 %2 ↑</translation>
    </message>
    <message>
        <source>%1 %2</source>
        <comment>limit: name, value</comment>
        <translation>%1 %2</translation>
    </message>
</context>
<context>
    <name>gantry::LimitModel</name>
    <message>
        <source>Changed outside Gantry by %1</source>
        <translation>Außerhalb von Gantry geändert durch %1</translation>
    </message>
    <message>
        <source>another program</source>
        <translation>ein anderes Programm</translation>
    </message>
    <message>
        <source>%1 (changed outside)</source>
        <comment>limit value</comment>
        <translation>%1 (extern geändert)</translation>
    </message>
    <message>
        <source>Limit</source>
        <translation>Grenze</translation>
    </message>
    <message>
        <source>Configured</source>
        <translation>Eingestellt</translation>
    </message>
    <message>
        <source>New value</source>
        <translation>Neuer Wert</translation>
    </message>
    <message>
        <source>Effective</source>
        <translation>Wirksam</translation>
    </message>
    <message>
        <source>Limited by</source>
        <translation>Begrenzt durch</translation>
    </message>
    <message>
        <source>In use</source>
        <translation>In Gebrauch</translation>
    </message>
    <message>
        <source>Kernel file</source>
        <translation>Kerneldatei</translation>
    </message>
    <message>
        <source>%1 (%2)</source>
        <comment>limit, its file</comment>
        <translation>%1 (%2)</translation>
    </message>
    <message>
        <source>of the parent</source>
        <comment>CPUs or memory nodes without a list of their own</comment>
        <translation>der übergeordneten</translation>
    </message>
    <message>
        <source>%1 (not in force)</source>
        <translation>%1 (nicht in Kraft)</translation>
    </message>
    <message>
        <source>Set through %1</source>
        <comment>systemd and its unit, or a container</comment>
        <translation>Gesetzt über %1</translation>
    </message>
</context>
<context>
    <name>gantry::LimitRouteDialog</name>
    <message>
        <source>&amp;Until the unit stops or the host is started again</source>
        <translation>Bis die &amp;Unit endet oder der Rechner neu gestartet wird</translation>
    </message>
    <message>
        <source>&amp;For ever: it is written to disk as well</source>
        <translation>Für immer: Es wird auch auf &amp;Platte geschrieben</translation>
    </message>
    <message>
        <source>Apply limits</source>
        <translation>Grenzen anwenden</translation>
    </message>
    <message>
        <source>%1 is set through %2. How long is it to hold?</source>
        <comment>cgroup, manager and its unit</comment>
        <translation>%1 wird über %2 gesetzt. Wie lange soll das gelten?</translation>
    </message>
    <message>
        <source>What an admin would type:</source>
        <translation>Was ein Administrator tippen würde:</translation>
    </message>
    <message>
        <source>&amp;Apply</source>
        <translation>An&amp;wenden</translation>
    </message>
    <message>
        <source>How long it holds</source>
        <translation>Wie lange es gilt</translation>
    </message>
    <message>
        <source>&amp;Other ways</source>
        <translation>Andere We&amp;ge</translation>
    </message>
    <message>
        <source>&amp;Write the kernel&apos;s file itself</source>
        <translation>Die &amp;Datei des Kernels selbst schreiben</translation>
    </message>
    <message>
        <source>%1 does not know of it then: it may undo the change at any time, and the value is gone when the unit stops.</source>
        <comment>manager and its unit</comment>
        <translation>%1 weiß dann nichts davon und kann die Änderung jederzeit rückgängig machen; endet die Unit, so ist der Wert verloren.</translation>
    </message>
    <message>
        <source>&amp;Apply all the same</source>
        <translation>Trotzdem an&amp;wenden</translation>
    </message>
    <message>
        <source>%1 is set through %2, which keeps the value.</source>
        <comment>cgroup, runtime and its container</comment>
        <translation>%1 wird über %2 gesetzt, das den Wert behält.</translation>
    </message>
</context>
<context>
    <name>gantry::LimitStrip</name>
    <message>
        <source>&amp;Apply</source>
        <translation>An&amp;wenden</translation>
    </message>
    <message>
        <source>&amp;Revert</source>
        <translation>&amp;Verwerfen</translation>
    </message>
    <message>
        <source>Pending change of limits</source>
        <translation>Ausstehende Änderung von Grenzen</translation>
    </message>
    <message>
        <source>%1 → %2</source>
        <comment>limit, new value</comment>
        <translation>%1 → %2</translation>
    </message>
    <message>
        <source>Checking what it will do…</source>
        <translation>Prüfe, was es bewirkt…</translation>
    </message>
    <message>
        <source>Release to see what it will do; Esc takes it back.</source>
        <translation>Loslassen zeigt, was es bewirkt; Esc nimmt es zurück.</translation>
    </message>
    <message>
        <source>Takes effect at once; can be undone.</source>
        <translation>Wirkt sofort; kann rückgängig gemacht werden.</translation>
    </message>
    <message>
        <source>&amp;Apply…</source>
        <translation>An&amp;wenden…</translation>
    </message>
    <message>
        <source>Apply limits</source>
        <translation>Grenzen anwenden</translation>
    </message>
    <message>
        <source>Apply all the same</source>
        <translation>Trotzdem anwenden</translation>
    </message>
    <message>
        <source>Changed, but missing in the audit log: %1</source>
        <translation>Geändert, fehlt aber im Prüfprotokoll: %1</translation>
    </message>
    <message>
        <source>Dismi&amp;ss</source>
        <translation>&amp;Schließen</translation>
    </message>
    <message>
        <source>Copy the command line</source>
        <translation>Kommandozeile kopieren</translation>
    </message>
    <message>
        <source>Copy the command line: %1</source>
        <translation>Kommandozeile kopieren: %1</translation>
    </message>
</context>
<context>
    <name>gantry::LimitsPage</name>
    <message>
        <source>Limits</source>
        <translation>Grenzen</translation>
    </message>
    <message>
        <source>Double click a new value to edit it: 300M, 1.5G, 50%, 50000/100000, max.</source>
        <translation>Doppelklick auf einen neuen Wert bearbeitet ihn: 300M, 1.5G, 50%, 50000/100000, max.</translation>
    </message>
    <message>
        <source>Nothing can be set here.</source>
        <translation>Hier kann nichts eingestellt werden.</translation>
    </message>
    <message>
        <source>Show the cgroup that &amp;limits</source>
        <translation>Die &amp;begrenzende Cgroup zeigen</translation>
    </message>
</context>
<context>
    <name>gantry::LogView</name>
    <message>
        <source>Log of the container</source>
        <translation>Log des Containers</translation>
    </message>
    <message>
        <source>Copy what is marked, or all lines</source>
        <translation>Das Markierte oder alle Zeilen kopieren</translation>
    </message>
    <message>
        <source>Reading…</source>
        <translation>Wird gelesen…</translation>
    </message>
    <message>
        <source>Log</source>
        <translation>Log</translation>
    </message>
    <message>
        <source>The log is empty.</source>
        <translation>Das Log ist leer.</translation>
    </message>
    <message>
        <source>Log: %1</source>
        <comment>where it is kept</comment>
        <translation>Log: %1</translation>
    </message>
    <message>
        <source>Follow the end</source>
        <translation>Dem Ende folgen</translation>
    </message>
    <message>
        <source>Copy lo&amp;g</source>
        <translation>Lo&amp;g kopieren</translation>
    </message>
</context>
<context>
    <name>gantry::MetricChart</name>
    <message>
        <source>%1: %2</source>
        <comment>series, newest value</comment>
        <translation>%1: %2</translation>
    </message>
    <message>
        <source>%1 at %2</source>
        <comment>limit, value</comment>
        <translation>%1 bei %2</translation>
    </message>
    <message>
        <source>Back to &amp;live</source>
        <translation>Zurück zu &amp;live</translation>
    </message>
    <message>
        <source>Save as &amp;picture…</source>
        <translation>Als &amp;Bild speichern…</translation>
    </message>
    <message>
        <source>Pictures (*.png)</source>
        <translation>Bilder (*.png)</translation>
    </message>
    <message>
        <source>Save as &amp;drawing…</source>
        <translation>Als &amp;Zeichnung speichern…</translation>
    </message>
    <message>
        <source>Drawings (*.svg)</source>
        <translation>Zeichnungen (*.svg)</translation>
    </message>
    <message>
        <source>Save &amp;values…</source>
        <translation>&amp;Werte speichern…</translation>
    </message>
    <message>
        <source>Comma-separated values (*.csv)</source>
        <translation>Kommagetrennte Werte (*.csv)</translation>
    </message>
    <message>
        <source>Save the graph</source>
        <translation>Die Kurve speichern</translation>
    </message>
    <message>
        <source>%1 could not be written.</source>
        <translation>%1 konnte nicht geschrieben werden.</translation>
    </message>
    <message>
        <source>paused: double click for live</source>
        <translation>angehalten: Doppelklick für live</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <comment>time: what happened</comment>
        <translation>%1: %2</translation>
    </message>
    <message>
        <source>Show as &amp;table…</source>
        <translation>Als &amp;Tabelle zeigen…</translation>
    </message>
</context>
<context>
    <name>gantry::MigrateDialog</name>
    <message>
        <source>&amp;Keep its files and log here, stopped</source>
        <translation>Dateien und Protokoll gestoppt hier &amp;behalten</translation>
    </message>
    <message>
        <source>Migrate %1</source>
        <comment>container</comment>
        <translation>%1 umziehen</translation>
    </message>
    <message>
        <source>%1 goes on running on the other host, with its memory and its files. It stands still for a moment in between; whatever fails before it runs there leaves it running on %2.</source>
        <translation>%1 läuft auf dem anderen Host weiter, mit Speicher und Dateien. Dazwischen steht es einen Moment still; was immer scheitert, bevor es dort läuft: Es läuft auf %2 weiter.</translation>
    </message>
    <message>
        <source>&amp;Host:</source>
        <translation>&amp;Host:</translation>
    </message>
    <message>
        <source>&amp;Name there:</source>
        <translation>&amp;Name dort:</translation>
    </message>
    <message>
        <source>&amp;Rounds beforehand:</source>
        <translation>&amp;Runden vorher:</translation>
    </message>
    <message>
        <source>&amp;Migrate</source>
        <comment>button</comment>
        <translation>&amp;Umziehen</translation>
    </message>
    <message>
        <source>Check &amp;again</source>
        <translation>Noch einmal &amp;prüfen</translation>
    </message>
    <message>
        <source>Nothing stands in the way.</source>
        <translation>Nichts steht im Weg.</translation>
    </message>
    <message>
        <source>There is no other host that it could go to. Add one, or connect it.</source>
        <translation>Es gibt keinen anderen Host, auf den es umziehen könnte. Fügen Sie einen hinzu oder verbinden Sie ihn.</translation>
    </message>
    <message>
        <source>Give it a name.</source>
        <translation>Geben Sie ihm einen Namen.</translation>
    </message>
    <message>
        <source>Both hosts look whether it can be done…</source>
        <translation>Beide Hosts sehen nach, ob es geht…</translation>
    </message>
    <message numerus="yes">
        <source>%1 cannot go to %2: %n thing(s) stand in the way.</source>
        <translation>
            <numerusform>%1 kann nicht auf %2 umziehen: Etwas steht im Weg.</numerusform>
            <numerusform>%1 kann nicht auf %2 umziehen: %n Dinge stehen im Weg.</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 can go to %2 if what is found is passed over.</source>
        <translation>%1 kann auf %2 umziehen, wenn über das Gefundene hinweggegangen wird.</translation>
    </message>
    <message>
        <source>%1 can go to %2.</source>
        <translation>%1 kann auf %2 umziehen.</translation>
    </message>
    <message>
        <source>Up to so often it is saved and sent beforehand, so that less is to be sent while it stands still at the end. Each time it stands still while it is saved, and runs on while that is sent. 0: all of it is sent while it stands still.</source>
        <translation>So oft wird es höchstens vorher gesichert und übertragen, damit weniger zu übertragen bleibt, während es zum Schluss stillsteht. Jedes Mal steht es still, während es gesichert wird, und läuft weiter, während das übertragen wird. 0: alles wird übertragen, während es stillsteht.</translation>
    </message>
    <message>
        <source>&amp;Take its checkpoints along</source>
        <translation>Seine Checkpoints mi&amp;tnehmen</translation>
    </message>
    <message>
        <source>Once it runs there its checkpoints are copied, so that its time line there has its past. Pages that are there already are not sent again. The copies on %1 stay; should this fail, it runs there all the same.</source>
        <translation>Sobald der Container dort läuft, werden seine Checkpoints kopiert, damit seine Zeitleiste dort seine Vergangenheit zeigt. Speicherseiten, die es dort schon gibt, werden nicht noch einmal übertragen. Die Kopien auf %1 bleiben; auch wenn das misslingt, läuft er dort.</translation>
    </message>
</context>
<context>
    <name>gantry::MigrationProgress</name>
    <message>
        <source>Looking at it once more</source>
        <translation>Es wird noch einmal angesehen</translation>
    </message>
    <message>
        <source>It stands still: its processes are saved</source>
        <translation>Es steht still: seine Prozesse werden gesichert</translation>
    </message>
    <message>
        <source>It stands still: its files are copied</source>
        <translation>Es steht still: seine Dateien werden kopiert</translation>
    </message>
    <message>
        <source>What was saved is stored</source>
        <translation>Das Gesicherte wird abgelegt</translation>
    </message>
    <message>
        <source>What was saved is sent</source>
        <translation>Das Gesicherte wird übertragen</translation>
    </message>
    <message>
        <source>It stands still: it is brought up on the other host</source>
        <translation>Es steht still: auf dem anderen Host wird es wiederhergestellt</translation>
    </message>
    <message>
        <source>It is handed over</source>
        <translation>Es wird übergeben</translation>
    </message>
    <message>
        <source>Beginning…</source>
        <translation>Es beginnt…</translation>
    </message>
    <message>
        <source>%1: %2 to %3</source>
        <comment>container, host, host</comment>
        <translation>%1: %2 nach %3</translation>
    </message>
    <message>
        <source>Under way</source>
        <translation>Unterwegs</translation>
    </message>
    <message>
        <source>&amp;Give it up</source>
        <translation>&amp;Aufgeben</translation>
    </message>
    <message>
        <source>&amp;Roll back</source>
        <translation>&amp;Zurückholen</translation>
    </message>
    <message>
        <source>%1 goes back to %2, as it is then.</source>
        <translation>%1 zieht zurück auf %2, so wie es dann ist.</translation>
    </message>
    <message>
        <source>Giving it up…</source>
        <translation>Es wird aufgegeben…</translation>
    </message>
    <message>
        <source>%1 runs on %2.</source>
        <translation>%1 läuft auf %2.</translation>
    </message>
    <message>
        <source>%1 runs on %2 as %3.</source>
        <translation>%1 läuft auf %2 als %3.</translation>
    </message>
    <message>
        <source>It is not known yet where %1 runs: on one host at most.</source>
        <translation>Noch ist nicht bekannt, wo %1 läuft: höchstens auf einem Host.</translation>
    </message>
    <message>
        <source>%1 still runs on %2.</source>
        <translation>%1 läuft weiter auf %2.</translation>
    </message>
    <message>
        <source>%1 still runs on %2, unharmed.</source>
        <translation>%1 läuft unversehrt weiter auf %2.</translation>
    </message>
    <message>
        <source>It is saved beforehand and runs on, round %1</source>
        <translation>Es wird vorher gesichert und läuft weiter, Runde %1</translation>
    </message>
    <message>
        <source>At the end it stood still for %1 ms; %2 were sent in %3 ms.</source>
        <translation>Zum Schluss stand es %1 ms still; %2 wurden in %3 ms übertragen.</translation>
    </message>
    <message>
        <source>The two hosts are connected</source>
        <translation>Die beiden Hosts sind verbunden</translation>
    </message>
    <message>
        <source>This console carries what is sent</source>
        <translation>Diese Konsole überträgt die Daten</translation>
    </message>
    <message>
        <source>From host to host (%1)</source>
        <comment>address</comment>
        <translation>Von Host zu Host (%1)</translation>
    </message>
    <message>
        <source>By this console</source>
        <translation>Über diese Konsole</translation>
    </message>
    <message>
        <source>%1 sent</source>
        <translation>%1 übertragen</translation>
    </message>
    <message>
        <source>%1/s</source>
        <comment>bytes</comment>
        <translation>%1/s</translation>
    </message>
    <message>
        <source>%1, %2/s</source>
        <comment>way, bytes</comment>
        <translation>%1, %2/s</translation>
    </message>
    <message>
        <source>It runs there; its checkpoints are copied</source>
        <translation>Er läuft dort; seine Checkpoints werden kopiert</translation>
    </message>
    <message>
        <source>&amp;Leave them</source>
        <translation>Nicht &amp;mitnehmen</translation>
    </message>
    <message>
        <source>%1 runs on %2. Those of its checkpoints that are not there yet stay on %3 alone.</source>
        <comment>container, hosts</comment>
        <translation>%1 läuft auf %2. Die Checkpoints, die noch nicht dort sind, bleiben allein auf %3.</translation>
    </message>
</context>
<context>
    <name>gantry::MigrationQueueWindow</name>
    <message>
        <source>waits</source>
        <translation>wartet</translation>
    </message>
    <message>
        <source>begins</source>
        <translation>beginnt</translation>
    </message>
    <message>
        <source>is being given up</source>
        <translation>wird aufgegeben</translation>
    </message>
    <message>
        <source>moved</source>
        <translation>umgezogen</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>fehlgeschlagen</translation>
    </message>
    <message>
        <source>not known</source>
        <translation>nicht bekannt</translation>
    </message>
    <message>
        <source>given up</source>
        <translation>aufgegeben</translation>
    </message>
    <message>
        <source>left out</source>
        <translation>ausgelassen</translation>
    </message>
    <message>
        <source>rolled back</source>
        <translation>zurückgeholt</translation>
    </message>
    <message>
        <source>Migrations from %1</source>
        <comment>host</comment>
        <translation>Umzüge von %1</translation>
    </message>
    <message>
        <source>Container</source>
        <translation>Container</translation>
    </message>
    <message>
        <source>Goes to</source>
        <translation>Zieht um nach</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Zustand</translation>
    </message>
    <message>
        <source>Sent</source>
        <translation>Gesendet</translation>
    </message>
    <message>
        <source>Stood still</source>
        <translation>Stillstand</translation>
    </message>
    <message>
        <source>Result</source>
        <translation>Ergebnis</translation>
    </message>
    <message>
        <source>Migrations</source>
        <translation>Umzüge</translation>
    </message>
    <message>
        <source>&amp;Give up</source>
        <translation>Auf&amp;geben</translation>
    </message>
    <message>
        <source>Those that are chosen stay on %1, unless they were handed over.</source>
        <translation>Die ausgewählten bleiben auf %1, sofern sie noch nicht übergeben sind.</translation>
    </message>
    <message>
        <source>Give up the r&amp;est</source>
        <translation>Den R&amp;est aufgeben</translation>
    </message>
    <message>
        <source>Those that wait are not begun, and those at work stay on %1.</source>
        <translation>Die wartenden werden nicht begonnen, und die laufenden bleiben auf %1.</translation>
    </message>
    <message>
        <source>&amp;Try again</source>
        <translation>Noch einmal &amp;versuchen</translation>
    </message>
    <message>
        <source>Those that failed or were given up; where some are chosen, of these alone.</source>
        <translation>Die fehlgeschlagenen und aufgegebenen; sind welche ausgewählt, nur diese.</translation>
    </message>
    <message>
        <source>&amp;Roll back</source>
        <translation>&amp;Zurückholen</translation>
    </message>
    <message>
        <source>Those that are chosen go back to %1, as they are then.</source>
        <translation>Die ausgewählten ziehen zurück nach %1, so wie sie dann sind.</translation>
    </message>
    <message>
        <source>Roll &amp;all back</source>
        <translation>&amp;Alle zurückholen</translation>
    </message>
    <message>
        <source>All that were moved go back to %1, as they are then.</source>
        <translation>Alle umgezogenen ziehen zurück nach %1, so wie sie dann sind.</translation>
    </message>
    <message>
        <source>%1 ms</source>
        <translation>%1 ms</translation>
    </message>
    <message>
        <source>%1 of %2 moved</source>
        <translation>%1 von %2 umgezogen</translation>
    </message>
    <message>
        <source>under way</source>
        <comment>after a number</comment>
        <translation>unterwegs</translation>
    </message>
    <message>
        <source>waiting</source>
        <comment>after a number</comment>
        <translation>wartend</translation>
    </message>
    <message>
        <source>being given up</source>
        <comment>after a number</comment>
        <translation>werden aufgegeben</translation>
    </message>
    <message>
        <source>failed</source>
        <comment>after a number</comment>
        <translation>fehlgeschlagen</translation>
    </message>
    <message>
        <source>not known where</source>
        <comment>after a number</comment>
        <translation>unbekannt wo</translation>
    </message>
    <message>
        <source>given up</source>
        <comment>after a number</comment>
        <translation>aufgegeben</translation>
    </message>
    <message>
        <source>left out</source>
        <comment>after a number</comment>
        <translation>ausgelassen</translation>
    </message>
    <message>
        <source>rolled back</source>
        <comment>after a number</comment>
        <translation>zurückgeholt</translation>
    </message>
</context>
<context>
    <name>gantry::MoveDialog</name>
    <message>
        <source>Move to another cgroup</source>
        <translation>In eine andere Cgroup verschieben</translation>
    </message>
    <message>
        <source>&amp;Target cgroup:</source>
        <translation>&amp;Ziel-Cgroup:</translation>
    </message>
    <message>
        <source>Path of the target cgroup</source>
        <translation>Pfad der Ziel-Cgroup</translation>
    </message>
    <message>
        <source>Memory used so far stays charged to the old cgroup. All are moved or none.</source>
        <translation>Bisher benutzter Speicher bleibt der alten Cgroup angerechnet. Alle werden verschoben oder keiner.</translation>
    </message>
    <message>
        <source>&amp;Move</source>
        <translation>&amp;Verschieben</translation>
    </message>
    <message>
        <source>There is no cgroup %1.</source>
        <translation>Es gibt keine Cgroup %1.</translation>
    </message>
</context>
<context>
    <name>gantry::NamespaceModel</name>
    <message>
        <source>open in %1</source>
        <comment>file descriptor that keeps a namespace</comment>
        <translation>offen in %1</translation>
    </message>
    <message>
        <source>mounted at %1</source>
        <comment>bind mount that keeps a namespace</comment>
        <translation>eingehängt unter %1</translation>
    </message>
    <message>
        <source>incomplete: %1</source>
        <comment>why</comment>
        <translation>unvollständig: %1</translation>
    </message>
    <message>
        <source>the host&apos;s own</source>
        <translation>die des Rechners selbst</translation>
    </message>
    <message>
        <source>%1 (%2)</source>
        <comment>program, pid</comment>
        <translation>%1 (%2)</translation>
    </message>
    <message>
        <source>User namespace that owns it; created by user id %1</source>
        <translation>Benutzer-Namensraum, dem er gehört; angelegt von Benutzernummer %1</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>Art</translation>
    </message>
    <message>
        <source>Inode</source>
        <translation>Inode</translation>
    </message>
    <message>
        <source>Processes</source>
        <translation>Prozesse</translation>
    </message>
    <message>
        <source>First process</source>
        <translation>Erster Prozess</translation>
    </message>
    <message>
        <source>Owner</source>
        <translation>Eigentümer</translation>
    </message>
    <message>
        <source>Parent</source>
        <translation>Übergeordnet</translation>
    </message>
    <message>
        <source>Kept by</source>
        <translation>Gehalten durch</translation>
    </message>
    <message>
        <source>Note</source>
        <translation>Notiz</translation>
    </message>
</context>
<context>
    <name>gantry::NamespacesPage</name>
    <message>
        <source>Namespaces</source>
        <translation>Namensräume</translation>
    </message>
    <message>
        <source>No namespaces are known here.</source>
        <translation>Hier sind keine Namensräume bekannt.</translation>
    </message>
    <message>
        <source>Show in the &amp;tree</source>
        <translation>Im &amp;Baum zeigen</translation>
    </message>
    <message>
        <source>Show its &amp;owner</source>
        <translation>Seinen &amp;Eigentümer zeigen</translation>
    </message>
    <message>
        <source>Show its &amp;parent</source>
        <translation>Den &amp;übergeordneten zeigen</translation>
    </message>
</context>
<context>
    <name>gantry::NewCgroupDialog</name>
    <message>
        <source>New cgroup</source>
        <translation>Neue Cgroup</translation>
    </message>
    <message>
        <source>&amp;Name below %1:</source>
        <translation>&amp;Name unter %1:</translation>
    </message>
    <message>
        <source>&amp;Make</source>
        <translation>&amp;Anlegen</translation>
    </message>
    <message>
        <source>Type a name.</source>
        <translation>Geben Sie einen Namen ein.</translation>
    </message>
    <message>
        <source>“%1” is not a name.</source>
        <translation>„%1“ ist kein Name.</translation>
    </message>
    <message>
        <source>A name has no slash.</source>
        <translation>Ein Name hat keinen Schrägstrich.</translation>
    </message>
    <message>
        <source>A name has no line breaks or control characters.</source>
        <translation>Ein Name hat keine Zeilenumbrüche oder Steuerzeichen.</translation>
    </message>
    <message numerus="yes">
        <source>A name has at most %n byte(s).</source>
        <translation>
            <numerusform>Ein Name hat höchstens %n Byte.</numerusform>
            <numerusform>Ein Name hat höchstens %n Bytes.</numerusform>
        </translation>
    </message>
    <message>
        <source>Names that begin with %1 belong to the kernel.</source>
        <translation>Namen, die mit %1 beginnen, gehören dem Kernel.</translation>
    </message>
    <message>
        <source>%1 exists already.</source>
        <translation>%1 gibt es schon.</translation>
    </message>
</context>
<context>
    <name>gantry::NewStoreDialog</name>
    <message>
        <source>Encrypted with a &amp;passphrase</source>
        <translation>Verschlüsselt mit einer &amp;Passphrase</translation>
    </message>
    <message>
        <source>Encrypted with a &amp;key file</source>
        <translation>Verschlüsselt mit einer &amp;Schlüsseldatei</translation>
    </message>
    <message>
        <source>&amp;Not encrypted</source>
        <translation>&amp;Nicht verschlüsselt</translation>
    </message>
    <message>
        <source>The store is being made…</source>
        <translation>Der Speicher wird angelegt …</translation>
    </message>
    <message>
        <source>Set up the store of checkpoints</source>
        <translation>Speicher der Checkpoints einrichten</translation>
    </message>
    <message>
        <source>It will be %1. How it is encrypted cannot be changed later.</source>
        <translation>Er wird %1 sein. Wie er verschlüsselt ist, lässt sich später nicht ändern.</translation>
    </message>
    <message>
        <source>Passphrase</source>
        <translation>Passphrase</translation>
    </message>
    <message>
        <source>The same passphrase once more</source>
        <translation>Dieselbe Passphrase noch einmal</translation>
    </message>
    <message>
        <source>Pa&amp;ssphrase:</source>
        <translation>Passph&amp;rase:</translation>
    </message>
    <message>
        <source>Onc&amp;e more:</source>
        <translation>Noch &amp;einmal:</translation>
    </message>
    <message>
        <source>Without it no checkpoint can be read, and nobody can tell it again. It is asked for after each start of Gantry.</source>
        <translation>Ohne sie lässt sich kein Checkpoint lesen, und niemand kann sie noch einmal sagen. Nach jedem Start von Gantry wird nach ihr gefragt.</translation>
    </message>
    <message>
        <source>absolute path on the host</source>
        <translation>absoluter Pfad auf dem Rechner</translation>
    </message>
    <message>
        <source>&amp;File:</source>
        <translation>&amp;Datei:</translation>
    </message>
    <message>
        <source>32 bytes or more that nobody guesses, readable by its owner alone. Keep a copy of it apart: who loses it loses every checkpoint.</source>
        <translation>Mindestens 32 Bytes, die niemand errät, nur für den Eigentümer lesbar. Eine Kopie gehört an einen anderen Ort: Wer sie verliert, verliert jeden Checkpoint.</translation>
    </message>
    <message>
        <source>&amp;Make the store</source>
        <comment>button</comment>
        <translation>Speicher &amp;anlegen</translation>
    </message>
    <message>
        <source>The two are not the same.</source>
        <translation>Die beiden sind nicht gleich.</translation>
    </message>
    <message>
        <source>The key file is named by its absolute path.</source>
        <translation>Die Schlüsseldatei wird mit absolutem Pfad angegeben.</translation>
    </message>
</context>
<context>
    <name>gantry::NodeTreeModel</name>
    <message>
        <source>cgroup root</source>
        <translation>Cgroup-Wurzel</translation>
    </message>
    <message>
        <source>%1
Protected: %2</source>
        <translation>%1
Geschützt: %2</translation>
    </message>
    <message>
        <source>Runtime: %1
Id: %2
Cgroup: %3</source>
        <translation>Laufzeit: %1
Id: %2
Cgroup: %3</translation>
    </message>
    <message>
        <source>First process: %1 (%2)</source>
        <translation>Erster Prozess: %1 (%2)</translation>
    </message>
    <message>
        <source>In use: %1
Soft limit: %2
Hard limit: %3</source>
        <translation>In Gebrauch: %1
Weiche Grenze: %2
Harte Grenze: %3</translation>
    </message>
    <message>
        <source>Limit: %1</source>
        <translation>Grenze: %1</translation>
    </message>
    <message>
        <source>Frozen because a cgroup above it is: thaw it there.</source>
        <translation>Eingefroren, weil es eine Cgroup darüber ist: dort auftauen.</translation>
    </message>
    <message numerus="yes">
        <source>%n open alert(s) here and below</source>
        <translation>
            <numerusform>%n offener Alarm hier und darunter</numerusform>
            <numerusform>%n offene Alarme hier und darunter</numerusform>
        </translation>
    </message>
    <message>
        <source>%1: %2</source>
        <comment>column: value</comment>
        <translation>%1: %2</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>Speicher</translation>
    </message>
    <message>
        <source>Memory in use against the soft (tick) and hard (end) limit</source>
        <translation>Speicher in Gebrauch gegen die weiche (Strich) und die harte (Ende) Grenze</translation>
    </message>
    <message>
        <source>CPU</source>
        <translation>CPU</translation>
    </message>
    <message>
        <source>CPU time used; 100 % is one CPU</source>
        <translation>Verbrauchte CPU-Zeit; 100 % ist eine CPU</translation>
    </message>
    <message>
        <source>Read</source>
        <translation>Gelesen</translation>
    </message>
    <message>
        <source>Bytes read from block devices per second</source>
        <translation>Von Blockgeräten gelesene Bytes pro Sekunde</translation>
    </message>
    <message>
        <source>Written</source>
        <translation>Geschrieben</translation>
    </message>
    <message>
        <source>Bytes written to block devices per second</source>
        <translation>Auf Blockgeräte geschriebene Bytes pro Sekunde</translation>
    </message>
    <message>
        <source>PSI memory</source>
        <translation>PSI Speicher</translation>
    </message>
    <message>
        <source>Share of the last 10 s in which some task waited for memory</source>
        <translation>Anteil der letzten 10 s, in dem ein Prozess auf Speicher wartete</translation>
    </message>
    <message>
        <source>PSI CPU</source>
        <translation>PSI CPU</translation>
    </message>
    <message>
        <source>Share of the last 10 s in which some task waited for a CPU</source>
        <translation>Anteil der letzten 10 s, in dem ein Prozess auf eine CPU wartete</translation>
    </message>
    <message>
        <source>PSI I/O</source>
        <translation>PSI E/A</translation>
    </message>
    <message>
        <source>Share of the last 10 s in which some task waited for I/O</source>
        <translation>Anteil der letzten 10 s, in dem ein Prozess auf E/A wartete</translation>
    </message>
    <message>
        <source>Pids</source>
        <translation>Pids</translation>
    </message>
    <message>
        <source>Processes and threads</source>
        <translation>Prozesse und Threads</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Zustand</translation>
    </message>
    <message>
        <source>Alerts</source>
        <translation>Alarme</translation>
    </message>
    <message>
        <source>Open alerts here and below</source>
        <translation>Offene Alarme hier und darunter</translation>
    </message>
    <message>
        <source>without a pod</source>
        <translation>ohne Pod</translation>
    </message>
    <message>
        <source>without this label</source>
        <translation>ohne dieses Label</translation>
    </message>
    <message>
        <source>empty</source>
        <comment>value of a label</comment>
        <translation>leer</translation>
    </message>
    <message>
        <source>in no slice</source>
        <translation>in keiner Slice</translation>
    </message>
    <message>
        <source>uid %1</source>
        <translation>UID %1</translation>
    </message>
    <message>
        <source>the system</source>
        <comment>owner of containers</comment>
        <translation>das System</translation>
    </message>
</context>
<context>
    <name>gantry::NodeTreePanel</name>
    <message>
        <source>Filter of the tree</source>
        <translation>Filter des Baums</translation>
    </message>
    <message>
        <source>Group by</source>
        <translation>Gruppieren nach</translation>
    </message>
    <message>
        <source>Cgroups</source>
        <translation>Cgroups</translation>
    </message>
    <message>
        <source>Containers</source>
        <translation>Container</translation>
    </message>
    <message>
        <source>Namespaces</source>
        <translation>Namensräume</translation>
    </message>
    <message>
        <source>Searched as plain text: %1.</source>
        <translation>Als einfacher Text gesucht: %1.</translation>
    </message>
    <message>
        <source>Runtimes</source>
        <translation>Laufzeiten</translation>
    </message>
    <message>
        <source>Pods</source>
        <translation>Pods</translation>
    </message>
    <message>
        <source>Labels</source>
        <translation>Labels</translation>
    </message>
    <message>
        <source>Slices</source>
        <translation>Slices</translation>
    </message>
    <message>
        <source>Users</source>
        <translation>Benutzer</translation>
    </message>
    <message>
        <source>Label to group by</source>
        <translation>Label, nach dem gruppiert wird</translation>
    </message>
    <message>
        <source>Label:</source>
        <translation>Label:</translation>
    </message>
    <message>
        <source>Filter: name, path, id, pid, label, /regex/, !not</source>
        <translation>Filter: Name, Pfad, ID, PID, Label, /regex/, !nicht</translation>
    </message>
    <message>
        <source>Tree of the hosts</source>
        <translation>Baum der Rechner</translation>
    </message>
</context>
<context>
    <name>gantry::OomdCandidateModel</name>
    <message>
        <source>avoid</source>
        <comment>ManagedOOMPreference=</comment>
        <translation>möglichst nicht</translation>
    </message>
    <message>
        <source>never killed</source>
        <comment>ManagedOOMPreference=omit</comment>
        <translation>wird nie abgeschossen</translation>
    </message>
    <message>
        <source>Order</source>
        <translation>Folge</translation>
    </message>
    <message>
        <source>Candidate</source>
        <translation>Kandidat</translation>
    </message>
    <message>
        <source>Pages scanned</source>
        <translation>Durchsuchte Seiten</translation>
    </message>
    <message>
        <source>Swap used</source>
        <translation>Swap</translation>
    </message>
    <message>
        <source>Memory used</source>
        <translation>Speicher</translation>
    </message>
    <message>
        <source>Preference</source>
        <translation>Vorzug</translation>
    </message>
    <message>
        <source>Kills so far</source>
        <translation>Bisher abgeschossen</translation>
    </message>
</context>
<context>
    <name>gantry::OomdPage</name>
    <message>
        <source>Watched cgroups</source>
        <translation>Beobachtete Cgroups</translation>
    </message>
    <message>
        <source>Candidates</source>
        <translation>Kandidaten</translation>
    </message>
    <message>
        <source>Asking systemd-oomd…</source>
        <translation>systemd-oomd wird gefragt…</translation>
    </message>
    <message>
        <source>Select a watched cgroup to see what would be killed.</source>
        <translation>Wählen Sie eine beobachtete Cgroup, um zu sehen, was abgeschossen würde.</translation>
    </message>
    <message>
        <source>Show in the &amp;tree</source>
        <translation>Im &amp;Baum zeigen</translation>
    </message>
    <message>
        <source>systemd-oomd runs, but no unit asks to be watched (ManagedOOMMemoryPressure=, ManagedOOMSwap=).</source>
        <translation>systemd-oomd läuft, aber keine Unit will beobachtet werden (ManagedOOMMemoryPressure=, ManagedOOMSwap=).</translation>
    </message>
    <message>
        <source>Swap of the host: %1 used, killing begins above %2.</source>
        <translation>Swap des Rechners: %1 belegt, über %2 wird abgeschossen.</translation>
    </message>
    <message>
        <source>It only reports: it was started with --dry-run and kills nothing.</source>
        <translation>Es meldet nur: Es wurde mit --dry-run gestartet und schießt nichts ab.</translation>
    </message>
    <message>
        <source>systemd-oomd does not run on this host: %1.</source>
        <comment>why</comment>
        <translation>systemd-oomd läuft auf diesem Rechner nicht: %1.</translation>
    </message>
    <message>
        <source>Nothing below it could be killed.</source>
        <translation>Darunter gibt es nichts abzuschießen.</translation>
    </message>
</context>
<context>
    <name>gantry::OomdWatchedModel</name>
    <message>
        <source>swap used</source>
        <comment>what systemd-oomd watches</comment>
        <translation>belegter Swap</translation>
    </message>
    <message>
        <source>memory pressure</source>
        <comment>what systemd-oomd watches</comment>
        <translation>Speicherdruck</translation>
    </message>
    <message>
        <source>at or above the limit</source>
        <translation>an oder über der Grenze</translation>
    </message>
    <message>
        <source>below the limit</source>
        <translation>unter der Grenze</translation>
    </message>
    <message>
        <source>Watched cgroup</source>
        <translation>Beobachtete Cgroup</translation>
    </message>
    <message>
        <source>Watches</source>
        <translation>Beobachtet</translation>
    </message>
    <message>
        <source>Limit</source>
        <translation>Grenze</translation>
    </message>
    <message>
        <source>Now</source>
        <translation>Jetzt</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Zustand</translation>
    </message>
    <message>
        <source>First to go</source>
        <translation>Als erstes</translation>
    </message>
</context>
<context>
    <name>gantry::OverviewPage</name>
    <message>
        <source>Memory</source>
        <translation>Speicher</translation>
    </message>
    <message>
        <source>in use</source>
        <translation>in Gebrauch</translation>
    </message>
    <message>
        <source>CPU</source>
        <translation>CPU</translation>
    </message>
    <message>
        <source>all</source>
        <translation>gesamt</translation>
    </message>
    <message>
        <source>programs</source>
        <translation>Programme</translation>
    </message>
    <message>
        <source>kernel</source>
        <translation>Kernel</translation>
    </message>
    <message>
        <source>I/O</source>
        <translation>E/A</translation>
    </message>
    <message>
        <source>read</source>
        <translation>lesen</translation>
    </message>
    <message>
        <source>written</source>
        <translation>geschrieben</translation>
    </message>
    <message>
        <source>Pressure</source>
        <translation>Druck</translation>
    </message>
    <message>
        <source>memory</source>
        <translation>Speicher</translation>
    </message>
    <message>
        <source>memory full</source>
        <translation>Speicher (alle)</translation>
    </message>
    <message>
        <source>Processes and threads</source>
        <translation>Prozesse und Threads</translation>
    </message>
    <message>
        <source>now</source>
        <translation>jetzt</translation>
    </message>
    <message>
        <source>1 min</source>
        <translation>1 min</translation>
    </message>
    <message>
        <source>5 min</source>
        <translation>5 min</translation>
    </message>
    <message>
        <source>10 min</source>
        <translation>10 min</translation>
    </message>
    <message>
        <source>30 min</source>
        <translation>30 min</translation>
    </message>
    <message>
        <source>2 h</source>
        <translation>2 h</translation>
    </message>
    <message>
        <source>Show %1</source>
        <comment>length of time</comment>
        <translation>%1 zeigen</translation>
    </message>
    <message>
        <source>One point each %1 s</source>
        <comment>interval of the graphs</comment>
        <translation>Ein Punkt je %1 s</translation>
    </message>
    <message>
        <source>peak between samples</source>
        <translation>Spitze zwischen den Messungen</translation>
    </message>
</context>
<context>
    <name>gantry::PaletteDialog</name>
    <message>
        <source>Actions</source>
        <translation>Aktionen</translation>
    </message>
    <message>
        <source>Type an action</source>
        <translation>Eine Aktion eingeben</translation>
    </message>
    <message>
        <source>Filter of actions</source>
        <translation>Filter der Aktionen</translation>
    </message>
    <message>
        <source>%1 (not now: %2)</source>
        <comment>action, reason</comment>
        <translation>%1 (jetzt nicht: %2)</translation>
    </message>
    <message>
        <source>%1 [%2]</source>
        <comment>action, keys</comment>
        <translation>%1 [%2]</translation>
    </message>
</context>
<context>
    <name>gantry::PassphraseField</name>
    <message>
        <source>Show</source>
        <comment>a passphrase</comment>
        <translation>Zeigen</translation>
    </message>
    <message>
        <source>Show what is typed</source>
        <translation>Zeigen, was eingegeben wird</translation>
    </message>
</context>
<context>
    <name>gantry::ProcessModel</name>
    <message>
        <source>%1 (%2 inside)</source>
        <comment>pid, pid in its namespace</comment>
        <translation>%1 (innen %2)</translation>
    </message>
    <message>
        <source>Pid</source>
        <translation>Pid</translation>
    </message>
    <message>
        <source>Program</source>
        <translation>Programm</translation>
    </message>
    <message>
        <source>User</source>
        <translation>Benutzer</translation>
    </message>
    <message>
        <source>CPU</source>
        <translation>CPU</translation>
    </message>
    <message>
        <source>Resident</source>
        <translation>Resident</translation>
    </message>
    <message>
        <source>Threads</source>
        <translation>Threads</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Zustand</translation>
    </message>
    <message>
        <source>Cgroup</source>
        <translation>Cgroup</translation>
    </message>
    <message>
        <source>Command line</source>
        <translation>Kommandozeile</translation>
    </message>
</context>
<context>
    <name>gantry::ProcessesPage</name>
    <message>
        <source>Processes</source>
        <translation>Prozesse</translation>
    </message>
    <message>
        <source>&amp;Signal…</source>
        <translation>&amp;Signal…</translation>
    </message>
    <message>
        <source>&amp;Move…</source>
        <translation>&amp;Verschieben…</translation>
    </message>
    <message>
        <source>With cgroups &amp;below</source>
        <translation>Mit Cgroups &amp;darunter</translation>
    </message>
    <message>
        <source>No processes here.</source>
        <translation>Keine Prozesse hier.</translation>
    </message>
    <message numerus="yes">
        <source>%n more process(es) are not listed.</source>
        <translation>
            <numerusform>%n weiterer Prozess ist nicht aufgeführt.</numerusform>
            <numerusform>%n weitere Prozesse sind nicht aufgeführt.</numerusform>
        </translation>
    </message>
    <message>
        <source>Select processes first.</source>
        <translation>Wählen Sie zuerst Prozesse.</translation>
    </message>
    <message>
        <source>Show its &amp;cgroup in the tree</source>
        <translation>Seine &amp;Cgroup im Baum zeigen</translation>
    </message>
    <message>
        <source>Select one process: those that it started are saved with it.</source>
        <translation>Einen Prozess auswählen: Was er gestartet hat, wird mitgesichert.</translation>
    </message>
    <message>
        <source>Checkpoint…</source>
        <translation>Checkpoint…</translation>
    </message>
</context>
<context>
    <name>gantry::ReclaimDialog</name>
    <message>
        <source>Reclaim memory</source>
        <translation>Speicher zurückholen</translation>
    </message>
    <message>
        <source>&amp;Take back from %1:</source>
        <translation>Von %1 &amp;zurückholen:</translation>
    </message>
    <message>
        <source>An amount: 64M, 1.5G, or bytes</source>
        <translation>Eine Menge: 64M, 1.5G oder Bytes</translation>
    </message>
    <message>
        <source>The kernel frees caches and swaps out what it can; what is needed again has to be read from disk, so the processes may be slow for a while. No process is killed.</source>
        <translation>Der Kernel gibt Caches frei und lagert aus, was er kann; was wieder gebraucht wird, muss von der Platte gelesen werden, die Prozesse können also eine Weile langsam sein. Kein Prozess wird abgeschossen.</translation>
    </message>
    <message>
        <source>&amp;Reclaim</source>
        <comment>button</comment>
        <translation>Zu&amp;rückholen</translation>
    </message>
    <message>
        <source>Type an amount.</source>
        <translation>Geben Sie eine Menge ein.</translation>
    </message>
    <message>
        <source>“%1” is no amount of memory.</source>
        <translation>„%1“ ist keine Speichermenge.</translation>
    </message>
    <message>
        <source>of %1 in use</source>
        <comment>memory</comment>
        <translation>von %1 in Gebrauch</translation>
    </message>
    <message>
        <source>It uses only %1: more cannot be taken back.</source>
        <translation>Sie belegt nur %1: Mehr kann nicht zurückgeholt werden.</translation>
    </message>
</context>
<context>
    <name>gantry::RestoreDialog</name>
    <message>
        <source>Looking whether it can be restored…</source>
        <translation>Es wird geprüft, ob er wiederhergestellt werden kann…</translation>
    </message>
    <message>
        <source>Checkpoint the &amp;present state first</source>
        <translation>Zuerst den &amp;jetzigen Stand sichern</translation>
    </message>
    <message>
        <source>Restore checkpoint</source>
        <translation>Checkpoint wiederherstellen</translation>
    </message>
    <message>
        <source>%1 will run again as it was at %2, with the pids it had.</source>
        <translation>%1 läuft wieder wie am %2, mit denselben PIDs.</translation>
    </message>
    <message>
        <source>&amp;Restore</source>
        <comment>button</comment>
        <translation>&amp;Wiederherstellen</translation>
    </message>
    <message>
        <source>If that fails, nothing is restored and the present runs on.</source>
        <translation>Schlägt das fehl, wird nichts wiederhergestellt, und der jetzige Stand läuft weiter.</translation>
    </message>
    <message>
        <source>%1 (%2)</source>
        <comment>pid, program</comment>
        <translation>%1 (%2)</translation>
    </message>
    <message numerus="yes">
        <source>%1 and %n more</source>
        <comment>pids</comment>
        <translation>
            <numerusform>%1 und %n weiterer</numerusform>
            <numerusform>%1 und %n weitere</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n process(es) that run now will end: %1.</source>
        <translation>
            <numerusform>%n Prozess, der jetzt läuft, endet: %1.</numerusform>
            <numerusform>%n Prozesse, die jetzt laufen, enden: %1.</numerusform>
        </translation>
    </message>
    <message>
        <source>Nothing of it runs now.</source>
        <translation>Jetzt läuft nichts davon.</translation>
    </message>
    <message>
        <source>Its files are not put back: what it had open must be there, as it was.</source>
        <translation>Dateien werden nicht zurückgesetzt: was offen war, muss noch so da sein.</translation>
    </message>
    <message>
        <source>It cannot be restored.</source>
        <translation>Er kann nicht wiederhergestellt werden.</translation>
    </message>
    <message>
        <source>The present is lost: this cannot be undone.</source>
        <translation>Der jetzige Stand geht verloren: das lässt sich nicht rückgängig machen.</translation>
    </message>
    <message>
        <source>Put its &amp;files back, too, as they were then</source>
        <translation>Auch die &amp;Dateien zurücksetzen, wie sie damals waren</translation>
    </message>
    <message>
        <source>%1: gone since, comes back with %2</source>
        <translation>%1: inzwischen weg, kommt mit %2 zurück</translation>
    </message>
    <message>
        <source>%1: %2 now, written up to %3 later, will be %4</source>
        <translation>%1: jetzt %2, zuletzt %3 später geändert, wird %4</translation>
    </message>
    <message>
        <source>%1: %2 now, will be %3</source>
        <translation>%1: jetzt %2, wird %3</translation>
    </message>
    <message numerus="yes">
        <source>and %n more</source>
        <comment>files</comment>
        <translation>
            <numerusform>und %n weitere</numerusform>
            <numerusform>und %n weitere</numerusform>
        </translation>
    </message>
    <message>
        <source>Restore &amp;all of them…</source>
        <translation>&amp;Alle wiederherstellen…</translation>
    </message>
    <message>
        <source>It was %1.</source>
        <comment>saved together with others</comment>
        <translation>Der Checkpoint wurde %1.</translation>
    </message>
</context>
<context>
    <name>gantry::RuleEditor</name>
    <message>
        <source>%1 (%2)</source>
        <comment>metric, kernel name</comment>
        <translation>%1 (%2)</translation>
    </message>
    <message>
        <source>&amp;Save</source>
        <translation>&amp;Speichern</translation>
    </message>
    <message>
        <source>compared with fixed levels</source>
        <translation>verglichen mit festen Schwellen</translation>
    </message>
    <message>
        <source>as a percentage of a limit</source>
        <translation>als Prozentsatz einer Grenze</translation>
    </message>
    <message>
        <source>each time it grows</source>
        <translation>jedes Mal, wenn es wächst</translation>
    </message>
    <message>
        <source>every cgroup</source>
        <translation>jede Cgroup</translation>
    </message>
    <message>
        <source> s</source>
        <comment>seconds, after a number</comment>
        <translation> s</translation>
    </message>
    <message>
        <source>&amp;Name:</source>
        <translation>&amp;Name:</translation>
    </message>
    <message>
        <source>&amp;Metric:</source>
        <translation>&amp;Messgröße:</translation>
    </message>
    <message>
        <source>&amp;Watched:</source>
        <translation>&amp;Beobachtet:</translation>
    </message>
    <message>
        <source>&amp;Limit:</source>
        <translation>&amp;Grenze:</translation>
    </message>
    <message>
        <source>&amp;Only below:</source>
        <translation>Nur &amp;unter:</translation>
    </message>
    <message>
        <source>&amp;Stays up for:</source>
        <translation>Bleibt &amp;stehen für:</translation>
    </message>
    <message>
        <source>&amp;Repeat not before:</source>
        <translation>&amp;Wiederholen frühestens nach:</translation>
    </message>
    <message>
        <source>Level</source>
        <translation>Stufe</translation>
    </message>
    <message>
        <source>above</source>
        <translation>über</translation>
    </message>
    <message>
        <source>for at least</source>
        <translation>mindestens für</translation>
    </message>
    <message>
        <source>ends below it by</source>
        <translation>endet darunter um</translation>
    </message>
    <message>
        <source>So&amp;ft</source>
        <translation>&amp;Weich</translation>
    </message>
    <message>
        <source>&amp;Hard</source>
        <translation>&amp;Hart</translation>
    </message>
    <message>
        <source>Value of the level</source>
        <translation>Wert der Schwelle</translation>
    </message>
    <message>
        <source>Distance below the level at which the alert ends</source>
        <translation>Abstand unter der Schwelle, bei dem der Alarm endet</translation>
    </message>
    <message>
        <source>Seconds the value must stay there</source>
        <translation>Sekunden, die der Wert dort bleiben muss</translation>
    </message>
    <message>
        <source>The rule needs a name.</source>
        <translation>Die Regel braucht einen Namen.</translation>
    </message>
    <message>
        <source>The path of a cgroup begins with a slash.</source>
        <translation>Der Pfad einer Cgroup beginnt mit einem Schrägstrich.</translation>
    </message>
    <message>
        <source>Switch on a level.</source>
        <translation>Schalten Sie eine Schwelle ein.</translation>
    </message>
    <message>
        <source>The soft level is above the hard one.</source>
        <translation>Die weiche Schwelle liegt über der harten.</translation>
    </message>
    <message>
        <source>New alert rule</source>
        <translation>Neue Alarmregel</translation>
    </message>
    <message>
        <source>Alert rule</source>
        <translation>Alarmregel</translation>
    </message>
</context>
<context>
    <name>gantry::ScheduleDialog</name>
    <message>
        <source>Looking whether %1 can be checkpointed…</source>
        <translation>Prüfe, ob %1 gesichert werden kann …</translation>
    </message>
    <message>
        <source>%1 has no schedule.</source>
        <translation>%1 wird nicht regelmäßig gesichert.</translation>
    </message>
    <message>
        <source>Time between two checkpoints</source>
        <translation>Zeit zwischen zwei Sicherungen</translation>
    </message>
    <message>
        <source>the &amp;newest</source>
        <translation>die &amp;neuesten</translation>
    </message>
    <message>
        <source>Most checkpoints</source>
        <translation>Höchste Zahl der Checkpoints</translation>
    </message>
    <message>
        <source>those of the &amp;last</source>
        <translation>die der &amp;letzten</translation>
    </message>
    <message>
        <source>&amp;at most</source>
        <translation>&amp;höchstens</translation>
    </message>
    <message>
        <source>&amp;Bring it back from its newest checkpoint where it dies</source>
        <translation>Aus dem neuesten Checkpoint &amp;wiederherstellen, wenn es stirbt</translation>
    </message>
    <message>
        <source>Remove &amp;schedule</source>
        <translation>Zeitplan &amp;entfernen</translation>
    </message>
    <message>
        <source>Schedule checkpoints of %1</source>
        <translation>%1 regelmäßig sichern</translation>
    </message>
    <message>
        <source>S&amp;et schedule</source>
        <comment>button</comment>
        <translation>&amp;Zeitplan setzen</translation>
    </message>
    <message>
        <source>Not where Gantry ends it, nor where it is known to end with exit code 0; at most 5 times in 10 minutes.</source>
        <translation>Nicht, wenn Gantry es beendet oder es bekanntermaßen mit Exit-Code 0 endet; höchstens 5-mal in 10 Minuten.</translation>
    </message>
    <message>
        <source>seconds</source>
        <translation>Sekunden</translation>
    </message>
    <message>
        <source>minutes</source>
        <translation>Minuten</translation>
    </message>
    <message>
        <source>hours</source>
        <translation>Stunden</translation>
    </message>
    <message>
        <source>Unit of time</source>
        <translation>Zeiteinheit</translation>
    </message>
    <message>
        <source>E&amp;very:</source>
        <translation>&amp;Alle:</translation>
    </message>
    <message>
        <source>Keep:</source>
        <translation>Behalten:</translation>
    </message>
    <message>
        <source>checkpoints</source>
        <translation>Checkpoints</translation>
    </message>
    <message>
        <source>MiB</source>
        <translation>MiB</translation>
    </message>
    <message>
        <source>All checkpoints stay, until somebody removes them.</source>
        <translation>Alle Checkpoints bleiben, bis jemand sie entfernt.</translation>
    </message>
    <message>
        <source>It can be checkpointed. Nobody runs schedules now: this window does, as long as it is open.</source>
        <translation>Es kann gesichert werden. Zeitpläne führt gerade niemand aus: Dieses Fenster tut es, solange es offen ist.</translation>
    </message>
    <message>
        <source>It can be checkpointed.</source>
        <translation>Es kann gesichert werden.</translation>
    </message>
    <message>
        <source>It cannot be checkpointed by a schedule.</source>
        <translation>Es kann nicht nach Zeitplan gesichert werden.</translation>
    </message>
    <message>
        <source>It has a schedule, which nobody has run yet.</source>
        <translation>Es hat einen Zeitplan, den noch niemand ausgeführt hat.</translation>
    </message>
    <message>
        <source>It has a schedule: %1.</source>
        <translation>Es hat einen Zeitplan: %1.</translation>
    </message>
    <message numerus="yes">
        <source>Last: %1. %n taken</source>
        <comment>checkpoints</comment>
        <translation>
            <numerusform>Zuletzt: %1. %n Checkpoint gemacht</numerusform>
            <numerusform>Zuletzt: %1. %n Checkpoints gemacht</numerusform>
        </translation>
    </message>
    <message>
        <source>Next: %1</source>
        <translation>Als Nächstes: %1</translation>
    </message>
    <message numerus="yes">
        <source>Brought back %n time(s)</source>
        <translation>
            <numerusform>%n-mal wiederhergestellt</numerusform>
            <numerusform>%n-mal wiederhergestellt</numerusform>
        </translation>
    </message>
    <message>
        <source>The last one failed: %1</source>
        <translation>Der letzte ist gescheitert: %1</translation>
    </message>
    <message>
        <source>None of the checkpoints that there are would go.</source>
        <translation>Von den vorhandenen Checkpoints fiele keiner weg.</translation>
    </message>
    <message numerus="yes">
        <source>%n checkpoint(s) would go with the next one, the oldest of %1.</source>
        <translation>
            <numerusform>Mit dem nächsten fiele %n Checkpoint weg, der von %1.</numerusform>
            <numerusform>Mit dem nächsten fielen %n Checkpoints weg, der älteste von %1.</numerusform>
        </translation>
    </message>
    <message>
        <source>milliseconds</source>
        <translation>Millisekunden</translation>
    </message>
    <message>
        <source>bytes</source>
        <translation>Bytes</translation>
    </message>
    <message>
        <source>KiB</source>
        <translation>KiB</translation>
    </message>
    <message>
        <source>GiB</source>
        <translation>GiB</translation>
    </message>
    <message>
        <source>Greatest age</source>
        <translation>Höchstes Alter</translation>
    </message>
    <message>
        <source>Greatest size</source>
        <translation>Höchste Größe</translation>
    </message>
    <message>
        <source>Unit of size</source>
        <translation>Einheit der Größe</translation>
    </message>
    <message>
        <source>Which checkpoints would go is not known: %1</source>
        <comment>sentence</comment>
        <translation>Welche Checkpoints wegfielen, ist nicht bekannt: %1</translation>
    </message>
</context>
<context>
    <name>gantry::ShortcutsDialog</name>
    <message>
        <source>Up, Down</source>
        <translation>Auf, Ab</translation>
    </message>
    <message>
        <source>Previous, next row</source>
        <translation>Vorige, nächste Zeile</translation>
    </message>
    <message>
        <source>Left, Right</source>
        <translation>Links, Rechts</translation>
    </message>
    <message>
        <source>Close, open a row</source>
        <translation>Eine Zeile schließen, öffnen</translation>
    </message>
    <message>
        <source>Shift+Up, Shift+Down, Ctrl+Space</source>
        <translation>Umschalt+Auf, Umschalt+Ab, Strg+Leertaste</translation>
    </message>
    <message>
        <source>Select several rows</source>
        <translation>Mehrere Zeilen wählen</translation>
    </message>
    <message>
        <source>Menu, Shift+F10</source>
        <translation>Menü, Umschalt+F10</translation>
    </message>
    <message>
        <source>Menu of the row</source>
        <translation>Menü der Zeile</translation>
    </message>
    <message>
        <source>Esc</source>
        <translation>Esc</translation>
    </message>
    <message>
        <source>Clear the filter</source>
        <translation>Den Filter leeren</translation>
    </message>
    <message>
        <source>Tab</source>
        <translation>Tab</translation>
    </message>
    <message>
        <source>Choose the next limit line</source>
        <translation>Die nächste Grenzlinie wählen</translation>
    </message>
    <message>
        <source>Up, Down, with Shift faster</source>
        <translation>Auf, Ab, mit Umschalt schneller</translation>
    </message>
    <message>
        <source>Move the chosen line</source>
        <translation>Die gewählte Linie bewegen</translation>
    </message>
    <message>
        <source>Enter, Esc</source>
        <translation>Eingabe, Esc</translation>
    </message>
    <message>
        <source>Drop the line, take it back</source>
        <translation>Die Linie ablegen, zurücknehmen</translation>
    </message>
    <message>
        <source>Left, Right, +, −</source>
        <translation>Links, Rechts, +, −</translation>
    </message>
    <message>
        <source>Pan and zoom</source>
        <translation>Verschieben und zoomen</translation>
    </message>
    <message>
        <source>Home, double click</source>
        <translation>Pos1, Doppelklick</translation>
    </message>
    <message>
        <source>Back to live</source>
        <translation>Zurück zu live</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>Tasten</translation>
    </message>
    <message>
        <source>Action</source>
        <translation>Aktion</translation>
    </message>
    <message>
        <source>Actions</source>
        <translation>Aktionen</translation>
    </message>
    <message>
        <source>Tree and tables</source>
        <translation>Baum und Tabellen</translation>
    </message>
    <message>
        <source>Graphs</source>
        <translation>Kurven</translation>
    </message>
</context>
<context>
    <name>gantry::SignalDialog</name>
    <message>
        <source>asks the program to end and tidy up</source>
        <translation>bittet das Programm, aufzuräumen und zu enden</translation>
    </message>
    <message>
        <source>ends it at once; nothing is saved</source>
        <translation>beendet es sofort; nichts wird gesichert</translation>
    </message>
    <message>
        <source>interrupts it, as Ctrl+C does</source>
        <translation>unterbricht es wie Strg+C</translation>
    </message>
    <message>
        <source>many services read their configuration again</source>
        <translation>viele Dienste lesen damit ihre Einstellungen neu</translation>
    </message>
    <message>
        <source>stops it until SIGCONT</source>
        <translation>hält es an bis SIGCONT</translation>
    </message>
    <message>
        <source>lets a stopped program go on</source>
        <translation>lässt ein angehaltenes Programm weiterlaufen</translation>
    </message>
    <message>
        <source>ends it and writes a core dump</source>
        <translation>beendet es und schreibt einen Speicherabzug</translation>
    </message>
    <message>
        <source>means what the program says it means</source>
        <translation>bedeutet, was das Programm darunter versteht</translation>
    </message>
    <message>
        <source>ends it as if it had found an error in itself</source>
        <translation>beendet es, als hätte es selbst einen Fehler gefunden</translation>
    </message>
    <message>
        <source>Send a signal</source>
        <translation>Ein Signal senden</translation>
    </message>
    <message>
        <source>Signal</source>
        <translation>Signal</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <comment>signal, what it does</comment>
        <translation>%1: %2</translation>
    </message>
    <message>
        <source>&amp;Send</source>
        <translation>&amp;Senden</translation>
    </message>
</context>
<context>
    <name>gantry::SkipRows</name>
    <message>
        <source>Go on in spite of: %1</source>
        <comment>name of a check</comment>
        <translation>Trotzdem weiter: %1</translation>
    </message>
</context>
<context>
    <name>gantry::StoreBanner</name>
    <message>
        <source>The store of checkpoints is locked: it is encrypted, and needs its passphrase.</source>
        <translation>Der Speicher der Checkpoints ist gesperrt: Er ist verschlüsselt und braucht seine Passphrase.</translation>
    </message>
    <message>
        <source>The store of checkpoints is locked: it is encrypted with a key file, and nobody has said where that is. GANTRY_KEY_FILE names it.</source>
        <translation>Der Speicher der Checkpoints ist gesperrt: Er ist mit einer Schlüsseldatei verschlüsselt, und niemand hat gesagt, wo sie liegt. GANTRY_KEY_FILE nennt sie.</translation>
    </message>
    <message>
        <source>The store of checkpoints is locked: its key file %1 cannot be read. Bring it back to where it was, or name another place in GANTRY_KEY_FILE.</source>
        <translation>Der Speicher der Checkpoints ist gesperrt: Seine Schlüsseldatei %1 ist nicht lesbar. Sie muss dorthin zurück, wo sie war, oder GANTRY_KEY_FILE nennt einen anderen Ort.</translation>
    </message>
    <message>
        <source>Store: %1, encrypted with a passphrase, unlocked</source>
        <translation>Speicher: %1, mit einer Passphrase verschlüsselt, entsperrt</translation>
    </message>
    <message>
        <source>Store: %1, encrypted with the key file %2</source>
        <translation>Speicher: %1, verschlüsselt mit der Schlüsseldatei %2</translation>
    </message>
    <message>
        <source>Store: %1, not encrypted</source>
        <translation>Speicher: %1, nicht verschlüsselt</translation>
    </message>
    <message>
        <source>There is no store yet: the first checkpoint makes one, encrypted with the passphrase in the file that GANTRY_PASSPHRASE_FILE names.</source>
        <translation>Es gibt noch keinen Speicher: Der erste Checkpoint legt einen an, verschlüsselt mit der Passphrase aus der Datei, die GANTRY_PASSPHRASE_FILE nennt.</translation>
    </message>
    <message>
        <source>There is no store yet: the first checkpoint makes one, encrypted with the key file that GANTRY_KEY_FILE names.</source>
        <translation>Es gibt noch keinen Speicher: Der erste Checkpoint legt einen an, verschlüsselt mit der Schlüsseldatei, die GANTRY_KEY_FILE nennt.</translation>
    </message>
    <message>
        <source>There is no store yet: the first checkpoint makes one that is not encrypted.</source>
        <translation>Es gibt noch keinen Speicher: Der erste Checkpoint legt einen an, der nicht verschlüsselt ist.</translation>
    </message>
    <message>
        <source>Unlock…</source>
        <translation>Entsperren …</translation>
    </message>
    <message>
        <source>Set up…</source>
        <comment>the store</comment>
        <translation>Einrichten …</translation>
    </message>
    <message>
        <source>What was saved cannot be seen while the store is locked.</source>
        <translation>Was gesichert wurde, ist nicht zu sehen, solange der Speicher gesperrt ist.</translation>
    </message>
    <message>
        <source>Choose whether it is encrypted, and how</source>
        <translation>Wählen, ob und wie er verschlüsselt ist</translation>
    </message>
</context>
<context>
    <name>gantry::TablePanel</name>
    <message>
        <source>Filter: text, /regex/, !not</source>
        <translation>Filter: Text, /Regex/, !nicht</translation>
    </message>
    <message>
        <source>Filter of %1</source>
        <comment>name of a table</comment>
        <translation>Filter von %1</translation>
    </message>
    <message>
        <source>Save what is shown as CSV</source>
        <translation>Das Gezeigte als CSV speichern</translation>
    </message>
    <message>
        <source>Nothing matches the filter.</source>
        <translation>Nichts passt zum Filter.</translation>
    </message>
</context>
<context>
    <name>gantry::TimelinePage</name>
    <message>
        <source>Cancel</source>
        <comment>a job</comment>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Tree</source>
        <comment>the checkpoints as a tree</comment>
        <translation>Baum</translation>
    </message>
    <message>
        <source>The same as a tree</source>
        <translation>Dasselbe als Baum</translation>
    </message>
    <message>
        <source>10 min</source>
        <translation>10 min</translation>
    </message>
    <message>
        <source>2 h</source>
        <translation>2 h</translation>
    </message>
    <message>
        <source>1 day</source>
        <translation>1 Tag</translation>
    </message>
    <message>
        <source>1 week</source>
        <translation>1 Woche</translation>
    </message>
    <message>
        <source>All</source>
        <comment>of the time</comment>
        <translation>Alles</translation>
    </message>
    <message>
        <source>Show %1</source>
        <comment>length of time</comment>
        <translation>%1 anzeigen</translation>
    </message>
    <message>
        <source>It runs</source>
        <translation>Es läuft</translation>
    </message>
    <message>
        <source>Checkpoints as a tree</source>
        <translation>Checkpoints als Baum</translation>
    </message>
    <message>
        <source>Nothing was saved on %1 yet.</source>
        <translation>Auf %1 wurde noch nichts gesichert.</translation>
    </message>
    <message>
        <source>%1 was not saved yet: Checkpoint… does it.</source>
        <translation>%1 wurde noch nicht gesichert: das tut Checkpoint….</translation>
    </message>
    <message numerus="yes">
        <source>%n checkpoint(s) selected</source>
        <translation>
            <numerusform>%n Checkpoint gewählt</numerusform>
            <numerusform>%n Checkpoints gewählt</numerusform>
        </translation>
    </message>
    <message>
        <source>%1, %2: %3</source>
        <comment>what is done, with what, how far</comment>
        <translation>%1, %2: %3</translation>
    </message>
</context>
<context>
    <name>gantry::TimelineTreeModel</name>
    <message numerus="yes">
        <source>Branch of %n checkpoint(s)</source>
        <translation>
            <numerusform>Zweig mit %n Checkpoint</numerusform>
            <numerusform>Zweig mit %n Checkpoints</numerusform>
        </translation>
    </message>
    <message>
        <source>Now – you are here</source>
        <translation>Jetzt – Sie sind hier</translation>
    </message>
</context>
<context>
    <name>gantry::TimelineView</name>
    <message>
        <source>otherwise</source>
        <comment>why a checkpoint was made</comment>
        <translation>sonst</translation>
    </message>
    <message>
        <source>Now</source>
        <comment>where the user is on the time axis</comment>
        <translation>Jetzt</translation>
    </message>
    <message>
        <source>pinned</source>
        <translation>angeheftet</translation>
    </message>
    <message>
        <source>what it went on from is not known</source>
        <translation>wovon es ausging, ist nicht bekannt</translation>
    </message>
    <message>
        <source>the bigger, the more memory</source>
        <translation>je größer, desto mehr Speicher</translation>
    </message>
    <message>
        <source>Timeline</source>
        <translation>Zeitleiste</translation>
    </message>
    <message>
        <source>&lt;p&gt;Each mark is a checkpoint, each row a branch. Left and right go along the branch, up and down to the next one, Home and End to its ends; Shift selects more. Enter looks inside, F2 names.&lt;/p&gt;&lt;p&gt;Wheel, + and - zoom; dragging, Ctrl+Left and Ctrl+Right pan; Esc or a double click on nothing returns to now.&lt;/p&gt;</source>
        <translation>&lt;p&gt;Jedes Zeichen ist ein Checkpoint, jede Reihe ein Zweig. Links und Rechts gehen den Zweig entlang, Auf und Ab zum nächsten, Pos1 und Ende an seine Enden; mit Umschalt wird mehr gewählt. Eingabe schaut hinein, F2 benennt.&lt;/p&gt;&lt;p&gt;Rad, + und - ändern den Ausschnitt; Ziehen, Strg+Links und Strg+Rechts verschieben ihn; Esc oder ein Doppelklick ins Leere führt zurück zu jetzt.&lt;/p&gt;</translation>
    </message>
    <message>
        <source>%1, %2</source>
        <comment>when saved, how big</comment>
        <translation>%1, %2</translation>
    </message>
    <message>
        <source>Made %1</source>
        <comment>by hand, by a schedule</comment>
        <translation>Entstanden %1</translation>
    </message>
    <message>
        <source>Pinned: retention leaves it alone</source>
        <translation>Angeheftet: die Aufbewahrung lässt ihn stehen</translation>
    </message>
    <message numerus="yes">
        <source>%n checkpoint(s)</source>
        <translation>
            <numerusform>%n Checkpoint</numerusform>
            <numerusform>%n Checkpoints</numerusform>
        </translation>
    </message>
    <message>
        <source>from %1 to %2</source>
        <comment>times</comment>
        <translation>von %1 bis %2</translation>
    </message>
    <message>
        <source>Double click to see them one by one.</source>
        <translation>Doppelklick zeigt sie einzeln.</translation>
    </message>
    <message>
        <source>Nothing is saved.</source>
        <translation>Nichts ist gesichert.</translation>
    </message>
    <message numerus="yes">
        <source>%n branch(es)</source>
        <translation>
            <numerusform>%n Zweig</numerusform>
            <numerusform>%n Zweige</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n selected</source>
        <translation>
            <numerusform>%n gewählt</numerusform>
            <numerusform>%n gewählt</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>gantry::TransferDialog</name>
    <message>
        <source>Progress</source>
        <translation>Fortschritt</translation>
    </message>
    <message>
        <source>Go on without this window</source>
        <translation>Ohne dieses Fenster fortfahren</translation>
    </message>
    <message>
        <source>Cancel</source>
        <comment>transfer</comment>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>%1 of about %2</source>
        <comment>bytes</comment>
        <translation>%1 von etwa %2</translation>
    </message>
    <message>
        <source>%1, %2 a second</source>
        <comment>progress, bytes</comment>
        <translation>%1, %2 pro Sekunde</translation>
    </message>
    <message>
        <source>Warning: %1</source>
        <translation>Warnung: %1</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
</context>
<context>
    <name>gantry::TransportRows</name>
    <message>
        <source>From host to host, else by this console</source>
        <translation>Von Host zu Host, sonst über diese Konsole</translation>
    </message>
    <message>
        <source>From host to host, or not at all</source>
        <translation>Von Host zu Host oder gar nicht</translation>
    </message>
    <message>
        <source>By this console</source>
        <translation>Über diese Konsole</translation>
    </message>
    <message>
        <source>From host to host: the other host opens a port for this one migration, encrypted, for nobody but %1, at most for a minute until it comes. By this console: over the connections that it has. Of two hosts on this machine the first is the same as the last.</source>
        <translation>Von Host zu Host: Der andere Host öffnet für diese eine Migration einen Port, verschlüsselt, für niemanden als %1, und wartet höchstens eine Minute. Über diese Konsole: über die Verbindungen, die sie hat. Bei zwei Hosts auf diesem Rechner ist das Erste dasselbe wie das Letzte.</translation>
    </message>
    <message>
        <source>None</source>
        <comment>limit</comment>
        <translation>Keine</translation>
    </message>
    <message>
        <source> MiB/s</source>
        <translation> MiB/s</translation>
    </message>
    <message>
        <source>No more than this is sent a second, also while it stands still.</source>
        <translation>Mehr als das wird je Sekunde nicht übertragen, auch nicht, während es stillsteht.</translation>
    </message>
    <message>
        <source>&amp;Way:</source>
        <translation>&amp;Weg:</translation>
    </message>
    <message>
        <source>&amp;Limit:</source>
        <translation>&amp;Grenze:</translation>
    </message>
</context>
<context>
    <name>gantry::UnlockDialog</name>
    <message>
        <source>Making a key of it…</source>
        <translation>Daraus wird ein Schlüssel gemacht …</translation>
    </message>
    <message>
        <source>Unlock the store of checkpoints</source>
        <translation>Speicher der Checkpoints entsperren</translation>
    </message>
    <message>
        <source>The store is encrypted with a passphrase.</source>
        <translation>Der Speicher ist mit einer Passphrase verschlüsselt.</translation>
    </message>
    <message>
        <source>The store %1 is encrypted with a passphrase.</source>
        <translation>Der Speicher %1 ist mit einer Passphrase verschlüsselt.</translation>
    </message>
    <message>
        <source>Passphrase of the store</source>
        <translation>Passphrase des Speichers</translation>
    </message>
    <message>
        <source>&amp;Passphrase:</source>
        <translation>&amp;Passphrase:</translation>
    </message>
    <message>
        <source>The engine of this host keeps its key in memory until it ends; nothing of it is written down.</source>
        <translation>Die Engine dieses Rechners behält den Schlüssel im Arbeitsspeicher, bis sie endet; nichts davon wird aufgeschrieben.</translation>
    </message>
    <message>
        <source>&amp;Unlock</source>
        <comment>button</comment>
        <translation>&amp;Entsperren</translation>
    </message>
    <message>
        <source>That is not the passphrase of this store. Try again; capitals count.</source>
        <translation>Das ist nicht die Passphrase dieses Speichers. Bitte noch einmal versuchen; Groß- und Kleinschreibung zählt.</translation>
    </message>
</context>
<context>
    <name>gantry::ValuesDialog</name>
    <message>
        <source>Values: %1</source>
        <comment>title of a graph</comment>
        <translation>Werte: %1</translation>
    </message>
</context>
<context>
    <name>gantry::ValuesModel</name>
    <message>
        <source>Time</source>
        <translation>Zeit</translation>
    </message>
</context>
<context>
    <name>gantry::console::Actions</name>
    <message>
        <source>&amp;Host</source>
        <translation>&amp;Rechner</translation>
    </message>
    <message>
        <source>&amp;Node</source>
        <translation>&amp;Objekt</translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation>&amp;Ansicht</translation>
    </message>
    <message>
        <source>H&amp;elp</source>
        <translation>&amp;Hilfe</translation>
    </message>
    <message>
        <source>Nothing is selected.</source>
        <translation>Nichts ist ausgewählt.</translation>
    </message>
    <message>
        <source>Select a single node for this.</source>
        <translation>Wählen Sie dafür ein einzelnes Objekt.</translation>
    </message>
    <message>
        <source>%1 (%2)</source>
        <comment>tool tip: action and its keys</comment>
        <translation>%1 (%2)</translation>
    </message>
</context>
<context>
    <name>gantry::console::Breadcrumb</name>
    <message>
        <source>Path of the selected node</source>
        <translation>Pfad des gewählten Objekts</translation>
    </message>
</context>
<context>
    <name>gantry::console::BulkMigrations</name>
    <message>
        <source>%1: %2</source>
        <comment>container, sentences</comment>
        <translation>%1: %2</translation>
    </message>
    <message numerus="yes">
        <source>%1 of %n container(s) moved from %2.</source>
        <translation>
            <numerusform>%1 von %n Container von %2 umgezogen.</numerusform>
            <numerusform>%1 von %n Containern von %2 umgezogen.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>gantry::console::ConfirmationMenu</name>
    <message>
        <source>&amp;Ask before</source>
        <translation>&amp;Nachfragen vor</translation>
    </message>
    <message>
        <source>&amp;Freeze</source>
        <translation>&amp;Einfrieren</translation>
    </message>
    <message>
        <source>&amp;Thaw</source>
        <translation>Auf&amp;tauen</translation>
    </message>
    <message>
        <source>&amp;Move processes</source>
        <translation>Prozesse &amp;verschieben</translation>
    </message>
    <message>
        <source>&amp;Signal</source>
        <translation>&amp;Signal</translation>
    </message>
    <message>
        <source>&amp;Kill</source>
        <translation>&amp;Abschießen</translation>
    </message>
    <message>
        <source>&amp;Remove cgroup</source>
        <translation>Cgroup ent&amp;fernen</translation>
    </message>
    <message>
        <source>Warnings are shown in any case.</source>
        <translation>Warnungen werden immer gezeigt.</translation>
    </message>
    <message>
        <source>What cannot be undone always asks.</source>
        <translation>Was sich nicht zurücknehmen lässt, fragt immer nach.</translation>
    </message>
    <message>
        <source>St&amp;art container</source>
        <translation>Container sta&amp;rten</translation>
    </message>
    <message>
        <source>Sto&amp;p container</source>
        <translation>Container sto&amp;ppen</translation>
    </message>
    <message>
        <source>R&amp;estart container</source>
        <translation>Container ne&amp;u starten</translation>
    </message>
    <message>
        <source>Remo&amp;ve container</source>
        <translation>Container lösc&amp;hen</translation>
    </message>
    <message>
        <source>Rest&amp;ore checkpoint</source>
        <translation>Checkpoint &amp;wiederherstellen</translation>
    </message>
    <message>
        <source>Remove c&amp;heckpoint</source>
        <translation>C&amp;heckpoint löschen</translation>
    </message>
</context>
<context>
    <name>gantry::console::DesktopNotifier</name>
    <message>
        <source>%1: %2</source>
        <comment>severity and rule</comment>
        <translation>%1: %2</translation>
    </message>
    <message>
        <source>Show</source>
        <translation>Zeigen</translation>
    </message>
    <message>
        <source>Acknowledge</source>
        <translation>Zur Kenntnis nehmen</translation>
    </message>
</context>
<context>
    <name>gantry::console::ForkController</name>
    <message>
        <source>Both hosts look whether it can be done</source>
        <translation>Beide Hosts sehen nach, ob es geht</translation>
    </message>
    <message>
        <source>The checkpoint is sent</source>
        <translation>Der Checkpoint wird gesendet</translation>
    </message>
    <message>
        <source>The checkpoint is read from the store there</source>
        <translation>Der Checkpoint wird dort aus dem Speicher gelesen</translation>
    </message>
    <message>
        <source>It is restored: %1</source>
        <comment>1/3</comment>
        <translation>Wird wiederhergestellt: %1</translation>
    </message>
    <message>
        <source>%1 does not run: %2</source>
        <translation>%1 läuft nicht: %2</translation>
    </message>
    <message>
        <source>%1 was not tried.</source>
        <translation>%1 wurde nicht mehr versucht.</translation>
    </message>
    <message>
        <source>Something of it is missing in an audit log: %1</source>
        <translation>Etwas davon fehlt in einem Prüfprotokoll: %1</translation>
    </message>
    <message numerus="yes">
        <source>%n new container(s) run on %1: %2</source>
        <translation>
            <numerusform>%n neuer Container läuft auf %1: %2</numerusform>
            <numerusform>%n neue Container laufen auf %1: %2</numerusform>
        </translation>
    </message>
    <message>
        <source>One of the two hosts is not connected now.</source>
        <translation>Einer der beiden Hosts ist jetzt nicht verbunden.</translation>
    </message>
    <message>
        <source>%1 was not restored: one of the two hosts is not connected now.</source>
        <translation>%1 wurde nicht wiederhergestellt: Einer der beiden Hosts ist jetzt nicht verbunden.</translation>
    </message>
    <message>
        <source>%1: %2 to %3</source>
        <comment>container, host, host</comment>
        <translation>%1: %2 nach %3</translation>
    </message>
    <message>
        <source>What %1 was at %2 is restored on %3 as a new container. Nothing changes on %4.</source>
        <translation>Was %1 am %2 war, wird auf %3 als neuer Container wiederhergestellt. Auf %4 ändert sich nichts.</translation>
    </message>
    <message>
        <source>%1 is being restored on %2…</source>
        <translation>%1 wird auf %2 wiederhergestellt…</translation>
    </message>
    <message>
        <source>%1 was not restored on %2.</source>
        <translation>%1 wurde auf %2 nicht wiederhergestellt.</translation>
    </message>
    <message>
        <source>Nothing was sent: the checkpoint was in the store of %1 before.</source>
        <translation>Es wurde nichts gesendet: Der Checkpoint war schon vorher im Speicher von %1.</translation>
    </message>
    <message>
        <source>%1 were sent; the checkpoint stays in the store of %2.</source>
        <translation>%1 wurden gesendet; der Checkpoint bleibt im Speicher von %2.</translation>
    </message>
</context>
<context>
    <name>gantry::console::GroupController</name>
    <message>
        <source>%1: looks whether it can be</source>
        <comment>saved or restored</comment>
        <translation>%1: prüft, ob es geht</translation>
    </message>
    <message>
        <source>%1: stands still, or is about to</source>
        <translation>%1: steht still oder gleich</translation>
    </message>
    <message>
        <source>%1: is written into the store</source>
        <translation>%1: wird in den Speicher geschrieben</translation>
    </message>
    <message>
        <source>%1: is read from the store</source>
        <translation>%1: wird aus dem Speicher gelesen</translation>
    </message>
    <message>
        <source>%1: is restored</source>
        <translation>%1: wird wiederhergestellt</translation>
    </message>
    <message>
        <source>All run on until all are ready, and again once all are saved.</source>
        <translation>Alle laufen weiter, bis alle bereit sind, und wieder, sobald alle gesichert sind.</translation>
    </message>
    <message>
        <source>None runs before all are there.</source>
        <translation>Keiner läuft, bevor alle da sind.</translation>
    </message>
    <message numerus="yes">
        <source>%n containers are being saved together…</source>
        <translation>
            <numerusform>%n Container wird gesichert…</numerusform>
            <numerusform>%n Container werden zusammen gesichert…</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n containers are being restored together…</source>
        <translation>
            <numerusform>%n Container wird wiederhergestellt…</numerusform>
            <numerusform>%n Container werden zusammen wiederhergestellt…</numerusform>
        </translation>
    </message>
    <message>
        <source>None of them was saved; all run on.</source>
        <translation>Keiner wurde gesichert; alle laufen weiter.</translation>
    </message>
    <message>
        <source>None of them was restored.</source>
        <translation>Keiner wurde wiederhergestellt.</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <comment>container, what failed</comment>
        <translation>%1: %2</translation>
    </message>
    <message numerus="yes">
        <source>%n containers are saved, as they were at one instant (within %1).</source>
        <translation>
            <numerusform>%n Container ist gesichert (innerhalb von %1).</numerusform>
            <numerusform>%n Container sind gesichert, alle zum selben Zeitpunkt (innerhalb von %1).</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n containers run again, as they were at one instant.</source>
        <translation>
            <numerusform>%n Container läuft wieder.</numerusform>
            <numerusform>%n Container laufen wieder, wie sie zum selben Zeitpunkt waren.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>gantry::console::HostList</name>
    <message>
        <source>Remove host from the list</source>
        <translation>Rechner aus der Liste entfernen</translation>
    </message>
    <message>
        <source>Remove %1 from the list? On the host itself nothing changes.</source>
        <translation>%1 aus der Liste entfernen? Auf dem Rechner selbst ändert sich nichts.</translation>
    </message>
    <message>
        <source>&amp;Remove</source>
        <translation>Ent&amp;fernen</translation>
    </message>
</context>
<context>
    <name>gantry::console::HostSession</name>
    <message>
        <source>You chose to look only: see the menu Host.</source>
        <translation>Sie haben „Nur ansehen“ gewählt: siehe Menü Rechner.</translation>
    </message>
    <message>
        <source>You may only look at this host. Missing: %1</source>
        <translation>Sie dürfen diesen Rechner nur ansehen. Es fehlt: %1</translation>
    </message>
    <message>
        <source>%1 runs gantryd %2, which is older and cannot do this.</source>
        <translation>Auf %1 läuft gantryd %2; das ist älter und kann das nicht.</translation>
    </message>
    <message>
        <source>%1 “gantryctl host install %2” brings this version there.</source>
        <translation>%1 „gantryctl host install %2“ bringt diese Version dorthin.</translation>
    </message>
    <message>
        <source>%1 Install this version there.</source>
        <translation>%1 Installieren Sie dort diese Version.</translation>
    </message>
</context>
<context>
    <name>gantry::console::LimitController</name>
    <message>
        <source>%1: %2.</source>
        <comment>cgroup and what changed</comment>
        <translation>%1: %2.</translation>
    </message>
    <message>
        <source>Limits put back.</source>
        <translation>Grenzen zurückgesetzt.</translation>
    </message>
    <message>
        <source>Limits set again.</source>
        <translation>Grenzen wieder gesetzt.</translation>
    </message>
    <message>
        <source>Put the limits back</source>
        <translation>Die Grenzen zurücksetzen</translation>
    </message>
    <message>
        <source>The host has changed since: the old limits would hurt now.</source>
        <translation>Der Rechner hat sich seither geändert: Die alten Grenzen würden jetzt schaden.</translation>
    </message>
    <message>
        <source>Put back</source>
        <comment>button</comment>
        <translation>Zurücksetzen</translation>
    </message>
    <message>
        <source>Controllers put back.</source>
        <translation>Controller zurückgesetzt.</translation>
    </message>
    <message>
        <source>Controllers set again.</source>
        <translation>Controller wieder gesetzt.</translation>
    </message>
    <message>
        <source>Put the controllers back</source>
        <translation>Controller zurücksetzen</translation>
    </message>
    <message>
        <source>The cgroups below change with it.</source>
        <translation>Die Cgroups darunter ändern sich mit.</translation>
    </message>
    <message>
        <source>Name, note and pin are as they were before.</source>
        <translation>Name, Notiz und Anheftung sind wieder wie zuvor.</translation>
    </message>
</context>
<context>
    <name>gantry::console::MainWindow</name>
    <message>
        <source>Gantry</source>
        <translation>Gantry</translation>
    </message>
    <message>
        <source>Alerts</source>
        <translation>Alarme</translation>
    </message>
    <message>
        <source>Jobs</source>
        <translation>Aufträge</translation>
    </message>
    <message>
        <source>Actions</source>
        <translation>Aktionen</translation>
    </message>
    <message>
        <source>Alerts (%1)</source>
        <translation>Alarme (%1)</translation>
    </message>
    <message>
        <source>Jobs (%1 running)</source>
        <translation>Aufträge (%1 laufen)</translation>
    </message>
    <message>
        <source>%1 has no page “%2”; it has %3.</source>
        <translation>%1 hat keine Seite „%2“; es hat %3.</translation>
    </message>
    <message>
        <source>%1 – Gantry</source>
        <comment>host</comment>
        <translation>%1 – Gantry</translation>
    </message>
    <message>
        <source>There is nothing to undo.</source>
        <translation>Es gibt nichts rückgängig zu machen.</translation>
    </message>
    <message>
        <source>There is nothing to redo.</source>
        <translation>Es gibt nichts zu wiederholen.</translation>
    </message>
    <message>
        <source>This is the first node.</source>
        <translation>Das ist das erste Objekt.</translation>
    </message>
    <message>
        <source>This is the last node.</source>
        <translation>Das ist das letzte Objekt.</translation>
    </message>
    <message numerus="yes">
        <source>%n path(s) copied.</source>
        <translation>
            <numerusform>%n Pfad kopiert.</numerusform>
            <numerusform>%n Pfade kopiert.</numerusform>
        </translation>
    </message>
    <message>
        <source>That node is gone.</source>
        <translation>Dieses Objekt gibt es nicht mehr.</translation>
    </message>
    <message>
        <source>Save tree as CSV</source>
        <translation>Baum als CSV speichern</translation>
    </message>
    <message>
        <source>Tables (*.csv)</source>
        <translation>Tabellen (*.csv)</translation>
    </message>
    <message>
        <source>%1 was not saved: %2.</source>
        <translation>%1 wurde nicht gespeichert: %2.</translation>
    </message>
    <message>
        <source>Saved as %1.</source>
        <translation>Gespeichert als %1.</translation>
    </message>
    <message>
        <source>Several hosts are selected: choose nodes of one.</source>
        <translation>Mehrere Rechner sind ausgewählt: nehmen Sie Knoten von einem.</translation>
    </message>
    <message>
        <source>This host is always there.</source>
        <translation>Dieser Rechner ist immer da.</translation>
    </message>
    <message>
        <source>This host is connected, or will be.</source>
        <translation>Dieser Rechner ist verbunden, oder wird es.</translation>
    </message>
    <message>
        <source>This host is not connected.</source>
        <translation>Dieser Rechner ist nicht verbunden.</translation>
    </message>
    <message>
        <source>It is not connected.</source>
        <translation>Er ist nicht verbunden.</translation>
    </message>
    <message>
        <source>There is no other host that they could go to.</source>
        <translation>Es gibt keinen anderen Host, auf den sie umziehen könnten.</translation>
    </message>
    <message>
        <source>%1 is no container: only containers can be saved together.</source>
        <translation>%1 ist kein Container: Nur Container können zusammen gesichert werden.</translation>
    </message>
</context>
<context>
    <name>gantry::console::MigrationController</name>
    <message>
        <source>%1: %2</source>
        <comment>host, sentence</comment>
        <translation>%1: %2</translation>
    </message>
    <message>
        <source>It can go to %1.</source>
        <translation>Es kann auf %1 umziehen.</translation>
    </message>
    <message>
        <source>One of the two is not connected now.</source>
        <translation>Einer der beiden ist jetzt nicht verbunden.</translation>
    </message>
    <message>
        <source>%1 was not migrated: one of the two hosts is not connected now.</source>
        <translation>%1 ist nicht umgezogen: Einer der beiden Hosts ist jetzt nicht verbunden.</translation>
    </message>
    <message>
        <source>%1 is being migrated to %2…</source>
        <translation>%1 zieht auf %2 um…</translation>
    </message>
    <message>
        <source>%1 runs on %2.</source>
        <translation>%1 läuft auf %2.</translation>
    </message>
    <message>
        <source>It is not known yet where %1 runs.</source>
        <translation>Noch ist nicht bekannt, wo %1 läuft.</translation>
    </message>
    <message>
        <source>%1 is on %2 already.</source>
        <translation>%1 ist schon auf %2.</translation>
    </message>
    <message>
        <source>%1 is being asked.</source>
        <translation>%1 wird gefragt.</translation>
    </message>
    <message>
        <source>Settled: %1</source>
        <translation>Geklärt: %1</translation>
    </message>
    <message>
        <source>%1 still runs on %2.</source>
        <translation>%1 läuft weiter auf %2.</translation>
    </message>
    <message numerus="yes">
        <source>%n of %1 can go to %2.</source>
        <translation>
            <numerusform>%n von %1 kann nach %2 umziehen.</numerusform>
            <numerusform>%n von %1 können nach %2 umziehen.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>gantry::console::NodePages</name>
    <message>
        <source>&amp;Overview</source>
        <translation>Ü&amp;berblick</translation>
    </message>
    <message>
        <source>&amp;Processes</source>
        <translation>&amp;Prozesse</translation>
    </message>
    <message>
        <source>&amp;Limits</source>
        <translation>&amp;Grenzen</translation>
    </message>
    <message>
        <source>Namespa&amp;ces</source>
        <translation>&amp;Namensräume</translation>
    </message>
    <message>
        <source>Even&amp;ts</source>
        <translation>&amp;Ereignisse</translation>
    </message>
    <message>
        <source>The link to the host is lost: these are the last known values.</source>
        <translation>Die Verbindung zum Rechner ist verloren: Das sind die letzten bekannten Werte.</translation>
    </message>
    <message>
        <source>Frozen: nothing runs here until it is thawed.</source>
        <translation>Eingefroren: Hier läuft nichts bis zum Auftauen.</translation>
    </message>
    <message>
        <source>Frozen by an ancestor: nothing runs here until that one is thawed.</source>
        <translation>Durch eine übergeordnete Cgroup eingefroren: Hier läuft nichts, bis diese aufgetaut wird.</translation>
    </message>
    <message>
        <source>The kernel measures cgroups, not namespaces: see the processes.</source>
        <translation>Der Kernel misst Cgroups, nicht Namensräume: siehe die Prozesse.</translation>
    </message>
    <message>
        <source>There is no cgroup of its own to measure.</source>
        <translation>Es gibt keine eigene Cgroup, die zu messen wäre.</translation>
    </message>
    <message>
        <source>&amp;Files</source>
        <translation>&amp;Kerneldateien</translation>
    </message>
    <message>
        <source>s&amp;ystemd-oomd</source>
        <translation>s&amp;ystemd-oomd</translation>
    </message>
    <message>
        <source>%1 has no cgroup of its own.</source>
        <translation>%1 hat keine eigene Cgroup.</translation>
    </message>
    <message>
        <source>Container runtimes</source>
        <translation>Container-Laufzeitumgebungen</translation>
    </message>
    <message>
        <source>Container</source>
        <translation>Container</translation>
    </message>
    <message>
        <source>Runtimes</source>
        <translation>Laufzeiten</translation>
    </message>
    <message>
        <source>What works on this host</source>
        <translation>Was auf diesem Rechner geht</translation>
    </message>
    <message>
        <source>What works</source>
        <translation>Was geht</translation>
    </message>
    <message>
        <source>Checkpoints</source>
        <translation>Checkpoints</translation>
    </message>
    <message>
        <source>Timeline</source>
        <translation>Zeitleiste</translation>
    </message>
</context>
<context>
    <name>gantry::console::NodeSelector</name>
    <message>
        <source>The tree does not show %1.</source>
        <translation>Der Baum zeigt %1 nicht.</translation>
    </message>
</context>
<context>
    <name>gantry::console::Screenshot</name>
    <message>
        <source>no data arrived within %1 s. %2</source>
        <translation>keine Daten innerhalb von %1 s. %2</translation>
    </message>
    <message>
        <source>there is no cgroup %1.</source>
        <translation>es gibt keine Cgroup %1.</translation>
    </message>
    <message>
        <source>%1 was not written: %2.</source>
        <translation>%1 wurde nicht geschrieben: %2.</translation>
    </message>
    <message>
        <source>gantry: no screenshot: %1</source>
        <translation>gantry: kein Bild: %1</translation>
    </message>
</context>
<context>
    <name>gantry::console::StatusLine</name>
    <message>
        <source>Read-only</source>
        <translation>Nur lesen</translation>
    </message>
    <message>
        <source>%1, kernel %2, cgroups %3</source>
        <comment>host, kernel release, v1/v2/hybrid</comment>
        <translation>%1, Kernel %2, Cgroups %3</translation>
    </message>
    <message numerus="yes">
        <source>%1, %n CPU(s), %2 of memory</source>
        <comment>operating system, size</comment>
        <translation>
            <numerusform>%1, %n CPU, %2 Speicher</numerusform>
            <numerusform>%1, %n CPUs, %2 Speicher</numerusform>
        </translation>
    </message>
    <message>
        <source>Nodes: %1</source>
        <translation>Objekte: %1</translation>
    </message>
    <message>
        <source>Live</source>
        <translation>Live</translation>
    </message>
    <message>
        <source>Connecting…</source>
        <translation>Verbinde…</translation>
    </message>
    <message>
        <source>Link lost</source>
        <translation>Verbindung verloren</translation>
    </message>
    <message>
        <source>No connection to the engine: %1 Trying again.</source>
        <translation>Keine Verbindung zur Engine: %1 Neuer Versuch läuft.</translation>
    </message>
    <message>
        <source>No answer</source>
        <translation>Keine Antwort</translation>
    </message>
    <message>
        <source>Not connected</source>
        <translation>Nicht verbunden</translation>
    </message>
    <message>
        <source>The host does not answer; what is shown is what was last known.</source>
        <translation>Der Rechner antwortet nicht; gezeigt wird, was zuletzt bekannt war.</translation>
    </message>
    <message>
        <source>Not connected. Double click on the host to connect.</source>
        <translation>Nicht verbunden. Doppelklick auf den Rechner verbindet.</translation>
    </message>
    <message>
        <source>Not connected: %1 Double click on the host to try again.</source>
        <translation>Nicht verbunden: %1 Doppelklick auf den Rechner versucht es noch einmal.</translation>
    </message>
</context>
<context>
    <name>gantry::console::StoreController</name>
    <message>
        <source>The store of checkpoints is unlocked.</source>
        <translation>Der Speicher der Checkpoints ist entsperrt.</translation>
    </message>
    <message>
        <source>The store of checkpoints is made: %1</source>
        <translation>Der Speicher der Checkpoints ist angelegt: %1</translation>
    </message>
    <message>
        <source>The change was made, but it is missing in the audit log: %1</source>
        <translation>Die Änderung wurde vorgenommen, fehlt aber im Prüfprotokoll: %1</translation>
    </message>
</context>
<context>
    <name>gantry::console::TrayIcon</name>
    <message>
        <source>Gantry: no open alerts</source>
        <translation>Gantry: keine offenen Alarme</translation>
    </message>
    <message numerus="yes">
        <source>Gantry: %n open alert(s)</source>
        <translation>
            <numerusform>Gantry: %n offener Alarm</numerusform>
            <numerusform>Gantry: %n offene Alarme</numerusform>
        </translation>
    </message>
    <message>
        <source>%1: %2</source>
        <comment>host: number of open alerts</comment>
        <translation>%1: %2</translation>
    </message>
</context>
<context>
    <name>gantry::console::VerbFlow</name>
    <message>
        <source>The change was made, but it is missing in the audit log: %1</source>
        <translation>Die Änderung wurde vorgenommen, fehlt aber im Prüfprotokoll: %1</translation>
    </message>
    <message>
        <source>%1 – on %2</source>
        <comment>question, host</comment>
        <translation>%1 – auf %2</translation>
    </message>
</context>
<context>
    <name>gantry::console::Verbs</name>
    <message>
        <source>Freeze</source>
        <translation>Einfrieren</translation>
    </message>
    <message>
        <source>Thaw</source>
        <translation>Auftauen</translation>
    </message>
    <message numerus="yes">
        <source>%n process(es) will stop until thawed.</source>
        <translation>
            <numerusform>%n Prozess wird bis zum Auftauen stehen.</numerusform>
            <numerusform>%n Prozesse werden bis zum Auftauen stehen.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n process(es) will run on.</source>
        <translation>
            <numerusform>%n Prozess wird weiterlaufen.</numerusform>
            <numerusform>%n Prozesse werden weiterlaufen.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n cgroup(s) frozen.</source>
        <translation>
            <numerusform>%n Cgroup eingefroren.</numerusform>
            <numerusform>%n Cgroups eingefroren.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n cgroup(s) thawed.</source>
        <translation>
            <numerusform>%n Cgroup aufgetaut.</numerusform>
            <numerusform>%n Cgroups aufgetaut.</numerusform>
        </translation>
    </message>
    <message>
        <source>Kill</source>
        <translation>Abschießen</translation>
    </message>
    <message numerus="yes">
        <source>%n process(es) of the cgroups and of those below get SIGKILL. This cannot be undone.</source>
        <translation>
            <numerusform>%n Prozess der Cgroups und der darunter bekommt SIGKILL. Das kann nicht rückgängig gemacht werden.</numerusform>
            <numerusform>%n Prozesse der Cgroups und der darunter bekommen SIGKILL. Das kann nicht rückgängig gemacht werden.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Kill %n process(es)</source>
        <translation>
            <numerusform>%n Prozess abschießen</numerusform>
            <numerusform>%n Prozesse abschießen</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n process(es) killed.</source>
        <translation>
            <numerusform>%n Prozess getötet.</numerusform>
            <numerusform>%n Prozesse getötet.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n process(es) do not die: they wait in the kernel.</source>
        <translation>
            <numerusform>%n Prozess stirbt nicht: Er wartet im Kernel.</numerusform>
            <numerusform>%n Prozesse sterben nicht: Sie warten im Kernel.</numerusform>
        </translation>
    </message>
    <message>
        <source>There are no processes.</source>
        <translation>Es gibt keine Prozesse.</translation>
    </message>
    <message>
        <source>Send %1</source>
        <comment>signal</comment>
        <translation>%1 senden</translation>
    </message>
    <message numerus="yes">
        <source>%n process(es) will get %1.</source>
        <translation>
            <numerusform>%n Prozess bekommt %1.</numerusform>
            <numerusform>%n Prozesse bekommen %1.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Signal delivered to %n process(es).</source>
        <translation>
            <numerusform>Signal an %n Prozess zugestellt.</numerusform>
            <numerusform>Signal an %n Prozesse zugestellt.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>The signal did not reach %n process(es).</source>
        <translation>
            <numerusform>Das Signal erreichte %n Prozess nicht.</numerusform>
            <numerusform>Das Signal erreichte %n Prozesse nicht.</numerusform>
        </translation>
    </message>
    <message>
        <source>Move processes</source>
        <translation>Prozesse verschieben</translation>
    </message>
    <message numerus="yes">
        <source>%n process(es) will move to %1, all or none.</source>
        <translation>
            <numerusform>%n Prozess wird nach %1 verschoben, alle oder keiner.</numerusform>
            <numerusform>%n Prozesse werden nach %1 verschoben, alle oder keiner.</numerusform>
        </translation>
    </message>
    <message>
        <source>Move</source>
        <comment>button</comment>
        <translation>Verschieben</translation>
    </message>
    <message>
        <source>%1 %2 from %3</source>
        <comment>pid, program, cgroup</comment>
        <translation>%1 %2 aus %3</translation>
    </message>
    <message numerus="yes">
        <source>%n process(es) moved to %1.</source>
        <translation>
            <numerusform>%n Prozess nach %1 verschoben.</numerusform>
            <numerusform>%n Prozesse nach %1 verschoben.</numerusform>
        </translation>
    </message>
    <message>
        <source>Cgroup %1 made.</source>
        <translation>Cgroup %1 angelegt.</translation>
    </message>
    <message>
        <source>Remove cgroup</source>
        <translation>Cgroup entfernen</translation>
    </message>
    <message>
        <source>The empty cgroups and their limits will be gone. This cannot be undone.</source>
        <translation>Die leeren Cgroups und ihre Grenzen werden weg sein. Das kann nicht rückgängig gemacht werden.</translation>
    </message>
    <message>
        <source>Remove</source>
        <comment>button</comment>
        <translation>Entfernen</translation>
    </message>
    <message numerus="yes">
        <source>%n cgroup(s) removed.</source>
        <translation>
            <numerusform>%n Cgroup entfernt.</numerusform>
            <numerusform>%n Cgroups entfernt.</numerusform>
        </translation>
    </message>
    <message>
        <source>%1: no controllers for the cgroups below.</source>
        <translation>%1: keine Controller für die Cgroups darunter.</translation>
    </message>
    <message>
        <source>%1: controllers for the cgroups below are now %2.</source>
        <translation>%1: Controller für die Cgroups darunter sind jetzt %2.</translation>
    </message>
    <message>
        <source>%1 %2</source>
        <comment>two sentences</comment>
        <translation>%1 %2</translation>
    </message>
    <message>
        <source>%1 → %2</source>
        <comment>memory in use, before and after</comment>
        <translation>%1 → %2</translation>
    </message>
    <message>
        <source>%1: the %2 asked were reclaimed (in use: %3).</source>
        <translation>%1: Die gewünschten %2 wurden zurückgeholt (in Gebrauch: %3).</translation>
    </message>
    <message>
        <source>%1: reclaimed %2 of %3 asked, the kernel found no more (in use: %4).</source>
        <translation>%1: %2 von gewünschten %3 zurückgeholt, mehr fand der Kernel nicht (in Gebrauch: %4).</translation>
    </message>
    <message>
        <source>Start container</source>
        <translation>Container starten</translation>
    </message>
    <message numerus="yes">
        <source>%n container(s) will be started.</source>
        <translation>
            <numerusform>%n Container wird gestartet.</numerusform>
            <numerusform>%n Container werden gestartet.</numerusform>
        </translation>
    </message>
    <message>
        <source>Start</source>
        <comment>button</comment>
        <translation>Starten</translation>
    </message>
    <message>
        <source>Stop container</source>
        <translation>Container stoppen</translation>
    </message>
    <message numerus="yes">
        <source>%n container(s) will get SIGTERM, and SIGKILL when the patience of the runtime ends.</source>
        <translation>
            <numerusform>%n Container bekommt SIGTERM, und SIGKILL, wenn die Geduld der Laufzeitumgebung endet.</numerusform>
            <numerusform>%n Container bekommen SIGTERM, und SIGKILL, wenn die Geduld der Laufzeitumgebung endet.</numerusform>
        </translation>
    </message>
    <message>
        <source>Stop</source>
        <comment>button</comment>
        <translation>Stoppen</translation>
    </message>
    <message>
        <source>Restart container</source>
        <translation>Container neu starten</translation>
    </message>
    <message numerus="yes">
        <source>%n container(s) will be stopped and started again.</source>
        <translation>
            <numerusform>%n Container wird gestoppt und wieder gestartet.</numerusform>
            <numerusform>%n Container werden gestoppt und wieder gestartet.</numerusform>
        </translation>
    </message>
    <message>
        <source>Restart</source>
        <comment>button</comment>
        <translation>Neu starten</translation>
    </message>
    <message>
        <source>Remove container</source>
        <translation>Container löschen</translation>
    </message>
    <message numerus="yes">
        <source>%n container(s) will be gone with all files that are in no volume. This cannot be undone.</source>
        <translation>
            <numerusform>%n Container verschwindet mit allen Dateien, die in keinem Volume liegen. Das lässt sich nicht rückgängig machen.</numerusform>
            <numerusform>%n Container verschwinden mit allen Dateien, die in keinem Volume liegen. Das lässt sich nicht rückgängig machen.</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 – %2</source>
        <comment>container, state</comment>
        <translation>%1 – %2</translation>
    </message>
    <message>
        <source>%1: %2 → %3</source>
        <comment>container, state before and after</comment>
        <translation>%1: %2 → %3</translation>
    </message>
    <message>
        <source>removed</source>
        <comment>state of a container</comment>
        <translation>gelöscht</translation>
    </message>
    <message>
        <source>process %1 (%2)</source>
        <comment>pid, name</comment>
        <translation>Prozess %1 (%2)</translation>
    </message>
    <message>
        <source>%1 is saved (%2, of which %3 are new) and has ended.</source>
        <translation>%1 ist gesichert (%2, davon %3 neu) und beendet.</translation>
    </message>
    <message>
        <source>%1 is saved (%2, of which %3 are new) and runs on; it stood still for %4.</source>
        <translation>%1 ist gesichert (%2, davon %3 neu) und läuft weiter; es stand %4 still.</translation>
    </message>
    <message>
        <source>%1 is being saved…</source>
        <translation>%1 wird gesichert …</translation>
    </message>
    <message>
        <source>%1 runs again as it was at %2: pid %3.</source>
        <translation>%1 läuft wieder so, wie es um %2 war: PID %3.</translation>
    </message>
    <message>
        <source>Remove checkpoints</source>
        <translation>Checkpoints löschen</translation>
    </message>
    <message numerus="yes">
        <source>%n checkpoint(s) will be gone. This cannot be undone.</source>
        <translation>
            <numerusform>%n Checkpoint wird gelöscht. Das lässt sich nicht rückgängig machen.</numerusform>
            <numerusform>%n Checkpoints werden gelöscht. Das lässt sich nicht rückgängig machen.</numerusform>
        </translation>
    </message>
    <message>
        <source>%1, %2</source>
        <comment>what was saved, when</comment>
        <translation>%1, %2</translation>
    </message>
    <message numerus="yes">
        <source>%n checkpoint(s) removed.</source>
        <translation>
            <numerusform>%n Checkpoint gelöscht.</numerusform>
            <numerusform>%n Checkpoints gelöscht.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n checkpoint(s) changed.</source>
        <translation>
            <numerusform>%n Checkpoint geändert.</numerusform>
            <numerusform>%n Checkpoints geändert.</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 is being restored…</source>
        <translation>%1 wird wiederhergestellt…</translation>
    </message>
    <message>
        <source>%1 What ran before is saved.</source>
        <comment>sentence</comment>
        <translation>%1 Was zuvor lief, ist gesichert.</translation>
    </message>
    <message>
        <source>Gantry checkpoints (*.gantry)</source>
        <translation>Checkpoints von Gantry (*.gantry)</translation>
    </message>
    <message>
        <source>Archive that podman restores (*.tar)</source>
        <translation>Archiv, das podman wiederherstellt (*.tar)</translation>
    </message>
    <message>
        <source>Export checkpoints</source>
        <translation>Checkpoints exportieren</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>Export</translation>
    </message>
    <message numerus="yes">
        <source>%n checkpoint(s) go to %1.</source>
        <translation>
            <numerusform>%n Checkpoint geht nach %1.</numerusform>
            <numerusform>%n Checkpoints gehen nach %1.</numerusform>
        </translation>
    </message>
    <message>
        <source>Who can read the file reads the memory of what was saved, with all that is secret in it.</source>
        <translation>Wer die Datei lesen kann, liest den Speicher dessen, was gesichert wurde, mit allem, was darin geheim ist.</translation>
    </message>
    <message>
        <source>The store is encrypted, this file is not.</source>
        <translation>Der Speicher ist verschlüsselt, diese Datei nicht.</translation>
    </message>
    <message numerus="yes">
        <source>%n checkpoint(s) exported: %1, %2.</source>
        <comment>file, bytes</comment>
        <translation>
            <numerusform>%n Checkpoint exportiert: %1, %2.</numerusform>
            <numerusform>%n Checkpoints exportiert: %1, %2.</numerusform>
        </translation>
    </message>
    <message>
        <source>Import checkpoints</source>
        <translation>Checkpoints importieren</translation>
    </message>
    <message>
        <source>Checkpoints of Gantry or podman (*.gantry *.tar *.gz *.zst);;All files (*)</source>
        <translation>Checkpoints von Gantry oder podman (*.gantry *.tar *.gz *.zst);;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Import</source>
        <translation>Import</translation>
    </message>
    <message>
        <source>Checkpoints come from %1.</source>
        <translation>Checkpoints kommen aus %1.</translation>
    </message>
    <message>
        <source>What is restored from it runs with the rights it was saved with, root&apos;s among them: restore only what you would start as a program.</source>
        <translation>Was daraus wiederhergestellt wird, läuft mit den Rechten, mit denen es gesichert wurde, auch denen von root: Stellen Sie nur wieder her, was Sie als Programm starten würden.</translation>
    </message>
    <message numerus="yes">
        <source>%n of them was, or were, here before.</source>
        <translation>
            <numerusform>%n davon war schon hier.</numerusform>
            <numerusform>%n davon waren schon hier.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n checkpoint(s) imported.</source>
        <translation>
            <numerusform>%n Checkpoint importiert.</numerusform>
            <numerusform>%n Checkpoints importiert.</numerusform>
        </translation>
    </message>
    <message>
        <source>It is missing in the audit log: %1</source>
        <translation>Im Audit-Protokoll fehlt es: %1</translation>
    </message>
    <message>
        <source>It was cancelled; nothing of it is left.</source>
        <translation>Es wurde abgebrochen; nichts davon ist übrig.</translation>
    </message>
    <message>
        <source>%1 is saved (%2, of which %3 are new) and runs on; it stood still for %4, expected were %5.</source>
        <translation>%1 ist gesichert (%2, davon %3 neu) und läuft weiter; es stand %4 still, erwartet waren %5.</translation>
    </message>
    <message>
        <source>%1 is being restored as a new container…</source>
        <translation>%1 wird als neuer Container wiederhergestellt…</translation>
    </message>
    <message numerus="yes">
        <source>%n new container(s) run: %1</source>
        <translation>
            <numerusform>%n neuer Container läuft: %1</numerusform>
            <numerusform>%n neue Container laufen: %1</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 does not run: %2</source>
        <translation>%1 läuft nicht: %2</translation>
    </message>
    <message>
        <source>%1 was not tried.</source>
        <translation>%1 wurde nicht mehr versucht.</translation>
    </message>
    <message>
        <source>%1 is saved by itself from now on.</source>
        <translation>%1 wird von nun an regelmäßig gesichert.</translation>
    </message>
    <message>
        <source>Remove schedule</source>
        <translation>Zeitplan entfernen</translation>
    </message>
    <message>
        <source>%1 is not saved by itself any more, and does not come back where it dies. Its checkpoints stay.</source>
        <translation>%1 wird nicht mehr regelmäßig gesichert und kommt nicht wieder, wenn es stirbt. Seine Checkpoints bleiben.</translation>
    </message>
    <message>
        <source>The schedule of %1 is removed.</source>
        <translation>Der Zeitplan von %1 ist entfernt.</translation>
    </message>
</context>
<context>
    <name>main</name>
    <message>
        <source>gantry: there is no display (DISPLAY and WAYLAND_DISPLAY are not set); use “gantry --screenshot FILE” or the command line “gantryctl”.</source>
        <translation>gantry: Es gibt keine Anzeige (DISPLAY und WAYLAND_DISPLAY sind nicht gesetzt); verwenden Sie „gantry --screenshot DATEI“ oder die Befehlszeile „gantryctl“.</translation>
    </message>
</context>
</TS>
