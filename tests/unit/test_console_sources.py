"""How the sources of the console stand to each other (``services/console/web/GUIDE.md``)."""

import json
import re
from pathlib import Path

import pytest

CONSOLE = Path(__file__).parents[2] / "services" / "console"
WEB = CONSOLE / "web"
SOURCES = sorted(path for pattern in ("*.ts", "*.tsx", "*.css") for path in WEB.rglob(pattern))
MODULES = [path for path in SOURCES if path.suffix != ".css" and ".test." not in path.name]
LAYERS = (
    {"main"},
    {"routes"},
    {"shell", "pages"},
    {"definition-form"},
    {"output", "parameters", "live", "editor"},
    {"nouns"},
    {"ui", "theme"},
    {"api"},
    {"nonce"},
)
"""What stands further down is imported by what stands further up, and never the other way."""
MOST_LINES = 300
_IMPORT = re.compile(r"""(?:from|import)\s*\(?\s*["'](\.[^"']*)["']""")


def _imports(module: Path) -> list[Path]:
    found = [(module.parent / target).resolve() for target in _IMPORT.findall(module.read_text())]
    return [path for path in found if path.is_relative_to(WEB)]


def _room(path: Path) -> str:
    return path.relative_to(WEB).parts[0].split(".")[0]


def _layer(path: Path) -> int:
    return next(number for number, rooms in enumerate(LAYERS) if _room(path) in rooms)


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(WEB)))
def test_imports_point_inward(module: Path) -> None:
    if _room(module) == "testing":
        return
    for imported in _imports(module):
        assert _layer(imported) >= _layer(module), f"{module.name} imports {imported.relative_to(WEB)}"
        if _room(module) == _room(imported) == "pages":
            assert imported.relative_to(WEB).parts[1] == module.relative_to(WEB).parts[1], "a page imports another page"


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: str(path.relative_to(WEB)))
def test_no_source_is_long(source: Path) -> None:
    assert len(source.read_text().splitlines()) <= MOST_LINES


def test_packages_are_named_exactly_with_hashes_and_without_an_address() -> None:
    package = json.loads((CONSOLE / "package.json").read_text())
    for versions in (package["dependencies"], package["devDependencies"], package["overrides"]):
        for name, version in versions.items():
            assert re.fullmatch(r"(npm:[@\w./-]+@)?\d+\.\d+\.\d+", version), name
    text = (CONSOLE / "package-lock.json").read_text()
    locked = {name: one for name, one in json.loads(text)["packages"].items() if name}
    assert all(one["integrity"].startswith("sha512-") for one in locked.values())
    assert "resolved" not in text


def test_no_page_speaks_past_react() -> None:
    for module in MODULES:
        assert "dangerouslySetInnerHTML" not in module.read_text(), module
        assert "innerHTML" not in module.read_text(), module
