"""Stands between a test command and a server, so that nothing of the server outlives the command.

    python guard.py DIRECTORY COMMAND...

It adopts everything the server leaves behind (daemons, sessions, commands in groups of their own).
On standard input it is told `stop` (ask the server to end) or `end` (kill all that is left, and go).
When that input closes, the owner has died: it kills all that is left and removes DIRECTORY.
On standard output it says `exited STATUS` when the server has ended. Standard error is the server's log.
"""

import contextlib
import ctypes
import os
import select
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator

import psutil

_PR_SET_CHILD_SUBREAPER = 36


def main(directory: str, command: list[str]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the owner, who then tells us
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, lambda *_: sys.exit(1))
    _adopt_orphans()
    exits = _announce_exits()
    try:
        server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=sys.stderr)
        owner_is_gone = _obey(server.pid, exits)
    finally:
        _kill_all_below()
    if owner_is_gone:
        shutil.rmtree(directory, ignore_errors=True)


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


def _exited() -> Iterator[tuple[int, int]]:
    """Process id and status of each child that has exited; adopted ones are reaped here, too."""
    with contextlib.suppress(ChildProcessError):  # there is no child left
        while (exited := os.waitpid(-1, os.WNOHANG))[0]:
            yield exited


def _kill_all_below() -> None:
    """Until none is left: what dies hands its children to us."""
    while below := psutil.Process().children(recursive=True):
        for process in below:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        for _ in _exited():
            pass
        psutil.wait_procs(below, timeout=0.05)


def _say(word: str) -> None:
    with contextlib.suppress(BrokenPipeError):  # the owner has gone; the end of our input says so as well
        os.write(sys.stdout.fileno(), f"{word}\n".encode())


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
