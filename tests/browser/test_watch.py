"""What all browser tests share: the watch over their pages, and the tab that one uses after the other."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from playwright.sync_api import Error

from tests.browser.conftest import Profile, Watch
from tests.server import Server, wait_for

#: Ways in which a page asks for an address; each ends when the browser has tried.
ASKING = {
    "fetch": "url => fetch(url).catch(() => {})",
    "picture": "url => new Promise(done => { const one = new Image(); one.onerror = done; one.src = url; })",
    "beacon": "url => { navigator.sendBeacon(url); }",
    "module": "url => import(url).catch(() => {})",
    "socket": "url => new Promise(done => { new WebSocket(url.replace('http', 'ws')).onclose = done; })",
}


def test_requests_to_other_hosts_are_faults(profile: Profile, shared_server: Server) -> None:
    watching = Watch()
    watching.observe(profile.context)
    page = profile.context.new_page()
    page.goto(f"{shared_server.url}/healthz")
    asked = {"elsewhere.example"}
    for number, (name, ask) in enumerate(ASKING.items()):
        for host in (f"host{number}.example", f"192.0.2.{number}"):
            page.evaluate(ask, f"http://{host}/{name}")
            asked.add(host)
    with pytest.raises(Error, match="ERR_NAME_NOT_RESOLVED"):
        profile.context.new_page().goto("http://elsewhere.example/")

    def told() -> set[str]:
        page.evaluate("0")  # lets Playwright tell what it has heard
        return {host for host in asked if any(host in fault for fault in watching.faults)}

    wait_for(told, lambda hosts: hosts == asked)
    profile.clean()
    watching.leave(profile.context)


def test_a_tab_keeps_nothing_of_the_test_before(profile: Profile, shared_server: Server) -> None:
    document = f"{shared_server.url}/healthz"
    tab = profile.tab()
    tab.goto(document)
    tab.evaluate("localStorage.setItem('kept', 1); sessionStorage.setItem('kept', 1); document.cookie = 'kept=1'")
    tab.set_viewport_size({"width": 400, "height": 800})
    tab.emulate_media(color_scheme="dark")
    tab.route("**/*", lambda route: route.fulfill(body="kept"))
    profile.clean()
    assert profile.tab() is tab
    tab.goto(document)
    kept = (
        "[localStorage.kept, sessionStorage.kept, document.cookie.includes('kept'), document.body.innerText === 'kept']"
    )
    assert tab.evaluate(kept) == [None, None, False, False]
    assert tab.evaluate("[innerWidth, matchMedia('(prefers-color-scheme: dark)').matches]") == [1440, False]
    profile.clean()


#: What stays with a tab until it is closed.
STAYS = {"on", "add_init_script", "expose_function", "expose_binding", "set_extra_http_headers"}


def test_what_stays_with_a_tab_is_added_to_tabs_of_their_own() -> None:
    found = []
    for file in Path(__file__).parent.glob("test_*.py"):
        for function in ast.walk(ast.parse(file.read_text())):
            if isinstance(function, ast.FunctionDef) and "page" in {one.arg for one in function.args.args}:
                found += [
                    f"{file.name}: {function.name}: page.{call.func.attr}"
                    for call in ast.walk(function)
                    if isinstance(call, ast.Call)
                    and isinstance(call.func, ast.Attribute)
                    and call.func.attr in STAYS
                    and ast.unparse(call.func.value) == "page"
                ]
    assert found == [], "take the fixture `new_tab`"
