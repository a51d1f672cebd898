"""Settings: what is not given is as usual, what cannot be is told."""

import os
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
    commands_own = ["OPSIMATE_RUN_ID", "OPSIMATE_ACTION", "OPSIMATE_STEP", "OPSIMATE_PROVIDER", "OPSIMATE_PARAM_X"]
    assert misspelt({**settings, **dict.fromkeys([*others, *commands_own, "HOME"], "x")}) == []


SECRET = "hunter2-that-nobody-may-see"
ADDRESSES = [
    ("BUS_URL", f"amqp://opsimate:{SECRET}@rabbitmq:99999/"),
    ("BUS_URL", f"amqp://opsimate:{SECRET}/x@rabbitmq/"),
    ("BUS_URL", f"amqp://opsimate:12#{SECRET}@rabbitmq/"),
    ("BUS_URL", f"amqp://opsimate:{SECRET}@[::1/"),
    ("BUS_URL", f"amqp://opsimate:{SECRET}@:5672/"),
    ("BUS_URL", f"opsimate:{SECRET}@rabbitmq"),
    ("STORE_URL", f"mongodb://opsimate:12/{SECRET}@mongo/"),
    ("STORE_URL", f"mongodb://opsimate:{SECRET}?@mongo/"),
    ("STORE_URL", f"postgres://opsimate:{SECRET}@db/"),
    ("STORE_URL", SECRET),
]


@pytest.mark.parametrize(("name", "value"), ADDRESSES)
def test_an_error_about_an_address_names_the_setting_and_shows_nothing_of_it(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"OPSIMATE_{name}") as refusal:
        load_settings({f"OPSIMATE_{name}": value}, listen="127.0.0.1:0")
    assert SECRET not in str(refusal.value)


@pytest.mark.parametrize("name", sorted(field.upper() for field in Settings.model_fields))
def test_an_error_about_a_setting_shows_nothing_of_a_key_that_was_put_there_by_mistake(name: str) -> None:
    try:
        load_settings({f"OPSIMATE_{name}": f"{SECRET} /"}, listen="127.0.0.1:0").sealer()
    except SettingsError as error:
        assert SECRET not in str(error)  # noqa: PT017 - some of them take any text


@pytest.mark.parametrize("name", ["CONFIG", "STORE_URL_FILE", "BUS_URL_FILE", "MASTER_KEY_FILE"])
def test_a_key_in_the_place_of_its_files_path_is_not_shown(name: str) -> None:
    with pytest.raises(SettingsError, match=f"OPSIMATE_{name}") as refusal:
        load_settings({f"OPSIMATE_{name}": SECRET}, listen="127.0.0.1:0").sealer()
    assert SECRET not in str(refusal.value)


@pytest.mark.parametrize("name", ["CONFIG", "STORE_URL_FILE", "BUS_URL_FILE", "MASTER_KEY_FILE"])
def test_a_file_without_an_end_is_refused_and_not_read(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / "pipe")  # to open it would wait for somebody who writes
    (tmp_path / "large").write_bytes(b"#" * 1_100_000)
    for file in ("/dev/full", tmp_path / "pipe", tmp_path / "large", tmp_path):
        with pytest.raises(SettingsError, match=f"OPSIMATE_{name}: the file {file} .*(regular file|larger than)"):
            load_settings({f"OPSIMATE_{name}": str(file)}, listen="127.0.0.1:0").sealer()


def test_a_file_of_settings_may_be_one_that_a_shell_reads(tmp_path: Path) -> None:
    file = tmp_path / "settings"
    file.write_text("# for a shell\nexport OPSIMATE_LOG_LEVEL=debug\n\n export  OPSIMATE_POOLS='edge core'\n")
    settings = load_settings({"OPSIMATE_CONFIG": str(file)}, listen="127.0.0.1:0")
    assert (settings.log_level, settings.pools) == ("debug", ["edge", "core"])


@pytest.mark.parametrize(
    "line", [f"set OPSIMATE_MASTER_KEY={SECRET}", f"OPSIMATE_MASTER_KEY: {SECRET}", SECRET, f"{SECRET}=", "=" + SECRET]
)
def test_a_line_of_a_file_that_is_no_setting_is_named_by_its_number_and_not_shown(tmp_path: Path, line: str) -> None:
    file = tmp_path / "settings"
    file.write_text(f"OPSIMATE_LOG_LEVEL=debug\n{line}\n")
    with pytest.raises(SettingsError, match=f"{file}, line 2") as refusal:
        load_settings({"OPSIMATE_CONFIG": str(file)}, listen="127.0.0.1:0")
    assert SECRET not in str(refusal.value)


def test_addresses_as_people_write_them_are_taken() -> None:
    for name, value in (
        ("STORE_URL", "mongodb://u:p%40%2F@h1:27017,h2:27018/opsimate?authSource=admin&replicaSet=rs0"),
        ("STORE_URL", "mongodb+srv://cluster.example.org/"),
        ("STORE_URL", "sqlite:/srv/op@home/opsimate.db"),
        ("BUS_URL", "amqps://u:p%40@[::1]:5671/vhost%2Fx?heartbeat=10"),
        ("BUS_URL", "amqp://rabbitmq"),
    ):
        assert getattr(load_settings({f"OPSIMATE_{name}": value}, listen="127.0.0.1:0"), name.lower()) == value


def test_where_people_reach_the_console_is_an_address_that_a_browser_opens() -> None:
    taken = {
        "https://opsimate.example": "https://opsimate.example",
        "http://10.0.0.1:8080/ops/": "http://10.0.0.1:8080/ops",
    }
    for given, kept in taken.items():
        assert load_settings({"OPSIMATE_PUBLIC_URL": given}, listen="127.0.0.1:0").public_url == kept
    assert load_settings({}, listen="127.0.0.1:0").public_url is None
    for wrong in (
        "opsimate.example",
        "ftp://a",
        "https://u:p@a",
        "https://a/?x",
        "https://a/#x",
        "https://a:0",
        "http:// a",
    ):
        with pytest.raises(SettingsError, match="OPSIMATE_PUBLIC_URL") as refused:
            load_settings({"OPSIMATE_PUBLIC_URL": wrong}, listen="127.0.0.1:0")
        assert wrong not in str(refused.value)


def test_how_long_notifications_are_kept() -> None:
    kept = [
        load_settings({"OPSIMATE_KEEP_NOTIFICATIONS": given}, listen="127.0.0.1:0").keep_notifications
        for given in ("", "2d", "forever")
    ]
    assert kept == [30 * 86_400.0, 2 * 86_400.0, None]
