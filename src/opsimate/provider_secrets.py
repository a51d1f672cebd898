"""The secrets that are made for a provider's credentials: named after it, and removed with it."""

from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from opsimate.client import API, ApiClient, definition_path
from opsimate.definitions.file_references import SUFFIX_OF_CREDENTIAL, secret_name
from opsimate.errors import OpsimateError, RefusedError


@dataclass(frozen=True)
class ProviderSecret:
    """What holds one credential of a provider."""

    provider: str
    credential: str
    """The field of the connection that refers to it."""

    @property
    def name(self) -> str:
        """The name of the secret."""
        return secret_name(self.provider, self.credential)

    @property
    def description(self) -> str:
        """What it says about itself, by which it is told from a secret that somebody made under the same name."""
        return f"The {self.credential.replace('_', ' ')} of the provider {self.provider}"

    def create(self, api: ApiClient, value: str) -> None:
        """Store the value; ``OpsimateError`` where there is a secret of the name."""
        try:
            api.send("POST", f"{API}/secrets", self._body(value))
        except RefusedError as error:
            if error.status != HTTPStatus.CONFLICT:
                raise
            raise self._taken() from error

    def _taken(self) -> OpsimateError:
        option = {"private_key": "--key-secret", "password": "--password-secret"}.get(self.credential)
        use = f"Use it with {option} {self.name}, or remove" if option else "Remove"
        return OpsimateError(
            f"There is a secret '{self.name}' already. {use} it with: opsimate secrets delete {self.name}"
        )

    def replace(self, api: ApiClient, value: str) -> None:
        """Store another value in place of the one before."""
        api.send("PUT", definition_path("secrets", self.name), self._body(value))

    def is_stored(self, api: ApiClient) -> bool:
        """Whether it is there; ``OpsimateError`` where somebody else's secret has the name."""
        stored = self._stored(api)
        if stored is not None and stored["description"] != self.description:
            raise self._taken()
        return stored is not None

    def delete(self, api: ApiClient) -> None:
        """Remove it; ``RefusedError`` where something uses it."""
        api.send("DELETE", definition_path("secrets", self.name))

    def delete_if_own(self, api: ApiClient) -> str | None:
        """Remove it where it was made for the provider and nothing uses it; what became of it, in a sentence."""
        stored = self._stored(api)
        if stored is None or stored["description"] != self.description:
            return None
        try:
            self.delete(api)
        except RefusedError as error:
            if error.status != HTTPStatus.CONFLICT:
                raise
            return f"The secret '{self.name}' is kept: {error.message}."
        return f"The secret '{self.name}' is deleted too."

    def _stored(self, api: ApiClient) -> dict[str, Any] | None:
        stored: dict[str, Any] | None = api.get_if_there(definition_path("secrets", self.name))
        return stored

    def _body(self, value: str) -> dict[str, str]:
        return {"name": self.name, "description": self.description, "value": value}


def provider_secrets(provider: str) -> Iterator[ProviderSecret]:
    """Those that a provider may have."""
    return (ProviderSecret(provider, credential) for credential in SUFFIX_OF_CREDENTIAL)
