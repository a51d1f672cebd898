"""Command texts from public runbooks, with the parameters an author would declare, and what is expected of each."""

from pathlib import Path
from typing import Any

import yaml

_READER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml, where PyYAML was built with it: each process of the tests reads them all, ten times as fast."""
COMMANDS: list[dict[str, Any]] = yaml.load(
    (Path(__file__).parent / "samples" / "commands.yaml").read_text(),
    Loader=_READER,  # noqa: S506 - either is safe
)
