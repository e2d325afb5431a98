"""Steps of tests of the playground: open it, wait for a moment, read what it shows."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from synrl_core.tape import Moment, Recorder, Scene, play
from tests.browser.conftest import PATIENCE_MS
from tests.server import Server

NUMBER = r"-?\d+\.\d+"


def open_playground(page: Page, server: Server, query: str = "", at: int = 0) -> None:
    page.goto(f"{server.url}/playground?{query}{f'&at={at}' if at else ''}")
    stands_at(page, at)


def stands_at(page: Page, iteration: int) -> None:
    expect(page.locator("#playground")).to_have_attribute("data-iteration", str(iteration), timeout=PATIENCE_MS)


def reaches(page: Page, iteration: int) -> None:
    script = "most => Number(document.getElementById('playground').dataset.iteration) >= most"
    page.wait_for_function(script, arg=iteration, timeout=PATIENCE_MS)


def seen(page: Page) -> dict[str, str]:
    """Everything that depends on the moment, pictures included."""
    pictures = page.evaluate("[...document.querySelectorAll('#playground canvas')].map(one => one.toDataURL()).join()")
    words = {name: page.locator(f".playground-{name}").first.inner_text() for name in ("beats", "sentence", "now")}
    lamps = page.locator(".playground-lamps").inner_html()
    cells = """[...document.querySelectorAll(".playground-table td button")].map(cell => [
      cell.textContent, cell.title, cell.hasAttribute("data-now"), cell.hasAttribute("data-mine")]).join()"""
    return {**words, "lamps": lamps, "table": page.evaluate(cells), "pictures": pictures}


def at_rest(page: Page) -> dict[str, str]:
    """What is seen once the surface is drawn finely and the draws of chance are here."""
    page.wait_for_function(
        "(({rests, iteration}) => rests === iteration)(document.getElementById('playground').dataset)"
    )
    return seen(page)


def choose(page: Page, synapse: int) -> None:
    """Choose a synapse and wait until it is shown."""
    page.get_by_label("Synapse", exact=True).select_option(str(synapse))
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def moments_of(scene: Scene, until: int) -> list[Moment]:
    return list(play(scene, [Recorder(scene).record(until)]))
