"""A lane sends one command at a time, and in it all that was asked until then."""

import asyncio
from collections.abc import Callable, Sequence

import pytest
from pymongo import errors

from shared.store import Collection, DuplicateKeyError, StoreUnavailableError
from shared.store.mongo_batches import Lookup
from shared.store.mongo_lane import Lane

THINGS = Collection("things")


class Server:
    """Answers commands when it is let."""

    def __init__(self) -> None:
        self.commands: list[list[str]] = []
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.answer: Callable[[str], str | BaseException] = lambda id_: f"answer to {id_}"

    async def send(self, lookups: Sequence[Lookup]) -> Sequence[str | BaseException]:
        self.commands.append([lookup.id for lookup in lookups])
        await self.may_answer.wait()
        return [self.answer(lookup.id) for lookup in lookups]


@pytest.fixture
def server() -> Server:
    return Server()


def lane_to(server: Server, *, is_distinct: bool = True) -> Lane[Lookup, str]:
    return Lane(server.send, THINGS, is_distinct=is_distinct)


def ask(lane: Lane[Lookup, str], id_: str, size: int = 0, *, within: float = 5.0) -> "asyncio.Future[str]":
    return lane.ask(Lookup(id_, size), asyncio.get_running_loop().time() + within)


async def until_sent(server: Server, commands: int) -> None:
    async with asyncio.timeout(5):
        while len(server.commands) < commands:
            await asyncio.sleep(0)


async def test_what_is_asked_in_one_turn_shares_a_command(server: Server) -> None:
    lane = lane_to(server)
    assert await asyncio.gather(*[ask(lane, id_) for id_ in "abc"]) == [f"answer to {id_}" for id_ in "abc"]
    assert server.commands == [["a", "b", "c"]]


async def test_what_comes_while_a_command_is_under_way_shares_the_next(server: Server) -> None:
    lane = lane_to(server)
    server.may_answer.clear()
    asked = [ask(lane, "a")]
    await until_sent(server, 1)
    for id_ in "bcd":
        asked.append(ask(lane, id_))
        await asyncio.sleep(0)
    asked[2].cancel()
    server.may_answer.set()
    await asyncio.gather(*asked, return_exceptions=True)
    assert server.commands == [["a"], ["b", "d"]]


async def test_who_hears_of_an_answer_may_have_a_part_in_the_next_command(server: Server) -> None:
    lane = lane_to(server)
    server.may_answer.clear()

    async def ask_twice() -> None:
        await ask(lane, "a")
        await ask(lane, "again")

    asking = asyncio.ensure_future(ask_twice())
    await until_sent(server, 1)
    waiting = ask(lane, "b")
    server.may_answer.set()
    await asyncio.gather(asking, waiting)
    assert server.commands == [["a"], ["b", "again"]]


async def test_those_about_one_document_do_not_share_where_they_must_be_distinct(server: Server) -> None:
    lane = lane_to(server)
    await asyncio.gather(*[ask(lane, id_) for id_ in "abaca"])
    assert server.commands == [["a", "b", "c"], ["a"], ["a"]]


async def test_no_more_than_a_command_can_hold_share_it_and_what_is_large_goes_by_itself(server: Server) -> None:
    lane = lane_to(server)
    sizes = {"small": 1, "large": 100_000, **{f"{n:02}": 60_000 for n in range(20)}}
    await asyncio.gather(*[ask(lane, id_, size) for id_, size in sizes.items()])
    assert [len(command) for command in server.commands] == [1, 18, 3]
    assert server.commands[0] == ["large"]
    await asyncio.gather(*[ask(lane, f"{n}") for n in range(450)])
    assert [len(command) for command in server.commands[3:]] == [200, 200, 50]


async def test_each_is_told_its_own_error_in_the_words_of_the_port(server: Server) -> None:
    told: dict[str, BaseException] = {"b": errors.DuplicateKeyError("E11000"), "c": ValueError("a mistake of ours")}
    server.answer = lambda id_: told.get(id_, "done")
    lane = lane_to(server)
    answers = await asyncio.gather(*[ask(lane, id_) for id_ in "abc"], return_exceptions=True)
    assert answers[0] == "done"
    assert isinstance(answers[1], DuplicateKeyError)
    assert (answers[1].collection, answers[1].key) == ("things", ("id",))
    assert answers[1].__cause__ is told["b"]
    assert answers[2] is told["c"]


async def test_what_goes_wrong_with_all_is_told_to_all_and_the_lane_goes_on(server: Server) -> None:
    lane = lane_to(server)

    def away(_: str) -> str:
        raise errors.AutoReconnect("away")

    server.answer = away
    answers = await asyncio.gather(*[ask(lane, id_) for id_ in "ab"], return_exceptions=True)
    assert [type(answer) for answer in answers] == [StoreUnavailableError] * 2
    server.answer = lambda id_: id_
    assert await ask(lane, "c") == "c"


async def test_a_silent_server_is_told_in_time_to_those_who_wait_behind_others_too(server: Server) -> None:
    lane, loop = lane_to(server), asyncio.get_running_loop()
    server.may_answer.clear()
    began = loop.time()
    first = ask(lane, "a", within=1.5)
    await until_sent(server, 1)
    early = ask(lane, "early", within=1.5)
    await asyncio.sleep(1.2)
    late = ask(lane, "late", within=1.5)
    answers = await asyncio.gather(first, early, return_exceptions=True)
    assert [type(answer) for answer in answers] == [StoreUnavailableError] * 2
    assert 1.4 < loop.time() - began < 2.5
    server.may_answer.set()
    assert await late == "answer to late"
    assert server.commands == [["a"], ["late"]]


async def test_a_driver_that_does_not_hear_that_it_is_too_late_holds_nobody_up() -> None:
    ended = asyncio.Event()

    async def deaf(lookups: Sequence[Lookup]) -> Sequence[str]:
        if lookups[0].id != "deaf":
            return ["heard"] * len(lookups)
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await ended.wait()
        return ["too late"]

    lane: Lane[Lookup, str] = Lane(deaf, THINGS)
    first = ask(lane, "deaf", within=1.1)
    await asyncio.sleep(0.2)
    second = ask(lane, "other")
    with pytest.raises(StoreUnavailableError):
        await first
    assert await second == "heard"
    ended.set()
    assert await ask(lane, "other") == "heard"
