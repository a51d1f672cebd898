"""Actions: versioned definitions of what is to be done, step by step."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field, JsonValue, StringConstraints, field_validator

from shared.contracts.definition import Definition, Reference, Strict
from shared.contracts.model import Model
from shared.contracts.parameter import Parameter
from shared.contracts.values import Description, Duration, Name, Title, is_name, shell_line_feeds

MOST_STEPS = 200
MOST_PARAMETERS = 100
MOST_RETRIES = 20
LONGEST_COMMAND = 65_536
LONGEST_TIMEOUT = 7 * 86_400.0
LONGEST_DELAY = 86_400.0

DEFAULT_STEP_TIMEOUT = 600.0
DEFAULT_RUN_TIMEOUT = 86_400.0

When = Literal["previous_success", "previous_failure", "always"]
OnFailure = Literal["stop", "continue"]
OnLost = Literal["hold", "rerun", "fail"]
Shell = Literal["sh", "bash"]

StepTimeout = Annotated[Duration, Field(ge=1, le=LONGEST_TIMEOUT)]


def _command(text: str) -> str:
    if not text.strip() or "\0" in text:
        message = "must not be blank and must not hold a NUL"
        raise ValueError(message)
    return shell_line_feeds(text)


class Retries(Strict):
    """How often, and after which pauses, a failed step is tried again."""

    count: Annotated[int, Field(ge=0, le=MOST_RETRIES)] = 0
    delay: Annotated[Duration, Field(le=LONGEST_DELAY)] = 1.0
    """Seconds before the second attempt."""
    backoff: Literal["fixed", "exponential"] = "fixed"
    """Whether every further pause is as long, or twice the one before; each varies by up to a tenth."""
    maximum_delay: Annotated[Duration, Field(le=LONGEST_DELAY)] = 3_600.0


class Step(Strict):
    """One shell command on one provider."""

    name: Name
    title: Title = ""
    description: Description = ""
    provider: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    """A provider's name, or ``{{ x }}`` with a parameter of type provider."""
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
    on_failure: OnFailure = "stop"
    on_lost: OnLost = "hold"
    """What follows when nobody knows how an attempt ended: the run ends as unknown, the step is run again
    (after making sure that the lost command is gone), or the step counts as failed."""

    @field_validator("retries", mode="before")
    @classmethod
    def bare_count(cls, retries: object) -> object:
        """``retries: 2`` is short for ``retries: {count: 2}``."""
        if isinstance(retries, int) and not isinstance(retries, bool):
            return {"count": retries}
        return retries


class Execution(Strict):
    """What holds for a run as a whole."""

    timeout: StepTimeout = DEFAULT_RUN_TIMEOUT
    """Of the whole run, in seconds, from its first step's start."""


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


class ActionDefinition(Definition):
    """An ordered list of steps with the parameters they take."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    kind: Literal["action"] = "action"
    name: Name
    title: Title = ""
    description: Description = ""
    category: Title = ""
    tags: Annotated[list[Annotated[str, StringConstraints(min_length=1, max_length=63)]], Field(max_length=32)] = []
    estimated_duration: Duration | None = None
    parameters: Annotated[list[Parameter], Field(max_length=MOST_PARAMETERS)] = []
    steps: Annotated[list[Step], Field(min_length=1, max_length=MOST_STEPS)]
    execution: Execution = Execution()

    def references(self) -> Iterator[Reference]:
        """The providers that its steps, and the defaults of its parameters, name outright."""
        for index, parameter in enumerate(self.parameters):
            if parameter.type == "provider" and is_name(str(parameter.default)):
                yield Reference("provider", str(parameter.default), f"parameters.{index}.default")
        for index, step in enumerate(self.steps):
            if "{{" not in step.provider:  # otherwise a parameter's value, which each run gives
                yield Reference("provider", step.provider, f"steps.{index}.provider")


class ActionReference(Model):
    """Which version of which action a run executes."""

    name: str
    version: int
    title: str = ""
    version_id: str
    """The id of that version, ``name@number``, which stays when the action is changed or deleted."""
