"""How a shell command travels to a provider.

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

from executor.domain.command import MARKER, SELF, CommandRequest
from executor.domain.sudo import Sudo
from shared.commands import NOT_RUN

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
NOT_ARRIVED = NOT_RUN
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

    @property
    def nonce(self) -> int:
        """A number that nobody can have prepared for."""
        return self.first


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
    sudo: Sudo | None = None
    nonce: int = 0
    """Tells sudo's prompt from all other text."""

    @property
    def prompt(self) -> bytes:
        """What sudo prints where it asks for the password; nothing without sudo."""
        return b"" if self.sudo is None else self.sudo.prompt(self.nonce)

    @property
    def password(self) -> bytes | None:
        """What it is told then, if that is known."""
        return None if self.sudo is None else self.sudo.answer

    @property
    def words(self) -> list[str]:
        """All words of the command line but the variables, for whoever needs no login shell."""
        if self.sudo is None:
            return [*self.argv]
        return [*self.sudo.words(self.nonce), "env", *self._variables.split(), *self.argv]

    @property
    def line(self) -> str:
        """All but the standard input as one line for the login shell of a user."""
        *before, text = self.words
        return f"exec env {self._variables} {' '.join(before)} '{text}'"

    @property
    def posix_line(self) -> str:
        """The same for a login shell that is a POSIX shell, which needs no ``env``: a process less is started.

        Where the variables do not arrive, as POSIX leaves a choice there, the shell ends without an answer.
        """
        if self.sudo is not None:
            return self.line
        shell, option, text = self.argv
        name, value = next(iter(self.environment.items()))
        return f"{self._variables} exec {shell} {option} '[ \"${name}\" = {value} ]||exit;{text}'"

    @property
    def _variables(self) -> str:
        return " ".join([f"{name}={value}" for name, value in self.environment.items()])


def deliver(request: CommandRequest, challenge: Challenge) -> Delivery:
    """How the command travels. Its processes carry the marker of its attempt."""
    environment = {MARKER: request.attempt_id, **request.environment}
    for name, value in environment.items():
        _insist_on_a_plain_word(name, value)
    longest_wait = min(request.timeout, LONGEST_WAIT)
    text, stdin = _text(request.script, challenge, longest_wait)
    return Delivery(environment, (request.shell, "-c", text), challenge.answer, stdin, request.sudo, challenge.nonce)


def deliver_script(script: str, challenge: Challenge, sudo: Sudo | None = None) -> Delivery:
    """How a script of the product's own travels, which belongs to no attempt and carries no marker."""
    text, stdin = _text(script, challenge)
    return Delivery({SELF: "yes"}, ("sh", "-c", text), challenge.answer, stdin, sudo, challenge.nonce)


def _text(script: str, challenge: Challenge, longest_wait: float | None = None) -> tuple[str, bytes]:
    """What the shell is started with, and what it is told then."""
    line = f"{GO} {script}\n".encode()
    is_short = line.count(b"\n") == 1 and len(line) <= LONGEST_LINE
    text = f"{challenge.question};{_read_and_run(longest_wait, is_short=is_short)}"
    return text, line if is_short else _between_marks(script)


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
