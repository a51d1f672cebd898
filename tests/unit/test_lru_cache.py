"""A bounded memory of what was seen last."""

from scheduler.handlers.context import size_of_run
from shared.lru_cache import LruCache
from shared.runs.planning import plan_step
from tests.builders import a_run, a_step, an_action


def test_what_was_remembered_first_is_forgotten_first() -> None:
    cache = LruCache[str](most=2)
    for key in ("a", "b", "a", "c"):
        cache.remember(key, key.upper())
    assert [cache.get(key) for key in ("a", "b", "c")] == ["A", None, "C"]


def test_what_is_remembered_together_is_never_more_than_the_bound() -> None:
    cache = LruCache[str](most=10, size=len)
    cache.remember("a", "x" * 6)
    cache.remember("b", "x" * 4)
    cache.remember("b", "x" * 5)
    assert (cache.get("a"), cache.get("b")) == (None, "x" * 5)
    cache.remember("c", "x" * 11)
    assert (cache.get("b"), cache.get("c")) == ("x" * 5, None)
    cache.forget("b")
    cache.remember("d", "x" * 10)
    assert cache.get("d") == "x" * 10


def test_a_run_with_much_in_it_counts_for_more() -> None:
    plain = a_run(an_action(a_step("a")))
    long = a_run(an_action(a_step("a")), parameters={"text": "x" * 100_000})
    wide = a_run(an_action(a_step("a")))
    wide.steps[0], _ = plan_step(wide.id, 0, "a", [("one", "default"), ("two", "default")])
    assert wide.steps[0].invocations is not None
    wide.steps[0].invocations.states = "q" * 10_000
    assert size_of_run(long) > size_of_run(plain) + 100_000
    assert size_of_run(wide) > size_of_run(plain) + 10_000
