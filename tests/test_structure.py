"""The map of the code is written from the code."""

from __future__ import annotations

from scripts.structure import PAGE, page


def test_the_page_of_rooms_and_modules_is_up_to_date() -> None:
    assert PAGE.read_text("utf-8") == page(), "run python -m scripts.structure"
