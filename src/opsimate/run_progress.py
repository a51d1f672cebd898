"""How far a run has come, in words: of one that ended without success, only the steps that succeeded count."""

from collections.abc import Iterable, Mapping
from typing import Any

UNSUCCESSFUL = frozenset({"failed", "cancelled", "rejected", "expired", "skipped", "unknown"})
"""States in which a run ends, all but the one in which all went well."""


def steps_done(run: Mapping[str, Any], states: Iterable[str]) -> int:
    """How many steps are through; ``states`` are those of its steps."""
    if run["state"] in UNSUCCESSFUL:
        return sum(state == "succeeded" for state in states)
    return int(run["progress"]["done"])


def progress_text(run: Mapping[str, Any], states: Iterable[str]) -> str:
    """``1 of 4 steps``, or ``1 of 4 steps succeeded`` of a run that ended and did not."""
    return f"{steps_done(run, states)} of {run['progress']['total']} steps{_succeeded(run)}"


def progress_fraction(run: Mapping[str, Any], states: Iterable[str]) -> str:
    """The same where there is little room: ``1/4 steps``, or ``1/4 steps succeeded``."""
    return f"{steps_done(run, states)}/{run['progress']['total']} steps{_succeeded(run)}"


def _succeeded(run: Mapping[str, Any]) -> str:
    return " succeeded" if run["state"] in UNSUCCESSFUL else ""


def states_of(run: Mapping[str, Any]) -> list[str]:
    """The states of the steps of a run as the API shows it."""
    return [step["state"] for step in run["steps"]]
