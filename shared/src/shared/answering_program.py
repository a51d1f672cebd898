"""A program of ours in a process of its own: it answers each line of JSON with one, and is there while it is needed.

What it does may hang, eat memory or end the process: then it is ended, and whoever asked is told.
"""

import asyncio
import json
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

IDLE_SECONDS = 60.0
"""After so long without a question the process is ended."""
_KEPT = ("PATH", "LD_LIBRARY_PATH")
LONGEST_ANSWER = 262_144
"""Bytes of an answer."""


class ProgramFailedError(Exception):
    """The program cannot be run: it ended by itself, with this status."""

    def __init__(self, status: int) -> None:
        super().__init__(f"it ended with {status}")


@dataclass
class AnsweringProgram:
    """Asks a file of Python, one question after the other, and starts its process when there is one."""

    file: str
    longest_wait: float
    """Seconds for an answer, however busy the machine is; then the process is ended."""
    environment: Sequence[str] = ()
    """Variables that it is given besides those that every program needs."""
    _process: asyncio.subprocess.Process | None = None
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)
    _idle: asyncio.TimerHandle | None = None

    async def ask(self, question: Mapping[str, Any], *, is_harmless: bool) -> dict[str, Any] | None:
        """What it answers; none where it was ended by the question, or took too long. ``ProgramFailedError`` where it
        cannot be run.

        Only what ``is_harmless`` is asked once more where the process may have ended before it was asked.
        ``RecursionError`` where the question is nested too deeply.
        """
        line = json.dumps(question).encode() + b"\n"
        async with self._one_at_a_time:
            was_there = self._process is not None
            answer = await self._ask(line)
            if answer is None and was_there and is_harmless:
                answer = await self._ask(line)
            self._end_when_idle()
        return answer

    async def close(self) -> None:
        """End the process."""
        async with self._one_at_a_time:
            await self._end()

    async def _ask(self, line: bytes) -> dict[str, Any] | None:
        process = self._process = self._process or await self._started()
        if process.stdin is None or process.stdout is None:
            raise RuntimeError
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(self.longest_wait):
                    with suppress(ConnectionError):
                        process.stdin.write(line)
                        await process.stdin.drain()
                        if found := await process.stdout.readline():
                            answer: dict[str, Any] = json.loads(found)
                            return answer
                    await process.wait()  # to signal one that is just ending can take its status from who waits for it
        except asyncio.CancelledError:
            await self._end()  # or the answer would be taken for that to the next question
            raise
        if status := await self._end():
            raise ProgramFailedError(status)
        return None

    async def _started(self) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", self.file),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            limit=LONGEST_ANSWER,
            start_new_session=True,  # Ctrl-C is for those who ask
            env={name: os.environ[name] for name in (*_KEPT, *self.environment) if name in os.environ},
        )

    async def _end(self) -> int:
        """End it; the status with which it had ended by itself, where it had failed."""
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None
        process, self._process = self._process, None
        if process is not None:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    process.kill()
            await process.communicate()
        return max(process.returncode or 0, 0) if process is not None else 0

    def _end_when_idle(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
        loop = asyncio.get_running_loop()
        self._idle = loop.call_later(IDLE_SECONDS, lambda: loop.create_task(self.close()))
