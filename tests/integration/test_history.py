"""The history: runs found by who asked for them and by their words, and lines in what they printed."""

import json
import random
from pathlib import Path
from typing import Any

import pytest

from catalog.handlers import output
from shared.collections import OUTPUT, RUNS
from shared.contracts.attempt import attempt_id, chunk_id
from shared.runs.repository import document_of
from tests.builders import a_run, a_step, an_action
from tests.builders_catalog import a_catalog, an_action_body
from tests.unit.test_output_search import chunks_of


async def test_runs_are_found_by_who_asked_and_by_what_was_written_of_them(tmp_path: Path) -> None:
    async with a_catalog(tmp_path) as catalog:
        await (await catalog.with_provider()).made("actions", an_action_body())
        notes = ("Before the upgrade", "After the upgrade of web-7", "")
        ids = [(await catalog.post("actions/restart/runs", {"note": note})).json()["id"] for note in notes]
        answer = await catalog.post(f"runs/{ids[2]}/cancel", {"reason": "the disk is away"})
        assert answer.status_code == 202, answer.text

        async def found(**query: Any) -> list[int]:
            answer = await catalog.get("runs", **query)
            assert answer.status_code == 200, answer.text
            return sorted(ids.index(run["id"]) for run in answer.json()["items"])

        assert await found(text="UPGRADE") == [0, 1]
        assert await found(text="upgrade, web") == await found(text="web-7") == [1]
        assert await found(text="upgrade disk") == []
        assert await found(text="disk") == [2]
        assert await found(text="restart") == [0, 1, 2]
        uid = (await catalog.get(f"runs/{ids[0]}")).json()["trigger"]["principal_id"]
        assert await found(by="admin") == await found(by=uid) == [0, 1, 2]
        assert await found(by="admin", text="after", state="queued", trigger="manual") == [1]
        assert await found(by="nobody") == []
        for query in ({"text": ""}, {"text": " -- "}, {"text": "a b c d e f g h i"}, {"by": ""}):
            assert (await catalog.get("runs", **query)).status_code == 422, query


async def test_output_is_searched_page_by_page_and_downloaded_as_json_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output, "MOST_SEARCHED", 300)
    monkeypatch.setattr(output, "CHUNKS_AT_ONCE", 3)
    text = "".join(f"{number}: {'Wäre' if number % 10 == 0 else 'hay'}\n" for number in range(1, 101))
    async with a_catalog(tmp_path) as catalog:
        run = a_run(an_action(a_step("one"), a_step("two")))
        await catalog.store.insert(RUNS, document_of(run))
        for index, name in enumerate(("one", "two")):
            for chunk in chunks_of(text.encode(), random.Random(index)):
                id_ = attempt_id(run.id, index, 0, 1)
                about = {"run_id": run.id, "attempt_id": id_, "step": name, "id": chunk_id(id_, chunk.seq)}
                document = chunk.model_copy(update=about).model_dump(mode="python", exclude={"at"})
                await catalog.store.insert(OUTPUT, {**document, "at": "2026-01-31T12:00:00.000Z"})
        path = f"runs/{run.id}/output"

        async def found(**query: Any) -> list[tuple[str, int]]:
            lines: list[tuple[str, int]] = []
            cursor: dict[str, str] | None = {}
            while cursor is not None:
                answer = await catalog.get(f"{path}/search", **query, **cursor)
                assert answer.status_code == 200, answer.text
                page = answer.json()
                lines += [(one["step"], one["line"]) for one in page["items"]]
                cursor = None if page["next"] is None else {"cursor": page["next"]}
            return lines

        expected = [(step, line) for step in ("one", "two") for line in range(10, 101, 10)]
        assert await found(text="wÄRE") == expected
        assert await found(regex="^[0-9]+: W.re$", limit=3) == expected
        assert await found(text="Wäre", step="two", limit=1) == expected[10:]
        assert await found(text="nowhere") == []
        wrong: list[dict[str, str]] = [{}, {"text": "a", "regex": "b"}, {"regex": "(?=a)"}]
        for query in (*wrong, {"text": "a", "step": "thre"}, {"text": "a", "cursor": "bm8"}):
            assert (await catalog.get(f"{path}/search", **query)).status_code == 422, query
        answer = await catalog.http.get(f"/api/v1/{path}", headers={"Accept": "application/x-ndjson"})
        items = [json.loads(line) for line in answer.text.split("\n") if line]
        assert "".join(item["text"] for item in items) == text * 2
        assert [item["id"] for item in items] == sorted({item["id"] for item in items})
