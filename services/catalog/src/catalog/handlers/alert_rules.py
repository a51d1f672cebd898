"""Alert rules as a kind of definition."""

from catalog.domain.alert_rule_check import check_alert_rule
from catalog.domain.references import uses_of_alert_rule
from catalog.handlers.definitions import Written
from catalog.handlers.errors import InvalidError
from catalog.handlers.names import known_names
from shared.collections import ACTIONS, ALERT_RULES, PROVIDERS, SECRETS
from shared.contracts.alert import AlertRuleDefinition
from shared.definitions import Stored, Uses, definition_document, parsed, stored_action, stored_of
from shared.ids import new_id
from shared.store.port import Document, DocumentStore


class AlertRules:
    """What is particular about alert rules."""

    word = "alert rule"
    collection = ALERT_RULES

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    async def check(self, definition: AlertRuleDefinition) -> Uses:
        """Its actions exist and take what it gives them."""
        wanted = sorted({response.action for response in definition.responses})
        stored = [await stored_action(self._store, name) for name in wanted]
        actions = {action.name: action.definition for action in stored if action is not None}
        uses = uses_of_alert_rule(definition, actions)
        errors = check_alert_rule(
            definition,
            actions=actions,
            known_actions=await known_names(self._store, ACTIONS, wanted),
            providers=await known_names(self._store, PROVIDERS, uses.providers),
            secrets=await known_names(self._store, SECRETS, uses.secrets),
        )
        if errors:
            raise InvalidError(errors)
        return uses

    async def document(
        self, definition: AlertRuleDefinition, uses: Uses, written: Written, *, version: int
    ) -> Document:
        """The rule as it is stored for the first time."""
        del version  # the same for every version
        return definition_document(definition, uid=new_id(), by=written.by, at=written.at, uses=uses)

    def is_same(self, document: Document, definition: AlertRuleDefinition) -> bool:
        """Whether the document holds this definition already."""
        return parsed(AlertRuleDefinition, document["definition"]) == definition

    def stored(self, document: Document) -> Stored[AlertRuleDefinition]:
        """What a document holds."""
        return stored_of(AlertRuleDefinition, document)

    async def users(self, name: str) -> list[str]:
        """Nothing uses a rule."""
        del name
        return []
