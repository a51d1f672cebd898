"""What is asked for while a maintenance window holds a run for the same is that run: it stands for all of them.

So a freeze of a week ends with one run of a schedule, and of a rule whose alert came again and again, and not with
hundreds.
"""

from shared.collections import RUNS
from shared.contracts.run import Run
from shared.contracts.values import instant_text
from shared.runs.plan import changed_since_planned
from shared.runs.repository import planned_steps, run_of
from shared.store.port import Changes, Document, DocumentStore

MOST_COMPARED = 100
"""Runs of an action that wait."""
MOST_ALERTS = 200
"""That one run stands for, and of which it is known which: beyond, it does not end with them."""


async def joined(store: DocumentStore, asked: Run) -> Run | None:
    """The run that a window holds and that the one asked for has joined; None where there is none."""
    if asked.trigger.kind not in {"schedule", "alert"} or asked.state == "delayed":
        return None  # what has a time of its own to wait for keeps to it
    where = {"action.name": asked.action.name, "state": "delayed"}
    found = await store.find(RUNS, where, limit=MOST_COMPARED, fields=("waiting_for",))
    for run_id in [one["id"] for one in found if is_held(one)]:
        while (run := await run_of(store, run_id)) is not None and _is_twin(run, asked):
            if run.trigger.joined_request == asked.request_id:
                return run
            if run.plan_digest and await changed_since_planned(store, run, await planned_steps(store, run)):
                break  # it will end as stale, and would do so for all that join it
            noted = {"trigger.joined_at": instant_text(asked.created_at), "trigger.joined_request": asked.request_id}
            joins = Changes(increment={"trigger.joined": 1}, set=noted | _alerts_of(run, asked))
            if await store.change(RUNS, {"id": run.id, "version": run.version}, joins):
                return run
    return None


def _alerts_of(run: Run, asked: Run) -> dict[str, object]:
    """What the held run has to know of the alert that joins it: it ends only once that is resolved, too."""
    if not run.trigger.cancel_on_resolve or asked.trigger.alert_id is None:
        return {}
    alerts = list(dict.fromkeys([*run.trigger.joined_alerts, asked.trigger.alert_id]))
    if not asked.trigger.cancel_on_resolve or len(alerts) > MOST_ALERTS:
        return {"trigger.cancel_on_resolve": False}
    return {"trigger.joined_alerts": alerts}


def is_held(run: Document) -> bool:
    """Whether a run waits for a maintenance window to end, by its document or by a summary with ``waiting_for``."""
    return (run.get("waiting_for") or {}).get("gate") == "window"


def _is_twin(run: Run, asked: Run) -> bool:
    """Whether the run is held, and was asked for by the same, for the same."""
    if run.state != "delayed" or run.waiting_for is None or run.waiting_for.gate != "window":
        return False
    same_asker = (run.trigger.kind, run.trigger.by) == (asked.trigger.kind, asked.trigger.by)
    # What is still to be approved does not hide behind what nobody was asked about.
    is_approved = asked.approval is None or "approval" in run.opened_gates
    return (
        same_asker
        and is_approved
        and run.parameters == asked.parameters
        and run.action.version_id == asked.action.version_id
    )
