"""Time-outs, nearly all of which are cancelled: those of one length share one timer of the event loop."""

import asyncio
from collections.abc import Callable
from contextvars import copy_context
from types import TracebackType
from typing import Self


class Timer:
    """Something that is called when its time is over, unless it is cancelled before."""

    def __init__(self, line: "_Line", due: float, act: Callable[[], None]) -> None:
        self.due = due
        """When its time is over, by the clock of the event loop."""
        self.context = copy_context()
        """Of whoever began it: what is done then is done for them."""
        self._line, self._act = line, act

    def cancel(self) -> None:
        """Call nothing; to cancel what has been called or cancelled changes nothing."""
        self._line.waiting.pop(self, None)
        self._act = _nothing

    def fire(self) -> None:
        """Its time is over."""
        self._act()


def _nothing() -> None:
    """What a timer calls that was cancelled at the last moment."""


class _Line:
    """The timers of one length, which are over in the order in which they were begun."""

    def __init__(self, loop: asyncio.AbstractEventLoop, seconds: float, on_empty: Callable[[float], object]) -> None:
        self.waiting: dict[Timer, None] = {}
        self._loop, self._seconds, self._on_empty = loop, seconds, on_empty
        self._is_armed = False

    def begin(self, act: Callable[[], None]) -> Timer:
        timer = Timer(self, self._loop.time() + self._seconds, act)
        self.waiting[timer] = None
        if not self._is_armed:
            self._arm(timer)
        return timer

    def _arm(self, first: Timer) -> None:
        self._is_armed = True
        self._loop.call_at(first.due, self._look)

    def _look(self) -> None:
        now = self._loop.time()
        while self.waiting:
            timer = next(iter(self.waiting))
            if timer.due > now:
                self._arm(timer)
                return
            del self.waiting[timer]
            self._loop.call_soon(timer.fire, context=timer.context)
        self._on_empty(self._seconds)


class _Lines(dict[float, _Line]):
    """The lines of one event loop, by the length of their timers in seconds."""

    def __init__(self, loop: asyncio.AbstractEventLoop | None) -> None:
        super().__init__()
        self.loop = loop

    def __missing__(self, seconds: float) -> _Line:
        assert self.loop is not None  # noqa: S101 - only the lines that nobody has used yet have none
        line = self[seconds] = _Line(self.loop, seconds, self.pop)
        return line


_latest = _Lines(None)
"""Those of the event loop that was last asked: a process has one. Lines of another go on by themselves to their end."""


def call_after(seconds: float, act: Callable[[], None]) -> Timer:
    """Call ``act`` in so many seconds, as ``loop.call_later`` does.

    A timer of the event loop has a place in a heap, which costs a command of a millisecond dearly, and the more, the
    more commands are under way. Here a timer has a place in a dictionary, as those of one length keep their order.
    """
    global _latest  # noqa: PLW0603 - cheaper to look at than what is kept for each loop
    loop = asyncio.get_running_loop()
    if _latest.loop is not loop:
        _latest = _Lines(loop)
    return _latest[seconds].begin(act)


class Patience:
    """Limits how long a block may take, as ``asyncio.timeout`` does; to move the limit costs little."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._timeout = asyncio.timeout(None)
        self._timer: Timer | None = None

    async def __aenter__(self) -> Self:
        await self._timeout.__aenter__()
        self._timer = call_after(self._seconds, self.end)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop_counting()
        await self._timeout.__aexit__(kind, error, trace)

    def last(self, seconds: float) -> None:
        """The block may go on for so many seconds from now."""
        self.last_on()
        self._timer = call_after(seconds, self.end)

    def last_on(self) -> None:
        """The block may go on for ever; an end that is asked for and has not come yet does not come."""
        self._stop_counting()
        self._timeout.reschedule(None)

    def end(self) -> None:
        """The block is to end now, with ``TimeoutError``; nothing changes where it ends already."""
        if not self._timeout.expired():
            self._timeout.reschedule(asyncio.get_running_loop().time())

    def _stop_counting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
