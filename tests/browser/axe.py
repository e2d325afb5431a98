"""What shuts people out of a page, as axe-core finds it."""

from __future__ import annotations

from typing import Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
#: What axe must not find. Minor and moderate findings are told, not failed.
GRAVE = ("serious", "critical")


def faults(page: Page) -> list[str]:
    """Return what axe finds that shuts people out."""
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {one['help']} {[node['target'] for node in one['nodes']][:3]}"
        for one in found
        if one["impact"] in GRAVE
    ]


def faults_light_and_dark(page: Page) -> list[str]:
    """Return what axe finds in either scheme on a page as it stands, which keeps what is open on it."""
    # Colours that fade into each other are judged when they have.
    switch = """scheme => {
      document.documentElement.dataset.mantineColorScheme = scheme;
      for (const one of document.getAnimations()) if (one instanceof CSSTransition) one.finish();
    }"""
    before = page.evaluate("document.documentElement.dataset.mantineColorScheme")
    found = []
    for scheme in SCHEMES:
        page.evaluate(switch, scheme)
        found += [f"{scheme}: {fault}" for fault in faults(page)]
    page.evaluate(switch, before)
    return found
