"""A viewer's place among a run's events, as the text that each event has for an id. Pure."""

import re
from dataclasses import dataclass

_PLACE = re.compile(r"(\d{1,7})(s?)((?:\.\d{1,9}){0,200})")


class PlaceError(ValueError):
    """A text is no place in this run's events."""


@dataclass(frozen=True)
class Place:
    """A viewer's place, as the text that events have for an id: ``4``, ``4s``, ``4.17``."""

    seq: int = 0
    """The number of the last entry of the timeline that was told wholly."""
    step_told: bool = False
    """Whether of the next entry the ``step`` was told, and its ``run`` not yet."""
    told: tuple[int, ...] = ()
    """Of each open attempt: 0 for nothing, 1 that it runs, 1 + n for n chunks."""

    def __str__(self) -> str:
        return ".".join([f"{self.seq}{'s' if self.step_told else ''}", *map(str, self.told)])


def place_of(text: str) -> Place:
    """The place that a text names; ``PlaceError`` where it names none."""
    found = _PLACE.fullmatch(text)
    if found is None:
        message = f"'{text[:80]}' is not the id of an event of this run"
        raise PlaceError(message)
    told = tuple(int(part) for part in found[3].split(".")[1:])
    return Place(int(found[1]), bool(found[2]), told)
