"""What may be shown of what somebody posted: its beginning, readable on one line, without secrets.

JSON is masked over its structure. Of any other text nobody can tell where a secret ends, so that it is shown only up to
the first word that may name one.
"""

import html
import json
import re
from typing import Any
from urllib.parse import unquote_plus

MASK = "•••"
LONGEST_LOOKED_AT = 4_096
"""Characters of a text that is no JSON: what is shown is far shorter."""
LONGEST_JSON = 1_048_576
"""Characters of a text that is tried as JSON."""
LONGEST_VALUE = 300
"""Characters of a name or a text within JSON that are looked at and shown."""
MOST_SHOWN = 200
"""Names or items of one object or list that are shown."""
DEEPEST = 20
"""Levels of objects and lists that are shown."""

_WORDS = "pass|pwd|secret|token|key|auth|credential|cookie|session|sig|private|pin"
_SENSITIVE_NAME = re.compile(rf"(?i){_WORDS}|(?<![a-z])pw(?![a-z])")
_SENSITIVE = re.compile(rf"(?i){_WORDS}|bearer|(?<![a-z])pw(?![a-z])")
_ASSIGNED = re.compile(rf"(?i)(?:{_WORDS}|\bpw)[\w\"'-]{{0,40}}\s{{0,3}}[:=]|\b(?:bearer|basic)\s|-----BEGIN")
"""Where a sentence seems to give a secret a value."""
_OURS = re.compile(r"(?i)opsimate_[\w-]+")
_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,20}://)([^\s\"'<>\\]+)")
_HOOK = re.compile(r"(?i)hook|slack|discord|office\.com|telegram|pagerduty|opsgenie|logic\.azure")
LONGEST_SEGMENT = 20
"""Characters of a part of an address's path that is shown."""
_OPAQUE = re.compile(r"[A-Za-z0-9_+/=.~:-]{20,}")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[T_][\d:.]+(?:Z|[+-]\d\d:?\d\d)?")
_UNREADABLE = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]+")
"""Control characters, and those that hide text or turn its direction."""
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
_NAMES, _VALUES = ("name", "key", "header"), ("value", "values")


def shown(text: str | bytes, longest: int) -> str:
    """The first ``longest`` characters of a body; what may be a secret is masked, what cannot be seen is a space."""
    if isinstance(text, bytes):
        text = text[: LONGEST_JSON + 1].decode(errors="replace").replace("\0", "")  # as in UTF-16
    if len(text) <= LONGEST_JSON:
        try:
            return shown_json(json.loads(text.removeprefix("\ufeff")), longest)
        except (ValueError, RecursionError):
            pass
    return _cut(_unstructured(text), longest)


def shown_json(value: Any, longest: int) -> str:
    """The first ``longest`` characters of a JSON value, masked in the same way."""
    return _cut(json.dumps(_masked(value, DEEPEST), ensure_ascii=False), longest)


def quoted(value: Any, longest: int) -> str:
    """A value of a sender as a sentence repeats it, masked in the same way."""
    return _cut(_masked_text(value, DEEPEST), longest) if isinstance(value, str) else shown_json(value, longest)


def without_tokens(sentence: str) -> str:
    """A sentence of ours on one line, without tokens of ours."""
    return _UNREADABLE.sub(" ", _OURS.sub(MASK, sentence))


def _unstructured(text: str) -> str:
    size, text = len(text), text[:LONGEST_LOOKED_AT]
    text = html.unescape(unquote_plus(unquote_plus(text)) if "%" in text else text)
    text = _ESCAPED.sub(lambda code: chr(int(code[1], 16)), text)
    if found := _SENSITIVE.search(text):
        return f"{_without_opaque(text[: found.start()])}{MASK} {max(1, size - found.start())} bytes more"
    return _without_opaque(text)


def _masked(value: Any, levels: int) -> Any:
    if isinstance(value, dict | list) and not levels:
        return MASK
    if isinstance(value, dict):
        return _masked_object(value, levels - 1)
    if isinstance(value, list):
        return [_masked(one, levels - 1) for one in value[:MOST_SHOWN]]
    return _masked_text(value, levels) if isinstance(value, str) else value


def _masked_object(values: dict[str, Any], levels: int) -> dict[str, Any]:
    """Sensitive are fields of such a name, and the value of a pair, such as a header, of which the name is one."""
    lowered = {name.lower(): value for name, value in values.items()}
    is_pair = any(name in lowered for name in _NAMES) and any(name in lowered for name in _VALUES)
    names_a_secret = is_pair and any(_SENSITIVE_NAME.search(str(lowered.get(name, ""))) for name in _NAMES)
    masked = {}
    for name in list(values)[:MOST_SHOWN]:
        if is_pair and name.lower() in (*_NAMES, *_VALUES):
            is_secret = names_a_secret and name.lower() in _VALUES
        else:
            is_secret = _SENSITIVE_NAME.search(name) is not None
        masked[_without_opaque(name[:LONGEST_VALUE])] = MASK if is_secret else _masked(values[name], levels)
    return masked


def _masked_text(text: str, levels: int) -> str:
    """A text within JSON, which may hold JSON itself."""
    if levels and text.lstrip()[:1] in ("{", "["):
        try:
            return json.dumps(_masked(json.loads(text), levels - 1), ensure_ascii=False)
        except (ValueError, RecursionError):
            return _unstructured(text[:LONGEST_VALUE])
    rest = "…" if len(text) > LONGEST_VALUE else ""
    text = _without_opaque(text[:LONGEST_VALUE])
    if assigned := _ASSIGNED.search(text):
        return text[: assigned.start()] + MASK
    return text + rest


def _without_opaque(text: str) -> str:
    """A text without tokens of ours, what is secret in addresses, and opaque strings."""
    return _OPAQUE.sub(_opaque, _URL.sub(_address, _OURS.sub(MASK, text)))


def _address(found: re.Match[str]) -> str:
    """An address without user, query and fragment; without what follows the host of a hook, or is long in its path."""
    user, at, rest = found[2].rpartition("@")
    address, question, _ = rest.replace("#", "?").partition("?")
    host, slash, path = address.partition("/")
    if _HOOK.search(address):
        path = MASK
    shortened = "/".join(MASK if len(one) >= LONGEST_SEGMENT else one for one in path.split("/"))
    return f"{found[1]}{MASK + at if user else ''}{host}{slash}{shortened}{question + MASK if question else ''}"


def _opaque(found: re.Match[str]) -> str:
    word = found[0]
    if "://" in word or _INSTANT.fullmatch(word):
        return word
    mixed = any(one.isdigit() for one in word) and any(one.isalpha() for one in word)
    return MASK if mixed else word


def _cut(text: str, longest: int) -> str:
    text = _UNREADABLE.sub(" ", text).strip()
    return text if len(text) <= longest else text[: longest - 1] + "…"
