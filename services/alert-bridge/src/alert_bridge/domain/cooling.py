"""Cool-downs: for how long a response asks for no further run for the same fingerprint. Pure.

Nothing of it is stored by itself. What the rules decided stands in the episodes of the fingerprint, and whether a run
that was asked for has begun in the run.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from shared.contracts.alert import RuleDecision
from shared.contracts.alert_rule import ResponseSettings
from shared.contracts.values import duration_text, instant_text


class EarlierRun(NamedTuple):
    """The newest run that a response asked for, for a fingerprint."""

    run_id: str | None
    """None where it is still to be made."""
    at: datetime


EarlierRuns = Mapping[tuple[str, int], EarlierRun]
"""By the name of the rule and the number of its response, from 0."""


def runs_spoken_of(decisions: Iterable[RuleDecision]) -> list[str]:
    """The runs that decisions tell of, each once, in their order."""
    return list(dict.fromkeys(run_id for one in decisions if (run_id := one.run_id or one.earlier_run) is not None))


def earlier_runs(decisions: Iterable[RuleDecision], *, never_began: Collection[str] = ()) -> EarlierRuns:
    """The newest run of each response, by decisions of which the newest come first; runs that ended without having
    begun do not count.
    """
    found: dict[tuple[str, int], EarlierRun] = {}
    for one in decisions:
        if one.rule is None or one.response is None:
            continue
        if one.decision == "run_requested" and one.run_id not in never_began:
            found.setdefault((one.rule, one.response), EarlierRun(one.run_id, one.at))
        elif one.decision == "cooling_down" and one.earlier_at is not None and one.earlier_run not in never_began:
            found.setdefault((one.rule, one.response), EarlierRun(one.earlier_run, one.earlier_at))
    return found


def why_held(response: ResponseSettings, earlier: EarlierRun | None, at: datetime) -> str | None:
    """Why the response asks for no run now, to end a sentence; none where no cool-down holds it."""
    if response.cooldown is None or earlier is None:
        return None
    until = earlier.at + timedelta(seconds=response.cooldown)
    if at >= until:
        return None
    run = f"run {earlier.run_id}" if earlier.run_id else "a run"
    length = duration_text(response.cooldown)
    return f"but had {run} for this fingerprint at {instant_text(earlier.at)}, and cools down for {length} from then on"
