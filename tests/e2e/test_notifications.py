"""Channels are told in both forms: of what fails and what waits, with a link, whatever becomes of the channel."""

import base64
import json
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import httpx
import pytest

from opsimate.client import ApiClient
from opsimate.credentials import Credentials
from opsimate.product_looks import LOOKS
from tests.e2e.test_as_code import Reader
from tests.product import Product, eventually
from tests.servers.ports import free_port
from tests.servers.receivers import HttpRecorder, MailServer, Posted, http_recorder, mail_server
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
    receiver = free_port()
    instead = {":8944": f":{recorder.port}", ", 8944)": f", {receiver})", ":8925": f":{mail.port}"}
    assert reader.follow("notifications.md", instead) == 3
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
    assert taken_by_the_receiver_of_the_guide(reader, receiver, failed) == [204, 400, 400]
    said = json.loads(failed.body)
    assert (json.loads(test.body)["type"], said["type"], said["data"]["link"]) == ("test", "run.failed", link)
    shown = {"id", "action", "state", "reason", "reason_text", "trigger", "created_at", "started_at", "ended_at"}
    assert set(said["data"]["run"]) == {*shown, "duration"}


def taken_by_the_receiver_of_the_guide(reader: Reader, port: int, post: Posted) -> list[int]:
    """What it answers to a post as it came, to one that somebody changed, and to one that is not signed at all."""
    with subprocess.Popen([sys.executable, "receive.py"], cwd=reader.directory) as program:
        try:
            url = f"http://127.0.0.1:{port}/opsimate"
            eventually(lambda: listens(port), what="the receiver listens")
            signed = {name: value for name, value in post.headers.items() if name.startswith("webhook-")}
            tried: Sequence[tuple[bytes, dict[str, str]]]
            tried = ((post.body, signed), (post.body + b" ", signed), (post.body, {}))
            return [httpx.post(url, content=body, headers=headers).status_code for body, headers in tried]
        finally:
            program.terminate()


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def channel(product: Product, name: str, **leads_to: Any) -> str:
    """A channel, and the secret that it names."""
    value = leads_to.pop("value")
    product.put("secrets", {"name": f"{name}-secret", "value": value})
    product.put("channels", {"name": name, **leads_to})
    return name


@pytest.fixture
def channels(product: Product, recorder: HttpRecorder, mail: MailServer) -> Iterator[list[str]]:
    """A program, a mail address, and one that nobody answers at; and an action that tells all of them."""
    hook = {"url": recorder.url("/in"), "signing_key": {"secret": "told-secret"}}
    dead = f"json://{SECRET}:{SECRET}@127.0.0.1:{free_port()}/{SECRET}"
    team = mail.address("ann", options=f"&name={SECRET}")
    names = [
        channel(product, "told", value=KEY, webhook=hook),
        channel(product, "team", value=team, url={"secret": "team-secret"}),
        channel(product, "dead", value=dead, url={"secret": "dead-secret"}),
    ]
    notify = [{"channel": name} for name in names]
    action(product, "told-of", {"command": "exit 3", "approval": "required"}, notify=notify)
    yield names
    for path in ("actions/told-of", "tokens/teller", *(f"channels/{name}" for name in names)):
        product.http.delete(f"/api/v1/{path}")


def told_of(product: Product, run_id: str, **where: str) -> list[dict[str, Any]]:
    answer = product.http.get("/api/v1/notifications", params={"run": run_id, **where}).raise_for_status()
    return list(answer.json()["items"])


def test_who_waits_and_what_failed_is_told_whatever_becomes_of_other_channels(
    product: Product, recorder: HttpRecorder, mail: MailServer, channels: list[str]
) -> None:
    refused = [product.http.delete(f"/api/v1/{path}") for path in ("channels/dead", "secrets/dead-secret")]
    assert [one.status_code for one in refused] == [409, 409]
    shown = product.http.get("/api/v1/actions/told-of").json()
    unknown = product.http.put("/api/v1/actions/told-of", json={**shown, "notify": [{"channel": "tolt"}]})
    assert [error["field"] for error in unknown.json()["errors"]] == ["notify.0.channel"]

    run_id = product.run("told-of")["id"]
    (asked,) = eventually(lambda: recorder.at("/in"), what="the approval was asked for")
    about = json.loads(asked.body)
    link = f"{public_url(product)}/runs/{run_id}"
    assert (about["type"], about["data"]["link"]) == ("run.awaiting_approval", link)
    assert (about["data"]["approval"]["step"], about["data"]["approval"]["needed"]) == ("step-1", 1)
    made = product.http.post("/api/v1/tokens", json={"name": "teller", "role": "administrator", "kind": "person"})
    approver = {"Authorization": f"Bearer {made.raise_for_status().json()['token']}"}
    approved = product.http.post(f"/api/v1/runs/{run_id}/approve", json={}, headers=approver)
    assert approved.status_code == 202, approved.text
    assert product.ended(run_id)["state"] == "failed"
    _, failed = eventually(lambda: len(recorder.at("/in")) == 2 and recorder.at("/in"), what="the failure was told")
    assert json.loads(failed.body)["data"]["run"]["reason_text"] == product.show(run_id)["reason_text"]
    eventually(lambda: len(mail.to("ann")) == 2, what="both mails have come")
    eventually(lambda: len(told_of(product, run_id, state="delivered")) == 4, what="what was delivered is noted")
    tried = eventually(
        lambda: [one for one in told_of(product, run_id, channel="dead") if one["reason"] == "unreachable"],
        what="it was tried to tell the one that nobody answers at",
    )
    assert {one["state"] for one in tried} == {"pending"}
    with ApiClient(Credentials(product.url, product.token, "the test")) as api:
        findings = {one.message.split("'")[1]: one for one in LOOKS["notifications"](api) if "'" in one.message}
    assert "opsimate channels test dead" in findings["dead"].remedy
    assert not findings.keys() & {"told", "team"}
    look_through(product, run_id)
    try_again(product, run_id, recorder)
    counted = product.http.get(f"{product.alerts_url}/metrics").text
    assert 'opsimate_notifications_total{channel="told",outcome="delivered"} 2.0' in counted
    assert 'opsimate_notifications_total{channel="dead",outcome="delayed"}' in counted
    logs = product.logs()
    lines = [json.loads(line) for line in logs.splitlines() if '"notification.' in line and run_id in line]
    assert {line["event"] for line in lines} >= {"notification.delivered", "notification.delayed"}
    assert SECRET not in logs + json.dumps([told_of(product, run_id), product.http.get("/api/v1/channels").json()])


def look_through(product: Product, run_id: str) -> None:
    """Notifications are listed in pages, the newest first, and only by what there can be."""
    everything = told_of(product, run_id)
    assert {one["channel"] for one in everything} == {"told", "dead", "team"}
    ids = [one["id"] for one in everything]
    pages = product.http.get("/api/v1/notifications", params={"limit": 1, "run": run_id}).json()
    rest = told_of(product, run_id, cursor=pages["next"])
    assert [one["id"] for one in [*pages["items"], *rest]] == ids == sorted(ids, reverse=True)
    assert product.http.get("/api/v1/notifications", params={"state": "lost"}).status_code == 422
    assert product.http.get(f"/api/v1/notifications/{ids[0]}").json()["id"] == ids[0]
    assert product.http.get("/api/v1/notifications/nothing").status_code == 404


def try_again(product: Product, run_id: str, recorder: HttpRecorder) -> None:
    """Once a channel is mended, what it was not told is tried at once; nothing is told twice."""
    report = product.http.post("/api/v1/channels/dead/test").json()
    assert (report["ok"], report["reason"], SECRET in report["message"]) == (False, "unreachable", False)
    assert product.http.post("/api/v1/channels/nowhere/test").status_code == 404
    delivered = told_of(product, run_id, state="delivered")[0]["id"]
    assert product.http.post(f"/api/v1/notifications/{delivered}/retry").status_code == 409
    product.put("secrets", {"name": "dead-secret", "value": recorder.url("/mended").replace("http", "json")})
    for one in told_of(product, run_id, channel="dead"):
        answer = product.http.post(f"/api/v1/notifications/{one['id']}/retry")
        assert (answer.status_code, answer.json()["state"]) == (202, "pending")
    eventually(lambda: recorder.at("/mended"), what="what failed was told")
