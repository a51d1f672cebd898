"""The command `opsimate` for scripts that type it often: a small program that has each forked (``tests/forked.py``).

To start Python and load the command line costs half a second of CPU, to fork it a tenth. That it starts as its users
start it is tried elsewhere (``tests/integration/test_cli.py``).
"""

import atexit
import contextlib
import json
import os
import shlex
import shutil
import socket
import sys
import tempfile
import threading
from functools import cache
from pathlib import Path

from tests import forked

_CLIENT = """
import json, os, signal, socket, sys
with socket.socket(socket.AF_UNIX) as asked:
    asked.connect(sys.argv[1])
    request = json.dumps([sys.argv[2:], dict(os.environ), os.getcwd()]).encode()
    socket.send_fds(asked, [len(request).to_bytes(4, "big")], [0, 1, 2])
    asked.sendall(request)
    status = int(asked.recv(16))
if status < 0:
    os.kill(os.getpid(), -status)
sys.exit(status)
"""


@cache
def programs() -> Path:
    """A folder for ``PATH`` with an `opsimate` in it, until the tests end."""
    if not forked.IS_POSSIBLE:
        return Path(sys.executable).parent
    folder = Path(tempfile.mkdtemp(prefix="opsimate-typed-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(folder / "socket"))
    listening.listen(64)
    atexit.register(listening.close)
    (folder / "client.py").write_text(_CLIENT)
    told = shlex.join([sys.executable, "-I", "-S", str(folder / "client.py"), str(folder / "socket")])
    program = folder / "opsimate"
    program.write_text(f'#!/bin/sh\nexec {told} "$@"\n')
    program.chmod(0o755)
    threading.Thread(target=_serve, args=(listening,), daemon=True).start()
    return folder


def _serve(listening: socket.socket) -> None:
    with contextlib.suppress(OSError):  # the tests have ended
        while True:
            asked, _ = listening.accept()
            threading.Thread(target=_run, args=(asked,), daemon=True).start()


def _run(asked: socket.socket) -> None:
    """Run one to its end; where whoever typed it is gone, nobody is left to be told."""
    with asked, contextlib.ExitStack() as streams, contextlib.suppress(OSError):
        size, handed_over, _, _ = socket.recv_fds(asked, 4, 3)
        modes = zip(handed_over, ("rb", "wb", "wb"), strict=True)
        stdin, stdout, stderr = (streams.enter_context(os.fdopen(one, mode)) for one, mode in modes)
        wanted, request = int.from_bytes(size, "big"), b""
        while len(request) < wanted:
            request += asked.recv(wanted - len(request))
        arguments, environment, directory = json.loads(request)
        program = forked.start(
            ["opsimate", *arguments],
            environment=environment,
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            directory=Path(directory),
        )
        asked.send(str(program.wait()).encode())
