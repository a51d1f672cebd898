"""What is heard before a command begins."""

import pytest

from executor.adapters.output_stream import Opening, new_challenge
from executor.domain.delivery import Challenge
from executor.domain.provider import MOST_HEARD

CHALLENGE = Challenge(40, 2)
ANSWER = CHALLENGE.answer + b"123\n"


@pytest.mark.parametrize("noise", [b"", b"Welcome!\n", b"\033]0;title\007", b"opsimate-shell-", b"opsimate-shell-4\n"])
def test_an_answer_is_heard_behind_whatever_noise_and_in_whatever_pieces(noise: bytes) -> None:
    said = noise + ANSWER
    for size in range(1, len(said) + 1):
        opening = Opening(CHALLENGE.answer)
        for start in range(0, len(said), size):
            assert not opening.has_answered
            opening.received("stdout", said[start : start + size])
            opening.received("stderr", b"a warning")
        assert (opening.has_answered, opening.shell_pid) == (True, 123)


@pytest.mark.parametrize("said", [b"opsimate-shell-$((40+2)).$$\n", ANSWER.strip(), ANSWER.replace(b"42", b"43")])
def test_what_is_not_the_answer_is_none(said: bytes) -> None:
    opening = Opening(CHALLENGE.answer)
    opening.received("stdout", said)
    assert not opening.has_answered


def test_an_answer_that_comes_through_a_terminal_is_none() -> None:
    opening = Opening(CHALLENGE.answer)
    opening.received("stdout", CHALLENGE.answer + b"123\r\n")
    assert (opening.has_answered, opening.has_a_terminal) == (False, True)


def test_an_answer_is_given_on_standard_output() -> None:
    opening = Opening(CHALLENGE.answer)
    opening.received("stderr", ANSWER)
    assert not opening.has_answered


def test_what_was_heard_is_told_on_one_line_and_not_at_length() -> None:
    opening = Opening(CHALLENGE.answer)
    opening.received("stdout", b"\033[1mThis account\r\n")
    opening.received("stderr", b"is not\tavailable \xff" + b"x" * 10_000)
    opening.received("stdout", b"y" * 10_000)
    assert opening.heard.startswith("[1mThis account is not available ")
    assert len(opening.heard) == MOST_HEARD


def test_no_two_commands_are_asked_the_same() -> None:
    assert len({new_challenge() for _ in range(100)}) == 100
