"""The table of sources: a new one is one module and one entry here, and its name in ``ALERT_SOURCES``."""

import re
from collections.abc import Mapping

from alert_bridge.domain import alertmanager, generic
from alert_bridge.domain.source import Source

SOURCES: Mapping[str, Source] = {source.name: source for source in (alertmanager.SOURCE, generic.SOURCE)}
"""By the name in ``/webhooks/NAME``."""
_PATHS = [
    (re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(route.path)) + "/?"), source.name)
    for source in SOURCES.values()
    for route in source.routes
]


def source_at(path: str) -> str | None:
    """The name of the source that is spoken to at this path."""
    return next((name for pattern, name in _PATHS if pattern.fullmatch(path)), None)
