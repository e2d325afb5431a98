"""The page of the runs as people use it: chosen, changed, undone, folded, found again, by mouse and by keyboard."""

from __future__ import annotations

import re
import statistics
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.conftest import Watch
from tests.many_runs import REASON, store_runs
from tests.server import Server, running, wait_for
from tests.slowness import patience

MANY = 10_000
#: Generous: other programs may have the processors. docs/pages.md has what a quiet machine takes.
MANY_WITHIN_SECONDS = 30.0


def opened(page: Page, server: Server, query: str = "") -> Page:
    page.goto(server.url + "/" + query)
    page.wait_for_function("Number(document.body?.dataset.rows) >= 0")
    return page


def row(page: Page, name: str) -> Locator:
    return page.locator(".ag-row", has=page.get_by_role("link", name=name, exact=True))


def names(page: Page) -> list[str]:
    shown: list[str] = page.evaluate(
        """() => [...document.querySelectorAll('.ag-row')]
             .sort((a, b) => a.getAttribute('row-index') - b.getAttribute('row-index'))
             .map(row => (row.querySelector('.run-link') || {}).textContent)"""
    )
    return shown


def choose(page: Page, *wanted: str) -> Locator:
    for name in wanted:
        page.get_by_role("checkbox", name=f"Choose {name}", exact=True).check()
    return page.get_by_role("region", name="Chosen runs")


@pytest.fixture(scope="module")
def server(elsewhere: Server) -> Server:
    return elsewhere


@pytest.fixture
def busy(shared_server: Server) -> Iterator[Server]:
    """A server whose one worker is busy with a long run."""
    run = start(shared_server, "Busy", iterations=50_000_000)

    def status() -> str:
        told: str = shared_server.get(f"/api/v1/runs/{run}")["status"]
        return told

    wait_for(status, lambda now: now == "running")
    yield shared_server
    shared_server.stop_runs()
    wait_for(status, lambda now: now == "stopped")
    shared_server.post("/api/v1/runs/actions", {"action": "delete", "ids": [run]})


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with many runs that have ended."""
    folder = tmp_path_factory.mktemp("many")
    store_runs(folder / "synrl.db", MANY)
    with running(folder, SYNRL_WORKERS="1") as started:
        yield started


def start(server: Server, name: str, tags: list[str] | None = None, **config: Any) -> str:
    run: str = server.post("/api/v1/runs", {"name": name, "tags": tags or [], "config": config})["id"]
    return run


# -- choosing, and what is done with the chosen


def test_runs_are_chosen_stopped_archived_deleted_and_restored(page: Page, server: Server) -> None:
    for name in ("One", "Two", "Three"):
        start(server, name)
    opened(page, server)
    place = re.compile(r"queued\s*(next|2nd|3rd) in the queue")
    expect(row(page, "One").locator("[col-id=status]")).to_contain_text(place)
    bar = choose(page, "One", "Two")
    expect(bar).to_contain_text("2 chosen")
    bar.get_by_role("button", name="Stop").click()
    news = page.locator("#news")
    expect(news).to_contain_text("2 runs stopped.")
    for name in ("One", "Two"):
        expect(row(page, name).locator(".status")).to_contain_text("stopped")

    bar.get_by_role("button", name="Archive").click()
    expect(row(page, "One")).to_have_count(0)
    expect(news).to_contain_text("2 runs archived.")
    page.get_by_label("Place").select_option("Archived")
    expect(row(page, "Two")).to_be_visible()
    news.get_by_role("button", name="Undo").click()
    expect(row(page, "Two")).to_have_count(0)
    page.get_by_label("Place").select_option("Active")
    expect(row(page, "One")).to_be_visible()

    # What is chosen does not outlive a change of place.
    expect(bar).to_be_hidden()
    bar = choose(page, "One", "Two")
    bar.get_by_role("button", name="Delete").click()
    expect(news).to_contain_text("2 runs moved to the trash.")
    expect(row(page, "One")).to_have_count(0)
    expect(bar).to_be_hidden()
    page.keyboard.press("Control+z")
    expect(row(page, "One")).to_be_visible()
    expect(row(page, "Two")).to_be_visible()
    expect(news).to_contain_text("2 runs restored.")


def test_a_refused_action_is_reported_and_hinders_no_other(page: Page, busy: Server) -> None:
    waits = start(busy, "Waits")
    opened(page, busy)
    bar = choose(page, "Busy", "Waits")
    bar.get_by_role("button", name="Delete").click()
    expect(page.locator("#news")).to_contain_text("1 run moved to the trash. Run 'Busy' is running")
    expect(row(page, "Waits")).to_have_count(0)
    # What is chosen in one place is not what is deleted for good in another.
    page.get_by_label("Place").select_option("Trash")
    expect(bar).to_be_hidden()
    choose(page, "Waits").get_by_role("button", name="Delete for good").click()
    expect(page.locator("#news")).to_contain_text("1 run deleted for good.")
    assert waits not in [run["id"] for run in busy.get("/api/v1/runs?limit=1000")["items"]]


def test_tags_and_names_are_changed_in_place(page: Page, server: Server) -> None:
    start(server, "Unnamed")
    start(server, "Other")
    opened(page, server)
    row(page, "Unnamed").get_by_role("button", name="More for").click()
    page.get_by_role("menuitem", name="Name, tags and notes").click()
    dialog = page.locator("dialog[open]")
    dialog.get_by_label("Name").fill("<b>Named</b>")
    dialog.get_by_label("Tags").fill("mine, wide")
    dialog.get_by_role("button", name="Save").click()
    expect(row(page, "<b>Named</b>").locator(".tag")).to_have_text(["mine", "wide"])
    choose(page, "<b>Named</b>", "Other").get_by_role("button", name="Tag").click()
    page.locator("dialog[open]").get_by_label("Tags, with commas").fill("both")
    page.locator("dialog[open]").get_by_role("button", name="Save").click()
    expect(row(page, "Other").locator(".tag")).to_have_text(["both"])
    expect(row(page, "<b>Named</b>").locator(".tag")).to_have_text(["mine", "wide", "both"])
    page.get_by_label("Tag", exact=True).select_option("mine")
    expect(row(page, "Other")).to_have_count(0)


def test_everything_goes_by_the_keyboard(page: Page, server: Server) -> None:
    for name in ("Another", "Keys A", "Keys B"):
        start(server, name)
    opened(page, server)
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("keys")
    page.wait_for_function("document.body?.dataset.rows === '2'")
    row(page, "Keys A").wait_for()
    row(page, "Another").wait_for(state="detached")
    # Into the grid by Tab, then its own keys: arrows move, Space chooses.
    for _ in range(30):
        if page.evaluate("document.activeElement.matches('.ag-header-cell, .ag-cell')"):
            break
        page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    bar = page.get_by_role("region", name="Chosen runs")
    expect(bar).to_contain_text("1 chosen")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Space")
    expect(bar).to_contain_text("2 chosen")
    page.keyboard.press("Delete")
    page.wait_for_function("document.body?.dataset.rows === '0'")
    expect(page.get_by_role("heading", name="No run matches")).to_be_visible()
    page.locator("#news").get_by_role("button", name="Undo").focus()
    page.keyboard.press("Enter")
    page.wait_for_function("document.body?.dataset.rows === '2'")
    page.get_by_role("searchbox").focus()
    for _ in range(30):
        if page.evaluate("document.activeElement.matches('.ag-header-cell, .ag-cell')"):
            break
        page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("F2")
    expect(page.locator("dialog[open]")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/runs/"))


# -- groups


def test_seeds_fold_into_one_row_with_mean_and_deviation(page: Page, shared_server: Server) -> None:
    ids = [
        start(shared_server, f"Seed {seed}", ["folded"], seed=seed, iterations=300, hidden_layers=[4])
        for seed in range(3)
    ]
    start(shared_server, "Other", ["folded"], iterations=100, hidden_layers=[2])
    ended = [
        wait_for(lambda i=i: shared_server.get(f"/api/v1/runs/{i}"), lambda run: run["status"] == "succeeded", 120)  # type: ignore[misc]
        for i in ids
    ]
    best = [100 * run["best_validation_accuracy"] for run in ended]
    opened(page, shared_server, "?tag=folded")
    page.get_by_label("Grouping").select_option("By configuration")
    group = page.locator(".row-group", has_text="3 runs")
    expect(group.locator("[col-id=best_validation_accuracy]")).to_contain_text(f"{statistics.mean(best):.1f} %")
    expect(group.locator("[col-id=best_validation_accuracy]")).to_contain_text(f"± {statistics.stdev(best):.1f} %")
    expect(group).to_contain_text("3 finished")
    expect(page.locator(".row-member")).to_have_count(0)
    group.get_by_role("button", name="Runs of").click()
    expect(page.locator(".row-member")).to_have_count(3)
    expect(page.locator(".row-member").first).to_contain_text("seed 0")
    group.get_by_role("checkbox").check()
    expect(page.get_by_role("region", name="Chosen runs")).to_contain_text("3 chosen")
    expect(page.get_by_role("link", name="Compare 3")).to_be_visible()
    page.get_by_role("region", name="Chosen runs").get_by_role("button", name="Compare").click()
    page.wait_for_url(re.compile("/compare"))
    asked = page.evaluate("new URLSearchParams(location.search).get('runs')")
    assert sorted(asked.split(",")) == sorted(ids)


# -- what is remembered


def test_order_filters_and_columns_are_kept(page: Page, stored: Server) -> None:
    opened(page, stored)
    page.get_by_label("Data set", exact=True).select_option("wine")
    page.get_by_label("Owner", exact=True).select_option("ada")
    page.wait_for_function("Number(document.body?.dataset.runs) < 2000")
    page.locator(".ag-header-cell[col-id=best_validation_accuracy]").click()
    expect(page.locator(".ag-header-cell[col-id=best_validation_accuracy]")).to_have_attribute(
        "aria-sort", "descending"
    )
    page.get_by_role("button", name="Columns").click()
    page.get_by_role("checkbox", name="Owner").check()
    page.get_by_role("checkbox", name="Curve").uncheck()
    page.keyboard.press("Escape")
    expect(page.locator(".ag-header-cell[col-id=owner]")).to_be_visible()
    page.wait_for_function("document.querySelector('[row-index=\"0\"] .run-link')?.textContent.startsWith('wine')")
    before, runs = names(page), page.evaluate("document.body.dataset.runs")
    address = page.url
    assert "dataset=wine" in address

    def is_as_before() -> None:
        page.wait_for_function("runs => document.body?.dataset.runs === runs", arg=runs)
        wait_for(lambda: names(page), lambda now: now == before)
        expect(page.get_by_label("Owner", exact=True)).to_have_value("ada")
        expect(page.locator(".ag-header-cell[col-id=owner]")).to_be_visible()
        expect(page.locator(".ag-header-cell[col-id=curve]")).to_have_count(0)
        assert page.url == address

    # Somebody who comes back without an address finds all as they left it.
    page.goto(stored.url + "/")
    is_as_before()
    page.get_by_role("button", name="Clear filters").click()
    page.wait_for_function(f"document.body?.dataset.runs === '{MANY}'")
    # The address says it all, reloaded or given to somebody else, whatever was chosen last.
    page.goto(address)
    is_as_before()


# -- many


def test_ten_thousand_runs_appear_soon_and_are_fetched_while_scrolling(page: Page, stored: Server) -> None:
    page.goto(stored.url, wait_until="commit")
    page.locator(".run-link").first.wait_for()
    seconds = page.evaluate("performance.now() / 1000")
    assert seconds < patience(MANY_WITHIN_SECONDS)
    assert page.locator(".ag-row").count() < 100
    grid = page.locator(".ag-body-viewport, .ag-grid-body-viewport, .ag-body").first
    grid.hover()
    page.evaluate("dash_ag_grid.getApi('runs-grid').ensureIndexVisible(7000, 'top')")
    page.wait_for_function("document.querySelector('[row-index=\"7000\"] .run-link') !== null")
    fetched = page.evaluate(
        "performance.getEntriesByType('resource').filter(one => one.name.includes('/runs/table')).length"
    )
    assert fetched <= 6
    failed = page.locator(".ag-row", has=page.locator("[data-status=failed]")).first
    expect(failed.locator(".reason")).to_have_text(REASON)


def test_all_that_match_can_be_chosen_at_once(page: Page, stored: Server) -> None:
    opened(page, stored, "?tag=baseline&dataset=wine&status=failed")
    page.locator(".run-link").first.wait_for()
    runs = int(page.evaluate("document.body.dataset.runs"))
    assert runs > 20
    page.locator(".choose input").first.check()
    bar = page.get_by_role("region", name="Chosen runs")
    bar.get_by_role("button", name=f"Choose all {runs}").click()
    expect(bar).to_contain_text(f"{runs} chosen")
    bar.get_by_role("button", name="Choose none").click()
    expect(bar).to_be_hidden()


# -- live


def test_two_tabs_show_the_same_while_things_change(context: BrowserContext, page: Page, busy: Server) -> None:
    other = opened(context.new_page(), busy)
    opened(page, busy)
    expect(row(page, "Busy").locator(".cell-progress")).to_contain_text("it/s")
    first = float(row(page, "Busy").locator(".bar").evaluate("bar => bar.getBoundingClientRect().width"))
    page.wait_for_function(
        "width => document.querySelector('[data-status=running] .bar')?.getBoundingClientRect().width > width",
        arg=first,
    )
    new = start(busy, "From elsewhere")
    for tab in (page, other):
        expect(row(tab, "From elsewhere")).to_be_visible()
    busy.stop_run(new)
    for tab in (page, other):
        expect(row(tab, "From elsewhere").locator(".status")).to_contain_text("stopped")
    busy.post("/api/v1/runs/actions", {"action": "delete", "ids": [new]})
    for tab in (page, other):
        expect(row(tab, "From elsewhere")).to_have_count(0)


def test_dark_is_kept_and_long_names_stay_in_their_row(page: Page, server: Server, watch: Watch) -> None:
    long = "A name that is much too long for its column " * 4
    start(server, long.strip())
    opened(page, server)
    page.get_by_role("button", name="Switch between light and dark").click()
    page.wait_for_function("document.documentElement.dataset.mantineColorScheme === 'dark'")
    page.reload()
    page.wait_for_function("document.documentElement.dataset.mantineColorScheme === 'dark'")
    ground = "getComputedStyle(document.querySelector('.ag-row')).backgroundColor"
    page.locator(".run-link").first.wait_for()
    assert max(map(int, re.findall(r"\d+", page.evaluate(ground))[:3])) < 60
    link = page.get_by_role("link", name=long.strip())
    expect(link).to_have_attribute("title", long.strip())
    assert link.evaluate("element => element.closest('.ag-row').offsetHeight") == 48
    assert watch.faults == []


def test_on_a_first_visit_a_plain_table_comes_before_the_grid(new_tab: Page, server: Server) -> None:
    page = new_tab
    run = server.post("/api/v1/runs", {"name": "seen first", "config": {"dataset": "xor"}})
    page.context.clear_cookies()
    # The page waits 1.5 s for its table; a busy machine may take longer for the answer.
    page.add_init_script(
        "const wait = setTimeout; window.setTimeout = (act, ms, ...all) => wait(act, ms === 1500 ? 1e6 : ms, ...all);"
    )
    page.route("**/dash_ag_grid*", lambda _: None)
    page.goto(server.url, wait_until="commit")
    link = page.locator("#first-list").get_by_role("link", name="seen first")
    expect(link).to_have_attribute("href", f"/runs/{run['id']}")
    link.focus()
    page.unroute("**/dash_ag_grid*")  # which lets those go on that are held
    expect(row(page, "seen first")).to_be_visible()
    expect(page.locator("#first-list")).to_have_count(0)
    expect(row(page, "seen first").get_by_role("link", name="seen first")).to_be_focused()
    opened(page, server)
    expect(page.locator("#first-list")).to_have_count(0)
    server.post(f"/api/v1/runs/{run['id']}/stop")
