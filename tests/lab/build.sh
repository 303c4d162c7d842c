#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Makes the lab's guest image, once a recipe, and prints its folder (image, vmlinuz, initrd): tests/lab/build.sh
# The folder is ${GANTRY_LAB_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/gantry-lab}/HASH; the image is never written to
# again. The packages come from the mirror that this machine's apt is set up for, or else from mmdebstrap's default.
. "$(dirname "${BASH_SOURCE[0]}")/../../packaging/common.sh"

here=$root/tests/lab
suite=trixie
step="hashing the guest's recipe"
recipe=$(cd "$here" && find build.sh packages guest -type f -printf '%m ' -exec sha256sum {} + | LC_ALL=C sort | sha256sum | cut -c1-16)
cache=${GANTRY_LAB_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/gantry-lab}
image=$cache/$recipe

# Two labs may want the image at the same time: one makes it.
mkdir -p "$cache"
exec 9>"$cache/lock"
flock 9
if [ -f "$image/image" ]; then
    echo "$image"
    exit 0
fi

step="making the guest image needs root"
[ "$(id -u)" = 0 ]

work=$(mktemp -d "$cache/work.XXXXXX")
trap 'rm -rf "$work"' EXIT
tree=$work/tree
in_guest() { chroot "$tree" /usr/bin/env PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 "$@"; }

install_packages() {
    local packages
    packages=$(sed 's/#.*//' "$here/packages" | xargs | tr ' ' ,)
    # INITRD=No: the kernel package makes none, ours is a hundredth of the size.
    quietly env INITRD=No mmdebstrap --variant=minbase --include="$packages" \
        --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' \
        --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/lib/modules/*/kernel/sound/*' \
        --dpkgopt='path-exclude=/usr/lib/modules/*/kernel/drivers/gpu/*' \
        --dpkgopt='path-exclude=/usr/lib/modules/*/kernel/drivers/media/*' \
        --dpkgopt='path-exclude=/usr/lib/modules/*/kernel/drivers/net/ethernet/*' \
        --dpkgopt='path-exclude=/usr/lib/modules/*/kernel/drivers/net/wireless/*' \
        --dpkgopt='path-exclude=/usr/lib/modules/*/kernel/drivers/infiniband/hw/*' \
        "$suite" "$tree"
}

set_up_users() {
    in_guest passwd -q -d root
    # Who runs rootless containers, with a user manager from boot on.
    in_guest useradd --create-home --shell /bin/bash --uid 1000 admin
    grep -q '^admin:' "$tree/etc/subuid" || echo admin:100000:65536 >>"$tree/etc/subuid"
    grep -q '^admin:' "$tree/etc/subgid" || echo admin:100000:65536 >>"$tree/etc/subgid"
    mkdir -p "$tree/var/lib/systemd/linger"
    : >"$tree/var/lib/systemd/linger/admin"
}

# What a boot does not need costs seconds without KVM. Runtimes wait for their socket.
set_up_units() {
    rm -f "$tree"/etc/ssh/ssh_host_*
    : >"$tree/etc/machine-id"
    echo '/dev/vda / ext4 defaults 0 1' >"$tree/etc/fstab"
    quietly in_guest systemctl mask apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer \
        e2scrub_reap.service fstrim.timer getty.target getty-static.service serial-getty@ttyS0.service \
        systemd-networkd-wait-online.service systemd-pstore.service systemd-firstboot.service
    quietly in_guest systemctl disable containerd.service docker.service lxc.service lxc-net.service \
        lxc-monitord.service lxcfs.service incus.service incus-startup.service libvirtd.service libvirt-guests.service \
        virtlogd.service netavark-dhcp-proxy.service netavark-firewalld-reload.service logrotate.timer \
        podman-auto-update.timer podman-restart.service podman-clean-transient.service
    quietly in_guest systemctl enable ssh.service docker.socket podman.socket systemd-networkd.service \
        systemd-network-generator.service systemd-oomd.service
    touch "$tree/etc/.updated" "$tree/var/.updated"
}

# An image of busybox in the format that podman, docker and ctr all load, with one id in all of them.
make_container_image() {
    local rootfs=$work/rootfs out=$work/container applet layer config
    mkdir -p "$rootfs"/{bin,dev,etc,proc,root,run,sys,tmp,usr,var} "$out"
    ln -s ../bin "$rootfs/usr/bin"
    ln -s bin "$rootfs/sbin"
    cp "$tree/usr/bin/busybox" "$rootfs/bin/busybox"
    for applet in $(in_guest busybox --list); do
        [ "$applet" = busybox ] || ln -s busybox "$rootfs/bin/$applet"
    done
    echo 'root:x:0:0:root:/root:/bin/sh' >"$rootfs/etc/passwd"
    echo 'root:x:0:' >"$rootfs/etc/group"
    local tar=(tar --create --sort=name --owner=0 --group=0 --numeric-owner '--mtime=@0')
    "${tar[@]}" --file "$work/busybox.tar" --directory "$rootfs" .
    layer=$(sha256sum "$work/busybox.tar" | cut -d' ' -f1)
    cp "$work/busybox.tar" "$out/$layer.tar"
    printf '{"architecture":"amd64","os":"linux","created":"1970-01-01T00:00:00Z","config":{"Cmd":["/bin/sh"],%s},%s}' \
        '"Env":["PATH=/bin"],"Labels":{"gantry.lab":"busybox"}' \
        "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"sha256:$layer\"]}" >"$work/config"
    config=$(sha256sum "$work/config" | cut -d' ' -f1)
    mv "$work/config" "$out/$config.json"
    printf '[{"Config":"%s.json","RepoTags":["localhost/lab:latest"],"Layers":["%s.tar"]}]' "$config" "$layer" \
        >"$out/manifest.json"
    mkdir -p "$tree/usr/local/share/lab"
    "${tar[@]}" --file "$tree/usr/local/share/lab/image.tar" --directory "$out" .
    mv "$work/busybox.tar" "$tree/usr/local/share/lab/busybox.tar"
}

# Just enough to mount the root drive: Debian's initrd, with udev in it, takes longer than the rest of the boot.
make_initrd() {
    local release=$1 initrd=$tree/tmp/initrd module file
    mkdir -p "$initrd"/{bin,dev,lib,proc,root,sys}
    cp "$tree/usr/bin/busybox" "$initrd/bin/busybox"
    {
        echo '#!/bin/busybox sh'
        echo 'busybox mount -t devtmpfs dev /dev'
        for file in $(modules_with_needs "$release" virtio_blk crc32c_generic ext4); do
            module=$(basename "${file%.xz}")
            in_guest xz --decompress --stdout "/usr/lib/modules/$release/$file" >"$initrd/lib/$module"
            echo "busybox insmod /lib/$module"
        done
        # An init that ends is a panic, and that ends the guest.
        echo 'busybox mount -t ext4 -o rw /dev/vda /root || exit 1'
        echo 'busybox mount --move /dev /root/dev'
        echo 'exec busybox switch_root /root /sbin/init'
    } >"$initrd/init"
    chmod +x "$initrd/init"
    in_guest sh -c 'cd /tmp/initrd && find . | cpio --quiet -o -H newc' >"$work/initrd"
    rm -rf "$initrd"
}

# modules_with_needs RELEASE MODULE...: their files and those of what they need, in the order to load them.
modules_with_needs() {
    local release=$1
    shift
    awk -F': *' -v wanted="$*" '
        { name = $1; sub(".*/", "", name); sub(/\.ko.*/, "", name); file[name] = $1; needs[name] = $2 }
        END {
            count = split(wanted, names, " ")
            for (i = 1; i <= count; i++) {
                for (j = split(needs[names[i]], need, " "); j > 0; j--) if (!seen[need[j]]++) print need[j]
                if (!seen[file[names[i]]]++) print file[names[i]]
            }
        }' "$tree/usr/lib/modules/$release/modules.dep"
}

echo "gantry: making the lab's guest image: $image" >&2
step="installing the guest's packages"
install_packages
step="setting up the guest"
cp -r "$here/guest/." "$tree"
set_up_users
set_up_units
step="making the guest's container image"
make_container_image
step="making the guest's initrd"
release=$(basename "$tree"/usr/lib/modules/*)
make_initrd "$release"
cp "$tree/boot/vmlinuz-$release" "$work/vmlinuz"
rm -rf "$tree"/boot/* "$tree"/var/lib/apt/lists/* "$tree"/var/cache/apt/* "$work"/{rootfs,container}
step="making the guest's file system"
truncate -s 8G "$work/image"
quietly /sbin/mke2fs -q -t ext4 -L gantry-lab -E lazy_itable_init=1,lazy_journal_init=1 -d "$tree" "$work/image"
rm -rf "$tree"
mkdir -p "$image"
mv "$work/vmlinuz" "$work/initrd" "$image"
mv "$work/image" "$image/image"
echo "$image"
