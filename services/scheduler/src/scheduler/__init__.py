"""The scheduler: owns the state of every run."""

import shared  # noqa: F401 - it keeps out what structlog would take in, so it comes before all that imports that
