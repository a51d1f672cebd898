"""The table of sources: a new one is one module and one entry here."""

from collections.abc import Mapping

from alert_bridge.domain import alertmanager, generic
from alert_bridge.domain.source import Source

SOURCES: Mapping[str, Source] = {source.name: source for source in (alertmanager.SOURCE, generic.SOURCE)}
"""By the name in ``/webhooks/NAME``."""
