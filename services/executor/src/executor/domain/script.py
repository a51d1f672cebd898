"""How a command travels: as a line that any login shell reads alike, and what its shell is told on standard input.

The line may show in the provider's process list, and the login shell of the user may be bash, dash, fish or csh,
which agree on little. So it is built from plain words and one single-quoted text of characters that mean the same
to all of them. It starts a shell that proves to be one, and then waits. A script that fits on the line, and holds
nobody's values, stands there and waits for one word; any other goes by standard input, between two marks: a lost
connection may cut off its end, and half a script must never run.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from executor.domain.command import DEFAULT_GRACE, CommandRequest
from executor.domain.proof import GO, Challenge
from shared.contracts.action import Shell
from shared.templating.variables import prelude

MARKER = "OPSIMATE_ATTEMPT"
"""The environment variable by which the processes of an attempt are found."""

LONGEST_VISIBLE_SCRIPT = 800
"""In characters: csh has narrow limits for one word, of which the waiting takes some, too."""

_STAY = ";exit $?"
"""Keeps the shell from turning into its last command, as some do. The shell carries the marker where everybody who
logs in as its user can read it; a command that changes its user (sudo, su) would take the only marker out of sight,
and so might seem to be gone while it runs."""

_ALIKE_IN_EVERY_SHELL = re.compile(r"[ -~]*")
_TREATED_DIFFERENTLY = frozenset("\\'!")
_PLAIN_WORD = re.compile(r"[A-Za-z0-9._:@-]+")

_GO_HOME = "cd 2>/dev/null"
"""Start-up files may have gone elsewhere."""
_WAIT = f'read -r OPSIMATE_GO;[ "$OPSIMATE_GO" = {GO} ]||exit 125;unset OPSIMATE_GO;{_GO_HOME};'

_BEGIN, _END = "#opsimate-begin", "#opsimate-end"
_NOT_WHOLE = "opsimate: the command did not arrive whole, so nothing of it was run"
_RUN_STANDARD_INPUT = (
    f"OPSIMATE_SCRIPT=$(cat);case $OPSIMATE_SCRIPT in "
    f'"{_BEGIN}"*"{_END}"){_GO_HOME};eval "unset OPSIMATE_SCRIPT;${{OPSIMATE_SCRIPT%{_END}}}";;'
    f'*)echo "{_NOT_WHOLE}" >&2;exit 125;esac{_STAY}'
)


@dataclass(frozen=True)
class Delivery:
    """What is handed to a provider."""

    environment: Mapping[str, str]
    """What the shell finds in its environment from its very first moment."""
    argv: tuple[str, str, str]
    """The shell, ``-c``, and text that is alike in every shell."""
    answer: bytes
    """What the shell prints first, and nothing else can."""
    stdin: bytes = field(repr=False)
    """What it is told then, by standard input, and eats before the command begins; without it nothing is run."""

    @property
    def line(self) -> str:
        """All but the standard input as one line for the login shell of a user."""
        variables = "".join(f" {name}={value}" for name, value in self.environment.items())
        shell, option, text = self.argv
        return f"exec env{variables} {shell} {option} '{text}'"


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
        holds_values=bool(values),
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
    if not request.holds_values and _may_be_visible(request.script):
        text = f"{challenge.question};{_WAIT}{request.script}{_STAY}"
        return Delivery(environment, (request.shell, "-c", text), challenge.answer, f"{GO}\n".encode())
    return _by_standard_input(environment, request.shell, request.script, challenge)


def deliver_script(script: str, challenge: Challenge) -> Delivery:
    """How a script of the product's own travels, which belongs to no attempt and carries no marker."""
    return _by_standard_input({}, "sh", script, challenge)


def _by_standard_input(environment: Mapping[str, str], shell: Shell, script: str, challenge: Challenge) -> Delivery:
    text = f"{challenge.question};{_RUN_STANDARD_INPUT}"
    return Delivery(environment, (shell, "-c", text), challenge.answer, _between_marks(script))


def _may_be_visible(script: str) -> bool:
    return (
        len(script) <= LONGEST_VISIBLE_SCRIPT
        and _ALIKE_IN_EVERY_SHELL.fullmatch(script) is not None
        and _TREATED_DIFFERENTLY.isdisjoint(script)
        and _may_be_continued(script)
    )


def _may_be_continued(script: str) -> bool:
    """Whether what is written after the script is a command of its own."""
    return "#" not in script and not script.rstrip().endswith(("&", ";"))


def _between_marks(script: str) -> bytes:
    return f"{_BEGIN}\n{script}\n{_END}\n".encode()


def _insist_on_a_plain_word(name: str, value: str) -> None:
    if not _PLAIN_WORD.fullmatch(value):
        raise ValueError(f"{name} cannot be {value!r}: it stands on a command line, so use letters, digits and ._:@-")
