"""Values that reach code by a detour: through a pipe, an input, or a variable of the author's own."""

import re
from itertools import pairwise

from shared.templating.grammar import read_shell
from shared.templating.invocations import program_name
from shared.templating.judge import bound_name
from shared.templating.options import read_arguments
from shared.templating.programs import (
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
from shared.templating.syntax import Command, Reading, Refusal, Word

_OWN_INPUT = frozenset({"-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"})
_FLAGS = re.DOTALL | re.MULTILINE
_INTEGER = re.compile(r"\b(?:declare|typeset|local|export|readonly)[ \t]+(?:-\w+[ \t]+)*-\w*[in]")
_SEEN_AS_CODE = (
    r"\(\((?:(?!\)\)).){{0,500}}\b{name}\b",
    r"\[\[(?:(?!\]\]).){{0,500}}\b{name}\b(?:(?!\]\]).){{0,500}}-(?:eq|ne|lt|le|gt|ge)\b",
    r"\[\[(?:(?!\]\]).){{0,500}}-(?:eq|ne|lt|le|gt|ge)[ \t]+\S*\b{name}\b",
    r"\$\{{!{name}\b",
    r"\$\{{{name}@P",
    r"\$\{{\w+:(?![-=+?])[^}}]*\b{name}\b",
    r"\w\[[^\]]*\b{name}\b[^\]]*\]",
    r"\b(?:let|eval)\b[^\n;&|]*\b{name}\b",
    r"(?:-v|\s-\w*c)[ \t]+[^'\n]?\$\{{?{name}\b",
    r"\s-\w*c[ \t]+\"[^\"]*\$\{{?{name}\b",
    r"[<>]&[ \t]*\"?\$\{{?{name}\b",
    r"(?:^|[\n;&|])[ \t]*(?:\.|source|exec|command)[ \t]+\"?\$\{{?{name}\b",
    r"\$\{{?{name}\b[^\n;]*\|[ \t]*(?:sudo[ \t]+)?(?:ba|da|k|z)?sh\b",
)


def refuse_detours(reading: Reading) -> None:
    """Raise `Refusal` where a value would reach something that runs what it reads."""
    for commands in reading.pipelines:
        for earlier, later in pairwise(commands):
            _refuse_if_run(reading, later, reading.holes_reaching(commands[0].start, earlier.end))
    for command in reading.commands:
        for fed in (r for r in command.redirections if r.feeds):
            hole = reading.hole_in(fed.word.start, fed.word.end)
            body = reading.hole_in(fed.body.start, fed.body.stop) if fed.body else None
            _refuse_if_run(reading, command, body if hole is None else hole)
    for process in reading.output_processes:
        for command in reading.commands_within(process.start, process.stop):
            _refuse_if_run(reading, command, reading.hole_in(0, len(reading.text)))
    _refuse_integers(reading)
    _refuse_variables(reading)


def _refuse_if_run(reading: Reading, reader: Command, hole: int | None) -> None:
    if hole is None:
        return
    for command in reading.commands_within(reader.start, reader.end):
        if name := runs_its_input(command.words):
            message = f"the value would be part of what {name} reads and runs: give {name} its code as an argument"
            raise Refusal(hole, message)


def _refuse_integers(reading: Reading) -> None:
    hole = reading.hole_in(0, len(reading.text))
    if hole is not None and _INTEGER.search(reading.text):
        raise Refusal(hole, "bash computes with what is given to a variable declared with -i or -n: leave these out")


def _refuse_variables(reading: Reading) -> None:
    """A variable that is only a value by another name must not be used as code either."""
    words = [(bound_name(word), word) for command in reading.commands for word in command.words if word.holes]
    named = dict([*words, *((name, word) for name, word in reading.loop_names.items() if word.holes)])
    named.pop("", None)
    programs = _programs_from_variables(reading) if named else ""
    for name, word in named.items():
        seen_as_code = any(re.search(p.format(name=name), reading.text, _FLAGS) for p in _SEEN_AS_CODE)
        if seen_as_code or re.search(rf"\$\{{?{name}\b", programs):
            message = f"{name} is used further on where a shell would run or compute its value"
            raise Refusal(word.holes[0].start, f"{message}: to compute, use $(expr {{{{ x }}}} + 1)")


def _programs_from_variables(reading: Reading) -> str:
    """The expansions that name a program to run, also behind the last placeholder if that can be read."""
    try:
        commands = read_shell(reading.text, whole=True).commands
    except Refusal:
        commands = reading.commands
    heads = (next((word for word in command.words if not bound_name(word)), None) for command in commands)
    return " ".join(atom.text for head in heads if head for atom in head.atoms)


def runs_its_input(words: list[Word]) -> str:
    """The name of the program, if any, that takes its input for code in this command."""
    rest = [word for word in words if not word.may_vanish]
    while rest and bound_name(rest[0]):
        rest = rest[1:]
    through_xargs = False
    name: str | None = ""
    while rest and (name := program_name(rest[0])) in WRAPPERS:
        wrapper = WRAPPERS[name]
        through_xargs = through_xargs or name == "xargs"
        rest = read_arguments(rest[1:], wrapper.options).operands[wrapper.operands :]
        while rest and wrapper.assignments and bound_name(rest[0]):
            rest = rest[1:]
        if name == "exec" and not rest:
            return "exec"
    if not rest:
        return "xargs" if through_xargs and name != "xargs" else ""
    name = program_name(rest[0]) or ""
    if through_xargs and not re.search(r"\w", name):
        return "xargs"
    if through_xargs and name in {*SHELLS, *INTERPRETERS, *SUBSTITUTE_USER, *ELSEWHERE, "ssh", "eval"}:
        return f"xargs {name}"
    return name if _reads_code(name, rest[1:]) else ""


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
