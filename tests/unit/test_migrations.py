"""What earlier releases stored, document by document, as this release has it."""

from collections import defaultdict
from typing import Any

import pytest

from shared.contracts.attempt import Attempt, OutputChunk, attempt_id, chunk_id
from shared.contracts.run import Run
from shared.migration import MigrationStep
from shared.migrations import MIGRATIONS
from shared.store.port import Document
from tests.earlier_releases import documents

STEPS: list[MigrationStep] = [step for migration in MIGRATIONS for step in migration.steps]


def moved() -> dict[str, list[Document]]:
    """The store of the first release once it was moved, by collection, as the migrator does it."""
    store: dict[str, list[Document]] = defaultdict(list)
    for name, document in documents(under_way=False):
        store[name].append(document)
    for step in STEPS:
        for document in store.pop(step.collection.name, []):
            for collection, placed in step.change(document):
                store[collection.name].append(placed)
    return store


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.collection.name)
def test_a_step_leaves_what_it_has_made_as_it_is(step: MigrationStep) -> None:
    for document in moved()[step.collection.name]:
        assert list(step.change(document)) == [(step.collection, document)]


def test_attempts_and_their_output_get_an_invocation_in_their_ids() -> None:
    store = moved()
    attempts = {document["id"]: Attempt.model_validate(document) for document in store["attempts"]}
    for id_, attempt in attempts.items():
        assert id_ == attempt_id(attempt.run_id, attempt.step_index, 0, attempt.number)
        assert attempt.invocation == 0
        assert set(attempt.earlier_attempts + attempt.lost_attempts) <= set(attempts)
    chunks = [OutputChunk.model_validate(document) for document in store["output"]]
    assert {chunk.id for chunk in chunks} == {chunk_id(chunk.attempt_id, chunk.seq) for chunk in chunks}
    assert {chunk.attempt_id for chunk in chunks} <= set(attempts)
    assert any(attempt.earlier_attempts for attempt in attempts.values())


def test_runs_know_in_fields_what_their_timelines_told() -> None:
    store = moved()
    attempts = {document["id"] for document in store["attempts"]}
    runs = {run.action.name: run for run in map(Run.model_validate, store["runs"])}
    for run in runs.values():
        assert [entry.seq for entry in run.timeline] == list(range(1, run.seq + 1))
        assert {entry.attempt_id for entry in run.timeline if entry.attempt_id} <= attempts
        assert run.progress.done == run.progress.total == len(run.steps)
    assert runs["slow"].progress.ended == {"succeeded": 2, "cancelled": 1}
    assert (runs["slow"].is_cancel_requested, runs["hopeless"].is_cancel_requested) == (True, False)
    tried, cleaned_up = runs["hopeless"].steps
    assert tried.reason_text is not None
    assert tried.reason_text.startswith("The command failed with exit status 4")
    assert tried.dispatched_at is not None
    assert tried.started_at is not None
    assert tried.dispatched_at > tried.started_at, "of its second attempt"
    assert cleaned_up.reason_text is None


def test_a_document_is_moved_whole() -> None:
    """What a step does not speak of stays."""
    before: dict[str, dict[str, Any]] = defaultdict(dict)
    for name, document in documents(under_way=False):
        before[name][document["id"]] = document
    for document in moved()["output"]:
        run_id, step, _, number, seq = document["id"].split(".")
        was = before["output"][f"{run_id}.{step}.{number}.{seq}"]
        assert document == {**was, "id": document["id"], "attempt_id": document["attempt_id"]}
