"""Telling a run something: the one thing about a run that others than the scheduler write."""

from shared.bus.port import Bus, publish_or_leave
from shared.collections import RUNS
from shared.contracts.run import ENDED, MOST_CONTROLS, AdvanceRun, Control, ControlKind, Run
from shared.runs.repository import run_of
from shared.store.port import Changes, DocumentStore, OneOf

NOT_ENDED = OneOf(("awaiting_approval", "delayed", "queued", "running"))


class RunEndedError(Exception):
    """The run has ended, so there is nothing to tell it."""

    def __init__(self, run: Run) -> None:
        super().__init__(f"the run has ended already: {run.state}")
        self.run = run


class TooManyControlsError(Exception):
    """The run was told so much that only a cancel is taken any more."""


async def tell_run(store: DocumentStore, bus: Bus, run_id: str, control: Control) -> Run | None:
    """Store what a run is told, and tell the scheduler; the run with it. What holds already is not stored again.

    None where there is no such run, ``RunEndedError`` where it has ended, ``TooManyControlsError``. What is stored is
    acted upon even if the message is lost, since it makes the run due at once.
    """
    run = await run_of(store, run_id)
    while run is not None and not _holds_already(run, control.kind):
        if run.state in ENDED:
            raise RunEndedError(run)
        if len(run.controls) >= MOST_CONTROLS and control.kind != "cancel":
            message = f"the run was told {MOST_CONTROLS} things already; it takes only a cancel any more"
            raise TooManyControlsError(message)
        document = control.model_dump(mode="json", exclude_none=True)
        changes = Changes(append={"controls": [document]}, set={"wake_at": document["at"]})
        if await store.change(RUNS, {"id": run_id, "version": run.version}, changes):
            run.controls.append(control)
            break
        run = await run_of(store, run_id)
    if run is None:
        return None
    if run.state in ENDED:
        raise RunEndedError(run)
    await publish_or_leave(bus, AdvanceRun(run_id=run_id))
    return run


def _holds_already(run: Run, kind: ControlKind) -> bool:
    """Whether it was told the same last, or is so already."""
    if kind == "cancel":
        return is_cancel_requested(run)
    waiting = [control.kind for control in run.controls[run.consumed :] if control.kind != "cancel"]
    return waiting[-1] == kind if waiting else (run.paused is not None) == (kind == "pause")


def is_cancel_requested(run: Run) -> bool:
    """Whether the run's end was asked for, also just now."""
    return any(control.kind == "cancel" for control in run.controls)


def paused_by(run: Run) -> Control | None:
    """What a run that has not ended is paused by, or is about to be."""
    paused = run.paused
    for control in run.controls[run.consumed :]:
        paused = (paused or control) if control.kind == "pause" else None
    return None if run.state in ENDED or run.stop is not None else paused
