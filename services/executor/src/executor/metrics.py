"""What an executor counts."""

from prometheus_client import Counter, Gauge

ATTEMPTS_ENDED = Counter("opsimate_attempts_ended", "Attempts carried out, by how they ended", ["state", "reason"])
ATTEMPTS_HELD = Gauge("opsimate_attempts_held", "Attempts under way in this process")
