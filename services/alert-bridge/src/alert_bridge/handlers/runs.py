"""The runs that rules asked for and that are still to be made, for alerts that are stored already.

An alert is ``pending``, with its planned runs beside it, until every one of them is made or refused. Whoever sees it
pending (its receiver, a redelivery, the sweep of any instance) makes the same runs: their request ids are the alert's.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from pydantic import JsonValue

from alert_bridge.domain.decisions import ParameterRefusedError, PlannedRun, decided, planned_of, when_it_runs
from alert_bridge.domain.storms import Admission, why_held
from alert_bridge.handlers.choosing import with_providers
from alert_bridge.handlers.storms import admission
from alert_bridge.ports import AlertBridgeContext
from shared.alerts import stored_alert_of
from shared.bus.port import publish_or_leave
from shared.collections import ALERTS, RUNS
from shared.contracts.alert import REFUSED, DecisionKind, RuleDecision, StoredAlert
from shared.contracts.approval import Approval
from shared.contracts.run import AdvanceRun
from shared.contracts.trigger import Trigger
from shared.contracts.values import instant_text
from shared.runs.composing import ActionMissingError, RunRefusedError, RunRequest
from shared.runs.repository import run_requested_as
from shared.runs.request import RequestIdReusedError, request_run
from shared.store.port import Absent, Changes, Condition, Document, OneOf, pages

SWEEP_AFTER = timedelta(seconds=5)
"""What is pending for longer was left by an instance that ended, or by a store that was away."""
SWEEP_PAGE = 100
LONGEST_NOTE = 200
NOT_BEGUN = OneOf(("awaiting_approval", "delayed", "queued"))
TOLD_TOGETHER = 100
"""Runs of an alert that are looked up in one go."""

log = structlog.get_logger()


async def finish_pending(context: AlertBridgeContext) -> None:
    """Finish every alert that was stored and then left: the sweep."""
    left_before = instant_text(context.clock() - SWEEP_AFTER)
    async for page in pages(context.store, ALERTS, {"pending": True}, size=SWEEP_PAGE):
        left = [document for document in page if document["received_at"] <= left_before]
        await asyncio.gather(*[finish(context, document) for document in left])


async def finish(context: AlertBridgeContext, document: Document) -> None:
    """Request the runs of a stored alert that are still to be made.

    A failure is not the sender's affair any more: the alert is stored, and the sweep tries again.
    """
    if not document["pending"]:
        return
    try:
        await _request_runs(context, stored_alert_of(document), planned_of(document["planned"]))
    except Exception as error:  # noqa: BLE001 - whatever it was, the alert stays pending and is looked at again
        log.warning("alert.left_pending", alert_id=document["id"], error=str(error) or type(error).__name__)


async def _request_runs(context: AlertBridgeContext, stored: StoredAlert, planned: Sequence[PlannedRun]) -> None:
    decisions = list(stored.decisions)
    for run in planned:
        decisions[run.position] = await _request_run(context, stored, run)
    runs = [decision.run_id for decision in decisions if decision.run_id]
    if stored.alert.status == "resolved":
        await tell_of_the_end(context, runs)
    made = Changes(set={"pending": False, "decisions": as_stored(decisions), "runs": runs}, unset=("planned",))
    # Rules that were asked again meanwhile have planned more, and an end that was told is still to be told to the runs:
    # whoever noted that makes those, and these with them.
    where: dict[str, Condition] = {"id": stored.id, "pending": True, "alert.status": stored.alert.status}
    where["asked"] = Absent() if stored.asked is None else stored.asked
    await context.store.change(ALERTS, where, made)
    log_answer(stored.id, [one.decision for one in decisions], runs)


async def tell_of_the_end(context: AlertBridgeContext, run_ids: Sequence[str]) -> None:
    """Have those runs of a resolved alert looked at that have not begun: they end with it, unless their rule says not.

    The scheduler asks for the alert by itself whenever it looks at one. This has it look now.
    """
    unique = tuple(dict.fromkeys(run_ids))
    for start in range(0, len(unique), TOLD_TOGETHER):
        ids = OneOf(unique[start : start + TOLD_TOGETHER])
        waiting = await context.store.find(
            RUNS, {"id": ids, "state": NOT_BEGUN}, limit=TOLD_TOGETHER, fields=("state",)
        )
        due = Changes(set={"wake_at": instant_text(context.clock())})
        for run in waiting:
            await context.store.change(RUNS, {"id": run["id"], "state": NOT_BEGUN}, due)
        await publish_or_leave(context.bus, *(AdvanceRun(run_id=run["id"]) for run in waiting))


def log_answer(alert_id: str, decisions: Sequence[DecisionKind], run_ids: Sequence[str] = ()) -> None:
    """Tell what the rules decided: as a warning where one matched and its run was refused."""
    tell = log.warning if any(one in REFUSED for one in decisions) else log.info
    tell("alert.answered", alert_id=alert_id, decisions=list(decisions), run_ids=list(run_ids))


async def _request_run(context: AlertBridgeContext, stored: StoredAlert, planned: PlannedRun) -> RuleDecision:
    try:
        parameters = await with_providers(context.store, planned.parameters)
    except ParameterRefusedError as error:
        if (known := await run_requested_as(context.store, planned.request_id)) is not None:
            return _requested_before(planned, known.id, context.clock())
        return decided(planned, "parameters_refused", f"but {error}", at=context.clock())
    return await _requested(context, stored, planned, parameters)


def run_request(
    alert_id: str,
    title: str,
    planned: PlannedRun,
    parameters: Mapping[str, JsonValue],
    admitted: Admission = "let_through",
) -> RunRequest:
    """The request for a planned run of an alert, with its providers chosen, and as the rule's storm breaker has it."""
    trigger = Trigger(
        kind="alert",
        by=planned.rule,
        alert_id=alert_id,
        note=title[:LONGEST_NOTE],
        cancel_on_resolve=planned.cancel_on_resolve,
        is_quiet=admitted == "held",
    )
    return RunRequest(
        planned.action,
        parameters,
        trigger,
        planned.request_id,
        not_before=planned.not_before,
        approval=planned.approval or (None if admitted == "let_through" else Approval()),
    )


async def _requested(
    context: AlertBridgeContext, stored: StoredAlert, planned: PlannedRun, parameters: Mapping[str, JsonValue]
) -> RuleDecision:
    admitted = await _admitted(context, planned)
    request = run_request(stored.id, stored.alert.title, planned, parameters, admitted)
    action, now = planned.action, context.clock()
    try:
        run, _ = await request_run(context.store, context.bus, context.sealer, request, clock=context.clock)
    except ActionMissingError:
        return decided(planned, "action_missing", f"but there is no action '{action}'", at=now)
    except RunRefusedError as error:
        return decided(planned, "parameters_refused", f"but '{action}' cannot be run so: {error}", at=now)
    except RequestIdReusedError as error:
        return _requested_before(planned, str(error), now)
    if run.request_id != planned.request_id:
        reason = f"and joined the run of '{action}' that waits for a maintenance window to end"
        return decided(planned, "run_requested", reason, at=now, run_id=run.id)
    when = when_it_runs(planned, waits_for_people=run.state == "awaiting_approval")
    if planned.storm is not None and admitted != "let_through":
        when = why_held(planned.storm)
    return decided(planned, "run_requested", f"and requested a run of '{action}'{when}", at=now, run_id=run.id)


async def _admitted(context: AlertBridgeContext, planned: PlannedRun) -> Admission:
    """Whether the run goes on by itself, as far as its rule's storm breaker says; one that waits for people anyway is
    not counted.
    """
    if planned.storm is None or planned.approval is not None:
        return "let_through"
    return await admission(context.store, planned.rule, planned.storm, planned.request_id, context.clock())


def _requested_before(planned: PlannedRun, run_id: str, at: datetime) -> RuleDecision:
    """That there is the run, asked for with what was chosen then."""
    reason = f"and had requested a run of '{planned.action}' for this alert before"
    return decided(planned, "run_requested", reason, at=at, run_id=run_id)


def as_stored(decisions: Sequence[RuleDecision]) -> list[Any]:
    """The decisions as they lie in an alert's document."""
    return [decision.model_dump(mode="json") for decision in decisions]
