"""Whether a provider can be saved: what it names has to exist, and its jumps have to lead somewhere."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from shared.contracts.finding import nearest
from shared.contracts.problem import FieldError
from shared.contracts.provider import HOST_ALONE, MOST_JUMPS, ProviderDefinition, SshConnection

_WITH_PORT = re.compile(r"[^:]*:\d+")
"""A host with a port behind it; in an IPv6 address there are more colons."""


@dataclass(frozen=True)
class Jumps:
    """The chain of providers that a jump leads through, as far as they exist."""

    connections: Mapping[str, SshConnection | None]
    """By name; none for a provider that is not reached over SSH."""
    known: frozenset[str]
    """Names to suggest."""


def check_provider(
    provider: ProviderDefinition, *, secrets: frozenset[str], jumps: Jumps, allow_local: bool
) -> list[FieldError]:
    """Everything that is wrong with a provider that has the right shape."""
    if provider.connection.ssh is None:
        return [] if allow_local else [FieldError(field="connection.local", message=_LOCAL_IS_OFF)]
    with_port = _WITH_PORT.fullmatch(provider.connection.ssh.host)
    return [
        *([FieldError(field="connection.ssh.host", message=HOST_ALONE)] if with_port else []),
        *_unknown_secrets(provider.connection.ssh, secrets),
        *_jump_errors(provider.name, provider.connection.ssh.jump, jumps),
    ]


_LOCAL_IS_OFF = (
    "providers of kind local are off here, as they let actions run commands on the machines of the product itself; "
    "an administrator allows them with OPSIMATE_ALLOW_LOCAL=true"
)


def _unknown_secrets(ssh: SshConnection, secrets: frozenset[str]) -> Iterator[FieldError]:
    for field in ("private_key", "passphrase", "certificate", "password"):
        reference = getattr(ssh, field)
        if reference is not None and reference.secret not in secrets:
            message = f"there is no secret '{reference.secret}'{nearest(reference.secret, secrets)}"
            yield FieldError(field=f"connection.ssh.{field}.secret", message=message)


def _jump_errors(name: str, jump: str | None, jumps: Jumps) -> list[FieldError]:
    message = _jump_error(name, jump, jumps)
    return [] if message is None else [FieldError(field="connection.ssh.jump", message=message)]


def _jump_error(name: str, jump: str | None, jumps: Jumps) -> str | None:
    path = [name]
    while jump is not None:
        if jump in path:
            return f"the jumps go round in a circle: {' → '.join([*path, jump])}"
        if len(path) > MOST_JUMPS:
            return f"leads through more than {MOST_JUMPS} other providers, which is the most there may be"
        if jump not in jumps.connections:
            return f"there is no provider '{jump}'{nearest(jump, jumps.known - {name})}"
        connection = jumps.connections[jump]
        if connection is None:
            return f"'{jump}' is not reached over SSH, so nothing can be reached through it"
        path.append(jump)
        jump = connection.jump
    return None
