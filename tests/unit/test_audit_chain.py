"""The audit's chain, entry by entry: what is taken, and what every change of it is told as."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scheduler.handlers.audit import facts_of
from shared.audit import ChainCheck, chained, entry_hash
from shared.contracts.audit import GENESIS, AuditFact, AuditHead
from shared.contracts.run import Control
from tests.builders import NOON, a_run, an_action
from tests.unit.test_cli_arguments import typed

Entries = list[dict[str, Any]]


def a_chain(length: int = 5) -> Entries:
    facts = [
        AuditFact(
            source=f"run/{number}", kind="run.requested", of="run", at=NOON, by="ada", name="restart", note="ä\n "
        )
        for number in range(1, length + 1)
    ]
    return chained(AuditHead(), facts, "2026-01-31T12:00:01.000Z")


def broken(entries: Entries, *, expected: AuditHead | None = None, stored: AuditHead | None = None) -> tuple[int, str]:
    check = ChainCheck(expected)
    found = next(filter(None, map(check.take, entries)), None) or check.end(stored)
    return (0, "") if found is None else (found.number, found.meaning)


def head_of(entries: Entries) -> AuditHead:
    return AuditHead(number=entries[-1]["number"], hash=entries[-1]["hash"])


def test_a_hash_is_that_of_the_documented_form_of_an_entry() -> None:
    first, second, *_ = a_chain()
    assert (first["previous"], second["previous"]) == (GENESIS, first["hash"])
    text = (
        '{"at":"2026-01-31T12:00:00.000Z","by":"ada","details":{},"entered_at":"2026-01-31T12:00:01.000Z",'
        f'"id":"000000000001","kind":"run.requested","name":"restart","note":"ä\\n ",'
        f'"number":1,"of":"run","previous":"{GENESIS}","source":"run/1"}}'
    )
    assert first["hash"] == hashlib.sha256(text.encode()).hexdigest()
    assert entry_hash({**first, "version": 7}) == first["hash"]


def test_a_chain_as_it_was_written_holds_also_after_a_journey_as_json() -> None:
    entries = [json.loads(json.dumps(entry)) for entry in a_chain()]
    head = head_of(entries)
    assert broken(entries, stored=head, expected=AuditHead(number=3, hash=entries[2]["hash"])) == (0, "")
    assert broken([]) == (0, "")


def changed(entries: Entries) -> None:
    entries[2]["by"] = "bob"


def changed_and_hashed_anew(entries: Entries) -> None:
    entries[2]["by"] = "bob"
    entries[2]["hash"] = entry_hash(entries[2])


def removed_within(entries: Entries) -> None:
    del entries[2]


def removed_at_the_beginning(entries: Entries) -> None:
    del entries[:2]


def removed_at_the_end(entries: Entries) -> None:
    del entries[3:]


def put_between(entries: Entries) -> None:
    entries.insert(2, {**entries[2], "by": "bob"})


def swapped(entries: Entries) -> None:
    entries[1], entries[2] = entries[2], entries[1]


def the_last_one_written_anew(entries: Entries) -> None:
    entries[4]["by"] = "bob"
    entries[4]["hash"] = entry_hash(entries[4])


@pytest.mark.parametrize(
    ("change", "number", "meaning"),
    [
        (changed, 3, "somebody changed it after it was written"),
        (changed_and_hashed_anew, 4, "one of them was written anew"),
        (removed_within, 3, "number 4 comes next"),
        (removed_at_the_beginning, 1, "number 3 comes first: the entries before were removed, or left out"),
        (removed_at_the_end, 4, "the last ones were removed"),
        (put_between, 3, "somebody changed it after it was written"),
        (swapped, 2, "number 3 comes next"),
        (the_last_one_written_anew, 5, "does not have the hash that the store keeps of it"),
    ],
)
def test_whatever_is_changed_is_found_where_it_was(
    change: Callable[[Entries], None], number: int, meaning: str
) -> None:
    entries = a_chain()
    head = head_of(entries)
    change(entries)
    found = broken(entries, stored=head)
    assert found[0] == number
    assert meaning in found[1]


def test_a_chain_that_is_written_anew_as_a_whole_is_found_by_a_hash_that_was_kept() -> None:
    kept = head_of(a_chain()[:3])
    other = [AuditFact(source=f"{number}", kind="k", of="run", at=NOON, by="bob", name="x") for number in range(5)]
    anew = chained(AuditHead(), other, "2026-01-31T12:00:01.000Z")
    assert broken(anew, stored=head_of(anew)) == (0, "")
    number, meaning = broken(anew, stored=head_of(anew), expected=kept)
    assert (number, "the chain was written anew up to here" in meaning) == (3, True)
    assert broken(anew[:2], expected=kept)[0] == 3


@pytest.mark.parametrize("text", [b"\xff\xfe\n", b"[" * 100_000, b"\n", b"[]", b"{", "\ufeff{}".encode("utf-16")])
def test_a_file_that_is_no_export_is_called_that(tmp_path: Path, text: bytes) -> None:
    file = tmp_path / "audit.jsonl"
    file.write_bytes(text)
    status, told = typed("audit", "verify", str(file))
    assert (status, "this is no export of the audit" in told) == (1, True), told


@pytest.mark.parametrize(("number", "holds"), [("0", True), ("-1", False), ("1", True)])
def test_a_place_in_the_chain_that_no_entry_can_have_is_refused(tmp_path: Path, number: str, holds: bool) -> None:
    file = tmp_path / "audit.jsonl"
    first = a_chain()[0]
    file.write_text(json.dumps(first))
    hash_ = first["hash"] if number == "1" else "0" * 64
    assert typed("audit", "verify", str(file), "--expect", f"{number}:{hash_}")[0] == (0 if holds else 2)
    assert typed("audit", "verify", str(file), "--expect", f"{number}:{'a' * 64}")[0] == (1 if number == "1" else 2)


def test_an_entry_of_a_run_holds_no_secret_and_nothing_long_and_whatever_a_control_says() -> None:
    run = a_run(an_action(), parameters={"key": {"sealed": "ciphertext"}, "stored": {"secret": "db"}, "x": 0.1, "n": 3})
    run.parameters["long"] = "x" * 10_000
    run.controls = [Control(kind="pause", by="ada", principal_id="UID", at=NOON, comment="wait")]
    document = run.model_dump(mode="json", exclude_none=True)
    document["controls"].append({"kind": "approve", "by": "bob", "at": "2026-01-31T12:00:00.000Z", "digest": "d1"})
    asked, paused, approved = facts_of(document)
    parameters = asked.details["parameters"]
    assert isinstance(parameters, dict)
    assert len(str(parameters.pop("long"))) < 600
    assert parameters == {"key": {"secret": True}, "stored": {"secret": "db"}, "x": "0.1", "n": 3}
    assert (asked.source, asked.kind, asked.run_id) == (f"run/{run.id}", "run.requested", run.id)
    assert (paused.kind, paused.by, paused.principal_id, paused.note) == ("run.pause", "ada", "UID", "wait")
    assert (approved.source, approved.kind, approved.details) == (f"run/{run.id}/2", "run.approve", {"digest": "d1"})
