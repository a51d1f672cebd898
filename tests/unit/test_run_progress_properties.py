"""What holds for every run, whatever happens to it."""

from collections import Counter
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.invocation import attempts_under_way
from scheduler.domain.progress import advance
from scheduler.domain.steps import Move
from shared.contracts.action import ActionDefinition
from shared.contracts.run import ENDED, Control, Run
from shared.contracts.step import STEP_ENDED
from tests.builders import NOON, a_finish, a_run, a_step, an_action, at

steps = st.fixed_dictionaries(
    {},
    optional={
        "when": st.sampled_from(["previous_success", "previous_failure", "always"]),
        "on_failure": st.sampled_from(["stop", "continue"]),
        "on_lost": st.sampled_from(["hold", "rerun", "fail"]),
        "retries": st.integers(0, 3),
    },
)
actions = st.lists(steps, min_size=1, max_size=5).map(
    lambda fields: an_action(*(a_step(f"s{index}", **step) for index, step in enumerate(fields)))
)
happenings = st.lists(
    st.one_of(
        st.sampled_from(["succeeded", "failed", "cancelled", "unknown"]).map(lambda state: ("end", state)),
        st.sampled_from([("cancel", None), ("pause", None), ("resume", None), ("old news", None), ("look", None)]),
        st.integers(0, 100_000).map(lambda seconds: ("wait", seconds)),
    ),
    max_size=40,
)


class World:
    """A run with time and chance."""

    def __init__(self, action: ActionDefinition) -> None:
        self.action, self.run, self.seconds = action, a_run(action), 0.0
        self.dispatched: list[tuple[int, int, int]] = []
        self.apply(advance(self.run, action, [], at()))

    def apply(self, move: Move) -> None:
        self.run = move.run
        self.dispatched += move.dispatch
        self.check(move)

    def happen(self, kind: str, detail: Any) -> None:
        finished, current = None, next(iter(attempts_under_way(self.run)), None)
        match kind:
            case "end" if current is not None:
                finished = a_finish(current, detail, None if detail == "succeeded" else "lost")
            case "old news":
                finished = a_finish(f"{self.run.id}.000.0000.00", "failed", "signal")
            case "wait":
                self.seconds += detail
            case "cancel" | "pause" | "resume" if self.run.state not in ENDED:
                control = Control.model_validate({"kind": kind, "by": "admin", "at": NOON})
                self.run = self.run.model_copy(update={"controls": [*self.run.controls, control]})
            case _:
                pass
        self.apply(advance(self.run, self.action, [] if finished is None else [finished], at(self.seconds)))

    def check(self, move: Move) -> None:
        run = self.run
        assert len(move.dispatch) <= 1
        assert not [count for count in Counter(self.dispatched).values() if count > 1], "an attempt was made twice"
        waiting = [step for step in run.steps if step.state not in STEP_ENDED and step.state != "pending"]
        assert len(waiting) <= 1, "two steps are under way"
        if run.state in ENDED:
            assert all(step.state in STEP_ENDED for step in run.steps)
            assert run.wake_at is None
            assert run.timeline[-1].event == "run.ended"
            assert (run.state == "unknown") == any(step.state == "unknown" for step in run.steps)
        else:
            assert run.wake_at is not None, "nobody would ever look at this run again"
            assert waiting or run.waiting_for, "the run waits for nothing"
            assert run.consumed == len(run.controls)
        assert not move.dispatch or run.paused is None, "something began while the run was paused"


@given(actions, happenings)
def test_no_attempt_is_ever_made_twice_and_no_run_is_ever_forgotten(
    action: ActionDefinition, events: list[Any]
) -> None:
    world = World(action)
    for kind, detail in events:
        world.happen(kind, detail)


@given(actions, happenings)
def test_every_run_comes_to_an_end(action: ActionDefinition, events: list[Any]) -> None:
    world = World(action)
    for kind, detail in events:
        world.happen(kind, detail)
    world.happen("resume", None)
    for _ in range(5 * 25):
        if world.run.state in ENDED:
            break
        world.happen("wait", 10_000)
        world.happen("end", "succeeded")
    assert world.run.state in ENDED


@given(actions, happenings)
def test_a_look_again_changes_nothing(action: ActionDefinition, events: list[Any]) -> None:
    world = World(action)
    for kind, detail in events:
        world.happen(kind, detail)
        again: Run = advance(world.run, action, [], at(world.seconds)).run
        assert again.timeline == world.run.timeline
