"""A mailbox for each run: one turn at a time, and what arrives meanwhile shares the next turn and its one write.

Two schedulers share a queue, so both hear of the ends of one run's attempts, and of two turns on the same version one
loses. Whoever lost waits at random, ever longer, and whoever stored something about a wide run rests a while: so they
take turns. What a loser knows is never dropped: after ``MOST_LOSSES`` it makes the run due at once, and so leaves it to
a turn that reads all ends from the store.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import structlog

from scheduler.domain.invocation import Finished

MOST_LOSSES = 5
FIRST_PAUSE, LONGEST_PAUSE = 0.025, 1.0
"""Seconds at most before the second turn, after the first loss; doubled with each further one."""
REST = 0.05
"""Seconds between a turn that stored something about a wide run and the next one in this process."""

log = structlog.get_logger()


@dataclass
class Mail:
    """What is known to whoever asks for a turn."""

    outcomes: dict[str, Finished] = field(default_factory=dict)
    """Ends of attempts, by their ids."""
    is_thorough: bool = False
    """Whether all attempts under way are read."""
    is_changed: bool = False
    """Whether somebody else has changed the run, so that what is remembered of it does not count."""
    calls_again: bool = False
    """Whether the messages that called for waiting attempts are surely lost."""
    losses: int = 0
    """How often what is known was to be stored, and somebody else was faster."""

    def add(self, other: "Mail") -> None:
        """Know what the other knows, too."""
        self.outcomes |= other.outcomes
        self.is_thorough |= other.is_thorough
        self.is_changed |= other.is_changed
        self.calls_again |= other.calls_again


@dataclass(frozen=True)
class Reconciled:
    """How a turn went."""

    is_lost: bool = False
    """Somebody else changed the run meanwhile: nothing was stored."""
    following: Mail | None = None
    """What the next turn is to know, where there is more to do at once."""
    rest: float = 0.0
    """Seconds before the next turn of this run."""


Reconcile = Callable[[Mail], Awaitable[Reconciled]]
"""One turn of one run."""


@dataclass
class _Mailbox:
    reconcile: Reconcile
    mail: Mail | None = None
    waiting: list[asyncio.Future[None]] = field(default_factory=list)

    async def deliver(self, mail: Mail) -> None:
        """Put it in, and wait for the turn that knows it."""
        self.put(mail)
        done = asyncio.get_running_loop().create_future()
        self.waiting.append(done)
        await done

    def put(self, mail: Mail) -> None:
        if self.mail is None:
            self.mail = Mail()
        self.mail.add(mail)

    def take(self) -> tuple[Mail, list[asyncio.Future[None]]]:
        mail, waiting = self.mail or Mail(), self.waiting
        self.mail, self.waiting = None, []
        return mail, waiting


class Mailboxes:
    """The mailboxes of all runs that are reconciled now."""

    def __init__(self, jitter: Callable[[], float]) -> None:
        """``jitter`` gives random numbers from 0 to 1."""
        self._jitter = jitter
        self._boxes: dict[str, _Mailbox] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_closing = False

    async def post(self, run_id: str, mail: Mail, reconcile: Reconcile) -> None:
        """Have the run reconciled; returns once what the mail says is stored, or the run is due again."""
        box = self._boxes.get(run_id)
        if box is not None:
            await box.deliver(mail)
            return
        box = self._boxes[run_id] = _Mailbox(reconcile, mail)
        reconciled = Reconciled()
        try:
            reconciled = await self._turn(box)
        finally:
            if box.mail is None and reconciled.following is None and not reconciled.rest:
                del self._boxes[run_id]
            else:
                self.begin(self._go_on(run_id, box, reconciled), f"reconcile {run_id}")

    def begin(self, turn: Coroutine[Any, Any, None], what: str) -> asyncio.Task[None]:
        """Let a turn go on by itself; one that fails is repeated by the sweep, and told in the log."""
        task = asyncio.get_running_loop().create_task(turn, name=what)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    async def close(self) -> None:
        """Finish the turns under way; what is left waits in the store."""
        self._is_closing = True
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _go_on(self, run_id: str, box: _Mailbox, reconciled: Reconciled) -> None:
        """Take turns for those who came meanwhile, and where there is more to do."""
        try:
            while True:
                if reconciled.rest:
                    await asyncio.sleep(reconciled.rest)
                if reconciled.following is not None and not self._is_closing:
                    box.put(reconciled.following)
                if box.mail is None:
                    return
                try:
                    reconciled = await self._turn(box)
                except Exception as error:  # noqa: BLE001 - those who wait are told, the sweep repeats the turn
                    log.warning("run.reconcile_failed", run_id=run_id, error=str(error))
                    reconciled = Reconciled()
        finally:
            del self._boxes[run_id]
            for done in box.waiting:
                done.cancel()

    async def _turn(self, box: _Mailbox) -> Reconciled:
        """Reconcile the run, as often as it takes, and tell those who waited for it."""
        mail, waiting = box.take()
        try:
            while True:
                reconciled = await box.reconcile(mail)
                if reconciled.is_lost:
                    mail.losses += 1
                    await asyncio.sleep(self._jitter() * min(FIRST_PAUSE * 2**mail.losses, LONGEST_PAUSE))
                    more, others = box.take()
                    mail.add(more)
                    waiting += others
                elif reconciled.following is None or reconciled.rest:
                    break
                else:
                    mail = reconciled.following
        except BaseException as error:
            _tell(waiting, error)
            raise
        _tell(waiting, None)
        return reconciled

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.warning("run.reconcile_failed", task=task.get_name(), error=str(error))


def _tell(waiting: list[asyncio.Future[None]], error: BaseException | None) -> None:
    for done in waiting:
        if done.done():
            continue
        if error is None:
            done.set_result(None)
        elif isinstance(error, Exception):
            done.set_exception(error)
        else:
            done.cancel()
