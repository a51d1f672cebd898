"""Conditions in CEL: whether one may be saved, what it reads, and whether it holds."""

import asyncio
import json
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from shared import cel
from shared.contracts.action import WHEN_WORDS, ActionDefinition, Step
from shared.contracts.alert import ALERT_FIELDS, ALERT_MAPS
from shared.contracts.compiled_action import CompiledCondition
from shared.contracts.problem import nearest
from shared.contracts.run import Run
from shared.contracts.values import instant_text

STEP_FIELDS = ("state", "exit_status", "output")
RUN_FIELDS = ("id", "action", "version", "trigger", "created_at", "not_before", "started_at", "failed")
TRIGGER_FIELDS = ("kind", "by", "note")
_ALERT_FIELDS = tuple(name.split(".")[1] for name in (*ALERT_FIELDS, *ALERT_MAPS))

IDLE_SECONDS = 60.0
"""After so long without a question the process that evaluates is ended."""
LONGEST_WAIT = 10.0
"""Seconds, however busy the machine is, for what may take a second of CPU."""
_KEPT = ("PATH", "LD_LIBRARY_PATH")


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

    _process: asyncio.subprocess.Process | None = None
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)
    _idle: asyncio.TimerHandle | None = None

    async def holds(self, text: str, values: Mapping[str, Any]) -> bool:
        """Whether it holds for these values; ``ConditionError`` where that cannot be said."""
        try:
            question = json.dumps({"text": text, "values": values}).encode() + b"\n"
        except RecursionError:
            message = "what it reads is nested too deeply"
            raise ConditionError(message) from None
        async with self._one_at_a_time:
            was_there = self._process is not None
            answer = await self._ask(question)
            if answer is None and was_there:  # it may have ended before it was asked
                answer = await self._ask(question)
            self._end_when_idle()
        if answer is None:
            raise ConditionError(cel.TOO_MUCH)
        if "error" in answer:
            raise ConditionError(answer["error"])
        return answer["holds"] is True

    async def close(self) -> None:
        """End the process."""
        async with self._one_at_a_time:
            await self._end()

    async def _ask(self, question: bytes) -> dict[str, Any] | None:
        """What the process answers; none where it ended of that, or took too long."""
        process = self._process = self._process or await self._started()
        if process.stdin is None or process.stdout is None:
            raise RuntimeError
        with suppress(TimeoutError):
            async with asyncio.timeout(LONGEST_WAIT):
                with suppress(ConnectionError):
                    process.stdin.write(question)
                    await process.stdin.drain()
                    if line := await process.stdout.readline():
                        answer: dict[str, Any] = json.loads(line)
                        return answer
                await process.wait()  # to signal one that is just ending can take its status from who waits for it
        status = await self._end()
        return (
            {"error": f"the program that evaluates conditions cannot be run: it ended with {status}"}
            if status
            else None
        )

    async def _started(self) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", cel.__file__),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for those who ask
            env={name: os.environ[name] for name in _KEPT if name in os.environ},
        )

    async def _end(self) -> int:
        """End it; the status with which it had ended by itself, where it had failed."""
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None
        process, self._process = self._process, None
        if process is not None:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    process.kill()
            await process.communicate()
        return max(process.returncode or 0, 0) if process is not None else 0

    def _end_when_idle(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
        loop = asyncio.get_running_loop()
        self._idle = loop.call_later(IDLE_SECONDS, lambda: loop.create_task(self.close()))
