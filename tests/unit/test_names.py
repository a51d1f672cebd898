"""Names mean one thing each: no two classes of the product have the same."""

import ast
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCES = ("src", "shared/src", "services")


def classes() -> dict[str, list[str]]:
    """The modules that define each class, inner ones included."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for path in sorted(path for source in SOURCES for path in (ROOT / source).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef):
                found[node.name].append(str(path.relative_to(ROOT)))
    return found


def test_no_two_classes_have_one_name() -> None:
    found = classes()
    assert len(found) > 300, "the product was found"
    twice = {name: where for name, where in found.items() if len(where) > 1}
    assert twice == {}
