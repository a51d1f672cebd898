"""Notifications as the alert-bridge stored them, and tests of channels, which it makes as well."""

from dataclasses import dataclass

import structlog

from catalog.handlers.questions import Questions
from catalog.handlers.refusals import ConflictError, UnknownError
from shared.bus.port import Bus, BusUnavailableError, publish_or_leave
from shared.clock import Clock, new_id
from shared.collections import NOTIFICATIONS
from shared.contracts.channel import ChannelTested, ChannelTestReport, TestChannel
from shared.contracts.notification import TRIED_FOR, Notification, NotificationState, SendNotifications
from shared.contracts.values import instant_text
from shared.store.port import Changes, Condition, Document, DocumentStore, Where, after_id

ANSWER_WITHIN = 55.0
"""Seconds: as long as an alert-bridge takes at most, and the way there and back."""

log = structlog.get_logger()


@dataclass(frozen=True)
class NotificationFilter:
    """Which notifications are asked for: all that is given has to hold."""

    channel: str | None = None
    run_id: str | None = None
    state: NotificationState | None = None

    def where(self) -> dict[str, Condition]:
        """The filter as the store takes it."""
        return {name: value for name, value in vars(self).items() if value is not None}


async def list_notifications(
    store: DocumentStore, asked: NotificationFilter, after: str | None, limit: int
) -> list[Notification]:
    """Notifications, the newest first, those that were made before one."""
    found = await store.find(
        NOTIFICATIONS,
        asked.where(),
        descending=True,
        after=after_id(after),
        limit=limit,
        fields=NOTIFICATIONS.summary,
    )
    return [_shown(document) for document in found]


async def existing_notification(store: DocumentStore, notification_id: str) -> Notification:
    """The notification; ``UnknownError`` where there is none."""
    document = await store.get(NOTIFICATIONS, notification_id, fields=NOTIFICATIONS.summary)
    if document is None:
        raise UnknownError("notification", notification_id)
    return _shown(document)


async def retry_notification(store: DocumentStore, bus: Bus, notification_id: str, clock: Clock) -> Notification:
    """Have one tried again now, and for a day; ``UnknownError``, ``ConflictError`` where it was delivered.

    Once this returns the request is durable, whatever becomes of the message. Asking again is the same.
    """
    notification = await existing_notification(store, notification_id)
    now = clock()
    changes = Changes(
        set={
            "state": "pending",
            "next_attempt_at": instant_text(now),
            "give_up_at": instant_text(now + TRIED_FOR),
        },
        unset=("ended_at",),
    )
    where: Where = {"id": notification_id, "state": notification.state, "attempts": notification.attempts}
    if notification.state == "delivered" or not await store.change(NOTIFICATIONS, where, changes):
        notification = await existing_notification(store, notification_id)
        if notification.state == "delivered":
            message = f"the notification '{notification_id}' was delivered; it is not sent twice"
            raise ConflictError(message)
        return notification  # it is being tried at this moment
    await publish_or_leave(bus, SendNotifications(notification_ids=[notification_id]))
    return await existing_notification(store, notification_id)


def _shown(document: Document) -> Notification:
    return Notification.model_validate({name: value for name, value in document.items() if name != "version"})


class ChannelTests:
    """The tests of channels that were asked for here and are not answered yet."""

    def __init__(self, bus: Bus, instance: str) -> None:
        self._instance = instance
        self._questions = Questions[ChannelTestReport](bus)

    async def test(self, channel: str, by: str) -> ChannelTestReport:
        """How an alert-bridge fares with it; a report that says so where none answers in time."""
        request_id = new_id()
        command = TestChannel(channel=channel, request_id=request_id, reply_to=self._instance, by=by)
        try:
            return await self._questions.ask(command, request_id, within=ANSWER_WITHIN)
        except TimeoutError:
            message = f"No alert-bridge answered within {ANSWER_WITHIN:g} s: see that one runs."
        except BusUnavailableError as error:
            log.warning("channel.test_not_sent", channel=channel, error=str(error))
            message = "The message broker cannot be reached now, so nobody can be asked; try again once it is back."
        return ChannelTestReport(ok=False, reason="no_answer", message=message)

    def close(self) -> None:
        """Whoever waits for a test is told that this process stops."""
        self._questions.close()

    def answered(self, event: ChannelTested) -> None:
        """An alert-bridge reports."""
        self._questions.answered(event.request_id, event.report)
