"""Channels are told in both forms: of what fails and what waits, with a link, whatever becomes of the channel."""

import base64
import json
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.test_as_code import Reader
from tests.product import Product, eventually
from tests.servers.ports import free_port
from tests.servers.receivers import HttpRecorder, MailServer, http_recorder, mail_server
from tests.servers.sshd import SshServer
from tests.stage import action

KEY = f"whsec_{base64.b64encode(b'k' * 32).decode()}"
SECRET = "s3cret-w0rd"
"""Stands in what leads to every channel here."""


@pytest.fixture
def recorder() -> Iterator[HttpRecorder]:
    with http_recorder() as running:
        yield running


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with mail_server() as running:
        yield running


@pytest.fixture
def reader(product: Product, left_as_it_was: None, tmp_path: Path, sshd: SshServer) -> Iterator[Reader]:
    yield Reader(product, tmp_path, sshd.private_key)
    for path in ("actions/check-backup", "channels/on-call", "channels/ticket-system"):
        product.http.delete(f"/api/v1/{path}")


def public_url(product: Product) -> str:
    return product.url if product.form == "embedded" else "https://opsimate.example"


def test_the_guide_to_notifications_works_as_it_says(
    reader: Reader, product: Product, recorder: HttpRecorder, mail: MailServer
) -> None:
    assert reader.follow("notifications.md", {":8944": f":{recorder.port}", ":8925": f":{mail.port}"}) == 3
    (run,) = product.http.get("/api/v1/runs", params={"action": "check-backup"}).json()["items"]
    link = f"{public_url(product)}/runs/{run['id']}"
    tried, told = eventually(lambda: len(mail.to("ann")) == 2 and mail.to("ann"), what="the mail has come")
    assert (tried["subject"], told["subject"]) == ("OpsiMate Actions: a test", "Check the backup failed")
    assert f"See it: {link}" in told.get_content().splitlines()
    assert "today" not in told.get_content(), "no parameter is told"
    spec = spec_from_file_location("verify", reader.directory / "verify.py")
    assert spec is not None
    assert spec.loader is not None
    module: Any = module_from_spec(spec)
    spec.loader.exec_module(module)
    key = (reader.directory / "key").read_text()
    test, failed = recorder.at("/opsimate")
    for post in (test, failed):
        module.verify(key, post.headers, post.body)
        with pytest.raises(ValueError, match="not signed"):
            module.verify(key, post.headers, post.body + b" ")
        with pytest.raises(ValueError, match="too old"):
            module.verify(key, {**post.headers, "webhook-timestamp": "1700000000"}, post.body)
    said = json.loads(failed.body)
    assert (json.loads(test.body)["type"], said["type"], said["data"]["link"]) == ("test", "run.failed", link)
    shown = {"id", "action", "state", "reason", "reason_text", "trigger", "created_at", "started_at", "ended_at"}
    assert set(said["data"]["run"]) == {*shown, "duration"}


def channel(product: Product, name: str, **leads_to: Any) -> str:
    """A channel, and the secret that it names."""
    value = leads_to.pop("value")
    product.put("secrets", {"name": f"{name}-secret", "value": value})
    product.put("channels", {"name": name, **leads_to})
    return name


def test_who_waits_and_what_failed_is_told_whatever_becomes_of_other_channels(
    product: Product, recorder: HttpRecorder, mail: MailServer
) -> None:
    hook = {"url": recorder.url("/in"), "signing_key": {"secret": "told-secret"}}
    channel(product, "told", value=KEY, webhook=hook)
    dead = f"json://{SECRET}:{SECRET}@127.0.0.1:{free_port()}/{SECRET}"
    channel(product, "dead", value=dead, url={"secret": "dead-secret"})
    channel(product, "team", value=mail.address("ann", options=f"&name={SECRET}"), url={"secret": "team-secret"})
    notify = [{"channel": name} for name in ("told", "dead", "team")]
    name = action(product, "told-of", {"command": "exit 3", "approval": "required"}, notify=notify)
    refused = [product.http.delete(f"/api/v1/{path}") for path in ("channels/dead", "secrets/dead-secret")]
    assert [one.status_code for one in refused] == [409, 409]
    gone = product.http.put("/api/v1/actions/told-of-2", json={"steps": [], "notify": [{"channel": "tolt"}]})
    assert (gone.status_code, "notify.0.channel" in gone.text or "steps" in gone.text) == (422, True)

    run = product.run(name)
    (asked,) = eventually(lambda: recorder.at("/in"), what="the approval was asked for")
    about = json.loads(asked.body)
    link = f"{public_url(product)}/runs/{run['id']}"
    assert (about["type"], about["data"]["link"]) == ("run.awaiting_approval", link)
    assert (about["data"]["approval"]["step"], about["data"]["approval"]["needed"]) == ("step-1", 1)
    made = product.http.post("/api/v1/tokens", json={"name": "teller", "role": "administrator", "kind": "person"})
    approver = {"Authorization": f"Bearer {made.raise_for_status().json()['token']}"}
    approved = product.http.post(f"/api/v1/runs/{run['id']}/approve", json={}, headers=approver)
    assert approved.status_code == 202, approved.text
    assert product.ended(run["id"])["state"] == "failed"
    _, failed = eventually(lambda: len(recorder.at("/in")) == 2 and recorder.at("/in"), what="the failure was told")
    assert json.loads(failed.body)["data"]["run"]["reason_text"] == product.show(run["id"])["reason_text"]
    eventually(lambda: len(mail.to("ann")) == 2, what="both mails have come")

    def told(**where: str) -> list[dict[str, Any]]:
        answer = product.http.get("/api/v1/notifications", params={"run": run["id"], **where}).raise_for_status()
        return list(answer.json()["items"])

    eventually(lambda: len(told(state="delivered")) == 4, what="what was delivered is noted")
    waiting = eventually(lambda: told(channel="dead", state="pending"), what="the others wait")
    assert {one["channel"] for one in told()} == {"told", "dead", "team"}
    tried = [one for one in waiting if one["attempts"]]
    assert {one["reason"] for one in tried} == {"unreachable"}
    pages = product.http.get("/api/v1/notifications", params={"limit": 1, "run": run["id"]}).json()
    rest = product.http.get("/api/v1/notifications", params={"cursor": pages["next"], "run": run["id"]}).json()
    assert [one["id"] for one in [*pages["items"], *rest["items"]]] == sorted(
        (one["id"] for one in told()), reverse=True
    )

    report = product.http.post("/api/v1/channels/dead/test").json()
    assert (report["ok"], report["reason"]) == (False, "unreachable")
    assert product.http.post("/api/v1/channels/nowhere/test").status_code == 404
    assert product.http.get("/api/v1/notifications", params={"state": "lost"}).status_code == 422
    done = told(state="delivered")[0]["id"]
    assert product.http.post(f"/api/v1/notifications/{done}/retry").status_code == 409
    product.put("secrets", {"name": "dead-secret", "value": recorder.url("/mended").replace("http", "json")})
    for one in waiting:
        answer = product.http.post(f"/api/v1/notifications/{one['id']}/retry")
        assert (answer.status_code, answer.json()["state"]) == (202, "pending")
    eventually(lambda: recorder.at("/mended"), what="it is tried again at once, or within the channel's rest")
    lines = [line for line in product.logs().splitlines() if '"notification.' in line and run["id"] in line]
    assert {json.loads(line)["event"] for line in lines} >= {"notification.delivered", "notification.delayed"}
    shown = json.dumps([told(), product.http.get("/api/v1/channels").json(), report])
    assert SECRET not in product.logs() + shown
    for path in ("actions/told-of", "tokens/teller", *(f"channels/{one}" for one in ("told", "dead", "team"))):
        product.http.delete(f"/api/v1/{path}").raise_for_status()
