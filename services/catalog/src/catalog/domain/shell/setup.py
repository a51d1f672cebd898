"""What a step sets up for its command, as shell text that stands before it: environment, folder and input.

It is judged and run together with the command: a value that goes through a variable of the environment, or through the
input, may do no more than one that stands in the command itself.
"""

import re
from dataclasses import dataclass

from shared.commands import SETUP_ENDS, folder_refusal, single_quoted
from shared.contracts.action import Step
from shared.placeholders import Placeholder, TemplateError, split


@dataclass(frozen=True)
class Setup:
    """Templates around a command."""

    before: str = ""
    after: str = ""
    fields: tuple[tuple[int, str], ...] = ()
    """Where the text of each field begins in ``before``."""

    def around(self, command: str) -> str:
        """All that is run."""
        return f"{self.before}{command}{self.after}"

    def where(self, command: str, at: int) -> str:
        """Where something stands, for people; counted from before the command."""
        begins = len(self.before)
        if at < begins:
            return self._field(at)
        place = TemplateError.at(command, at - begins, "")
        return f"line {place.line}, column {place.column}"

    def placed(self, error: TemplateError) -> TemplateError:
        """The error as the command's own author counts lines and columns, or with the field that it is about."""
        lines = self.before.split("\n")
        if error.line < len(lines) or (error.line == len(lines) and error.column <= len(lines[-1])):
            at = sum(len(line) + 1 for line in lines[: error.line - 1]) + error.column - 1
            error.field = self._field(at)
            error.args = (error.message,)
            return error
        error.column -= len(lines[-1]) if error.line == len(lines) else 0
        error.line -= len(lines) - 1
        error.args = (f"line {error.line}, column {error.column}: {error.message}",)
        return error

    def _field(self, at: int) -> str:
        return next((field for begins, field in reversed(self.fields) if begins <= at), "command")


NO_SETUP = Setup()


def setup_of(step: Step) -> Setup:
    """What a step sets up, variables first, then the folder, then the input."""
    before, fields = "", list[tuple[int, str]]()
    for name, value in step.environment.items():
        fields.append((len(before), f"environment.{name}"))
        before += f"{name}={_word(value)};export {name};"
    if step.working_directory is not None:
        fields.append((len(before), "working_directory"))
        before += f"cd -- {_word(step.working_directory)} 2>/dev/null||{folder_refusal()};"
    if step.stdin is None:
        return Setup(before, "", tuple(fields))
    fields.append((len(before), "stdin"))
    before += f"printf '%s' {_word(step.stdin)}|{{ "
    return Setup(before, SETUP_ENDS, tuple(fields))


def _word(template: str) -> str:
    """A plain template as one word of a shell, in which nothing but placeholders is filled in."""
    return (
        "".join(
            piece.text if isinstance(piece, Placeholder) else re.sub(r"\{(?=\{)", "{''", single_quoted(piece.text))
            for piece in split(template)
        )
        or "''"
    )
