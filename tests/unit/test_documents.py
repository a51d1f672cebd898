"""The documents: what they link to is there, and what they say can be applied."""

import re
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import yaml

from catalog.domain.action_analysis import analysed_at_once
from catalog.domain.checks import check_action
from catalog.domain.shell.analysis import compile_command
from catalog.domain.shell.values import value_of
from opsimate.definitions.applying import plan
from shared import cel
from shared.contracts.action import ActionDefinition, Concurrency
from shared.contracts.parameter import Parameter
from shared.placeholders import TemplateError

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


def test_a_decision_has_a_number_of_its_own_which_its_title_and_the_list_of_decisions_say() -> None:
    decisions = ROOT / "docs" / "decisions"
    records = sorted(path for path in decisions.glob("*.md") if path.name != "README.md")
    numbers = [int(path.name.partition("-")[0]) for path in records]
    assert [number for number, times in Counter(numbers).items() if times > 1] == []
    assert [int(path.read_text().removeprefix("# ").partition(".")[0]) for path in records] == numbers
    listed = re.findall(r"^\| \[(\d+)\]\((\S+)\) \|", (decisions / "README.md").read_text(), re.MULTILINE)
    assert listed == [(str(number), path.name) for number, path in zip(numbers, records, strict=True)]


def yaml_of(heading: str) -> list[str]:
    """The definitions that stand in a section of the guide to definitions."""
    section = (ROOT / "docs" / "definitions.md").read_text().partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return re.findall(r"^```yaml\n(.*?)^```", section, re.MULTILINE | re.DOTALL)


def test_the_examples_can_be_applied() -> None:
    names = {definition.name for definition in plan([str(ROOT / "examples")])}
    assert {"hello", "hello-on-alert", "restart-service", "rolling-restart", "nginx-down"} <= names


def test_what_the_guide_writes_of_many_providers_can_be_applied(tmp_path: Path) -> None:
    (tmp_path / "guide.yaml").write_text("\n---\n".join(yaml_of("Provider groups") + yaml_of("Many providers")))
    assert [one.name for one in plan([str(tmp_path)])] == ["web", "front", "rolling-restart"]


# --- what is said about conditions

_KNOWN: dict[str, Any] = {
    "params": {"env": "prod", "count": 3, "host": "web-1.example.org"},
    "steps": {
        "probe": {"state": "succeeded", "exit_status": 0, "output": "active"},
        "backup": {"state": "skipped", "exit_status": None, "output": ""},
    },
    "alert": None,
    "run": {"created_at": "2026-01-31T12:00:00.000Z"},
    "now": "2026-01-31T12:30:00+00:00",
}


def conditions() -> list[tuple[str, str]]:
    """The rows of the table of conditions: each with what it comes to."""
    text = (ROOT / "docs" / "conditions.md").read_text()
    table = text.partition("| Condition | Comes to |\n|---|---|\n")[2].partition("\n\n")[0]
    return [(row[3 : row.rindex("`")].replace("\\|", "|"), row.split("|")[-2].strip()) for row in table.split("\n")]


@pytest.mark.parametrize(("condition", "comes_to"), conditions())
def test_a_condition_comes_to_what_the_documents_say(condition: str, comes_to: str) -> None:
    try:
        found = str(cel.evaluate(condition, _KNOWN)).lower()
    except cel.CelError:
        found = "error"
    assert found == comes_to


def test_the_example_of_runs_at_the_same_time_can_be_saved() -> None:
    text = (ROOT / "docs" / "definitions.md").read_text().partition("\n### Runs at the same time\n")[2]
    action = ActionDefinition.model_validate(yaml.safe_load(text.partition("```yaml\n")[2].partition("```")[0]))
    assert (check_action(action), analysed_at_once(action).errors) == ([], [])
    assert action.concurrency == Concurrency(key="{{ host }}")


def test_the_conditions_of_the_example_can_be_saved() -> None:
    (text,) = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / "conditions.md").read_text(), re.DOTALL)
    analysis = analysed_at_once(ActionDefinition.model_validate(yaml.safe_load(text)))
    assert analysis.errors == []
    assert [one.step for one in analysis.compiled.conditions] == [None, 1, 2, 3]


# --- what is said about commands

_TAKEN: dict[str, dict[str, Any]] = {
    "code": {"code": True},
    "a choice": {"type": "choice", "options": ["a", "b"]},
    "a folder": {"pattern": "/opt/[A-Za-z0-9._/-]+", "required": True},
    "digits": {"type": "integer"},
    "plain": {"pattern": "[A-Za-z0-9_]+([.-][A-Za-z0-9_]+)*", "required": True},
    "path-like": {"pattern": "[A-Za-z0-9_.,:/@%+=][A-Za-z0-9_.,:/@%+=-]*", "required": True},
}


def refusals() -> list[tuple[str, str, str, str]]:
    """The rows of the table of refusals: what is refused, by which shell, taken with what, and what to write."""
    text = (ROOT / "docs" / "definitions.md").read_text()
    table = text.partition("| Refused | Why | Taken where `x` is | Or write |\n|---|---|---|---|\n")[2].partition(
        "\n\n"
    )[0]
    rows = [[cell.strip() for cell in re.split(r"(?<!\\)\|", row)][1:5] for row in table.split("\n")]
    return [
        (_command(first), "sh" if "shell: sh" in first else "bash", taken, _command(last))
        for first, _, taken, last in rows
    ]


def _command(cell: str) -> str:
    found = "\n".join(re.findall(r"`([^`]+)`", cell.partition(" with ")[0])).replace("\\|", "|")
    assert found
    return found


def taken(command: str, shell: str, **parameter: Any) -> bool:
    try:
        compile_command(command, {"x": value_of(Parameter(name="x", **parameter))}, shell)
    except TemplateError:
        return False
    return True


@pytest.mark.parametrize(("refused", "shell", "with_type", "instead"), refusals())
def test_what_the_documents_call_refused_is_and_every_way_out_works(
    refused: str, shell: str, with_type: str, instead: str
) -> None:
    assert not taken(refused, shell)
    assert not with_type or taken(refused, shell, **_TAKEN[with_type])
    assert taken(instead, shell)
