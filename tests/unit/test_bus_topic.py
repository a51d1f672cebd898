import pytest

from shared.bus.memory import matches


@pytest.mark.parametrize(
    ("pattern", "key"),
    [
        ("step.finished", "step.finished"),
        ("scheduler.#", "scheduler.advance_run"),
        ("scheduler.#", "scheduler"),
        ("scheduler.#", "scheduler.a.b.c"),
        ("#", "anything.at.all"),
        ("executor.*.execute_step", "executor.default.execute_step"),
        ("#.finished", "step.finished"),
        ("a.#.z", "a.z"),
        ("a.#.z", "a.b.z.z"),
        ("#.b.*", "a.b.b.c"),
    ],
)
def test_a_pattern_matches(pattern: str, key: str) -> None:
    assert matches(pattern, key)


@pytest.mark.parametrize(
    ("pattern", "key"),
    [
        ("step.finished", "step.finished.twice"),
        ("step.finished", "step"),
        ("scheduler.#", "schedulers.advance_run"),
        ("executor.*.execute_step", "executor.eu.west.execute_step"),
        ("executor.*", "executor"),
        ("a.#.z", "a.b"),
        ("step.finished", "stepxfinished"),
    ],
)
def test_a_pattern_does_not_match(pattern: str, key: str) -> None:
    assert not matches(pattern, key)
