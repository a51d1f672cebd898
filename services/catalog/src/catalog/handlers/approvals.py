"""Approvals: what waits for people to decide, and what they decide."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from catalog.domain.approvals import ApprovalItemView, RunDecision, approval_item, control_of
from catalog.domain.views import RunView
from catalog.handlers.refusals import ConflictError, ForbiddenError
from catalog.handlers.runs import control_run, existing_run
from shared.bus.port import Bus
from shared.clock import Clock
from shared.collections import RUNS
from shared.contracts.principal import Principal
from shared.contracts.run import ENDED, Control, Run
from shared.runs.approvals import DecisionForbiddenError, DecisionRefusedError
from shared.runs.plan import changed_since_planned
from shared.runs.repository import planned_steps
from shared.store.port import Condition, DocumentStore, Range, after_id

MOST_NAMED = 3
"""Providers in one sentence."""


@dataclass(frozen=True)
class Approvals:
    """Takes decisions, and lists what is to be decided."""

    store: DocumentStore
    bus: Bus
    clock: Clock

    async def decide(self, run_id: str, caller: Principal, decision: RunDecision) -> RunView:
        """The run, about which this is decided now; ``UnknownError``, ``ForbiddenError`` where it is not the caller's
        to decide, ``ConflictError`` where there is nothing to decide, or something else.
        """
        run = await existing_run(self.store, run_id)
        if run.state not in ENDED:
            control = self._control(caller, decision, run)
            if decision.kind == "approve":
                await self._require_as_planned(run)
        else:
            control = Control(kind=decision.kind, by=caller.name, at=self.clock())
        return await control_run(self.store, self.bus, run_id, control, partial(self._control, caller, decision))

    def _control(self, caller: Principal, decision: RunDecision, run: Run) -> Control:
        try:
            return control_of(run, caller, decision, self.clock())
        except DecisionForbiddenError as error:
            raise ForbiddenError(str(error)) from error
        except DecisionRefusedError as error:
            raise ConflictError(str(error)) from error

    async def _require_as_planned(self, run: Run) -> None:
        """``ConflictError`` where the run could not do any more what is to be approved."""
        changed = await changed_since_planned(self.store, run, await planned_steps(self.store, run))
        if not changed:
            return
        more = f" and {len(changed) - MOST_NAMED} more" if len(changed) > MOST_NAMED else ""
        message = (
            f"the plan of the run '{run.id}' does not hold any more, as {', '.join(changed[:MOST_NAMED])}{more} "
            "changed since: cancel it, and ask for a new one"
        )
        raise ConflictError(message)

    async def pending(
        self, caller: Principal, after: str | None, limit: int, *, run_id: str | None = None
    ) -> tuple[Sequence[ApprovalItemView], str | None]:
        """A page of what waits for people to decide, the newest runs first, and the id after which the next begins;
        with ``run_id`` what this run waits for.
        """
        where: dict[str, Condition] = {"approval.asked_at": Range()} | ({} if run_id is None else {"id": run_id})
        found = await self.store.find(RUNS, where, descending=True, after=after_id(after), limit=limit + 1)
        runs = [Run.model_validate(document) for document in found[:limit]]
        items = [item for run in runs if (item := approval_item(run, caller, self.clock())) is not None]
        return items, runs[-1].id if len(found) > limit else None
