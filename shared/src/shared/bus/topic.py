"""How a binding of a topic exchange chooses routing keys."""


def matches(pattern: str, key: str) -> bool:
    """Whether a routing key fits: words between dots, ``*`` for any one word, ``#`` for any number of them."""
    return _words_match(pattern.split("."), key.split("."))


def _words_match(pattern: list[str], words: list[str]) -> bool:
    if not pattern:
        return not words
    first, *rest = pattern
    if first == "#":
        return any(_words_match(rest, words[taken:]) for taken in range(len(words) + 1))
    return bool(words) and first in ("*", words[0]) and _words_match(rest, words[1:])
