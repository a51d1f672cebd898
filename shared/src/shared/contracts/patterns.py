"""Regular expressions that people write.

An alert's text may meet a pattern that an author wrote without care. Python's own engine backtracks, and a
short hostile text can hold it for hours; pydantic's engine, Rust's regex crate, cannot be held up. It knows
no look-around and no back-references, and a pattern with one is refused when it is saved.
"""

from functools import lru_cache
from typing import Annotated

from pydantic import StringConstraints, TypeAdapter, ValidationError
from pydantic_core import SchemaError


@lru_cache(maxsize=1_000)
def _matcher(pattern: str) -> TypeAdapter[str]:
    return TypeAdapter(Annotated[str, StringConstraints(pattern=rf"\A(?:{pattern})\z")])


def check_pattern(pattern: str) -> None:
    """``ValueError`` where the text is no regular expression."""
    try:
        TypeAdapter(Annotated[str, StringConstraints(pattern=pattern)])
        _matcher(pattern)
    except SchemaError as error:
        reason = str(error).splitlines()[-1].strip().removeprefix("SchemaError: ").removeprefix("error: ").rstrip(".")
        message = f"is not a regular expression that is known here, without look-around and back-references: {reason}"
        raise ValueError(message) from error


def matches_whole(pattern: str, text: str) -> bool:
    """Whether the pattern matches the text from its first to its last character."""
    try:
        _matcher(pattern).validate_python(text)
    except ValidationError:
        return False
    return True
