"""Uploading data in a browser: previewed, saved, trained on, protected while used."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import Watch
from tests.core.datasets import files
from tests.server import Server

WIDE_STRIPS = (
    "() => [...document.querySelectorAll('#upload-panel img.strip')].filter(one => one.naturalWidth > 9).length"
)


def opened(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/datasets")
    page.wait_for_function("Number(document.body?.dataset.datasets) > 10")


def keep(page: Page) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name="Keep it").click()
    page.wait_for_function("Number(document.body?.dataset.datasets) > 11")


def test_pictures_are_uploaded_previewed_saved_and_protected_while_used(
    page: Page, shared_server: Server, watch: Watch, tmp_path: Path
) -> None:
    members = {
        f"{name}/{place}.png": files.png(picture)
        for name in "AB"
        for place, picture in enumerate(files.pictures(20, seed=ord(name)))
    }
    archive = tmp_path / "letters.zip"
    archive.write_bytes(files.zipped(members))
    opened(page, shared_server)
    page.set_input_files("#upload-files", archive)
    expect(page.get_by_text("40 samples · 9 × 9 pixels · 2 classes")).to_be_visible()
    page.wait_for_function(f"({WIDE_STRIPS})() === 2")
    page.get_by_label("Name of class 1").fill("<b>Aleph</b>")
    page.get_by_label("Name", exact=True).fill("My <i>letters</i>")
    keep(page)
    card = page.get_by_role("article").filter(has_text="My <i>letters</i>")
    expect(card.get_by_text("<b>Aleph</b>", exact=True)).to_be_visible()
    card.get_by_role("button", name="Train on this").click()
    # Nothing starts by looking: the form opens with settings that suit the data.
    page.wait_for_url(re.compile(r"/new\?dataset=.*iterations=10000"))
    expect(page.get_by_label("Hidden layers")).to_have_value("")
    page.get_by_role("button", name=re.compile("^Start")).last.click()
    page.wait_for_url(re.compile("/runs/"))
    page.wait_for_function("Number(document.body?.dataset.points) > 1")
    shared_server.stop_runs()

    opened(page, shared_server)
    card.get_by_role("button", name="Delete", exact=True).click()
    card.get_by_role("button", name="Delete for good").click()
    expect(card.get_by_role("alert")).to_contain_text("is used by 1 run")
    assert len(watch.faults) == 1  # the browser says of the refusal what the page says better
    assert "409" in watch.faults.pop()


def test_a_table_asks_for_its_column_and_a_problem_names_the_remedy(
    page: Page, shared_server: Server, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("label,a\n1,2,3\n")
    good = tmp_path / "good.csv"
    good.write_text("kind,a,b\n" + "".join(f"{i % 2},{i}.5,{i * i % 7}\n" for i in range(40)))
    opened(page, shared_server)
    page.set_input_files("#upload-files", bad)
    expect(page.locator("#upload-panel").get_by_role("alert")).to_contain_text("'bad.csv', line 2: 3 columns")
    expect(page.get_by_role("button", name="Keep it")).to_be_disabled()
    page.get_by_role("button", name="Discard").click()
    page.set_input_files("#upload-files", good)
    expect(page.get_by_role("button", name="Keep it")).to_be_disabled()
    page.get_by_label("Column that holds the class").select_option("kind")
    expect(page.get_by_text("40 samples · 2 inputs · 2 classes")).to_be_visible()
    page.get_by_role("button", name="Discard").click()
    expect(page.get_by_text("or drop them here")).to_be_visible()


def test_coordinates_and_a_group_are_brought_without_typing_a_setting(
    page: Page, shared_server: Server, tmp_path: Path
) -> None:
    table = tmp_path / "plane.csv"
    table.write_text("x,y,group\n" + "".join(f"{i * 0.37:.2f},{i * i * 0.12:.3f},{'uv'[i % 2]}\n" for i in range(20)))
    opened(page, shared_server)
    page.set_input_files("#upload-files", table)
    expect(page.get_by_text("20 samples · 2 inputs · 2 classes")).to_be_visible()
    expect(page.get_by_label("Column that holds the class")).to_have_value("group")
    keep(page)
    expect(page.get_by_role("article").filter(has_text="plane")).to_be_visible()


def test_guesses_are_shown_and_changed_with_the_preview_renewed(
    page: Page, shared_server: Server, tmp_path: Path
) -> None:
    table = tmp_path / "lengths.csv"
    rows = "".join(f"{i},5;{i * i};{'uv'[i % 2]}\n" for i in range(20))
    table.write_bytes(f"größe;fläche;art\n{rows}".encode("cp1252"))
    opened(page, shared_server)
    page.set_input_files("#upload-files", table)
    for title, guessed in {
        "Columns are separated by": "semicolon", "Decimal sign": "comma", "Encoding": "cp1252", "First line": "true",
    }.items():  # fmt: skip
        expect(page.get_by_label(title)).to_have_value(guessed)
    expect(page.get_by_role("columnheader", name="größe")).to_be_visible()
    page.get_by_label("Decimal sign").select_option("point")
    expect(page.locator("#upload-panel").get_by_role("alert")).to_contain_text("the decimal sign is '.'")
    expect(page.get_by_role("button", name="Keep it")).to_be_disabled()
    page.get_by_label("Decimal sign").select_option("comma")
    page.get_by_label("Columns left out").select_option(["fläche"])
    expect(page.get_by_text("20 samples · 1 inputs · 2 classes")).to_be_visible()
    keep(page)
    expect(page.get_by_role("article").filter(has_text="lengths")).to_contain_text("1 inputs")


def test_the_page_fits_a_phone(page: Page, shared_server: Server) -> None:
    page.set_viewport_size({"width": 400, "height": 800})
    opened(page, shared_server)
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
