"""A stored definition as somebody would have written it: YAML, durations with their units, defaults left out."""

import re
from collections.abc import Mapping
from difflib import unified_diff
from functools import cache
from typing import Any

from pydantic import ValidationError

from shared.contracts.approval import REQUIRED
from shared.contracts.values import duration_text, seconds_of
from shared.kinds import KINDS, STORED_VALUE

_NUMBER = re.compile(r"^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|0o[0-7]+)$")
_RARE_BREAKS = re.compile(r"[\x85\u2028\u2029]")
"""What a reader may take for a line break and make another of; double quotes keep it, as an escape."""
_DURATIONS = frozenset(
    {
        *("timeout", "delay", "maximum_delay", "back_within", "queue_ttl"),
        *("estimated_duration", "expires", "duration"),
    }
)
_VALUES_OF_OTHERS = frozenset({"parameters", "labels"})
"""What stands in these has names of its user's own."""


def as_written(definition: Mapping[str, Any]) -> dict[str, Any]:
    """The definition without what goes without saying. It means the same, and can be applied again."""
    return {"kind": definition["kind"], **_with_units(_without_defaults(definition))}


def exported(definition: Mapping[str, Any]) -> dict[str, Any]:
    """The same as it is put into a file. What a secret holds is never read back: there stands that it is stored."""
    kind = KINDS[definition["kind"]]
    return as_written(definition) | ({kind.sealed: dict(STORED_VALUE)} if kind.sealed else {})


def _without_defaults(definition: Mapping[str, Any]) -> dict[str, Any]:
    try:
        stored = KINDS[definition["kind"]].kept.model_validate(definition)
    except (KeyError, ValidationError):  # a newer server's; what its fields mean is not known here
        return {key: value for key, value in definition.items() if value not in (None, "", [], {})}
    written: dict[str, Any] = stored.model_dump(mode="json", exclude_defaults=True)
    return written


def _with_units(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: inner if key in _VALUES_OF_OTHERS else _in_short(key, inner) for key, inner in value.items()}
    return [_with_units(item) for item in value] if isinstance(value, list) else value


def _in_short(key: str, value: Any) -> Any:
    """A value as people write it: a duration with its unit, the word for an approval of which all is usual."""
    if key == "approval" and value == {}:
        return REQUIRED
    if key not in _DURATIONS or not isinstance(value, int | float):
        return _with_units(value)
    text = duration_text(value)
    return text if seconds_of(text) == value else value


def difference(before: tuple[str, Mapping[str, Any] | None], after: tuple[str, Mapping[str, Any] | None]) -> str:
    """What became of one definition, each given with what it is called: a unified diff of their YAML, empty where
    they say the same. None is a definition that was deleted.
    """
    (old_name, old), (new_name, new) = before, after
    lines = unified_diff(_lines(old), _lines(new), old_name, new_name)
    return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)


def _lines(definition: Mapping[str, Any] | None) -> list[str]:
    return [] if definition is None else yaml_text(as_written(definition)).splitlines(keepends=True)


def yaml_text(value: Any) -> str:
    """The value as YAML that people read."""
    import yaml  # only few processes ever write any

    return str(yaml.dump(value, Dumper=_dumper(), sort_keys=False, allow_unicode=True, width=110))


@cache
def _dumper() -> Any:
    """Writes texts of several lines as blocks."""
    import yaml

    class Dumper(yaml.SafeDumper):
        pass

    def text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
        block = "|" if "\n" in value else None
        style = '"' if _RARE_BREAKS.search(value) else block
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)

    Dumper.add_representer(str, text)
    # PyYAML puts in quotes what YAML 1.1 reads as something else than a text; this is what 1.2 does besides.
    Dumper.add_implicit_resolver("number of YAML 1.2", _NUMBER, list("-+.0123456789"))
    return Dumper
