"""A shell command to run on a provider: what it is, how it travels there, and how it can end.

It travels as a line that any login shell reads alike, and as what its shell is told on standard input.
The line may show in the provider's process list, and the login shell of the user may be bash, dash, fish or csh,
which agree on little. So it is built from plain words and one single-quoted text of characters that mean the same
to all of them. It starts a shell that proves to be one, and then waits for its script. A short one comes as one line,
which the shell reads by itself; any other between two marks, for which it needs cat. A lost connection may cut off the
end of either, and half a script must never run.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

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

_WORD = "opsimate-shell-"

GO = "go"
"""The word before a script that is a line: a shell runs no line without it."""

LONGEST_LINE = 1000
"""In bytes: shells read a line byte by byte, which for longer scripts costs more than a process that reads them."""

_STAY = ";exit $?"
"""Keeps the shell from turning into its last command, as some do. The shell carries the marker where everybody who
logs in as its user can read it; a command that changes its user (sudo, su) would take the only marker out of sight,
and so might seem to be gone while it runs."""

_PLAIN_WORD = re.compile(r"[A-Za-z0-9._:@-]+")

_GO_HOME = 'cd "${HOME:-/}" 2>/dev/null||cd /'
"""Start-up files may have gone elsewhere. A home that cannot be entered is passed over for /, as sshd does."""
NOT_WHOLE = "opsimate: the command did not arrive whole, so nothing of it was run"
"""What a shell prints on standard error then, as its last word."""
REFUSAL = f"{NOT_WHOLE}\n".encode()
"""The same as it arrives."""
NOT_ARRIVED = 125
"""The exit status that it gives then."""
TOO_LATE = "opsimate: the command was told to begin too late, so nothing of it was run"
"""The same where the word was on its way for so long that the attempt is over, and the next one may have begun."""
LONGEST_WAIT = 30.0
"""Seconds after its answer for which a shell takes the word, or as long as the step's time-out where that is less."""
_SHORTEST_WAIT = 2.0
"""Whole seconds are compared, and an executor may be slow for a moment."""

REMEMBERED = 64
"""Texts for different longest waits."""

_REFUSE = f'echo "{NOT_WHOLE}" >&2;exit {NOT_ARRIVED}'
_UNSET = "unset OPSIMATE_SCRIPT OPSIMATE_SINCE OPSIMATE_NOW OPSIMATE_REST"
_READ_LINE = "IFS= read -r OPSIMATE_SCRIPT||OPSIMATE_SCRIPT="
_RUN_LINE = (
    f'case $OPSIMATE_SCRIPT in "{GO} "*){_GO_HOME};eval "{_UNSET};${{OPSIMATE_SCRIPT#{GO} }}";;*){_REFUSE};esac{_STAY}'
)

_BEGIN, _END = ": opsimate-begin;", "#opsimate-end"
_READ_ALL = "OPSIMATE_SCRIPT=$(cat)"
_RUN_ALL = (
    f'case $OPSIMATE_SCRIPT in "{_BEGIN}"*"{_END}"){_GO_HOME};eval "{_UNSET};${{OPSIMATE_SCRIPT%{_END}}}";;'
    f"*){_REFUSE};esac{_STAY}"
)


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


@dataclass(frozen=True)
class Challenge:
    """What proves that a shell was started for a command, before anything of the command is told to it.

    What answers at a log-in need not be a shell: menus, ``nologin``, a forced command, or another shell that the
    start-up files turned into. All of them can exit with 0. So the shell has to work something out first, and waits
    for a word on standard input. Only where the answer has been heard does anything begin.
    The two numbers are drawn anew for each command. Who merely repeats the line does not print their sum.
    """

    first: int
    second: int

    @property
    def question(self) -> str:
        """Shell text that prints the answer; no process is started for it."""
        return f"echo {_WORD}$(({self.first}+{self.second})).$$"

    @property
    def answer(self) -> bytes:
        """What only a shell prints; the id of its process and the end of the line follow."""
        return f"{_WORD}{self.first + self.second}.".encode()


@dataclass(frozen=True)
class Delivery:
    """What is handed to a provider."""

    environment: Mapping[str, str]
    """What the shell finds in its environment from its very first moment."""
    argv: tuple[str, str, str]
    """The shell, ``-c``, and text that is alike in every shell."""
    answer: bytes
    """What the shell prints first, before its process id, and nothing else can."""
    stdin: bytes = field(repr=False)
    """What it is told then, by standard input, and eats before the command begins; without it nothing is run."""

    @property
    def line(self) -> str:
        """All but the standard input as one line for the login shell of a user."""
        shell, option, text = self.argv
        return f"exec env {self._variables} {shell} {option} '{text}'"

    @property
    def posix_line(self) -> str:
        """The same for a login shell that is a POSIX shell, which needs no ``env``: a process less is started.

        Where the variables do not arrive, as POSIX leaves a choice there, the shell ends without an answer.
        """
        shell, option, text = self.argv
        name, value = next(iter(self.environment.items()))
        return f"{self._variables} exec {shell} {option} '[ \"${name}\" = {value} ]||exit;{text}'"

    @property
    def _variables(self) -> str:
        return " ".join([f"{name}={value}" for name, value in self.environment.items()])


def command_request(
    attempt_id: str,
    command: str,
    values: Mapping[str, str],
    *,
    run_id: str,
    action: str,
    step: str,
    timeout: float,
    shell: Shell = "sh",
    grace: float = DEFAULT_GRACE,
) -> CommandRequest:
    """A compiled command with its values, parameters and secrets alike, ready to run.

    ``ValueError`` for a value that no command can receive (it holds a NUL character).
    """
    return CommandRequest(
        attempt_id=attempt_id,
        script=prelude(values) + command,
        environment={"OPSIMATE_RUN_ID": run_id, "OPSIMATE_ACTION": action, "OPSIMATE_STEP": step},
        shell=shell,
        timeout=timeout,
        grace=grace,
    )


def deliver(request: CommandRequest, challenge: Challenge) -> Delivery:
    """How the command travels. Its processes carry the marker of its attempt."""
    environment = {MARKER: request.attempt_id, **request.environment}
    for name, value in environment.items():
        _insist_on_a_plain_word(name, value)
    return _delivered(environment, request.shell, request.script, challenge, min(request.timeout, LONGEST_WAIT))


def deliver_script(script: str, challenge: Challenge) -> Delivery:
    """How a script of the product's own travels, which belongs to no attempt and carries no marker."""
    return _delivered({SELF: "yes"}, "sh", script, challenge)


def _delivered(
    environment: Mapping[str, str], shell: Shell, script: str, challenge: Challenge, longest_wait: float | None = None
) -> Delivery:
    line = f"{GO} {script}\n".encode()
    is_short = line.count(b"\n") == 1 and len(line) <= LONGEST_LINE
    text = f"{challenge.question};{_read_and_run(longest_wait, is_short=is_short)}"
    return Delivery(environment, (shell, "-c", text), challenge.answer, line if is_short else _between_marks(script))


@lru_cache(maxsize=REMEMBERED)
def _read_and_run(longest_wait: float | None, *, is_short: bool) -> str:
    read, run = (_READ_LINE, _RUN_LINE) if is_short else (_READ_ALL, _RUN_ALL)
    return f"{read if longest_wait is None else _in_time(read, longest_wait)};{run}"


def _in_time(read: str, longest_wait: float) -> str:
    """The same, but the script is not run when it was waited for too long, by the provider's own clock, if it has one.

    No process is started for it, and steps of its time of day do not matter.
    """
    since, now = (
        f"{{ read -r {name} OPSIMATE_REST </proc/uptime;}} 2>/dev/null" for name in ("OPSIMATE_SINCE", "OPSIMATE_NOW")
    )
    whole_seconds = math.ceil(max(longest_wait, _SHORTEST_WAIT))
    passed = "$((${OPSIMATE_NOW%.*}-${OPSIMATE_SINCE%.*}))"
    refuse = f'echo "{TOO_LATE}" >&2;exit {NOT_ARRIVED}'
    return (
        f'{since};{read};{now};if [ "$OPSIMATE_SINCE" ]&&[ "$OPSIMATE_NOW" ]&&[ "{passed}" -gt {whole_seconds} ];'
        f"then {refuse};fi"
    )


def _between_marks(script: str) -> bytes:
    return f"{_BEGIN}{script}\n{_END}\n".encode()


def _insist_on_a_plain_word(name: str, value: str) -> None:
    if not _PLAIN_WORD.fullmatch(value):
        raise ValueError(f"{name} cannot be {value!r}: it stands on a command line, so use letters, digits and ._:@-")


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
