"""What a run waits for: gates in a fixed order, each of them pure. The first that is not open says why a run waits.

A gate that latches stays open once it was: another scheduler's clock, or a second thought, does not close it again. The
others are asked again before everything that begins.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from shared.contracts.run import GateName, Run, RunState, WaitingFor
from shared.contracts.values import instant_text


@dataclass(frozen=True)
class Gate:
    """One thing that a run may wait for."""

    name: GateName
    state: RunState
    """The state of a run that waits here."""
    latches: bool
    wait: Callable[[Run, datetime], WaitingFor | None]
    """What is waited for; None where the gate is open."""


def _not_before(run: Run, now: datetime) -> WaitingFor | None:
    if run.not_before is None or run.not_before <= now:
        return None
    why = f"it is not to start before {instant_text(run.not_before)}"
    return WaitingFor(gate="not_before", why=why, until=run.not_before)


def _pause(run: Run, _now: datetime) -> WaitingFor | None:
    if run.paused is None:
        return None
    comment = f": {run.paused.comment}" if run.paused.comment else ""
    return WaitingFor(gate="pause", why=f"paused by {run.paused.by}{comment}")


GATES = (
    Gate("not_before", "delayed", latches=True, wait=_not_before),
    Gate("pause", "running", latches=False, wait=_pause),
)


def pool_without_executor(pool: str) -> WaitingFor:
    """What a run waits for whose attempt nobody takes. It holds nothing back: whoever comes takes the attempt."""
    why = f"waiting for an executor of pool '{pool}': start one with OPSIMATE_POOLS={pool}"
    return WaitingFor(gate="pool", why=why)


class Passage(NamedTuple):
    """How far a run gets through the gates."""

    opened: list[GateName]
    """The gates that latch, of those that are open."""
    closed: Gate | None = None
    waiting_for: WaitingFor | None = None


def passage(run: Run, now: datetime, gates: Sequence[Gate] = GATES) -> Passage:
    """The first gate that is not open, if there is one."""
    opened = list(run.opened_gates)
    for gate in gates:
        if gate.name in opened:
            continue
        waiting_for = gate.wait(run, now)
        if waiting_for is not None:
            return Passage(opened, gate, waiting_for)
        if gate.latches:
            opened.append(gate.name)
    return Passage(opened)
