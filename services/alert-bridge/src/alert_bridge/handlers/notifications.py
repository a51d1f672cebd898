"""Notifications are delivered, each by one bridge at a time, and tried again where what went wrong may pass.

Whoever tries one moves the instant at which it is due: until then nobody else tries it. A bridge that dies between
sending and storing that it did leaves one that is sent once more, under the same id.
"""

import asyncio
import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import structlog

from alert_bridge.domain.notifications import a_test, event_of
from alert_bridge.domain.sending import Sent, next_attempt
from alert_bridge.ports import LONGEST_SEND, NotificationContext, Send
from shared.clock import new_id
from shared.collections import NOTIFICATIONS
from shared.contracts.channel import ChannelTested, ChannelTestReport, TestChannel
from shared.contracts.notification import MOST_ATTEMPTS_SHOWN, NotificationAttempt, StoredNotification
from shared.contracts.values import instant_text
from shared.metrics import PlainCounter
from shared.runs.repository import run_of
from shared.store.port import Changes, OneOf, Range, StoreError, Where

LEASE = timedelta(seconds=2 * LONGEST_SEND)
"""How long nobody else tries what a bridge tries now."""
PAGE = 20
REST = 10.0
"""Seconds that a channel is left alone after a failure that may pass: what else waits for it would fail, too."""
LONGEST_GOODBYE = 5.0
"""Seconds that what is being sent has to end when the bridge stops."""

NOTIFICATIONS_SENT = PlainCounter(
    "opsimate_notifications", "Attempts to deliver notifications, by what came of them", ["channel", "outcome"]
)
log = structlog.get_logger()


class Deliverer:
    """Delivers what is due: one notification of a channel at a time, all channels beside each other."""

    def __init__(self, context: NotificationContext) -> None:
        self._context = context
        self._delivering: dict[str, asyncio.Task[None]] = {}
        """By the name of the channel."""
        self._resting: dict[str, float] = {}
        self._is_stopping = False
        self._ends_at = 0.0
        """By the clock of the event loop, once it is stopping."""
        self._tests: set[asyncio.Timeout] = set()
        """How long those under way may take: for ever, until the bridge stops."""

    async def turn(self) -> None:
        """Begin to deliver what is due, for every channel that nothing is delivered to now."""
        now = time.monotonic()
        self._resting = {channel: until for channel, until in self._resting.items() if until > now}
        for channel in await self._context.store.count_by(NOTIFICATIONS, self._due(), "channel"):
            if channel not in self._delivering and channel not in self._resting and not self._is_stopping:
                self._delivering[str(channel)] = task = asyncio.create_task(
                    self._deliver_all_of(str(channel)), name=f"notifications of {channel}"
                )
                task.add_done_callback(lambda _task, channel=channel: self._delivering.pop(str(channel)))  # type: ignore[misc]

    def wake(self) -> None:
        """Leave no channel alone any longer: somebody wants something tried now."""
        self._resting.clear()

    def stop_soon(self) -> None:
        """Begin with nothing more; whoever waits for a test is told in some seconds, however it stands."""
        if not self._is_stopping:
            self._is_stopping = True
            self._ends_at = asyncio.get_running_loop().time() + LONGEST_GOODBYE
            for test in self._tests:
                test.reschedule(self._ends_at)

    async def stop(self) -> None:
        """End; what is being sent has some seconds for that, and is sent again elsewhere where it takes longer."""
        self.stop_soon()
        under_way = list(self._delivering.values())
        if under_way:
            await asyncio.wait(under_way, timeout=max(0.0, self._ends_at - asyncio.get_running_loop().time()))
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)

    async def test(self, command: TestChannel) -> None:
        """Send a test to a channel, and tell the one who asked how it went."""
        public_url, now = self._context.public_url, self._context.clock()
        test = a_test(command.by, command.channel, new_id=new_id(), public_url=public_url, now=now)
        sent = await self._sent_test(test)
        report = ChannelTestReport(ok=sent.is_delivered, reason=sent.reason, message=_sentence(sent.message))
        log.info("channel.tested", channel=command.channel, by=command.by, ok=report.ok, reason=report.reason)
        await self._context.bus.publish(
            ChannelTested(request_id=command.request_id, reply_to=command.reply_to, report=report)
        )

    async def _sent_test(self, test: StoredNotification) -> Sent:
        try:
            async with asyncio.timeout_at(self._ends_at if self._is_stopping else None) as limit:
                self._tests.add(limit)
                async with self._context.sender.room(test.channel, is_test=True) as send:
                    return await _tried(send, test)
        except TimeoutError:
            return Sent("unknown", "the alert-bridge was stopped before the receiver had answered: try again")
        finally:
            self._tests.discard(limit)

    def _due(self, **more: str) -> Where:
        return {**more, "next_attempt_at": Range(at_most=instant_text(self._context.clock()))}

    async def _deliver_all_of(self, channel: str) -> None:
        try:
            while not self._is_stopping:
                due = await self._context.store.find(
                    NOTIFICATIONS, self._due(channel=channel), order_by="next_attempt_at", limit=PAGE, fields=()
                )
                if not due:
                    return
                for document in due:
                    # Taken first: what waits for room is nobody's yet, and may be sent by another bridge meanwhile.
                    async with self._context.sender.room(channel) as send:
                        if self._is_stopping or not await self._deliver(document["id"], send):
                            return
        except Exception as error:  # noqa: BLE001 - whatever it was, what is due stays due
            log.warning("notification.left", channel=channel, error=str(error) or type(error).__name__)
            self._rest(channel)

    def _rest(self, channel: str, retry_after: float | None = None) -> None:
        self._resting[channel] = time.monotonic() + max(REST, retry_after or 0.0)

    async def _deliver(self, notification_id: str, send: Send) -> bool:
        """Try a notification once, if nobody else does; whether to go on with others of its channel."""
        store, now = self._context.store, self._context.clock()
        document = await store.get(NOTIFICATIONS, notification_id)
        due_at = None if document is None else document.get("next_attempt_at")
        if document is None or due_at is None or due_at > instant_text(now):
            return True
        until = instant_text(now + LEASE)
        claiming = Changes(set={"next_attempt_at": until}, increment={"attempts": 1})
        if not await store.change(NOTIFICATIONS, {"id": notification_id, "next_attempt_at": due_at}, claiming):
            return True
        notification = StoredNotification.model_validate({**document, "attempts": document["attempts"] + 1})
        sent = await self._sent(notification, send)
        await self._note(notification, sent, until)
        if sent.is_delivered or notification.next_attempt_at is None:
            return True
        self._rest(notification.channel, sent.retry_after)
        return False

    async def _sent(self, notification: StoredNotification, send: Send) -> Sent:
        if notification.event == "awaiting_approval":
            run = await run_of(self._context.store, notification.run_id)
            if run is None or event_of(run) != (notification.event, notification.step):
                return Sent("overtaken", "it was decided before this could be delivered")
        return await _tried(send, notification)

    async def _note(self, notification: StoredNotification, sent: Sent, until: str) -> None:
        """Store what came of an attempt, unless somebody else has tried it since."""
        now = self._context.clock()
        following = None if sent.is_delivered else next_attempt(notification, sent, now, self._context.chance())
        notification.next_attempt_at = following
        outcome = "delivered" if sent.is_delivered else "failed" if following is None else "delayed"
        attempt = NotificationAttempt(
            number=notification.attempts,
            at=now,
            ok=sent.is_delivered,
            reason=sent.reason,
            message=_sentence(sent.message),
        )
        told: Mapping[str, Any] = {
            "state": "pending" if following is not None else outcome,
            "log": [
                one.model_dump(mode="json", exclude_none=True)
                for one in [*notification.log, attempt][-MOST_ATTEMPTS_SHOWN:]
            ],
            "delivered_to": [] if sent.is_delivered else list(sent.delivered_to or notification.delivered_to),
        }
        failure = {} if sent.is_delivered else {"reason": sent.reason, "reason_text": _sentence(sent.message)}
        at = {"ended_at": instant_text(now)} if following is None else {"next_attempt_at": instant_text(following)}
        gone = (*(("next_attempt_at",) if following is None else ()), *(() if failure else ("reason", "reason_text")))
        changes = Changes(set={**told, **failure, **at}, unset=gone)
        # Somebody may have asked for another try meanwhile: what was delivered needs none.
        claimed: Where = {"state": OneOf(("pending", "failed"))} if sent.is_delivered else {"next_attempt_at": until}
        where: Where = {"id": notification.id, **claimed}
        if not await self._context.store.change(NOTIFICATIONS, where, changes):
            log.warning("notification.tried_elsewhere", notification_id=notification.id)
        NOTIFICATIONS_SENT.inc(notification.channel, outcome)
        tell = log.info if sent.is_delivered else log.warning
        tell(
            f"notification.{outcome}",
            notification_id=notification.id,
            channel=notification.channel,
            run_id=notification.run_id,
            attempt=notification.attempts,
            **({} if sent.is_delivered else {"reason": sent.reason, "error": sent.message}),
        )


async def _tried(send: Send, notification: StoredNotification) -> Sent:
    try:
        return await send(notification)
    except StoreError:
        raise
    except Exception as error:  # noqa: BLE001 - a receiver that brings this about would be told for ever
        log.warning("notification.fault", notification_id=notification.id, error=type(error).__name__)
        return Sent("unknown", "it was not sent, because of a fault in the alert-bridge; its log says which")


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."
