"""Machines of a test's own: another root file system over this machine's, which can be changed at will and is gone with
its last process, and a world of processes of its own. Networks are shared.

Debian with systemd as its first process, with OpenRC, with init scripts alone, or with nothing but BusyBox: what a
template of an action has to get on with.
"""

import shutil
import subprocess
from functools import cache
from pathlib import Path

from tests.servers.sources import ServerMissing

_ROOT = """
mount --make-rprivate /
mount -t tmpfs machine /mnt
mkdir /mnt/upper /mnt/work /mnt/root
mount -t overlay machine -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work /mnt/root
cd /mnt/root
mount -t proc proc proc
mount -t sysfs sys sys
mount --rbind /dev dev
mount -t tmpfs run run
mkdir -p run/sshd run/lock
mount -t tmpfs temporary tmp
chmod 1777 tmp
mkdir -p root
mount -t tmpfs home root
if [ "${SERVER_DIRECTORY:-}" ]; then
  mkdir -p ".$SERVER_DIRECTORY"
  mount --bind "$SERVER_DIRECTORY" ".$SERVER_DIRECTORY"
fi
mkdir .outside
pivot_root . .outside
umount -l /.outside
rmdir /.outside
"""
"""The root file system is what is there, without temporary files of others and without what root keeps at home: bash
reads that before each command, and it may take a tenth of a second. What is written goes to memory."""

_NO_UNITS = """
rm -rf /etc/systemd/system /lib/systemd/system/*.wants
mkdir /etc/systemd/system
"""
"""Nothing is started but what a test asks for; else the first service would be a boot, which clears /tmp."""

_SYSTEMD = """
mount -t cgroup2 cgroups /sys/fs/cgroup
cat > /etc/systemd/system/machine.target <<END
[Unit]
Wants=systemd-journald.service machine-sshd.service
END
cat > /etc/systemd/system/machine-sshd.service <<END
[Unit]
DefaultDependencies=no
[Service]
ExecStart=$*
END
export container=test
exec /lib/systemd/systemd --system --unit=machine.target --log-level=err --show-status=no < /dev/null
"""
"""The first process is systemd, which starts what was to be started."""


OPENRC = Path("/var/cache/opsimate-tests/openrc")
"""Where `prepare` unpacks OpenRC, which nobody wants to have installed beside systemd."""

OPENRC_PACKAGES = ("openrc", "librc1", "libeinfo1")

_OPENRC = f"""
tar -C {OPENRC} -cf - . | tar -C / --keep-directory-symlink -xf -
ldconfig
rm -rf /etc/init.d
mkdir /etc/init.d /run/openrc
for folder in starting started stopping inactive wasinactive failed hotplugged daemons options exclusive scheduled; do
  mkdir /run/openrc/$folder
done
touch /run/openrc/softlevel
"""
"""OpenRC believes in having started a machine where its folders are."""

_BUSYBOX = """
cp "$(command -v busybox)" /busybox
cp /usr/sbin/sshd /sshd
for folder in bin sbin local; do /busybox mount -t tmpfs nothing "/usr/$folder"; done
/busybox mv /sshd /usr/sbin/sshd
/busybox --install -s /usr/bin
sed -i 's#/bin/bash#/bin/sh#' /etc/passwd
exec "$@"
"""


def debian(setup: str = "") -> list[str]:
    """What starts a program on a machine that is as this one is, once the shell text ``setup`` has been run on it.

    ``ServerMissing`` where no machine can be made.
    """
    return _machine(setup, 'exec "$@"')


def with_systemd(setup: str = "") -> list[str]:
    """The same, with systemd as the first process."""
    if not Path("/lib/systemd/systemd").exists():
        raise ServerMissing("A machine with systemd needs Debian's package systemd.")
    mounts = [line.split() for line in Path("/proc/mounts").read_text().splitlines()]
    tree = next((fields[1] for fields in mounts if fields[2] == "cgroup2"), None)
    if tree is None:
        raise ServerMissing("A machine with systemd needs control groups of version 2.")
    group = f"{tree}/opsimate-test-$$"
    entered = f'mkdir {group}; echo $$ > {group}/cgroup.procs; exec unshare --cgroup "$@"'
    return ["sh", "-ec", entered, "machine", *_machine(_NO_UNITS + setup, _SYSTEMD)]


def with_openrc(setup: str = "") -> list[str]:
    """The same as ``debian``, with OpenRC, as far as it looks after services."""
    if not OPENRC.is_dir():
        raise ServerMissing("A machine with OpenRC needs Debian's package, which `make servers` unpacks as root.")
    return debian(_OPENRC + setup)


def with_busybox(setup: str = "") -> list[str]:
    """A machine on which every program is BusyBox's, but for its SSH server."""
    if shutil.which("busybox") is None:
        raise ServerMissing("A machine with nothing but BusyBox needs Debian's package busybox.")
    return _machine(setup, _BUSYBOX)


def remove_control_groups() -> None:
    """Remove what machines with systemd have left, once they have ended."""
    for group in [*Path("/sys/fs/cgroup").glob("opsimate-test-*"), *Path("/sys/fs/cgroup").glob("*/opsimate-test-*")]:
        remove = ["find", str(group), "-depth", "-type", "d", "-exec", "rmdir", "{}", ";"]
        subprocess.run(remove, check=False, capture_output=True)


_WORLD = ("unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-ec")


def _machine(setup: str, start: str) -> list[str]:
    if not _is_possible():
        raise ServerMissing("A machine of its own needs root's rights on Linux, overlayfs, and unshare of util-linux.")
    return [*_WORLD, f"{_ROOT}\ncd /\n{setup}\n{start}", "machine"]


@cache
def _is_possible() -> bool:
    if shutil.which(_WORLD[0]) is None:
        return False
    return subprocess.run([*_WORLD, _ROOT], check=False, capture_output=True).returncode == 0
