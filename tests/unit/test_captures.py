"""Captures: what is kept of an output, what their names mean, and what a step that reads them is given."""

import pytest

from executor.domain.kept_output import KeptOutput
from scheduler.domain.attempts import Captured, new_attempt
from shared.captures import capture_reference, value_at
from shared.contracts.attempt import Attempt, AttemptKey
from shared.contracts.step_settings import Capture
from shared.definitions import ActionVersion
from shared.written_json import read_json, reckoned
from tests.builders import NOON, a_run, a_step, an_action, compiled

STEPS = an_action(
    a_step("probe", capture="json"), a_step("1st.probe", capture="last_line"), a_step("silent"), a_step("last")
).steps


def kept(*pieces: bytes, capture: Capture, stream: str = "stdout") -> str:
    output = KeptOutput([capture])
    for piece in pieces:
        output.add(stream, piece)
    return output.captured(strict=True)[capture]


@pytest.mark.parametrize(
    ("pieces", "line"),
    [
        ([b"a\nb\n"], "b"),
        ([b"a\nb"], "b"),
        ([b"a\nb\n\n  \n"], "b"),
        ([b"a\nb", b"c\n", b"\n"], "bc"),
        ([b"a\r", b"b\r\n"], "a\rb\r"),
        ([b"\xc3", b"\xa9\n"], "é"),
        ([], ""),
        ([b"x" * 200_000, b"\nlast"], "last"),
    ],
)
def test_the_last_line_is_the_last_that_is_not_blank(pieces: list[bytes], line: str) -> None:
    assert kept(*pieces, capture="last_line") == line


def test_all_of_the_output_is_kept_but_for_line_ends_at_its_end_and_what_is_no_output() -> None:
    assert kept(b"a\n", b"\nb\n\n", capture="output") == "a\n\nb"
    assert kept(b"error", capture="output", stream="stderr") == ""


def test_what_is_not_strict_is_left_out_where_it_cannot_be() -> None:
    output = KeptOutput(["json", "output"])
    output.add("stdout", b"no json")
    assert output.captured(strict=False) == {"output": "no json"}
    with pytest.raises(ValueError, match="is no JSON"):
        output.captured(strict=True)


def test_a_secret_that_json_writes_with_escapes_is_masked_where_it_is_read() -> None:
    output = KeptOutput(["json"])
    output.mask = lambda data: data.replace(b"ab/cd", b"***")
    output.add("stdout", rb'{"a": ["ab\/cd", 1.10], "ab\u002fcd": null}')
    assert output.captured(strict=True) == {"json": '{"a":["***",1.10],"***":null}'}
    output = KeptOutput(["json"])
    output.add("stdout", b' {"a": 1.10}\n')
    assert output.captured(strict=True) == {"json": '{"a": 1.10}'}, "nothing is masked, so it stays as it was printed"


def test_json_that_is_nested_deeper_than_people_write_is_not_captured() -> None:
    assert kept(b"[" * 100 + b"]" * 100, capture="json")
    with pytest.raises(ValueError, match="nested more than 100 deep"):
        kept(b"[" * 101 + b"]" * 101, capture="json")


def test_what_is_kept_of_an_endless_output_is_bounded() -> None:
    output = KeptOutput(["last_line", "output"])
    for _ in range(1_000):
        output.add("stdout", b"x" * 65_536)
    assert output.captured(strict=False) == {}


def test_names_mean_steps_whatever_these_are_called() -> None:
    assert capture_reference("steps.probe.captured", STEPS, before=3) == (0, "json", ())
    assert capture_reference("steps.probe.captured.a.0", STEPS, before=3) == (0, "json", ("a", "0"))
    assert capture_reference("steps.1st.probe.captured", STEPS, before=3) == (1, "last_line", ())
    assert capture_reference("steps.silent.output", STEPS, before=3) == (2, "output", ())


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("steps.prob.captured", "did you mean 'probe'"),
        ("steps.last.output", "does not come before"),
        ("steps.silent.captured", "captures nothing"),
        ("steps.1st.probe.captured.a", "only what is captured as JSON has fields"),
        ("steps.probe.state", "there are steps.probe.captured and steps.probe.output"),
        ("steps.probe.output.a", "there are steps.probe.captured"),
        ("steps.probe", "there are steps.probe.captured"),
    ],
)
def test_a_name_that_means_nothing_says_why(name: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        capture_reference(name, STEPS, before=3)


def test_fields_of_json_are_texts_as_they_are_and_everything_else_as_json() -> None:
    text = '{"a": {"b": ["x y", 2, true, {"c": 1.5}]}, "n": null, "nul": "\\u0000", "half": "\\ud800"}'
    assert [value_at(text, ["a", "b", key]) for key in "0123"] == ["x y", "2", "true", '{"c":1.5}']
    assert value_at(text, []) == text
    for path, words in ((["a", "z"], "no field 'a.z'"), (["a", "b", "4"], "no field"), (["a", "b", "-1"], "no field")):
        with pytest.raises(ValueError, match=words):
            value_at(text, path)
    for path, words in ((["n"], "is null"), (["nul"], "no command"), (["half"], "no command")):
        with pytest.raises(ValueError, match=words):
            value_at(text, path)


@pytest.mark.parametrize(
    "number", ["1.10", "0.1000", "1e3", "1E+2", "-0", "-0.0", "1e400", "123456789012345678901234567890", "1" * 5_000]
)
def test_a_number_of_json_is_what_was_printed(number: str) -> None:
    text = kept(f'{{"n": {number}, "in": [{{"a": {number}}}, "1.0"]}}\n'.encode(), capture="json")
    assert value_at(text, ["n"]) == number
    assert value_at(text, ["in"]) == f'[{{"a":{number}}},"1.0"]'


def test_conditions_reckon_with_numbers_of_json() -> None:
    text = '{"n": [1.10, 1e3, -0, 9223372036854775807, 9223372036854775808, 1e400], "t": "1.10", "b": [true, null]}'
    numbers = [1.1, 1000.0, 0, 2**63 - 1, float(2**63), float("inf")]
    found = reckoned(read_json(text))
    assert found == {"n": numbers, "t": "1.10", "b": [True, None]}
    assert isinstance(found, dict)
    assert [type(one) for one in found["n"]] == [float, float, int, int, float, float]  # type: ignore[union-attr]


def test_an_attempt_names_what_it_reads_and_holds_none_of_it() -> None:
    action = an_action(
        a_step("probe", capture="last_line"),
        a_step("other"),
        a_step("reader", command="ls a{{ steps.probe.captured }}; ls {{ steps.other.output }}"),
    )
    version, run = ActionVersion(action, compiled(action)), a_run(action)

    def attempt(step: int, **values: str) -> Attempt:
        names = {name.replace("__", "."): value for name, value in values.items()}
        return new_attempt(
            run,
            version,
            AttemptKey(step, 0, 1),
            provider="web-1",
            pool="default",
            earlier=(),
            now=NOON,
            captured=Captured(values=names),
        )

    assert attempt(0).captures == ["last_line"]
    assert attempt(1).captures == ["output"]
    long = attempt(2, steps__probe__captured="-x" * 9_000, steps__other__output="b c")
    assert (long.state, long.captures) == ("queued", None)
    assert len(long.model_dump_json()) < 2_500
    assert "ls 'b c'" in long.display_command
    refused = attempt(2, steps__probe__captured="x", steps__other__output="--force")
    assert refused.outcome is not None
    assert refused.outcome.reason == "not_allowed"
