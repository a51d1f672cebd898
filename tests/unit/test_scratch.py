import os
import tempfile
from pathlib import Path

import pytest

from tests import scratch


@pytest.fixture(autouse=True)
def as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TMPDIR", raising=False)
    monkeypatch.setattr(tempfile, "tempdir", None)


def test_temporary_files_are_made_in_a_roomy_folder_until_they_are_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scratch, "_MEMORY", tmp_path)
    monkeypatch.setattr(scratch, "_ROOM", 1)
    monkeypatch.setattr(scratch, "_RESTRICTIONS", 0)
    remove = scratch.use_memory()
    made = Path(tempfile.mkdtemp())
    assert (made.parent.parent, os.environ["TMPDIR"]) == (tmp_path, str(made.parent))
    remove()
    assert not list(tmp_path.iterdir())
    assert not Path(tempfile.gettempdir()).is_relative_to(tmp_path)


def test_who_names_a_folder_for_temporary_files_has_them_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    scratch.use_memory()()
    assert (os.environ["TMPDIR"], tempfile.gettempdir()) == (str(tmp_path), str(tmp_path))


def test_a_folder_that_is_missing_small_or_restricted_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not scratch.is_roomy(tmp_path / "missing")
    monkeypatch.setattr(scratch, "_ROOM", 1 << 80)
    assert not scratch.is_roomy(tmp_path)
    monkeypatch.setattr(scratch, "_ROOM", 0)
    assert scratch.is_roomy(tmp_path)
    found = os.statvfs(tmp_path)
    restricted = os.statvfs_result([*found[:8], found.f_flag | os.ST_NOSUID, *found[9:]])
    monkeypatch.setattr(os, "statvfs", lambda _: restricted)
    assert not scratch.is_roomy(tmp_path)
