#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Guests with systemd and cgroup v2 under QEMU, without KVM. README.md beside this file tells how to use it.
#   lab.sh up [N]                  boots N guests (1) and returns when all answer
#   lab.sh ssh I COMMAND...        runs a command in guest I as root; its exit code and output are passed on
#   lab.sh copy I SOURCE... DEST   copies files and folders into guest I
#   lab.sh bundle BUILD OUT.tar [PROGRAM...]   packs programs of a build folder with their libraries (all tests)
#   lab.sh install I BUNDLE.tar    unpacks a bundle in guest I: /opt/gantry/bin and /opt/gantry/lib
#   lab.sh run I SECONDS PROGRAM [ARGUMENT...]   runs a program of the bundle in guest I as a root service with a
#                                  delegated cgroup, named in GANTRY_TEST_CGROUP; exit code and output are passed on
#   lab.sh reboot I                reboots guest I, with its disk as it is, and returns when it answers
#   lab.sh serve N BUILD [PROGRAM...]          up N, with programs of BUILD in each guest (all tests)
#   lab.sh down                    ends the guests and removes the run folder
# GANTRY_LAB names the run folder (${TMPDIR:-/tmp}/gantry-lab): one lab each.
. "$(dirname "${BASH_SOURCE[0]}")/../../packaging/common.sh"

here=$root/tests/lab
run=${GANTRY_LAB:-${TMPDIR:-/tmp}/gantry-lab}
boot_seconds=${GANTRY_LAB_BOOT_SECONDS:-180}

usage() {
    sed -n 's/^#   /gantry: /p' "${BASH_SOURCE[0]}" >&2
    exit 2
}

# Not gone, and not a zombie: who adopted it may never reap it.
alive() { [[ "$(cat "/proc/$1/stat" 2>/dev/null)" =~ \)\ [^Z] ]]; }

free_port() {
    local port
    while port=$((20000 + RANDOM % 12000)); do
        if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
            echo "$port"
            return
        fi
    done
}

# start_guest I N IMAGE. Guest 1 is the private segment's hub; the others plug in by a socket in the run folder.
start_guest() {
    local i=$1 n=$2 image=$3 guest=$run/$1 other
    mkdir "$guest" "$guest/share"
    printf '[Match]\nMACAddress=52:54:00:99:00:%02x\n[Network]\nAddress=10.99.0.%d/24\nLinkLocalAddressing=no\n' \
        "$i" "$i" >"$guest/network"
    local segment=()
    if [ "$i" = 1 ]; then
        segment=(-netdev hubport,id=segment,hubid=0)
        for ((other = 2; other <= n; ++other)); do
            segment+=(-netdev "stream,id=plug$other,server=on,addr.type=unix,addr.path=$run/1/plug$other"
                -netdev "hubport,id=port$other,hubid=0,netdev=plug$other")
        done
    else
        segment=(-netdev "stream,id=segment,server=off,addr.type=unix,addr.path=$run/1/plug$i")
    fi
    local kernel=(root=/dev/vda rw console=ttyS0 mitigations=off apparmor=0 net.ifnames=0 psi=1 quiet
        systemd.hostname="lab$i" systemd.machine_id="$(printf '%032x' "$((0x6a0000 + i))")"
        systemd.show_status=false)
    # One host thread for both CPUs of a guest: with one each, QEMU lets a CPU run what another has just patched in the
    # kernel's text, and a guest that switches a static key (the first cpu.max does) dies of "Oops: int3".
    # The port was free a moment ago; when somebody took it, the next one.
    local attempt
    for attempt in 1 2 3 4 5; do
        free_port >"$guest/port"
        if TMPDIR=$guest qemu-system-x86_64 -accel tcg,thread=single -cpu max -smp 2 -m "${GANTRY_LAB_MEMORY:-1500}" \
            -name "gantry-lab-$i" -nodefaults -display none -daemonize -pidfile "$guest/pid" \
            -serial "file:$guest/console" \
            -kernel "$image/vmlinuz" -initrd "$image/initrd" -append "${kernel[*]}" \
            -drive "file=$image/image,format=raw,if=virtio,cache=unsafe,snapshot=on" \
            -fw_cfg "name=opt/io.systemd.credentials/ssh.authorized_keys.root,file=$run/key.pub" \
            -fw_cfg "name=opt/io.systemd.credentials/lab.host_key,file=$run/host_key" \
            -fw_cfg "name=opt/io.systemd.credentials/network.network.20-segment,file=$guest/network" \
            -netdev "user,id=host,restrict=on,hostfwd=tcp:127.0.0.1:$(cat "$guest/port")-:22" \
            -device virtio-net-pci,netdev=host,romfile= "${segment[@]}" \
            -device "virtio-net-pci,netdev=segment,romfile=,mac=$(printf '52:54:00:99:00:%02x' "$i")" \
            -virtfs "local,path=$guest/share,mount_tag=host,security_model=none,readonly=on" \
            -device virtio-rng-pci >"$guest/qemu.log" 2>&1; then
            return 0
        fi
        grep -q 'host forwarding' "$guest/qemu.log" || break
    done
    cat "$guest/qemu.log" >&2
    return 1
}

# One connection a guest is kept open: a handshake takes seconds in there, a session on it a fraction.
connect() {
    local guest=$run/$1
    ssh -F none -i "$run/key" -o IdentitiesOnly=yes -o UserKnownHostsFile="$run/known_hosts" -o HostKeyAlias=lab \
        -o ControlPath="$guest/ssh" -o LogLevel=ERROR -o BatchMode=yes -o ConnectTimeout=10 \
        -o ServerAliveInterval=30 -o ServerAliveCountMax=5 -p "$(cat "$guest/port")" "${@:2}"
}

wait_for_guest() {
    local i=$1 end=$2
    until connect "$i" -o ControlMaster=yes -o ControlPersist=yes -f -N root@127.0.0.1 </dev/null >>"$run/$i/ssh.log" 2>&1; do
        if ! alive "$(cat "$run/$i/pid")"; then
            echo "gantry: guest $i ended by itself" >&2
            return 1
        fi
        if [ "$SECONDS" -gt "$end" ]; then
            echo "gantry: guest $i does not answer after $boot_seconds seconds" >&2
            return 1
        fi
        sleep 1
    done
    echo "gantry: guest $i answers after $((SECONDS - started)) s"
}

reboot() {
    local i=$1 before
    before=$(connect "$i" root@127.0.0.1 cat /proc/sys/kernel/random/boot_id)
    connect "$i" root@127.0.0.1 systemctl reboot || true # the connection may end first
    connect "$i" -O exit root@127.0.0.1 2>>"$run/$i/ssh.log" || true
    started=$SECONDS
    until wait_for_guest "$i" "$((started + boot_seconds))" &&
        [ "$(connect "$i" root@127.0.0.1 cat /proc/sys/kernel/random/boot_id)" != "$before" ]; do
        alive "$(cat "$run/$i/pid")"
        [ "$SECONDS" -le "$((started + boot_seconds))" ]
        connect "$i" -O exit root@127.0.0.1 2>>"$run/$i/ssh.log" || true # it was not down yet
        sleep 1
    done
}

up() {
    local n=${1:-1} i image
    if [ -e "$run" ]; then
        step="a lab is up in $run: take it down first, or name another folder with GANTRY_LAB"
        false
    fi
    step="guest image"
    image=$("$here/build.sh")
    mkdir -m 700 "$run"
    trap 'code=$?; trap - ERR EXIT; echo "gantry: failed: $step (exit $code)" >&2; give_up; exit $code' ERR
    trap 'trap - ERR EXIT; down; exit 1' INT TERM
    step="keys of the lab"
    ssh-keygen -q -t ed25519 -N '' -C gantry-lab -f "$run/key"
    ssh-keygen -q -t ed25519 -N '' -C gantry-lab -f "$run/host_key"
    echo "lab $(cat "$run/host_key.pub")" >"$run/known_hosts"
    started=$SECONDS
    for ((i = 1; i <= n; ++i)); do
        step="starting guest $i"
        start_guest "$i" "$n" "$image"
    done
    for ((i = 1; i <= n; ++i)); do
        step="boot of guest $i"
        wait_for_guest "$i" "$((started + boot_seconds))"
    done
}

serve() {
    local n=$1 build=$2 i
    shift 2
    "$0" down
    up "$n"
    step="packing the programs of $build"
    "$0" bundle "$build" "$run/bundle.tar" "$@"
    for ((i = 1; i <= n; ++i)); do
        step="programs for guest $i"
        "$0" install "$i" "$run/bundle.tar"
    done
    trap - ERR INT TERM
    rm "$run/bundle.tar"
}

said_last() {
    echo "gantry: end of $1:" >&2
    tail -n 40 "$1" >&2
}

# After a failure: what the guests said last, and nothing is left behind.
give_up() {
    local console
    for console in "$run"/*/console; do
        [ ! -f "$console" ] || said_last "$console"
    done
    down
}

down() {
    local pidfile pid
    for pidfile in "$run"/*/pid; do
        [ -f "$pidfile" ] || continue
        pid=$(cat "$pidfile")
        # Never another process that got the number since.
        if grep -qz "^$(dirname "$pidfile")/pid$" "/proc/$pid/cmdline" 2>/dev/null; then
            kill -KILL "$pid"
            while alive "$pid"; do sleep 0.1; done
        fi
    done
    rm -rf "$run"
}

guest() {
    if ! [[ "${1:-}" =~ ^[1-9][0-9]*$ ]] || [ ! -d "$run/$1" ]; then
        echo "gantry: no guest ${1:-} in $run" >&2
        exit 2
    fi
}

# bundle BUILD OUT [PROGRAM...]: gantry/bin, gantry/share (units) and gantry/lib, the libraries without those of glibc, which the guest has
# newer. Programs find them by their DT_RPATH.
bundle() {
    local build=$1 out=$2 program
    shift 2
    work=$(mktemp -d)
    trap "rm -rf '$work'" EXIT
    mkdir -p "$work/gantry/bin" "$work/gantry/lib" "$work/gantry/share"
    for program in "$build/packaging/gantryd.service" "$root"/packaging/systemd/{gantryd.socket,gantry.sysusers.conf}; do
        [ ! -f "$program" ] || cp "$program" "$work/gantry/share"
    done
    if [ $# -eq 0 ]; then
        for program in "$build"/bin/{gantryctl,gantryd,gantry-keeper,checkpoint_target,tst_kernel_*,tst_lab_*}; do
            [ ! -x "$program" ] || set -- "$@" "$(basename "$program")"
        done
    fi
    for program in "$@"; do
        step="packing $build/bin/$program"
        # Without lines of code: a guest unpacks some MB a second.
        strip --strip-debug -o "$work/gantry/bin/$program" "$build/bin/$program"
        ldd "$build/bin/$program" | awk '$2 == "=>" { print $3 }' >>"$work/libraries"
    done
    sort -u "$work/libraries" | grep -vE '/(libc|libm|libdl|librt|libpthread|libresolv|libutil|libanl)\.so' |
        xargs -I{} cp -L {} "$work/gantry/lib"
    tar --create --owner=0 --group=0 --file "$out" --directory "$work" gantry
}

# install_bundle I BUNDLE.tar. Through a shared folder: ssh's ciphers make 4 MB/s in a guest.
install_bundle() {
    local share=$run/$1/share
    cp --reflink=auto "$2" "$share/bundle.tar"
    connect "$1" root@127.0.0.1 'mkdir -p /opt /run/host && rm -rf /opt/gantry &&
        mount -t 9p -o ro,trans=virtio,version=9p2000.L,msize=512000 host /run/host &&
        tar --extract --no-same-owner --directory /opt --file /run/host/bundle.tar && umount /run/host'
    rm -f "$share/bundle.tar"
}

# run_program I SECONDS PROGRAM [ARGUMENT...]. The program itself sits in a leaf of its unit's cgroup, so that the unit's
# may have children with controllers.
run_program() {
    local i=$1 seconds=$2 program=$3 unit
    shift 3
    unit=gantry-lab-$program-$$.service
    local command=(systemd-run --quiet --pipe --wait --collect --unit="$unit" -p RuntimeMaxSec="$seconds"
        -p Delegate=yes -p DelegateSubgroup=main -p KillMode=control-group -p TimeoutStopSec=5
        -E GANTRY_TEST_CGROUP="/system.slice/$unit" -E LC_ALL=C.UTF-8 -E HOME=/root -E QT_LOGGING_TO_CONSOLE=1
        -E QTEST_FUNCTION_TIMEOUT="${seconds}000"
        "/opt/gantry/bin/$program" "$@")
    local code=0
    connect "$i" root@127.0.0.1 "${command[*]@Q}" || code=$?
    if [ "$code" = 255 ]; then # of ssh
        echo "gantry: guest $i does not answer" >&2
        said_last "$run/$i/console"
    fi
    return "$code"
}

command=${1:-}
[ $# -eq 0 ] || shift
case $command in
up) up "$@" ;;
serve)
    [ $# -ge 2 ] || usage
    serve "$@"
    ;;
down) down ;;
ssh)
    guest "${1:-}"
    trap - ERR
    connect "$1" root@127.0.0.1 "${@:2}"
    ;;
copy)
    [ $# -ge 3 ] || usage
    guest "$1"
    step="copying to guest $1"
    i=$1
    dest=${*: -1}
    sources=("${@:2:$#-2}")
    scp -q -r -F none -o ControlPath="$run/$i/ssh" -P "$(cat "$run/$i/port")" "${sources[@]}" "root@127.0.0.1:$dest"
    ;;
install)
    [ $# -eq 2 ] || usage
    guest "$1"
    step="unpacking $2 in guest $1"
    install_bundle "$@"
    ;;
reboot)
    guest "${1:-}"
    step="rebooting guest $1"
    reboot "$1"
    ;;
run)
    [ $# -ge 3 ] || usage
    guest "$1"
    trap - ERR
    run_program "$@"
    ;;
bundle)
    [ $# -ge 2 ] || usage
    bundle "$@"
    ;;
*) usage ;;
esac
