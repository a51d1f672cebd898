"""What senders call a status and a severity, in our words."""

import re

from shared.contracts.alert import AlertStatus, Severity

_STATUS_WORDS: dict[AlertStatus, str] = {
    "firing": (
        "firing fire fired active activated alert alerting alarm problem triggered trigger retriggered open opened "
        "reopened new created create start started critical error failed fail failing failure warning warn down bad "
        "unhealthy unresolved"
    ),
    "resolved": (
        "resolved resolve ok okay recovered recovery closed close cleared clear normal up good healthy success "
        "succeeded fixed end ended inactive deactivated"
    ),
    "acknowledged": "acknowledged acknowledge ack acked",
    "updated": "updated update",
}
_SEVERITY_WORDS: dict[Severity, str] = {
    "critical": "critical crit fatal emergency emerg disaster page p1 sev0 sev1",
    "high": "high error err major alert severe p2 sev2",
    "warning": "warning warn medium minor average moderate p3 sev3",
    "info": "info information informational notice low debug ok none p4 p5 sev4",
}
_STATUS = {word: status for status, words in _STATUS_WORDS.items() for word in words.split()}
_SEVERITY = {word: severity for severity, words in _SEVERITY_WORDS.items() for word in words.split()}
_AROUND = re.compile(r"^[\W_]+|[\W_]+$")
"""What may stand around a word, such as the coloured circle of Uptime Kuma's ``🔴 Down``."""
LONGEST_WORD = 60
"""Characters: what is longer is no word, and the pattern takes its time squared."""


_WELL_OR_TEST_WORDS = (
    "back restored successful successfully passed passing green none finished completed complete done solved "
    "operational online available test tests testing tested drill ✅ ✔ ☑ 🟢 💚"
)
_WELL_OR_TEST = {word for word, status in _STATUS.items() if status in ("resolved", "acknowledged")}
_WELL_OR_TEST |= set(_WELL_OR_TEST_WORDS.split())


def means_good(word: str) -> bool:
    """Whether a word says that all is well, that somebody has seen it, or that it is but a test."""
    return word.lower() in _WELL_OR_TEST


def status_of(word: str) -> AlertStatus | None:
    """The status that a sender's word means; none for a word that is not known, and for every number."""
    return _STATUS.get(_AROUND.sub("", word).lower()) if len(word) <= LONGEST_WORD else None


def severity_of(word: str) -> Severity:
    """The severity that a sender's word means; ``unknown`` for a word that is not known."""
    return _SEVERITY.get(word.strip().lower(), "unknown")
