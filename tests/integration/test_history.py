"""The history: runs found by who asked for them and by their words."""

from pathlib import Path
from typing import Any

from tests.builders_catalog import a_catalog, an_action_body


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
