"""What files say, read and checked as far as that needs no server, and in the order in which it can be made."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from typing import TypeVar

from pydantic import ValidationError

from catalog.domain.checks import LONG_CHECKS, OWN_CHECKS
from catalog.domain.list_check import check_lists
from catalog.domain.text_check import check_texts
from opsimate.definitions.file_references import resolved
from opsimate.definitions.files import NOTHING_APPLIED, FileDefinition, read_definitions
from opsimate.errors import OpsimateError, RefusedError
from shared.contracts.definition import Definition, Reference
from shared.contracts.problem import field_path, sentence_of
from shared.kinds import KINDS


def model_of(definition: FileDefinition) -> Definition:
    """The definition as the server reads it; ``ValidationError``."""
    return KINDS[definition.kind].model.model_validate(definition.sent())


def complaints_of(definition: FileDefinition) -> Iterator[str]:
    """What is wrong with a definition by itself, as far as it needs no server, each with where it stands."""
    try:
        model = model_of(definition)
    except ValidationError as error:
        details = error.errors(include_input=False, include_url=False)
        said = [(field_path(detail["loc"] or ("name",)), sentence_of(detail)) for detail in details]
        yield from definition.complaints(said)
    else:
        checks = (check_texts, check_lists, OWN_CHECKS.get(definition.kind), LONG_CHECKS.get(definition.kind))
        errors = [found for check in checks if check is not None for found in check(model)]
        yield from definition.complaints((found.field, found.message) for found in errors)


def plan(sources: Sequence[str]) -> list[FileDefinition]:
    """The definitions of the sources, ready to be sent, in order; one error says all that is wrong with them."""
    complaints: list[str] = []
    return prepared(read_definitions(sources, complaints), complaints)


def complaints_of_refusal(definition: FileDefinition, error: RefusedError) -> Iterator[str]:
    """Why the server refused a definition, each with where that stands."""
    if not error.fields:
        yield f"{definition.place()}: {error.message}"
    yield from definition.complaints(error.fields)


def prepared(definitions: Iterable[FileDefinition], complaints: Sequence[str] = ()) -> list[FileDefinition]:
    """The same of definitions that were read already, with what was complained about then."""
    complaints = list(complaints)
    found: list[FileDefinition] = []
    for given in definitions:
        of_files: list[str] = []
        parts = list(resolved(given, of_files))
        # What could not be read from a file stands there as if it were empty, which is not worth a word of its own.
        complaints += of_files or [complaint for part in parts for complaint in complaints_of(part)]
        found += parts
    complaints += _made_twice(found)
    complaints += islice(_circles(found), MOST_CIRCLES)
    if complaints:
        raise OpsimateError("\n".join(complaints), hint=NOTHING_APPLIED)
    return in_order(found)


def _made_twice(definitions: Sequence[FileDefinition]) -> Iterator[str]:
    """Secrets that are made of a provider's files although they stand in the files themselves, too."""
    written = {(one.kind, one.name): one for one in definitions if not one.of_field}
    for one in definitions:
        if one.of_field and (other := written.get((one.kind, one.name))) is not None:
            said = f"would make the secret '{one.name}', which stands in {other.place('name')}"
            yield one.complaint(f"{one.of_field}.file", f"{said}; refer to that: {{secret: {one.name}}}")


MOST_CIRCLES, LONGEST_CIRCLE = 20, 20
"""Circles that are told, and members of one that are named."""
_ROUND: Mapping[str, str] = {"provider": "jumps", "provider_group": "groups"}
"""What goes round in a circle where things of one kind name each other."""


def _circles(definitions: Sequence[FileDefinition]) -> Iterator[str]:
    """Where what stands in the files leads back to itself: each circle once, with all that is in it and where it is."""
    named: dict[Key, dict[Key, str]] = {}
    for one in definitions:
        with suppress(ValidationError):  # which is complained about by itself
            if one.kind in _ROUND:
                of_kind = [found for found in model_of(one).references() if found.kind == one.kind]
                named[one.kind, one.name] = {(found.kind, found.name): found.field for found in of_kind}
    by_key = {(one.kind, one.name): one for one in definitions}
    done: set[Key] = set()
    for start in named:
        path: dict[Key, None] = {}
        waiting = [] if start in done else [(start, False)]
        while waiting:
            key, is_left = waiting.pop()
            if is_left:
                done.add(path.popitem()[0])
            elif key in path:
                members = [*path][[*path].index(key) :]
                yield _circle([by_key[one] for one in members], named[members[-1]][key])
            elif key in named and key not in done:
                path[key] = None
                waiting += [(key, True), *((one, False) for one in named[key])]


def _circle(members: Sequence[FileDefinition], field: str) -> str:
    """``field`` is that of the last member, which names the first one."""
    last = members[-1]
    names = [one.name for one in [last, *members]]
    way = " → ".join(names if len(names) <= LONGEST_CIRCLE else [*names[: LONGEST_CIRCLE - 2], "…", names[-1]])
    others = ", ".join(f"{one.name} in {one.place('name')}" for one in members[:-1][:LONGEST_CIRCLE])
    return last.complaint(field, f"the {_ROUND[last.kind]} go round in a circle: {way}{others and f' ({others})'}")


def in_order(definitions: Iterable[FileDefinition]) -> list[FileDefinition]:
    """So that each comes after what it names."""
    by_key = {(one.kind, one.name): one for one in definitions}
    return in_order_of_references(by_key, lambda one: model_of(one).references())


Key = tuple[str, str]
"""The word of a kind, and a name."""
OrderedT = TypeVar("OrderedT")


def in_order_of_references(
    things: Mapping[Key, OrderedT], references: Callable[[OrderedT], Iterable[Reference]]
) -> list[OrderedT]:
    """Kind after kind, so that each comes after what it names; of one kind, what others name before these."""
    ordered: list[OrderedT] = []
    done: set[Key] = set()
    for kind in KINDS:
        waiting = [(key, False) for key in [*things][::-1] if key[0] == kind]
        while waiting:
            key, is_next = waiting.pop()
            if is_next:
                ordered.append(things[key])
            elif key in things and key not in done:  # the latter also where they name each other in a circle
                done.add(key)
                waiting.append((key, True))
                named = references(things[key]) if kind in KINDS[kind].uses else ()
                waiting += [((one.kind, one.name), False) for one in named if one.kind == kind]
    return ordered
