"""What the analysis of an action's commands found, as it is kept beside the action: joined with values, never compiled
again.
"""

from typing import Literal

from pydantic import ConfigDict

from shared.contracts.model import Model

Quoting = Literal[
    "bare",
    "escaped",
    "single",
    "double",
    "inert",
    "backquotes",
    "here_document",
    "quoted_here_document",
    "comment",
]
"""How a shell reads the characters at a place. `inert`: nothing may be quoted there, as in arithmetic."""
ValueClass = Literal["digits", "number", "plain", "path", "choice", "code"]
"""What a value can hold: see `docs/definitions.md`. A value of no class is free."""
LimitKind = Literal["option", "negative", "equals", "parent", "line", "text", "relative"]


class Slot(Model):
    """Where one placeholder stands, and what takes its place."""

    model_config = ConfigDict(frozen=True)

    name: str
    quoting: tuple[Quoting, ...]
    """Of the scripts around it, outermost first, and of the place: in ``sh -c "echo '{{ x }}'"`` double, single."""
    as_text: ValueClass | None = None
    """The value itself is written, which is of this class; else a reference to its variable."""
    alone: bool = False
    """A plain value would stay a word of its own meaning here."""
    after_name: bool = False
    """Its first letter would be read as more of a variable's name: ``$y{{ x }}``."""
    delimiters: tuple[str, ...] = ()
    """The lines that end the here-documents around it."""


class Limit(Model):
    """What a value may not be, because of a place where it stands; checked as soon as the value is known."""

    model_config = ConfigDict(frozen=True)

    parameter: str
    kind: LimitKind
    text: str = ""
    """Of a ``line``: the value that would end a here-document."""
    where: str
    """The step, the line and the column, for people."""
    step: int | None = None
    """Of a value that a step captured: the index of the step that reads it so."""


class AlteredValue(Model):
    """A place of a command where a value with a backslash may not arrive as it is."""

    model_config = ConfigDict(frozen=True)

    parameter: str
    step: int
    """From 0."""
    message: str
    """Where, and what to write instead."""


class CompiledCondition(Model):
    """What the analysis found out about a condition in CEL."""

    step: int | None = None
    """The index of the step whose ``when`` it is; none: the action's own."""
    reads: list[str] = []
    """What it reads that has to be looked up: ``alert``, ``run.failed``, ``steps.NAME.WHAT``."""


class CompiledAction(Model):
    """What the analysis made of an action's commands, one after the other."""

    analysis: int
    """The number of the analysis; a later one may be stricter."""
    commands: list[list[str | Slot]] = []
    setups: dict[int, list[str | Slot]] = {}
    """Of steps that set something up for their commands (environment, folder, input), by index: what stands before."""
    reads: dict[int, list[str]] = {}
    """Of steps that read what earlier ones captured, by index: the names, such as ``steps.probe.captured``."""
    outputs_read: list[int] = []
    """The steps whose output others read, by index."""
    limits: list[Limit] = []
    altered: list[AlteredValue] = []
    conditions: list[CompiledCondition] = []
    refusal: str = ""
    """Why the commands may not be run, where this analysis refuses what an earlier one took."""
