"""Channels as people define them, the words of notifications, and when they are tried again."""

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from alert_bridge.domain.notifications import WORDS, a_test, channels_told, event_of, notification_of
from alert_bridge.domain.sending import (
    Sent,
    UnusableChannelError,
    answered,
    mail_answered,
    next_attempt,
    signing_key,
    without_markup,
)
from scheduler.domain.conditions import undecided
from shared.contracts.channel import ChannelDefinition, Notify
from shared.contracts.problem import sentence_of
from shared.contracts.run import ENDED, Run
from shared.contracts.trigger import Trigger
from tests.builders import NOON, a_run, a_step, an_action

WEBHOOK = {"url": "https://hooks.example/in", "signing_key": {"secret": "key"}}


def complaint(model: type[ChannelDefinition | Notify], **fields: Any) -> tuple[str, str]:
    with pytest.raises(ValidationError) as refused:
        model.model_validate(fields)
    (error,) = refused.value.errors()
    return ".".join(map(str, error["loc"])), sentence_of(error)


@pytest.mark.parametrize(
    ("fields", "field", "said"),
    [
        ({"url": "slack://token"}, "url", "opsimate secrets set NAME"),
        ({}, "", "either url"),
        ({"url": {"secret": "a"}, "webhook": WEBHOOK}, "", "either url"),
        ({"webhook": {"url": "https://x.example"}}, "webhook.signing_key", "required"),
        ({"webhook": {**WEBHOOK, "url": "ftp://x.example"}}, "webhook.url", "https://"),
        ({"webhook": {**WEBHOOK, "url": "https://"}}, "webhook.url", "host"),
        ({"webhook": {**WEBHOOK, "url": "https://x.example:99999/"}}, "webhook.url", "host"),
        ({"webhook": {**WEBHOOK, "url": "https://u:p@x.example"}}, "webhook.url", "no user"),
        ({"webhook": {**WEBHOOK, "url": "https://x.example/#a"}}, "webhook.url", "#fragment"),
        ({"webhook": {**WEBHOOK, "url": "https://x.example/a b"}}, "webhook.url", "printable"),
        ({"webhook": {**WEBHOOK, "url": f"https://x.example/{'a' * 2_000}"}}, "webhook.url", "2000"),
        ({"webhook": {**WEBHOOK, "sign": 1}}, "webhook.sign", "unknown field"),
    ],
)
def test_a_channel_that_leads_nowhere_is_refused_with_what_to_write(
    fields: dict[str, Any], field: str, said: str
) -> None:
    at, message = complaint(ChannelDefinition, name="on-call", **fields)
    assert at == field
    assert said in message.replace(",", "")
    assert "slack://token" not in message


def test_who_is_told_of_what() -> None:
    usual = Notify.model_validate({"channel": "a"})
    one = Notify.model_validate({"channel": "b", "on": "succeeded"})
    assert (usual.on, one.on) == (["failed", "unknown", "awaiting_approval"], ["succeeded"])
    assert channels_told("failed", [usual, one, usual]) == ["a"]
    assert complaint(Notify, channel="a", on=["fail"])[0] == "on.0"
    assert complaint(Notify, channel="a", on=[])[0] == "on"


def ended(state: Any = "failed", **fields: Any) -> Run:
    run = a_run(an_action(a_step(), title="Restart nginx"))
    run.state, run.started_at, run.ended_at = state, NOON, NOON + timedelta(seconds=75)
    run.action.title = "Restart nginx"
    for name, value in fields.items():
        setattr(run, name, value)
    return run


def test_every_end_has_its_words() -> None:
    assert set(WORDS) == {*ENDED, "awaiting_approval"}
    for state in ENDED:
        made = notification_of(ended(state), "a", new_id="1", public_url=None, now=NOON)
        assert made is not None
        assert made.title.startswith("Restart nginx ")
        assert (made.event, made.body["type"], made.link) == (state, f"run.{state}", None)
        assert f"See it with: opsimate runs show {made.run_id}" in made.text
    assert event_of(ended("running")) is None
    assert notification_of(ended("running"), "a", new_id="1", public_url=None, now=NOON) is None


def test_what_others_wrote_stays_on_its_line_and_no_parameter_is_told() -> None:
    note = "disk full\r\nSee it: https://evil.example\x1b[31m" + "x" * 2_000
    trigger = Trigger(kind="alert", by="down", note=note, alert_id="a")
    providers = [f"web-{number}" for number in range(1, 9)]
    run = ended(trigger=trigger, providers=providers, parameters={"password": "hunter2", "host": "s3cret"})
    made = notification_of(run, "a", new_id="1", public_url="https://o.example", now=NOON)
    assert made is not None
    lines = made.text.splitlines()
    assert lines[0] == "restart, version 1 failed after 1m 15s."
    assert lines[1].startswith("Asked for by the alert rule down: disk full See it: https://evil.example [31mxxx")
    assert len(lines[1]) <= 501
    assert lines[2:] == [
        "On web-1, web-2, web-3, web-4, web-5 and 3 more.",
        f"See it: https://o.example/runs/{run.id}",
    ]
    run.trigger.note = "\u200b \x1b"
    unseen = notification_of(run, "a", new_id="1", public_url=None, now=NOON)
    assert unseen is not None
    assert unseen.text.splitlines()[1] == "Asked for by the alert rule down."
    whole = made.model_dump_json()
    assert "hunter2" not in whole
    assert "s3cret" not in whole


def test_a_test_says_that_it_is_one() -> None:
    test = a_test("ann", "on-call", new_id="1", public_url="https://o.example", now=NOON)
    assert json.loads(json.dumps(test.body))["type"] == "test"
    assert "Nothing has happened" in test.text


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (200, None),
        (204, None),
        (301, "redirected"),
        (308, "redirected"),
        (400, "refused"),
        (401, "refused"),
        (404, "refused"),
        (408, "busy"),
        (410, "refused"),
        (425, "busy"),
        (429, "busy"),
        (500, "busy"),
        (503, "busy"),
    ],
)
def test_what_an_answer_means(status: int, reason: str | None) -> None:
    assert answered(status, None, NOON).reason == reason


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120),
        ("Sat, 31 Jan 2026 12:05:00 GMT", 300),
        ("Sat, 31 Jan 2026 11:00:00 GMT", 0),
        ("soon", None),
        ("99999999", 21_600),
        ("Mon, 1 Jan 2026 00:00:00 +99999999999999", None),
        ("Mon, 1 Jan 99999999999 00:00:00 GMT", None),
        ("-5", None),
        ("١٢", None),
        ("", None),
    ],
)
def test_how_long_a_receiver_asks_to_be_left_alone(text: str, seconds: float | None) -> None:
    assert answered(429, text, NOON).retry_after == seconds


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("@everyone, @@here and x@all", "@\u200beveryone, @\u200b@\u200bhere and x@\u200ball"),
        ("@**all** @all", "@\u200b**all** @\u200ball"),
        ("mail ann@ops.example", "mail ann@ops.example"),
        ("<!channel> <@U1> <b>", "\u2039!channel\u203a \u2039@\u200bU1\u203a \u2039b\u203a"),
        ("[ok](https://e.example) [a][1] [1]: x", "[ok]\u200b(https://e.example) [a]\u200b[1] [1]\u200b: x"),
        ("disk 90% on /var, a[0] & b", "disk 90% on /var, a[0] & b"),
    ],
)
def test_what_chats_are_sent_calls_nobody_and_hides_no_link(text: str, sent: str) -> None:
    assert without_markup(text) == sent


def test_the_values_that_a_condition_met_are_not_told() -> None:
    why = undecided("there is no 'hunter2' there")
    run = ended(reason_text=f"step 'look': {why}")
    made = notification_of(run, "a", new_id="1", public_url=None, now=NOON)
    assert made is not None
    assert made.text.splitlines()[1] == "Step 'look': its condition could not be evaluated; the run says why."
    assert "hunter2" not in made.model_dump_json()


def test_what_a_mail_server_says() -> None:
    assert [mail_answered(code).reason for code in (421, 451, 535, 550)] == ["busy", "busy", "refused", "refused"]


def test_pauses_vary_and_end_after_a_day() -> None:
    made = notification_of(ended(), "a", new_id="1", public_url=None, now=NOON)
    assert made is not None
    made.attempts = 3
    busy = Sent("busy", "later")
    found = [next_attempt(made, busy, NOON, chance) for chance in (0.0, 1.0)]
    assert found == [NOON + timedelta(seconds=4), NOON + timedelta(seconds=12)]
    made.attempts = 2_000
    assert next_attempt(made, busy, NOON, 0.5) == NOON + timedelta(hours=1)
    assert next_attempt(made, busy, NOON + timedelta(hours=23.5), 0.5) is None
    assert next_attempt(made, Sent("refused", "no"), NOON, 0.5) is None


@pytest.mark.parametrize(
    "key",
    [
        "",
        "hunter2",
        "whsec_",
        "whsec_hunter2!",
        f"whsec_{base64.b64encode(b'k' * 23).decode()}",
        base64.b64encode(b"k" * 32).decode(),
        f"whsec_{base64.b64encode(b'k' * 65).decode()}",
    ],
)
def test_a_key_that_is_none_is_told_without_a_word_of_it(key: str) -> None:
    with pytest.raises(UnusableChannelError) as refused:
        signing_key(key)
    assert "openssl rand -base64 32" in str(refused.value)
    assert "hunter2" not in str(refused.value)
    assert signing_key(f"whsec_{base64.b64encode(b'k' * 32).decode()}\n") == b"k" * 32
