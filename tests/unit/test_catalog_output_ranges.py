"""Which part of a run's output is asked for."""

import pytest

from catalog.domain.output import OutputFilter, OutputFilterError, output_ranges
from shared.contracts.attempt import attempt_id, chunk_id
from shared.runs.planning import plan_step
from tests.builders import a_run, a_step, an_action
from tests.builders_catalog import an_attempt

RUN = a_run(an_action(a_step("build"), a_step("check"), a_step("clean")))
BUILD, CHECK = an_attempt(RUN, 0), an_attempt(RUN, 1, 2)


def held(wanted: OutputFilter, *ids: str) -> list[str]:
    ranges = output_ranges(RUN, wanted)
    return [
        chunk
        for one in ranges
        for chunk in ids
        if (chunk > one.start if one.after else chunk >= one.start) and chunk < one.end
    ]


IDS = (chunk_id(BUILD.id, 1), chunk_id(BUILD.id, 2), chunk_id(CHECK.id, 1), chunk_id(CHECK.id, 2))


def test_nothing_asked_for_is_everything() -> None:
    assert held(OutputFilter(), *IDS) == list(IDS)


def test_a_step_is_all_its_attempts() -> None:
    assert held(OutputFilter(step="check"), *IDS) == list(IDS[2:])
    assert held(OutputFilter(step="check", attempt=1), *IDS) == []
    assert held(OutputFilter(step="check", attempt=2), *IDS) == list(IDS[2:])


def test_a_provider_is_the_steps_on_it() -> None:
    assert held(OutputFilter(provider="web-1"), *IDS) == list(IDS)


def test_a_place_is_gone_on_after() -> None:
    assert held(OutputFilter(start=IDS[1]), *IDS) == list(IDS[2:])
    assert held(OutputFilter(step="check", start=IDS[0]), *IDS) == list(IDS[2:])
    assert held(OutputFilter(step="build", start=IDS[3]), *IDS) == []


def test_a_number_counts_within_one_attempt() -> None:
    assert held(OutputFilter(step="check", attempt=2, start="2"), *IDS) == [IDS[3]]


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        (OutputFilter(step="biuld"), "step"),
        (OutputFilter(provider="web-2"), "provider"),
        (OutputFilter(attempt=1), "attempt"),
        (OutputFilter(start="2"), "from"),
        (OutputFilter(start="nonsense"), "from"),
        (OutputFilter(start=IDS[0].replace(RUN.id, "0" * 26)), "from"),
    ],
)
def test_what_cannot_be_names_its_field(wanted: OutputFilter, field: str) -> None:
    with pytest.raises(OutputFilterError) as caught:
        output_ranges(RUN, wanted)
    assert caught.value.error.field == field


def test_a_wrong_step_suggests_the_nearest() -> None:
    with pytest.raises(OutputFilterError, match="did you mean 'build'"):
        output_ranges(RUN, OutputFilter(step="biuld"))


def test_the_output_of_a_wide_step_is_asked_for_by_provider() -> None:
    run = a_run(an_action(a_step("build"), a_step("check")))
    run.steps[1], planned = plan_step(run.id, 1, "check", [("db-1", "default"), ("db-2", "default")])
    assert planned is not None
    first, second = (chunk_id(attempt_id(run.id, 1, invocation, 1), 1) for invocation in (0, 1))
    ranges = output_ranges(run, OutputFilter(step="check", provider="db-2", attempt=1), [planned])
    assert [one.start <= first < one.end for one in ranges] == [False]
    assert [one.start <= second < one.end for one in ranges] == [True]
    with pytest.raises(OutputFilterError, match="name the 'provider'"):
        output_ranges(run, OutputFilter(step="check", attempt=1), [planned])
