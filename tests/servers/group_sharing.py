"""An SSH server that is no OpenSSH: it starts every command in its own process group, as many do.

    python group_sharing.py PORT HOST_KEY AUTHORIZED_KEYS [HOW_COMMANDS_END]

`HOW_COMMANDS_END` is a number, the exit status that is told whatever the shell's was, or `without-status`.
"""

import asyncio
import contextlib
import os
import subprocess
import sys
from functools import partial
from typing import Any

import asyncssh


async def run_in_a_shell(process: "asyncssh.SSHServerProcess[bytes]", ending: str = "") -> None:
    """Run what was asked for, and tell its exit status, or what the ending says."""
    assert process.command is not None
    shell = await asyncio.create_subprocess_exec(
        "/bin/sh", "-c", process.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert shell.stdin is not None
    feeding = asyncio.create_task(_copy(process.stdin, shell.stdin))
    await asyncio.gather(_copy(shell.stdout, process.stdout), _copy(shell.stderr, process.stderr))
    status = await shell.wait()
    feeding.cancel()
    await asyncio.wait([feeding])
    if ending == "without-status":
        process.close()
    elif ending:
        tell_exit_status(process, int(ending))
    elif status < 0:
        process.exit_with_signal("KILL" if status == -9 else "TERM")
    else:
        process.exit(status)


async def _copy(reader: Any, writer: Any) -> None:
    with contextlib.suppress(OSError):  # the reader's end may have gone
        while data := await reader.read(65_536):
            writer.write(data)
        if isinstance(writer, asyncio.StreamWriter):
            writer.close()


def tell_exit_status(process: "asyncssh.SSHServerProcess[bytes]", status: int) -> None:
    """Tell an exit status of 32 bits; asyncssh's own way to do it cuts it to eight."""
    process.channel._send_request(b"exit-status", status.to_bytes(4, "big"))
    process.close()


async def serve(port: int, host_key: str, authorized_keys: str, ending: str = "") -> None:
    """Listen until the end."""
    server = await asyncssh.create_server(
        asyncssh.SSHServer,
        "127.0.0.1",
        port,
        server_host_keys=[host_key],
        authorized_client_keys=authorized_keys,
        process_factory=partial(run_in_a_shell, ending=ending),
        encoding=None,
    )
    await server.wait_closed()


if __name__ == "__main__":
    os.setpgid(0, 0)
    asyncio.run(serve(int(sys.argv[1]), *sys.argv[2:]))
