"""Stands between a test command and a server, so that nothing of the server outlives the command.

    python guard.py DIRECTORY COMMAND...

It adopts everything the server leaves behind (daemons, sessions, commands in groups of their own).
On standard input it is told `stop` (ask the server to end) or `end` (kill all that is left, and go).
When that input closes, the owner has died: it kills all that is left and removes DIRECTORY.
On standard output it says `exited STATUS` when the server has ended. Standard error is the server's log.

There is one for each server that a test starts, so it loads little: it needs the standard library alone, on Linux.
"""

import contextlib
import ctypes
import os
import select
import signal
import sys
import time

_PR_SET_CHILD_SUBREAPER = 36


def main(directory: str, command: list[str]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the owner, who then tells us
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, lambda *_: sys.exit(1))
    _adopt_orphans()
    exits = _announce_exits()
    try:
        owner_is_gone = _obey(_start(command), exits)
    finally:
        _kill_all_below()
    if owner_is_gone:
        import shutil

        shutil.rmtree(directory, ignore_errors=True)


def _start(command: list[str]) -> int:
    """The process id of the server, which reads nothing and prints to the log."""
    nothing, log = (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0), (os.POSIX_SPAWN_DUP2, 2, 1)
    usual = [signal.SIGPIPE, signal.SIGXFSZ]  # Python ignores them
    return os.posix_spawnp(command[0], command, os.environ, file_actions=[nothing, log], setsigdef=usual)


def _obey(server: int, exits: int) -> bool:
    """Follow the owner's words until the end; whether it went without a word."""
    running = True
    while True:
        ready, _, _ = select.select([sys.stdin.fileno(), exits], [], [])
        if exits in ready:
            os.read(exits, 512)
            for pid, status in _exited():
                if pid == server:
                    running = False
                    _say(f"exited {os.waitstatus_to_exitcode(status)}")
        if sys.stdin.fileno() in ready:
            words = os.read(sys.stdin.fileno(), 512).split()
            if not words or b"end" in words:
                return not words
            if running:
                os.kill(server, signal.SIGTERM)


def _adopt_orphans() -> None:
    if sys.platform == "linux":  # elsewhere only what stays below the server is found at the end
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _announce_exits() -> int:
    """A file descriptor that becomes readable whenever a child has exited."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    return reading


def _exited() -> list[tuple[int, int]]:
    """Process id and status of each child that has exited; adopted ones are reaped here, too."""
    found = []
    with contextlib.suppress(ChildProcessError):  # there is no child left
        while (exited := os.waitpid(-1, os.WNOHANG))[0]:
            found.append(exited)
    return found


def _kill_all_below() -> None:
    """Until none is left: what dies hands its children to us."""
    while _has_child() and (below := _all_below()):
        for process in below:
            _kill(*process)
        _exited()
        time.sleep(0.005)


def _has_child() -> bool:
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def _all_below() -> list[tuple[int, bytes]]:
    """Each process that descends from this one: its id, and when it was started."""
    if sys.platform != "linux":
        import psutil

        return [(process.pid, b"") for process in psutil.Process().children(recursive=True)]
    children: dict[int, list[tuple[int, bytes]]] = {}
    with os.scandir("/proc") as entries:
        for entry in entries:
            if entry.name.isdecimal() and (stat := _stat(int(entry.name))):
                children.setdefault(int(stat[1]), []).append((int(entry.name), stat[19]))
    found = children.get(os.getpid(), [])
    for pid, _ in found:
        found += children.get(pid, [])
    return found


def _stat(pid: int) -> list[bytes]:
    """The fields behind the name in /proc/PID/stat: the second is its parent, the 20th when it was started. Nothing
    once it has ended.
    """
    try:
        file = os.open(f"/proc/{pid}/stat", os.O_RDONLY)
    except OSError:
        return []
    try:
        return os.read(file, 4096).rpartition(b") ")[2].split()
    except ProcessLookupError:
        return []
    finally:
        os.close(file)


def _kill(pid: int, started_at: bytes) -> None:
    """Kill this very process, and none that has got its id since."""
    if started_at and (_stat(pid) or [b""] * 20)[19] != started_at:
        return
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _say(word: str) -> None:
    with contextlib.suppress(BrokenPipeError):  # the owner has gone; the end of our input says so as well
        os.write(sys.stdout.fileno(), f"{word}\n".encode())


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
