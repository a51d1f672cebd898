"""Settings: what is not given is as usual, what cannot be is told."""

from pathlib import Path

import pytest

from shared.settings import Settings, SettingsError, load_settings, misspelt


@pytest.mark.parametrize(
    ("given", "pools"), [("", ["default"]), ("edge", ["edge"]), ("edge, core", ["edge", "core"]), ("a b", ["a", "b"])]
)
def test_pools_are_words_and_nothing_is_the_default(given: str, pools: list[str]) -> None:
    assert load_settings({"OPSIMATE_POOLS": given}, listen="127.0.0.1:0").pools == pools


@pytest.mark.parametrize("given", [",", " ", "Not/A/Name"])
def test_pools_without_a_name_are_told(given: str) -> None:
    with pytest.raises(SettingsError, match="OPSIMATE_POOLS"):
        load_settings({"OPSIMATE_POOLS": given}, listen="127.0.0.1:0")


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("OPSIMATE_CONCURENCY", "CONCURRENCY"),
        ("OPSIMATE_ALLOWLOCAL", "ALLOW_LOCAL"),
        ("OPSIMATE_MASTERKEY_FILE", "MASTER_KEY_FILE"),
        ("OPSIMATE_STORE_URLS", "STORE_URL"),
    ],
)
def test_a_name_that_is_nearly_a_setting_is_told(name: str, meant: str) -> None:
    assert misspelt({name: "5"}) == [f"{name} is not a setting; did you mean OPSIMATE_{meant}?"]


def test_a_misspelt_name_in_the_file_is_told_too(tmp_path: Path) -> None:
    file = tmp_path / "settings"
    file.write_text("OPSIMATE_LOG_LEVELS=debug\n")
    assert misspelt({"OPSIMATE_CONFIG": str(file)}) == [
        "OPSIMATE_LOG_LEVELS is not a setting; did you mean OPSIMATE_LOG_LEVEL?"
    ]


def test_names_that_somebody_reads_or_that_are_like_none_are_left_alone() -> None:
    settings = {f"OPSIMATE_{field.upper()}": "" for field in Settings.model_fields}
    others = ["OPSIMATE_URL", "OPSIMATE_TOKEN", "OPSIMATE_TOKEN_FILE", "OPSIMATE_PORT", "OPSIMATE_BUS_URL_FILE"]
    commands_own = ["OPSIMATE_RUN_ID", "OPSIMATE_ACTION", "OPSIMATE_STEP", "OPSIMATE_ATTEMPT", "OPSIMATE_PARAM_HOST"]
    assert misspelt({**settings, **dict.fromkeys([*others, *commands_own, "HOME"], "x")}) == []
