"""How far a run has come, in words that say what is counted; a step that was passed over was not done."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

UNSUCCESSFUL = frozenset({"failed", "cancelled", "rejected", "expired", "skipped", "unknown"})
"""States in which a run ends, all but the one in which all went well."""
_TOLD = ("failed", "unknown", "cancelled", "skipped")
"""States of steps that are told beside the number of those that are done, in this order."""


def progress_text(run: Mapping[str, Any], states: Iterable[str]) -> str:
    """``3 of 4 steps done, 1 failed, 1 skipped``; ``states`` are those of the run's steps."""
    done, total, besides = _counted(run, states)
    return f"{done} of {total} steps done{besides}"


def progress_fraction(run: Mapping[str, Any], states: Iterable[str]) -> str:
    """The same where there is little room: ``3/4 done, 1 failed, 1 skipped``."""
    done, total, besides = _counted(run, states)
    return f"{done}/{total} done{besides}"


def _counted(run: Mapping[str, Any], states: Iterable[str]) -> tuple[int, int, str]:
    count, progress = Counter(states), run["progress"]
    besides = "".join(f", {count[state]} {state}" for state in _TOLD if count[state])
    return max(0, progress["done"] - count["skipped"]), progress["total"], besides


def states_of(run: Mapping[str, Any]) -> list[str]:
    """The states of the steps of a run as the API shows it."""
    return [step["state"] for step in run["steps"]]
