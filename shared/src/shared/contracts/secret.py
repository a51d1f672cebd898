"""Secrets: values that are written, never read back."""

from typing import Annotated, Literal

from pydantic import Field, SecretStr

from shared.contracts.definition import Strict
from shared.contracts.values import Description, Name

LONGEST_SECRET = 65_536
"""In characters. A value travels in the environment of a command, where Linux takes 128 KiB at most for one."""


class SecretDefinition(Strict):
    """A credential or a parameter's value that is known by its name only."""

    kind: Literal["secret"] = "secret"
    name: Name
    description: Description = ""
    value: Annotated[SecretStr, Field(min_length=1, max_length=LONGEST_SECRET)]
