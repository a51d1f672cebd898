"""Which part of a run's output is asked for. Chunk ids sort as the output reads, so a part is a few ranges. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shared.contracts.attempt import attempt_id, chunk_id, step_id
from shared.contracts.problem import FieldError, nearest
from shared.contracts.run import Run
from shared.contracts.step import PlannedStep

_AFTER_DOT = "/"
"""The character that follows the dot: ``a.`` up to ``a/`` is all that begins with ``a.``."""


@dataclass(frozen=True)
class OutputWish:
    """What somebody wants to read."""

    step: str | None = None
    attempt: int | None = None
    provider: str | None = None
    start: str | None = None
    """A chunk's id to go on after; or, within one attempt, the number of the chunk to begin with."""


@dataclass(frozen=True)
class IdRange:
    """Chunks from one id (itself left out where it is ``after``) up to another, left out."""

    start: str
    end: str
    after: bool = False


class WishError(ValueError):
    """The wish cannot be; the error names its field."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.error = FieldError(field=field, message=message)


def output_ranges(run: Run, wish: OutputWish, planned: Sequence[PlannedStep] = ()) -> list[IdRange]:
    """The ranges of ids that hold what is wished, in reading order; ``WishError``.

    ``planned`` are the run's steps that have more than one provider.
    """
    ranges = _wanted(run, wish, {step.step_index: step for step in planned})
    if wish.start is None:
        return ranges
    if wish.start.isdigit():
        return [_from_number(ranges, wish)]
    if not wish.start.startswith(f"{run.id}.") or len(wish.start) != len(chunk_id(attempt_id(run.id, 0, 0, 1), 1)):
        message = "is neither what an earlier answer had in 'next' nor the 'id' of an item of this run"
        raise WishError("from", message)
    start = wish.start
    return [_cut(one, start) for one in ranges if one.end > start]


def _wanted(run: Run, wish: OutputWish, planned: Mapping[int, PlannedStep]) -> list[IdRange]:
    names = [step.name for step in run.steps]
    if wish.step is not None and wish.step not in names:
        raise WishError("step", f"the run has no step '{wish.step[:80]}'{nearest(wish.step, names)}")
    providers = [*run.providers, *(name for step in planned.values() for name in step.providers)]
    if wish.provider is not None and wish.provider not in providers:
        message = f"the run has nothing to do with a provider '{wish.provider[:80]}'{nearest(wish.provider, providers)}"
        raise WishError("provider", message)
    if wish.attempt is not None and wish.step is None:
        raise WishError("attempt", "is counted within a step: name the 'step' too")
    if wish.step is None and wish.provider is None:
        return [_all_below(run.id)]
    if wish.attempt is not None and wish.provider is None and names.index(str(wish.step)) in planned:
        raise WishError("attempt", "is counted within step and provider: name the 'provider', too")
    found = [_prefix(run, index, wish, planned.get(index)) for index in range(len(run.steps))]
    return [_all_below(prefix) for prefix in found if prefix is not None]


def _prefix(run: Run, index: int, wish: OutputWish, planned: PlannedStep | None) -> str | None:
    """What the ids of all that is wished of a step begin with; none where nothing of it is."""
    step = run.steps[index]
    providers = [step.provider] if planned is None else planned.providers
    if wish.step not in {None, step.name} or (wish.provider is not None and wish.provider not in providers):
        return None
    if wish.provider is None and wish.attempt is None:
        return step_id(run.id, index)
    invocation = 0 if wish.provider is None else providers.index(wish.provider)
    of_first = attempt_id(run.id, index, invocation, wish.attempt or 1)
    return of_first if wish.attempt is not None else of_first.rpartition(".")[0]


def _all_below(prefix: str) -> IdRange:
    return IdRange(f"{prefix}.", f"{prefix}{_AFTER_DOT}")


def _from_number(ranges: list[IdRange], wish: OutputWish) -> IdRange:
    if wish.attempt is None or len(ranges) != 1:
        raise WishError("from", "is a number only within one attempt: name its 'step' and 'attempt', or use 'next'")
    return IdRange(chunk_id(ranges[0].start[:-1], min(int(wish.start or 0), 99_999_999)), ranges[0].end)


def _cut(one: IdRange, start: str) -> IdRange:
    return IdRange(start, one.end, after=True) if start >= one.start else one
