"""What the whole product asks of its database, from a definition to a run's output, is what every server takes."""

import asyncio
from pathlib import Path
from typing import Any

import httpx

from opsimate.standalone.starting import SERVICES
from shared.application import application
from shared.service import runtime_of
from shared.settings import load_settings
from tests.builders_catalog import ADMIN_TOKEN, MASTER_KEY
from tests.product import ENDED
from tests.servers.mongo import MongoServer
from tests.servers.mongo_commands import CommandRecord

ACTION = {
    "name": "greet",
    "parameters": [{"name": "whom", "type": "string"}],
    "steps": [{"name": "only", "provider": "here", "command": "echo hello {{ whom }}", "retries": 1}],
}
RULE = {
    "name": "greet",
    "match": {"labels": {"alertname": "Lonely"}},
    "responses": [{"action": "greet", "parameters": {"whom": "you"}}],
}
ALERT = {"version": "4", "status": "firing", "alerts": [{"status": "firing", "labels": {"alertname": "Lonely"}}]}


async def test_from_a_definition_to_a_runs_output_only_commands_are_sent_that_every_server_takes(
    mongo: MongoServer, mongo_commands: CommandRecord, tmp_path: Path
) -> None:
    (tmp_path / "token").write_text(ADMIN_TOKEN)
    settings = load_settings(
        {
            "OPSIMATE_STORE_URL": mongo.database_url(),
            "OPSIMATE_MASTER_KEY": MASTER_KEY,
            "OPSIMATE_ADMIN_TOKEN_FILE": str(tmp_path / "token"),
            "OPSIMATE_ALLOW_LOCAL": "true",
        },
        listen="127.0.0.1:8080",
    )
    runtime = runtime_of(settings)
    app = application(runtime, [build(runtime) for build in SERVICES], title="test")
    headers = {"Authorization": f"Bearer {ADMIN_TOKEN}"}
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers) as http,
    ):
        await runtime.up.wait()

        async def asked(method: str, path: str, body: Any = None) -> Any:
            answer = await http.request(method, path, json=body)
            assert answer.is_success, f"{method} {path}: {answer.text}"
            return answer.json() if answer.content else None

        async def ended(run_id: str) -> str:
            async with asyncio.timeout(30):
                while (state := (await asked("GET", f"/api/v1/runs/{run_id}"))["state"]) not in ENDED:
                    await asyncio.sleep(0.05)
                return str(state)

        await asked("PUT", "/api/v1/secrets/key", {"name": "key", "value": "opens everything"})
        await asked("PUT", "/api/v1/providers/here", {"name": "here", "connection": {"local": {}}})
        await asked("PUT", "/api/v1/actions/greet", ACTION)
        await asked("PUT", "/api/v1/alert-rules/greet", RULE)
        run = await asked("POST", "/api/v1/actions/greet/runs", {"parameters": {"whom": "me"}})
        assert await ended(run["id"]) == "succeeded"
        await asked("GET", f"/api/v1/runs/{run['id']}/output")
        await asked("POST", "/webhooks/alertmanager", ALERT)
        (alert,) = (await asked("GET", "/api/v1/alerts"))["items"]
        await asked("GET", f"/api/v1/alerts/{alert['id']}")
        other = (await asked("POST", "/api/v1/actions/greet/runs", {"parameters": {"whom": "all"}}))["id"]
        await http.post(f"/api/v1/runs/{other}/cancel", json={})
        await ended(other)
        for page in ("runs?state=succeeded&limit=1", "actions", "providers", "secrets", "alert-rules", "tokens"):
            await asked("GET", f"/api/v1/{page}")
        for path in ("alert-rules/greet", "actions/greet", "providers/here", "secrets/key"):
            await asked("DELETE", f"/api/v1/{path}")
    assert set(mongo_commands.counts) >= {"createIndexes", "find", "insert", "update", "findAndModify", "delete"}
    assert mongo_commands.faults == []
