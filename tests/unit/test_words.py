"""The words by which runs are found."""

from pydantic import JsonValue

from shared.contracts.words import LONGEST_WORD, MOST_WORDS, wanted_words, words_in, words_of_run


def test_a_run_is_found_by_each_word_whole_and_by_its_parts_but_by_no_secret() -> None:
    parameters: dict[str, JsonValue] = {
        "host": "web-1.example",
        "count": 3,
        "key": {"sealed": "c1pher"},
        "stored": {"secret": "db"},
    }
    words = words_of_run("restart-service", "Restart a Service", "After CHG-42: ÄRGER, (twice)", parameters)
    for text in ("restart-service", "SERVICE", "after chg-42", "42", "ärger", "web-1.example web", "3", "twice"):
        assert set(wanted_words(text)) <= set(words), text
    for text in ("c1pher", "db", "restar", "chg-4", "key"):
        assert not set(wanted_words(text)) & set(words), text


def test_what_is_kept_is_bounded_and_what_is_wanted_is_cut_alike() -> None:
    assert len(words_in([" ".join(f"word-{number}" for number in range(1_000))])) == MOST_WORDS
    assert set(wanted_words("x" * 500)) <= set(words_in(["x" * 500]))
    assert len(words_in(["x" * 500])[0]) == LONGEST_WORD
    assert (words_in([" -- ... "]), wanted_words("?!")) == ([], [])
