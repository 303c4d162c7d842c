#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A host on this machine: mount, pid, net, UTS, IPC and cgroup namespaces, an sshd and a gantryd of its own.
#   machine.sh NAME CGROUP PROGRAMS FOLDER [CRIU ITS-CRIU]
# CGROUP is there in each hierarchy that the host is to have. PROGRAMS: gantryd's folder. FOLDER, which is not below what
# is hidden here (/run, /var/lib, /root): sshd_config, host_key, the key that root is let in with, the root for containers
# "rootfs"; NAME.log is made. CRIU is at ITS-CRIU in this host, and what is at CRIU fails.
set -eu
name=$1 cgroup=$2 programs=$3 folder=$4 criu=${5:-} its_criu=${6:-}
if [ "${GANTRY_MACHINE_INSIDE:-}" != "$name" ]; then
    for hierarchy in /sys/fs/cgroup/*; do
        [ ! -d "$hierarchy$cgroup" ] || echo 0 >"$hierarchy$cgroup/cgroup.procs"
    done
    export GANTRY_MACHINE_INSIDE="$name"
    exec unshare --mount --pid --net --cgroup --uts --ipc --fork --kill-child --propagation private "$0" "$@"
fi
mount -t proc proc /proc
hostname "$name"
own=$(for hierarchy in /sys/fs/cgroup/*; do [ ! -d "$hierarchy$cgroup" ] || echo "${hierarchy##*/}"; done)
umount -l /sys/fs/cgroup
mount -t tmpfs -o mode=755 gantry-test /sys/fs/cgroup
for hierarchy in $own; do # in this namespace its cgroup is the root
    mkdir "/sys/fs/cgroup/$hierarchy"
    if [ "$hierarchy" = unified ]; then
        mount -t cgroup2 cgroup /sys/fs/cgroup/unified
    else
        mount -t cgroup -o "$hierarchy" cgroup "/sys/fs/cgroup/$hierarchy"
    fi
done
for hidden in /run /var/lib /root; do
    mount -t tmpfs -o mode=755 gantry-test "$hidden"
done
if [ -n "$criu" ]; then
    mkdir -p "$(dirname "$its_criu")"
    cp "$criu" "$its_criu"
    printf '#!/bin/sh\nexit 1\n' >/run/fails
    chmod +x /run/fails
    mount --bind /run/fails "$criu"
    export GANTRY_CRIU="$its_criu"
fi
mkdir -p -m 700 /run/sshd /root/.ssh
cp "$folder/key.pub" /root/.ssh/authorized_keys
cp -a "$folder/rootfs" /var/lib/rootfs
ip link set lo up
"$programs/gantryd" >"$folder/$name.log" 2>&1 &
exec /usr/sbin/sshd -D -e -f "$folder/sshd_config"
