"""Which runs of an action ended last, and what they tell of its next one. Pure.

Runs are told of at least once, in any order and maybe again. Whatever is added here is kept or not by its place among
all that there were, so that the same runs lead to the same record, however often and in which order they are told of.
"""

from collections import Counter
from collections.abc import Iterable

from shared.contracts.run import RunChange
from shared.contracts.statistics import MOST_RECENT, EndedRun, RecentRuns, success_rate_of


def with_ended(kept: RecentRuns | None, action: str, ended: Iterable[RunChange]) -> RecentRuns | None:
    """The record with these runs, which have ended, in it; none where that makes no difference."""
    before = [] if kept is None else kept.runs
    found = {run.id: run for run in before}
    for change in ended:
        if change.ended_at is not None:
            found[change.run_id] = EndedRun(
                id=change.run_id, state=change.state, started_at=change.started_at, ended_at=change.ended_at
            )
    runs = sorted(found.values(), key=lambda run: (run.ended_at, run.id), reverse=True)[:MOST_RECENT]
    if not runs or runs == before:
        return None
    return RecentRuns(
        id=action,
        version=1 if kept is None else kept.version,
        runs=runs,
        last_run=runs[0],
        usual_duration=_median([run.duration for run in runs if run.state == "succeeded"]),
        success_rate=success_rate_of(Counter(run.state for run in runs)),
    )


def _median(durations: Iterable[float | None]) -> float | None:
    """The one in the middle, the longer one of two."""
    known = sorted(duration for duration in durations if duration is not None)
    return known[len(known) // 2] if known else None
