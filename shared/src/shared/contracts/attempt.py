"""Attempts: tries of one step of a run on one provider, and what each of them printed."""

from typing import Literal, NamedTuple

from pydantic import ConfigDict, JsonValue

from shared.contracts.action import OnLost, Shell
from shared.contracts.compiled_action import Limit
from shared.contracts.model import Model
from shared.contracts.step_settings import Capture, RunAs
from shared.contracts.values import Instant

LARGEST_CHUNK = 65_536
"""In bytes."""
DEFAULT_OUTPUT_LIMIT = 10 * 1024 * 1024
"""In bytes, for one attempt."""

OutputStream = Literal["stdout", "stderr", "marker"]
"""``marker`` is what the product itself says about the output, such as where its limit cut it."""


class OutputChunk(Model):
    """A piece of an attempt's output: the pieces in the order of ``seq`` are the stream, byte for byte."""

    model_config = ConfigDict(frozen=True)

    id: str
    """``ATTEMPT.SEQ``, with SEQ of eight digits: the ids of a run's chunks sort as its output reads."""
    run_id: str
    attempt_id: str
    step: str
    attempt: int
    provider: str
    seq: int
    """From 1 within its attempt, without gaps."""
    stream: OutputStream
    at: Instant
    first_line: int
    """The number, from 1 within the attempt, of the line that this chunk begins in."""
    offset: int
    """How many bytes of the attempt's output stand before it."""
    data: bytes


def chunk_id(attempt_id: str, seq: int) -> str:
    """The id of an attempt's chunk."""
    return f"{attempt_id}.{seq:08d}"


AttemptState = Literal["queued", "running", "succeeded", "failed", "cancelled", "unknown"]
ATTEMPT_ENDED: frozenset[AttemptState] = frozenset({"succeeded", "failed", "cancelled", "unknown"})

Reason = Literal[
    "exit_status",
    "signal",
    "timeout",
    "unreachable",
    "authentication_failed",
    "host_key_changed",
    "not_allowed",
    "misconfigured",
    "stale",
    "capture",
    "lost",
    "cancelled",
    "rejected",
    "expired",
    "condition",
    "concurrency",
]
"""Why a run, a step or an attempt ended as it did, in a word."""

NEVER_BEGAN: frozenset[Reason] = frozenset(
    {"unreachable", "authentication_failed", "host_key_changed", "not_allowed", "misconfigured", "stale"}
)
"""The reasons of attempts of which surely nothing was run."""

Ending = Literal["confirmed", "unconfirmed"]
"""Of a command that was ended before its time: whether it was seen that no process of it is left."""


class Outcome(Model):
    """How an attempt ended."""

    model_config = ConfigDict(frozen=True)

    exit_status: int | None = None
    signal: str | None = None
    """The signal's name without SIG, such as ``TERM``."""
    reason: Reason | None = None
    """Why it did not succeed; none for a success."""
    reason_text: str | None = None
    """The reason in a sentence with the next thing to do."""
    ending: Ending | None = None
    """Where a time-out, a cancel or a lost connection ended the command: how sure that is."""
    is_lasting: bool = False
    """Whether another attempt would end in the same way until a person has done something."""
    shell_pid: int | None = None
    """The process id that the command's shell had on the provider; none where it did not begin, or nobody heard it."""
    output_bytes: int = 0
    """How much the command printed, whether stored or left out."""
    output_chunks: int = 0
    """How many chunks are stored."""
    ended_at: Instant


class AttemptStatus(Model):
    """How far an attempt has come: the part of it that the scheduler follows."""

    id: str
    """``RUN.STEP.INVOCATION.NUMBER``, of fixed width: sorts as the run went, and no id begins another."""
    run_id: str
    step: str
    step_index: int
    invocation: int = 0
    """The place of its provider among those of the step, from 0."""
    number: int
    """From 1, within step and provider."""
    provider: str
    pool: str
    state: AttemptState = "queued"
    fence: int = 0
    """Counts the claims. Whoever writes names the number it claimed with, so a claimant of old writes nothing."""
    executor: str | None = None
    """The instance that holds it."""
    lease_until: Instant | None = None
    created_at: Instant
    outcome: Outcome | None = None


class CaptureSource(Model):
    """Where the value of a name such as ``steps.probe.captured`` stands, which is kept there alone."""

    name: str
    attempt_id: str
    capture: Capture
    path: list[str] = []
    """The fields of its JSON, from the outermost on."""


STATUS_FIELDS = tuple(name for name in AttemptStatus.model_fields if name != "id")
"""The fields that following an attempt reads, beside those that every document has."""


class Attempt(AttemptStatus):
    """An attempt as it is stored: made by the scheduler, from then on written by the executor that claims it.

    Only the scheduler's two words stand between: ``cancel`` (a request), and ``unknown`` once the lease ran out.
    """

    version: int = 1
    pin: str | None = None
    """The versions of its provider and of the jump hosts on the way, where it may meet no others; see ``plan.py``."""
    action: str
    """The name of the action, for people and for the command's environment."""
    command: str
    """Shell text in which parameters are references to variables; it holds nobody's values."""
    display_command: str
    """The command as people are shown it, values in place, long ones cut, and secrets masked."""
    shell: Shell
    parameters: dict[str, str] | None = None
    """Values as text, by parameter; they travel as variables. None where they are long: the run alone holds them."""
    secrets: dict[str, JsonValue]
    """Secret parameters: ``{"secret": name}`` or ``{"sealed": ciphertext}``."""
    limits: list[Limit] = []
    """What the values of secrets may not be, because of where they stand: only the executor knows them."""
    timeout: float
    """In seconds."""
    on_lost: OnLost
    success_exit_codes: list[int] | None = None
    """None: 0 alone."""
    run_as: RunAs | None = None
    masked_secrets: list[str] | None = None
    """Names of stored secrets that other steps of the run use: their values are masked in its output, too."""
    captures: list[Capture] | None = None
    """What is to be kept of its output."""
    capture_sources: list[CaptureSource] | None = None
    """What it reads of earlier steps."""
    back_within: float | None = None
    """Of a command that restarts its machine: after how many seconds that has to answer again."""
    output_limit: int = DEFAULT_OUTPUT_LIMIT
    """In bytes."""
    lost_attempts: list[str] = []
    """Earlier attempts of the step that may still run: what is left of them is ended first."""
    earlier_attempts: list[str] = []
    """All earlier attempts of the step whose command may have begun: nothing is run beside what is left of them."""
    cancel: bool = False
    """That the attempt is to be ended."""
    started_at: Instant | None = None
    """When it was claimed."""
    command_started_at: Instant | None = None
    """When the shell on the provider was told to begin."""
    captured: dict[Capture, str] | None = None
    """What was kept of its output, secrets masked."""
    boot: str | None = None
    """Of a command that restarts its machine: which start of that it was told to begin on. It is stored before the
    command can begin; empty where the machine does not tell one start from another."""


def step_id(run_id: str, step_index: int) -> str:
    """The id of a step of a run: ``RUN.STEP``."""
    return f"{run_id}.{step_index:03d}"


def invocation_id(run_id: str, step_index: int, invocation: int) -> str:
    """What the ids of all attempts of an invocation begin with: ``RUN.STEP.INVOCATION``."""
    return f"{run_id}.{step_index:03d}.{invocation:04d}"


def attempt_id(run_id: str, step_index: int, invocation: int, number: int) -> str:
    """The id of an attempt: ``RUN.STEP.INVOCATION.NUMBER``."""
    return f"{invocation_id(run_id, step_index, invocation)}.{number:02d}"


class AttemptKey(NamedTuple):
    """Which attempt of a run it is."""

    step_index: int
    invocation: int
    number: int


def attempt_key(attempt: str) -> AttemptKey:
    """What an attempt's id says; those of release 1 had no invocation, as a step ran on one provider."""
    _, step_index, *invocation, number = attempt.split(".")
    return AttemptKey(int(step_index), int(invocation[0]) if invocation else 0, int(number))
