"""The product's programs, forked from one process that has loaded them all: each is a process of its own that can be
spoken to, signalled and killed, and spares a second of CPU for being loaded.

Loading itself is not tried by such a program. So the end-to-end tests, and those of how programs start, run them as
their users do.
"""

import atexit
import contextlib
import gc
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import IO, Any, NoReturn

IS_POSSIBLE = sys.platform == "linux"
"""Elsewhere programs are started as ever: macOS has no ``waitid``, and libraries there that break in a fork."""
PROGRAMS = {
    "opsimate": "opsimate.cli:main",
    "opsimate-catalog": "catalog.main:main",
    "opsimate-scheduler": "scheduler.main:main",
    "opsimate-executor": "executor.main:main",
    "opsimate-alert-bridge": "alert_bridge.main:main",
}
_LOADED_LATER = ("shared.bus.amqp", "shared.store.mongo", "shared.store.sqlite", "opsimate.standalone.starting")
"""What programs load once they know that they need it."""
_LOADED = b"loaded\n"
_REQUEST = 1 << 20


class Program:
    """A forked program that runs, with what tests use of ``subprocess.Popen``. It ends with whoever asked for it."""

    def __init__(self, news: socket.socket) -> None:
        self._lines = news.makefile("rb")
        self._news = news
        self.pid = int(self._lines.readline())
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """The exit status, or the signal as a negative number, once it has ended."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """The same as soon as it has ended; ``subprocess.TimeoutExpired``."""
        if self.returncode is None:
            self._news.settimeout(None)
            if timeout is not None and not _is_readable(self._news, timeout):
                raise subprocess.TimeoutExpired(str(self.pid), timeout)
            self.returncode = int(self._lines.readline())
            self._lines.close()
            self._news.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """kill -9."""
        self.send_signal(signal.SIGKILL)


def _is_readable(stream: socket.socket, within: float) -> bool:
    return bool(select.select([stream], [], [], within)[0])


def start(
    command: Sequence[str | Path],
    *,
    environment: Mapping[str, str],
    stdin: int | IO[bytes],
    stdout: IO[bytes],
    stderr: IO[bytes],
    directory: Path | None = None,
) -> Program:
    """Start one of the product's programs, called by its name or path."""
    return _loader().start(
        [Path(command[0]).name, *map(str, command[1:])], environment, (stdin, stdout, stderr), directory or Path.cwd()
    )


def run(
    command: Sequence[str | Path], *, environment: Mapping[str, str], directory: Path, stdin: str = "", timeout: float
) -> "subprocess.CompletedProcess[str]":
    """Run one to its end, as ``subprocess.run`` does that captures what it prints."""
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        given.write(stdin.encode())
        given.seek(0)
        program = start(command, environment=environment, stdin=given, stdout=out, stderr=err, directory=directory)
        try:
            status = program.wait(timeout)
        finally:
            program.kill()
        out.seek(0)
        err.seek(0)
        return subprocess.CompletedProcess(command, status, out.read().decode(), err.read().decode())


class _Loader:
    """The process that has loaded everything, seen from the tests."""

    def __init__(self) -> None:
        self._requests, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._lock = threading.Lock()
        with theirs:
            command = [sys.executable, "-m", "tests.forked", str(theirs.fileno())]
            self._process = subprocess.Popen(command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL)
        assert self._requests.recv(len(_LOADED)) == _LOADED

    def start(
        self, arguments: list[str], environment: Mapping[str, str], streams: Sequence[Any], directory: Path
    ) -> Program:
        ours, theirs = socket.socketpair()
        request = json.dumps([arguments, dict(environment), str(directory)]).encode()
        with theirs, self._lock:
            handed_over = [stream if isinstance(stream, int) else stream.fileno() for stream in streams]
            socket.send_fds(self._requests, [request], [*handed_over, theirs.fileno()])
        return Program(ours)

    def close(self) -> None:
        """End it; nothing that it started outlives the tests."""
        self._requests.close()
        self._process.wait()


@cache
def _loader() -> _Loader:
    loader = _Loader()
    atexit.register(loader.close)
    return loader


# --- in the process that has loaded everything


def _load() -> dict[str, Callable[[], None]]:
    found = {}
    for name, place in PROGRAMS.items():
        module, _, function = place.partition(":")
        found[name] = getattr(importlib.import_module(module), function)
    from opsimate.cli import COMMANDS

    for target in [*(target for target, _ in COMMANDS.values()), *_LOADED_LATER]:
        if isinstance(target, str):
            importlib.import_module(target.partition(":")[0])
    return found


def _serve(requests: socket.socket) -> Callable[[], None]:
    """Fork for each request; returns in a fork, with the program that it is to be."""
    programs = _load()
    gc.collect()
    gc.freeze()  # else the first collection of each fork would copy all that is loaded
    requests.send(_LOADED)
    while True:
        request, streams, _, _ = socket.recv_fds(requests, _REQUEST, 4)
        if not request:
            os._exit(0)  # the tests have ended
        if os.fork() == 0:
            requests.close()
            arguments, environment, directory = json.loads(request)
            _keep(streams.pop())
            _become(arguments, environment, directory, streams)
            return programs[arguments[0]]
        for stream in streams:
            os.close(stream)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass


def _keep(news: int) -> None:
    """Fork once more, returning in the fork alone: who stays says when that has ended, and sees to it that it does."""
    pid = os.fork()
    if pid == 0:
        os.close(news)
        return
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    stream = socket.socket(fileno=news)
    stream.send(f"{pid}\n".encode())
    is_reaping = threading.Lock()
    threading.Thread(target=_kill_at_the_end_of, args=(stream, pid, is_reaping), daemon=True).start()
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    is_reaping.acquire()
    _, status = os.waitpid(pid, 0)
    with contextlib.suppress(OSError):
        stream.send(f"{os.waitstatus_to_exitcode(status)}\n".encode())
    os._exit(0)


def _kill_at_the_end_of(stream: socket.socket, pid: int, is_reaping: threading.Lock) -> None:
    """Once whoever asked for the program has ended; its id is nobody else's before it is reaped."""
    stream.recv(1)
    with is_reaping:
        os.kill(pid, signal.SIGKILL)


def _become(arguments: list[str], environment: Mapping[str, str], directory: str, streams: Sequence[int]) -> None:
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - they stay open to the end
    sys.stdout = open(1, "w", buffering=1, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115
    sys.argv = arguments
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    os.chdir(directory)


def _run(program: Callable[[], None]) -> NoReturn:
    """Run it, and end as Python does, without taking apart what was loaded."""
    status: object = None
    try:
        program()
    except SystemExit as stop:
        status = stop.code
    except BaseException:  # noqa: BLE001 - it is told as Python tells it
        sys.excepthook(*sys.exc_info())
        status = 1
    if isinstance(status, str):
        print(status, file=sys.stderr)
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError):
            stream.flush()
    os._exit(status if isinstance(status, int) else status is not None)


if __name__ == "__main__":
    _run(_serve(socket.socket(fileno=int(sys.argv[1]))))
