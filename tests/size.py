"""How large the product is: ``python -m tests.size`` says it in two lines, and ``make check`` ends with them."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCES = [ROOT / "src", ROOT / "shared" / "src", *sorted((ROOT / "services").glob("*/src"))]
ANALYSER = ROOT / "services" / "catalog" / "src" / "catalog" / "domain" / "shell"
"""What reads the commands of actions and judges what may stand in them."""


def lines_of(module: Path) -> int:
    """How many lines a module has, blank ones and comments included."""
    return len(module.read_text().splitlines())


def main() -> None:
    """Count, and print."""
    modules = [path for source in SOURCES for path in source.rglob("*.py")]
    named = [path for path in modules if path.name != "__init__.py"]
    longest = max(modules, key=lines_of)
    analyser = sum(lines_of(path) for path in ANALYSER.rglob("*.py"))
    print(
        f"{len(named)} modules of product code, {len(modules) - len(named)} __init__.py beside them; "
        f"the longest, {longest.relative_to(ROOT)}, has {lines_of(longest)} lines"
    )
    print(f"{analyser} lines in the analyser of commands, {ANALYSER.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
