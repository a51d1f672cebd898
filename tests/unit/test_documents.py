"""The documents: what they link to is there, and what they say can be applied."""

import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from opsimate.definitions.applying import plan

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]

_FENCED = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`[^`\n]*`")
_LINK = re.compile(
    r"\]\(<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\)|^\[[^\]]+\]:\s+(\S+)|(?:src|href)=\"([^\"]+)\"", re.MULTILINE
)
_HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*$", re.MULTILINE)
_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|//")


def links(text: str) -> list[str]:
    """Where a document links to, what stands in code left out."""
    found = _LINK.findall(_CODE.sub("", _FENCED.sub("", text)))
    return [target for groups in found for target in groups if target]


def anchors(text: str) -> set[str]:
    """The anchors of a document's headings, as GitHub makes them."""
    made: dict[str, int] = {}
    names = set()
    for heading in _HEADING.findall(_FENCED.sub("", text)):
        shown = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        anchor = re.sub(r"[^\w\- ]", "", shown).replace(" ", "-")
        count = made.get(anchor, 0)
        made[anchor] = count + 1
        names.add(f"{anchor}-{count}" if count else anchor)
    return names


def broken(document: Path) -> list[str]:
    """The links of a document that lead nowhere."""
    return [target for target in links(document.read_text()) if not leads_somewhere(document, target)]


def leads_somewhere(document: Path, target: str) -> bool:
    if _ELSEWHERE.match(target):
        return True
    path, _, anchor = unquote(target).partition("#")
    place = document.parent / path if path else document
    if not place.exists():
        return False
    return not anchor or place.suffix != ".md" or anchor in anchors(place.read_text())


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(document: Path) -> None:
    assert broken(document) == []


def test_a_link_that_leads_nowhere_is_found(tmp_path: Path) -> None:
    document = tmp_path / "a.md"
    document.write_text(
        "# One, `two` & three\n# Twice\n# Twice\n"
        "[a](#one-two--three) [b](#twice-1) [c](a.md#twice) [d](https://example.org/x) `[e](code.md)`\n"
        "```\n[f](fenced.md)\n```\n"
        "[g](#nowhere) ![h](gone.png) [i](a.md#twice-2) [j]\n\n[j]: gone.md\n"
    )
    assert broken(document) == ["#nowhere", "gone.png", "a.md#twice-2", "gone.md"]


def test_the_examples_can_be_applied() -> None:
    names = {definition.name for definition in plan([str(ROOT / "examples")])}
    assert {"hello", "hello-on-alert", "restart-service", "nginx-down"} <= names
