"""RabbitMQ 4 and OpenSSH 10 from Debian 13, in a folder beside whatever this machine has.

    python -m tests.servers.trixie [FOLDER]

makes the folder (a minute or two, as root on Debian, with debootstrap) unless it is there, and prints the settings
that have the tests use its servers. Nothing of it runs when this ends, and nothing stays mounted: what is mounted
for a program is seen by that program alone and goes with it, so the folder can be removed at any time.
"""

import fcntl
import os
import platform
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from tests.servers import programs
from tests.servers.prepare import install

RELEASE = "trixie"
FOLDER = Path("/var/cache/opsimate-tests") / RELEASE
_PACKAGES = ("rabbitmq-server", "openssh-server")
_SSHD = ("usr/sbin/sshd", "usr/lib/openssh/sshd-session", "usr/lib/openssh/sshd-auth")

# The broker gets its own root, and in it the folder for temporary files, where the tests keep its data.
_WRAPPER = """\
#!/bin/sh
# Runs Debian {release}'s {program} under the process id that it was started with.
tmp=${{TMPDIR:-/tmp}}
mkdir -p "{root}$tmp"
exec unshare --mount sh -c '
  mount --bind "$1" "$0$1" && mount -t proc proc "$0/proc" || exit
  root=$0; shift; exec chroot "$root" /usr/lib/rabbitmq/bin/{program} "$@"
' "{root}" "$tmp" "$@"
"""


def main(root: Path) -> None:
    root.parent.mkdir(parents=True, exist_ok=True)
    with root.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # another test command may be making it right now
        if not root.exists():
            _make(root)
    for name, value in settings(root).items():
        print(f"export {name}={shlex.quote(str(value))}")


def settings(root: Path) -> dict[str, Path]:
    """What names the folder's servers to the tests."""
    own = root / "opsimate"
    return {programs.RABBITMQ_VARIABLE: own / "rabbitmq", programs.SSHD_VARIABLE: own / "sshd" / "sshd"}


def _make(root: Path) -> None:
    if os.geteuid() != 0:
        sys.exit("Only root can make a Debian in a folder")
    install([tool for tool in ("debootstrap", "patchelf") if not shutil.which(tool)])
    unfinished = root.with_suffix(".unfinished")
    if unfinished.exists():
        shutil.rmtree(unfinished)
    _run("debootstrap", "--variant=minbase", "--include=ca-certificates", RELEASE, str(unfinished), _mirror())
    policy = unfinished / "usr/sbin/policy-rc.d"  # what is installed must not be started
    policy.write_text("#!/bin/sh\nexit 101\n")
    policy.chmod(0o755)
    installing = f"apt-get install -q -y --no-install-recommends {' '.join(_PACKAGES)}"
    mounted = f'mount -t proc proc "$0/proc" && DEBIAN_FRONTEND=noninteractive exec chroot "$0" {installing}'
    _run("unshare", "--mount", "sh", "-c", mounted, str(unfinished))
    _wrap_rabbitmq(unfinished, at=root)
    _copy_sshd(unfinished, at=root)
    unfinished.rename(root)


def _mirror() -> str:
    """The mirror that this machine's apt uses for Debian itself."""
    targets = _output("apt-get", "indextargets", "--format", "$(REPO_URI) $(COMPONENT) $(ORIGIN) $(LABEL)")
    for target in targets.splitlines():
        match target.split():
            case [mirror, "main", "Debian", "Debian"]:
                return mirror
    sys.exit("apt knows no mirror of Debian; run apt-get update")


def _wrap_rabbitmq(made: Path, *, at: Path) -> None:
    folder = settings(made)[programs.RABBITMQ_VARIABLE]
    folder.mkdir(parents=True)
    for program in ("rabbitmq-server", "rabbitmqctl"):
        wrapper = folder / program
        wrapper.write_text(_WRAPPER.format(release=RELEASE, program=program, root=at))
        wrapper.chmod(0o755)


def _copy_sshd(made: Path, *, at: Path) -> None:
    """Copies that run beside this machine's files and users, with the folder's libraries."""
    folder = settings(made)[programs.SSHD_VARIABLE].parent
    folder.mkdir(parents=True)
    libraries = at / "usr/lib" / f"{platform.machine()}-linux-gnu"
    loader = at / _output("patchelf", "--print-interpreter", str(made / _SSHD[0])).strip().lstrip("/")
    for original in _SSHD:
        copy = folder / Path(original).name
        shutil.copy2(made / original, copy)
        _run("patchelf", "--set-interpreter", str(loader), "--force-rpath", "--set-rpath", str(libraries), str(copy))


def _run(*command: str) -> None:
    """Run a step whose words go to standard error, as standard output is for the settings."""
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=sys.stderr)


def _output(*command: str) -> str:
    return subprocess.run(command, check=True, stdin=subprocess.DEVNULL, capture_output=True, text=True).stdout


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else FOLDER)
