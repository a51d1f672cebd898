"""The analysis of shell commands: from a command with `{{ placeholders }}` to parts that can be joined with values."""

ANALYSIS = 7
"""The number of this analysis: one more with every change that makes it stricter, or its parts others."""
