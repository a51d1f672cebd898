"""Time zones, as the installed ``tzdata`` has them.

Not as the machine has them: what catalog, scheduler and a colleague's machine know has to be the same, and containers
often have none.
"""

from functools import lru_cache
from importlib.metadata import version
from importlib.resources import files
from zoneinfo import ZoneInfo

from shared.contracts.problem import nearest

REMEMBERED = 64
_ZONES = files("tzdata.zoneinfo")


class UnknownTimeZoneError(ValueError):
    """There is no time zone of this name; the message begins as a sentence about its field."""


@lru_cache(maxsize=1)
def zone_names() -> frozenset[str]:
    """The name of every zone that there is."""
    return frozenset(files("tzdata").joinpath("zones").read_text("utf-8").split())


def edition() -> str:
    """Which edition of the IANA time zone database they are from, such as ``2026.6``."""
    return version("tzdata")


@lru_cache(maxsize=REMEMBERED)
def zone_of(name: str) -> ZoneInfo:
    """The zone of this name; ``UnknownTimeZoneError``."""
    if name not in zone_names():
        message = f"there is no time zone '{name}'; they are named as in Europe/Berlin{nearest(name, zone_names())}"
        raise UnknownTimeZoneError(message)
    with _ZONES.joinpath(*name.split("/")).open("rb") as file:
        return ZoneInfo.from_file(file, key=name)
