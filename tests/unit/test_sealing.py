"""Sealing: what is damaged, moved or another key's is told as such; what two texts have in common needs the key."""

import base64
import hashlib
import itertools
import threading
from pathlib import Path

import pytest

from shared.encryption import MasterKeyError, Sealer, master_key_from, new_master_key, write_private

PLACE = "secret/key"
SEALER = Sealer(master_key_from(new_master_key()))
SEALED = SEALER.seal("opens everything", bound_to=PLACE)
HEAD = f"v2:{SEALER.key_id}:"
WITHOUT_KEY_ID = "v1:NTRjzX0kaf93MQcH-VE1TAQ9G7rlyXd6P4KtTyRzBRs7dURho9pmLsk85Xk="
"""The same text, as the key of the bytes 0 to 31 sealed it before sealed texts carried the id of their key."""


def test_a_sealed_text_opens_at_its_place() -> None:
    assert SEALER.open(SEALED, bound_to=PLACE) == "opens everything"
    assert SEALER.opens(SEALED, bound_to=PLACE)


def test_sealed_bytes_open_at_their_place_under_their_key_alone() -> None:
    data = b"\x00\xff" * 40
    sealed = SEALER.seal_bytes(data, bound_to=PLACE)
    other = Sealer(master_key_from(new_master_key()))
    assert SEALER.open_bytes(sealed, bound_to=PLACE) == data
    for damaged in (b"", b"v2:", sealed[:-1], sealed[:30], b"v1" + sealed[2:], b"\xff" + sealed[1:]):
        with pytest.raises(MasterKeyError, match=PLACE):
            SEALER.open_bytes(damaged, bound_to=PLACE)
    with pytest.raises(MasterKeyError, match="secret/other"):
        SEALER.open_bytes(sealed, bound_to="secret/other")
    with pytest.raises(MasterKeyError, match=f"needs the master key {SEALER.key_id}"):
        other.open_bytes(sealed, bound_to=PLACE)


@pytest.mark.parametrize(
    "damaged",
    [
        "",
        "v1",
        "v1:",
        "v1:A",
        "v1:!!!!",
        "v1:ünïcödé",
        "v1:" + SEALED.removeprefix(HEAD),
        "v2",
        "v2::",
        "v2:" + SEALED.removeprefix(HEAD),
        "v3" + SEALED[2:],
        SEALED[3:],
        SEALED[:10],
        SEALED[: len(HEAD)],
        SEALED[: len(HEAD) + 20],
        SEALED[:-4],
        SEALED[:-1],
        HEAD + "!!!!",
        HEAD + "ünïcödé",
        HEAD + "\n" + SEALED.removeprefix(HEAD),
        SEALED[:30] + ("A" if SEALED[30] != "A" else "B") + SEALED[31:],
        "v1:" + base64.urlsafe_b64encode(bytes(28)).decode(),
        HEAD + base64.urlsafe_b64encode(bytes(28)).decode(),
    ],
    ids=itertools.count(),  # a text that is new each time names no test
)
def test_what_is_damaged_is_told_and_named_without_being_shown(damaged: str) -> None:
    with pytest.raises(MasterKeyError, match=PLACE) as error:
        SEALER.open(damaged, bound_to=PLACE)
    assert SEALED[len(HEAD) : len(HEAD) + 6] not in str(error.value)
    assert not SEALER.opens(damaged, bound_to=PLACE)


def test_another_key_and_another_place_open_nothing() -> None:
    assert not Sealer(master_key_from(new_master_key())).opens(SEALED, bound_to=PLACE)
    assert not SEALER.opens(SEALED, bound_to="secret/other")


def test_a_text_that_another_key_sealed_says_which_key_is_missing() -> None:
    other = Sealer(master_key_from(new_master_key()))
    assert other.key_id != SEALER.key_id
    with pytest.raises(MasterKeyError, match=f"needs the master key {SEALER.key_id}, and .* has {other.key_id}"):
        other.open(SEALED, bound_to=PLACE)


def test_a_text_that_was_sealed_without_the_id_of_its_key_still_opens() -> None:
    assert Sealer(bytes(range(32))).open(WITHOUT_KEY_ID, bound_to=PLACE) == "opens everything"
    with pytest.raises(MasterKeyError, match="sealed with another master key"):
        SEALER.open(WITHOUT_KEY_ID, bound_to=PLACE)


def test_a_key_is_named_alike_in_every_process_and_by_nothing_of_itself() -> None:
    key = bytes(range(32))
    assert Sealer(key).key_id == Sealer(key).key_id != Sealer(key[::-1]).key_id
    assert Sealer(key).key_id not in key.hex()


def test_a_digest_cannot_be_tried_without_the_master_key() -> None:
    other = Sealer(master_key_from(new_master_key()))
    assert SEALER.digest("1234") == SEALER.digest("1234") != SEALER.digest("1235")
    assert len({SEALER.digest("1234"), other.digest("1234"), hashlib.sha256(b"1234").hexdigest()}) == 3


def test_of_many_who_write_a_private_file_one_does_and_everybody_reads_it_whole(tmp_path: Path) -> None:
    path, texts = tmp_path / "token", [f"token-{number}" * 1_000 for number in range(8)]
    written, read = [], []

    def write(text: str) -> None:
        try:
            write_private(path, text)
            written.append(text)
        except FileExistsError:
            pass
        read.append(path.read_text().strip())

    threads = [threading.Thread(target=write, args=[text]) for text in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(read) == set(written)
    assert len(written) == 1
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


SEALED_BYTES = SEALER.seal_bytes(b"a\x00:b", bound_to=PLACE)


def test_sealed_bytes_open_at_their_place_with_their_key_and_not_where_they_are_damaged() -> None:
    assert SEALER.open_bytes(SEALED_BYTES, bound_to=PLACE) == b"a\x00:b"
    assert b"a\x00:b" not in SEALED_BYTES
    other = Sealer(master_key_from(new_master_key()))
    with pytest.raises(MasterKeyError, match=f"needs the master key {SEALER.key_id}"):
        other.open_bytes(SEALED_BYTES, bound_to=PLACE)
    for damaged in (
        b"",
        b"v2:",
        b"v3" + SEALED_BYTES[2:],
        SEALED_BYTES[:40],
        SEALED_BYTES[:-1],
        b"\xff:" + SEALED_BYTES,
    ):
        with pytest.raises(MasterKeyError, match=f"cannot open {PLACE}"):
            SEALER.open_bytes(damaged, bound_to=PLACE)
    with pytest.raises(MasterKeyError, match="cannot open elsewhere"):
        SEALER.open_bytes(SEALED_BYTES, bound_to="elsewhere")
