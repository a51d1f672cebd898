"""Whether a provider can be saved: its connection has to be allowed, and its jumps have to lead somewhere."""

import re
from collections.abc import Mapping

from shared.contracts.problem import FieldError
from shared.contracts.provider import HOST_ALONE, MOST_JUMPS, ProviderDefinition, SshConnection

_WITH_PORT = re.compile(r"[^:]*:\d+")
"""A host with a port behind it; in an IPv6 address there are more colons."""


def check_provider(
    provider: ProviderDefinition, *, jumps: Mapping[str, SshConnection | None], allow_local: bool
) -> list[FieldError]:
    """Everything that is wrong with a provider that has the right shape, but for names of what is not there.

    ``jumps`` are the connections, by name, that its jump leads through, as far as they exist: none for a provider that
    is not reached over SSH.
    """
    if provider.connection.ssh is None:
        return [] if allow_local else [FieldError(field="connection.local", message=_LOCAL_IS_OFF)]
    with_port = _WITH_PORT.fullmatch(provider.connection.ssh.host)
    return [
        *([FieldError(field="connection.ssh.host", message=HOST_ALONE)] if with_port else []),
        *_jump_errors(provider.name, provider.connection.ssh.jump, jumps),
    ]


_LOCAL_IS_OFF = (
    "providers of kind local are off here, as they let actions run commands on the machines of the product itself; "
    "an administrator allows them with OPSIMATE_ALLOW_LOCAL=true"
)


def _jump_errors(name: str, jump: str | None, jumps: Mapping[str, SshConnection | None]) -> list[FieldError]:
    message = _jump_error(name, jump, jumps)
    return [] if message is None else [FieldError(field="connection.ssh.jump", message=message)]


def _jump_error(name: str, jump: str | None, jumps: Mapping[str, SshConnection | None]) -> str | None:
    path = [name]
    while jump is not None:
        if jump in path:
            return f"the jumps go round in a circle: {' → '.join([*path, jump])}"
        if len(path) > MOST_JUMPS:
            return f"leads through more than {MOST_JUMPS} other providers, which is the most there may be"
        if jump not in jumps:
            own = len(path) == 1  # which is told as every name of what is not there
            return None if own else f"leads through '{path[-1]}' to the provider '{jump}', which is not there"
        connection = jumps[jump]
        if connection is None:
            return f"'{jump}' is not reached over SSH, so nothing can be reached through it"
        path.append(jump)
        jump = connection.jump
    return None
