"""Which arguments of a command are code, and for whom.

A value that is an argument is safe in its quotes. It would not be where the program takes the argument for code
(`eval`, `sh -c`, `awk`), for the name of a program, or for bash's arithmetic. A script for `sh -c` is read like the
command itself, so that a reference can stand in it; every other such place is refused.
"""

import re
from collections.abc import Callable
from functools import partial
from posixpath import basename

from shared.templating.judge import Judge, Words
from shared.templating.options import read_arguments, text_of
from shared.templating.programs import (
    COPIERS,
    DATA_ONLY,
    ELSEWHERE,
    FOREIGN_SHELLS,
    HAND_TO_SHELL,
    INTERPRETERS,
    REFUSED_ARGUMENTS,
    SHELL_OPTIONS,
    SHELLS,
    SSH_OPTIONS,
    SUBSTITUTE_USER,
    WRAPPERS,
    Wrapper,
)
from shared.templating.shell_builtins import BUILTINS, double_bracket
from shared.templating.syntax import Command, Reading, Word
from shared.templating.taint import HOLE

_FIND_ACTIONS = frozenset({"-exec", "-execdir", "-ok", "-okdir"})
_VERSIONED = re.compile(r"((?:python|perl|ruby|lua|php)\d?)[\d.]*")


def program_name(word: Word) -> str | None:
    """The program that a word names, without its directory and its version, or None where that is not known."""
    if word.literal is None:
        return None
    name = basename(word.literal)
    versioned = _VERSIONED.fullmatch(name)
    return versioned[1].rstrip("0123456789") if versioned else name


def scripts_in(reading: Reading) -> list[Word]:
    """The words of a text that are shell code and hold a placeholder.

    Raises `Refusal` where a command would take a value for code of another kind.
    """
    judge = Judge(reading)
    for command in reading.commands:
        _command(judge, command)
    return judge.scripts


def _command(judge: Judge, command: Command) -> None:
    for redirection in command.redirections:
        if redirection.operator.endswith("&"):
            judge.refuse([redirection.word], "bash reads a value behind >& twice: write > {{ x }} 2>&1")
    if command.words and command.words[0].literal == "[[":
        double_bracket(judge, command.words)
    else:
        _program(judge, judge.without_assignments(command.words))


def _program(judge: Judge, words: Words, cleared: str = "") -> None:
    """A command that begins with its name; `cleared` is who keeps the environment from it."""
    while words:
        head, rest = words[0], words[1:]
        judge.refuse([head], "the value would choose the program to run: write its name, or choose with case … esac")
        if head.multiplies:
            judge.refuse(rest, "bash makes several words of this command's name: write them out")
        name = program_name(head) or ""
        if head.literal is None and rest and text_of(rest[0]).startswith("-"):
            judge.refuse(_behind_code_option(rest), "this may be a shell, which would run it: write its name out")
        if name in _CAREFUL:
            judge.unsplit(rest)
        if head.may_vanish:
            words = rest
        elif name in WRAPPERS:
            words, cleared = _wrapped(judge, name, WRAPPERS[name], rest, cleared)
        else:
            with judge.nesting.level(head.start):
                _named(judge, name, rest, cleared)
            return


def _behind_code_option(words: Words) -> Words:
    """The words that a shell would take for its script and the arguments of that, whichever shell it is."""
    first = next((n for n, word in enumerate(words) if re.fullmatch(r"[-+]\w*c", word.literal or "")), len(words))
    return words[first:]


def _named(judge: Judge, name: str, rest: Words, cleared: str) -> None:
    if name in _RULES:
        _RULES[name](judge, rest)
    elif name in SHELLS:
        _shell(judge, rest, cleared)
    elif name in SUBSTITUTE_USER:
        _substitute_user(judge, name, rest, cleared)
    elif name not in DATA_ONLY:
        _unknown(judge, rest, cleared or (name if name in ELSEWHERE else ""))


def _wrapped(judge: Judge, name: str, wrapper: Wrapper, words: Words, cleared: str) -> tuple[Words, str]:
    """The command behind a wrapper, and who keeps the environment from it."""
    arguments = read_arguments(words, wrapper.options)
    judge.refuse(arguments.code, f"{name} would make several words of the value")
    if name == "command" and arguments.flags & {"v", "V"}:
        return (), cleared
    if name == "sudo" and arguments.flags & {"i", "s", "--login", "--shell"}:
        judge.refuse(arguments.operands, "sudo hands its arguments to a login shell: leave -i or -s out")
    flags = arguments.flags | {"*"}
    if flags & wrapper.clears and not flags & wrapper.keeps:
        cleared = name
    rest: Words = arguments.operands[wrapper.operands :]
    if name == "env" and rest and rest[0].literal == "-":
        cleared, rest = name, rest[1:]
    return (judge.without_assignments(rest) if wrapper.assignments else rest), cleared


def _shell(judge: Judge, words: Words, cleared: str) -> None:
    judge.steady(words)
    arguments = read_arguments(words, SHELL_OPTIONS)
    judge.refuse(arguments.options, "an option of a shell")
    if "c" in arguments.flags:
        for script in arguments.operands[:1]:
            judge.script(script, cleared)
    elif "s" in arguments.flags:
        judge.refuse(arguments.operands, "the script is read from the input here: write sh -c '… \"$1\" …' sh {{ x }}")
    else:
        judge.refuse(arguments.operands[:1], "the value would choose the script to run")


def _interpreter(name: str, judge: Judge, words: Words) -> None:
    interpreter = INTERPRETERS[name]
    judge.steady(words)
    arguments = read_arguments(words, interpreter.options)
    how = interpreter.how.format(variable="OPSIMATE_PARAM_x")
    why = f"the value would be part of the code that {name} runs: use {how} instead"
    judge.refuse(arguments.code, why)
    if not arguments.code:
        judge.refuse(interpreter.code_among(arguments.operands), why)


def _substitute_user(judge: Judge, name: str, words: Words, cleared: str) -> None:
    judge.steady(words)
    arguments = read_arguments(words, SUBSTITUTE_USER[name])
    operands = [word.literal for word in arguments.operands]
    if arguments.flags & {"l", "--login"} or "-" in operands:
        cleared = f"{name} with a login shell"
    for word in arguments.code:
        if word in arguments.options and text_of(word).startswith("-"):
            judge.refuse([word], f"write the script of {name} as a word of its own, behind -c")
        judge.script(word, cleared)
    if name in {"runuser", "flock"} and not arguments.code:
        _program(judge, arguments.operands[1 if name == "flock" else 0 :], cleared)


def _copier(name: str, judge: Judge, words: Words) -> None:
    arguments = read_arguments(words, COPIERS[name])
    judge.refuse(arguments.code, f"{name} runs what this option says")
    for word in arguments.operands:
        if word.shape.startswith(HOLE) and not arguments.dashed:
            judge.refuse([word], f"a value that begins with - would be an option: write {name} -- {{{{ x }}}}")
        if re.search(f":.*{HOLE}", word.shape, re.DOTALL) and "s" not in arguments.flags:
            judge.refuse([word], f"a shell reads this path on the other side: write {name} -s")


def _unknown(judge: Judge, words: Words, cleared: str) -> None:
    """Some program that may start another: look for shells and interpreters among its arguments."""
    for position, word in enumerate(words):
        name, before = program_name(word), words[position - 1].literal if position else ""
        if before in {"-s", "--shell"}:
            continue
        if name in SHELLS or (word.literal or "").startswith("--entrypoint="):
            _shell_somewhere(judge, words[position + 1 :], cleared)
            return
        if name in INTERPRETERS and read_arguments(rest := words[position + 1 :], INTERPRETERS[name].options).code:
            _interpreter(name, judge, rest)
            return


def _shell_somewhere(judge: Judge, words: Words, cleared: str) -> None:
    for position, word in enumerate(words[:-1]):
        if re.fullmatch(r"-[A-Za-z]*c", word.literal or ""):
            judge.steady(words[: position + 2])
            judge.script(words[position + 1], cleared)
            return


def _find(judge: Judge, words: Words) -> None:
    while words:
        started, words = words[0].literal in _FIND_ACTIONS, words[1:]
        if started:
            ends = (n for n, word in enumerate(words) if word.literal in {";", "+"})
            end = next(ends, len(words))
            _program(judge, words[:end])
            words = words[end:]


def _ssh(judge: Judge, words: Words) -> None:
    judge.steady(words)
    arguments = read_arguments(words, SSH_OPTIONS)
    judge.refuse(arguments.code, "ssh runs what some of these options say")
    destination, remote = arguments.operands[:1], arguments.operands[1:]
    if destination and destination[0].shape.startswith(HOLE) and not arguments.dashed:
        judge.refuse(destination, "a value that begins with - would be an option: write ssh -- {{ x }}")
    judge.refuse(
        remote,
        "the shell on the other side would run the value as code: make that machine a provider, "
        "or send the value as input: printf %s {{ x }} | ssh HOST 'v=$(cat); …'",
    )


def _refused(name: str, judge: Judge, words: Words) -> None:
    refuse = judge.refuse_names if name in HAND_TO_SHELL else judge.refuse
    refuse(words, f"{name}: {REFUSED_ARGUMENTS[name]}")


def _foreign_shell(judge: Judge, words: Words) -> None:
    judge.refuse(words, "this is not a POSIX shell: use sh")


_RULES: dict[str, Callable[[Judge, Words], None]] = {
    **{name: partial(_refused, name) for name in REFUSED_ARGUMENTS},
    **{name: partial(_interpreter, name) for name in INTERPRETERS},
    **{name: partial(_copier, name) for name in COPIERS},
    **dict.fromkeys(FOREIGN_SHELLS, _foreign_shell),
    **BUILTINS,
    "ssh": _ssh,
    "find": _find,
}
"""How to judge the arguments of a program for which it makes no difference whether the environment reaches it."""

_CAREFUL = frozenset({*_RULES, *WRAPPERS, *SHELLS, *SUBSTITUTE_USER, *ELSEWHERE})
"""Programs that run some of their arguments, so that the number of these must be known."""
