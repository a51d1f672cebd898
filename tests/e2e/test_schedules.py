"""Schedules in both forms: an action runs by itself, and whoever wants to know sees why and when."""

import json
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.test_as_code import Reader
from tests.product import Product, eventually
from tests.servers.sshd import SshServer
from tests.stage import Ledger, action


@pytest.fixture
def reader(product: Product, left_as_it_was: None, tmp_path: Path, sshd: SshServer) -> Reader:
    return Reader(product, tmp_path, sshd.private_key)


def test_the_guide_to_schedules_works_as_it_says(reader: Reader, product: Product) -> None:
    assert reader.follow("schedules.md") == 7
    calendar = json.loads(reader.told)
    [nightly] = [one for one in calendar["schedules"] if one["name"] == "nightly"]
    assert nightly["fire_times"][:2] == ["2026-12-01T01:30:00.000Z", "2026-12-02T01:30:00.000Z"]
    [freeze] = [one for one in calendar["windows"] if one["name"] == "december-freeze"]
    assert freeze["times"] == [{"from": "2026-12-19T23:00:00.000Z", "until": "2027-01-01T23:00:00.000Z"}]
    shown = product.http.get("/api/v1/schedules/nightly").json()
    following = product.http.get("/api/v1/schedules/nightly/next", params={"count": 1}).json()
    assert following["items"] == [shown["next_fire_time"]]
    assert shown["last_fire"] is None
    assert reader.typed("opsimate schedules fires nightly").stderr.endswith("opsimate schedules next nightly\n")
    for window in ("backup", "december-freeze"):  # at some hours they would hold what other tests ask for
        assert product.http.delete(f"/api/v1/maintenance-windows/{window}").status_code == 204


@pytest.mark.parametrize(
    ("ways", "first"),
    [
        ("--daily 02:30 --time-zone Asia/Tokyo", "02:30 +0900"),
        ('--weekly "Mon,thu 02:30"', "02:30 +0000"),
        ('--monthly "last fri 02:30"', "Fri"),
        ("--monthly '31 02:30'", "-31 02:30 +0000"),
        ('--cron "30 2 * * mon"', "Mon"),
        ("--once 2400-02-29T12:00:00+01:00", "Tue 2400-02-29 11:00 +0000"),
        ("-f preview.yaml", "Mon 2400-01-03 00:00 +0900"),
    ],
)
def test_a_preview_takes_every_form_that_a_schedule_has(reader: Reader, ways: str, first: str) -> None:
    assert first in _previewed(reader, ways)


def test_a_preview_says_what_of_it_cannot_be(reader: Reader) -> None:
    both = reader.typed('opsimate schedules preview --daily 02:30 --cron "* * * * *"')
    assert (both.returncode, "give one of --daily, --weekly" in both.stderr) == (2, True), both
    no_days = reader.typed("opsimate schedules preview --weekly 02:30")
    assert (no_days.returncode, 'such as "mon,thu 02:30"' in no_days.stderr) == (2, True), no_days
    no_such_day = reader.typed('opsimate schedules preview --monthly "6th mon 02:30"')
    assert (no_such_day.returncode, "at.monthly.day" in no_such_day.stderr) == (1, True), no_such_day
    reader.typed(f"cat > preview.yaml <<'END'\n{_FILE.replace('weekly', 'weakly')}\nEND")
    slip = reader.typed("opsimate schedules preview -f preview.yaml")
    assert (slip.returncode, "preview.yaml:4" in slip.stderr) == (1, True), slip


_FILE = """kind: schedule
name: previewed
action: whatever
at: {weekly: {days: [mon], time: "00:00"}}
time_zone: Asia/Tokyo
starts_at: 2400-01-01T00:00:00Z"""


def _previewed(reader: Reader, ways: str) -> str:
    reader.typed(f"cat > preview.yaml <<'END'\n{_FILE}\nEND")
    shown = reader.typed(f"opsimate schedules preview --count 1 {ways}")
    assert shown.returncode == 0, shown
    return shown.stdout.splitlines()[-1]


def test_a_schedule_is_paused_and_resumed_by_a_version_of_it(product: Product, reader: Reader) -> None:
    name = action(product, "rests", "true")
    product.put("schedules", {"name": "rests", "action": name, "at": {"daily": "02:30"}})
    path = "/api/v1/schedules/rests"
    paused = reader.typed("opsimate schedules pause rests --note tired")
    assert "is paused; that is version 2" in paused.stdout, paused
    assert product.http.get(path).json()["enabled"] is False
    assert product.http.get(f"{path}/versions").json()["items"][0]["note"] == "tired"
    assert "stays at version 2" in reader.typed("opsimate schedules pause rests").stdout
    assert "fires again; that is version 3" in reader.typed("opsimate schedules resume rests").stdout
    assert product.http.get(path).json()["next_fire_time"] is not None

    def entered() -> bool:
        found = product.http.get("/api/v1/audit", params={"kind": "schedule", "name": "rests"}).json()["items"]
        return [one["kind"] for one in found] == ["schedule.changed", "schedule.changed", "schedule.created"]

    eventually(entered, what="each is in the audit")


def test_a_schedule_runs_its_action_with_its_parameters_and_says_so(product: Product, ledger: Ledger) -> None:
    parameters = [{"name": "what", "type": "string"}]
    name = action(product, "by-itself", ledger.entry("{{ what }}"), parameters=parameters)
    at = datetime.now(UTC) + timedelta(seconds=3)
    schedule = {"name": "soon", "action": name, "parameters": {"what": "$(id); 'x"}, "at": {"once": at.isoformat()}}
    product.put("schedules", schedule)
    fires = eventually(lambda: product.http.get("/api/v1/schedules/soon/fires").json()["items"])
    [fire] = fires
    assert fire["decision"] == "run_requested"
    run = product.ended(fire["run_id"])
    assert (run["state"], run["trigger"]["kind"], run["trigger"]["by"]) == ("succeeded", "schedule", "soon")
    assert datetime.fromisoformat(run["trigger"]["fire_time"]) == fire_time(at)
    assert ledger.lines == ["$(id); 'x"]
    why = product.http.get(f"/api/v1/runs/{run['id']}/explain").json()["sentences"][0]
    assert why.startswith("The schedule 'soon' asked for it on ")
    shown = product.http.get("/api/v1/schedules/soon").json()
    assert (shown["next_fire_time"], shown["last_fire"]) == (None, fire)


def test_an_action_runs_on_its_own_schedule_which_changes_and_goes_with_it(
    product: Product, ledger: Ledger, tmp_path: Path
) -> None:
    parameters = [{"name": "what", "type": "string", "required": True}]
    at = datetime.now(UTC) + timedelta(seconds=3)
    schedule = {"at": {"once": at.isoformat()}, "parameters": {"what": "own"}}

    def save(mode: str, **more: Any) -> str:
        execution = {"mode": mode, "schedule": {**schedule, **more}}
        return action(product, "on-its-own", ledger.entry("{{ what }}"), parameters=parameters, execution=execution)

    name = f"action:{save('scheduled')}"
    path = f"/api/v1/schedules/{name}"
    assert product.http.get(path).json()["owner"] == {"kind": "action", "name": "on-its-own"}
    assert name in [one["name"] for one in product.http.get("/api/v1/schedules?limit=200").json()["items"]]
    [fire] = eventually(lambda: product.http.get(f"{path}/fires").json()["items"])
    run = product.ended(fire["run_id"])
    assert (run["state"], run["trigger"]["kind"], run["trigger"]["by"]) == ("succeeded", "schedule", name)
    assert ledger.lines == ["own"]
    refused = product.http.put(path, json={"name": name, "action": "on-its-own", **schedule})
    assert (refused.status_code, "belongs to the action 'on-its-own'" in refused.json()["detail"]) == (409, True)
    assert product.http.delete(path).status_code == 409
    typed = Reader(product, tmp_path, "")
    for line, status in (
        (f"opsimate schedules show {name}", 0),
        (f"opsimate schedules edit {name}", 1),
        (f"opsimate schedules pause {name}", 1),
        (f"opsimate schedules delete {name}", 1),
        (f"opsimate export schedule {name}", 1),
    ):
        done = typed.typed(line)
        assert (done.returncode, "opsimate actions edit on-its-own" in done.stdout + done.stderr) == (
            status,
            "export" not in line,
        ), done
    assert "null" not in typed.typed(f"opsimate schedules show {name}").stdout, "it is shown as people write one"
    exported = typed.typed("opsimate export schedule; opsimate export action on-its-own")
    assert (exported.returncode, name in exported.stdout, "once:" in exported.stdout) == (0, False, True), exported
    save("scheduled", at={"daily": "02:30"})
    copied = typed.typed("opsimate actions copy on-its-own its-copy")
    assert "does not run by itself" in copied.stdout, copied
    copy = product.http.get("/api/v1/actions/its-copy").json()
    assert (copy["execution"]["mode"], copy["execution"]["schedule"]["at"]["daily"]) == ("manual", "02:30")
    shown = product.http.get("/api/v1/actions/on-its-own").json()
    assert shown["next_fire_time"] == product.http.get(path).json()["next_fire_time"] is not None
    assert shown["next_fire_time"] in _calendar(product)[name]
    save("manual")
    assert product.http.get(path).status_code == 404
    assert name not in _calendar(product)
    save("scheduled", at={"daily": "02:30"})
    assert product.http.get(f"{path}/fires").json()["items"] == [fire], "it is still the same action"
    assert product.http.delete("/api/v1/actions/on-its-own").status_code == 204
    assert product.http.get(path).status_code == 404


def _calendar(product: Product) -> dict[str, list[str]]:
    """The fire times of the days to come, by schedule."""
    found = product.http.get("/api/v1/calendar").raise_for_status().json()
    return {one["name"]: one["fire_times"] for one in found["schedules"]}


def test_alerts_run_an_action_by_its_own_rules(product: Product, ledger: Ledger) -> None:
    parameters = [{"name": "what", "type": "string", "required": True}]
    match = {"labels": {"alertname": "OwnRule"}}
    triggers = [
        {"match": {"labels": {"alertname": "AnotherOwnRule"}}, "parameters": {"what": "other"}},
        {"match": match, "parameters": {"what": "{{ alert.labels.what }}"}, "defaults": {"what": "nothing"}},
    ]
    name = action(
        product,
        "answers",
        ledger.entry("{{ what }}"),
        parameters=parameters,
        execution={"mode": "triggered", "triggers": triggers},
    )
    response = {"action": name, "parameters": {"what": "by-the-other"}}
    product.put("alert-rules", {"name": "stands-by-itself", "match": match, "responses": [response]})
    labels = {"alertname": "OwnRule", "what": "$(id)"}
    alert = {"title": "own", "status": "firing", "labels": labels}
    [episode] = product.alert("generic", alert).raise_for_status().json()["alerts"]
    decisions = product.http.get(f"/api/v1/alerts/{episode}").json()["decisions"]
    assert [one["rule"] for one in decisions] == ["stands-by-itself", f"action:{name}:2"]
    run = product.ended(decisions[1]["run_id"])
    assert (run["state"], run["trigger"]["by"], run["parameters"]) == (
        "succeeded",
        f"action:{name}:2",
        {"what": "$(id)"},
    )
    product.ended(decisions[0]["run_id"])
    assert sorted(ledger.lines) == ["$(id)", "by-the-other"]
    assert product.http.delete(f"/api/v1/alert-rules/action:{name}:2").status_code == 409
    assert product.http.delete("/api/v1/alert-rules/stands-by-itself").status_code == 204
    assert product.http.delete(f"/api/v1/actions/{name}").status_code == 204
    [episode] = product.alert("generic", {**alert, "labels": {**labels, "number": "2"}}).json()["alerts"]
    decisions = product.http.get(f"/api/v1/alerts/{episode}").json()["decisions"]
    assert not any((one["rule"] or "").startswith(f"action:{name}") for one in decisions)


def fire_time(instant: datetime) -> datetime:
    """As it is stored: to the millisecond."""
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


def test_a_preview_is_what_the_schedule_has_then(product: Product, ledger: Ledger) -> None:
    name = action(product, "previewed", ledger.entry())
    times = {"at": {"monthly": {"day": "last fri", "time": "02:30"}}, "time_zone": "Europe/Berlin"}
    begin: dict[str, str | int] = {"from": "2026-03-28T00:00:00Z", "count": 2}
    preview = product.http.post("/api/v1/schedules/preview", json={**times, **begin}).raise_for_status().json()
    assert preview["items"] == ["2026-04-24T00:30:00.000Z", "2026-05-29T00:30:00.000Z"]
    product.put("schedules", {"name": "monthly", "action": name, **times})
    following = product.http.get("/api/v1/schedules/monthly/next", params=begin).raise_for_status().json()
    assert following == preview
    product.put("schedules", {"name": "monthly", "action": name, **times, "enabled": False})
    assert product.http.get("/api/v1/schedules/monthly/next").json()["items"] == []
    spring = {"at": {"cron": "*/20 2 * * *"}, "time_zone": "Europe/Berlin", "from": "2026-03-28T12:00:00Z", "count": 1}
    noted = product.http.post("/api/v1/schedules/preview", json=spring).json()
    assert noted["items"] == ["2026-03-30T00:00:00.000Z"]
    assert "interval" in noted["notes"][0]


CLOCKS: list[tuple[str, dict[str, Any], str, list[str]]] = [
    ("Europe/Berlin", {"daily": "02:30"}, "2026-03-28T12:00", ["2026-03-29T01:00", "2026-03-30T00:30"]),
    ("Europe/Berlin", {"cron": "30 2 * * *"}, "2026-10-24T12:00", ["2026-10-25T00:30", "2026-10-26T01:30"]),
    ("America/New_York", {"daily": "02:30"}, "2026-03-07T12:00", ["2026-03-08T07:00", "2026-03-09T06:30"]),
    ("America/New_York", {"daily": "01:30"}, "2026-10-31T12:00", ["2026-11-01T05:30", "2026-11-02T06:30"]),
    ("Australia/Lord_Howe", {"daily": "02:15"}, "2026-10-03T00:00", ["2026-10-03T15:30", "2026-10-04T15:15"]),
    ("Australia/Lord_Howe", {"daily": "01:45"}, "2026-04-04T00:00", ["2026-04-04T14:45", "2026-04-05T15:15"]),
    ("Africa/Casablanca", {"daily": "02:30"}, "2026-02-14T12:00", ["2026-02-15T01:30", "2026-02-16T02:30"]),
    ("Africa/Casablanca", {"daily": "02:30"}, "2026-03-21T12:00", ["2026-03-22T02:00", "2026-03-23T01:30"]),
    ("Pacific/Apia", {"daily": "12:00"}, "2011-12-29T23:00", ["2011-12-30T10:00", "2011-12-30T22:00"]),
    (
        "America/Santiago",
        {"weekly": {"days": ["sun"], "time": "00:00"}},
        "2026-09-01T00:00",
        ["2026-09-06T04:00", "2026-09-13T03:00"],
    ),
    ("UTC", {"monthly": {"day": 29, "time": "00:00"}}, "2027-02-01T00:00", ["2027-03-29T00:00", "2027-04-29T00:00"]),
    ("UTC", {"cron": "0 0 29 2 *"}, "2026-01-01T00:00", ["2028-02-29T00:00", "2032-02-29T00:00"]),
    (
        "UTC",
        {"monthly": {"day": "last", "time": "23:59"}},
        "2028-02-01T00:00",
        ["2028-02-29T23:59", "2028-03-31T23:59"],
    ),
    ("UTC", {"once": "2027-01-01T00:00:00+01:00"}, "2026-01-01T00:00", ["2026-12-31T23:00"]),
]
"""A zone, when it fires there, and the next two fire times from an instant on."""


def test_every_form_fires_as_it_says_where_clocks_are_turned(product: Product) -> None:
    for zone, at, begin, expected in CLOCKS:
        asked = {"at": at, "time_zone": zone, "from": f"{begin}:00Z", "count": 2}
        found = product.http.post("/api/v1/schedules/preview", json=asked).raise_for_status().json()["items"]
        assert found == [f"{one}:00.000Z" for one in expected], (zone, at)


@pytest.mark.parametrize(
    ("given", "field", "said"),
    [
        ({"at": {"cron": "@daily"}}, "at.cron", "write 0 0 * * *"),
        ({"at": {"cron": "0 0 30 2 *"}}, "at.cron", "never fires"),
        ({"at": {"daily": "2:30"}}, "at.daily", "two digits each"),
        ({"at": {"weekly": {"days": ["mon", "mon"], "time": "02:30"}}}, "at.weekly.days.1", "'mon' stands in"),
        ({"at": {}}, "at", "needs one of daily, weekly, monthly, cron, once"),
        ({"time_zone": "Berlin"}, "time_zone", "there is no time zone 'Berlin'"),
        ({"parameters": {"whta": "x"}}, "parameters.whta", "did you mean 'what'?"),
        ({"parameters": {}}, "parameters.what", "required"),
        ({"action": "previewd"}, "action", "there is no action 'previewd'"),
        ({"misfire": "skip", "misfire_limit": 3}, "misfire_limit", "leave it out"),
        (
            {"starts_at": "2027-01-01T00:00:00Z", "ends_at": "2026-01-01T00:00:00Z"},
            "ends_at",
            "has to lie after starts_at",
        ),
    ],
)
def test_a_schedule_that_could_not_work_is_refused(
    product: Product, ledger: Ledger, given: dict[str, object], field: str, said: str
) -> None:
    parameters = [{"name": "what", "type": "string", "required": True}]
    name = action(product, "refused", ledger.entry("{{ what }}"), parameters=parameters)
    body = {"name": "refused", "action": name, "parameters": {"what": "x"}, "at": {"daily": "02:30"}, **given}
    answer = product.http.put("/api/v1/schedules/refused", json=body)
    assert answer.status_code == 422
    assert any(error["field"] == field and said in error["message"] for error in answer.json()["errors"]), answer.json()
    assert product.http.get("/api/v1/schedules/refused").status_code == 404


def test_an_action_that_a_schedule_runs_cannot_be_deleted(product: Product, ledger: Ledger) -> None:
    name = action(product, "needed", ledger.entry())
    product.put("schedules", {"name": "needs-it", "action": name, "at": {"daily": "02:30"}})
    answer = product.http.delete(f"/api/v1/actions/{name}")
    assert (answer.status_code, "needs-it" in answer.json()["detail"]) == (409, True)
    assert product.http.delete("/api/v1/schedules/needs-it").status_code == 204
    assert product.http.delete(f"/api/v1/actions/{name}").status_code == 204


def test_a_window_holds_what_runs_by_itself_until_somebody_overrides_it(product: Product, ledger: Ledger) -> None:
    name = action(product, "frozen", ledger.entry(), tags=["frozen"])
    now = datetime.now(UTC)
    window = {"from": (now - timedelta(hours=1)).isoformat(), "until": (now + timedelta(hours=1)).isoformat()}
    product.put("maintenance-windows", {"name": "freeze", **window, "applies_to": {"tags": ["frozen"]}})
    match = {"labels": {"alertname": "Frozen"}}
    product.put("alert-rules", {"name": "frozen", "match": match, "responses": [{"action": name}]})
    at = now + timedelta(seconds=2)
    product.put("schedules", {"name": "frozen", "action": name, "at": {"once": at.isoformat()}})
    [fire] = eventually(lambda: product.http.get("/api/v1/schedules/frozen/fires").json()["items"])
    held = eventually(lambda: held_run(product, fire["run_id"]))
    assert "the maintenance window 'freeze' holds it" in held["waiting_for"]["why"]
    for number in range(3):  # again and again, a new episode each
        alert = {"title": "Frozen", "status": "firing", "labels": {"alertname": "Frozen", "number": str(number)}}
        assert product.alert("generic", alert).is_success
        first = eventually(partial(runs_of, product, name, trigger="alert"))[0]
        eventually(partial(held_run, product, first["id"]))
    [by_alert] = runs_of(product, name, trigger="alert")
    assert product.show(by_alert["id"])["trigger"]["joined"] == 2
    by_hand = product.result(name)
    assert by_hand["state"] == "succeeded"
    path = f"/api/v1/runs/{fire['run_id']}/override"
    for nothing in ("", " \n"):
        assert product.http.post(path, json={"comment": nothing}).status_code == 422
    assert product.http.post(path, json={"comment": "the disk is full"}).status_code == 202
    ended = product.ended(fire["run_id"])
    assert ended["state"] == "succeeded"
    assert [entry["text"] for entry in ended["timeline"] if entry["event"] == "run.overridden"] == ["the disk is full"]
    assert product.http.delete("/api/v1/maintenance-windows/freeze").status_code == 204
    assert product.ended(by_alert["id"])["state"] == "succeeded", "a window that is gone holds nothing"
    again = product.http.post(path.replace(fire["run_id"], by_hand["id"]), json={"comment": "x"})
    assert again.status_code == 409


def held_run(product: Product, run_id: str) -> dict[str, Any] | None:
    """The run, once a maintenance window holds it."""
    run = product.show(run_id)
    return run if run["state"] == "delayed" and (run["waiting_for"] or {}).get("gate") == "window" else None


def runs_of(product: Product, name: str, **filters: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = product.http.get("/api/v1/runs", params={"action": name, **filters}).json()["items"]
    return items
