"""Trying the rules on a body, or on a delivery that is kept: as if it came now, with nothing stored and nothing run."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from alert_bridge.domain.decisions import (
    NO_FACTS,
    ParameterRefusedError,
    PlannedRun,
    decided,
    plan_for,
    when_it_runs,
)
from alert_bridge.domain.episodes import is_first_to_fire, is_refire, meaning_of
from alert_bridge.domain.matching import findings
from alert_bridge.domain.source import NotJsonError, ReceivedDelivery, Report, Source, identity_of
from alert_bridge.handlers.alerts import newest_episodes
from alert_bridge.handlers.choosing import with_providers
from alert_bridge.handlers.deliveries import NotKeptError, kept_delivery
from alert_bridge.handlers.rules import facts_for
from alert_bridge.handlers.runs import run_request
from alert_bridge.ports import AlertBridgeContext, Rules
from shared.alerts import stored_alert_of
from shared.collections import ALERT_DELIVERIES
from shared.contracts.alert import RuleDecision
from shared.contracts.rule_trial import (
    MOST_RULES_SHOWN,
    MOST_TRIED,
    RulesTrial,
    RulesTried,
    TriedAlert,
    TriedDecision,
    TryRules,
    bound_to_trial,
)
from shared.encryption import MasterKeyError
from shared.runs.composing import ActionMissingError, RunRefusedError, compose
from shared.store.port import Document


@dataclass(frozen=True)
class _Tried:
    """What the rules are tried on."""

    source: Source
    delivery: ReceivedDelivery
    integration: str = ""


@dataclass
class _Trial:
    """The rules being tried, and what came of it so far."""

    context: AlertBridgeContext
    rules: Rules
    alerts: list[TriedAlert] = field(default_factory=list)
    decisions: list[TriedDecision] = field(default_factory=list)

    async def add(self, report: Report, document: Document | None) -> None:
        """Ask the rules about one report; ``document`` is the newest episode of its fingerprint."""
        alert, now, number = report.alert, self.context.clock(), len(self.alerts)
        tried = TriedAlert(alert=alert, episode=document and document["id"], meaning=self._meaning(report, document))
        firing = alert.status == "firing"
        facts = await facts_for(self.context, self.rules, alert) if firing else NO_FACTS
        if firing:
            tried.rules = findings(self.rules, alert, facts.answers)[:MOST_RULES_SHOWN]
        plan = plan_for(alert, self.rules, now, episode="trial", facts=facts)
        self.alerts.append(tried)
        planned = {run.position: run for run in plan.planned}
        for position, decision in enumerate(plan.decisions):
            run = planned.get(position)
            self.decisions.append(_shown(number, decision) if run is None else await self._run(number, report, run))

    async def _run(self, number: int, report: Report, planned: PlannedRun) -> TriedDecision:
        """What would come of a run that is asked for: everything is looked up, and nothing is stored."""
        now = self.context.clock()
        try:
            parameters = await with_providers(self.context.store, planned.parameters)
            request = run_request("trial", report.alert.title, planned, parameters)
            composed = await compose(self.context.store, self.context.sealer, request, clock=self.context.clock)
        except ParameterRefusedError as error:
            return _shown(number, decided(planned, "parameters_refused", f"but {error}", at=now))
        except ActionMissingError:
            reason = f"but there is no action '{planned.action}'"
            return _shown(number, decided(planned, "action_missing", reason, at=now))
        except RunRefusedError as error:
            reason = f"but '{planned.action}' cannot be run so: {error}"
            return _shown(number, decided(planned, "parameters_refused", reason, at=now))
        waits = composed.run.state == "awaiting_approval"
        reason = f"and would request a run of '{planned.action}'{when_it_runs(planned, waits_for_people=waits)}"
        shown = _shown(number, decided(planned, "run_requested", reason, at=now))
        more = {"parameters": parameters, "not_before": planned.not_before, "waits_for_approval": waits}
        return shown.model_copy(update=more)

    def _meaning(self, report: Report, document: Document | None) -> str:
        if document is None:
            return "It is not known yet, and would be a new alert."
        known = stored_alert_of(document)
        name = f"alert {known.id}, which is {known.alert.status}"
        as_new = "; the decisions shown are those for a new alert" if report.alert.status == "firing" else ""
        meaning = meaning_of(report, known, self.context.clock())
        if meaning == "begins":
            return f"Its fingerprint is that of {name}; it would be a new alert."
        if meaning == "late":
            return f"It would be noted on {name}, as a report that comes late, and ask no rule{as_new}."
        if is_first_to_fire(report, known):
            return f"It would be the first report of {name}, that says it fires, and ask the rules."
        if is_refire(report, known):
            return f"It would be a later start of {name}, and ask the rules that say refire: run{as_new}."
        return f"It would be counted on {name}, and ask no rule{as_new}."


def _shown(number: int, decision: RuleDecision) -> TriedDecision:
    return TriedDecision(
        alert=number,
        rule=decision.rule,
        action=decision.action,
        decision=decision.decision,
        reason=decision.reason,
    )


async def try_rules(context: AlertBridgeContext, command: TryRules) -> RulesTried:
    """What the rules say, or why nobody can be asked."""
    answer = RulesTried(request_id=command.request_id, reply_to=command.reply_to, trial=RulesTrial())
    try:
        tried = await _tried(context, command)
        batch = await asyncio.to_thread(tried.source.read, tried.delivery)
    except (NotKeptError, NotJsonError, MasterKeyError) as error:
        return answer.model_copy(update={"error": str(error)})
    reports = [report.of_integration(tried.integration) for report in batch.reports]
    trial = await _trial(context, reports[:MOST_TRIED])
    warnings = batch.warnings.sentences
    if len(reports) > MOST_TRIED:
        warnings = [*warnings, f"of {len(reports)} alerts the first {MOST_TRIED} were tried"]
    told = RulesTrial(alerts=trial.alerts, decisions=trial.decisions, warnings=warnings)
    return answer.model_copy(update={"trial": told})


async def _trial(context: AlertBridgeContext, reports: Sequence[Report]) -> _Trial:
    trial = _Trial(context, await context.rules())
    known = await newest_episodes(context, [report.alert for report in reports]) if reports else {}
    for report in reports:
        await trial.add(report, known.get(identity_of(report.alert)))
    return trial


async def _tried(context: AlertBridgeContext, command: TryRules) -> _Tried:
    if not command.delivery_id:
        body = context.sealer.open(command.sealed, bound_to=bound_to_trial(command.request_id)).encode()
        return _Tried(_source(context, command.source), ReceivedDelivery(body, {}, context.clock()))
    document = await context.store.get(ALERT_DELIVERIES, command.delivery_id)
    if document is None:
        message = f"there is no delivery '{command.delivery_id}', or it is not kept any more"
        raise NotKeptError(message)
    source = _source(context, document["source"])
    kept = await kept_delivery(context, document)
    return _Tried(source, replace(kept.delivery, received_at=context.clock()), document.get("integration", ""))


def _source(context: AlertBridgeContext, name: str) -> Source:
    if (source := context.sources.get(name)) is None:
        message = f"there is no source '{name}' any more"
        raise NotKeptError(message)
    return source
