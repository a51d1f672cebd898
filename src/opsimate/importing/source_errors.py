"""What is wrong with an inventory or a configuration, told as everything else is that the command line is given."""

from collections.abc import Iterator
from contextlib import contextmanager

from catalog.domain.source_error import SourceError
from opsimate.errors import OpsimateError


@contextmanager
def told() -> Iterator[None]:
    """``OpsimateError`` for a ``SourceError``."""
    try:
        yield
    except SourceError as error:
        raise OpsimateError(error.message) from error
