"""A shell command to run on a provider: what it is, and how it can end."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal

from executor.domain.sudo import Sudo
from shared.commands import prelude
from shared.contracts.action import Shell
from shared.contracts.attempt import Ending, Reason

DEFAULT_GRACE = 10.0
"""Seconds between TERM and KILL."""
Shells = Mapping[int, float]
"""The shells that ran commands: their process ids on the provider, and how many seconds ago each was told to begin."""

MARKER = "OPSIMATE_ATTEMPT"
"""The environment variable by which the processes of an attempt are found."""

SELF = "OPSIMATE_SELF"
"""The environment variable by which a script that looks for processes makes sure that it would find one."""


@dataclass(frozen=True)
class CommandRequest:
    """A command with everything resolved: whoever runs it has nothing to look up."""

    attempt_id: str
    """Marks every process of the command, so that it can be found and ended."""
    script: str = field(repr=False)
    """POSIX shell text: the values as exported variables, then the command."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Plain facts for the command's environment, such as the run's id; not secret."""
    shell: Shell = "sh"
    timeout: float = 600.0
    """In seconds, from the moment that its shell on the provider was told to begin."""
    grace: float = DEFAULT_GRACE
    """Seconds between TERM and KILL."""
    success: frozenset[int] = frozenset({0})
    """The exit statuses with which it succeeded."""
    sudo: Sudo | None = None
    """As whom it runs, where that is not the user who logs in."""
    restarts: bool = False
    """Whether it restarts its machine, so that nobody looks for it where its connection was lost."""


def command_request(
    attempt_id: str,
    command: str,
    values: Mapping[str, str],
    *,
    run_id: str,
    action: str,
    step: str,
    provider: str,
    timeout: float,
    shell: Shell = "sh",
    grace: float = DEFAULT_GRACE,
    success: Collection[int] | None = None,
    sudo: Sudo | None = None,
) -> CommandRequest:
    """A compiled command with its values, parameters and secrets alike, ready to run.

    ``ValueError`` for a value that no command can receive (it holds a NUL character).
    """
    return CommandRequest(
        attempt_id=attempt_id,
        script=prelude(values) + command,
        environment={
            "OPSIMATE_RUN_ID": run_id,
            "OPSIMATE_ACTION": action,
            "OPSIMATE_STEP": step,
            "OPSIMATE_PROVIDER": provider,
        },
        shell=shell,
        timeout=timeout,
        grace=grace,
        success=frozenset(success or {0}),
        sudo=sudo,
    )


@dataclass(frozen=True)
class Exit:
    """How the shell of a command went: with a status, or by a signal."""

    status: int | None = None
    signal: str | None = None
    """Its name without SIG."""


@dataclass(frozen=True)
class Findings:
    """What a look at a provider's processes showed."""

    readable: bool
    """Whether one could look at all."""
    left: tuple[int, ...] = ()
    """The ids of the processes that belong to the attempts asked about."""
    up_for: float | None = None
    """Seconds that the provider's machine has been up, where it said so."""
    channel_open: bool = False
    """Whether something, seen or not, still holds the command's output open."""

    @property
    def show_nothing_left(self) -> bool:
        """Whether it was seen that none of the processes runs."""
        return self.readable and not self.left and not self.channel_open

    def show_a_restart_within(self, seconds: float) -> bool:
        """Whether the machine was started in the last so many seconds. Ages are compared, never clocks."""
        return self.up_for is not None and self.up_for < seconds


@dataclass(frozen=True)
class Ended:
    """How a command ended, or why it never began."""

    state: Literal["succeeded", "failed", "cancelled", "unknown"]
    exit_status: int | None = None
    signal: str | None = None
    """The signal's name without SIG."""
    reason: Reason | None = None
    """Why it did not succeed; none for a success."""
    reason_text: str | None = None
    """The reason in a sentence, with the next thing to do."""
    ending: Ending | None = None
    """Of a command that was ended before its time: whether it was seen that no process of it is left."""
    is_lasting: bool = False
    """Whether another attempt would end in the same way until a person has done something."""
    left_in_background: bool = False
    """Whether its shell exited while something still held its output open, which is taken no longer."""
    shell_pid: int | None = None
    """The process id that its shell had on the provider; none where it did not begin."""
