"""Secrets as a kind of definition: sealed before they are stored, and never opened for anybody here."""

from catalog.handlers.definitions import Written
from catalog.handlers.errors import InvalidError
from catalog.handlers.names import users_in
from shared.collections import ALERT_RULES, PROVIDERS, RUNS, SECRETS
from shared.contracts.problem import FieldError
from shared.contracts.provider import ProviderDefinition
from shared.contracts.secret import SecretDefinition
from shared.definitions import (
    StoredSecret,
    Uses,
    sealed_text,
    secret_document,
    secret_place,
    stored_of,
    stored_secret_of,
)
from shared.encryption import MasterKeyError, Sealer
from shared.ids import new_id
from shared.runs.cancel import NOT_ENDED
from shared.ssh_key_text import KeyTextError, private_key_block
from shared.store.port import Document, DocumentStore

PAGE = 200


class Secrets:
    """What is particular about secrets."""

    word = "secret"
    collection = SECRETS

    def __init__(self, store: DocumentStore, sealer: Sealer) -> None:
        self._store = store
        self._sealer = sealer

    async def check(self, definition: SecretDefinition) -> Uses:
        """A secret uses nothing; a provider that logs in with it needs it to be a private key.

        Whether its passphrase opens it is not looked at: the two can only be changed one after the other.
        """
        provider = await self._logs_in_with(definition.name)
        if provider is not None:
            try:
                private_key_block(definition.value.get_secret_value())
            except KeyTextError as error:
                message = f"{error}; the provider '{provider}' logs in with it"
                raise InvalidError([FieldError(field="value", message=message)]) from None
        return Uses()

    async def _logs_in_with(self, name: str) -> str | None:
        """A provider whose private key the secret is."""
        for document in await self._store.find(PROVIDERS, {"secrets": name}, limit=PAGE):
            ssh = stored_of(ProviderDefinition, document).definition.connection.ssh
            if ssh is not None and ssh.private_key is not None and ssh.private_key.secret == name:
                return str(document["id"])
        return None

    async def document(self, definition: SecretDefinition, uses: Uses, written: Written, *, version: int) -> Document:
        """The secret as it is stored for the first time."""
        del uses, version
        sealed = self._sealer.seal(definition.value.get_secret_value(), place=secret_place(definition.name))
        return secret_document(
            definition.name, sealed, uid=new_id(), by=written.by, at=written.at, description=definition.description
        )

    def is_same(self, document: Document, definition: SecretDefinition) -> bool:
        """Whether the document holds this value already; one that another master key sealed is another."""
        try:
            value = self._sealer.open(sealed_text(document), place=secret_place(definition.name))
        except MasterKeyError:
            return False
        return (value, document["description"]) == (definition.value.get_secret_value(), definition.description)

    def stored(self, document: Document) -> StoredSecret:
        """What a document holds."""
        return stored_secret_of(document)

    async def users(self, name: str) -> list[str]:
        """Providers and rules that name it, and runs that have not ended."""
        return [
            *await users_in(self._store, PROVIDERS, "provider", "secrets", name),
            *await users_in(self._store, ALERT_RULES, "alert rule", "secrets", name),
            *await self._runs_given(name),
        ]

    async def _runs_given(self, name: str) -> list[str]:
        after: tuple[str, str] | None = None
        while True:
            page = await self._store.find(RUNS, {"state": NOT_ENDED}, after=after, limit=PAGE)
            for run in page:
                if {"secret": name} in run["parameters"].values():
                    return [f"the run '{run['id']}', which has not ended"]
            if len(page) < PAGE:
                return []
            after = (page[-1]["id"], page[-1]["id"])
