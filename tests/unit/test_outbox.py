"""Changes of runs are told in few messages: a short run once, a lasting one after a second, whatever else changes."""

import asyncio
from typing import cast

import pytest

from scheduler.handlers import outbox
from scheduler.handlers.outbox import MOST_IN_ONE, ROUNDS, Outbox
from shared.bus.port import Bus, BusUnavailableError
from shared.contracts.model import Message
from shared.contracts.run import Run, RunsChanged, RunState
from tests.builders import a_run, an_action


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "PAUSE", 0)


class Told:
    """A bus that keeps what was published, and may be away."""

    def __init__(self, *, is_away: bool = False) -> None:
        self.messages: list[list[tuple[str, int]]] = []
        self.is_away = is_away

    async def publish(self, message: Message) -> None:
        if self.is_away:
            raise BusUnavailableError("away")
        assert isinstance(message, RunsChanged)
        self.messages.append([(change.run_id, change.seq) for change in message.changes])


def an_outbox(told: Told) -> Outbox:
    return Outbox(cast(Bus, told))


def run_in(state: RunState, seq: int = 1, like: Run | None = None) -> Run:
    return (like or a_run(an_action())).model_copy(update={"state": state, "seq": seq})


async def rounds(number: int) -> None:
    for _ in range(number):
        await asyncio.sleep(0)


async def test_runs_that_end_together_are_told_of_in_one_message() -> None:
    outbox, runs = an_outbox(told := Told()), [run_in("succeeded") for _ in range(3)]
    for run in runs:
        outbox.note(run)
    await rounds(1)
    assert told.messages == [[(run.id, 1) for run in runs]]


async def test_no_message_is_larger_than_others_may_be() -> None:
    outbox = an_outbox(told := Told())
    for _ in range(MOST_IN_ONE + 1):
        outbox.note(run_in("succeeded"))
    await outbox.close()
    assert [len(message) for message in told.messages] == [MOST_IN_ONE, 1]


async def test_a_short_run_is_told_of_once_as_one_that_has_ended() -> None:
    outbox, run = an_outbox(told := Told()), run_in("running", 2)
    outbox.note(run)
    await rounds(ROUNDS - 2)
    assert told.messages == []
    outbox.note(run_in("succeeded", 4, like=run))
    await rounds(3 * ROUNDS)
    assert told.messages == [[(run.id, 4)]]


async def test_a_run_that_changes_again_and_again_is_told_of_in_time_all_the_same() -> None:
    outbox, run = an_outbox(told := Told()), run_in("running")
    for seq in range(1, ROUNDS + 3):
        outbox.note(run_in("running", seq, like=run))
        await rounds(1)
    [[(told_of, seq)]] = told.messages
    assert told_of == run.id
    assert seq >= ROUNDS - 1
    await outbox.close()


async def test_what_the_broker_did_not_take_counts_as_untold() -> None:
    outbox, run = an_outbox(told := Told(is_away=True)), run_in("running", 3)
    outbox.note(run)
    await outbox.close()
    told.is_away = False
    outbox.mark(run, run.created_at)
    assert (run.announced, run.unannounced is not None) == (0, True)
    outbox.note(run)
    await outbox.close()
    outbox.mark(run, run.created_at)
    assert (told.messages, run.announced, run.unannounced) == ([[(run.id, 3)]], 3, None)
