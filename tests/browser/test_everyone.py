"""Every page, for everyone: axe-core, keyboard, narrow and projected, light and dark."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.axe import OF_COLOURS, faults, faults_light_and_dark
from tests.browser.conftest import WIDE, Profile, Watch
from tests.server import Server, wait_for

SCHEME = "document.documentElement.dataset.mantineColorScheme"
PHONE = ViewportSize(width=400, height=800)
#: Every page in its main states: its address, and what is there when it is drawn. Ids are filled in.
PAGES = {
    "runs": ("/", ".run-link"),
    "runs by configuration": ("/?by=configuration", ".expander"),
    "runs, none matches": ("/?search=nothing-like-this", ".when-none h2:visible"),
    "new run": ("/new", "main form, main input"),
    "data": ("/datasets", ".dataset"),
    "finished run": ("/runs/{finished}", ".graph-frame.ready"),
    "failed run": ("/runs/{failed}", ".failure:visible"),
    "comparison": ("/compare?runs={finished},{failed}", "body[data-compared] #compare-page:not([aria-busy]) h1"),
    "playground": ("/playground", "#playground[data-iteration='0'] .playground-surface"),
    "class": ("/class", ".class-start"),
    "lesson": ("/learn/one-synapse?step=turn", "#playground[data-iteration='1'] .playground-surface"),
    "for teachers": ("/learn/teach/one-bit", ".teach-question"),
    "policies": ("/policies?policy=bred_stochastic&with=win_stay_lose_shift", ".policy-difference"),
    "the paper": ("/paper", "#paper[data-ready] h2"),
    "policies, editor": ("/policies?policy=bred_stochastic&edit=1", ".policy-trial-now[data-iteration]"),
    "policies, race": ("/policies?race=new&of=bred", ".race-task"),
    "policies, breeding": ("/policies?breed=new", ".race-policies"),
    "no such run": ("/runs/nosuch", "main h1"),
    "no such page": ("/nothing/here", "main h1"),
}


class Site:
    """A server with runs in every state, and where its pages are."""

    def __init__(self, server: Server, ids: dict[str, str]) -> None:
        self.server, self._ids = server, ids

    def open(self, page: Page, name: str) -> None:
        """Open a page and wait until it is drawn."""
        path, drawn = PAGES[name]
        page.goto(self.server.url + path.format(**self._ids))
        page.locator(drawn).first.wait_for()


@pytest.fixture(scope="module")
def site(shared_server: Server) -> Iterator[Site]:
    """The server of many tests, with a run in each state that stays, and two that differ in their seeds."""
    server = shared_server

    def stored(name: str, status: str, tags: list[str], act: str = "", **config: Any) -> str:
        run: str = server.post("/api/v1/runs", {"name": name, "tags": tags, "config": config})["id"]

        def now() -> str:
            told: str = server.get(f"/api/v1/runs/{run}")["status"]
            return told

        if act:
            wait_for(now, lambda status: status == "running")
            server.post(f"/api/v1/runs/{run}/{act}")
        wait_for(now, lambda seen: seen == status)
        return run

    finished = stored("Finished", "succeeded", ["baseline"], iterations=400, hidden_layers=[16])
    hopeless: dict[str, Any] = {"iterations": 500, "give_up_after": 200, "give_up_below": 0.9, "step_size": 1e-6}
    failed = stored("Failed", "failed", ["lecture 3", "wide"], **hopeless)
    others = [
        stored("Finished too", "succeeded", [], iterations=400, hidden_layers=[16], seed=1),
        stored("Stopped", "stopped", [], "stop", iterations=50_000_000),
        stored("Paused", "paused", [], "pause", iterations=50_000_000),
    ]
    yield Site(server, {"finished": finished, "failed": failed})
    server.stop_run(others[-1])
    wait_for(lambda: server.get(f"/api/v1/runs/{others[-1]}")["status"], lambda seen: seen == "stopped")
    server.post("/api/v1/runs/actions", {"action": "delete", "ids": [finished, failed, *others]})


# -- three looks at one visit of each page, in this order


@pytest.fixture(scope="module", params=PAGES)
def visited(request: pytest.FixtureRequest, profile: Profile, site: Site) -> Iterator[Page]:
    """Each page, opened once, in a window as narrow as a phone, for the three tests that follow."""
    watching = Watch()
    watching.observe(profile.context)
    page = profile.tab()
    page.set_viewport_size(PHONE)
    site.open(page, request.param)
    yield page
    profile.clean()
    watching.leave(profile.context)
    assert watching.faults == []


@pytest.fixture
def wide(visited: Page) -> Page:
    """The page in a wide window."""
    visited.set_viewport_size(WIDE)
    return visited


def test_pages_fit_narrow_windows_and_large_type(visited: Page) -> None:
    """As opened on a phone, widened to a small window, and there in large type."""
    page = visited

    def fits(width: int) -> None:
        fitting = "width => innerWidth === width && document.documentElement.scrollWidth <= width"
        page.wait_for_function(fitting, arg=width)

    fits(400)
    page.set_viewport_size({"width": 768, "height": 800})
    fits(768)
    page.set_viewport_size({"width": 1024, "height": 800})
    fits(1024)
    large = page.get_by_role("button", name="Large type")
    large.dispatch_event("click")  # which leaves the keyboard at the beginning of the page
    expect(page.locator("html")).to_have_attribute("data-projector", "true")
    fits(1024)
    large.dispatch_event("click")


def test_axe_finds_nothing_grave(wide: Page) -> None:
    assert wide.evaluate(SCHEME) == "light", "what this profile prefers"
    assert faults_light_and_dark(wide) == []


#: Has the page itself write down where the focus stands when Tab is pressed, until it leaves the page: to ask for it
#: after each of a page's sixty keys would cost as much as the keys.
RECORD_STOPS = """() => {
  const shown = (element, pseudo) => {
    const style = getComputedStyle(element, pseudo);
    const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1;
    // The grid draws its ring as a border of what lies over the cell.
    const bordered = pseudo && style.content !== "none" && parseFloat(style.borderTopWidth) >= 1;
    return outlined || bordered || (element.matches(".ag-cell") && parseFloat(style.borderTopWidth) >= 1);
  };
  const record = { stops: [], isOver: false };
  window.keyboardRecord = record;
  addEventListener("keydown", ({ key }) => {
    const now = document.activeElement;
    if (key !== "Tab" || record.isOver) return;
    record.isOver = !now || now === document.body;
    if (record.isOver) return;
    const near = [now, now.nextElementSibling, now.closest("label")].filter(Boolean);
    record.stops.push({
      what: now.outerHTML.slice(0, 120),
      visible: near.some(element => shown(element) || shown(element, "::after")),
      page: document.querySelector(".top").contains(now) ? "header" : "content",
    });
  }, true);
}"""
MOST_STOPS = 60
STOPS_A_LOOK = 6


def stops_of_the_keyboard(page: Page) -> list[dict[str, Any]]:
    """Press Tab until the focus leaves the page, or often; return where it stood before each."""
    page.evaluate(RECORD_STOPS)
    for _ in range(0, MOST_STOPS, STOPS_A_LOOK):
        for _ in range(STOPS_A_LOOK):
            page.keyboard.press("Tab")
        if page.evaluate("keyboardRecord.isOver"):
            break
    stops: list[dict[str, Any]] = page.evaluate("keyboardRecord.stops")
    return stops


def test_the_keyboard_gets_everywhere_and_shows_where_it_is(wide: Page) -> None:
    page = wide
    page.locator("body").press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    seen = stops_of_the_keyboard(page)
    assert [stop["what"] for stop in seen if not stop["visible"]] == []
    assert {stop["page"] for stop in seen} == {"header", "content"}


# -- what opens on a page: each act returns it, and axe looks at it alone


def open_menu(page: Page) -> str:
    page.locator(".ag-row").nth(1).get_by_role("button", name="More for").click()
    expect(page.get_by_role("menu")).to_be_visible()
    return "[role=menu]"


def open_dialog(page: Page) -> str:
    open_menu(page)
    page.get_by_role("menuitem", name="Name, tags and notes").click()
    expect(page.locator("dialog[open]")).to_be_visible()
    return "dialog[open]"


def open_columns(page: Page) -> str:
    page.get_by_role("button", name="Columns").click()
    expect(page.get_by_role("group", name="Columns")).to_be_visible()
    return "[role=group][aria-label=Columns]"


def choose_and_undo(page: Page) -> str:
    page.locator(".ag-row .choose input").nth(2).check()
    page.get_by_role("region", name="Chosen runs").get_by_role("button", name="Archive").click()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("status").filter(has_text="taken back")).to_be_visible()
    return "#news, [role=region][aria-label='Chosen runs']"


def test_axe_finds_nothing_grave_in_what_opens(page: Page, site: Site) -> None:
    site.open(page, "runs")
    found = {}
    for act in (open_menu, open_dialog, open_columns, choose_and_undo):
        opened = act(page)
        found[act.__name__] = faults_light_and_dark(page, within=opened)
        page.keyboard.press("Escape")
        expect(page.locator("[role=menu]:visible, dialog[open]")).to_have_count(0)
    assert {name: some for name, some in found.items() if some} == {}


def test_a_page_begins_dark_and_large_type_stays_and_grows_figures(page: Page, site: Site) -> None:
    # It begins in the dark where the system prefers it, not only when switched to it.
    page.emulate_media(color_scheme="dark")
    site.open(page, "finished run")
    assert page.evaluate(SCHEME) == "dark"
    assert faults(page, only=OF_COLOURS) == []

    # Large type makes the figures grow, and stays on the next page.
    small = page.evaluate("parseFloat(getComputedStyle(document.querySelector('main h1')).fontSize)")
    ticks = "document.querySelector('#accuracy-graph .js-plotly-plot')._fullLayout.xaxis.tickfont.size"
    others = ("#accuracy-graph .scatterlayer .text text", ".policy-cell .visits", ".policy-table .lamp")
    page.locator(others[0]).first.wait_for()
    page.locator(others[1]).first.wait_for()
    heights = "all => all.map(one => document.querySelector(one).getBoundingClientRect().height)"
    before, heights_before = page.evaluate(ticks), page.evaluate(heights, others)
    button = page.get_by_role("button", name="Large type")
    expect(button).to_have_attribute("aria-pressed", "false")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    page.wait_for_function(f"{ticks} > {before}")
    page.wait_for_function(
        f"([all, before]) => ({heights})(all).every((height, i) => height > 1.25 * before[i])",
        arg=[others, heights_before],
    )
    site.open(page, "runs")
    assert page.evaluate("parseFloat(getComputedStyle(document.querySelector('main h1')).fontSize)") > 1.3 * small
    assert page.locator(".ag-row").first.evaluate("row => row.offsetHeight") > 60
    page.get_by_role("button", name="Large type").click()
    page.wait_for_function("document.querySelector('.ag-row')?.offsetHeight < 50")
    page.reload()
    page.locator(".run-link").first.wait_for()
    expect(page.get_by_role("button", name="Large type")).to_have_attribute("aria-pressed", "false")


def test_the_skip_link_and_the_header_lead_the_keyboard_to_the_content(page: Page, site: Site) -> None:
    # The skip link leads past the header.
    site.open(page, "runs")
    page.locator("body").press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.getElementById('content').contains(document.activeElement)")

    # The header marks the page in view, and hands the keyboard over to the one that it leads to.
    current = page.locator(".top [aria-current=page]")
    expect(current).to_have_text("Runs")
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Data").click()
    expect(current).to_have_text("Data")
    expect(page.locator("#content")).to_be_focused()
