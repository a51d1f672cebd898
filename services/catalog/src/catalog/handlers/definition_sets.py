"""What would become of many definitions at once: they are written in their order to a store of their own, by the same
code that writes them for good, so that nothing is found only when half of them are stored.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from pydantic import ValidationError

from catalog.domain.definition_text import difference
from catalog.handlers.checks import CheckContext, warnings_of
from catalog.handlers.definitions import Definitions, Write
from catalog.handlers.refusals import InvalidError, RefusedRequestError
from catalog.handlers.trial_store import TrialStore
from shared.clock import Clock
from shared.contracts.definition import Definition
from shared.contracts.problem import FieldError, FieldWarning, field_errors
from shared.definitions import Stored, stored
from shared.kinds import KINDS, MOST_DEFINITIONS
from shared.lru_cache import LruCache

PlannedChange = Literal["created", "changed", "unchanged", "deleted", "refused"]
Key = tuple[str, str]
"""The word of a kind, and a name."""


@dataclass(frozen=True)
class Planned:
    """What would become of one definition."""

    kind: str
    name: str
    change: PlannedChange
    version: int | None = None
    """The one that is there now."""
    file_set: str = ""
    """The set of files that made what is there now."""
    diff: str = ""
    """What would change, as a unified diff; a secret's value is never in it."""
    errors: Sequence[FieldError] = ()
    warnings: Sequence[FieldWarning] = ()


@dataclass
class DefinitionSet:
    """One set on trial."""

    context: CheckContext
    clock: Clock
    write: Write
    to_come: set[Key] = field(default_factory=set)
    """What is yet to be put."""
    _refused: set[Key] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Make the store to try it on. Keys that open are remembered by versions, which on trial are others."""
        self._on_trial = context = replace(
            self.context, store=TrialStore.over(self.context.store), usable_keys=LruCache(most=MOST_DEFINITIONS)
        )
        self._trial: Mapping[str, Definitions[Any]] = {
            word: Definitions(kind, context, self.clock, is_trial=True) for word, kind in KINDS.items()
        }

    async def put(self, word: str, name: str, body: Mapping[str, Any]) -> Planned:
        """Create or replace one; what it names has to be there already, or to have been put before it."""
        self.to_come.discard((word, name))
        before = await stored(self.context.store, KINDS[word], name)
        planned = Planned(word, name, "refused", *_known_of(before))
        try:
            definition: Definition = KINDS[word].model.model_validate(body)
        except ValidationError as error:
            self._refused.add((word, name))
            return replace(planned, errors=field_errors(error.errors(include_url=False)))
        try:
            after, created = await self._trial[word].put(definition, self.write)
        except InvalidError as error:
            errors = self._own_errors(definition, error.errors)
            self._refused.add((word, name))
            return replace(planned, errors=errors)
        changed: PlannedChange = "created" if created else "changed"
        is_same = before is not None and after.version == before.version
        return replace(
            planned,
            change="unchanged" if is_same else changed,
            diff="" if is_same else _difference(before, after),
            warnings=await warnings_of(definition, after, self._on_trial),
        )

    async def delete(self, word: str, name: str) -> Planned:
        """Delete one; what uses it has to be deleted or changed before."""
        before = await stored(self.context.store, KINDS[word], name)
        planned = Planned(word, name, "refused", *_known_of(before))
        try:
            await self._trial[word].delete(name, self.write)
        except RefusedRequestError as error:
            return replace(planned, errors=[FieldError(field="name", message=str(error))])
        return replace(planned, change="deleted", diff=_difference(before, None))

    def _own_errors(self, definition: Definition, errors: Sequence[FieldError]) -> list[FieldError]:
        """Those that do not come from the refusal of what it names, which is told by itself."""
        led_on, to_come = set(), {}
        for one in definition.references():
            if (one.kind, one.name) in self._refused:
                led_on.add(one.field)
            elif (one.kind, one.name) in self.to_come:
                title = f"{KINDS[one.kind].title} '{one.name}'"
                to_come[one.field] = f"the {title} comes after this one: they name each other, or the order is wrong"
        return [
            error.model_copy(update={"message": to_come.get(error.field, error.message)})
            for error in errors
            if error.field not in led_on
        ]


def _known_of(before: Stored[Any] | None) -> tuple[int | None, str]:
    return (None, "") if before is None else (before.version, before.file_set)


def _difference(before: Stored[Any] | None, after: Stored[Any] | None) -> str:
    return difference(("stored", _definition(before)), ("planned", _definition(after)))


def _definition(found: Stored[Any] | None) -> dict[str, Any] | None:
    return None if found is None else found.definition.model_dump(mode="json")
