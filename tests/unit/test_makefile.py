"""Promise: an interrupted set-up is begun anew, and a whole one is left alone."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SERVICES = ("console", "catalog", "scheduler", "executor", "alert-bridge")
OWN = ("shared", *(f"services/{service}" for service in SERVICES), ".")
FAKE_PYTHON = """#!/bin/sh
test "$1" = -c && exit 0
mkdir -p "$3/bin"
echo made >> made
echo "{pip}" > "$3/bin/pip"
chmod +x "$3/bin/pip"
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in ("requirements.lock", "requirements-dev.lock", *(f"{folder}/pyproject.toml" for folder in OWN)):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    return tmp_path


def make(project: Path, target: str, *, pip: str = "true") -> int:
    python = project / "python"
    python.write_text(FAKE_PYTHON.format(pip=pip))
    python.chmod(0o755)
    given = ["make", target, f"PYTHON={python}"]
    return subprocess.run(given, cwd=project, capture_output=True, check=False).returncode


def times_made(project: Path) -> int:
    return len((project / "made").read_text().splitlines())


def test_a_set_up_that_was_interrupted_while_the_environment_was_made_is_begun_anew(project: Path) -> None:
    (project / ".venv/bin").mkdir(parents=True)
    (project / ".venv/bin/python").touch()
    (project / ".venv/half").touch()
    assert make(project, "setup") == 0
    assert not (project / ".venv/half").exists()


@pytest.mark.parametrize("target", ["setup", "setup-dev"])
def test_a_set_up_that_was_interrupted_while_packages_were_installed_is_begun_anew(project: Path, target: str) -> None:
    assert make(project, target, pip="kill -INT \\$PPID; exit 1") != 0
    assert make(project, target) == 0
    assert times_made(project) == 2


def test_an_update_that_was_interrupted_is_begun_anew(project: Path) -> None:
    assert make(project, "setup") == 0
    (project / ".venv/bin/pip").write_text("#!/bin/sh\nexit 1\n")
    (project / "requirements-dev.lock").write_text("another\n")
    assert make(project, "setup-dev") != 0
    assert make(project, "setup-dev") == 0
    assert times_made(project) == 2


def test_what_is_set_up_is_left_alone(project: Path) -> None:
    assert make(project, "setup-dev") == 0
    assert make(project, "setup-dev") == 0
    assert make(project, "setup") == 0
    assert times_made(project) == 1
