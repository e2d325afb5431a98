"""The pages: what they show, and what a click on them does."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import dash
import pytest
from dash.development.base_component import Component
from plotly.io.json import to_json_plotly

import dashboard
from backend.datasets import service as datasets
from backend.datasets.schemas import DatasetPreview
from backend.db.tables import Run, StoredDataset
from backend.kit.identity import Person, Role, acting
from backend.kit.status import RunStatus
from backend.runs import service as runs
from backend.runs.presets import presets
from backend.runs.presets_schemas import Preset
from backend.runs.schemas import RunCreate, RunRead
from dashboard import ids
from dashboard.components import preset_list
from dashboard.pages.datasets import datasets_page
from dashboard.pages.run import run_page
from dashboard.services import services_of
from synrl_core.config import TrainingConfig
from tests.dashboard.conftest import Pages

ASSETS = Path(dashboard.__file__).parent / "assets"
MODULES = Path(dashboard.__file__).parent / "web"


def as_text(component: object) -> str:
    return json.dumps(json.loads(to_json_plotly(component)), ensure_ascii=False)


def found(tree: Any, key: str) -> Iterator[str]:
    """Yield every value under a key, in the order of the page."""
    for inner in tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ():
        yield from found(inner, key)
    if isinstance(tree, dict) and key in tree:
        yield tree[key]


def create(pages: Pages, name: str = "Digits", config: TrainingConfig | None = None) -> RunRead:
    with pages.store.write() as session:
        return runs.create(session, RunCreate(name=name, config=config or TrainingConfig()))


def end(pages: Pages, run_id: str, status: RunStatus, error: str | None = None) -> None:
    with pages.store.write() as session:
        run = session.get(Run, run_id)
        assert run is not None
        run.status, run.error = status, error


# -- the shell


def test_dash_opens_no_socket_of_its_own(pages: Pages) -> None:
    """Its WebSocket is unused and switched off by an attribute that Dash does not document."""
    assert pages.app.backend.websocket_capability is False
    assert not [route for route in pages.app.server.routes if "ws" in getattr(route, "path", "")]
    assert '"websocket"' not in pages.client.get("/").text


class Addresses(HTMLParser):
    """Everything a page makes a browser fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del tag
        self.found += [value for name, value in attrs if name in ("src", "href") and value]


def test_the_page_asks_no_other_host(pages: Pages) -> None:
    addresses = Addresses()
    addresses.feed(pages.client.get("/").text)
    assert len(addresses.found) > 10
    assert [address for address in addresses.found if not re.match(r"/(?!/)", address)] == []
    for asset in (*ASSETS.rglob("*"), *MODULES.rglob("*")):
        if asset.suffix in (".js", ".css"):
            outside = [url for url in re.findall(r"https?://[^\s\"')]+", asset.read_text()) if "w3.org" not in url]
            assert outside == [], asset


def test_what_the_page_names_is_served(pages: Pages) -> None:
    addresses = Addresses()
    addresses.feed(pages.client.get("/").text)
    for address in (*addresses.found, "/assets/fonts/inter-latin.woff2", "/assets/icons/more.svg"):
        assert pages.client.get(address).status_code == 200, address


def test_fonts_are_small_and_come_with_their_licence() -> None:
    fonts = list((ASSETS / "fonts").glob("*.woff2"))
    assert sum(font.stat().st_size for font in fonts) < 150_000
    assert "SIL Open Font License" in (ASSETS / "fonts" / "LICENSE").read_text()


# -- the runs


def test_an_empty_page_offers_the_presets(pages: Pages) -> None:
    page = pages.open("/")
    assert "'data-empty': 'true'" in page
    for preset in presets():
        assert preset.title in page
        assert preset.description in page or preset.description.replace("'", "\\'") in page


@pytest.mark.parametrize("listed", [preset_list.cards, preset_list.menu])
def test_a_preset_carries_the_request_that_starts_it(listed: Callable[[list[Preset]], Component]) -> None:
    bodies = found(json.loads(to_json_plotly(listed(presets()))), "data-run")
    for body, preset in zip(bodies, presets(), strict=True):
        asked = RunCreate.model_validate_json(body)
        assert (asked.name, asked.config) == (preset.title, preset.config)


def test_the_page_of_many_runs_brings_none_of_them_along(pages: Pages) -> None:
    create(pages, "<b>first</b>")
    page = pages.open("/")
    assert "'data-empty': 'false'" in page
    assert "first" not in page


# -- a run


def test_a_run_shows_its_figures_and_configuration(pages: Pages) -> None:
    run = create(pages, "A run")
    page = pages.open(f"/runs/{run.id}")
    for panel in (ids.ACCURACY, ids.LOSS, ids.ACTIONS, ids.LAYERS, ids.WEIGHTS):
        assert f"'{ids.graph(panel)}'" in page
        assert f"'{ids.alternative(panel)}'" in page
    assert "'data-status': 'queued'" in page
    assert "Step size" in page
    assert "αₛ" in page


def test_gradient_descent_has_no_actions(run: RunRead) -> None:
    run.config = TrainingConfig(method="gradient")
    page = as_text(run_page(run))
    assert ids.graph(ids.ACTIONS) not in page
    assert "Momentum" in page
    assert "Exploration" not in page


def test_settings_that_change_nothing_are_not_shown(run: RunRead) -> None:
    run.config = TrainingConfig(exploration=0)
    page = as_text(run_page(run))
    assert "Give up below" not in page
    assert "Exploration over time" not in page
    run.config = TrainingConfig(exploration=0.1, give_up_after=100)
    page = as_text(run_page(run))
    assert "Give up below" in page
    assert "Exploration over time" in page


def test_a_failed_run_says_why(pages: Pages) -> None:
    run = create(pages)
    end(pages, run.id, RunStatus.FAILED, "The worker ran out of memory. Take a smaller batch.")
    page = pages.open(f"/runs/{run.id}")
    assert "The worker ran out of memory." in page
    assert "'data-status': 'failed'" in page


def test_an_unknown_run_and_an_unknown_page_lead_back(pages: Pages) -> None:
    assert "There is no such run" in pages.open("/runs/nosuch")
    assert "There is no page here" in pages.open("/nothing/here")


def test_addresses_with_more_in_them_do_no_harm(pages: Pages) -> None:
    assert ids.RUNS_PAGE in pages.open("/?run_id=1&layout=2")
    assert "There is no such run" in pages.open("/runs/nosuch?path=/&app=x")


def test_settings_that_differ_from_the_default_stand_out(run: RunRead) -> None:
    default, default_words = as_text(run_page(run)), '"className": "changed"'
    run.config = TrainingConfig(seed=7)
    assert default_words not in default
    assert as_text(run_page(run)).count(default_words) == 1


def test_only_the_owner_of_data_is_offered_to_rename_and_delete_them(pages: Pages) -> None:
    with pages.store.write() as session:
        session.add(
            StoredDataset(
                id="d1", content_hash="d1", name="Hers", samples=2, sample_shape=[2], files=["t.csv"], scaling="",
                remarks=[], bytes=1, owner="Mary", created_at=datetime.now(UTC),
                classes=[{"name": "a", "samples": 1}, {"name": "b", "samples": 1}],
            )
        )  # fmt: skip
    with pages.store.read() as session:
        hers = next(one for one in datasets.listing(session) if one.id == "d1")
    seen = DatasetPreview(
        samples=2, sample_shape=[2], classes=hers.classes, scaling="", remarks=[], feature_names=[], rows=[],
        points=None,
    )  # fmt: skip

    def page_for(name: str, role: Role) -> str:
        with acting(Person(name, name, role)):
            return as_text(datasets_page([(hers, seen)], 1))

    everybody = [("Mary", Role.STUDENT, True), ("Ada", Role.STUDENT, False), ("v", Role.VIEWER, False)]
    for name, role, offered in (*everybody, ("t", Role.TEACHER, True)):
        page = page_for(name, role)
        assert "Brought by Mary." in page
        assert ("Rename" in page) == offered


@pytest.mark.parametrize(
    ("role", "requires_sign_in", "where"),
    [
        (Role.TEACHER, False, "on this computer;"),
        (Role.TEACHER, True, "on this server;"),
        (Role.STUDENT, True, "on the server of your class, not on your device;"),
        (Role.VIEWER, True, "on the server of your class, not on your device;"),
    ],
)
def test_each_reader_learns_where_runs_train(pages: Pages, role: Role, requires_sign_in: bool, where: str) -> None:
    services_of(pages.app).authentication.requires_sign_in = requires_sign_in
    with acting(Person("Ada", "Ada", role)):
        page = as_text(dash.page_registry["runs"]["layout"]())
    assert page.count("It trains") == page.count(f"It trains {where}") == 1


def test_an_address_without_a_page_has_status_404_and_shows_why(pages: Pages) -> None:
    with pages.store.write() as session:
        run = runs.create(session, RunCreate())
    there = ["/new", "/compare", "/datasets", "/settings", f"/runs/{run.id}"]
    for path in there:
        assert pages.client.get(path).status_code == 200, path
    for path in ("/nope", "/runs/zzzz", "/settings/x", "/404", "/runs"):
        answer = pages.client.get(path)
        assert (answer.status_code, "<!DOCTYPE html>" in answer.text) == (404, True), path


# -- class sessions


def test_a_code_of_six_signs_opens_the_seat_however_it_is_typed(pages: Pages) -> None:
    for path in ("/join", "/join/K7TM9X", "/join/k7t-m9x", "/join/%20k7t%20m9x"):
        answer = pages.client.get(path)
        assert answer.status_code == 200
        assert '<main id="seat">' in answer.text
        assert "classroom/seat.js" in answer.text


def test_the_documents_of_a_session_name_what_is_served_and_tell_nothing(pages: Pages) -> None:
    for path in ("/join/K7TM9X", "/board/nosuch"):
        page = pages.client.get(path).text
        assert "K7TM9X" not in page
        assert "nosuch" not in page
        addresses = Addresses()
        addresses.feed(page)
        assert len(addresses.found) > 10
        for address in addresses.found:
            assert pages.client.get(address).status_code == 200, address


def test_the_earlier_address_of_the_class_leads_to_it(pages: Pages) -> None:
    answer = pages.client.get("/people", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (308, "/class")
