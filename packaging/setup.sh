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
    protobuf-compiler-grpc nlohmann-json3-dev criu libsqlite3-dev libzstd-dev libsodium-dev
    fonts-dejavu-core
)
for group in "$@"; do
    case $group in
    test)
        packages+=(xvfb xdotool openbox imagemagick x11-utils dbus procps python3-minimal)
        packages+=(runc crun podman busybox-static)
        ;;
    lab) packages+=(qemu-system-x86 mmdebstrap openssh-client e2fsprogs util-linux xz-utils) ;;
    bench) packages+=(systemd xvfb) ;;
    dev) packages+=(clang-19 clang-tidy-19 clang-format-19 libclang-rt-19-dev) ;;
    *)
        step="set-up: unknown group $group (test, lab, bench, dev)"
        false
        ;;
    esac
done
install_missing "${packages[@]}"
"$root/packaging/criu.sh"
