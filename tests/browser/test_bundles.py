"""Runs leave one SynRL as a bundle and come into another, by clicks alone."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.clicks import wait_until_done
from tests.browser.conftest import Watch
from tests.server import Server

CONFIG = {"dataset": "iris", "iterations": 200, "evaluate_every": 50, "hidden_layers": [6]}


def test_runs_are_exported_here_and_imported_elsewhere(
    page: Page, shared_server: Server, elsewhere: Server, watch: Watch, tmp_path: Path
) -> None:
    ids = [
        shared_server.post("/api/v1/runs", {"name": f"Traveller <b>{seed}</b>", "config": CONFIG | {"seed": seed}})[
            "id"
        ]
        for seed in range(2)
    ]
    for run in ids:
        wait_until_done(shared_server, run)
    page.goto(f"{shared_server.url}/compare?runs={','.join(ids)}")
    page.wait_for_function("document.body?.dataset.compared")
    bundle = tmp_path / "travellers.zip"
    with page.expect_download() as download:
        page.get_by_role("link", name="Export").click()
    download.value.save_as(bundle)

    before = elsewhere.get("/api/v1/runs")["total"]
    page.goto(f"{elsewhere.url}/compare")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Import a bundle").click()
    chooser.value.set_files(bundle)
    expect(page.get_by_role("heading", name="2 runs came in")).to_be_visible()
    expect(page.get_by_role("link", name="Traveller <b>1</b>")).to_be_visible()
    page.get_by_role("button", name="Compare them").click()
    page.wait_for_function("document.body?.dataset.compared")
    expect(page.locator("#compare-headline")).to_have_text("2 runs in 1 group")
    there = elsewhere.get(f"/api/v1/compare?runs={','.join(ids)}&members=all")
    here = shared_server.get(f"/api/v1/compare?runs={','.join(ids)}&members=all")
    assert there["groups"] == here["groups"]
    assert elsewhere.get(f"/api/v1/runs/{ids[0]}")["tags"] == ["imported"]

    # What is no bundle is refused in words, and nothing comes in.
    bad = tmp_path / "bad.zip"
    bad.write_bytes(bundle.read_bytes()[:-200])
    page.goto(f"{elsewhere.url}/new")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Import runs").click()
    chooser.value.set_files(bad)
    dialog = page.locator("dialog[open]")
    expect(dialog.get_by_role("alert")).to_contain_text("'bad.zip'")
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_have_count(0)
    assert re.search("422", watch.faults.pop())  # the browser says of the refusal what the page says better
    assert elsewhere.get("/api/v1/runs")["total"] == before + 2
