"""Secrets: values that are written, never read back."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr

from shared.contracts.definition import Strict
from shared.contracts.parameter import bytes_of
from shared.contracts.values import Description, Name

LONGEST_SECRET = 65_536
"""In characters."""


def _carried(value: SecretStr) -> SecretStr:
    bytes_of(value.get_secret_value())
    return value


class SecretDefinition(Strict):
    """A credential or a parameter's value that is known by its name only."""

    kind: Literal["secret"] = "secret"
    name: Name
    description: Description = ""
    value: Annotated[SecretStr, Field(min_length=1, max_length=LONGEST_SECRET), AfterValidator(_carried)]
