"""Takes the pictures of docs/console.md from real pages: starts the product, runs what they show, and looks at it.

python -m tests.photographs
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from tests.product import Product, embedded, eventually
from tests.servers.chromium import browser

IMAGES = Path(__file__).parents[1] / "docs" / "images"
SIZE = {"width": 1280, "height": 800}


def main() -> None:
    """Run what is to be seen, and take every picture."""
    product = embedded()
    with browser() as chromium:
        try:
            product.start()
            photograph(product, chromium)
        finally:
            product.discard()


def photograph(product: Product, chromium: Browser) -> None:
    """A restart that fails at its check, a check of many machines, a deployment under way, an alert with its run."""
    _define(product)
    product.result("check-certificates")
    failed = product.result("restart-payments")
    page = _signed_in(product, chromium)
    _photograph_beginnings(page)
    _photograph_what_comes(product, page)
    wide = product.run("uptime-everywhere")["id"]
    product.result("rotate-logs")
    eventually(lambda: product.show(wide)["steps"][0]["invocations"].get("succeeded", 0) > 20, what="some are done")
    page.goto(f"/runs/{wide}?step=uptime&provider=web-03")
    page.get_by_role("log").get_by_text("load average").wait_for()
    _take(page, "console-machines")
    product.ended(wide)
    running = product.run("deploy-payments")["id"]
    page.goto(f"/runs/{running}")
    page.get_by_text("node 40 drained").wait_for()
    _take(page, "console-run")
    page.goto("/actions")
    page.get_by_role("progressbar").first.wait_for()
    _take(page, "console-actions")
    page.goto("/")
    page.get_by_role("region", name="Running now").get_by_role("progressbar").first.wait_for()
    _take(page, "console-dashboard")
    page.goto("/runs")
    page.get_by_role("table", name="Runs").get_by_text("failed").first.wait_for()
    _take(page, "console-history")
    page.goto("/actions/rotate-logs/versions?version=2")
    page.get_by_role("region", name="What version 2 changes of version 1").wait_for()
    _take(page, "console-versions")
    page.goto(f"/alerts/{_answered_alert(product)}")
    page.get_by_role("region", name="What was run for it").get_by_text("succeeded").wait_for()
    _take(page, "console-alert")
    _photograph_a_rule(product, page)
    page.goto("/actions/deploy-payments/edit")
    _write_a_fault(page)
    _take(page, "console-edit")
    assert failed["state"] == "failed"
    product.http.post(f"/api/v1/runs/{running}/cancel", json={})
    product.ended(running)


def _photograph_beginnings(page: Page) -> None:
    """The templates, and the form of a run of an action that was made of one."""
    page.goto("/templates")
    page.get_by_role("article").first.wait_for()
    _take(page, "console-templates")
    page.goto("/actions/restart-nginx/run")
    page.get_by_role("combobox", name="Host").fill("web-07")
    page.get_by_role("textbox", name="Service").fill("nginx")
    page.get_by_role("region", name="Plan").get_by_role("listitem").first.wait_for()
    _take(page, "console-run-form")


def _photograph_what_comes(product: Product, page: Page) -> None:
    """What runs by itself, what waits for people, and who did what."""
    weekly = {"at": {"weekly": {"days": ["mon", "thu"], "time": "02:30"}}, "time_zone": "Europe/Berlin"}
    product.put("schedules", {"name": "nightly-rotation", "action": "rotate-logs", **weekly})
    product.put("schedules", {"name": "certificates", "action": "check-certificates", "at": {"cron": "0 6 * * 1-5"}})
    freeze = {"from": "2030-12-20T00:00:00Z", "until": "2030-12-27T00:00:00Z"}
    product.put("maintenance-windows", {"name": "december-freeze", **freeze})
    product.put("maintenance-windows", {"name": "backup", "at": {"daily": "22:00"}, "duration": "90m"})
    page.goto("/schedules?show=calendar&day=2030-12-01&zone=Europe%2FBerlin")
    page.get_by_role("table", name="December 2030").wait_for()
    _take(page, "console-calendar")
    page.goto("/schedules/+new?action=restart-payments")
    page.get_by_role("radiogroup", name="It fires").get_by_text("Monthly").click()
    page.get_by_role("list", name="Next ten fire times").get_by_role("listitem").first.wait_for()
    page.get_by_role("region", name="When").evaluate("one => one.scrollIntoView({block: 'center'})")
    _take(page, "console-schedule")
    product.put("actions", {"name": "drop-replica", "title": "Drop a replica", **_DROP})
    made = product.http.post("/api/v1/tokens", json={"name": "ann", "role": "administrator", "kind": "person"})
    headers = {"Authorization": f"Bearer {made.raise_for_status().json()['token']}"}
    asked = {"parameters": {"slot": "replica_2"}, "note": "its disk is replaced"}
    product.http.post("/api/v1/actions/drop-replica/runs", json=asked, headers=headers).raise_for_status()
    page.goto("/approvals")
    page.get_by_role("button", name="What would run").click()
    page.get_by_role("list", name="Steps").get_by_role("listitem").first.wait_for()
    _take(page, "console-approvals")
    product.put("secrets", {"name": "on-call-url", "value": "mailtos://smtp.example.org?to=ann@example.org"})
    product.put("channels", {"name": "on-call", "description": "Whoever is on call", "url": {"secret": "on-call-url"}})
    signed = {"url": "https://tickets.example/opsimate", "signing_key": {"secret": "on-call-url"}}
    product.put("channels", {"name": "tickets", "description": "Opens a ticket", "webhook": signed})
    page.goto("/settings?show=channels")
    page.get_by_role("table", name="Channels").get_by_role("row", name="tickets").wait_for()
    _take(page, "console-channels")
    product.put("integrations", {"name": "grafana-prod", "source": "grafana", "verify": _SIGNED})
    page.goto("/integrations/grafana-prod")
    page.get_by_role("region", name="What to paste at the sender").get_by_text("grafana-prod").wait_for()
    page.get_by_role("region", name="How its sender is known").evaluate("one => one.scrollIntoView({block: 'start'})")
    _take(page, "console-integration")
    page.goto("/settings?show=audit&name=rotate-logs&kind=action")
    page.get_by_role("table", name="Audit").get_by_role("button", name="Entry").first.click()
    page.get_by_label("What version 3 of rotate-logs changed").wait_for()
    _take(page, "console-audit")


_SIGNED: Mapping[str, Any] = {
    "hmac": {"secrets": ["on-call-url"], "timestamp_header": "X-Grafana-Alerting-Timestamp"},
}
_DROP: Mapping[str, Any] = {
    "parameters": [{"name": "slot", "type": "string", "pattern": "[a-z0-9_]+", "required": True}],
    "steps": [
        {"name": "look", "provider": "web-07", "command": "pg_lsclusters"},
        {"name": "drop", "provider": "web-07", "command": "psql -c \"select pg_drop_replication_slot('{{ slot }}')\""},
    ],
    "execution": {"approval": {"approvers": ["role:operator", "user:ben"], "count": 2}},
}


def _write_a_fault(page: Page) -> None:
    page.get_by_role("list", name="Steps").get_by_role("button", name="3. verify").click()
    command = page.get_by_role("textbox", name="Command of verify")
    command.click()
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    page.keyboard.insert_text(
        "# the release that every node answers with\n"
        'answer=$(curl -fsS "https://payments.example/health")\n'
        'if [ {{ release }} -gt "$answer" ]; then\n  exit 1\nfi'
    )
    page.get_by_role("button", name="Add the parameter 'release'").click()
    page.get_by_role("button", name="Give `release` the type integer").wait_for()
    page.mouse.wheel(0, -10_000)
    page.get_by_role("button", name="3. verify").evaluate("one => one.scrollIntoView({block: 'start'})")


def _define(product: Product) -> None:
    product.put("providers", {"name": "here", "connection": {"local": {}}})
    for number in range(48):
        labels = {"role": "web"}
        product.put("providers", {"name": f"web-{number:02d}", "connection": {"local": {}}, "labels": labels})
    made = product.http.post(
        "/api/v1/templates/service-restart/use", json={"name": "restart-nginx", "title": "Restart nginx"}
    )
    made.raise_for_status()
    _action(product, "check-certificates", "Check certificates", "echo 'payments.example: valid for 61 days'")
    for command in (
        "logrotate /etc/logrotate.conf",
        "logrotate -f /etc/logrotate.conf",
        "echo '14 files rotated'",
    ):
        _action(product, "rotate-logs", "Rotate logs", command)
    _action(
        product,
        "restart-payments",
        "Restart the payment service",
        "echo stopping; echo starting",
        r"printf '\033[1;31mERROR\033[0m upstream ledger:8443 refused the connection\n' >&2; exit 1",
    )
    _action(
        product,
        "deploy-payments",
        "Deploy the payment service",
        r"printf '\033[32mINFO\033[0m release 4.2.0 fetched\n'",
        r"for i in $(seq 40); do printf '\033[32mINFO\033[0m node %s drained, \033[33m%sms\033[0m\n' $i $((i*5)); done"
        "; sleep 60",
        "echo verified",
        "echo told",
    )
    uptime = {"name": "uptime", "providers": {"labels": {"role": "web"}}, "command": "sleep 1; uptime"}
    rollout = {"batches": [1, "25%"], "max_failures": "10%"}
    steps = [{**uptime, "rollout": rollout}]
    for favourite in ("restart-payments", "rotate-logs", "check-certificates"):
        product.http.put(f"/api/v1/favourites/{favourite}").raise_for_status()
    product.put("actions", {"name": "uptime-everywhere", "title": "Uptime everywhere", "steps": steps})


def _photograph_a_rule(product: Product, page: Page) -> None:
    """A rule of the alert, whose action is given what the alert says."""
    parameters = {"host": "{{ alert.host }}", "service": "{{ alert.labels.job }}"}
    defaults = {"service": "nginx"}
    response = {"action": "restart-nginx", "parameters": parameters, "defaults": defaults, "cooldown": "15m"}
    match = {"labels": {"alertname": "ServiceDown", "env": {"in": ["prod", "stage"]}}, "severity": {"at_least": "high"}}
    product.put("alert-rules", {"name": "service-down", "match": match, "responses": [response]})
    page.goto("/alert-rules/service-down")
    page.get_by_role("note", name="What service comes to").wait_for()
    page.get_by_role("region", name="Automated Response").evaluate("one => one.scrollIntoView({block: 'start'})")
    _take(page, "console-alert-rule")


def _answered_alert(product: Product) -> str:
    """An alert that a rule has answered; its id."""
    labels = {"alertname": "DiskFull", "env": "prod", "instance": "web-07:9100"}
    rule = {"name": "full-disks", "match": {"labels": {"alertname": "DiskFull"}}}
    product.put("alert-rules", {**rule, "responses": [{"action": "rotate-logs"}]})
    alert = {"title": "The disk of web-07 is full", "status": "firing", "severity": "critical", "fingerprint": "web-07"}
    answer = product.alert("generic", {**alert, "labels": labels, "description": "2 % of /var are left."})
    alert_id = str(answer.json()["alerts"][0])
    for run in product.http.get(f"/api/v1/alerts/{alert_id}").json()["runs"]:
        product.ended(run)
    return alert_id


def _action(product: Product, name: str, title: str, *commands: str) -> None:
    names = ("fetch", "drain", "verify", "tell")
    steps = [
        {"name": step, "provider": "here", "command": command} for step, command in zip(names, commands, strict=False)
    ]
    category = {"check": "Diagnostics", "rotate": "Maintenance", "restart": "Recovery"}.get(name.partition("-")[0])
    about = {"name": name, "title": title, "steps": steps}
    product.put("actions", about | ({"category": category} if category else {}))


def _signed_in(product: Product, chromium: Browser) -> Page:
    context = chromium.new_context(base_url=product.url, viewport=SIZE, color_scheme="dark")  # type: ignore[arg-type]
    link = product.http.post("/api/v1/session/links").json()["link"]
    assert context.request.post("/api/v1/session", data={"link": link}).ok
    return context.new_page()


def _take(page: Page, name: str) -> None:
    page.wait_for_timeout(800)  # for what moves to come to rest
    page.screenshot(path=IMAGES / f"{name}.png")


if __name__ == "__main__":
    main()
