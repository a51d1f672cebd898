"""Secrets: values that are written, never read back."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Discriminator, Field, SecretStr, Tag

from shared.contracts.definition import Definition, Strict
from shared.contracts.parameter import bytes_of
from shared.contracts.values import Description, Name, flag

LONGEST_SECRET = 65_536
"""In characters."""


def _carried(value: SecretStr) -> SecretStr:
    bytes_of(value.get_secret_value())
    return value


class StoredValue(Strict):
    """Stands for the value that is stored already, and keeps it."""

    stored: Annotated[Literal[True], BeforeValidator(flag)]


def _form(given: Any) -> str:
    is_wish = isinstance(given, dict) and set(given) == {"stored"} and given["stored"] is not False
    is_stored = isinstance(given, StoredValue) or is_wish
    return "[stored]" if is_stored else "[text]"


SecretText = Annotated[SecretStr, Field(min_length=1, max_length=LONGEST_SECRET), AfterValidator(_carried)]
SecretValue = Annotated[
    Annotated[SecretText, Tag("[text]")] | Annotated[StoredValue, Tag("[stored]")], Discriminator(_form)
]


class SecretMetadata(Definition):
    """What is known of a secret: everything but its value."""

    kind: Literal["secret"] = "secret"
    name: Name
    description: Description = ""


class SecretDefinition(SecretMetadata):
    """A credential or a parameter's value that is known by its name only: written, and never read back."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "deploy-key", "description": "Opens the web servers", "value": "…"}]}
    )

    value: SecretValue

    @property
    def text(self) -> str | None:
        """The value itself; none where the stored one is to be kept."""
        return self.value.get_secret_value() if isinstance(self.value, SecretStr) else None
