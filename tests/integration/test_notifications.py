"""Channels are told of runs: once each, signed, again where it may help, and never with a word of what is secret."""

import asyncio
import base64
import hashlib
import hmac
import io
import json
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from structlog.testing import capture_logs

from alert_bridge.adapters import apprise_program, sending
from alert_bridge.adapters.reading import ChannelReader
from alert_bridge.adapters.sending import ChannelSender
from alert_bridge.handlers import announcements, untold
from alert_bridge.handlers import notifications as delivering
from alert_bridge.handlers.announcements import Announcements
from alert_bridge.handlers.notifications import Deliverer
from alert_bridge.ports import NotificationContext
from catalog.handlers.notifications import retry_notification
from shared.bus.memory import MemoryBus
from shared.bus.topology import catalog_instance_queue
from shared.collections import ANNOUNCED, NOTIFICATIONS, RUNS
from shared.contracts.action import ActionDefinition
from shared.contracts.approval import PendingApproval
from shared.contracts.channel import ChannelDefinition, ChannelTested, TestChannel
from shared.contracts.model import Message
from shared.contracts.notification import StoredNotification
from shared.contracts.run import Run, RunChange, RunsChanged, RunState
from shared.contracts.secret import SecretMetadata
from shared.contracts.trigger import Trigger
from shared.definitions import bound_to_secret, definition_document, version_id, version_of
from shared.kinds import SECRET
from shared.runs.repository import document_of
from shared.store import Changes, DocumentStore, StoreUnavailableError
from tests.builders import NOON, a_run, a_step, an_action
from tests.builders_alerts import SEALER, Hands, a_rule, save
from tests.mortal import Life, Mortal
from tests.servers.ports import free_port
from tests.servers.receivers import HttpRecorder, MailServer, http_recorder, mail_server

DAY = timedelta(days=1)
KEY = b"k" * 32
SIGNING_KEY = f"whsec_{base64.b64encode(KEY).decode()}"
PUBLIC_URL = "https://opsimate.example"


@pytest.fixture
def recorder() -> Iterator[HttpRecorder]:
    with http_recorder() as running:
        yield running


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with mail_server() as running:
        yield running


@dataclass
class World:
    """A store with runs and channels, and bridges that come and go."""

    store: DocumentStore
    hands: Hands = field(default_factory=Hands)
    keep: timedelta | None = None
    bus: MemoryBus = field(default_factory=MemoryBus)
    sender: ChannelSender = field(init=False)

    def __post_init__(self) -> None:
        self.sender = ChannelSender(ChannelReader(self.store, SEALER), self.hands)

    def context(self, life: Life | None = None) -> NotificationContext:
        store: Any = self.store if life is None else Mortal(self.store, life)
        return NotificationContext(store, self.bus, self.hands, lambda: 0.5, self.sender, PUBLIC_URL, self.keep)

    async def channel(self, name: str, **leads_to: Any) -> None:
        definition = ChannelDefinition.model_validate({"name": name, **leads_to})
        await save(self.store, definition)

    async def webhook(self, name: str, url: str, key: str = SIGNING_KEY) -> None:
        await self.secret(f"{name}-key", key)
        await self.channel(name, webhook={"url": url, "signing_key": {"secret": f"{name}-key"}})

    async def by_apprise(self, name: str, address: str) -> None:
        await self.secret(f"{name}-url", address)
        await self.channel(name, url={"secret": f"{name}-url"})

    async def secret(self, name: str, value: str) -> None:
        sealed = SEALER.seal(value, bound_to=bound_to_secret(name))
        head = definition_document(SecretMetadata(name=name), uid=name, by="admin", at=NOON, sealed=sealed)
        await self.store.insert(SECRET.versions, version_of(head))
        await self.store.insert(SECRET.collection, head)

    async def action(self, *notify: dict[str, Any], name: str = "restart") -> ActionDefinition:
        action = an_action(a_step(provider="web-1"), name=name, title="Restart nginx", notify=list(notify))
        await save(self.store, action)
        return action

    async def run(self, action: ActionDefinition, state: RunState = "failed", **fields: Any) -> Run:
        """A run that ended so."""
        run = a_run(action, at=self.hands.now)
        run.request_id = run.id
        run.action.version_id, run.action.title = version_id(action.name, 1), action.title
        run.state, run.started_at, run.ended_at = state, self.hands.now, self.hands.now + timedelta(seconds=12)
        run.reason, run.reason_text = "exit_status", "the command exited with 3"
        for name, value in fields.items():
            setattr(run, name, value)
        await self.store.insert(RUNS, document_of(run))
        return run

    async def hear(self, *runs: Run) -> None:
        changes = [RunChange(run_id=run.id, seq=1, action=run.action.name, state=run.state) for run in runs]
        await Announcements(self.context(), lambda: None).hear(RunsChanged(changes=changes))

    def bridge(self, life: Life | None = None) -> untold.Untold:
        """One that was started a moment ago, on a bus that has kept nothing."""
        return untold.Untold(self.context(life), Announcements(self.context(life), lambda: None))

    async def deliver(self, life: Life | None = None) -> None:
        """What a bridge does that was started a moment ago."""
        deliverer = Deliverer(self.context(life))
        with suppress(asyncio.CancelledError):  # it died
            await deliverer.turn()
        await asyncio.gather(*deliverer._delivering.values(), return_exceptions=True)

    async def all(self) -> list[StoredNotification]:
        found = await self.store.find(NOTIFICATIONS, {}, limit=1_000)
        return [StoredNotification.model_validate(document) for document in found]

    async def only(self) -> StoredNotification:
        (found,) = await self.all()
        return found


@pytest.fixture
async def world(store: DocumentStore) -> AsyncIterator[World]:
    found = World(store)
    yield found
    await found.sender.close()


def told(notifications: Sequence[StoredNotification]) -> set[tuple[str, str, str | None]]:
    return {(one.channel, one.event, one.step) for one in notifications}


async def test_each_channel_is_told_once_of_what_it_asked_for(world: World) -> None:
    everything = ["succeeded", "failed", "unknown", "cancelled", "rejected", "expired", "skipped", "awaiting_approval"]
    action = await world.action(
        {"channel": "on-call"}, {"channel": "log", "on": everything}, {"channel": "log", "on": ["failed"]}
    )
    await save(world.store, a_rule("down", notify=[{"channel": "on-call"}, {"channel": "team", "on": "succeeded"}]))
    by_rule = Trigger(kind="alert", by="down", alert_id="a")
    failed, succeeded = await world.run(action), await world.run(action, "succeeded", trigger=by_rule)
    asked = PendingApproval(step="only", approvers=["role:operator"], needed=1, asked_at=NOON, expires_at=NOON)
    waits = await world.run(action, "running", ended_at=None, approval=asked)
    running = await world.run(action, "running", ended_at=None)
    for _ in range(2):  # messages come again
        await asyncio.gather(*[world.hear(failed, succeeded, waits, running) for _ in range(3)])
    found = await world.all()
    assert [told([one for one in found if one.run_id == run.id]) for run in (failed, succeeded, waits, running)] == [
        {("on-call", "failed", None), ("log", "failed", None)},
        {("log", "succeeded", None), ("team", "succeeded", None)},
        {("on-call", "awaiting_approval", "only"), ("log", "awaiting_approval", "only")},
        set(),
    ]
    assert len(found) == 6
    assert {one.link for one in found} == {f"{PUBLIC_URL}/runs/{run.id}" for run in (failed, succeeded, waits)}


async def test_what_nobody_heard_before_a_process_ended_is_told_by_the_next(world: World) -> None:
    action = await world.action({"channel": "on-call"})
    await save(world.store, a_rule("down", notify=[{"channel": "team"}]))
    by_rule = Trigger(kind="alert", by="down", alert_id="a")
    before, after = NOON - timedelta(hours=1), NOON + timedelta(hours=1)  # the rule is as it is since noon
    runs = [await world.run(action, trigger=by_rule, ended_at=ended) for ended in (before, after)]
    for _ in range(2):
        await world.bridge().turn()
    found = await world.all()
    assert [told([one for one in found if one.run_id == run.id]) for run in runs] == [
        {("on-call", "failed", None)},
        {("on-call", "failed", None), ("team", "failed", None)},
    ]


async def test_a_run_that_cannot_be_read_keeps_no_other_from_being_told(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(untold, "PAGE", 1)
    action = await world.action({"channel": "on-call"})
    runs = [await world.run(action) for _ in range(3)]
    damaged = runs.pop(1)
    await world.store.change(RUNS, {"id": damaged.id}, Changes(set={"steps": "none"}))
    with pytest.raises(
        announcements.UntellableRunsError, match=damaged.id
    ):  # and so the message is not lost in silence
        await world.hear(damaged, *runs)
    assert {one.run_id for one in await world.all()} == {one.id for one in runs}
    await world.store.delete(NOTIFICATIONS, {})
    with capture_logs() as logs:
        await world.bridge().turn()
    assert {one.run_id for one in await world.all()} == {one.id for one in runs}
    assert [damaged.id in log["error"] for log in logs] == [True]


async def test_what_was_told_and_deleted_since_is_not_told_by_the_next_process(world: World) -> None:
    world.keep = timedelta(hours=1)
    await world.run(await world.action({"channel": "on-call"}))
    world.hands.now = NOON + timedelta(hours=2)
    await world.bridge().turn()
    assert await world.all() == []
    world.keep = None
    await world.store.delete(ANNOUNCED, {})
    await world.bridge().turn()
    assert len(await world.all()) == 1


async def test_however_much_was_left_untold_the_next_process_tells_all_and_no_later_one_looks_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(untold, "PAGE", 3)
    action = await world.action({"channel": "on-call"})
    ended = [await world.run(action, ended_at=NOON - timedelta(hours=1, seconds=one)) for one in range(10)]
    asked = PendingApproval(approvers=["role:operator"], needed=1, asked_at=NOON - 9 * DAY, expires_at=NOON)
    waits = await world.run(action, "awaiting_approval", ended_at=None, approval=asked)
    world.hands.now = NOON
    for calls in (6, 20):  # it dies on the way, as often as one likes
        with suppress(asyncio.CancelledError):
            await world.bridge(Life(calls_left=calls)).turn()
    await world.bridge().turn()
    assert {one.run_id for one in await world.all()} == {run.id for run in (*ended, waits)}
    life = Life()
    await world.store.delete(NOTIFICATIONS, {})
    await world.bridge(life).turn()
    assert {one.run_id for one in await world.all()} == {waits.id}


async def test_how_far_it_is_told_is_noted_up_to_what_is_still_untold_or_being_told(world: World) -> None:
    async def noted() -> datetime:
        found = await world.store.get(ANNOUNCED, "told")
        assert found is not None
        return datetime.fromisoformat(found["until"]) + untold.STORED_WITHIN

    action = await world.action({"channel": "on-call"})
    announcements = Announcements(world.context(), lambda: None)
    bridge = untold.Untold(world.context(), announcements)
    world.hands.now = NOON
    await bridge.turn()
    assert await noted() == NOON
    late = await world.run(action, ended_at=NOON - DAY, unannounced=NOON)
    await announcements.hear(changes_of(late))
    world.hands.now = NOON + DAY
    await bridge.turn()
    assert await noted() == NOON - DAY
    await world.store.change(RUNS, {"id": late.id}, Changes(unset=("unannounced",)))
    broken = await world.run(action, ended_at=NOON - 2 * DAY)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(announcements, "announce", failing)
        with pytest.raises(ZeroDivisionError):
            await announcements.hear(changes_of(broken))
    await bridge.turn()
    assert await noted() == NOON - 2 * DAY


def changes_of(run: Run) -> RunsChanged:
    change = RunChange(run_id=run.id, seq=1, action=run.action.name, state=run.state, ended_at=run.ended_at)
    return RunsChanged(changes=[change])


async def failing(*_: Any, **__: Any) -> None:
    raise ZeroDivisionError


async def test_a_post_is_signed_and_says_what_happened(world: World, recorder: HttpRecorder) -> None:
    await world.webhook("hook", recorder.url("/in?a=b"))
    run = await world.run(await world.action({"channel": "hook"}), parameters={"password": "hunter2"})
    await world.hear(run)
    await world.deliver()
    (post,) = recorder.posts
    notification = await world.only()
    assert (post.method, post.path, post.headers["content-type"]) == ("POST", "/in?a=b", "application/json")
    assert post.headers["webhook-id"] == notification.id
    signed = b".".join([notification.id.encode(), post.headers["webhook-timestamp"].encode(), post.body])
    signature = base64.b64encode(hmac.new(KEY, signed, hashlib.sha256).digest()).decode()
    assert post.headers["webhook-signature"] == f"v1,{signature}"
    assert int(post.headers["webhook-timestamp"]) == int(NOON.timestamp())
    said = json.loads(post.body)
    about = said["data"]["run"]
    assert (said["type"], said["data"]["link"]) == ("run.failed", f"{PUBLIC_URL}/runs/{run.id}")
    assert (about["id"], about["state"], about["reason_text"], about["duration"]) == (
        run.id,
        "failed",
        "the command exited with 3",
        12.0,
    )
    assert b"hunter2" not in post.body
    assert (notification.state, notification.attempts, notification.next_attempt_at) == ("delivered", 1, None)
    assert [(one.ok, one.message) for one in notification.log] == [(True, "The receiver has taken it (200).")]


@pytest.mark.parametrize(
    ("status", "reason"), [(404, "refused"), (410, "refused"), (302, "redirected"), (307, "redirected")]
)
async def test_what_the_receiver_will_not_take_is_given_up(
    world: World, recorder: HttpRecorder, status: int, reason: str
) -> None:
    recorder.statuses["/in"] = [status]
    recorder.headers["location"] = recorder.url("/elsewhere")
    await world.webhook("hook", recorder.url("/in"))
    await world.hear(await world.run(await world.action({"channel": "hook"})))
    await world.deliver()
    found = await world.only()
    assert (found.state, found.reason, found.attempts, found.next_attempt_at) == ("failed", reason, 1, None)
    assert f"({status})" in (found.reason_text or "")
    assert [one.path for one in recorder.posts] == ["/in"], "a redirect is not followed"
    retried = await retry_notification(world.store, world.bus, found.id, world.hands)
    assert (retried.state, retried.ended_at) == ("pending", None)
    recorder.statuses["/in"] = [204]
    await world.deliver()
    assert ((await world.only()).state, (await world.only()).reason) == ("delivered", None)
    assert len({one.headers["webhook-id"] for one in recorder.posts}) == 1


async def test_what_may_pass_is_tried_again_later_and_later_for_a_day(world: World, recorder: HttpRecorder) -> None:
    recorder.statuses["/in"] = [500]
    await world.webhook("hook", recorder.url("/in"))
    await world.hear(await world.run(await world.action({"channel": "hook"})))
    pauses = []
    while (found := await world.only()).state == "pending":
        assert found.next_attempt_at is not None
        await world.deliver()
        assert len(recorder.posts) == found.attempts + 1, "not before it is due, and once"
        found = await world.only()
        await world.deliver()
        if found.next_attempt_at is not None:
            pauses.append((found.next_attempt_at - world.hands.now).total_seconds())
            world.hands.now = found.next_attempt_at
    assert pauses[:4] == [2, 4, 8, 16]
    assert (pauses[-1], len(pauses)) == (3_600, 33)
    assert (found.state, found.reason, found.attempts) == ("failed", "busy", 34)
    assert (found.give_up_at - world.hands.now).total_seconds() < 3_600
    assert len({(one.headers["webhook-id"], one.body) for one in recorder.posts}) == 1
    assert len({one.headers["webhook-signature"] for one in recorder.posts}) == 34, "each is signed at its time"


async def test_a_receiver_that_asks_to_be_left_alone_is(world: World, recorder: HttpRecorder) -> None:
    recorder.statuses["/in"] = [429, 503, 200]
    await world.webhook("hook", recorder.url("/in"))
    await world.hear(await world.run(await world.action({"channel": "hook"})))
    recorder.headers["retry-after"] = "90"
    await world.deliver()
    assert (await world.only()).next_attempt_at == NOON + timedelta(seconds=90)
    recorder.headers["retry-after"] = "Sat, 31 Jan 2026 13:00:00 GMT"
    world.hands.now = NOON + timedelta(seconds=90)
    await world.deliver()
    assert (await world.only()).next_attempt_at == datetime.fromisoformat("2026-01-31T13:00:00Z")


async def test_receivers_that_hang_or_never_end_hold_nobody_else(
    world: World, recorder: HttpRecorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "LONGEST_POST", 1.0)
    recorder.hang.add("/hangs")
    await world.webhook("hangs", recorder.url("/hangs"))
    await world.webhook("gone", f"http://127.0.0.1:{free_port()}/")
    await world.webhook("fine", recorder.url("/fine"))
    action = await world.action(*({"channel": name} for name in ("hangs", "gone", "fine")))
    await world.hear(*[await world.run(action) for _ in range(3)])
    await world.deliver()
    found = await world.all()
    assert {(one.channel, one.state, one.attempts, one.reason) for one in found} == {
        ("hangs", "pending", 1, "timed_out"),
        ("hangs", "pending", 0, None),
        ("gone", "pending", 1, "unreachable"),
        ("gone", "pending", 0, None),
        ("fine", "delivered", 1, None),
    }
    told_why = {one.reason_text for one in found if one.channel == "gone" and one.attempts}
    assert told_why == {"The receiver cannot be reached: connection refused."}
    assert len(recorder.at("/fine")) == 3
    assert len(recorder.at("/hangs")) == 1, "what else waits for it would hang as well"


@pytest.mark.parametrize(("body", "pause"), [(b"x" * 65_536, 0.0), (b"x", 0.3)])
async def test_an_answer_that_never_ends_is_not_read(
    world: World, recorder: HttpRecorder, body: bytes, pause: float
) -> None:
    recorder.body, recorder.pause = body, pause
    await world.webhook("hook", recorder.url("/in"))
    await world.by_apprise("other", recorder.url("/other").replace("http", "json"))
    await world.hear(await world.run(await world.action({"channel": "hook"}, {"channel": "other"})))
    await world.deliver()
    assert {one.state for one in await world.all()} == {"delivered"}


async def test_two_bridges_never_send_one_twice_at_a_time(world: World, recorder: HttpRecorder) -> None:
    await world.webhook("hook", recorder.url("/in"))
    action = await world.action({"channel": "hook"})
    await world.hear(*[await world.run(action) for _ in range(20)])
    await asyncio.gather(*[world.deliver() for _ in range(4)])
    ids = [post.headers["webhook-id"] for post in recorder.posts]
    assert (len(ids), len(set(ids))) == (20, 20)
    assert {one.attempts for one in await world.all()} == {1}


async def test_a_bridge_that_dies_anywhere_leaves_what_the_next_delivers(world: World, recorder: HttpRecorder) -> None:
    await world.webhook("hook", recorder.url("/in"))
    action = await world.action({"channel": "hook"})
    for calls in range(12):
        for is_made in (False, True):
            recorder.posts.clear()
            run = await world.run(action)
            await world.hear(run)
            await world.deliver(Life(calls_left=calls, is_made=is_made))
            for _ in range(2):
                world.hands.now += timedelta(minutes=5)
                await world.deliver()
            last = (await world.all())[-1]
            assert (last.run_id, last.state) == (run.id, "delivered")
            assert {post.headers["webhook-id"] for post in recorder.posts} == {last.id}
            assert len(recorder.posts) <= 2, "sent again where it was not stored that it was"


async def test_mail_arrives_in_lines_and_once_for_each_recipient(world: World, mail: MailServer) -> None:
    await world.by_apprise("team", mail.address("ann", "later-bob", "carl"))
    run = await world.run(await world.action({"channel": "team"}))
    await world.hear(run)
    await world.deliver()
    found = await world.only()
    assert (found.state, found.reason, len(found.delivered_to)) == ("pending", "busy", 2)
    mail.is_greylisting = False
    world.hands.now += timedelta(seconds=2)
    await world.deliver()
    found = await world.only()
    assert (found.state, found.delivered_to) == ("delivered", [])
    assert [len(mail.to(name)) for name in ("ann", "later-bob", "carl")] == [1, 1, 1]
    (said,) = mail.to("ann")
    assert (said["subject"], said["webhook-id"]) == ("Restart nginx failed", found.id)
    assert found.id in said["message-id"]
    assert said.get_content().splitlines() == [
        "restart, version 1 failed after 12s.",
        "The command exited with 3.",
        "Asked for by admin.",
        "On web-1.",
        f"See it: {PUBLIC_URL}/runs/{run.id}",
    ]


async def test_no_word_of_an_address_is_stored_or_logged(
    world: World, mail: MailServer, recorder: HttpRecorder, caplog: pytest.LogCaptureFixture
) -> None:
    recorder.statuses["/s3cret-path"] = [401]
    place = f"127.0.0.1:{recorder.port}/s3cret-path"
    addresses = {
        "refused": f"json://s3cret-user:s3cret-pass@{place}?+X-Token=s3cret-header",
        "unknown": "s3cretservice://s3cret-user:s3cret-pass@host/s3cret-path",
        "local": "syslog://s3cret-user",
        "no-mail": mail.address("nobody-s3cret", options="&name=s3cret"),
        "log-in": mail.address("s3cret").replace("://", "://s3cret-user:s3cret-pass@"),
        "no-host": "json://s3cret.invalid/s3cret-path",
    }
    for name, address in addresses.items():
        await world.by_apprise(name, address)
    await world.webhook("no-key", recorder.url("/in"), "s3cret")
    await world.channel("no-secret", url={"secret": "gone"})
    names = [*addresses, "no-key", "no-secret", "no-channel"]
    await world.hear(await world.run(await world.action(*({"channel": name} for name in names))))
    with capture_logs() as logs:
        await world.deliver()
    found = {one.channel: one for one in await world.all()}
    assert {name: (one.state, one.reason) for name, one in found.items()} == {
        "refused": ("failed", "refused"),
        "unknown": ("failed", "bad_address"),
        "local": ("failed", "bad_address"),
        "no-mail": ("failed", "refused"),
        "log-in": ("failed", "refused"),
        "no-host": ("pending", "unreachable"),
        "no-key": ("failed", "misconfigured"),
        "no-secret": ("failed", "misconfigured"),
        "no-channel": ("failed", "misconfigured"),
    }
    assert len(logs) == len(names)
    stored = await world.store.find(NOTIFICATIONS, {}, limit=100)
    for text in (json.dumps(stored), repr(logs), caplog.text):
        assert "s3cret" not in text.replace("s3cret-path'", "")


async def test_an_approval_that_was_decided_meanwhile_is_asked_for_no_more(
    world: World, recorder: HttpRecorder
) -> None:
    recorder.statuses["/in"] = [500]
    await world.webhook("hook", recorder.url("/in"))
    action = await world.action({"channel": "hook"})
    asked = PendingApproval(approvers=["user:ann"], needed=2, asked_at=NOON, expires_at=NOON + timedelta(hours=1))
    run = await world.run(action, "awaiting_approval", ended_at=None, started_at=None, approval=asked)
    await world.hear(run)
    await world.deliver()
    said = json.loads(recorder.posts[0].body)
    assert (said["type"], said["data"]["title"]) == ("run.awaiting_approval", "Restart nginx waits for approval")
    assert said["data"]["approval"] == {
        "step": None,
        "approvers": ["user:ann"],
        "needed": 2,
        "given": [],
        "asked_at": "2026-01-31T12:00:00.000Z",
        "expires_at": "2026-01-31T13:00:00.000Z",
    }
    assert f"Decide: {PUBLIC_URL}/runs/{run.id}" in said["data"]["text"]
    await world.store.change(RUNS, {"id": run.id}, Changes(set={"state": "queued"}, unset=("approval",)))
    world.hands.now += timedelta(seconds=2)
    await world.deliver()
    found = await world.only()
    assert (found.state, found.reason, len(recorder.posts)) == ("failed", "overtaken", 1)


async def test_what_hangs_in_apprise_is_ended_and_the_next_is_sent(world: World, recorder: HttpRecorder) -> None:
    for program in world.sender._apprise._all:
        program.longest_wait = 2.5  # it starts within one
    recorder.hang.add("/hangs")
    address = recorder.url("/hangs").replace("http", "json")
    await world.by_apprise("hangs", f"{address}?rto=60")
    await world.by_apprise("fine", recorder.url("/fine").replace("http", "json"))
    await world.hear(await world.run(await world.action({"channel": "hangs"})))
    await world.deliver()
    assert [(one.state, one.reason) for one in await world.all()] == [("pending", "timed_out")]
    await world.hear(await world.run(await world.action({"channel": "fine"}, name="other")))
    for program in world.sender._apprise._all:
        program.longest_wait = 30.0
    await world.deliver()
    assert [one.state for one in await world.all()] == ["pending", "delivered"]


async def test_while_the_store_is_away_what_is_to_be_told_is_kept(world: World) -> None:
    run = await world.run(await world.action({"channel": "on-call"}))
    really, failures = world.store.find, iter([StoreUnavailableError("away"), StoreUnavailableError("away")])

    async def find(*given: Any, **more: Any) -> Any:
        if (error := next(failures, None)) is not None:
            raise error
        return await really(*given, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(announcements, "AGAIN_AFTER", 0.01)
        patch.setattr(world.store, "find", find)
        await world.hear(run)
    assert told(await world.all()) == {("on-call", "failed", None)}


async def test_who_of_several_has_a_mail_is_known_although_the_server_hangs_with_the_next(
    world: World, mail: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "INTERRUPTED_AFTER", 1.0)
    await world.by_apprise("team", mail.address("ann", "hangs-bob", options="&name=s3cret"))
    await world.hear(await world.run(await world.action({"channel": "team"})))
    under_way = asyncio.create_task(world.deliver())
    process = await until(lambda: next((one._process for one in world.sender._apprise._all if one._process), None))
    seen = shown_to_others(process.pid)
    assert b"apprise_program.py" in seen[0]
    assert b"s3cret" not in b"".join(seen)
    await under_way
    world.hands.now += timedelta(minutes=1)
    await world.deliver()
    found = await world.only()
    assert (found.reason, found.attempts, len(found.delivered_to)) == ("timed_out", 2, 1)
    assert len(mail.to("ann")) == 1


def shown_to_others(pid: int) -> list[bytes]:
    """What whoever is logged in at the machine may see of a process."""
    return [Path(f"/proc/{pid}/{name}").read_bytes() for name in ("cmdline", "environ")]


async def until(found: Callable[[], Any]) -> Any:
    while not (what := found()):
        await asyncio.sleep(0.01)
    return what


async def test_channels_that_hang_leave_room_for_others_and_claim_nothing_that_waits(
    world: World, recorder: HttpRecorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "INTERRUPTED_AFTER", 1.0)
    hanging = [f"hangs-{number}" for number in range(4)]
    recorder.hang.update(f"/{name}" for name in hanging)
    for name in (*hanging, "fine"):
        await world.by_apprise(name, recorder.url(f"/{name}").replace("http", "json"))
    action = await world.action(*({"channel": name} for name in hanging))
    await world.hear(await world.run(action))
    await world.deliver()
    assert {one.reason for one in await world.all()} == {"timed_out"}
    recorder.posts.clear()
    world.hands.now += timedelta(minutes=1)
    await world.hear(await world.run(await world.action({"channel": "fine"}, name="other")))
    under_way = asyncio.create_task(world.deliver())
    await until(lambda: recorder.at("/fine"))
    assert len(recorder.posts) <= 2, "one of those that hang is tried at a time"
    assert sum(one.attempts == 2 for one in await world.all()) <= 1, "what waits may be taken by another bridge"
    async with world.sender.room("hangs-3", is_test=True):
        one_more = asyncio.ensure_future(world.sender.room("hangs-2", is_test=True).__aenter__())
        async with world.sender.room("fine"):
            assert not one_more.done(), "tests leave room, too"
        one_more.cancel()
    under_way.cancel()
    await asyncio.gather(under_way, return_exceptions=True)


async def test_a_bridge_that_stops_waits_for_no_test_and_tells_so(
    world: World, recorder: HttpRecorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivering, "LONGEST_GOODBYE", 0.1)
    await world.bus.open()
    answers: asyncio.Queue[Message] = asyncio.Queue()
    await world.bus.subscribe(catalog_instance_queue("catalog-1"), answers.put)
    recorder.hang.add("/in")
    await world.webhook("hook", recorder.url("/in"))
    deliverer = Deliverer(world.context())

    async def tested() -> str:
        command = TestChannel(channel="hook", request_id="1", reply_to="catalog-1", by="ann")
        asyncio.get_running_loop().call_soon(lambda: tasks.append(asyncio.create_task(deliverer.test(command))))
        answer = await answers.get()
        assert isinstance(answer, ChannelTested)
        return answer.report.message

    tasks: list[asyncio.Task[None]] = []
    first = asyncio.create_task(tested())
    await until(lambda: recorder.posts)
    deliverer.stop_soon()
    assert "was stopped" in await first
    assert "was stopped" in await tested(), "one that comes after that, too"
    await asyncio.gather(*tasks)
    await world.bus.close()


async def test_what_is_asked_for_again_while_it_is_sent_is_sent_once(world: World, recorder: HttpRecorder) -> None:
    recorder.hang.add("/in")
    await world.webhook("hook", recorder.url("/in"))
    await world.hear(await world.run(await world.action({"channel": "hook"})))
    under_way = asyncio.create_task(world.deliver())
    await until(lambda: recorder.posts)
    await retry_notification(world.store, world.bus, (await world.only()).id, world.hands)
    recorder.released.set()
    await under_way
    await world.deliver()
    found = await world.only()
    assert (found.state, found.next_attempt_at, len(recorder.posts)) == ("delivered", None, 1)


async def test_a_fault_is_noted_as_an_attempt_and_tells_nothing_of_what_it_was_about(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> bytes:
        raise RuntimeError("s3cret")

    monkeypatch.setattr(sending, "posted", fail)
    await world.webhook("hook", "http://127.0.0.1:1/")
    await world.hear(await world.run(await world.action({"channel": "hook"})))
    with capture_logs() as logs:
        while (found := await world.only()).next_attempt_at is not None:
            world.hands.now = found.next_attempt_at
            await world.deliver()
    assert (found.state, found.reason) == ("failed", "unknown")
    assert "s3cret" not in repr(logs) + found.model_dump_json()


async def test_an_approval_that_was_decided_before_anybody_was_told_is_not_told(
    world: World, recorder: HttpRecorder
) -> None:
    await world.webhook("hook", recorder.url("/in"))
    asked = PendingApproval(approvers=["user:ann"], needed=1, asked_at=NOON, expires_at=NOON + timedelta(hours=1))
    action = await world.action({"channel": "hook"})
    run = await world.run(action, "awaiting_approval", ended_at=None, started_at=None, approval=asked)
    await world.hear(run)
    await world.store.change(RUNS, {"id": run.id}, Changes(set={"state": "queued"}, unset=("approval",)))
    await world.deliver()
    assert ((await world.only()).reason, recorder.posts) == ("overtaken", [])


async def test_an_alert_calls_nobody_in_a_chat(world: World, recorder: HttpRecorder) -> None:
    await world.by_apprise("chat", recorder.url(f"/{'a' * 24}").replace("http", "mmost"))
    note = "@everyone [reset your password](https://evil.example) <b>"
    trigger = Trigger(kind="alert", by="down", note=note, alert_id="a")
    await world.hear(await world.run(await world.action({"channel": "chat"}), trigger=trigger))
    await world.deliver()
    (post,) = recorder.posts
    text = json.loads(post.body)["text"]
    assert "down: @\u200beveryone [reset your password]\u200b(https://evil.example) \u2039b\u203a" in text
    assert f"See it: {PUBLIC_URL}/runs/" in text


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_pagerduty_opens_one_incident_for_all_attempts_and_texts_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    posted: list[Any] = []

    def send(_self: Any, request: requests.PreparedRequest, **_given: Any) -> requests.Response:
        assert isinstance(request.body, str)
        posted.append(json.loads(request.body))
        answer = requests.Response()
        answer.status_code, answer.raw = 202, io.BytesIO()
        return answer

    monkeypatch.setattr(requests.Session, "send", send)
    question = {"id": "01ABC", "title": "t", "text": "x" * 5_000, "event": "failed", "delivered_to": [], "seconds": 9}
    for given in ("", "/?dedup=mine"):
        address = f"pagerduty://{'k' * 32}@{'a' * 20}{given}"
        answer = apprise_program.send({**question, "address": address, "link": "https://o.example/runs/1"})
        assert answer["ok"], answer
    first, second = posted
    assert (first["dedup_key"], second["dedup_key"]) == ("01ABC", "mine")
    assert first["links"] == [{"href": "https://o.example/runs/1"}]
    assert len(first["payload"]["summary"]) <= 1_024
