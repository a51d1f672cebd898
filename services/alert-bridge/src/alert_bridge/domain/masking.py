"""What may be shown of a body that was not understood: its beginning, readable on one line, without secrets."""

import re

MASK = "•••"
LONGEST_LOOKED_AT = 4_096
"""Characters: what is shown is far shorter, and patterns need not read megabytes."""

_NAME_OF_ONE = (
    r"[\w.-]{0,40}(?:passw(?:or)?d|passphrase|secret|token|api[_-]?key|routing[_-]?key|service[_-]?key"
    r"|private[_-]?key|authorization|credential|signature|cookie|session[_-]?id)[\w.-]{0,40}"
)
_QUOTED = re.compile(rf'(?i)(\\?["\']{_NAME_OF_ONE}\\?["\']\s*:\s*)(?:\\?"(?:[^"\\]|\\.)*(?:\\?"|$)|[^\s,}}\]]+)')
_ASSIGNED = re.compile(rf"(?i)(?<![\w.-])({_NAME_OF_ONE}(?:=|%3D|:\s*))(?:(?:Bearer|Basic)\s+)?[^\s&;,\"'<]+")
_TAGGED = re.compile(rf"(?i)(<{_NAME_OF_ONE}[^<>]*>)[^<]+")
_BEARER = re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{6,}")
_OURS = re.compile(r"opsimate_[\w-]+")
_LOGIN = re.compile(r"(://[^\s/:@]{0,64}:)[^\s/@]{1,200}@")
_UNREADABLE = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]+")
"""Control characters, and those that hide text or turn its direction."""


def shown(text: str | bytes, longest: int) -> str:
    """The first ``longest`` characters; what looks like a secret is masked, what cannot be seen becomes a space."""
    if isinstance(text, bytes):
        text = text[: LONGEST_LOOKED_AT * 4].decode(errors="replace")
    text = text[:LONGEST_LOOKED_AT]
    text = _QUOTED.sub(rf'\1"{MASK}"', text)
    text = _TAGGED.sub(rf"\1{MASK}", text)
    text = _ASSIGNED.sub(rf"\1{MASK}", text)
    text = _BEARER.sub(rf"\1 {MASK}", text)
    text = _LOGIN.sub(rf"\1{MASK}@", _OURS.sub(MASK, text))
    text = _UNREADABLE.sub(" ", text).strip()
    return text if len(text) <= longest else text[: longest - 1] + "…"
