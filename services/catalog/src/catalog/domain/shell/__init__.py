"""The analysis of shell commands: from a command with `{{ placeholders }}` to parts that can be joined with values."""
