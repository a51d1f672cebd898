"""The web console, as the catalog serves it: where its built pages lie, and what there is to say while they do not."""

from pathlib import Path

_HERE = Path(__file__).parent
PAGES = _HERE / "pages"
"""What the build writes, whole or not at all (``services/console/pages.py``)."""
NOTE = _HERE / "pages.note"
"""What the build is doing, or why it failed, in a sentence; not there once it is done."""


def pages_directory() -> Path | None:
    """The folder with ``index.html`` and ``assets/``; none where the pages have not been built yet."""
    return PAGES if (PAGES / "index.html").is_file() else None


def build_note() -> str | None:
    """What the pages wait for, or what kept them from being built; none where nothing has been said."""
    try:
        return NOTE.read_text(encoding="utf-8").strip() or None
    except OSError:
        return None
