"""Numbers and layers as people write them; the form of a run reads the same table (tests/browser/test_new_run.py)."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synrl_core import number_parsing
from synrl_core.config import TrainingConfig

TABLE = json.loads((Path(__file__).parents[1] / "written_numbers.json").read_text(encoding="utf-8"))
READERS: dict[str, Callable[[str], Any]] = {
    "whole": number_parsing.whole_number,
    "decimal": number_parsing.decimal_number,
    "layers": number_parsing.layers,
}


def cases(outcome: str) -> list[Any]:
    return [pytest.param(kind, text, id=f"{kind} {text!a}") for kind in READERS for text in TABLE[kind][outcome]]


@pytest.mark.parametrize(("kind", "text"), cases("read"))
def test_a_text_of_one_meaning_is_read(kind: str, text: str) -> None:
    read = READERS[kind](text)
    assert (list(read) if kind == "layers" else read) == pytest.approx(TABLE[kind]["read"][text])


@pytest.mark.parametrize(("kind", "text"), cases("ambiguous"))
def test_a_text_of_two_meanings_is_refused_with_both(kind: str, text: str) -> None:
    with pytest.raises(number_parsing.AmbiguousNumberError, match="write"):
        READERS[kind](text)


@pytest.mark.parametrize(("kind", "text"), cases("refused"))
def test_what_is_no_number_is_refused(kind: str, text: str) -> None:
    with pytest.raises(ValueError, match="is no ") as refused:
        READERS[kind](text)
    assert not isinstance(refused.value, number_parsing.AmbiguousNumberError)


@given(st.integers(-(10**12), 10**12), st.sampled_from([",", " ", "'"]))
def test_a_whole_number_is_read_however_its_thousands_are_parted(number: int, mark: str) -> None:
    assert number_parsing.whole_number(f"{number:,}".replace(",", mark)) == number


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_that_python_writes_is_read_as_it_was(number: float) -> None:
    text = repr(number)
    try:
        assert number_parsing.decimal_number(text) == number
    except number_parsing.AmbiguousNumberError:
        assert text.endswith(".000")


@given(st.text(alphabet="0123456789.,-+e_ '%x;()[]", max_size=12))
def test_every_text_is_read_or_refused_as_a_value(text: str) -> None:
    for reader in READERS.values():
        try:
            reader(text)
        except ValueError:
            continue


@given(st.lists(st.integers(1, 999), min_size=1, max_size=6))
def test_layers_are_the_same_in_every_way_of_writing_them(units: list[int]) -> None:
    for mark in ("-", " ", ",", ", ", "x"):
        for around in ("{}", "({})", "[{}]"):
            assert number_parsing.layers(around.format(mark.join(map(str, units)))) == tuple(units)


def test_a_configuration_reads_its_settings_so() -> None:
    config = TrainingConfig.model_validate(
        {"iterations": "20 000", "step_size": "0,001", "hidden_layers": "64-32", "history": "none", "batch_size": 7}
    )
    assert (config.iterations, config.step_size, config.hidden_layers) == (20_000, 0.001, (64, 32))
    assert (config.history, config.batch_size) == (None, 7)
