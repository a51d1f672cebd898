"""Exit statuses in full.

An exit status of SSH has 32 bits (RFC 4254, 6.10), and a server that is no Unix sends more than eight. asyncssh (seen
in 2.24.1) keeps the lowest eight only, so that a failure with 256 reads as success. The channel looks its handlers up
by their names, so one channel can be given another, which reads the number first and is otherwise asyncssh's own.
"""

from collections.abc import Callable

import asyncssh
from asyncssh.packet import SSHPacket

_HANDLER = "_process_exit_status_request"


def hear_whole_exit_status(channel: asyncssh.SSHClientChannel[bytes], hear: Callable[[int], None]) -> None:
    """Have ``hear`` called with the exit status as it was sent, right before the session hears what asyncssh made."""
    original: Callable[[SSHPacket], bool] = getattr(channel, _HANDLER)

    def handler(packet: SSHPacket) -> bool:
        hear(int.from_bytes(packet.get_remaining_payload()[:4], "big"))
        return original(packet)

    setattr(channel, _HANDLER, handler)
