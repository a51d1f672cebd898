"""A mailbox for each run: one turn at a time, and what arrives meanwhile shares the next."""

import asyncio
from dataclasses import dataclass, field

import pytest

from scheduler.domain.invocation import Finished
from scheduler.handlers.mailbox import Mail, Mailboxes, Reconciled
from tests.builders import a_finish


@dataclass
class Looks:
    """Looks at one run, each of which goes on when the test says so."""

    answers: list[Reconciled | Exception] = field(default_factory=list)
    seen: list[list[str]] = field(default_factory=list)
    begun: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))
    may_end: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))
    under_way: int = 0

    async def look(self, mail: Mail) -> Reconciled:
        self.under_way += 1
        assert self.under_way == 1, "two looks at once"
        self.seen.append(sorted(mail.outcomes))
        self.begun.release()
        await self.may_end.acquire()
        self.under_way -= 1
        answer = self.answers.pop(0) if self.answers else Reconciled()
        if isinstance(answer, Exception):
            raise answer
        return answer


def an_end(name: str) -> Mail:
    finished: Finished = a_finish(name)
    return Mail(outcomes={name: finished})


def posted(boxes: Mailboxes, looks: Looks, *names: str) -> list[asyncio.Task[None]]:
    return [asyncio.create_task(boxes.post("run", an_end(name), looks.look)) for name in names]


async def test_ends_that_arrive_during_a_look_share_the_next() -> None:
    boxes, looks = Mailboxes(lambda: 0.0), Looks()
    first = posted(boxes, looks, "a")
    await looks.begun.acquire()
    others = posted(boxes, looks, "b", "c", "d")
    await asyncio.sleep(0)
    looks.may_end.release()
    await asyncio.gather(*first)
    assert not any(task.done() for task in others)
    looks.may_end.release()
    await asyncio.gather(*others)
    assert looks.seen == [["a"], ["b", "c", "d"]]
    await boxes.close()


async def test_a_loser_looks_again_with_all_that_it_knows_by_then() -> None:
    boxes, looks = Mailboxes(lambda: 0.0), Looks([Reconciled(is_lost=True), Reconciled(is_lost=True)])
    first = posted(boxes, looks, "a")
    await looks.begun.acquire()
    other = posted(boxes, looks, "b")
    await asyncio.sleep(0)
    for _ in range(3):
        looks.may_end.release()
    await asyncio.gather(*first, *other)
    assert looks.seen == [["a"], ["a", "b"], ["a", "b"]]
    await boxes.close()


async def test_a_look_that_fails_is_told_to_all_who_waited_for_it_and_to_nobody_else() -> None:
    boxes, looks = Mailboxes(lambda: 0.0), Looks([Reconciled(), ValueError("away"), Reconciled()])
    first = posted(boxes, looks, "a")
    await looks.begun.acquire()
    failing = posted(boxes, looks, "b", "c")
    await asyncio.sleep(0)
    looks.may_end.release()
    await looks.begun.acquire()
    last = posted(boxes, looks, "d")
    await asyncio.sleep(0)
    looks.may_end.release()
    looks.may_end.release()
    results = await asyncio.gather(*first, *failing, *last, return_exceptions=True)
    assert [type(result) for result in results] == [type(None), ValueError, ValueError, type(None)]
    await boxes.close()


async def test_a_run_rests_after_a_look_that_says_so_and_nobody_waits_for_that() -> None:
    boxes, looks = Mailboxes(lambda: 0.0), Looks([Reconciled(following=Mail(), rest=0.01)])
    looks.may_end.release()
    await asyncio.gather(*posted(boxes, looks, "a"))
    assert looks.seen == [["a"]]
    later = posted(boxes, looks, "b")
    looks.may_end.release()
    await asyncio.gather(*later)
    assert looks.seen == [["a"], ["b"]], "what the look left to be done shares the next one"
    await boxes.close()


@pytest.mark.parametrize("answer", [Reconciled(), ValueError("away")])
async def test_nothing_is_kept_of_a_run_that_nobody_asks_for(answer: Reconciled | Exception) -> None:
    boxes, looks = Mailboxes(lambda: 0.0), Looks([answer])
    looks.may_end.release()
    await asyncio.gather(*posted(boxes, looks, "a"), return_exceptions=True)
    assert boxes._boxes == {}
    await boxes.close()
