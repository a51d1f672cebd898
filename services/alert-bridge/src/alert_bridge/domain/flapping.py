"""Flapping: an alert that fires again and again within a short time asks for nothing more until it is calmer. Pure.

How often it fired stands in the episodes of its fingerprint. While it goes on, nothing is asked for, however often a
bridge restarts; nothing has to be reset.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from shared.contracts.alert import StoredAlert
from shared.contracts.alert_rule import Flapping
from shared.contracts.values import duration_text


def fired_at(episodes: Iterable[StoredAlert]) -> list[datetime]:
    """When the alerts of these episodes began to fire, each later start that rules were asked for counted."""
    found: list[datetime] = []
    for episode in episodes:
        if episode.asked == 0:
            continue
        again = {one.refire: one.at for one in episode.decisions if one.refire}
        found += [episode.received_at, *again.values()]
    return found


def why_quarantined(flapping: Flapping | None, fired: Sequence[datetime], at: datetime) -> str | None:
    """Why a rule asks for nothing now, to end a sentence; none where the alert does not flap. ``fired`` is when it
    began to fire before.
    """
    if flapping is None:
        return None
    since = at - timedelta(seconds=flapping.within)
    times = 1 + sum(instant > since for instant in fired)
    if times < flapping.times:
        return None
    length = duration_text(flapping.within)
    most = f"from {flapping.times} on nothing is run"
    return f"but the alert flaps: it began to fire {times} times within {length}, and {most}"
