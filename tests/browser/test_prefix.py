"""A server that a proxy shows under a path of its own: every link, call and feed of the pages stays under it."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

from tests.browser.conftest import Watch
from tests.core.datasets import files
from tests.server import running

PREFIX = "/lab/synrl"


def test_pages_of_a_server_with_a_path_of_its_own_never_leave_it(new_tab: Page, watch: Watch, tmp_path: Path) -> None:
    page, asked = new_tab, list[str]()
    pages = page.get_by_role("navigation", name="Pages")
    page.on("request", lambda request: asked.append(request.url))
    page.on("websocket", lambda socket: asked.append(socket.url))
    with running(tmp_path / "data", SYNRL_ROOT_PATH=PREFIX, SYNRL_WORKERS="1") as server:
        # Coming in leads to the runs, a preset to a run that is followed live.
        page.goto(server.url)
        page.get_by_role("button", name=re.compile("^Digits")).click()
        expect(page).to_have_url(re.compile(f"{PREFIX}/runs/\\w+$"))
        page.wait_for_function("Number(document.body?.dataset.points) > 2")
        server.stop_runs()

        # The list knows a run, does something with it, and leads back to it.
        server.post("/api/v1/runs", {"name": "Endless", "config": {"iterations": 50_000_000}})
        pages.get_by_role("link", name="Runs").click()
        expect(page).to_have_url(re.compile(f"{PREFIX}/$"))
        page.get_by_role("checkbox", name=re.compile("^Choose Endless")).check()
        page.get_by_role("region", name="Chosen runs").get_by_role("button", name="Stop").click()
        row = page.locator(".ag-row", has=page.get_by_role("link", name="Endless"))
        expect(row.locator("[col-id=status]")).to_contain_text("stopped")
        row.locator(".run-link").click()
        expect(page.locator("#run-page .status").first).to_contain_text("stopped")

        # A table is brought, kept and trained on.
        pages.get_by_role("link", name="Data").click()
        page.wait_for_function("Number(document.body?.dataset.datasets) > 10")
        archive = tmp_path / "sigils.zip"
        pictures = {f"{name}/{i}.png": files.png(one) for name in "AB" for i, one in enumerate(files.pictures(9))}
        archive.write_bytes(files.zipped(pictures))
        page.set_input_files("#upload-files", archive)
        with page.expect_navigation():
            page.get_by_role("button", name="Keep it").click()
        card = page.get_by_role("article").filter(has_text="sigils")
        card.get_by_role("button", name="Train on this").click()
        page.get_by_role("button", name=re.compile("^Start")).last.click()
        expect(page).to_have_url(re.compile(f"{PREFIX}/runs/\\w+$"))
        page.wait_for_function("Number(document.body?.dataset.points) > 2")
        server.stop_runs()

        # The header leads to the form that started it; two runs are compared.
        pages.get_by_role("link", name="New run").click()
        expect(page).to_have_url(re.compile(f"{PREFIX}/new$"))
        expect(page.get_by_role("button", name=re.compile("^Start")).last).to_be_visible()
        pages.get_by_role("link", name="Runs").click()
        for name in ("Digits", "sigils"):
            page.get_by_role("checkbox", name=re.compile(f"^Choose {name}")).first.check()
        page.get_by_role("region", name="Chosen runs").get_by_role("button", name="Compare").click()
        expect(page).to_have_url(re.compile(f"{PREFIX}/compare\\?"))
        expect(page.get_by_role("heading", name=re.compile("Compar"))).to_be_visible()

        # The class and the teacher's own settings.
        pages.get_by_role("link", name="Class").click()
        page.get_by_role("button", name=re.compile("Open a link|New code")).first.click()
        expect(page.locator(".code").first).to_have_text(re.compile(r"\w"))
        page.get_by_role("link", name="teacher", exact=True).click()
        expect(page).to_have_url(re.compile(f"{PREFIX}/settings$"))
        page.close()
        outside = [url for url in asked if url.startswith(("http", "ws")) and not urlsplit(url).path.startswith(PREFIX)]
        assert outside == []
