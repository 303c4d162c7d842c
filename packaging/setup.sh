#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Installs what building and running Gantry needs on Debian 12; with "test", "lab", "bench" or "dev" also what these need.
# README names the reason for each package. Does nothing when everything is there.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

if ! command -v apt-get >/dev/null; then
    step="set-up: this script knows Debian's apt only; README lists the packages by name"
    false
fi

packages=(
    g++ cmake ninja-build pkg-config mold ccache
    qt6-base-dev qt6-svg-dev qt6-l10n-tools qt6-tools-dev libgl-dev libqcustomplot-dev
    libsystemd-dev libcurl4-openssl-dev libboost-dev libmnl-dev libprotobuf-dev protobuf-compiler libgrpc++-dev
    protobuf-compiler-grpc nlohmann-json3-dev criu libsqlite3-dev libzstd-dev libsodium-dev libssl-dev zlib1g-dev
    fonts-dejavu-core
)
# Servers that tests start by themselves.
servers=()
for group in "$@"; do
    case $group in
    test)
        packages+=(xvfb xdotool openbox imagemagick x11-utils dbus procps python3-minimal iproute2)
        packages+=(runc crun podman busybox-static nftables zstd redis-tools openjdk-17-jdk-headless btrfs-progs xfsprogs)
        servers+=(nginx-light postgresql-15 openssh-server)
        ;;
    lab) packages+=(qemu-system-x86 mmdebstrap openssh-client e2fsprogs util-linux xz-utils) ;;
    bench)
        packages+=(systemd xvfb runc)
        servers+=(openssh-server)
        ;;
    dev) packages+=(clang-19 clang-tidy-19 clang-format-19 libclang-rt-19-dev) ;;
    *)
        step="set-up: unknown group $group (test, lab, bench, dev)"
        false
        ;;
    esac
done
install_missing "${packages[@]}"

# Their packages start them as services of this machine, now and at each boot: neither is wanted. What was there before
# is left alone.
install_servers() {
    local policy=/usr/sbin/policy-rc.d server new=()
    for server in "$@"; do
        [ "$(dpkg-query -W -f='${db:Status-Status}' "$server" 2>/dev/null)" = installed ] || new+=("$server")
    done
    [ ${#new[@]} -eq 0 ] && return 0
    if [ ! -e "$policy" ]; then
        trap 'as_root rm -f /usr/sbin/policy-rc.d' EXIT
        printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
        as_root chmod 755 "$policy"
    fi
    install_missing "${new[@]}"
    if [ -d /run/systemd/system ]; then
        step="keeping ${new[*]} from starting at boot"
        for server in "${new[@]}"; do
            case $server in
            openssh-server) quietly as_root systemctl disable ssh.service ;;
            *) quietly as_root systemctl disable "${server%%-*}.service" ;;
            esac
        done
    fi
}
install_servers "${servers[@]}"
"$root/packaging/criu.sh"
