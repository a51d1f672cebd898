"""Providers: the machines that shell commands run on, the keys they show, and the test of a connection to one."""

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field, JsonValue, StringConstraints, field_validator, model_validator

from shared.contracts.definition import Definition, Reference, Strict
from shared.contracts.host_key import public_keys, read_host_key
from shared.contracts.model import Message
from shared.contracts.values import Description, Name, Whole, in_words, whole_text

DEFAULT_POOL = "default"
MAXIMUM_LABELS = 64
MOST_JUMPS = 8
"""Other providers that the way to one may lead through."""
TEST_WITHIN = 20.0
"""Seconds within which an executor answers a test. Whoever asks waits longer: else a slow log-in would be told as an
executor that is missing."""


_NO_HOST = "is a name or an address, as in web-1.example.org or 10.0.0.11: letters, digits and . _ : % - alone"
_NO_USER = "is the name of a user, without blanks"
HOST_ALONE = "is the host alone: write the user as user: NAME and the port as port: NUMBER, each by itself"


CREDENTIALS = ("private_key", "passphrase", "certificate", "password")
"""The fields of a connection that each name a secret."""


class SecretReference(Strict):
    """A secret by its name; its value is read only where it is used."""

    secret: Name


class SshConnection(Strict):
    """How a provider is reached over SSH."""

    host: Annotated[
        str, StringConstraints(min_length=1, max_length=253, pattern=r"^[A-Za-z0-9._:%-]+$"), in_words(_NO_HOST)
    ]
    port: Annotated[Whole, Field(ge=1, le=65535)] = 22
    user: Annotated[
        str, StringConstraints(min_length=1, max_length=64, pattern=r"^[^\s\x00-\x1f\x7f]+$"), in_words(_NO_USER)
    ]
    private_key: SecretReference | None = None
    """The key, and behind it in the same text its certificate, where an authority has signed it."""
    passphrase: SecretReference | None = None
    certificate: SecretReference | None = None
    """The certificate of the key, where it does not stand behind the key itself."""
    password: SecretReference | None = None
    host_key: Annotated[str, StringConstraints(max_length=4096)] | None = None
    """What the provider has to show: the fingerprint, as ssh-keygen -l prints it, or the whole public key, as
    ssh-keyscan does; otherwise pinned on first use."""
    host_ca: Annotated[str, StringConstraints(max_length=16384)] | None = None
    """The public keys, one a line, of those who may sign the provider's host key; it then has to show a certificate."""
    jump: Name | None = None
    """The provider whose connection leads to this one."""

    @field_validator("host", mode="before")
    @classmethod
    def is_a_host_alone(cls, given: object) -> object:
        """The user and the port have fields of their own."""
        if isinstance(given, str) and ("@" in given or "[" in given):
            raise ValueError(HOST_ALONE)
        return given

    @field_validator("host_key")
    @classmethod
    def is_a_host_key(cls, given: str | None) -> str | None:
        """A fingerprint or a public key."""
        if given is not None:
            read_host_key(given)
        return given

    @field_validator("host_ca")
    @classmethod
    def is_public_keys(cls, given: str | None) -> str | None:
        """Public keys, one a line."""
        if given is not None:
            public_keys(given)
        return given

    @model_validator(mode="after")
    def has_a_credential(self) -> "SshConnection":
        """Something to log in with has to be there."""
        if self.private_key is None and self.password is None:
            message = "needs private_key or password, each as {secret: NAME}"
            raise ValueError(message)
        if self.passphrase is not None and self.private_key is None:
            message = "passphrase opens a private_key, and none is given"
            raise ValueError(message)
        if self.certificate is not None and self.private_key is None:
            message = "certificate goes with a private_key, and none is given"
            raise ValueError(message)
        if self.host_key is not None and self.host_ca is not None:
            message = "takes host_key or host_ca, not both: one names the key, the other who may sign any"
            raise ValueError(message)
        return self


def pin_id(uid: str, ssh: SshConnection) -> str:
    """Names a provider at an address: what a pinned host key belongs to."""
    return f"{uid}:{ssh.host}:{ssh.port}"


class LocalConnection(Strict):
    """The machine that the executor itself runs on; off unless the administrator allows it."""


class Connection(Strict):
    """One of the ways to reach a provider."""

    ssh: SshConnection | None = None
    local: LocalConnection | None = None

    @model_validator(mode="before")
    @classmethod
    def is_no_bare_word(cls, given: object) -> object:
        """``local`` by itself is nearly right, so it is told what is missing."""
        if isinstance(given, str):
            message = "has to be {local: {}} or {ssh: {host: …, user: …, private_key: …}}"
            raise ValueError(message)  # noqa: TRY004 - pydantic wants this kind
        return given

    @model_validator(mode="after")
    def is_of_one_kind(self) -> "Connection":
        """Exactly one way is given."""
        if (self.ssh is None) == (self.local is None):
            message = "needs exactly one of: ssh, local"
            raise ValueError(message)
        return self


_EXAMPLE: JsonValue = {
    "name": "web-1",
    "description": "Front web server",
    "connection": {
        "ssh": {"host": "10.0.0.11", "port": 22, "user": "deploy", "private_key": {"secret": "deploy-key"}},
    },
    "labels": {"role": "web", "env": "prod"},
    "pool": "default",
}


def label_text(value: object) -> object:
    """The value of a label, of a whole number its text."""
    return value if isinstance(value, bool) else whole_text(value)


_Label = Annotated[str, StringConstraints(max_length=200)]
_WrittenLabels = Annotated[dict[Name, _Label | int], Field(max_length=MAXIMUM_LABELS)]


class ProviderDefinition(Definition):
    """A machine that shell commands run on."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    kind: Literal["provider"] = "provider"
    name: Name
    description: Description = ""
    connection: Connection
    labels: Annotated[dict[Name, _Label], Field(max_length=MAXIMUM_LABELS)] = {}
    pool: Name = DEFAULT_POOL

    @field_validator("labels", mode="before", json_schema_input_type=_WrittenLabels)
    @classmethod
    def texts(cls, labels: object) -> object:
        """YAML reads ``rack: 12`` as a number; a label is its text."""
        if not isinstance(labels, dict):
            return labels
        return {key: label_text(value) for key, value in labels.items()}

    def references(self) -> Iterator[Reference]:
        """The secrets that open it, and the provider that leads to it."""
        ssh = self.connection.ssh
        if ssh is None:
            return
        for credential in CREDENTIALS:
            if (reference := getattr(ssh, credential)) is not None:
                yield Reference("secret", reference.secret, f"connection.ssh.{credential}.secret")
        if ssh.jump is not None:
            yield Reference("provider", ssh.jump, "connection.ssh.jump")


ConnectionReason = Literal[
    "host_not_found",
    "refused",
    "timed_out",
    "authentication_failed",
    "host_key_changed",
    "no_session",
    "not_allowed",
    "misconfigured",
    "disconnected",
]
"""Why a provider cannot be reached, in a word."""


class TestProvider(Message):
    """Command: connect to a provider and say how it went, to the instance that asks."""

    __test__ = False  # not a test class, whatever its name begins with
    kind: ClassVar[str] = "test_provider"
    provider: Name
    pool: Name
    request_id: str
    reply_to: str
    """The instance whose own queue the answer goes to."""


class ProviderTestReport(Strict):
    """How a connection test went."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "ok": True,
                    "latency_ms": 2.8,
                    "connect_ms": 36.1,
                    "host_key": "SHA256:uNiVztksCsDhcc0u9e8BrrJXVGDmkyGiqECD6BYJHjw",
                    "message": "Commands run as deploy on 10.0.0.11:22.",
                }
            ]
        }
    )

    ok: bool
    latency_ms: float | None = None
    """From the request to the answer of a command that does nothing, in milliseconds, connecting left out."""
    connect_ms: float | None = None
    """What connecting and logging in took, in milliseconds; none for the executor's own machine."""
    host_key: str | None = None
    """The fingerprint that the provider showed."""
    reason: ConnectionReason | Literal["no_executor"] | None = None
    """``no_executor``: nobody serves the provider's pool now, so nothing was tried."""
    message: str
    """What was found, in a sentence with the next thing to do."""


class ProviderTested(Message):
    """Event: the answer to ``TestProvider``."""

    kind: ClassVar[str] = "provider_tested"
    request_id: str
    reply_to: str
    report: ProviderTestReport
