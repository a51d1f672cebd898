"""Several sets of files, of which each prunes what it made and nothing else."""

from pathlib import Path

import pytest

from tests.integration.test_as_code import PROVIDER, SECRET, TIDY, Desk, desk

__all__ = ["desk"]

KEPT = "kind: secret\nname: key\nvalue: {stored: true}\n"


def secret(name: str, value: str = "opens everything") -> str:
    return f"kind: secret\nname: {name}\nvalue: {value}\n"


async def sets_of(desk: Desk, kinds: str = "secrets") -> dict[str, str]:
    """By name, the set of files that made each."""
    return {item["name"]: item.get("file_set", "") for item in (await desk.catalog.get(kinds)).json()["items"]}


@pytest.fixture
def folders(desk: Desk) -> tuple[Path, Path]:
    return desk.files / "one", desk.files / "two"


def write(folder: Path, **texts: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.yaml").write_text(text)


async def applied(desk: Desk, where: Path, name: str, *options: str) -> str:
    done = await desk.typed("apply", "-f", str(where), "--file-set", name, *options)
    assert done.exit_code == 0, done.stderr
    return done.stdout


async def test_what_moved_to_other_files_stays_once_these_have_adopted_it(
    desk: Desk, folders: tuple[Path, Path]
) -> None:
    one, two = folders
    write(one, key=SECRET, spare=secret("spare"))
    await applied(desk, one, "one")
    two.mkdir()
    (one / "key.yaml").rename(two / "key.yaml")
    assert await applied(desk, two, "two") == "= secret key unchanged (made by the file set one)\n"
    assert await applied(desk, two, "two", "--adopt") == "~ secret key changed (adopted from the file set one)\n"
    assert await applied(desk, one, "one", "--prune") == "= secret spare unchanged\n"
    assert await sets_of(desk) == {"key": "two", "spare": "one"}


async def test_a_secret_whose_value_is_kept_can_be_adopted_and_keeps_it(desk: Desk, folders: tuple[Path, Path]) -> None:
    one, two = folders
    write(one, key=SECRET, spare=secret("spare"))
    await applied(desk, one, "one")
    (one / "key.yaml").unlink()
    write(two, key=KEPT, use=PROVIDER)
    assert "~ secret key changed (adopted from the file set one)\n" in await applied(desk, two, "two", "--adopt")
    await applied(desk, one, "one", "--prune")
    assert await sets_of(desk) == {"key": "two", "spare": "one"}
    write(two, key=SECRET)
    assert "= secret key unchanged\n" in await applied(desk, two, "two"), "the value is another one"
    write(two, key=KEPT + "description: Opens everything\n")
    await applied(desk, two, "two")
    assert (await desk.catalog.get("secrets/key")).json()["description"] == "Opens everything"
    write(two, key=SECRET + "description: Opens everything\n")
    assert "= secret key unchanged\n" in await applied(desk, two, "two"), "the value is another one"


async def test_a_value_to_be_kept_is_refused_by_the_api_where_none_is_stored(desk: Desk) -> None:
    body = {"name": "key", "value": {"stored": True}}
    for answer in (await desk.catalog.put("secrets/key", body), await desk.catalog.post("secrets", body)):
        (error,) = answer.json()["errors"]
        assert (answer.status_code, error["field"]) == (422, "value")
        assert error["message"].startswith("is not stored yet: ")
    body["value"] = {"stored": False}
    (error,) = (await desk.catalog.put("secrets/key", body)).json()["errors"]
    assert error == {"field": "value", "message": "has to be a text"}


async def test_two_sets_in_one_folder_prune_each_its_own(desk: Desk) -> None:
    desk.write(a=secret("a") + "---\n" + secret("a2"), b=secret("b") + "---\n" + secret("b2"))
    for name in "ab":
        await applied(desk, desk.files / f"{name}.yaml", name)
    desk.write(a=secret("a"), b=secret("b"))
    done = await applied(desk, desk.files / "a.yaml", "a", "--prune")
    assert done == "= secret a unchanged\n- secret a2 deleted\n"
    assert await sets_of(desk) == {"a": "a", "b": "b", "b2": "b"}
    # The folder as a whole is a third set, to which nothing of these belongs.
    whole = await desk.typed("apply", "-f", str(desk.files), "--prune")
    assert "- " not in whole.stdout
    assert await sets_of(desk) == {"a": "a", "b": "b", "b2": "b"}


async def test_one_name_in_two_sets_is_of_the_one_that_made_it_and_told_to_the_other(
    desk: Desk, folders: tuple[Path, Path]
) -> None:
    one, two = folders
    write(one, key=SECRET, use=PROVIDER, tidy=TIDY, spare=secret("spare"))
    await applied(desk, one, "one")
    write(two, tidy=TIDY.replace("90s", "80s"), spare=secret("spare-2"))
    changed = await applied(desk, two, "two")
    assert "~ action tidy changed (made by the file set one)\n" in changed
    (two / "tidy.yaml").unlink()
    assert "- " not in await applied(desk, two, "two", "--prune"), "it made nothing of that name"
    assert await sets_of(desk, "actions") == {"tidy": "one"}


async def test_sets_whose_names_are_alike_are_others(desk: Desk, folders: tuple[Path, Path]) -> None:
    one, two = folders
    write(one, a=secret("a"))
    write(two, b=secret("b"))
    names = ("shop", "shop ", "Shop", "sho", "shop/", "shöp")
    await applied(desk, one, "shop")
    for name in names[1:]:
        await applied(desk, two, name, "--prune")
    assert await sets_of(desk) == {"a": "shop", "b": "shop "}


async def test_what_was_pruned_and_made_anew_by_others_is_theirs(desk: Desk, folders: tuple[Path, Path]) -> None:
    one, two = folders
    write(one, a=secret("a"), b=secret("b"))
    write(two, a=secret("a"))
    await applied(desk, one, "one")
    (one / "a.yaml").unlink()
    await applied(desk, one, "one", "--prune")
    await applied(desk, two, "two")
    await applied(desk, one, "one", "--prune")
    assert await sets_of(desk) == {"a": "two", "b": "one"}
