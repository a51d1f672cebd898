"""Definitions in YAML files: read, checked, applied."""
