"""An OpenSSH client configuration: which hosts it names, and what it says of each. No program that it names is run."""

import re
import shlex
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import translate

from catalog.domain.inventories.host_ranges import LONGEST_NAME
from catalog.domain.source_error import SourceError

MOST_FILES = 100
DEEPEST = 16
"""Files that include each other, as in OpenSSH."""
MOST_HOSTS = 10_000
MOST_LINES = 200_000
"""In all files together."""
MOST_PATTERNS = 10_000
"""Names of hosts with ``*``, ``?`` or ``!``."""
MOST_MATCHED = 3_000_000
"""Patterns and lines that are looked at for all hosts together; a long line counts as several."""
LONGEST_VALUE = 1_024
"""In characters, of what is used."""
_COUNTED_ONCE = 50
"""Characters of a line."""
Included = Callable[[str, str], Iterable[tuple[str, str]]]
"""Of what an Include names, and where that stands: each file's name and text."""
_KEYWORD = re.compile(r"\s*([A-Za-z][A-Za-z0-9]*)(?:\s*=\s*|\s+|$)")
_WHOLE = frozenset({"proxycommand", "remotecommand", "localcommand", "knownhostscommand", "match"})
"""What takes the rest of the line as it is."""
_MANY = frozenset({"identityfile", "certificatefile"})
"""What is said once more beside what was said before; of everything else the first counts."""
_ONE = frozenset({"hostname", "port", "user", "identityfile", "certificatefile", "proxyjump"})
"""What has one value; of the rest nothing is used."""
_ROUTES = frozenset({"proxyjump", "proxycommand"})
"""Of these the first counts, whichever it is."""
_THROUGH = re.compile(r"(?:exec\s+)?(?:\S*/)?ssh\s+(.*)")
_FORWARD = frozenset({"%h:%p", "[%h]:%p"})


class SshConfigError(SourceError):
    """The file cannot be read; the message begins with where."""


def jump_of_command(command: str) -> str | None:
    """The machine that ``ssh -W %h:%p MACHINE`` leads through, as a ProxyJump does; none for any other command."""
    found = _THROUGH.fullmatch(command.strip())
    if found is None:
        return None
    try:
        words = shlex.split(found[1])
    except ValueError:
        return None
    machines, index, forwards, port = [], 0, False, ""
    while index < len(words):
        word = words[index]
        following = words[index + 1] if index + 1 < len(words) else ""
        if word == "-W":
            forwards, index = following in _FORWARD, index + 1
        elif word == "-p":
            port, index = f":{following}", index + 1
        elif word not in {"-q", "-A", "-a", "-T", "-x"}:
            if word.startswith("-"):
                return None
            machines.append(word)
        index += 1
    return f"{machines[0]}{port}" if forwards and len(machines) == 1 else None


_Blocks = tuple[tuple[str, ...], ...]
"""The patterns of the Host that a line stands below, and of those that what includes its file does: all have to fit."""
_Setting = tuple[int, str, tuple[str, ...]]
"""The number of a line among all that are read, its keyword and its arguments."""


@dataclass
class _Scope:
    """Lines that stand below the same patterns."""

    patterns: _Blocks
    """Those that have to fit, but for one that names hosts in full, by which it is found."""
    settings: list[_Setting] = field(default_factory=list)
    cost: int = 0
    """Of its lines, as ``MOST_MATCHED`` counts them."""


@dataclass
class SshConfig:
    """What a file and those that it includes say."""

    source: str
    included: Included
    notes: list[str] = field(default_factory=list)
    """What was not read, in sentences."""
    aliases: dict[str, str] = field(default_factory=dict)
    """The hosts that are named in full, with where each is."""
    _named: dict[str, list[_Scope]] = field(default_factory=dict)
    """By alias: what holds only for hosts that it names in full."""
    _others: list[_Scope] = field(default_factory=list)
    _compiled: dict[str, re.Pattern[str]] = field(default_factory=dict)
    _files: int = 0
    _lines: int = 0
    _patterns: int = 0
    _matched: int = 0

    @classmethod
    def read(cls, source: str, text: str, included: Included) -> "SshConfig":
        """What a text says, with what it includes; ``SshConfigError``."""
        config = cls(source, included)
        config._take(source, text, (), 0)
        return config

    def of(self, alias: str) -> dict[str, list[str]]:
        """By keyword in small letters: what is said of a host. Of most keywords only the first counts.

        ``SshConfigError`` where that is too much for all hosts that were asked for.
        """
        found: dict[str, list[str]] = {}
        scopes = [*self._named.get(alias, ()), *self._others]
        self._count(sum(len(patterns) for scope in scopes for patterns in scope.patterns))
        holding = [one for one in scopes if all(self._matches(alias, patterns) for patterns in one.patterns)]
        self._count(sum(scope.cost for scope in holding))
        for _, keyword, arguments in sorted(setting for scope in holding for setting in scope.settings):
            if keyword in _MANY:
                found.setdefault(keyword, []).append(arguments[0])
            elif keyword not in _ROUTES or not found.keys() & _ROUTES:
                found.setdefault(keyword, list(arguments))
        return found

    def _count(self, number: int) -> None:
        self._matched += number
        if self._matched > MOST_MATCHED:
            said = f"the patterns of its hosts and the lines below them are more than {MOST_MATCHED} for all hosts"
            raise SshConfigError(f"{self.source}: {said}; import them in parts")

    def _take(self, source: str, text: str, outer: _Blocks | None, depth: int) -> None:
        self._files += 1
        if depth > DEEPEST or self._files > MOST_FILES:
            raise SshConfigError(f"{source}: more than {DEEPEST} files include each other, or {MOST_FILES} in all")
        blocks, scope = outer, self._scope(outer)
        for number, written in enumerate(text.splitlines(), start=1):
            line = written.strip()
            if not line or line.startswith("#"):
                continue
            place = f"{source}:{number}"
            self._count_line(place)
            keyword, arguments = _split(line, place)
            if keyword == "host":
                patterns = self._host(arguments, place)
                blocks = None if outer is None else (*outer, patterns)
                scope = self._scope(blocks)
            elif keyword == "match":
                blocks = outer if arguments[0].partition("#")[0].strip().lower() == "all" else None
                scope = self._scope(blocks)
                if blocks is None:
                    self.notes.append(f"{place}: Match is not read: what stands below it is left out.")
            elif keyword == "include":
                for one in arguments:
                    for inner in self.included(one, place):
                        self._take(*inner, blocks, depth + 1)
            else:
                scope.settings.append((self._lines, keyword, arguments))
                scope.cost += 1 + sum(len(one) + 1 for one in arguments) // _COUNTED_ONCE

    def _count_line(self, place: str) -> None:
        self._lines += 1
        if self._lines > MOST_LINES:
            raise SshConfigError(f"{place}: there are more than {MOST_LINES} lines; import them in parts")

    def _scope(self, blocks: _Blocks | None) -> _Scope:
        """What stands below these patterns; below a Match that is not read it is found for no host."""
        in_full = [index for index, one in enumerate(blocks or ()) if not any(map(_is_pattern, one))]
        if blocks is None or not in_full:
            scope = _Scope(blocks or ())
            if blocks is not None:
                self._others.append(scope)
            return scope
        index = in_full[0]
        scope = _Scope((*blocks[:index], *blocks[index + 1 :]))
        for alias in dict.fromkeys(blocks[index]):
            self._named.setdefault(alias, []).append(scope)
        return scope

    def _host(self, patterns: Sequence[str], place: str) -> tuple[str, ...]:
        for pattern in patterns:
            if len(pattern) > LONGEST_NAME:
                raise SshConfigError(f"{place}: a Host has at most {LONGEST_NAME} characters: {pattern[:60]}…")
            if _is_pattern(pattern):
                self._patterns += 1
            else:
                self.aliases.setdefault(pattern, place)
        if len(self.aliases) > MOST_HOSTS:
            raise SshConfigError(f"{place}: there are more than {MOST_HOSTS} hosts; import them in parts")
        if self._patterns > MOST_PATTERNS:
            raise SshConfigError(
                f"{place}: there are more than {MOST_PATTERNS} patterns of hosts; import them in parts"
            )
        return tuple(patterns)

    def _matches(self, alias: str, patterns: Sequence[str]) -> bool:
        """Whether one of the patterns fits, and none behind a ``!`` does."""
        names = (pattern for pattern in patterns if not pattern.startswith("!"))
        excluded = (pattern[1:] for pattern in patterns if pattern.startswith("!"))
        return self._fits(alias, names) and not self._fits(alias, excluded)

    def _fits(self, alias: str, patterns: Iterable[str]) -> bool:
        return any(one == alias or (_is_pattern(one) and self._pattern(one).match(alias)) for one in patterns)

    def _pattern(self, written: str) -> re.Pattern[str]:
        if written not in self._compiled:
            # Brackets mean nothing here, unlike in the names of files.
            self._compiled[written] = re.compile(translate(written.replace("[", "[[]")))
        return self._compiled[written]


def _is_pattern(name: str) -> bool:
    return any(sign in name for sign in "*?!")


def _split(line: str, place: str) -> tuple[str, tuple[str, ...]]:
    found = _KEYWORD.match(line)
    if found is None:
        raise SshConfigError(f"{place}: this is no line of an SSH configuration: {line[:60]}")
    keyword, rest = found[1].lower(), line[found.end() :]
    if keyword in _WHOLE:
        arguments: tuple[str, ...] = (rest.strip(),) if rest.strip() else ()
    else:
        arguments = tuple(_words(rest, place))
    if not arguments or not arguments[0]:
        raise SshConfigError(f"{place}: {found[1]} has no value")
    if keyword in _ONE and len(arguments) > 1:
        raise SshConfigError(f"{place}: {found[1]} has one value; this is more: {' '.join(arguments)[:60]}")
    if keyword in _ONE and len(arguments[0]) > LONGEST_VALUE:
        raise SshConfigError(f"{place}: {found[1]} has at most {LONGEST_VALUE} characters")
    return keyword, arguments


def _words(text: str, place: str) -> Iterator[str]:
    """As OpenSSH splits: quotes of both kinds, a backslash before what would mean something, comments from ``#`` on."""
    word: list[str] | None = None
    quote = ""
    signs = iter(zip(text, text[1:] + "\n", strict=False))
    for sign, following in signs:
        if sign.isspace() and not quote:
            if word is not None:
                yield "".join(word)
            word = None
            continue
        if sign == "#" and not quote and word is None:
            return
        word = [] if word is None else word
        if sign == "\\" and following in {'"', "'", "\\", *("" if quote else " ")}:
            word.append(following)
            next(signs)
        elif sign == quote:
            quote = ""
        elif not quote and sign in "\"'":
            quote = sign
        else:
            word.append(sign)
    if quote:
        raise SshConfigError(f"{place}: a quotation mark is not closed")
    if word is not None:
        yield "".join(word)
