"""All the hosts that an executor can reach."""

from executor.adapters.local import LocalHost
from executor.adapters.ssh import SshHost
from executor.adapters.ssh_pool import SshConnections
from executor.domain.target import SshTarget
from executor.port import Host


class ReachableHosts:
    """Hosts over SSH, sharing their connections, and the executor's own machine."""

    def __init__(self, *, allow_local: bool) -> None:
        """``allow_local`` is the administrator's word on commands on the executor's own machine."""
        self._connections = SshConnections()
        self._local = LocalHost(allowed=allow_local)

    def at(self, target: SshTarget | None) -> Host:
        """The host that a target leads to; the executor's own machine without one."""
        return self._local if target is None else SshHost(self._connections, target)

    async def close(self) -> None:
        """Close every connection."""
        await self._connections.close()
