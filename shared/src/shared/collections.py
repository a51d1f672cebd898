"""Every collection of documents, with its keys and its owner. One table, so that all services agree."""

from shared.store.port import Collection

PROVIDERS = Collection("providers", keys=("pool",), lists=("secrets", "providers"))
"""Owned by the catalog, as are all definitions; ``id`` is the name, ``definition`` the JSON text of it.
``secrets``, ``providers`` and ``actions`` list the names that a definition uses."""
SECRETS = Collection("secrets")
ACTIONS = Collection("actions", keys=("category",), lists=("secrets", "providers"))
ACTION_VERSIONS = Collection("action_versions", keys=("name",))
"""Every version that was ever saved, never changed: what a run executes."""
ALERT_RULES = Collection("alert_rules", lists=("actions", "secrets", "providers"))
TOKENS = Collection("tokens", keys=("hash",), unique=(("hash",),))
AUDIT = Collection("audit", keys=("kind", "name"), indexes=(("kind", "name"),))

RUNS = Collection(
    "runs",
    keys=("request_id", "state", "action.name", "trigger.kind", "wake_at", "created_at", "cancel_requested.at"),
    lists=("providers",),
    unique=(("request_id",),),
    indexes=(("action.name",), ("state",), ("trigger.kind",), ("wake_at",), ("created_at",)),
)
"""Made by whoever takes the trigger, then owned by the scheduler."""
ATTEMPTS = Collection(
    "attempts",
    keys=("run_id", "state", "fence", "executor", "lease_until", "cancel"),
    indexes=(("run_id",), ("executor", "state"), ("state", "lease_until")),
)
"""Made by the scheduler, then owned by the executor that claims one."""
OUTPUT = Collection(
    "output",
    keys=("run_id", "step", "attempt", "provider"),
    indexes=(("run_id",),),
    blob="data",
)
"""Owned by executors."""
HOST_KEYS = Collection("host_keys", keys=("provider",), indexes=(("provider",),))
"""Owned by executors: the fingerprint that each provider showed first."""

ALERTS = Collection(
    "alerts",
    keys=("identity", "pending", "alert.source", "alert.status"),
    unique=(("identity",),),
    indexes=(("pending",), ("alert.source",), ("alert.status",)),
)
"""Owned by the alert-bridge."""

ALL = (
    PROVIDERS,
    SECRETS,
    ACTIONS,
    ACTION_VERSIONS,
    ALERT_RULES,
    TOKENS,
    AUDIT,
    RUNS,
    ATTEMPTS,
    OUTPUT,
    HOST_KEYS,
    ALERTS,
)
