"""Every command that is sent to a test's database, held to MongoDB's documents and to what all its kin have.

A stand-in takes things that MongoDB refuses. What is checked here does not depend on who answers: the fields of
each command, its lists, and that only operators and stages are used that every compatible server has.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
)

from tests.servers.mongo import DATABASES

_OF_EVERY_COMMAND = {
    *("$db", "lsid", "txnNumber", "$clusterTime", "$readPreference"),
    *("maxTimeMS", "comment", "readConcern", "writeConcern", "apiVersion", "apiStrict", "apiDeprecationErrors"),
}


@dataclass(frozen=True)
class _Shape:
    """A command as MongoDB documents it, as far as the store may use it."""

    fields: frozenset[str]
    statements: str = ""
    """The list of what to do, which MongoDB refuses when it is empty."""
    fields_of_each: frozenset[str] = frozenset()


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


COMMANDS = {
    "ping": _Shape(_names("ping")),
    "listIndexes": _Shape(_names("listIndexes cursor")),
    "dropIndexes": _Shape(_names("dropIndexes index")),
    "createIndexes": _Shape(_names("createIndexes indexes commitQuorum"), "indexes", _names("key name unique")),
    "find": _Shape(_names("find filter projection sort limit skip batchSize singleBatch hint")),
    "getMore": _Shape(_names("getMore collection batchSize")),
    "killCursors": _Shape(_names("killCursors cursors"), "cursors"),
    "aggregate": _Shape(_names("aggregate pipeline cursor hint allowDiskUse")),
    "insert": _Shape(_names("insert documents ordered"), "documents"),
    "update": _Shape(_names("update updates ordered"), "updates", _names("q u multi upsert hint")),
    "delete": _Shape(_names("delete deletes ordered"), "deletes", _names("q limit hint")),
    "findAndModify": _Shape(_names("findAndModify query sort update new fields upsert remove hint")),
    "dropDatabase": _Shape(_names("dropDatabase")),
}
_UPDATES = _names("$set $unset $inc $push $addToSet $pull")
_CONDITIONS = _names("$and $or $eq $ne $gt $gte $lt $lte $in $exists")
_LISTS = _names("$and $or $in")
_STAGES = _names("$match $group $sort $skip $limit")


@dataclass
class CommandRecord(CommandListener):
    """Hears every command of this process to a database of the tests, and keeps what is wrong with it."""

    counts: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def started(self, event: CommandStartedEvent) -> None:
        if event.database_name.startswith(DATABASES):
            self.counts[event.command_name] += 1
            self.faults += [f"{fault}: {event.command}"[:2_000] for fault in faults_of(event.command)]

    def succeeded(self, event: CommandSucceededEvent) -> None:
        """What the answer was is for those who asked."""

    def failed(self, event: CommandFailedEvent) -> None:
        """So is a refusal."""


def faults_of(command: Mapping[str, Any]) -> list[str]:
    """What MongoDB, or some server that is compatible with it, would not take about a command."""
    name = next(iter(command))
    shape = COMMANDS.get(name)
    if shape is None:
        return [f"{name} is no command that every server has"]
    return [*_faults_of_shape(name, shape, command), *_faults_of_documents(command), *_faults_of_statements(command)]


def _faults_of_shape(name: str, shape: _Shape, command: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"{name} has no field {key}" for key in command.keys() - shape.fields - _OF_EVERY_COMMAND)
    statements = command.get(shape.statements, ())
    if shape.statements and not statements:
        yield f"{name}.{shape.statements} must not be empty"
    for one in statements if shape.fields_of_each else ():
        yield from (f"{name}.{shape.statements} has no field {key}" for key in one.keys() - shape.fields_of_each)


def _faults_of_documents(command: Mapping[str, Any]) -> Iterator[str]:
    for document in command.get("documents", ()):
        yield from _faults_of_value(document)
    for index in command.get("indexes", ()):
        if not index.get("key") or not index.get("name"):
            yield "an index has a key and a name"


def _faults_of_statements(command: Mapping[str, Any]) -> Iterator[str]:
    for one in (*command.get("updates", ()), *command.get("deletes", ())):
        yield from _faults_of_filter(one["q"])
        if "u" in one:
            yield from _faults_of_update(one["u"], multi=bool(one.get("multi")))
    yield from _faults_of_filter(command.get("filter") or command.get("query") or {})
    if "findAndModify" in command and "update" in command:
        yield from _faults_of_update(command["update"], multi=False)
    for stage in command.get("pipeline", ()):
        yield from (f"the stage {key} is not in every server" for key in stage.keys() - _STAGES)
        yield from _faults_of_filter(stage.get("$match", {}))


def _faults_of_filter(condition: Mapping[str, Any]) -> Iterator[str]:
    for key, value in condition.items():
        if key.startswith("$") and key not in _CONDITIONS:
            yield f"the operator {key} is not in every server"
        if key in _LISTS and not isinstance(value, list):
            yield f"{key} takes a list"
        if key in {"$and", "$or"} and not value:
            yield f"{key} must not be empty"
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, Mapping):
                yield from _faults_of_filter(one)


def _faults_of_update(update: object, *, multi: bool) -> Iterator[str]:
    if not isinstance(update, Mapping):
        yield "an update by a pipeline is not in every server"
        return
    operators = [key for key in update if key.startswith("$")]
    if not operators:
        if multi:
            yield "a multi-update must consist of operators"
        yield from _faults_of_value(update)
        return
    if len(operators) < len(update):
        yield "operators and fields stand side by side"
    for operator in operators:
        if operator not in _UPDATES:
            yield f"the operator {operator} is not in every server"
        if not update[operator]:
            yield f"{operator} must not be empty"
        for path, value in update[operator].items():
            if any(not part or part.startswith("$") for part in path.split(".")):
                yield f"{path!r} is no path"
            yield from _faults_of_value(value.get("$each", value) if isinstance(value, Mapping) else value)


def _faults_of_value(value: object) -> Iterator[str]:
    """What must not be in a document that is stored."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key.startswith("$") or "." in key or "\0" in key:
                yield f"the key {key!r} cannot be kept by every server"
            yield from _faults_of_value(inner)
    elif isinstance(value, Sequence) and not isinstance(value, str | bytes):
        for inner in value:
            yield from _faults_of_value(inner)
