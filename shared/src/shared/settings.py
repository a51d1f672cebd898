"""Settings: environment variables, or the same names in a file named by ``OPSIMATE_CONFIG``."""

import os
import re
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, ValidationInfo, field_validator

from shared.contracts.problem import sentence_of
from shared.contracts.provider import DEFAULT_POOL
from shared.contracts.retention import FOREVER, KEEP_OUTPUT, KEEP_RUNS, age_of, ages_of
from shared.contracts.run import RunState
from shared.contracts.values import Duration, Name, duration_text, seconds_of
from shared.encryption import Sealer, master_key_from
from shared.ordinary_files import UnfitFileError, read_ordinary_file

PREFIX = "OPSIMATE_"
CONFIG_VARIABLE = "OPSIMATE_CONFIG"
READ_ELSEWHERE = {"CONFIG", "URL", "TOKEN", "TOKEN_FILE", "PORT", "ALERTS_PORT"}
"""Names after the prefix that are no settings: what tells of the file, and what the command line and the compose file
read."""
LARGEST_FILE = 4 * 1024
"""Of a key, a token or an address, in bytes."""
LARGEST_CONFIG = 1024 * 1024
"""Of a file of settings with its comments, in bytes."""
_NAME = re.compile(rf"{PREFIX}[A-Z0-9_]+")
_HAS_TO_BE = re.compile(r"^has to (?:be |have )")
_NEAR = 0.8
"""How alike, from 0 to 1, a name has to be to a setting's to be one that was misspelt."""


class SettingsError(ValueError):
    """A setting has a value that it cannot have; the text names it and what is allowed.

    Never the value: it may be a key, or an address with a password, in whatever setting it was put by mistake.
    """


class Listen(BaseModel):
    """Where an HTTP face listens."""

    model_config = ConfigDict(frozen=True)

    host: str
    port: Annotated[int, Field(ge=0, le=65535)]

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def _listen(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    host, colon, port = value.strip().rpartition(":")
    if not colon or not port.isdigit():
        message = "an address and a port, such as 127.0.0.1:8080"
        raise ValueError(message)
    return {"host": host.strip("[]") or "127.0.0.1", "port": int(port)}


def _checked_address(url: str, kinds: tuple[str, ...], written: str) -> str:
    """The address of a server, of one of these kinds; ``ValueError`` for one whose password would be read as a part."""
    if not url.startswith(kinds):
        raise ValueError(written)
    _, _, rest = url.partition("://")
    host = rest.replace("?", "/").replace("#", "/").partition("/")
    if "@" in host[2] or not host[0].rpartition("@")[2]:
        message = f"{written}, with every / ? # @ % of the user and the password written as %2F %3F %23 %40 %25"
        raise ValueError(message)
    return url


def _words(value: Any) -> Any:
    return [word for word in value.replace(",", " ").split() if word] if isinstance(value, str) else value


class Settings(BaseModel):
    """What every service can be told. The name in the environment is the field's, in capitals, after ``OPSIMATE_``."""

    model_config = ConfigDict(frozen=True)

    store_url: str = "sqlite:data/opsimate.db"
    bus_url: str = "memory:"
    master_key: str | None = Field(default=None, repr=False)
    master_key_file: Path | None = None
    listen: Annotated[Listen, BeforeValidator(_listen)]
    admin_token_file: Path | None = None
    allow_local: bool = False
    pools: Annotated[list[Name], BeforeValidator(_words), Field(min_length=1)] = [DEFAULT_POOL]
    concurrency: Annotated[int, Field(ge=1, le=10_000)] = 50
    most_connections: Annotated[int, Field(ge=1, le=100_000)] = 1_000
    """Open HTTP connections of a process, at most."""
    lease: Annotated[Duration, Field(ge=1, le=3600)] = 20.0
    """How long an executor holds an attempt without a sign of life, in seconds; it gives one four times as often."""
    session_unused: Annotated[Duration, Field(ge=60, le=365 * 86_400)] = 7 * 86_400.0
    """How long somebody stays signed in to the console without using it, in seconds."""
    session_longest: Annotated[Duration, Field(ge=60, le=365 * 86_400)] = 30 * 86_400.0
    """How long somebody stays signed in to the console, however much it is used, in seconds."""
    keep_runs: Annotated[dict[RunState, float | None], BeforeValidator(ages_of)] = KEEP_RUNS
    """For each outcome how long after its end a run is kept, in seconds; none: for ever."""
    keep_output: Annotated[dict[RunState, float | None], BeforeValidator(ages_of)] = KEEP_OUTPUT
    """The same of what its commands printed."""
    keep_deliveries: Annotated[float | None, BeforeValidator(age_of)] = 7 * 86_400.0
    """How long what was posted to the webhooks is kept, in seconds; none: until there is too much of it."""
    keep_alerts: Annotated[float | None, BeforeValidator(age_of), Field(validate_default=True)] = 90 * 86_400.0
    """How long after its last report an alert is kept that is resolved, in seconds; none: for ever."""
    keep_notifications: Annotated[float | None, BeforeValidator(age_of)] = 30 * 86_400.0
    """How long after it was made a notification is kept that was delivered or given up, in seconds; none: for ever."""
    public_url: str | None = None
    """Where people reach the console, for the links in notifications; `up` takes its own address."""
    migrate: bool = True
    """Whether a service moves a store of an earlier release to its own schema, or waits for `opsimate migrate`."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["auto", "console", "json"] = "auto"

    @field_validator("keep_alerts")
    @classmethod
    def outlives_its_deliveries(cls, age: float | None, info: ValidationInfo) -> float | None:
        """A delivery that is decided again has to find the alert that it led to, or a run is made anew."""
        deliveries = info.data.get("keep_deliveries", 0.0)
        if age is not None and (deliveries is None or age < deliveries):
            kept = FOREVER if deliveries is None else duration_text(deliveries)
            message = f"at least as long as {PREFIX}KEEP_DELIVERIES, which is {kept}"
            raise ValueError(message)
        return age

    @field_validator("store_url")
    @classmethod
    def names_a_store(cls, url: str) -> str:
        """The address has to be of a kind of store that there is."""
        if url.startswith("sqlite:") and url != "sqlite:":
            return url
        return _checked_address(url, ("mongodb://", "mongodb+srv://"), "sqlite:PATH or mongodb://…")

    @field_validator("bus_url")
    @classmethod
    def names_a_bus(cls, url: str) -> str:
        """The address has to be of a kind of bus that there is."""
        if url == "memory:":
            return url
        _checked_address(url, ("amqp://", "amqps://"), "memory: or amqp://…")
        try:
            parts = urlsplit(url)
            is_complete = bool(parts.hostname) and parts.port != 0
        except ValueError:  # it shows the port, which may be a part of a password
            is_complete = False
        if not is_complete:
            message = "memory: or amqp://USER:PASSWORD@HOST:PORT/VHOST (amqps:// with TLS), with a port from 1 to 65535"
            raise ValueError(message)
        return url

    @field_validator("public_url")
    @classmethod
    def names_a_place_for_people(cls, url: str | None) -> str | None:
        """The address has to be one that a browser opens, and what comes behind it is our own."""
        written = "https://HOST or http://HOST:PORT, with a path where a proxy puts one, without user, ? and #"
        if url is None:
            return None
        try:
            parts = urlsplit(url)
            is_one = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            is_one = False
        if not is_one or "@" in parts.netloc or parts.query or parts.fragment or not url.isascii() or " " in url:
            raise ValueError(written)
        return url.rstrip("/")

    @property
    def has_master_key(self) -> bool:
        """Whether secrets can be opened; not every service needs to."""
        return not (self.master_key is None and self.master_key_file is None)

    def sealer(self) -> Sealer:
        """What seals secrets, with the master key; ``SettingsError`` where there is none."""
        if not self.has_master_key:
            message = (
                "OPSIMATE_MASTER_KEY_FILE is not set, and secrets cannot be kept without it. "
                "Make a key once with: opsimate new-master-key FILE"
            )
            raise SettingsError(message)
        text = self.master_key or text_of(self.master_key_file, f"{PREFIX}MASTER_KEY_FILE")
        try:
            return Sealer(master_key_from(text))
        except ValueError as error:  # MasterKeyError, or what base64 says to letters that are not ASCII
            # A file may be the service's own choice, so only its name tells where the key came from.
            origin = f"{PREFIX}MASTER_KEY" if self.master_key else self.master_key_file
            remedy = "Put the right key there; a first one is made with: opsimate new-master-key FILE"
            message = f"{origin}: {error}. {remedy}"
            raise SettingsError(message) from error


def named_file(path: Path | str | None, setting: str) -> str:
    """The file that a setting names, for people: its path only where it is there, else it may be no path at all."""
    there = path is not None and os.path.lexists(path)
    return f"{setting}: the file {path}" if there else f"{setting}: the file that it names"


def text_of(path: Path | str | None, setting: str, *, most: int = LARGEST_FILE) -> str:
    """The text of the file that a setting names; ``SettingsError`` for one that is none, or has more bytes."""
    try:
        return read_ordinary_file(Path(path or ""), most=most).decode()
    except UnicodeDecodeError as error:
        message = f"{named_file(path, setting)} cannot be read (not UTF-8 at byte {error.start})"
        raise SettingsError(message) from error
    except UnfitFileError as error:
        message = f"{named_file(path, setting)} {error.strerror}"
        raise SettingsError(message) from error
    except OSError as error:
        message = f"{named_file(path, setting)} cannot be read ({error.strerror})"
        raise SettingsError(message) from error


def _from_file(path: str) -> dict[str, str]:
    """The settings of a file, which may be one that a shell could read: ``export NAME='value'``."""
    values = {}
    for number, line in enumerate(text_of(path, CONFIG_VARIABLE, most=LARGEST_CONFIG).splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, equals, value = line.partition("=")
        name = name.strip().removeprefix("export ").strip()
        if not equals or not _NAME.fullmatch(name):
            message = f"{path}, line {number}: expected {PREFIX}NAME=value; what stands there is not shown"
            raise SettingsError(message)
        values[name] = value.strip().strip("\"'")
    return values


_FIELDS = {f"{PREFIX}{field.upper()}": field for field in Settings.model_fields}
_URLS = ("STORE_URL", "BUS_URL")


def _named(environment: Mapping[str, str]) -> dict[str, str]:
    """Everything that has a name, from the file and the environment, which goes before the file."""
    file = environment.get(CONFIG_VARIABLE)
    return {**(_from_file(file) if file is not None else {}), **environment}


def _given(environment: Mapping[str, str]) -> dict[str, str]:
    """Every setting that has a value; ``NAME_FILE`` stands for its content."""
    named = _named(environment)
    for url in _URLS:
        # An address holds a password; a file keeps it out of the process list of a container engine.
        if path := named.get(f"{PREFIX}{url}_FILE"):
            named.setdefault(f"{PREFIX}{url}", text_of(path, f"{PREFIX}{url}_FILE").strip())
    return {_FIELDS[name]: value for name, value in named.items() if name in _FIELDS and value != ""}


def misspelt(environment: Mapping[str, str] = os.environ) -> list[str]:
    """A sentence for every name that is no setting and looks like one; ``SettingsError`` for an unreadable file."""
    known = {field.upper() for field in Settings.model_fields} | READ_ELSEWHERE | {f"{url}_FILE" for url in _URLS}
    named = {name.removeprefix(PREFIX) for name in _named(environment) if name.startswith(PREFIX)}
    near = {name: get_close_matches(name, known, n=1, cutoff=_NEAR) for name in sorted(named - known)}
    return [
        f"{PREFIX}{name} is not a setting; did you mean {PREFIX}{meant[0]}?" for name, meant in near.items() if meant
    ]


def load_settings(environment: Mapping[str, str] = os.environ, **defaults: Any) -> Settings:
    """The settings, with a service's own defaults; ``SettingsError`` for a value that cannot be."""
    try:
        return Settings.model_validate({**defaults, **_given(environment)})
    except ValidationError as error:
        raise SettingsError("\n".join(_sentence(detail) for detail in error.errors())) from error


def _sentence(detail: Any) -> str:
    field = str(detail["loc"][0])
    allowed = _range_of(field) or _HAS_TO_BE.sub("", sentence_of(detail))
    return f"{PREFIX}{field.upper()} has a value that cannot be; allowed: {allowed}"


def _range_of(field: str) -> str:
    """From where to where the value of a setting may lie, with its unit; nothing where it is no number."""
    about = Settings.model_fields[field].metadata
    least = next((one.ge for one in about if hasattr(one, "ge")), None)
    most = next((one.le for one in about if hasattr(one, "le")), None)
    if least is None or most is None:
        return ""
    if any(isinstance(one, BeforeValidator) and one.func is seconds_of for one in about):
        return f"a duration from {duration_text(least)} to {duration_text(most)}, such as 20s"
    return f"a whole number from {least} to {most}"
