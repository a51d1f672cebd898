"""What a session makes of what arrives, in an order that a server seldom takes."""

from types import SimpleNamespace
from typing import Any, cast

from executor.adapters.output_stream import new_challenge
from executor.adapters.ssh_session import SshCommand
from executor.domain.command import Exit
from executor.domain.delivery import NOT_ARRIVED, REFUSAL, deliver_script


async def test_a_shell_that_refuses_with_its_answer_is_heard_though_its_exit_comes_later() -> None:
    """Else its exit status would be taken for the command's own."""
    delivery = deliver_script("exit 7", new_challenge())
    command, written = SshCommand(delivery, on_closed=lambda: None), list[bytes]()
    channel = SimpleNamespace(
        write=written.append, write_eof=lambda: None, is_closing=lambda: False, get_connection=lambda: None
    )
    command._channel = cast(Any, channel)
    command.data_received(b"noise of start-up files", 1)
    command.data_received(delivery.answer + b"4711\n", None)
    command.data_received(REFUSAL[:10], 1)
    command.data_received(REFUSAL[10:], 1)
    assert command.can_begin
    command.begin()
    command._hear_exit_status(NOT_ARRIVED)
    command.exit_status_received(NOT_ARRIVED)
    assert await command.output.next() == ("stderr", REFUSAL)
    assert command.output.exit == Exit(status=NOT_ARRIVED)
    command.output.close()
    assert await command.output.next() is None
