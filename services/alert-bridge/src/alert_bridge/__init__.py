"""The alert-bridge: takes alerts in and asks for runs."""

import shared  # noqa: F401 - it keeps out what structlog would take in, so it comes before all that imports that
