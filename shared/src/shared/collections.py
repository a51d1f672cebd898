"""Every collection of documents, with its keys and its owner. One table, so that all services agree."""

from shared.contracts.attempt import STATUS_FIELDS
from shared.contracts.notification import SHOWN_FIELDS
from shared.contracts.run import AUDIT_FIELDS, DUE_FIELDS, SUMMARY_FIELDS
from shared.kinds import ACTION, ALERT_RULE, KINDS, PROVIDER, SECRET
from shared.store.port import Collection

DEFINITIONS = tuple(collection for kind in KINDS.values() for collection in (kind.collection, kind.versions))
"""Owned by the catalog: two for each kind, the newest versions and all versions."""
SECRETS, PROVIDERS, ACTIONS, ALERT_RULES = (kind.collection for kind in (SECRET, PROVIDER, ACTION, ALERT_RULE))
TOKENS = Collection("tokens", keys=("hash", "role", "unaudited"), unique=(("hash",),))
REMOVED_TOKENS = Collection("removed_tokens")
"""Owned by the catalog: tokens that are deleted, until the audit tells of it."""
SESSIONS = Collection(
    "sessions", keys=("token_uid", "expires_at"), indexes=(("token_uid", "expires_at"), ("expires_at",))
)
"""Owned by the catalog: the browsers that somebody signed in with, under the hashes of their secrets."""
SIGN_IN_LINKS = Collection(
    "sign_in_links", keys=("token_uid", "expires_at"), indexes=(("token_uid", "expires_at"), ("expires_at",))
)
"""Owned by the catalog: the links that nobody has used yet, under the hashes of their secrets."""
MASTER_KEYS = Collection("master_keys")
"""The id of the master key that seals what is stored; written by the first service that starts."""
MASTER_KEY_USES = Collection("master_key_uses", keys=("seen_at",))
"""Owned by the process that each is about: the id of its master key, its services, and when it last said so."""

RUNS = Collection(
    "runs",
    keys=(
        *("request_id", "state", "action.name", "trigger.kind", "created_at"),
        *("wake_at", "unannounced", "approval.asked_at"),
        *("rerun_of", "trigger.by", "trigger.principal_id", "ended_at"),
    ),
    lists=("providers", "words"),
    unique=(("request_id",),),
    indexes=(("action.name",), ("action.name", "state"), ("state",), ("trigger.kind",)),
    summary=(*SUMMARY_FIELDS, *DUE_FIELDS, *AUDIT_FIELDS),
)
"""Made by whoever takes the trigger, then owned by the scheduler."""
GONE_REQUESTS = Collection("gone_requests", keys=("deleted_at",))
"""Owned by the scheduler: the requests of runs that are deleted, so that none of them gets another run."""
RETENTION = Collection("retention")
"""Owned by the scheduler: what is kept for how long, what was deleted, and how far that has come."""
STEPS = Collection("steps", lists=("providers",), summary=("run_id",))
"""The providers of each step that has more than one, and how its invocations ended. Made with the run, then owned by
the scheduler."""
RUN_SLOTS = Collection("run_slots", keys=("wake_at",), summary=("wake_at",))
"""Owned by the scheduler, but that whoever makes a run may take its place: who is under way of an action that limits
this, and who waits."""
ATTEMPTS = Collection(
    "attempts",
    keys=("state", "fence", "executor", "lease_until", "cancel"),
    indexes=(("executor", "state"), ("state", "lease_until")),
    guards=("fence", "cancel"),
    summary=STATUS_FIELDS,
)
"""Made by the scheduler, then owned by the executor that claims one."""
OUTPUT = Collection("output", blob="data")
"""Owned by executors; read by ranges of ids, which sort as a run's output reads."""
HOST_KEYS = Collection("host_keys", keys=("provider",), indexes=(("provider",),))
"""Owned by executors: the key that each provider showed first; and, under its fingerprint, the type of a key that was
known by its fingerprint alone."""

EXECUTORS = Collection("executors", keys=("seen_at",))
"""Owned by the executor that each is about: its pools, and when it last said that it is there."""

STATISTICS = Collection(
    "statistics",
    keys=("action", "day"),
    indexes=(("action", "day"), ("day",)),
    summary=("action", "day", "outcomes", "durations", "is_whole"),
)
"""Owned by the scheduler: the numbers of an action's runs, or of all, that ended on one day."""
RECENT_RUNS = Collection(
    "recent_runs",
    keys=("last_run.ended_at", "last_run.state"),
    indexes=(("last_run.ended_at",), ("last_run.state", "last_run.ended_at"), ("last_run.state",)),
    summary=("last_run", "usual_duration", "success_rate"),
)
"""Owned by the scheduler: under the name of each action its runs that ended last."""
SCHEDULE_STATES = Collection(
    "schedule_states",
    keys=("due_at", "next_fire_time", "action"),
    summary=("due_at", "uid", "number", "since"),
)
"""Owned by the scheduler: under the name of each schedule how far it has come."""
FAVOURITES = Collection("favourites", keys=("principal_id",), summary=("action",))
"""Owned by the catalog: one for each action that somebody marked, there or not."""

ALERTS = Collection(
    "alerts",
    keys=("identity", "pending", "asked", "alert.source", "alert.status", "alert.fingerprint", "last_received_at"),
    unique=(("identity",),),
    indexes=(("pending",), ("alert.source",), ("alert.status",), ("alert.fingerprint", "alert.source")),
    guards=("asked", "last_received_at"),
)
"""Owned by the alert-bridge: one for each episode."""
RULE_STORMS = Collection("rule_storms")
"""Owned by the alert-bridge: under the name of each rule with a storm breaker what it let through lately."""
ALERT_DELIVERIES = Collection(
    "alert_deliveries",
    keys=("source", "outcome", "replay.state"),
    indexes=(("source", "outcome"), ("outcome",), ("replay.state",)),
    summary=(
        *("source", "integration", "outcome", "status", "reason", "address", "size", "replayable", "alerts"),
        *("received_at", "times", "replay", "sealed", "beginning", "kept_bytes"),
    ),
    blob="content",
)
"""Owned by the alert-bridge: the newest posts of each source. The ``content`` is all that is needed to decide one
again, compressed and sealed. A ``replay`` is asked for by whoever is told to."""

NOTIFICATIONS = Collection(
    "notifications",
    keys=("key", "channel", "run_id", "state", "next_attempt_at", "attempts"),
    unique=(("key",),),
    indexes=(("channel", "state"), ("channel", "next_attempt_at"), ("run_id",), ("state",), ("next_attempt_at",)),
    guards=("attempts",),
    summary=SHOWN_FIELDS,
)
"""Owned by the alert-bridge: what channels are told of runs. That one is tried again is asked for by whoever is told
to; the scheduler deletes what is old."""

ANNOUNCED = Collection("announced")
"""Owned by the alert-bridge of a process whose bus keeps no messages: how far channels were surely told of runs."""

AUDIT = Collection(
    "audit",
    keys=("source", "at", "by", "principal_id", "of", "kind", "name", "run_id"),
    unique=(("source",),),
    indexes=tuple((*key, "at") for key in ((), ("by",), ("principal_id",), ("of",), ("kind",), ("name",), ("run_id",))),
    summary=("source",),
)
"""Made by the catalog and the scheduler, always through ``shared/audit.py``, and changed by nobody: who did what."""
AUDIT_CHAIN = Collection("audit_chain")
"""Where the audit's chain ends: one document, changed through ``shared/audit.py`` alone."""

ALL = (
    *DEFINITIONS,
    TOKENS,
    REMOVED_TOKENS,
    SESSIONS,
    SIGN_IN_LINKS,
    MASTER_KEYS,
    MASTER_KEY_USES,
    RUNS,
    GONE_REQUESTS,
    RETENTION,
    STEPS,
    RUN_SLOTS,
    ATTEMPTS,
    OUTPUT,
    HOST_KEYS,
    EXECUTORS,
    STATISTICS,
    RECENT_RUNS,
    SCHEDULE_STATES,
    FAVOURITES,
    ALERTS,
    RULE_STORMS,
    ALERT_DELIVERIES,
    NOTIFICATIONS,
    ANNOUNCED,
    AUDIT,
    AUDIT_CHAIN,
)
