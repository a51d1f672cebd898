"""What the scheduler counts."""

from prometheus_client import Counter

RUNS_ENDED = Counter("opsimate_runs_ended", "Runs that ended, by how", ["state"])
ATTEMPTS_DISPATCHED = Counter("opsimate_attempts_dispatched", "Attempts handed to executors")
ATTEMPTS_LOST = Counter("opsimate_attempts_lost", "Attempts whose executor gave no sign of life any more")
