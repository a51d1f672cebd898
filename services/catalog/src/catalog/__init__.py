"""The catalog: owns definitions and tokens, takes what people ask for, and shows what became of it."""

import shared  # noqa: F401 - it keeps out what structlog would take in, so it comes before all that imports that
