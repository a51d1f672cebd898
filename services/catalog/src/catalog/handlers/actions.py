"""Actions as a kind of definition: every version stays readable for the runs that execute it."""

from catalog.domain.action_check import check_action
from catalog.domain.references import uses_of_action
from catalog.handlers.definitions import Written
from catalog.handlers.errors import InvalidError
from catalog.handlers.names import known_names, users_in
from shared.collections import ACTION_VERSIONS, ACTIONS, ALERT_RULES, PROVIDERS
from shared.contracts.action import ActionDefinition
from shared.definitions import (
    StoredAction,
    Uses,
    action_version_document,
    definition_document,
    parsed,
    stored_action_of,
)
from shared.ids import new_id
from shared.store.port import Document, DocumentStore


class Actions:
    """What is particular about actions."""

    word = "action"
    collection = ACTIONS

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    async def check(self, definition: ActionDefinition) -> Uses:
        """Its providers exist, and everything in it fits together."""
        uses = uses_of_action(definition)
        errors = check_action(definition, providers=await known_names(self._store, PROVIDERS, uses.providers))
        if errors:
            raise InvalidError(errors)
        return uses

    async def document(self, definition: ActionDefinition, uses: Uses, written: Written, *, version: int) -> Document:
        """The action as it is stored for the first time; its version is stored first, so that no action points to
        one that is not there. A version that no action came to point to disturbs nobody.
        """
        version_id = new_id()
        await self._store.insert(
            ACTION_VERSIONS, action_version_document(definition, version_id=version_id, number=version)
        )
        document = definition_document(definition, uid=new_id(), by=written.by, at=written.at, uses=uses)
        return {**document, "version_id": version_id}

    def is_same(self, document: Document, definition: ActionDefinition) -> bool:
        """Whether the document holds this definition already."""
        return parsed(ActionDefinition, document["definition"]) == definition

    def stored(self, document: Document) -> StoredAction:
        """What a document holds."""
        return stored_action_of(document)

    async def users(self, name: str) -> list[str]:
        """Rules that ask for it. Runs hold a version, and go on without the action."""
        return await users_in(self._store, ALERT_RULES, "alert rule", "actions", name)
