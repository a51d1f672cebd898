"""Settings: what is not given is as usual, what cannot be is told."""

import pytest

from shared.settings import SettingsError, load_settings


@pytest.mark.parametrize(
    ("given", "pools"), [("", ["default"]), ("edge", ["edge"]), ("edge, core", ["edge", "core"]), ("a b", ["a", "b"])]
)
def test_pools_are_words_and_nothing_is_the_default(given: str, pools: list[str]) -> None:
    assert load_settings({"OPSIMATE_POOLS": given}, listen="127.0.0.1:0").pools == pools


@pytest.mark.parametrize("given", [",", " ", "Not/A/Name"])
def test_pools_without_a_name_are_told(given: str) -> None:
    with pytest.raises(SettingsError, match="OPSIMATE_POOLS"):
        load_settings({"OPSIMATE_POOLS": given}, listen="127.0.0.1:0")
