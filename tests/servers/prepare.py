"""Makes present what the servers of the tests need; quick when all of it is there.

What cannot be made present is said here and does not fail: the tests that need it say so again.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.servers import engine, machine, programs, sources, stand_in
from tests.servers.sources import MONGO, RABBITMQ

_SHELLS_AND_LANGUAGES = {
    "busybox": "busybox",
    "fish": "fish",
    "ksh": "ksh",
    "lua": "lua5.4",
    "mksh": "mksh",
    "php": "php-cli",
    "ruby": "ruby",
    "tcsh": "tcsh",
    "zsh": "zsh",
}
"""What users log in with, and what they are advised to hand values to: by the program, Debian's name of the package."""
_POLICY = Path("/usr/sbin/policy-rc.d")


def prepare() -> None:
    """Pull images where a container engine answers, install Debian's packages as root, fetch the stand-in."""
    _pull_images()
    if not programs.headless_shell():
        install(["chromium-headless-shell"])  # apart from the rest, as an older Debian has the whole browser alone
    install(_missing_packages())
    _unpack_openrc()
    if _needs_stand_in() and programs.java_tools() and programs.maven():
        _build_stand_in()
    for wanted in sources.ALL:
        try:
            wanted.source()
        except sources.ServerMissing as reason:
            _say(str(reason))


def _pull_images() -> None:
    wanted = [RABBITMQ.image, None if MONGO.address() else MONGO.image]
    missing = [image for image in wanted if image and not engine.has(image)]
    if not (missing and engine.answers()):
        return
    for image in [*missing, engine.REAPER]:
        _say(f"Pulling {image} (once)")
        if reason := engine.pull(image):
            _say(f"{image} cannot be pulled, the tests go on without it: {reason}")


def _missing_packages() -> list[str]:
    """Debian's names of what this machine lacks."""
    needs_rabbitmq = not engine.has(RABBITMQ.image or "")
    needs = {
        "rabbitmq-server": needs_rabbitmq and not programs.rabbitmq_programs(),
        "openssh-server": not programs.sshd(),
        "sudo": not programs.is_there("sudo"),
        "dropbear-bin": not programs.dropbear(),
        "prometheus-alertmanager": not programs.alertmanager(),
        "default-jdk-headless": _needs_java() or (_needs_stand_in() and not programs.java_tools()),
        "maven": _needs_stand_in() and not programs.maven(),
        "chromium": not programs.chromium(),
        "postgresql": not programs.postgresql(),
        "mariadb-server": not programs.is_there("mariadbd"),
        **{package: not programs.is_there(program) for program, package in _SHELLS_AND_LANGUAGES.items()},
    }
    return [package for package, needed in needs.items() if needed]


def _needs_java() -> bool:
    return not (MONGO.address() or engine.has(MONGO.image or "") or programs.java())


def _needs_stand_in() -> bool:
    return not (MONGO.address() or engine.has(MONGO.image or "") or stand_in.is_built())


def install(packages: list[str]) -> None:
    """Install Debian's packages as root; elsewhere, and where that fails, say so."""
    if not packages:
        return
    command = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    if not (shutil.which("apt-get") and os.geteuid() == 0):
        _say(f"Missing: {', '.join(packages)}. As root on Debian: {' '.join(command)}")
        return
    _say(f"Installing {', '.join(packages)} (once; a minute or two)")
    with _services_kept_from_starting():
        for step in (["apt-get", "update"], command):
            if not _succeeds(step):
                _say(f"`{' '.join(step)}` failed; put right what it says above and run this again")
                return


def _succeeds(step: list[str]) -> bool:
    """Whether the command succeeds; what it prints is shown when it does not."""
    result = subprocess.run(
        [step[0], "-q", "-o", "DPkg::Lock::Timeout=300", *step[1:]],  # others may be installing as well
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
    )
    if result.returncode:
        _say(result.stdout[-3000:])
    return result.returncode == 0


@contextlib.contextmanager
def _services_kept_from_starting() -> Iterator[None]:
    """The tests start servers of their own; a package must not start one for the whole machine."""
    if _POLICY.exists():  # the machine has a policy already, as containers do
        yield
        return
    _POLICY.write_text("#!/bin/sh\nexit 101\n")
    _POLICY.chmod(0o755)
    try:
        yield
    finally:
        _POLICY.unlink()


def _unpack_openrc() -> None:
    """Debian's OpenRC in a folder, as root: it is for machines of the tests' own, and nobody else's init system."""
    if machine.OPENRC.is_dir() or os.geteuid() != 0 or shutil.which("apt-get") is None:
        return
    with tempfile.TemporaryDirectory() as directory:
        download = ["apt-get", "-q", "download", *machine.OPENRC_PACKAGES]
        folder = Path(directory) / "openrc"
        done = subprocess.run(download, cwd=directory, check=False, capture_output=True, text=True)
        if done.returncode:
            _say(f"OpenRC cannot be fetched, the tests go on without it: {done.stderr[-500:]}")
            return
        for package in Path(directory).glob("*.deb"):
            subprocess.run(["dpkg", "-x", package, folder], check=True)
        machine.OPENRC.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(folder, machine.OPENRC)


def _build_stand_in() -> None:
    _say(f"Fetching mongo-java-server {stand_in.VERSION}, which stands in for MongoDB (once; some seconds)")
    try:
        stand_in.build()
    except subprocess.CalledProcessError as failure:
        _say(f"{failure.output}\n`{failure.cmd[0]}` failed; put right what it says above and run `make servers` again")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
