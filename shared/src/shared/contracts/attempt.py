"""Attempts: tries of one step of a run on one provider."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, JsonValue

from shared.contracts.action import OnLost, Shell
from shared.contracts.output import DEFAULT_OUTPUT_LIMIT
from shared.contracts.values import Instant

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
    "lost",
    "cancelled",
    "condition",
]
"""Why a run, a step or an attempt ended as it did, in a word."""

NEVER_BEGAN: frozenset[Reason] = frozenset(
    {"unreachable", "authentication_failed", "host_key_changed", "not_allowed", "misconfigured"}
)
"""The reasons of attempts of which surely nothing was run."""

Ending = Literal["confirmed", "unconfirmed"]
"""Of a command that was ended before its time: whether it was seen that no process of it is left."""


class Outcome(BaseModel):
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


class Attempt(BaseModel):
    """An attempt as it is stored: made by the scheduler, from then on written by the executor that claims it.

    Only the scheduler's two words stand between: ``cancel`` (a wish), and ``unknown`` once the lease ran out.
    """

    id: str
    """``RUN.STEP.NUMBER``, of fixed width: sorts as the run went, and no id begins another."""
    version: int = 1
    run_id: str
    step: str
    step_index: int
    number: int
    """From 1."""
    provider: str
    pool: str
    action: str
    """The name of the action, for people and for the command's environment."""
    command: str
    """Shell text in which parameters are references to variables; it holds nobody's values."""
    display_command: str
    """The command as people are shown it, values in place and secrets masked."""
    shell: Shell
    parameters: dict[str, str]
    """Values as text, by parameter; they travel as variables."""
    secrets: dict[str, JsonValue]
    """Secret parameters: ``{"secret": name}`` or ``{"sealed": ciphertext}``."""
    timeout: float
    """In seconds."""
    on_lost: OnLost
    output_limit: int = DEFAULT_OUTPUT_LIMIT
    """In bytes."""
    lost_attempts: list[str] = []
    """Earlier attempts of the step that may still run: what is left of them is ended first."""
    earlier_attempts: list[str] = []
    """All earlier attempts of the step whose command may have begun: nothing is run beside what is left of them."""
    state: AttemptState = "queued"
    cancel: bool = False
    """That the attempt is to be ended."""
    fence: int = 0
    """Counts the claims. Whoever writes names the number it claimed with, so a claimant of old writes nothing."""
    executor: str | None = None
    """The instance that holds it."""
    lease_until: Instant | None = None
    created_at: Instant
    started_at: Instant | None = None
    """When it was claimed."""
    command_started_at: Instant | None = None
    """When the shell on the provider was told to begin."""
    outcome: Outcome | None = None


def attempt_id(run_id: str, step_index: int, number: int) -> str:
    """The id of an attempt."""
    return f"{run_id}.{step_index:03d}.{number:02d}"


def step_and_number(attempt: str) -> tuple[int, int]:
    """The index of the step and the number of the attempt, from its id."""
    _, step_index, number = attempt.split(".")
    return int(step_index), int(number)
