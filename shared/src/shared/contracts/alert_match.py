"""Which alerts a rule is for: what their labels, severity and source have to be, and conditions in CEL."""

from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
    model_validator,
)

from shared.contracts.alert import Severity
from shared.contracts.definition import Strict
from shared.contracts.distinct import Distinct
from shared.contracts.patterns import check_pattern, matches_whole
from shared.contracts.values import Expression

MOST_MATCHERS = 64
MOST_OF_WHICH_ONE = 200
"""Texts of which any will do."""
LONGEST_PATTERN = 1_000

LabelName = Annotated[str, StringConstraints(min_length=1, max_length=200)]
LabelValue = Annotated[str, StringConstraints(max_length=4_096)]


def _pattern(text: str) -> str:
    check_pattern(text)
    return text


Pattern = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_PATTERN), AfterValidator(_pattern)]
"""A regular expression that is matched in linear time; it has no look-around and no back-references."""


class TextMatch(Strict):
    """What a text has to be, said in one of these ways."""

    # ``in`` is no name that Python takes; whatever is written and shown has it.
    model_config = ConfigDict(serialize_by_alias=True)

    equals: Annotated[LabelValue | None, Field(exclude_if=lambda value: value is None)] = None
    one_of: Annotated[
        Annotated[list[LabelValue], Field(min_length=1, max_length=MOST_OF_WHICH_ONE), Distinct()] | None,
        Field(alias="in", exclude_if=lambda value: value is None),
    ] = None
    """Any of these will do."""
    regex: Annotated[Pattern | None, Field(exclude_if=lambda value: value is None)] = None
    """A regular expression that has to match the whole of it, without look-around and back-references."""

    @model_validator(mode="after")
    def is_one(self) -> "TextMatch":
        """Exactly one way is given."""
        if sum(given is not None for given in (self.equals, self.one_of, self.regex)) != 1:
            message = "needs exactly one of: equals, in, regex"
            raise ValueError(message)
        return self

    def fits(self, text: str) -> bool:
        """Whether a text is so."""
        if self.regex is not None:
            return matches_whole(self.regex, text)
        return text in self.texts

    @property
    def texts(self) -> list[str]:
        """Those of which it has to be one; none where a pattern says it."""
        return (self.one_of or []) if self.equals is None else [self.equals]


def _text_or_match(given: object) -> object:
    if isinstance(given, list):
        message = "is one text: several of which any will do are written {in: [one, another]}"
        raise ValueError(message)  # noqa: TRY004 - one class for whatever a person has to mend
    return given


def _form_of_text(given: Any) -> str:
    return "[match]" if isinstance(given, dict | TextMatch) else "[text]"


LabelMatch = Annotated[
    Annotated[LabelValue, Tag("[text]")] | Annotated[TextMatch, Tag("[match]")],
    Discriminator(_form_of_text),
    BeforeValidator(_text_or_match),
]
"""A text that has to be equal, or ``{in: […]}``, ``{regex: …}``."""
SourceMatch = Annotated[
    Annotated[Annotated[str, StringConstraints(max_length=63)], Tag("[text]")] | Annotated[TextMatch, Tag("[match]")],
    Discriminator(_form_of_text),
    BeforeValidator(_text_or_match),
]
"""A source, or ``{in: […]}``, ``{regex: …}``. Whether there are such sources is checked when a rule is saved."""


def as_match(given: str | TextMatch) -> TextMatch:
    """What has to hold, also where it was written as the text alone."""
    return TextMatch.model_construct(equals=given) if isinstance(given, str) else given


RankedSeverity = Literal["critical", "high", "warning", "info"]
RANKED: tuple[Severity, ...] = ("critical", "high", "warning", "info")
"""The gravest first; nobody knows where ``unknown`` stands."""


class AtLeast(Strict):
    """A severity and all that are graver."""

    at_least: RankedSeverity
    """An alert of the severity ``unknown`` is none of them."""


def _form_of_severity(given: Any) -> str:
    return "[at_least]" if isinstance(given, dict | AtLeast) else "[list]"


SeverityMatch = Annotated[
    Annotated[Annotated[list[Severity], Field(min_length=1), Distinct()], Tag("[list]")]
    | Annotated[AtLeast, Tag("[at_least]")],
    Discriminator(_form_of_severity),
]
"""A list of severities of which any will do, or ``{at_least: warning}``."""


def severities_of(match: list[Severity] | AtLeast) -> list[Severity]:
    """Those of which an alert's has to be one."""
    return match if isinstance(match, list) else list(RANKED[: RANKED.index(match.at_least) + 1])


class RuleMatch(Strict):
    """Which alerts a rule is for: all that is given has to hold."""

    labels: Annotated[dict[LabelName, LabelMatch], Field(max_length=MOST_MATCHERS)] = {}
    """A text has to be equal; an empty one holds where the label is empty or not there. ``{in: [web, api]}`` and
    ``{regex: 'web-.*'}`` say more, and take a label that is not there as empty, too."""
    severity: SeverityMatch | None = None
    """A list of which any will do, or ``{at_least: warning}``."""
    when: Annotated[Expression | None, Field(exclude_if=lambda value: value is None)] = None
    """A condition in CEL about ``alert`` and ``now``; asked where all else holds."""
