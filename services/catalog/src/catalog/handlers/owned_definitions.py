"""Schedules and alert rules, those that actions own among them: these are found and listed with the others, and written
with their actions alone.
"""

from catalog.handlers.definitions import Definitions
from catalog.handlers.refusals import ConflictError, NoVersionsError, UnknownError
from shared.definitions import DefinitionT, Stored
from shared.kinds import Kind
from shared.own_definitions import owned, owner_of, page_of_owned


class DefinitionsWithOwned(Definitions[DefinitionT]):
    """The definitions of a kind of which actions may own some; those that they own come last."""

    async def get(self, name: str) -> Stored[DefinitionT]:
        """As every kind has it."""
        if owner_of(name) is None:
            return await super().get(name)
        found = await owned(self._store, self.kind, name)
        if found is None:
            raise UnknownError(self.kind.title, name)
        return found

    async def page(self, after: str | None, limit: int) -> list[Stored[DefinitionT]]:
        """As every kind has it."""
        is_past_others = after is not None and owner_of(after) is not None
        found = [] if is_past_others else await super().page(after, limit)
        if len(found) < limit:
            found += await page_of_owned(self._store, self.kind, after if is_past_others else None, limit - len(found))
        return found

    async def _require_versions(self, name: str) -> None:
        if (action := owner_of(name)) is not None:
            raise NoVersionsError(self.kind.title, name, action)
        await super()._require_versions(name)


def refuse_owned(kind: Kind[DefinitionT], name: str) -> None:
    """``ConflictError`` where it is an action's to change what has this name."""
    if (action := owner_of(name)) is not None:
        message = (
            f"the {kind.title} '{name}' belongs to the action '{action}', and changes and goes with it: "
            f"write its execution settings, as with opsimate actions edit {action}"
        )
        raise ConflictError(message)
