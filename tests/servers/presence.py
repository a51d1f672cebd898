"""What becomes of a test whose server cannot be had."""

import os
from collections.abc import Callable
from typing import TypeVar

import pytest

from tests.servers.sources import ServerMissing

_Server = TypeVar("_Server")


def start_or_refuse(start: Callable[[], _Server]) -> _Server:
    """The started server. Where there is none the test is skipped with the reason, for a person to read;
    under CI (the variable `CI` is set), where nobody would read it, the test fails.
    """
    try:
        return start()
    except ServerMissing as missing:
        if os.environ.get("CI"):
            pytest.fail(str(missing), pytrace=False)
        pytest.skip(str(missing))
