"""Whether a step is to run after what came before it, and what has to be asked for to know that. Pure.

A condition in CEL is not evaluated here: whoever moves a run on is told which one is asked for, and asks again with the
answer. One that says nothing about ``run.failed`` is asked only where no step has stopped the run, as for
``previous_success``: whoever writes ``params.wipe`` does not mean "also after the backup failed".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple

from shared.contracts.action import Step
from shared.contracts.compiled_action import CompiledAction
from shared.contracts.presentation import UNDECIDED
from shared.contracts.principal import Principal
from shared.contracts.run import Run, WaitingFor
from shared.contracts.slot import SlotAnswer

Question = int | Literal["alert", "approval", "condition", "slot", "window"]
"""What is asked for: the condition of the step with this index, or of the action; whether the alert fires still; who
decided about the run; a slot; a maintenance window.
"""
LONGEST_SHOWN = 200
"""Characters of a condition in a sentence."""


class ConditionAnswer(NamedTuple):
    """What came of a condition."""

    holds: bool
    error: str = ""
    """Why nobody can say whether it holds."""


class AlertAnswer(NamedTuple):
    """Whether what a run answers is over."""

    is_over: bool
    why: str = ""
    """In a sentence, where it is."""


@dataclass(frozen=True)
class Answers:
    """What was asked for so far; how a condition or a slot is is decided anew in every turn."""

    compiled: CompiledAction | None = None
    conditions: Mapping[Question, ConditionAnswer] = field(default_factory=dict)
    slot: SlotAnswer | None = None
    window: WaitingFor | Literal["open"] | None = None
    """Whether a maintenance window holds the run."""
    alert: AlertAnswer | None = None
    principals: Mapping[str, Principal] | None = None
    """By their ids those who decided about the run and are still there, with what they may do by now."""

    def reads(self, step: int | None) -> list[str]:
        """What the condition of a step, or of the action, reads."""
        found = (one.reads for one in (self.compiled.conditions if self.compiled else ()) if one.step == step)
        return next(found, [])

    def with_condition(self, question: Question, answer: ConditionAnswer) -> "Answers":
        """With the answer to one question more."""
        return replace(self, conditions={**self.conditions, question: answer})


NO_ANSWERS = Answers()


class Decision(NamedTuple):
    """Whether a step is to run."""

    kind: Literal["run", "skip", "fail", "ask"]
    why: str = ""
    """In a sentence, where it is not to."""


_RUN = Decision("run")
WHY_STOPPED = {
    "cancelled": "the run was cancelled",
    "timeout": "the run took too long",
    "rejected": "the run was rejected",
    "expired": "the run was not approved in time",
}
"""Why nothing of a run begins any more, by the reason of its stop."""


def decision(run: Run, index: int, step: Step, answers: Answers, *, halted_by: str) -> Decision:
    """What becomes of a step whose turn it is; ``halted_by`` says which step has stopped the run, if one has."""
    if run.stop is not None and step.when != "always":
        return Decision("skip", WHY_STOPPED[run.stop.reason])
    match step.when:
        case "always":
            return _RUN
        case "previous_success":
            return Decision("skip", halted_by) if halted_by else _RUN
        case "previous_failure":
            has_failed = any(earlier.state == "failed" for earlier in run.steps)
            return _RUN if has_failed else Decision("skip", "no step before it has failed")
    if halted_by and "run.failed" not in answers.reads(index):
        return Decision("skip", halted_by)
    return _answered(step.when, answers.conditions.get(index))


def _answered(text: str, answer: ConditionAnswer | None) -> Decision:
    if answer is None:
        return Decision("ask")
    if answer.error:
        return Decision("fail", undecided(answer.error))
    return _RUN if answer.holds else Decision("skip", unmet(text))


def unmet(text: str) -> str:
    """That a condition does not hold."""
    line = " ".join(text.split())
    return f"its condition does not hold: {line if len(line) <= LONGEST_SHOWN else line[:LONGEST_SHOWN] + '…'}"


def undecided(error: str) -> str:
    """That nobody can say whether a condition holds."""
    return f"{UNDECIDED}: {error}"
