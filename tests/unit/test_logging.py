"""Logs: what they never hold."""

import io
import logging
import secrets
from collections.abc import Iterator
from typing import Literal

import pytest
import structlog

from shared.logging import configure_logging
from shared.settings import load_settings


@pytest.fixture(autouse=True)
def unchanged_logging() -> Iterator[None]:
    root = logging.getLogger()
    before, handlers, level = structlog.get_config(), list(root.handlers), root.level
    yield
    structlog.configure(**before)
    root.handlers[:] = handlers
    root.setLevel(level)


def fail_with(password: str) -> None:
    assert password
    raise RuntimeError("it went wrong")


@pytest.mark.parametrize("log_format", ["console", "json"])
def test_a_traceback_never_shows_the_values_of_variables(log_format: Literal["console", "json"]) -> None:
    stream = io.StringIO()
    settings = load_settings({"OPSIMATE_LOG_FORMAT": log_format}, listen="127.0.0.1:0")
    configure_logging(settings, service="catalog", stream=stream)
    secret = secrets.token_hex(8)
    try:
        fail_with(secret)
    except RuntimeError as error:
        structlog.get_logger().error("it.failed", exc_info=error)
        logging.getLogger("library").exception("it failed")
    written = stream.getvalue()
    assert "it.failed" in written
    assert "it failed" in written
    assert "in fail_with" in written
    assert secret not in written
