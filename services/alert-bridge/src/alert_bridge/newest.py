"""Which episode of a fingerprint is the newest: the one that holds its identity, which is unique in the store."""

import contextlib
from collections.abc import Sequence
from typing import Any

from alert_bridge.bridge import Bridge
from alert_bridge.domain.episodes import times_asked
from alert_bridge.domain.identity import identity_by_start, identity_of, identity_when_over
from shared.alerts import stored_alert_of
from shared.collections import ALERTS
from shared.contracts.alert import Alert, EndedBy, StoredAlert
from shared.contracts.values import instant_text
from shared.store.port import Absent, Changes, Condition, Document, DuplicateKeyError, OneOf

MOST_ADOPTED = 20
"""Alerts of an earlier release that are looked through for one fingerprint."""


async def newest_episodes(bridge: Bridge, alerts: Sequence[Alert]) -> dict[str, Document | None]:
    """The newest episodes of these alerts' fingerprints by their identities, None where there is none.

    An identity that is left out has to be asked for by itself: an earlier release may have stored its alert.
    """
    by_identity = {identity_of(alert): alert for alert in alerts}
    where: dict[str, Condition] = {"identity": OneOf(tuple(by_identity))}
    found = await bridge.store.find(ALERTS, where, limit=len(by_identity))
    newest: dict[str, Document | None] = {document["identity"]: document for document in found}
    missing = {identity: alert for identity, alert in by_identity.items() if identity not in newest}
    if not missing:
        return newest
    where = {"alert.fingerprint": OneOf(tuple({alert.fingerprint for alert in missing.values()})), "asked": Absent()}
    earlier = await bridge.store.find(ALERTS, where, limit=len(missing))
    if len(earlier) < len(missing):  # else there may be more of them than were found
        stored_before = {document["alert"]["fingerprint"] for document in earlier}
        newest |= {one: None for one, alert in missing.items() if alert.fingerprint not in stored_before}
    return newest


async def newest_episode(bridge: Bridge, alert: Alert) -> Document | None:
    """The newest episode of the alert's fingerprint; one of an earlier release takes its place first."""
    identity = identity_of(alert)
    for document in await bridge.store.find(ALERTS, {"identity": identity}, limit=1):
        return document
    if alert.integration:  # earlier releases had none
        return None
    where: dict[str, Condition] = {"alert.fingerprint": alert.fingerprint, "asked": Absent()}
    where["alert.source"] = alert.source
    found = await bridge.store.find(ALERTS, where, descending=True, limit=MOST_ADOPTED)
    by_start = [one for one in map(stored_alert_of, found) if one.identity == identity_by_start(one.alert)]
    for older in by_start[1:]:
        await end_episode(bridge, older, "next_episode")
    if not by_start:
        return None
    newest, start = by_start[0], instant_text(by_start[0].alert.starts_at)
    told = {"identity": identity, "asked": times_asked(newest), "starts": [start], "latest_start": start}
    with contextlib.suppress(DuplicateKeyError):  # somebody else began an episode at the same time
        await bridge.store.change(ALERTS, {"id": newest.id, "identity": newest.identity}, Changes(set=told))
    return next(iter(await bridge.store.find(ALERTS, {"identity": identity}, limit=1)), None)


async def end_episode(bridge: Bridge, known: StoredAlert, by: EndedBy) -> None:
    """Free the identity of a fingerprint, and end what did not end. Of several who see that it is over, one does it."""
    over: dict[str, Any] = {"identity": identity_when_over(known.alert, known.id)}
    if known.alert.status != "resolved":
        over |= {"alert.status": "resolved", "alert.ends_at": instant_text(known.last_received_at), "ended_by": by}
    where: dict[str, Condition] = {"id": known.id, "identity": known.identity}
    where["last_received_at"] = instant_text(known.last_received_at)
    await bridge.store.change(ALERTS, where, Changes(set=over))
