"""Logs: JSON for machines, colours on a terminal; whose run it is stands in every line."""

import json
import logging
import sys
from typing import Any, TextIO

import structlog

from shared.settings import Settings


def configure_logging(settings: Settings, *, service: str, stream: TextIO = sys.stderr) -> None:
    """Set up structlog and the standard library's logging, which our libraries use, as one."""
    console = settings.log_format == "console" or (settings.log_format == "auto" and stream.isatty())
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    shared_processors: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    # The renderer's usual tracebacks show local variables, and those may be secrets.
    renderer: list[Any] = (
        [structlog.dev.ConsoleRenderer(colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback)]
        if console
        else [structlog.processors.format_exc_info, _as_json]
    )
    structlog.configure(
        processors=[*shared_processors, _service_name(service), *renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(stream),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared_processors, _service_name(service)],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # Chatty at info about every connection and channel; our own events say what matters.
    for name in ("asyncssh", "aio_pika", "aiormq", "uvicorn.access", "pymongo"):
        logging.getLogger(name).setLevel(max(level, logging.WARNING))


_ENCODER = json.JSONEncoder(default=repr)


def _as_json(_logger: object, _method: str, event: dict[str, Any]) -> str:
    return _ENCODER.encode(event)


def _service_name(service: str) -> Any:
    def add(_logger: object, _method: str, event: dict[str, Any]) -> dict[str, Any]:
        event.setdefault("service", service)
        return event

    return add
