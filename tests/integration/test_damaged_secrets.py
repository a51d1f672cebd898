"""A secret that the master key does not open: told where it matters, and set anew."""

from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from shared import collections
from shared.definitions import is_readable, secret_document, stored_secret_of
from shared.encryption import Sealer, new_master_key
from shared.runs.repository import attempts_of
from shared.store.port import Changes
from tests.builders import NOON
from tests.builders_catalog import a_catalog
from tests.integration.test_executor import a_scene

DAMAGED = ["", "v1:", "v1:A", "v1:!!!!", "v2:AAAA", "ünïcödé", "v1:" + "A" * 80, None, 5]


@pytest.mark.parametrize("sealed", DAMAGED)
async def test_a_damaged_secret_is_shown_as_such_and_can_be_set_anew(tmp_path: Path, sealed: Any) -> None:
    async with a_catalog(tmp_path) as catalog:
        body = {"name": "key", "value": "opens everything"}
        await catalog.made("secrets", body)
        await catalog.store.change(collections.SECRETS, {"id": "key"}, Changes(set={"sealed": sealed}))
        assert (await catalog.get("secrets/key")).json()["readable"] is False
        assert (await catalog.put("secrets/key", body)).status_code == 200
        assert [one["readable"] for one in (await catalog.get("secrets")).json()["items"]] == [True]


def test_a_secret_whose_value_is_missing_is_a_damaged_one() -> None:
    document = {**secret_document("key", "", uid="u", by="test", at=NOON), "version": 1}
    del document["sealed"]
    assert not is_readable(stored_secret_of(document), Sealer(bytes(32)))


@pytest.mark.parametrize("sealed", DAMAGED)
async def test_a_step_that_needs_a_damaged_secret_is_misconfigured(tmp_path: Path, sealed: Any) -> None:
    async with a_scene(tmp_path) as scene:
        store, bench = scene.around.store, scene.executor._bench
        await store.insert(collections.SECRETS, secret_document("key", sealed, uid="u", by="test", at=NOON))
        really = bench.resolver.values
        bench.resolver.values = lambda attempt: really(  # type: ignore[method-assign]
            attempt.model_copy(update={"secrets": {"password": {"secret": "key"}}})
        )
        run = await scene.run("true")
        assert await scene.ended([run]) == ["failed"]
        (attempt,) = await attempts_of(store, run.id)
    assert attempt.outcome is not None
    assert attempt.outcome.reason == "misconfigured"
    assert "the secret 'key' cannot be opened" in (attempt.outcome.reason_text or "")


@pytest.mark.parametrize("source", [{}, {"sealed": None}, {"sealed": "v1:A"}])
async def test_a_step_whose_run_has_lost_a_secret_parameter_is_misconfigured(
    tmp_path: Path, source: dict[str, Any]
) -> None:
    async with a_scene(tmp_path) as scene:
        store, bench = scene.around.store, scene.executor._bench
        really = bench.resolver.values
        bench.resolver.values = lambda attempt: really(  # type: ignore[method-assign]
            attempt.model_copy(update={"secrets": {"password": source}})
        )
        run = await scene.run("true")
        assert await scene.ended([run]) == ["failed"]
        (attempt,) = await attempts_of(store, run.id)
    assert attempt.outcome is not None
    assert attempt.outcome.reason == "misconfigured"
    assert "the secret parameter 'password' cannot be opened" in (attempt.outcome.reason_text or "")


async def test_another_master_key_is_noticed_at_the_start(tmp_path: Path) -> None:
    async with a_catalog(tmp_path) as catalog:
        await catalog.made("secrets", {"name": "key", "value": "opens everything"})
    for key, expected in ((new_master_key(), ["master_key.does_not_open"]), (None, [])):
        with capture_logs() as logs:
            async with a_catalog(tmp_path, **({"OPSIMATE_MASTER_KEY": key} if key else {})):
                pass
        assert [line["event"] for line in logs if line["log_level"] == "error"] == expected
    assert all("opens everything" not in str(line) for line in logs)
