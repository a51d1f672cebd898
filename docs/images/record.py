"""Draws docs/images/run.svg from a real run: starts the product, follows a run in a terminal, draws what it showed.

.venv/bin/python docs/images/record.py
"""

import os
import pty
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests.product import embedded  # noqa: E402 - the harness of the tests lies beside us

WIDTH = 112
COMMANDS = (
    "opsimate apply -f examples/hello.yaml",
    "opsimate run hello -p host=here -p who=Ada --follow",
    "opsimate runs show {last}",
)


def main() -> None:
    """Run the commands and draw their output."""
    product = embedded()
    product.start()
    product.put("providers", {"name": "here", "connection": {"local": {}}})
    try:
        console = Console(record=True, width=WIDTH, file=open(os.devnull, "w"), force_terminal=True)  # noqa: SIM115, PTH123
        for command in COMMANDS:
            typed = command.format(last=_last(product.http.get("/api/v1/runs").json()["items"]))
            console.print(Text("$ ", style="bold green") + Text(typed, style="bold"))
            console.print(Text.from_ansi(_shown(typed, product.url, product.token)))
    finally:
        product.discard()
    svg = console.export_svg(title="OpsiMate Actions")
    # The picture must not fetch a font from anywhere: whatever is monospaced will do.
    plain = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    (ROOT / "docs/images/run.svg").write_text(plain)


def _last(runs: list[dict[str, str]]) -> str:
    return runs[0]["id"] if runs else ""


def _shown(command: str, url: str, token: str) -> str:
    """What the command writes to a terminal of this width, as it stands there in the end."""
    home = tempfile.mkdtemp()
    kept = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "TERM": "xterm-256color", "HOME": home}
    environment = {**kept, "OPSIMATE_URL": url, "OPSIMATE_TOKEN": token, "COLUMNS": str(WIDTH), "LINES": "50"}
    ours, theirs = pty.openpty()
    process = subprocess.Popen(command.split(), cwd=ROOT, env=environment, stdout=theirs, stderr=theirs)
    os.close(theirs)
    written = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # the other end is closed
            break
        written += piece
    process.wait()
    return _standing(written.decode(errors="replace"))


def _standing(written: str) -> str:
    """The lines that are left, once a bar that was drawn again and again has been taken away."""
    lines: list[str] = []
    for line in written.replace("\r\n", "\n").split("\n"):
        rewritten = line.count("\x1b[1A") + line.count("\x1b[A")
        if rewritten:
            lines = lines[: len(lines) - rewritten]
        lines.append(line.split("\x1b[2K")[-1].replace("\r", ""))
    return "\n".join(lines).rstrip("\n") + "\n"


if __name__ == "__main__":
    main()
