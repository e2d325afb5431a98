"""Take the screenshots of docs/screenshots: every page in its main states, light and dark.

    .venv/bin/python -m scripts.screenshots [name ...]

Names take only the pictures that begin so; `live` is the animation. Pictures are cut to 256 colours, which their flat
grounds don't show.
"""

from __future__ import annotations

import io
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from tests.browser import chromium
from tests.many_runs import store_runs
from tests.server import Server, running, wait_for

TARGET = Path(__file__).parent.parent / "docs" / "screenshots"
DESKTOP = ViewportSize(width=1440, height=900)
# A page draws only figures that are seen: for a picture of all of it, the window must hold it.
TALL = ViewportSize(width=1440, height=1900)
RUN = ViewportSize(width=1440, height=2400)
PHONE = ViewportSize(width=400, height=860)
PROJECTOR = ViewportSize(width=1280, height=720)
TABLET = ViewportSize(width=1024, height=768)
#: Of the animation: how many pictures, how wide, and how long each is seen.
FRAMES, FRAME_WIDTH, FRAME_MS, LAST_FRAME_MS = 36, 960, 140, 2500

Wanted = Callable[[str], bool]


def main(only: list[str]) -> None:
    """Take all pictures, or those whose names begin as asked."""
    executable = chromium.find()
    if executable is None:
        sys.exit("no Chromium: run `make browser`")
    TARGET.mkdir(parents=True, exist_ok=True)

    def wanted(name: str) -> bool:
        return not only or any(name.startswith(begin) for begin in only)

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=list(chromium.FLAGS))
        camera = Camera(browser, wanted)
        first_visit(camera)
        months_later(camera)
        lessons(camera)
        class_session(camera)
        learning(camera)
        browser.close()


class Camera:
    """Opens pages in a browser and takes screenshots."""

    def __init__(self, browser: Browser, wanted: Wanted) -> None:
        self._browser, self.wanted = browser, wanted

    @contextmanager
    def page(self, size: ViewportSize = DESKTOP, *, dark: bool = False, projector: bool = False) -> Iterator[Page]:
        """A tab of a browser of its own."""
        context = self._browser.new_context(bypass_csp=True, viewport=size, color_scheme="dark" if dark else "light")
        context.set_default_timeout(180_000)
        if projector:
            context.add_init_script("localStorage.setItem('synrl-projector', 'true')")
        yield context.new_page()
        context.close()

    def shoot(self, page: Page, name: str) -> None:
        """Take one picture, with figures and transitions at their end."""
        if not self.wanted(name):
            return
        page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        page.wait_for_timeout(800)
        few = (
            Image.open(io.BytesIO(page.screenshot()))
            .convert("RGB")
            .quantize(256, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
        )
        few.save(TARGET / f"{name}.png", optimize=True)
        print(f"docs/screenshots/{name}.png")

    def visit(self, name: str, url: str, drawn: str, size: ViewportSize = DESKTOP, **look: bool) -> None:
        """Open an address, wait for what is drawn, take its picture."""
        if not self.wanted(name):
            return
        with self.page(size, **look) as page:
            page.goto(url)
            page.locator(drawn).first.wait_for()
            self.shoot(page, name)


@contextmanager
def server(runs: int = 0) -> Iterator[Server]:
    """A server of its own, with so many runs that ended some time ago."""
    with tempfile.TemporaryDirectory() as folder:
        if runs:
            store_runs(Path(folder) / "synrl.db", runs)
        with running(Path(folder), SYNRL_WORKERS="1") as started:
            yield started


# -- the first visit


def first_visit(camera: Camera) -> None:
    """Empty, live and finished; light and dark, wide and narrow, projected; and the animation."""
    if not any(map(camera.wanted, ("runs-empty", "run-", "live"))):
        return
    with server() as fresh:
        for dark in (False, True):
            camera.visit(f"runs-empty{'-dark' if dark else ''}", fresh.url, ".preset", dark=dark)
        with camera.page(RUN) as page:
            page.goto(fresh.url)
            page.get_by_role("button", name=re.compile("^Digits")).click()
            points(page, 90)
            camera.shoot(page, "run-live")
            page.wait_for_function("document.body.dataset.status === 'succeeded'")
            points(page, 201)
            camera.shoot(page, "run-finished")
            address = page.url
        for name, size, look in (
            ("run-dark", RUN, {"dark": True}),
            ("run-narrow", ViewportSize(width=400, height=2600), {}),
            ("run-projector", RUN, {"projector": True}),
        ):
            if camera.wanted(name):
                with camera.page(size, **look) as page:
                    page.goto(address)
                    points(page, 201)
                    camera.shoot(page, name)
        animation(camera, fresh)


def points(page: Page, least: int) -> None:
    """Wait until so many points are drawn."""
    page.wait_for_function("least => Number(document.body.dataset.points) >= least", arg=least)


def animation(camera: Camera, fresh: Server) -> None:
    """A run from its first point to its end, as an animated WebP."""
    if not camera.wanted("live"):
        return
    frames = []
    with camera.page(ViewportSize(width=1280, height=1040)) as page:
        run = fresh.post("/api/v1/runs", {"name": "Digits", "config": {"iterations": 20_000}})
        page.goto(f"{fresh.url}/runs/{run['id']}")
        for frame in range(FRAMES):
            points(page, 2 + frame * 199 // (FRAMES - 1))
            picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
            frames.append(picture.resize((FRAME_WIDTH, FRAME_WIDTH * picture.height // picture.width)))
    durations = [FRAME_MS] * (len(frames) - 1) + [LAST_FRAME_MS]
    options: dict[str, Any] = {"quality": 60, "method": 6, "minimize_size": True, "loop": 0}
    frames[0].save(TARGET / "live.webp", save_all=True, append_images=frames[1:], duration=durations, **options)
    print("docs/screenshots/live.webp")


# -- months later


def months_later(camera: Camera) -> None:
    """A thousand runs: found, folded, chosen, failed; one in training, some that wait."""
    if not camera.wanted("runs") and not camera.wanted("run-failed"):
        return
    with server(1000) as full:
        failed = full.post("/api/v1/runs", {"name": "Digits, steps too small", "config": HOPELESS})["id"]
        wait_for(lambda: full.get(f"/api/v1/runs/{failed}")["status"], lambda now: now == "failed", timeout=300)
        busy = full.post("/api/v1/runs", {"name": "Digits, wide", "tags": ["lecture 3"], "config": LONG})["id"]
        full.post("/api/v1/runs", {"name": "A name that is much too long for its column " * 4, "config": LONG})
        full.post("/api/v1/runs", {"name": "Thresholds", "config": LONG | {"activation": "step"}})
        wait_for(lambda: full.get(f"/api/v1/runs/{busy}")["iteration"], lambda done: done > 1500, timeout=600)
        drawn = ".ag-row [data-status=running] .bar"
        for name, size, look in (
            ("runs", DESKTOP, {}),
            ("runs-dark", DESKTOP, {"dark": True}),
            ("runs-1024", TABLET, {}),
            ("runs-narrow", PHONE, {"dark": True}),
            ("runs-projector", DESKTOP, {"projector": True}),
        ):
            camera.visit(name, full.url, drawn if name != "runs-narrow" else ".run-link", size, **look)
        camera.visit("runs-none", f"{full.url}/?search=perceptron", ".when-none h2:visible")
        folded(camera, full)
        chosen(camera, full)
        camera.visit("run-failed", f"{full.url}/runs/{failed}", ".failure:visible")


LONG = {"iterations": 400_000, "hidden_layers": [64]}
#: A run that is given up, as its steps are too small.
HOPELESS = {"hidden_layers": [64], "step_size": 2e-5, "give_up_after": 3000, "give_up_below": 0.5}


def folded(camera: Camera, full: Server) -> None:
    """Seeds folded into mean and deviation, one group open."""
    for dark in (False, True):
        name = f"runs-groups{'-dark' if dark else ''}"
        if camera.wanted(name):
            with camera.page(dark=dark) as page:
                page.goto(f"{full.url}/?by=configuration&sort=-best_validation_accuracy")
                page.locator(".expander").nth(1).click()
                page.locator(".row-member").nth(4).wait_for()
                camera.shoot(page, name)


def chosen(camera: Camera, full: Server) -> None:
    """Some runs chosen, and others just archived, with the way back."""
    if not camera.wanted("runs-chosen"):
        return
    with camera.page() as page:
        page.goto(full.url)
        page.locator(".choose input").nth(6).check()
        page.get_by_role("region", name="Chosen runs").get_by_role("button", name="Archive").click()
        page.get_by_role("button", name="Undo").wait_for()
        for place in (3, 4, 6, 7):
            page.locator(".choose input").nth(place).check()
        camera.shoot(page, "runs-chosen")


# -- the other pages


def lessons(camera: Camera) -> None:
    """The form, the comparison of three policies by five seeds, the data, the settings, the API."""
    names = ("new", "compare", "data", "settings", "api")
    if not any(map(camera.wanted, names)):
        return
    with server() as site:
        for dark in (False, True):
            end = "-dark" if dark else ""
            camera.visit(f"new{end}", f"{site.url}/new", ".new-side", dark=dark)
            camera.visit(f"data{end}", f"{site.url}/datasets", ".dataset img", dark=dark)
            camera.visit(f"settings{end}", f"{site.url}/settings", "main h1", dark=dark)
        camera.visit("new-narrow", f"{site.url}/new", ".new-side", PHONE)
        camera.visit("data-narrow", f"{site.url}/datasets", ".dataset img", PHONE)
        camera.visit("api", f"{site.url}/docs", ".opblock")
        compared(camera, site)


def class_session(camera: Camera) -> None:
    """The board and a student's phone, while a class of simulated students is the synapses of a network."""
    if not any(map(camera.wanted, ("board", "seat"))):
        return
    with server() as site, camera.page(PROJECTOR) as board:
        session = site.post("/api/v1/class-sessions", {"title": "Learning without gradients"})
        path = f"/api/v1/class-sessions/{session['id']}"
        board.goto(f"{site.url}/board/{session['id']}")
        board.locator(".board-code").wait_for()
        board.request.put(f"{site.url}{path}/simulated", data={"students": 22})
        site.post(f"{path}/activities", {"kind": "synapse", "rounds": 30, "seconds": 5, "rest_seconds": 0})
        if camera.wanted("seat"):
            with camera.page(PHONE) as seat:
                seat.goto(f"{site.url}/join/{session['code']}")
                seat.get_by_label("Your name").fill("Ada")
                seat.get_by_role("button", name="Take a seat").click()
                seat.locator(".seat-moves").wait_for()
                seat.wait_for_function("document.querySelectorAll('.seat-history .session-lamp').length === 2")
                camera.shoot(seat, "seat")
        board.wait_for_function("document.querySelectorAll('.board-lamps .session-lamp').length >= 12")
        camera.shoot(board, "board")


def learning(camera: Camera) -> None:
    """A lesson whose prediction was answered."""
    if not camera.wanted("learn"):
        return
    with server() as site:
        for name, size, dark in (("learn", DESKTOP, False), ("learn-dark", DESKTOP, True)):
            with camera.page(size, dark=dark) as page:
                page.goto(f"{site.url}/learn/step-size?step=tiny")
                page.locator("#playground[data-iteration='0']").wait_for()
                page.get_by_label("In between").check()
                page.get_by_role("button", name="Commit my prediction").click()
                page.get_by_role("button", name="Play it").click()
                page.locator(".lesson-told p").first.wait_for()
                camera.shoot(page, name)


def compared(camera: Camera, site: Server) -> None:
    """Fifteen runs in three groups with a baseline."""
    if not camera.wanted("compare"):
        return
    sweep = site.post(
        "/api/v1/sweeps",
        {
            "name": "Which policy?",
            "config": {"iterations": 2000, "hidden_layers": [32]},
            "grid": {"policy": ["win_stay_lose_shift", "bred", "random"], "seed": list(range(5))},
        },
    )
    wait_for(
        lambda: site.get(f"/api/v1/sweeps/{sweep['id']}")["by_status"],
        lambda now: now == {"succeeded": 15},
        timeout=1200,
    )
    for name, size, dark in (
        ("compare", TALL, False),
        ("compare-dark", TALL, True),
        ("compare-narrow", ViewportSize(width=400, height=1800), False),
    ):
        if camera.wanted(name):
            with camera.page(size, dark=dark) as page:
                page.goto(f"{site.url}/compare?sweep={sweep['id']}")
                page.wait_for_function("document.body.dataset.compared === location.pathname + location.search")
                camera.shoot(page, name)


if __name__ == "__main__":
    main(sys.argv[1:])
