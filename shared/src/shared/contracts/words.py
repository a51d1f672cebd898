"""The words by which runs are found: what people wrote of one, and what it was given, without secrets."""

import re
from collections.abc import Iterable, Mapping

from pydantic import JsonValue

MOST_WORDS = 40
"""Of one run when it is asked for; and of each comment."""
LONGEST_WORD = 64
"""Characters; of a longer one only these are kept."""
_WORD = re.compile(r"[^\s,;:()\[\]{}<>\"'|!?=]+")
_PART = re.compile(r"\w+")
_AROUND = ".,-_/"


def words_in(texts: Iterable[str], most: int = MOST_WORDS) -> list[str]:
    """The different words in these texts, in small letters; of one such as ``web-1.example`` its parts as well."""
    found: dict[str, None] = {}
    for text in texts:
        for match in _WORD.finditer(text.casefold()):
            word = match[0].strip(_AROUND)
            for one in (word, *_PART.findall(word)):
                if one:
                    found.setdefault(one[:LONGEST_WORD])
            if len(found) >= most:
                return list(found)[:most]
    return list(found)


def words_of_run(action: str, title: str, note: str, parameters: Mapping[str, JsonValue]) -> list[str]:
    """The words of a run that is asked for."""
    given = (str(value) for value in parameters.values() if isinstance(value, str | int | float))
    return words_in((note, action, title, *given))


def wanted_words(text: str) -> list[str]:
    """The words that somebody looks for, each as whole as it was written."""
    words = (match[0].strip(_AROUND)[:LONGEST_WORD] for match in _WORD.finditer(text.casefold()))
    return list(dict.fromkeys(word for word in words if word))
