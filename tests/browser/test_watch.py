"""The watch over all browser tests: what it holds against a page."""

from __future__ import annotations

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
    page.goto(f"{shared_server.url}/api/v1/health")
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
