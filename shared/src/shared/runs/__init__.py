"""Runs: asking for one, cancelling one, reading one. What several services do alike."""
