"""The reader of shell text agrees with two others, tree-sitter-bash and shfmt, about where every placeholder stands."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import tree_sitter_bash
from hypothesis import given, settings
from hypothesis import strategies as st
from tree_sitter import Language, Node, Parser

from catalog.domain.shell.grammar import read_shell
from catalog.domain.shell.tree import HOLE, Place, Refusal
from tests.command_samples import COMMANDS
from tests.unit.test_commands_in_shells import BASES, TOKENS

PARSER = Parser(Language(tree_sitter_bash.language()))
SHFMT = Path(sys.executable).parent / "shfmt"
MARK = "HOLE"
"""Stands for a placeholder in what the others read."""

PIECES = [
    "HOLE",
    "'a HOLE b'",
    '"a HOLE b"',
    "a'HOLE'b",
    '"$(echo HOLE)"',
    "$(echo 'HOLE')",
    "x",
    '"$v"',
    "\\'HOLE",
    "a\\ HOLE",
]
SHAPES = [
    "echo {}",
    "v={} cmd",
    "if a {}; then b {}; fi",
    "for i in {}; do c {}; done",
    "case {} in a|b) d {} ;; esac",
    "{{ a {}; }} | b {}",
    "(a {}) && b {}",
    "a {} > {} 2>&1",
    "f() {{ a {}; }}; f {}",
    "while a {}; do b; done",
    "cat <<E\na HOLE\nE\necho {}",
    "cat <<'E'\na HOLE\nE\necho {}",
    "a {} # HOLE\nb {}",
    "! a {} || b {}",
    "v=$(a {} | b {})",
    "[[ {} == {} ]]",
    "a=({} {})",
    "cat <(a {})",
    "a <<< {}",
]


def ours(text: str) -> list[str] | None:
    """The quoting of every hole, in order; None where the reader declines."""
    text = text.replace(MARK, HOLE)
    places = {at: Place("x") for at, character in enumerate(text) if character == HOLE}
    try:
        read_shell(text, range(len(text)), places, bash=True)
    except Refusal:
        return None
    return [place.quoting[-1] for place in places.values()]


_TREE_SITTER = {
    "raw_string": "single",
    "string": "double",
    "heredoc_body": "here_document",
    "comment": "comment",
    "command_substitution": "bare",
    "process_substitution": "bare",
}


def tree_sitters(text: str) -> list[str] | None:
    tree = PARSER.parse(text.encode())
    if tree.root_node.has_error:
        return None
    found, at = [], text.find(MARK)
    while at >= 0:
        node: Node | None = tree.root_node.descendant_for_byte_range(at, at + len(MARK))
        while node is not None and node.type not in _TREE_SITTER:
            node = node.parent
        quoting = "bare" if node is None else _TREE_SITTER[node.type]
        if node is not None and quoting == "here_document":
            start = next((c for c in node.parent.children if c.type == "heredoc_start"), None) if node.parent else None
            quoting = "quoted_here_document" if start is not None and b"'" in (start.text or b"") else quoting
        found.append(quoting)
        at = text.find(MARK, at + 1)
    return found


def shfmts(text: str) -> list[str] | None:
    done = subprocess.run([SHFMT, "--to-json"], input=text, capture_output=True, text=True, check=False, timeout=20)
    if done.returncode:
        return None
    return [quoting for _, quoting in sorted(_in_shfmt(json.loads(done.stdout), "bare", text))]


def _in_shfmt(node: Any, quoting: str, text: str) -> Iterator[tuple[int, str]]:
    if isinstance(node, list):
        for inner in node:
            yield from _in_shfmt(inner, quoting, text)
        return
    if not isinstance(node, dict):
        return
    kind, start = node.get("Type"), node.get("Pos", {}).get("Offset", 0)
    end = node.get("End", {}).get("Offset", 0)
    if "Hash" in node:
        yield from ((at, "comment") for at in _marks(text, start, end))
    elif kind in {"Lit", "SglQuoted"} or (kind is None and "Value" in node and "ValuePos" in node):
        yield from ((at, "single" if kind == "SglQuoted" else quoting) for at in _marks(text, start, end))
    for key, inner in node.items():
        within = "double" if kind == "DblQuoted" else "bare" if kind in {"CmdSubst", "ProcSubst"} else quoting
        if key == "Hdoc" and isinstance(inner, dict):
            quoted = any(part.get("Type") == "SglQuoted" for part in node.get("Word", {}).get("Parts", []))
            within = "quoted_here_document" if quoted else "here_document"
        yield from _in_shfmt(inner, within, text)


def _marks(text: str, start: int, end: int) -> Iterator[int]:
    at = text.find(MARK, start, end)
    while at >= 0:
        yield at
        at = text.find(MARK, at + 1, end)


def agree(text: str) -> None:
    found = ours(text)
    if found is None:
        return
    formatted = shfmts(text)
    assert formatted is None or _same(found, formatted), text
    # tree-sitter reads some odd texts wrongly, such as a comment sign behind a continued line: shfmt is the judge
    parsed = tree_sitters(text)
    assert parsed is None or _same(found, parsed) or formatted is not None, text


def _same(found: list[str], theirs: list[str]) -> bool:
    """In arithmetic and in ${…} only what is harmless in any quoting may stand, so there all quotings are one."""
    return len(found) == len(theirs) and all(
        mine in {"inert", other} for mine, other in zip(found, theirs, strict=True)
    )


@st.composite
def commands(draw: st.DrawFn) -> str:
    shape = draw(st.sampled_from(SHAPES))
    filled = shape.format(*(draw(st.sampled_from(PIECES)) for _ in range(shape.count("{}"))))
    return filled if draw(st.booleans()) else f"{filled}\n{draw(commands())}"


@settings(max_examples=30, derandomize=True)
@given(text=commands())
def test_every_reader_finds_a_placeholder_at_the_same_place(text: str) -> None:
    assert ours(text) is not None, text
    agree(text)


@st.composite
def scraps(draw: st.DrawFn) -> str:
    """A sound command with scraps of others in it."""
    text = draw(st.sampled_from(BASES))
    for scrap in draw(st.lists(st.lists(st.sampled_from(TOKENS), min_size=1, max_size=4).map("".join), max_size=3)):
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, min(len(text), start + 3)))
        text = text[:start] + scrap + text[end:]
    return re.sub(r"\{\{ \w \}\}", MARK, text).replace("\\{{", "{{")


@settings(max_examples=60, derandomize=True)
@given(text=scraps())
def test_every_reader_finds_a_placeholder_at_the_same_place_in_odd_texts(text: str) -> None:
    agree(text)


@pytest.mark.parametrize("case", COMMANDS, ids=lambda case: case["id"])
def test_every_reader_reads_commands_of_public_runbooks_alike(case: dict[str, Any]) -> None:
    text = case["command"].replace("\\{{", "{{")
    for name in case["params"]:
        text = text.replace(f"{{{{ {name} }}}}", MARK)
    agree(text)


def test_both_others_are_wrong_about_single_quotes_in_an_expansion_in_double_quotes() -> None:
    text = "echo \"${x:-'HOLE'}\""
    assert tree_sitters(text) == shfmts(text) == ["single"]
    assert ours(text) is None
