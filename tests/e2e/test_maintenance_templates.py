"""The templates that clean up, update, look and measure, over SSH on Debian and on a BusyBox userland."""

import pytest

from tests.e2e.machines import Machines

BOTH_USERLANDS = pytest.mark.parametrize("kind", ["debian", "busybox"])

_OLD_DISK = """
mkdir -p /disk/temporary /disk/logs /disk/shop
for file in temporary/forgotten logs/shop.log.3 logs/shop.log shop/entry; do echo old > /disk/$file; done
cp -r /disk /disk-image
truncate -s 8M /disk.img
mke2fs -q -t ext4 -d /disk-image /disk.img
for file in temporary/forgotten logs/shop.log.3 logs/shop.log shop/entry; do
  for time in mtime ctime; do debugfs -w -R "set_inode_field /$file $time 20240101000000" /disk.img 2>/dev/null; done
done
mount -o loop /disk.img /disk
mkdir -p /srv/shop/old
mount --bind /disk/temporary /var/tmp
mount --bind /disk/logs /var/log
mount --bind /disk/shop /srv/shop/old
echo new > /srv/shop/old/young; echo new > /var/log/shop.log.1
"""
"""A disk with files whose times of change lie years back, which can be set on no file system that is in use."""


@BOTH_USERLANDS
def test_disk_cleanup_deletes_what_is_old_where_it_says_and_nothing_without_apply(
    machines: Machines, kind: str
) -> None:
    host = machines.provider(kind, before=_OLD_DISK)
    found = "find /var/tmp /var/log /srv/shop/old -type f | sort"
    before = machines.on(host, found)
    assert before.count("\n") == 6
    looked = machines.run("disk-cleanup", host, path="/disk", folder="/srv/shop/old", at_most=100).succeeded()
    looked.says("A dry look", "/srv/shop/old/entry", "/var/log/shop.log.3")
    assert machines.on(host, found) == before
    done = machines.run("disk-cleanup", host, path="/disk", folder="/srv/shop/old", at_most=100, apply=True).succeeded()
    done.says("1 files, 0 MiB", "Deleted.")
    assert machines.on(host, found) == "/srv/shop/old/young\n/var/log/shop.log\n/var/log/shop.log.1\n"


@BOTH_USERLANDS
def test_disk_cleanup_fails_where_the_disk_stays_too_full(machines: Machines, kind: str) -> None:
    host = machines.provider(kind, before=_OLD_DISK)
    machines.on(host, "head -c 3000000 /dev/zero > /disk/large")
    machines.run("disk-cleanup", host, path="/disk", at_most=10).failed_at("after").says("That is too much.")
    machines.run("disk-cleanup", host, path="/disk", folder="/srv/shop/nowhere", at_most=100).failed_at("clean-folder")


def test_disk_cleanup_shortens_the_journal_and_names_deleted_files_that_are_open(machines: Machines) -> None:
    host = machines.provider("systemd")
    machines.on(host, "exec 3> /srv/open; rm /srv/open; sleep 1000 > /dev/null 2>&1 &")
    told = machines.run("disk-cleanup", host, path="/run", apply=True, at_most=100).succeeded()
    told.says("Archived and active journals take up", "/srv/open (deleted)")


@BOTH_USERLANDS
def test_memory_management_shows_who_uses_it_and_fails_where_too_little_is_left(machines: Machines, kind: str) -> None:
    host = machines.provider(kind)
    told = machines.run("memory-management", host, at_least=0).succeeded()
    told.says("Available: ", "MiB swapped  sshd", "ended since the log begins", "Not asked for.")
    machines.run("memory-management", host, at_least=100).failed_at("after").says("That is too little")


def test_memory_management_says_that_caches_are_for_root_to_drop(machines: Machines) -> None:
    host = machines.provider("debian")
    known = machines.as_ordinary_user(host)
    told = machines.run("memory-management", known, drop_caches=True, at_least=0)
    told.failed_at("ended-by-the-kernel", "drop-caches").says("That needs root's rights")


_PACKAGES = """
for version in 1 2; do
  mkdir -p /make/$version/DEBIAN /make/$version/etc
  printf 'Package: opsimate-shop\\nVersion: %s\\nArchitecture: all\\nMaintainer: nobody <a@localhost>\\n' $version \\
    > /make/$version/DEBIAN/control
  echo 'Description: a shop' >> /make/$version/DEBIAN/control
  echo /etc/shop.conf > /make/$version/DEBIAN/conffiles
  echo "version $version" > /make/$version/etc/shop.conf
  dpkg-deb -b /make/$version /make/shop_$version.deb
done
dpkg -i /make/shop_1.deb
echo changed > /etc/shop.conf
mkdir /repository
cp /make/shop_2.deb /repository
size=$(stat -c %s /make/shop_2.deb)
sum=$(sha256sum /make/shop_2.deb | cut -d ' ' -f 1)
dpkg-deb -f /make/shop_2.deb > /repository/Packages
printf 'Filename: ./shop_2.deb\\nSize: %s\\nSHA256: %s\\n' "$size" "$sum" >> /repository/Packages
rm -rf /etc/apt/sources.list /etc/apt/sources.list.d /var/lib/apt/lists
mkdir -p /etc/apt/sources.list.d /var/lib/apt/lists
echo 'deb [trusted=yes] file:/repository ./' > /etc/apt/sources.list
"""


def test_update_system_packages_looks_first_and_then_installs(machines: Machines) -> None:
    host = machines.provider("debian", _PACKAGES)
    version = "dpkg-query -W -f '${Version} ' opsimate-shop; cat /etc/shop.conf"
    looked = machines.run("update-system-packages", host, packages="opsimate-shop").succeeded()
    looked.says("opsimate-shop [1] (2", "1 packages would be installed.", "A dry look")
    assert machines.on(host, version) == "1 changed\n"
    machines.run("update-system-packages", host, apply=True).succeeded().says("All packages are whole.")
    assert machines.on(host, version) == "2 changed\n"


def test_update_system_packages_fails_where_a_mirror_is_dead_or_a_package_broken(machines: Machines) -> None:
    host = machines.provider("debian", _PACKAGES)
    machines.on(host, "echo 'deb [trusted=yes] http://127.0.0.1:1/debian ./' > /etc/apt/sources.list.d/dead.list")
    machines.run("update-system-packages", host).failed_at("refresh").says("127.0.0.1:1")
    machines.on(host, "rm /etc/apt/sources.list.d/dead.list; dpkg --unpack /make/shop_2.deb")
    machines.run("update-system-packages", host).failed_at("verify").says("opsimate-shop")


def test_update_system_packages_says_that_there_is_no_package_manager_it_knows(machines: Machines) -> None:
    told = machines.run("update-system-packages", machines.provider("busybox")).failed_at("look")
    assert told.statuses["look"] == 127
    told.says("There is neither apt-get nor apk here")


_APK = r"""
cat > /usr/bin/apk <<'END'
#!/bin/sh
echo apk "$@"
[ "$1" != fix ] || [ ! -e /broken ]
END
chmod +x /usr/bin/apk
"""
"""Debian has no apk, so this one only says what it was asked for: it stands in for Alpine's, and proves no more."""


def test_update_system_packages_calls_apk_where_there_is_no_apt(machines: Machines) -> None:
    host = machines.provider("busybox")
    machines.on(host, _APK)
    told = machines.run("update-system-packages", host, apply=True, packages="a,b").succeeded()
    told.says("apk update --wait 300", "apk upgrade --simulate a", "apk upgrade --wait 300 b")
    machines.on(host, "touch /broken")
    machines.run("update-system-packages", host).failed_at("verify")


@BOTH_USERLANDS
def test_health_check_looks_at_everything_and_fails_where_anything_is_beyond_its_limit(
    machines: Machines, kind: str
) -> None:
    host = machines.provider(kind)
    fine = {"load": 10_000, "memory": 0, "disk": 100}
    machines.on(host, "/etc/init.d/shop start")
    url = f"{machines.product.url}/healthz"
    told = machines.run("health-check", host, **fine, services="shop", url=url).succeeded()
    told.says(
        "Answered",
        "The load is",
        "of the memory are available",
        "All have room",
        "None is read-only",
        "zombies",
        "shop is up.",
    )
    told = machines.run(
        "health-check", host, load=10_000, memory=100, disk=100, services="dies,shop", url="http://127.0.0.1:1/"
    )
    told.failed_at("memory", "services", "web", "verdict").says("dies is not up.", "shop is up.")


@pytest.mark.parametrize("kind", ["systemd", "openrc"])
def test_health_check_asks_whoever_looks_after_services(machines: Machines, kind: str) -> None:
    host = machines.provider(kind)
    start = "systemctl start {0}" if kind == "systemd" else "rc-service {0} start"
    machines.on(host, f"{start.format('shop')}; {start.format('dies')}")
    told = machines.run("health-check", host, load=10_000, memory=0, disk=100, services="shop,dies")
    told.failed_at("services", "verdict").says("shop is up.", "dies is not up.")


@BOTH_USERLANDS
def test_network_diagnostics_finds_what_answers_and_fails_where_nobody_does(machines: Machines, kind: str) -> None:
    host = machines.provider(kind)
    port = machines.port_of(host)
    told = machines.run("network-diagnostics", host, destination="127.0.0.1", port=port, wait=1).succeeded()
    told.says("lo: received", f"127.0.0.1 takes connections at port {port}.")
    told = machines.run("network-diagnostics", host, destination="127.0.0.1", port=1, wait=1)
    told.failed_at("port", "verdict").says("127.0.0.1 takes no connection at port 1.")
    told = machines.run("network-diagnostics", host, destination="nonesuch.invalid", port=1, wait=1)
    told.failed_at("name", "port", "verdict").says("No address is known of nonesuch.invalid.")


@BOTH_USERLANDS
def test_performance_analysis_measures_and_fails_above_a_limit(machines: Machines, kind: str) -> None:
    host = machines.provider(kind)
    machines.on(host, "sh -c 'while :; do :; done' > /dev/null 2>&1 & echo $! > /tmp/busy")
    told = machines.run("performance-analysis", host, seconds=1, busy=0)
    told.failed_at("processors", "verdict").says("Busy: ", "more than 0 %.")
    told = machines.run("performance-analysis", host, seconds=1).succeeded()
    told.says("programs ", "MemAvailable: ", "lo: receives ", " %  sh (")
    machines.on(host, "kill $(cat /tmp/busy)")
