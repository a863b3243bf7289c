#!/usr/bin/env bash
# Runs the sandbox's limits on a kernel with control groups version 2, in a virtual machine over this machine's files.
#
#   tests/control-groups-v2.sh
#
# For machines that have version 1, such as the one this was written on. Nothing of this machine can be changed from
# inside: its files are mounted read-only below a layer in memory. The processor is emulated, so that it works where
# no virtualisation is to be had; the 72 cases take about four minutes. What needs TensorFlow is left to other tests.
set -euo pipefail
cd "$(dirname "$0")/.."
project=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

missing=()
for package in qemu-system-x86 busybox-static cpio; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

kernel=$(apt-cache depends linux-image-amd64 | grep -o 'linux-image-[0-9][^ ]*' | head -1)
(cd "$work" && apt-get download -qq "$kernel" 2>/dev/null && dpkg -x "$kernel"_*.deb kernel)
modules=$(echo "$work"/kernel/lib/modules/*/kernel)

mkdir -p "$work"/root/{bin,modules,proc,sys,dev,host,layer,new}
cp "$(command -v busybox)" "$work/root/bin/"
for module in drivers/virtio/virtio drivers/virtio/virtio_ring drivers/virtio/virtio_pci_modern_dev \
  drivers/virtio/virtio_pci_legacy_dev drivers/virtio/virtio_pci net/9p/9pnet net/9p/9pnet_virtio \
  fs/netfs/netfs fs/fscache/fscache fs/9p/9p fs/overlayfs/overlay; do
  cp "$modules/$module.ko" "$work/root/modules/"
done

cat >"$work/root/init" <<END
#!/bin/busybox sh
box=/bin/busybox
\$box mount -t proc proc /proc; \$box mount -t sysfs sys /sys; \$box mount -t devtmpfs dev /dev
# Their order does not matter in three rounds.
for round in 1 2 3; do for module in /modules/*.ko; do \$box insmod \$module 2>/dev/null; done; done
\$box mount -t 9p -o trans=virtio,version=9p2000.L,ro,cache=loose,msize=512000 host /host
\$box mount -t tmpfs -o size=4g tmpfs /layer; \$box mkdir /layer/upper /layer/work
\$box mount -t overlay -o lowerdir=/host,upperdir=/layer/upper,workdir=/layer/work overlay /new
for folder in proc sys dev; do \$box mount --move /\$folder /new/\$folder; done
\$box mount -t tmpfs tmpfs /new/tmp; \$box mount -t tmpfs tmpfs /new/run
\$box mkdir -p /new/dev/shm /new/dev/mqueue /new/dev/pts
\$box mount -t tmpfs tmpfs /new/dev/shm; \$box mount -t devpts devpts /new/dev/pts
\$box mount -t cgroup2 cgroup2 /new/sys/fs/cgroup
\$box ip link set lo up
echo "control groups: \$(\$box cat /new/proc/self/cgroup) with \$(\$box cat /new/sys/fs/cgroup/cgroup.controllers)"
\$box chroot /new /bin/bash -c 'cd "$project" && export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp PYTHONDONTWRITEBYTECODE=1 &&
  .venv/bin/python -m pytest -p no:cacheprovider -q tests/unit/workers/sandbox/test_control_group.py &&
  .venv/bin/python -m pytest -p no:cacheprovider -q tests/sandbox/test_limits.py -k "bubblewrap-fresh or bubblewrap-forkserver"'
echo "exit status: \$?"
\$box poweroff -f
END
chmod +x "$work/root/init"
(cd "$work/root" && find . | cpio -o -H newc 2>/dev/null | gzip) >"$work/initrd.gz"

timeout 1800 qemu-system-x86_64 -accel tcg,thread=multi -cpu max -smp 2 -m 6G -nographic -no-reboot \
  -kernel "$work"/kernel/boot/vmlinuz-* -initrd "$work/initrd.gz" \
  -append "console=ttyS0 quiet panic=-1 cgroup_no_v1=all" \
  -virtfs local,path=/,mount_tag=host,security_model=passthrough,readonly=on,multidevs=remap </dev/null |
  tee "$work/log"
grep -q '^exit status: 0' "$work/log"
