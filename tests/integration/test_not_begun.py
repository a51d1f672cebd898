"""Whatever fails before a provider is asked changes nothing about how a run ends, or says what is misconfigured."""

import asyncio
import errno
import os
import pwd
from pathlib import Path
from typing import Any, NoReturn

import pytest

from executor.adapters import local
from executor.handlers import run_attempt
from shared import descriptors
from shared.contracts.run import Control
from shared.runs.repository import attempts_of, tell_run
from tests.integration.test_executor import Scene, a_scene, doubles


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_attempt, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(run_attempt, "LONGEST_PAUSE", 0.05)


async def the_outcome(scene: Scene, run_id: str) -> tuple[str | None, str, int]:
    (attempt,) = await attempts_of(scene.runtime.store, run_id)
    assert attempt.outcome is not None
    return attempt.outcome.reason, attempt.outcome.reason_text or "", attempt.fence


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENFILE, errno.EAGAIN])
async def test_a_command_waits_while_the_machine_has_nothing_left_to_start_it_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    ledger, really, refused = tmp_path / "ledger", local._open, list(range(8))

    async def begin(*arguments: Any) -> Any:
        if refused:
            refused.pop()
            raise OSError(number, os.strerror(number))
        return await really(*arguments)

    monkeypatch.setattr(local, "_open", begin)
    async with a_scene(tmp_path) as scene:
        run = await scene.run(f"echo x >> {ledger}")
        assert await scene.ended([run]) == ["succeeded"]
        assert (await the_outcome(scene, run.id))[2] == 9
    assert ledger.read_text() == "x\n"


async def test_an_account_that_cannot_be_looked_up_while_descriptors_are_out_was_looked_up_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with a_scene(tmp_path) as scene:
        monkeypatch.setattr(pwd, "getpwuid", _nobody)
        assert await scene.ended([await scene.run("true")]) == ["succeeded"]


async def test_an_executor_without_an_account_of_its_own_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    local._account.cache_clear()
    monkeypatch.setattr(pwd, "getpwuid", _nobody)
    async with a_scene(tmp_path) as scene:
        run = await scene.run("true")
        assert await scene.ended([run]) == ["failed"]
        reason, text, _ = await the_outcome(scene, run.id)
    assert reason == "misconfigured"
    assert "has no account" in text


async def test_a_mistake_of_ours_before_a_command_has_begun_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = tmp_path / "ledger"
    async with a_scene(tmp_path) as scene:
        resolver, mistakes = scene.executor._context.resolver, [1, 2]
        really = resolver.values

        async def values(attempt: Any) -> Any:
            if mistakes:
                mistakes.pop()
                raise ZeroDivisionError
            return await really(attempt)

        monkeypatch.setattr(resolver, "values", values)
        run = await scene.run(f"echo x >> {ledger}")
        assert await scene.ended([run]) == ["succeeded"]
        assert (await the_outcome(scene, run.id))[2] == 3
    assert ledger.read_text() == "x\n"


async def test_a_mistake_of_ours_that_stays_ends_the_attempt_as_misconfigured_and_is_no_endless_loop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with a_scene(tmp_path) as scene:

        async def values(_attempt: Any) -> NoReturn:
            raise ZeroDivisionError("a value that must not be shown")

        monkeypatch.setattr(scene.executor._context.resolver, "values", values)
        run = await scene.run("true")
        assert await scene.ended([run]) == ["failed"]
        reason, text, fence = await the_outcome(scene, run.id)
    assert (reason, fence) == ("misconfigured", run_attempt.MOST_CLAIMS)
    assert "ZeroDivisionError" in text
    assert "Nothing was run" in text
    assert "must not be shown" not in text


async def test_a_command_that_waits_to_be_begun_can_be_cancelled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_attempt, "FIRST_PAUSE", 60.0)
    monkeypatch.setattr(run_attempt, "LONGEST_PAUSE", 60.0)

    async def begin(*_arguments: Any) -> NoReturn:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    monkeypatch.setattr(local, "_open", begin)
    async with a_scene(tmp_path) as scene:
        run = await scene.run("true")
        (double,) = doubles(run)
        while double.attempt_id not in scene.executor._leases:
            await asyncio.sleep(0.01)
        request = Control(kind="cancel", at=scene.runtime.clock(), by="ada")
        await tell_run(scene.runtime.store, scene.runtime.bus, run.id, request)
        assert await scene.ended([run]) == ["cancelled"]


async def test_commands_see_the_limit_of_open_files_that_the_executor_was_started_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = tmp_path / "seen"
    monkeypatch.setattr(descriptors, "_GIVEN", (300, 4_000))
    async with a_scene(tmp_path) as scene:
        command = f"# by standard input\nulimit -Sn >> {seen}; ulimit -Hn >> {seen}"
        assert await scene.ended([await scene.run(command)]) == ["succeeded"]
    assert seen.read_text().split() == ["300", "4000"]


def _nobody(number: int) -> NoReturn:
    raise KeyError(number)
