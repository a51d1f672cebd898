"""Values that reach code by a detour: through a pipe, an input, or a variable of the author's own."""

import re
from itertools import pairwise

from shared.templating.grammar import read_shell
from shared.templating.invocations import program_name
from shared.templating.judge import bound_name, refused_value
from shared.templating.options import read_arguments
from shared.templating.programs import (
    CODE_VARIABLES,
    ELSEWHERE,
    INTERPRETERS,
    READ_CODE,
    SHELL_OPTIONS,
    SHELLS,
    SSH_OPTIONS,
    SUBSTITUTE_USER,
    WRAPPERS,
    Interpreter,
)
from shared.templating.syntax import Command, Kind, Reading, Refusal, Word

_OWN_INPUT = frozenset({"-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"})
_INTEGER = re.compile(r"\b(?:declare|typeset|local|export|readonly)[ \t]+(?:-\w+[ \t]+)*-\w*[in]")
_SUBSCRIPT = re.compile(r"\w(\[[^\]\n]*\])")
_WRITES = frozenset({">", ">>", ">|", "&>", "&>>", "<>"})
_COMPUTES = (
    "bash runs commands that it finds in a value while it computes: let expr do it, $(expr {{ x }} + 1), "
    "and test with [ … ]"
)


_RUNNERS = frozenset({*SHELLS, *INTERPRETERS, *WRAPPERS, ".", "source", "exec", "chmod"})


def refuse_detours(reading: Reading) -> None:
    """Raise `Refusal` where a value would reach something that runs what it reads."""
    for commands in reading.pipelines:
        for earlier, later in pairwise(commands):
            _refuse_if_run(reading, later, reading.mention_reaching(commands[0].start, earlier.end))
    for command in reading.commands:
        for fed in (r for r in command.redirections if r.feeds):
            hole = reading.mention_in(fed.word.start, fed.word.end)
            body = reading.mention_in(fed.body.start, fed.body.stop) if fed.body else None
            _refuse_if_run(reading, command, body if hole is None else hole)
    for process in reading.output_processes:
        for command in reading.commands_within(process.start, process.stop):
            _refuse_if_run(reading, command, reading.mention_in(0, len(reading.text)))
    _refuse_integers(reading)
    _refuse_computing(reading)
    _refuse_code_variables(reading)
    _refuse_written_scripts(reading)


def _refuse_if_run(reading: Reading, reader: Command, hole: int | None) -> None:
    if hole is None:
        return
    for command in _commands_of(reading, reader):
        if name := runs_its_input(command.words):
            message = f"the value would be part of what {name} reads and runs: give {name} its code as an argument"
            raise refused_value(reading, hole, message)


def _commands_of(reading: Reading, reader: Command) -> list[Command]:
    """The commands within a command, and those of all functions if it calls one."""
    commands = reading.commands_within(reader.start, reader.end)
    called = {word.literal for command in commands for word in command.words}
    if called.isdisjoint(name for name, _ in reading.functions):
        return commands
    bodies = [body for _, body in reading.functions]
    return [*commands, *(command for body in bodies for command in reading.commands_within(body.start, body.stop))]


def _refuse_integers(reading: Reading) -> None:
    hole = reading.mention_in(0, len(reading.text))
    if hole is not None and _INTEGER.search(reading.text):
        raise Refusal(hole, "bash computes with what is given to a variable declared with -i or -n: leave these out")


def _refuse_computing(reading: Reading) -> None:
    """No variable that holds a value, nor the bare name of one, in arithmetic and in subscripts."""
    if not reading.taint.active:
        return
    foreign = _code_of_interpreters(reading)
    subscripts = [range(*match.span(1)) for match in _SUBSCRIPT.finditer(reading.text)]
    in_shell = [found for found in subscripts if found.start not in foreign]
    for stretch in [*reading.computed, *in_shell]:
        if reading.mention_in(stretch.start, stretch.stop) is not None:
            raise refused_value(reading, stretch.start, _COMPUTES)


def _code_of_interpreters(reading: Reading) -> frozenset[int]:
    """Where the text stands that programs which are no shell get as arguments: to bash a subscript in there, as in
    `ENVIRON["OPSIMATE_PARAM_x"]`, is text like any other.
    """
    programs = INTERPRETERS.keys() - {name for name, _ in reading.functions}
    words = [
        word
        for command in reading.commands
        if (rest := _behind_wrappers(command.words)[0]) and program_name(rest[0]) in programs
        for word in rest[1:]
    ]
    return frozenset(atom.start for word in words for atom in word.atoms if atom.kind is Kind.TEXT)


def _refuse_code_variables(reading: Reading) -> None:
    for name in sorted(reading.taint.variables & CODE_VARIABLES):
        if match := re.search(rf"\b{name}\b", reading.text):
            raise refused_value(reading, match.start(), f"what {name} holds is run as code")


def _refuse_written_scripts(reading: Reading) -> None:
    """A file that a value is written to, and that the same command runs."""
    run = {_path(reading, word) for command in reading.commands for word in _run_files(command.words)}
    for commands in reading.pipelines:
        for command in commands:
            written = [r.word for r in command.redirections if r.operator in _WRITES]
            written += command.words[1:] if command.words and program_name(command.words[0]) == "tee" else []
            hole = reading.mention_reaching(commands[0].start, command.end)
            for word in written if hole is not None else ():
                if _path(reading, word) in run:
                    raise Refusal(
                        word.start,
                        "a value is written to this file, which is run: write"
                        ' the script without it, and let it take the value from "$1"',
                    )


def _path(reading: Reading, word: Word) -> str:
    """A file's name as it is written, without quotes."""
    return re.sub("[\"'{}]|^\\./", "", reading.text[word.start : word.end])


def _run_files(words: list[Word]) -> list[Word]:
    """The words of a command that may name a file it runs, or makes fit to run."""
    for position, word in enumerate(words):
        if program_name(word) in _RUNNERS:
            return [words[0], *words[position + 1 :]]
    return words[:1]


def runs_its_input(words: list[Word]) -> str:
    """The name of the program, if any, that takes its input for code in this command."""
    rest, wrappers = _behind_wrappers(words)
    through_xargs = "xargs" in wrappers
    if not rest:
        last = wrappers[-1] if wrappers else ""
        return "exec" if last == "exec" else "xargs" if through_xargs and last != "xargs" else ""
    name = program_name(rest[0]) or ""
    if through_xargs and not re.search(r"\w", name):
        return "xargs"
    if through_xargs and name in {*SHELLS, *INTERPRETERS, *SUBSTITUTE_USER, *ELSEWHERE, "ssh", "eval"}:
        return f"xargs {name}"
    return name if _reads_code(name, rest[1:]) else ""


def _behind_wrappers(words: list[Word]) -> tuple[list[Word], list[str]]:
    """A command without what only starts it, and the names of the programs that do."""
    rest = [word for word in words if not word.may_vanish]
    wrappers: list[str] = []
    while rest and bound_name(rest[0]):
        rest = rest[1:]
    while rest and (name := program_name(rest[0])) in WRAPPERS:
        wrapper = WRAPPERS[name]
        wrappers.append(name)
        rest = read_arguments(rest[1:], wrapper.options).operands[wrapper.operands :]
        while rest and wrapper.assignments and bound_name(rest[0]):
            rest = rest[1:]
    return rest, wrappers


def _reads_code(name: str, words: list[Word]) -> bool:
    match name:
        case _ if name in SHELLS:
            reads = _shell_reads_code(words)
        case _ if name in INTERPRETERS:
            reads = _interpreter_reads_code(INTERPRETERS[name], words)
        case "ssh":
            remote = read_arguments(words, SSH_OPTIONS).operands[1:]
            reads = not remote or runs_its_input(remote) != ""
        case "." | "source":
            reads = any(word.literal in _OWN_INPUT or word.literal is None for word in words[:1])
        case "eval":
            reads = any(_script_reads_code(word) for word in words)
        case _ if name in {*ELSEWHERE, *SUBSTITUTE_USER}:
            reads = _somewhere_reads_code(name, words)
        case _:
            reads = name in READ_CODE
    return reads


def _interpreter_reads_code(interpreter: Interpreter, words: list[Word]) -> bool:
    if not interpreter.reads_input:
        return False
    arguments = read_arguments(words, interpreter.options)
    if arguments.code or "m" in arguments.flags:
        return False
    own = interpreter.code_among(arguments.operands)
    return not own or own[0].literal in _OWN_INPUT


def _somewhere_reads_code(name: str, words: list[Word]) -> bool:
    if name in {"su", "runuser"} and not read_arguments(words, SUBSTITUTE_USER[name]).code:
        return True
    return any(program_name(w) in SHELLS and _shell_reads_code(words[n + 1 :]) for n, w in enumerate(words))


def _shell_reads_code(words: list[Word]) -> bool:
    arguments = read_arguments(words, SHELL_OPTIONS)
    first = arguments.operands[0] if arguments.operands else None
    if "c" in arguments.flags:
        return first is None or _script_reads_code(first)
    return first is None or "s" in arguments.flags or first.literal in _OWN_INPUT or first.substitutes


def _script_reads_code(script: Word) -> bool:
    """Whether a script, or what is filled into it, would run what it finds on its input."""
    if script.substitutes or script.literal is None:
        return script.substitutes
    try:
        commands = read_shell(script.literal, whole=True).commands
    except Refusal:
        return True
    return any(runs_its_input(command.words) for command in commands)
