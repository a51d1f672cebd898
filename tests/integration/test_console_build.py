"""The build of the console's pages: whole or not at all, and only where something has changed."""

import gzip
import importlib.util
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

CONSOLE = Path(__file__).parents[2] / "services" / "console"


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """The build, of a copy of the sources with the tools that are installed already."""
    copy = tmp_path_factory.mktemp("console")
    for name in ("pages.py", "web", "public", "index.html", "package.json", "package-lock.json", "tsconfig.json"):
        source = CONSOLE / name
        shutil.copytree(source, copy / name) if source.is_dir() else shutil.copy(source, copy / name)
    for name in ("vite.config.ts", "postcss.config.cjs"):
        shutil.copy(CONSOLE / name, copy / name)
    (copy / "src" / "console").mkdir(parents=True)
    (copy / "node_modules").symlink_to(CONSOLE / "node_modules")
    spec = importlib.util.spec_from_file_location("pages_of_a_copy", copy / "pages.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    sys.modules.pop("pages_of_a_copy", None)


def test_pages_are_built_once_and_again_where_a_source_changes(pages: ModuleType) -> None:
    pages.build()
    page = pages.PAGES / "index.html"
    first, made = page.read_text(), page.stat().st_mtime_ns
    assert '<meta name="csp-nonce" content=""' in first
    assert not pages.NOTE.exists()
    pages.build()
    assert page.stat().st_mtime_ns == made
    source = pages.HERE / "web" / "ui" / "EmptyState.tsx"
    source.write_text(source.read_text().replace("fw={600}", "fw={700}"))
    pages.build()
    assert page.stat().st_mtime_ns != made


def test_nothing_of_a_page_is_inline_and_texts_are_compressed_beside(pages: ModuleType) -> None:
    pages.build()
    text = (pages.PAGES / "index.html").read_text()
    assert "<style" not in text
    assert "style=" not in text
    assert text.count("<script") == text.count('<script type="module" crossorigin src="/assets/')
    for path in (pages.PAGES / "assets").glob("*.js"):
        assert gzip.decompress(path.with_name(path.name + ".gz").read_bytes()) == path.read_bytes()


def test_pages_that_cannot_be_built_leave_the_old_ones_and_say_why(pages: ModuleType) -> None:
    pages.build()
    before = (pages.PAGES / "index.html").read_text()
    source = pages.HERE / "web" / "main.tsx"
    whole = source.read_text()
    source.write_text(whole + "\nthis is no TypeScript;")
    with pytest.raises(pages.BuildFailed, match=r"vite\.js build"):
        pages.build()
    assert "could not be built" in pages.NOTE.read_text()
    assert (pages.PAGES / "index.html").read_text() == before
    source.write_text(whole)
    pages.build()
    assert not pages.NOTE.exists()


def test_an_unknown_command_says_which_there_are(pages: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert pages.main(["biuld"]) == 2
    assert "build|check|test" in capsys.readouterr().err
