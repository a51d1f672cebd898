"""What a copy of a definition is called."""

import pytest

from opsimate.cli.editing import title_of_copy
from shared.contracts.values import LONGEST_TITLE


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Restart", "Restart: new"),
        ("Restart: old", "Restart: new"),
        ("Restart: older", "Restart: older: new"),
        ("x" * LONGEST_TITLE, "x" * (LONGEST_TITLE - 5) + ": new"),
    ],
)
def test_a_copy_says_its_own_name_in_its_title(title: str, expected: str) -> None:
    assert title_of_copy(title, "old", "new") == expected
