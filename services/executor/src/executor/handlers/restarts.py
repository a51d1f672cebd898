"""Commands that restart their machine: begun at most once for each start of it, and waited for until it is back.

Which start of the machine the command is begun on is stored before it can begin. So whoever takes over after a crash
knows whether it may have begun, and then only waits; and it runs on that start alone, so never a second time after it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import cast

from executor.domain import outcomes
from executor.domain.command import CommandRequest, Ended
from executor.domain.processes import on_boot
from executor.handlers.context import ExecutorContext
from executor.handlers.leases import Lease, what_keeps_from_beginning
from executor.handlers.persistence import retry_until_available
from executor.ports import Host
from shared.contracts.attempt import NEVER_BEGAN, Attempt
from shared.contracts.provider import ConnectionReason

PAUSE, LONGEST_PAUSE = 0.5, 5.0
"""Seconds between two looks whether the machine is back, twice as many each time."""
_ENDED_WITH_ITS_MACHINE = frozenset({128 + 1, 128 + 9, 128 + 15})
"""Exit statuses of a shell whose command was ended by HUP, KILL or TERM, as a machine does that goes down."""

Run = Callable[[CommandRequest], Awaitable[Ended]]


@dataclass
class Restart:
    """One attempt at a command that restarts its machine."""

    context: ExecutorContext
    lease: Lease
    host: Host
    earlier: Sequence[Attempt]

    async def carry_out(self, request: CommandRequest, run: Run) -> Ended:
        """Run the command, unless an earlier attempt may have, and wait until the machine was restarted and is back."""
        before = next((one for one in reversed(self.earlier) if one.boot is not None), None)
        if before is not None and not _failed_by_itself(before):
            return await _wait_until_back(self.host, self.lease, before.boot or "", None)
        boot = await self.host.boot()
        if boot is None:
            report = await self.host.test()
            reason = "disconnected" if report.reason in {None, "no_executor"} else report.reason
            return outcomes.never_began(cast(ConnectionReason, reason), report.message)
        if before is not None and boot != before.boot:
            return outcomes.restarted(None)
        kept_from = await self._what_keeps_from_beginning(boot, request)
        return kept_from or await self._run(boot, request, run)

    async def _what_keeps_from_beginning(self, boot: str, request: CommandRequest) -> Ended | None:
        attempt, context = self.lease.attempt, self.context
        if self.earlier:
            now = context.clock()
            kept = await what_keeps_from_beginning(self.host, attempt, self.earlier, now, request.sudo)
            if kept is not None:
                return kept
        is_ours = await retry_until_available(
            lambda: context.attempts.begin_on(attempt, boot), "the start of a machine"
        )
        return None if is_ours else outcomes.given_up_before_it_began()

    async def _run(self, boot: str, request: CommandRequest, run: Run) -> Ended:
        how = await run(replace(request, script=on_boot(boot, request.script), restarts=True))
        is_over = how.reason in NEVER_BEGAN or how.reason in {"cancelled", "timeout"}
        if is_over or (how.reason == "exit_status" and how.exit_status not in _ENDED_WITH_ITS_MACHINE):
            return how
        return await _wait_until_back(self.host, self.lease, boot, how)


def _failed_by_itself(attempt: Attempt) -> bool:
    """Whether its command ended with a failure of its own, so that it may be run once more on the same start."""
    return attempt.outcome is not None and attempt.outcome.reason == "exit_status"


async def _wait_until_back(host: Host, lease: Lease, boot: str, how: Ended | None) -> Ended:
    """Look again and again which start of the machine this is, until it is another one or the time is over.

    Where the machine does not tell, it counts as restarted when it was away and answers.
    """
    loop, within = asyncio.get_running_loop(), lease.attempt.back_within or 0.0
    give_up_at, pause = loop.time() + within, PAUSE
    was_away = how is not None and how.state == "unknown"
    told = asyncio.Event()
    lease.end.call(told.set)
    ending = asyncio.create_task(told.wait())
    try:
        while True:
            look = asyncio.create_task(host.boot())
            await asyncio.wait({look, ending}, return_when=asyncio.FIRST_COMPLETED)
            if ending.done():
                look.cancel()
                return outcomes.cancelled_before_it_was_back(how)
            seen = look.result()
            if seen is not None and ((seen != boot) if boot else was_away):
                return outcomes.restarted(how)
            was_away |= seen is None
            left = give_up_at - loop.time()
            if left <= 0:
                tell = outcomes.not_back if seen is None else outcomes.not_restarted
                return tell(lease.attempt.provider, how, within)
            await asyncio.wait({ending}, timeout=min(pause, left))
            pause = min(pause * 2, LONGEST_PAUSE)
    finally:
        ending.cancel()
        lease.end.call_nobody()
