"""What of a simple command only bash understands, and what shells take differently there."""

from collections.abc import Sequence

from catalog.domain.shell.programs import BASH_COMMANDS
from catalog.domain.shell.tokens import ASSIGNED, LIST, RANGE, RESERVED, TESTS
from catalog.domain.shell.tree import HOLE, Word
from catalog.domain.shell.words import WordReader


class DialectReader(WordReader):
    """Refuses bash's words in text for another shell."""

    def assigns(self, word: Word) -> bool:
        """Whether a word before a command's name is an assignment; to whole variables alone, where it is POSIX's."""
        match = ASSIGNED.match(word.bare)
        if match and (match[1] or match[2]):
            self.only_bash("[" if match[1] else "+=", word.at)
        return match is not None

    def refuse_command(self, name: Word) -> None:
        """Refuse the name of a command that bash alone has."""
        if name.literal in BASH_COMMANDS and name.literal not in self.functions:
            self.only_bash(str(name.literal), name.at)

    def refuse_braces(self, word: Word) -> None:
        """Refuse `{a,b}` and `{1..2}`."""
        if RANGE.search(word.bare.replace(HOLE, "1")) or LIST.search(word.bare, 0, word.bare.rfind("}")):
            self.only_bash("{…}", word.at)

    def refuse_tests(self, words: Sequence[Word], at: int) -> None:
        """Refuse operators of `[` that bash alone has."""
        shapes = "\n".join([word.shape for word in words])
        for operator in (operator for operator, found in TESTS.items() if found.match(shapes)):
            self.only_bash(operator, at)

    def doubt_reserved(self, word: Word, before: Sequence[Word], called: Sequence[Word]) -> None:
        """Be sure of nothing behind a word of the shell's own that zsh knows also behind assignments and `time`."""
        if word.literal in RESERVED and before and {one.literal for one in called} <= {"time", "-p"}:
            self.is_read = False
