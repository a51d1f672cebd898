"""What the storm breaker of a rule lets through, counted exactly however many bridges ask at once."""

from contextlib import suppress
from datetime import datetime

from alert_bridge.domain.storms import Admission, StormState, admitted
from shared.collections import RULE_STORMS
from shared.contracts.alert_rule import Storm
from shared.store.port import DocumentStore, DuplicateKeyError


async def admission(store: DocumentStore, rule: str, storm: Storm, request_id: str, now: datetime) -> Admission:
    """Whether this request goes on by itself; asked again, it is the same while the time of the breaker lasts."""
    while True:
        document = await store.get(RULE_STORMS, rule)
        state = StormState() if document is None else StormState.of(document)
        found, changed = admitted(state, storm, request_id, now)
        if changed is state:
            return found
        if document is not None:
            if await store.replace(RULE_STORMS, changed.stored(rule), version=document["version"]):
                return found
        else:
            with suppress(DuplicateKeyError):
                await store.insert(RULE_STORMS, changed.stored(rule))
                return found
