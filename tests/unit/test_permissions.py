"""Which permission every route asks for, and which roles have it: the whole of it, written down."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

import alert_bridge.main
import catalog.main
import executor.main
import scheduler.main
from shared.access import May, needed_permissions, needs_caller
from shared.admission import Credential
from shared.application import application
from shared.contracts.principal import GRANTS, PERMISSIONS, Permission, Principal, Role
from shared.encryption import new_master_key
from shared.service import Build, runtime_of
from shared.settings import load_settings

SERVICES: dict[str, Build] = {
    "catalog": catalog.main.build,
    "alert-bridge": alert_bridge.main.build,
    "scheduler": scheduler.main.build,
    "executor": executor.main.build,
}
OPEN = None
"""Whoever reaches the port may call it."""
KNOWN: tuple[Permission, ...] = ()
"""Whoever shows a token, or is signed in, may call it, whatever else that may."""
ROUTES: dict[str, Permission | tuple[Permission, ...] | None] = {
    "GET /docs": OPEN,
    "GET /docs-assets": OPEN,
    "GET /openapi.json": OPEN,
    "HEAD /openapi.json": OPEN,
    "GET /healthz": OPEN,
    "HEAD /healthz": OPEN,
    "GET /readyz": OPEN,
    "HEAD /readyz": OPEN,
    "GET /metrics": "metrics.read",
    "POST /api/v1/actions/{name}/runs": "runs.write",
    "POST /api/v1/actions/{name}/plan": "actions.read",
    "POST /api/v1/runs/{run_id}/rerun": "runs.write",
    "GET /api/v1/runs": "runs.read",
    "GET /api/v1/runs/{run_id}": "runs.read",
    "GET /api/v1/runs/{run_id}/plan": "runs.read",
    "GET /api/v1/runs/{run_id}/explain": "runs.read",
    "GET /api/v1/statistics": "runs.read",
    "GET /api/v1/pools": "providers.read",
    "GET /api/v1/runs/{run_id}/output": "runs.read",
    "GET /api/v1/runs/{run_id}/steps/{step}/invocations": "runs.read",
    "GET /api/v1/runs/{run_id}/events": "runs.read",
    "GET /api/v1/approvals": "runs.read",
    "POST /api/v1/runs/{run_id}/approve": "runs.approve",
    "POST /api/v1/runs/{run_id}/reject": "runs.approve",
    "POST /api/v1/runs/{run_id}/cancel": "runs.cancel",
    "POST /api/v1/runs/{run_id}/pause": "runs.pause",
    "POST /api/v1/runs/{run_id}/resume": "runs.pause",
    "POST /api/v1/runs/{run_id}/override": "runs.override",
    "POST /api/v1/providers": "providers.write",
    "GET /api/v1/providers": "providers.read",
    "GET /api/v1/providers/{name}": "providers.read",
    "PUT /api/v1/providers/{name}": "providers.write",
    "DELETE /api/v1/providers/{name}": "providers.write",
    "GET /api/v1/providers/{name}/versions": "providers.read",
    "GET /api/v1/providers/{name}/versions/{number}": "providers.read",
    "POST /api/v1/providers/{name}/versions/{number}/restore": "providers.write",
    "POST /api/v1/providers/{name}/test": "providers.test",
    "POST /api/v1/provider-groups": "provider_groups.write",
    "GET /api/v1/provider-groups": "provider_groups.read",
    "GET /api/v1/provider-groups/{name}": "provider_groups.read",
    "PUT /api/v1/provider-groups/{name}": "provider_groups.write",
    "DELETE /api/v1/provider-groups/{name}": "provider_groups.write",
    "GET /api/v1/provider-groups/{name}/versions": "provider_groups.read",
    "GET /api/v1/provider-groups/{name}/versions/{number}": "provider_groups.read",
    "POST /api/v1/provider-groups/{name}/versions/{number}/restore": "provider_groups.write",
    "POST /api/v1/actions": "actions.write",
    "GET /api/v1/actions": "actions.read",
    "GET /api/v1/actions/{name}": "actions.read",
    "PUT /api/v1/actions/{name}": "actions.write",
    "DELETE /api/v1/actions/{name}": "actions.write",
    "GET /api/v1/actions/{name}/versions": "actions.read",
    "GET /api/v1/actions/{name}/versions/{number}": "actions.read",
    "POST /api/v1/actions/{name}/versions/{number}/restore": "actions.write",
    "GET /api/v1/categories": "actions.read",
    "PUT /api/v1/favourites/{action}": "actions.read",
    "DELETE /api/v1/favourites/{action}": "actions.read",
    "GET /api/v1/quick-access": "actions.read",
    "GET /api/v1/templates": "actions.read",
    "GET /api/v1/templates/{name}": "actions.read",
    "POST /api/v1/templates/{name}/use": "actions.write",
    "POST /api/v1/secrets": "secrets.write",
    "GET /api/v1/secrets": "secrets.read",
    "GET /api/v1/secrets/{name}": "secrets.read",
    "PUT /api/v1/secrets/{name}": "secrets.write",
    "DELETE /api/v1/secrets/{name}": "secrets.write",
    "GET /api/v1/secrets/{name}/versions": "secrets.read",
    "GET /api/v1/secrets/{name}/versions/{number}": "secrets.read",
    "POST /api/v1/secrets/{name}/versions/{number}/restore": "secrets.write",
    "POST /api/v1/alert-rules": "alert_rules.write",
    "GET /api/v1/alert-rules": "alert_rules.read",
    "GET /api/v1/alert-rules/{name}": "alert_rules.read",
    "PUT /api/v1/alert-rules/{name}": "alert_rules.write",
    "DELETE /api/v1/alert-rules/{name}": "alert_rules.write",
    "GET /api/v1/alert-rules/{name}/versions": "alert_rules.read",
    "GET /api/v1/alert-rules/{name}/versions/{number}": "alert_rules.read",
    "POST /api/v1/alert-rules/{name}/versions/{number}/restore": "alert_rules.write",
    "POST /api/v1/schedules": "schedules.write",
    "GET /api/v1/schedules": "schedules.read",
    "GET /api/v1/schedules/{name}": "schedules.read",
    "PUT /api/v1/schedules/{name}": "schedules.write",
    "DELETE /api/v1/schedules/{name}": "schedules.write",
    "GET /api/v1/schedules/{name}/versions": "schedules.read",
    "GET /api/v1/schedules/{name}/versions/{number}": "schedules.read",
    "POST /api/v1/schedules/{name}/versions/{number}/restore": "schedules.write",
    "POST /api/v1/maintenance-windows": "maintenance_windows.write",
    "GET /api/v1/maintenance-windows": "maintenance_windows.read",
    "GET /api/v1/maintenance-windows/{name}": "maintenance_windows.read",
    "PUT /api/v1/maintenance-windows/{name}": "maintenance_windows.write",
    "DELETE /api/v1/maintenance-windows/{name}": "maintenance_windows.write",
    "GET /api/v1/maintenance-windows/{name}/versions": "maintenance_windows.read",
    "GET /api/v1/maintenance-windows/{name}/versions/{number}": "maintenance_windows.read",
    "POST /api/v1/maintenance-windows/{name}/versions/{number}/restore": "maintenance_windows.write",
    "POST /api/v1/schedules/preview": "schedules.read",
    "GET /api/v1/schedules/{name}/next": "schedules.read",
    "GET /api/v1/schedules/{name}/fires": "schedules.read",
    "POST /api/v1/alert-rules/test": ("alert_rules.read", "deliveries.read"),
    "GET /api/v1/calendar": ("schedules.read", "maintenance_windows.read"),
    "POST /api/v1/channels": "channels.write",
    "GET /api/v1/channels": "channels.read",
    "GET /api/v1/channels/{name}": "channels.read",
    "PUT /api/v1/channels/{name}": "channels.write",
    "DELETE /api/v1/channels/{name}": "channels.write",
    "GET /api/v1/channels/{name}/versions": "channels.read",
    "GET /api/v1/channels/{name}/versions/{number}": "channels.read",
    "POST /api/v1/channels/{name}/versions/{number}/restore": "channels.write",
    "POST /api/v1/channels/{name}/test": "channels.test",
    "GET /api/v1/notifications": "notifications.read",
    "GET /api/v1/notifications/{notification_id}": "notifications.read",
    "POST /api/v1/notifications/{notification_id}/retry": "notifications.retry",
    "POST /api/v1/integrations": "integrations.write",
    "GET /api/v1/integrations": "integrations.read",
    "GET /api/v1/integrations/{name}": "integrations.read",
    "PUT /api/v1/integrations/{name}": "integrations.write",
    "DELETE /api/v1/integrations/{name}": "integrations.write",
    "GET /api/v1/integrations/{name}/versions": "integrations.read",
    "GET /api/v1/integrations/{name}/versions/{number}": "integrations.read",
    "POST /api/v1/integrations/{name}/versions/{number}/restore": "integrations.write",
    "GET /api/v1/runs/{run_id}/output/search": "runs.read",
    "GET /api/v1/retention": "runs.read",
    "GET /api/v1/audit": "audit.read",
    "GET /api/v1/audit/check": "audit.read",
    "GET /api/v1/audit/head": "audit.read",
    "GET /api/v1/audit/export": "audit.read",
    "GET /api/v1/alerts": "alerts.read",
    "GET /api/v1/alerts/{alert_id}": "alerts.read",
    "GET /api/v1/deliveries": "deliveries.read",
    "POST /api/v1/deliveries/{delivery_id}/replay": "deliveries.replay",
    "POST /api/v1/definitions/plan": (
        "secrets.write",
        "providers.write",
        "provider_groups.write",
        "channels.write",
        "actions.write",
        "alert_rules.write",
        "schedules.write",
        "maintenance_windows.write",
        "integrations.write",
    ),
    "POST /api/v1/session": OPEN,
    "DELETE /api/v1/session": OPEN,
    "GET /api/v1/session": KNOWN,
    "POST /api/v1/session/links": KNOWN,
    "POST /api/v1/tokens": "tokens.write",
    "POST /api/v1/inventories/read": "providers.write",
    "GET /api/v1/master-keys": "secrets.read",
    "GET /api/v1/tokens": "tokens.read",
    "GET /api/v1/tokens/{name}": "tokens.read",
    "DELETE /api/v1/tokens/{name}": "tokens.write",
    "* /webhooks/*": "alerts.write",
    "* /api/v2/alerts/*": "alerts.write",
    "* /v2/enqueue/*": "alerts.write",
}
INTAKES = ("/webhooks/", "/api/v2/alerts/", "/v2/enqueue/")
"""Where senders post alerts, each by the methods that it has."""
ROLES: dict[Role, set[Permission]] = {
    "viewer": {
        "actions.read",
        "alert_rules.read",
        "alerts.read",
        "channels.read",
        "deliveries.read",
        "integrations.read",
        "maintenance_windows.read",
        "notifications.read",
        "provider_groups.read",
        "providers.read",
        "runs.read",
        "schedules.read",
        "secrets.read",
    },
    "operator": {
        "channels.test",
        "deliveries.replay",
        "notifications.retry",
        "providers.test",
        "runs.approve",
        "runs.cancel",
        "runs.override",
        "runs.pause",
        "runs.write",
    },
    "editor": {
        "actions.write",
        "alert_rules.write",
        "channels.write",
        "integrations.write",
        "maintenance_windows.write",
        "provider_groups.write",
        "providers.write",
        "schedules.write",
        "secrets.write",
    },
    "administrator": {"alerts.write", "audit.read", "metrics.read", "tokens.read", "tokens.write"},
}
"""What each role may do beyond the one before it."""


class OnePrincipal:
    """Takes whatever is shown for the token of one principal."""

    def __init__(self, *grants: Permission) -> None:
        self.principal = Principal("01KB0V5W3Y3Q9M1QK5M6Y9T2XR", "ada", "person", frozenset(grants), "viewer")

    async def authenticate(self, _credential: Credential) -> Principal | None:
        return self.principal

    async def is_still_known(self, _credential: Credential) -> bool:
        return True


def app_of(service: str) -> FastAPI:
    """The HTTP face of a service that was not started: nothing is there that it could read."""
    settings = load_settings(
        {"OPSIMATE_MASTER_KEY": new_master_key(), "OPSIMATE_STORE_URL": "sqlite:never-opened.db"}, listen="127.0.0.1:0"
    )
    runtime = runtime_of(settings)
    return application(runtime, [SERVICES[service](runtime)], title=service)


def operations(app: FastAPI) -> Iterator[tuple[str, str, list[Permission] | None]]:
    """Every method and path that an application answers, and what each asks of its caller; none of who is unknown."""
    for route in iter_route_contexts(app.routes):
        needed = None
        if hasattr(route, "dependant"):
            needed = needed_permissions(route.dependant) or ([] if needs_caller(route.dependant) else None)
        for method in getattr(route, "methods", None) or {"GET"}:
            yield method, str(route.path), needed


def line_of(method: str, path: str) -> str:
    """The line of the table that an operation stands in."""
    intake = next((one for one in INTAKES if f"{path}/".startswith(one)), None)
    return f"{method} {path}" if intake is None else f"* {intake}*"


def written_down(line: str) -> list[Permission] | None:
    """The permissions of a line of the table; none of one that is open."""
    needed = ROUTES[line]
    return None if needed is OPEN else sorted(needed if isinstance(needed, tuple) else (needed,))


def test_every_route_asks_for_the_permission_that_is_written_down() -> None:
    found: set[str] = set()
    for service in SERVICES:
        for method, path, needed in operations(app_of(service)):
            line = line_of(method, path)
            assert line in ROUTES, f"{line} of the {service} has no entry: say in ROUTES who may call it"
            assert (needed and sorted(needed)) == written_down(line), f"{line} of the {service}"
            found.add(line)
    assert found == set(ROUTES), "what is written down and not there"


def test_every_permission_is_asked_for_somewhere() -> None:
    assert {permission for line in ROUTES for permission in written_down(line) or ()} == set(PERMISSIONS)


def test_every_permission_is_told_in_the_documents() -> None:
    text = (Path(__file__).parents[2] / "docs/api.md").read_text()
    assert [permission for permission in PERMISSIONS if f"`{permission}`" not in text] == []


def test_each_role_may_what_is_written_down() -> None:
    assert GRANTS["viewer"] == ROLES["viewer"]
    for less, more in pairwise(ROLES):
        assert GRANTS[more] == GRANTS[less] | ROLES[more]
    assert GRANTS["administrator"] == set(PERMISSIONS)
    assert GRANTS["alerts"] == {"alerts.write"}
    assert GRANTS["metrics"] == {"metrics.read"}


@pytest.mark.parametrize("service", SERVICES)
async def test_whoever_may_all_but_what_a_route_asks_for_is_refused(service: str) -> None:
    app = app_of(service)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://any") as http:
        for method, path, needed in operations(app):
            for permission in needed or ():
                app.state.authenticator = OnePrincipal(*{*PERMISSIONS} - {permission})
                url = path.replace("{source:path}", "x").replace("{", "").replace("}", "")
                answer = await http.request(method, url, headers={"Authorization": "Bearer any"})
                assert answer.status_code == 403, f"{method} {path}"
                assert method == "HEAD" or permission in answer.json()["detail"]


async def test_a_caller_is_admitted_by_a_permission_whatever_else_it_may() -> None:
    app = app_of("executor")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://any") as http:
        app.state.authenticator = OnePrincipal("metrics.read")
        answer = await http.get("/metrics", headers={"Authorization": "Bearer any"})
        assert answer.status_code == 200


def test_a_permission_that_is_none_cannot_be_asked_for() -> None:
    with pytest.raises(ValueError, match=r"there is no permission 'action\.write'"):
        May("action.write")  # type: ignore[arg-type]
