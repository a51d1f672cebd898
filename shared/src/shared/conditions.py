"""Conditions in CEL: whether one may be saved, what it reads, and whether it holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from shared import cel
from shared.answering_program import AnsweringProgram, ProgramFailedError
from shared.contracts.action import WHEN_WORDS, ActionDefinition, Step
from shared.contracts.alert import ALERT_FIELDS, ALERT_MAPS, Alert
from shared.contracts.compiled_action import CompiledCondition
from shared.contracts.problem import nearest
from shared.contracts.run import Run
from shared.contracts.values import instant_text

STEP_FIELDS = ("state", "exit_status", "output")
RUN_FIELDS = ("id", "action", "version", "trigger", "created_at", "not_before", "started_at", "failed")
TRIGGER_FIELDS = ("kind", "by", "note")
_ALERT_FIELDS = tuple(name.split(".")[1] for name in (*ALERT_FIELDS, *ALERT_MAPS))

LONGEST_WAIT = 10.0
"""Seconds, however busy the machine is, for what may take a second of CPU."""

_DASH = '; a step with a dash in its name is written steps["NAME"]'


class ConditionError(ValueError):
    """A condition that is none, or of which nobody can say whether it holds; in a sentence."""


def is_condition(when: str) -> bool:
    """Whether a step's ``when`` is one in CEL, and not a word."""
    return when not in WHEN_WORDS


def readable(step: Step) -> tuple[str, ...]:
    """What a condition may read of a step that comes before."""
    return (*STEP_FIELDS, "captured") if step.capture is not None else STEP_FIELDS


def known_before(run: Run, now: datetime) -> dict[str, Any]:
    """What conditions know of a run of which no step has run yet, and which answers no alert; never a secret."""
    trigger = run.trigger
    times = {"created_at": run.created_at, "not_before": run.not_before, "started_at": run.started_at}
    return {
        "params": {name: value for name, value in run.parameters.items() if not isinstance(value, dict)},
        "steps": {},
        "alert": None,
        "run": {
            "id": run.id,
            "action": run.action.name,
            "version": run.action.version,
            "trigger": {"kind": trigger.kind, "by": trigger.by, "note": trigger.note},
            **{name: None if instant is None else instant_text(instant) for name, instant in times.items()},
            "failed": False,
        },
        "now": now.isoformat(),
    }


def compile_condition(text: str, action: ActionDefinition, step: int | None = None) -> CompiledCondition:
    """What the condition of a step, or of the action, reads; ``ConditionError`` says where it is wrong."""
    try:
        names = cel.names_in(text)
    except cel.CelError as error:
        raise ConditionError(f"{error}{_hint(error, text, action, step)}") from error
    reads: dict[str, None] = {}
    for name in names:
        message = _wrong(name.path, action, step)
        if message:
            raise ConditionError(f"line {name.line}, column {name.column}: {message}")
        match name.path:
            case ("alert", *_):
                reads["alert"] = None
            case ("run", "failed") | ("steps", _, _, *_):
                reads[".".join(name.path[:3])] = None
    return CompiledCondition(step=step, reads=list(reads))


RULE_ROOTS = ("alert", "now")
"""What the condition of an alert rule knows: there is no run yet."""


def check_rule_condition(text: str) -> None:
    """``ConditionError`` for what cannot be the condition of an alert rule; it says where it is wrong."""
    try:
        names = cel.names_in(text)
    except cel.UnknownNameError as error:
        known = nearest(error.name.partition(".")[0], RULE_ROOTS) or f"; known are {', '.join(RULE_ROOTS)}"
        raise ConditionError(f"{error}{known}") from error
    except cel.CelError as error:
        raise ConditionError(str(error)) from error
    for name in names:
        root, *rest = name.path
        message = "" if root in RULE_ROOTS else f"a rule knows no '{root}', as nothing runs yet; it knows alert and now"
        if root == "alert" and rest and rest[0] not in _ALERT_FIELDS:
            message = _no_such("alert", rest, _ALERT_FIELDS)
        if message:
            raise ConditionError(f"line {name.line}, column {name.column}: {message}")


def shown_alert(alert: Alert) -> dict[str, Any]:
    """What conditions see of an alert; null where it has none of something."""
    fields = {name.partition(".")[2]: read(alert) for name, read in ALERT_FIELDS.items()}
    return fields | {name.split(".")[1]: dict(read(alert)) for name, read in ALERT_MAPS.items()}


def known_to_rules(alert: Alert, now: datetime) -> dict[str, Any]:
    """What the condition of an alert rule knows."""
    return {"alert": shown_alert(alert), "now": now.isoformat()}


def _hint(error: cel.CelError, text: str, action: ActionDefinition, step: int | None) -> str:
    """What was probably meant."""
    if any("-" in one.name and f"steps.{one.name}" in text for one in action.steps):
        return _DASH
    if not isinstance(error, cel.UnknownNameError):
        return ""
    words = nearest(text.strip(), WHEN_WORDS) if step is not None else ""
    return words or nearest(error.name.partition(".")[0], cel.ROOTS) or f"; known are {', '.join(cel.ROOTS)}"


def _wrong(path: Sequence[str], action: ActionDefinition, step: int | None) -> str:
    """What is wrong with something that a condition names, in words."""
    root, *rest = path
    match root:
        case "params" if rest:
            return _wrong_parameter(rest[0], action)
        case "steps":
            return _wrong_step(rest, action, step)
        case "run" if not rest or rest[0] not in RUN_FIELDS:
            return _no_such("run", rest, RUN_FIELDS)
        case "run" if rest[0] == "trigger" and (len(rest) == 1 or rest[1] not in TRIGGER_FIELDS):
            return _no_such("run.trigger", rest[1:], TRIGGER_FIELDS)
        case "alert" if rest and rest[0] not in _ALERT_FIELDS:
            return _no_such("alert", rest, _ALERT_FIELDS)
    return ""


def _no_such(of: str, rest: Sequence[str], known: Sequence[str]) -> str:
    said = f"there is no {of}.{rest[0]}{nearest(rest[0], known)}" if rest else f"say what of {of}"
    return f"{said}; of {of} there is {', '.join(known)}"


def _wrong_parameter(name: str, action: ActionDefinition) -> str:
    kinds = {parameter.name: parameter.type for parameter in action.parameters}
    if name not in kinds:
        return f"there is no parameter '{name}'{nearest(name, kinds)}"
    return f"the parameter '{name}' is a secret, which no condition can read" if kinds[name] == "secret" else ""


def _wrong_step(rest: Sequence[str], action: ActionDefinition, step: int | None) -> str:
    if step is None:
        return "whether a run starts is decided before any of its steps has run; a step's own condition is its 'when'"
    if not rest:
        return 'write out the name of the step, as steps.probe.state or steps["probe"].state'
    before = {one.name: one for one in action.steps[:step]}
    name = rest[0]
    if name not in before:
        later = name in {one.name for one in action.steps}
        wrong = f"the step '{name}' does not come before this one" if later else f"there is no step '{name}'"
        return f"{wrong}{nearest(name, before)}"
    known = readable(before[name])
    return _no_such(f"steps.{name}", rest[1:], known) if len(rest) == 1 or rest[1] not in known else ""


@dataclass
class ConditionEvaluator:
    """Evaluates conditions, in a process of its own that is started when it is needed: see ``shared.cel``."""

    _program: AnsweringProgram = field(default_factory=lambda: AnsweringProgram(cel.__file__, LONGEST_WAIT))

    async def holds(self, text: str, values: Mapping[str, Any]) -> bool:
        """Whether it holds for these values; ``ConditionError`` where that cannot be said."""
        try:
            answer = await self._program.ask({"text": text, "values": values}, is_harmless=True)
        except RecursionError:
            message = "what it reads is nested too deeply"
            raise ConditionError(message) from None
        except ProgramFailedError as error:
            message = f"the program that evaluates conditions cannot be run: {error}"
            raise ConditionError(message) from error
        if answer is None:
            raise ConditionError(cel.TOO_MUCH)
        if "error" in answer:
            raise ConditionError(answer["error"])
        return answer["holds"] is True

    async def close(self) -> None:
        """End the process."""
        await self._program.close()
