"""Secrets: values that are written, never read back."""

from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field, SecretStr

from shared.contracts.definition import Definition
from shared.contracts.parameter import bytes_of
from shared.contracts.values import Description, Name

LONGEST_SECRET = 65_536
"""In characters."""


def _carried(value: SecretStr) -> SecretStr:
    bytes_of(value.get_secret_value())
    return value


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

    value: Annotated[SecretStr, Field(min_length=1, max_length=LONGEST_SECRET), AfterValidator(_carried)]
