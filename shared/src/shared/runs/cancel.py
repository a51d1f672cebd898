"""Asking for a run's end: the one thing about a run that others than the scheduler write."""

from shared.bus.port import Bus, publish_or_leave
from shared.collections import RUNS
from shared.contracts.run import ENDED, AdvanceRun, CancelRequest, Run
from shared.runs.repository import run_of
from shared.store.port import Absent, Changes, DocumentStore, OneOf, Where

NOT_ENDED = OneOf(("awaiting_approval", "delayed", "queued", "running"))


class RunEndedError(Exception):
    """The run has ended, so there is nothing to cancel."""

    def __init__(self, run: Run) -> None:
        super().__init__(f"the run has ended already: {run.state}")
        self.run = run


async def request_cancel(store: DocumentStore, bus: Bus, run_id: str, request: CancelRequest) -> Run | None:
    """Store that somebody wants the run to end, and tell the scheduler; asking again changes nothing.

    None where there is no such run, ``RunEndedError`` where it has ended. What is stored is acted upon even if
    the message is lost, since the request makes the run due for the scheduler's next look.
    """
    asked = request.model_dump(mode="json")
    where: Where = {"id": run_id, "state": NOT_ENDED, "cancel_requested.at": Absent()}
    is_stored = await store.change(RUNS, where, Changes(set={"cancel_requested": asked, "wake_at": asked["at"]}))
    run = await run_of(store, run_id)
    if run is None:
        return None
    if run.state in ENDED and not is_stored:
        raise RunEndedError(run)
    await publish_or_leave(bus, AdvanceRun(run_id=run_id))
    return run
