"""How large the product is: ``python -m tests.size`` says it in two lines, and ``make check`` ends with them."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCES = [ROOT / "src", ROOT / "shared" / "src", *sorted((ROOT / "services").glob("*/src"))]
ANALYSER = ROOT / "services" / "catalog" / "src" / "catalog" / "domain" / "shell"
"""What reads the commands of actions and judges what may stand in them."""


def lines_of(module: Path) -> int:
    """How many lines a module has, blank ones and comments included."""
    return len(module.read_text().splitlines())


def holds_code(module: Path) -> bool:
    """Whether there is more in a module than the sentence that says what a package is for."""
    return len(ast.parse(module.read_text()).body) > 1


def main() -> None:
    """Count, and print."""
    modules = [path for source in SOURCES for path in source.rglob("*.py")]
    with_code = [path for path in modules if holds_code(path)]
    longest = max(modules, key=lines_of)
    analyser = sum(lines_of(path) for path in ANALYSER.rglob("*.py"))
    print(
        f"{len(with_code)} modules of product code, {len(modules) - len(with_code)} packages without any; "
        f"the longest, {longest.relative_to(ROOT)}, has {lines_of(longest)} lines"
    )
    print(f"{analyser} lines in the analyser of commands, {ANALYSER.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
