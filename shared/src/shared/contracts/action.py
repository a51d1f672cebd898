"""Actions: versioned definitions of what is to be done, step by step, and what the analysis of their commands found."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    ConfigDict,
    Field,
    JsonValue,
    StringConstraints,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from shared.contracts.alert_rule import OwnRule
from shared.contracts.approval import RequiredApproval
from shared.contracts.category import Category, Tag
from shared.contracts.channel import Notifies, channels_named
from shared.contracts.definition import Definition, Reference, Strict
from shared.contracts.distinct import Distinct
from shared.contracts.model import Model
from shared.contracts.parameter import Parameter
from shared.contracts.rollout import ProviderName, ProviderSelector, ProvidersOfStep, Rollout
from shared.contracts.schedule import ScheduleSettings
from shared.contracts.step_settings import (
    Capture,
    Environment,
    ExitCodes,
    ExpectDisconnect,
    RunAs,
    Stdin,
    WorkingDirectory,
)
from shared.contracts.values import (
    LONGEST_EXPRESSION,
    Description,
    Duration,
    Expression,
    Name,
    Title,
    Whole,
    between,
    is_name,
    shell_line_feeds,
)

MOST_STEPS = 200
MOST_PARAMETERS = 100
MOST_RETRIES = 20
LONGEST_COMMAND = 65_536
LONGEST_TIMEOUT = 7 * 86_400.0
LONGEST_DELAY = 86_400.0
MOST_AT_THE_SAME_TIME = 1_000
MOST_IN_QUEUE = 1_000
MOST_TRIGGERS = 20

DEFAULT_STEP_TIMEOUT = 600.0
DEFAULT_RUN_TIMEOUT = 86_400.0

WHEN_WORDS = ("previous_success", "previous_failure", "always")
When = Annotated[
    Expression,
    AfterValidator(lambda text: text.strip() if text.strip() in WHEN_WORDS else text),
    WithJsonSchema(
        {"anyOf": [{"enum": list(WHEN_WORDS)}, {"type": "string", "minLength": 1, "maxLength": LONGEST_EXPRESSION}]}
    ),
]
"""A word, or a condition in CEL."""
OnFailure = Literal["stop", "continue"]
OnLost = Literal["hold", "rerun", "fail"]
Shell = Literal["sh", "bash"]
Confirmation = Literal["none", "ask", "type_name"]
Mode = Literal["manual", "scheduled", "triggered"]

StepTimeout = Annotated[Duration, between(1, LONGEST_TIMEOUT)]


_EXAMPLE: JsonValue = {
    "name": "restart-service",
    "title": "Restart a service",
    "parameters": [
        {"name": "host", "type": "provider", "required": True},
        {"name": "service", "type": "string", "pattern": "[A-Za-z0-9@._-]+", "default": "nginx"},
    ],
    "steps": [
        {"name": "restart", "provider": "{{ host }}", "command": "systemctl restart {{ service }}", "timeout": "30s"},
        {"name": "verify", "provider": "{{ host }}", "command": "systemctl is-active {{ service }}", "retries": 2},
    ],
}


def _command(text: str) -> str:
    if not text.strip():
        message = "is blank: write what the step runs"
        raise ValueError(message)
    if "\0" in text:
        message = "holds a NUL, which no shell can be given"
        raise ValueError(message)
    return shell_line_feeds(text)


class Retries(Strict):
    """How often, and after which pauses, a failed step is tried again."""

    count: Annotated[Whole, Field(ge=0, le=MOST_RETRIES)] = 0
    delay: Annotated[Duration, between(0, LONGEST_DELAY)] = 1.0
    """Seconds before the second attempt."""
    backoff: Literal["fixed", "exponential"] = "fixed"
    """Whether every further pause is as long, or twice the one before; each varies by up to a tenth."""
    maximum_delay: Annotated[Duration, between(0, LONGEST_DELAY)] = 3_600.0


class Step(Strict):
    """One shell command on one provider, or on each of several."""

    name: Name
    title: Title = ""
    description: Description = ""
    provider: ProviderName | None = None
    """A provider's name, or ``{{ x }}`` with a parameter of type provider."""
    providers: ProvidersOfStep | None = None
    """Instead of ``provider``: a list of such names, ``{group: NAME}``, or ``{labels: {NAME: VALUE}}``."""
    rollout: Rollout | None = None
    """In which order the command runs on ``providers``, and when that stops."""
    command: Annotated[
        str,
        StringConstraints(max_length=LONGEST_COMMAND),
        AfterValidator(_command),
        Field(json_schema_extra={"minLength": 1, "pattern": r"^[^\x00]*\S[^\x00]*$"}),
    ]
    shell: Shell = "sh"
    timeout: StepTimeout = DEFAULT_STEP_TIMEOUT
    """Of each attempt, in seconds."""
    retries: Retries = Retries()
    when: When = "previous_success"
    """``previous_success``, ``previous_failure``, ``always``, or a condition in CEL."""
    on_failure: OnFailure = "stop"
    on_lost: OnLost = "hold"
    """What follows when nobody knows how an attempt ended: the run ends as unknown, the step is run again
    (after making sure that the lost command is gone), or the step counts as failed."""
    environment: Environment = {}
    working_directory: WorkingDirectory | None = None
    """None: the home of the user who runs the command."""
    stdin: Stdin | None = None
    """None: the command finds its input empty."""
    run_as: RunAs | None = None
    """None: the user who logs in."""
    success_exit_codes: ExitCodes = [0]
    """The exit codes with which the command succeeded."""
    capture: Capture | None = None
    """What later steps may read as ``{{ steps.NAME.captured }}``."""
    expect_disconnect: ExpectDisconnect | None = None
    """That the command restarts its machine: it succeeded once that is back."""
    approval: RequiredApproval = None
    """Whose approval the step waits for before it begins; ``required`` is short for one operator's, within an hour."""

    @field_validator("retries", mode="before")
    @classmethod
    def bare_count(cls, retries: object) -> object:
        """``retries: 2`` is short for ``retries: {count: 2}``."""
        if isinstance(retries, int | str) and not isinstance(retries, bool) and str(retries).lstrip("-").isdecimal():
            return {"count": retries}
        if not isinstance(retries, dict | Retries):
            message = f"has to be a number from 0 to {MOST_RETRIES}, such as 2, or {{count: 2, delay: 5s}}"
            raise ValueError(message)  # noqa: TRY004 - one class for whatever a person has to mend
        return retries

    @field_validator("provider", mode="before")
    @classmethod
    def is_one_provider(cls, provider: object) -> object:
        """Several have a field of their own."""
        if isinstance(provider, list | dict):
            message = "is one provider's name; several go into providers: [a, b], {group: …} or {labels: {…}}"
            raise ValueError(message)  # noqa: TRY004 - one class for whatever a person has to mend
        return provider

    @model_validator(mode="after")
    def is_on_one_or_on_several(self) -> "Step":
        """There is one way to say where the command runs."""
        if self.provider is not None and self.providers is not None:
            message = "takes provider or providers, not both: one machine, or several"
            raise ValueError(message)
        if self.rollout is not None and self.providers is None:
            message = "rollout is for a step on several machines: give providers instead of provider"
            raise ValueError(message)
        return self

    def named_providers(self) -> Iterator[tuple[str, str]]:
        """Every provider that it names by itself, as it is written, and the field where the name stands."""
        if self.provider is not None:
            yield self.provider, "provider"
        if isinstance(self.providers, list):
            yield from ((name, f"providers.{index}") for index, name in enumerate(self.providers))


class Execution(Strict):
    """How an action comes to run, and what holds for a run as a whole."""

    mode: Mode = "manual"
    """What runs it besides whoever asks: nothing, its own schedule, or its own rules. What belongs to another mode is
    kept, and does nothing."""
    schedule: ScheduleSettings | None = None
    """When it runs by itself, with ``mode: scheduled``."""
    triggers: Annotated[list[OwnRule], Field(max_length=MOST_TRIGGERS)] = []
    """Which alerts run it, with ``mode: triggered``."""
    timeout: StepTimeout = DEFAULT_RUN_TIMEOUT
    """Of the whole run, in seconds, from its first step's start."""
    approval: RequiredApproval = None
    """Whose approval a run waits for before it starts; ``required`` is short for one operator's, within an hour."""


class Concurrency(Strict):
    """How many runs of an action, or of those alike by a key, are under way at a time, and what becomes of more."""

    limit: Annotated[Whole, Field(ge=1, le=MOST_AT_THE_SAME_TIME)] = 1
    key: Annotated[str, StringConstraints(max_length=1_000)] = ""
    """A text with ``{{ parameter }}`` in it: runs for which it comes to the same share the limit. Empty: all do."""
    when_full: Literal["queue", "skip", "replace"] = "queue"
    """What becomes of a run for which there is no room: it waits its turn, it ends as skipped, or it cancels the oldest
    that is under way and takes its place."""
    queue_limit: Annotated[Whole, Field(ge=0, le=MOST_IN_QUEUE)] = 20
    """How many may wait; one more is refused."""
    queue_ttl: Annotated[Duration, between(1, LONGEST_TIMEOUT)] = 3_600.0
    """How long one waits before it ends as expired, in seconds."""


class ActionDefinition(Definition):
    """An ordered list of steps with the parameters they take."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    kind: Literal["action"] = "action"
    name: Name
    title: Title = ""
    description: Description = ""
    category: Category = "Custom"
    """Maintenance, Recovery, Diagnostics, Security, Custom, or one of your own."""
    tags: Annotated[list[Tag], Field(max_length=32), Distinct()] = []
    estimated_duration: Duration | None = None
    confirm: Confirmation = "none"
    """What a person is asked before the console or the command line runs it: nothing, whether to go on, or the name."""
    parameters: Annotated[list[Parameter], Field(max_length=MOST_PARAMETERS)] = []
    condition: Expression | None = None
    """In CEL; asked when a run would start, which ends as skipped where it does not hold."""
    concurrency: Concurrency | None = None
    steps: Annotated[list[Step], Field(min_length=1, max_length=MOST_STEPS)]
    execution: Execution = Execution()
    notify: Notifies = []
    """Which channels are told of its runs: how they ended, and that they wait for an approval."""

    @property
    def mode(self) -> Mode:
        """What runs it besides whoever asks; the store is asked for it."""
        return self.execution.mode

    def needs_approval(self) -> bool:
        """Whether a run of it, or a step, waits for people to approve."""
        return self.execution.approval is not None or any(step.approval is not None for step in self.steps)

    def references(self) -> Iterator[Reference]:
        """All that it names outright: providers and groups of its steps, default providers, and secrets."""
        for index, parameter in enumerate(self.parameters):
            if parameter.type == "provider" and is_name(str(parameter.default)):
                yield Reference("provider", str(parameter.default), f"parameters.{index}.default")
        for index, step in enumerate(self.steps):
            for name, field in step.named_providers():
                if "{{" not in name:  # otherwise a parameter's value, which each run gives
                    yield Reference("provider", name, f"steps.{index}.{field}")
            if isinstance(step.providers, ProviderSelector) and step.providers.group is not None:
                yield Reference("provider_group", step.providers.group, f"steps.{index}.providers.group")
            if step.run_as is not None and step.run_as.password is not None:
                yield Reference("secret", step.run_as.password.secret, f"steps.{index}.run_as.password.secret")
        yield from channels_named(self.notify)


class ActionReference(Model):
    """Which version of which action a run executes."""

    name: str
    version: int
    title: str = ""
    version_id: str
    """The id of that version, ``name@number``, which stays when the action is changed or deleted."""
