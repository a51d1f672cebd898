"""What the command line says of an action besides its definition."""

from typing import Any

from opsimate.cli.action_picture import lately

LAST = {"id": "01M85A7KS928KRQRJ0KEF9Z179", "state": "succeeded", "ended_at": "2026-11-23T23:00:39.320Z"}
CURRENT = {
    "id": "01M85A7KS928KRQRJ0KEF9Z180",
    "progress": {"done": 1, "total": 3, "percent": 33, "current_step": "verify"},
    "remaining": 27.7,
}


def an_action(**fields: Any) -> dict[str, Any]:
    told = {"last_run": None, "current_run": None, "running": 0, "usual_duration": None, "success_rate": None}
    return {**told, "execution": {"mode": "manual", "triggers": []}, "next_fire_time": None, **fields}


def test_how_an_action_went_lately_and_what_is_left_of_its_run_is_said() -> None:
    assert lately(an_action()) == ["it has not been run yet"]
    told = an_action(last_run=LAST, current_run=CURRENT, running=3, usual_duration=42.0, success_rate=0.98)
    assert lately(told) == [
        f"last run {LAST['id']} succeeded 2026-11-23 23:00:39Z",
        "98.0% of its last runs succeeded, usually takes 42s",
        f"running now: {CURRENT['id']}, 1 of 3 steps done, 28s are left, and 2 more",
    ]
    alone = an_action(current_run={**CURRENT, "remaining": None}, running=1)
    assert lately(alone)[-1] == f"running now: {CURRENT['id']}, 1 of 3 steps done"


def test_what_runs_an_action_by_itself_is_said_first() -> None:
    scheduled = an_action(execution={"mode": "scheduled"}, next_fire_time="2026-11-24T02:30:00.000Z")
    assert lately(scheduled)[0] == "runs by itself: next 2026-11-24 02:30:00Z"
    assert lately({**scheduled, "next_fire_time": None})[0] == "runs by itself: never again, or not enabled"
    for number, said in ((1, "1 rule says"), (2, "2 rules say")):
        triggered = an_action(execution={"mode": "triggered", "triggers": [{}] * number})
        assert lately(triggered)[0] == f"runs by itself: alerts run it, as {said}"
