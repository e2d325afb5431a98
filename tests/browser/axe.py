"""Accessibility violations of a page, as axe-core finds them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
#: What axe must not find. Minor and moderate findings are told, not failed.
GRAVE = ("serious", "critical")
#: The rules that a scheme can make a difference to.
OF_COLOURS = ("color-contrast", "link-in-text-block")


#: Runs axe on all visible elements that a selector finds, or on the whole document.
RUN = """([selector, options]) => {
  const found = selector ? [...document.querySelectorAll(selector)].filter(one => one.checkVisibility()) : document;
  if (selector && found.length === 0) throw new Error(`nothing that is seen is ${selector}`);
  return axe.run(found, options).then(results => results.violations);
}"""


def faults(page: Page, only: Sequence[str] = (), within: str = "") -> list[str]:
    """Return what axe finds that shuts people out, by all its rules or by some, in the page or in a part of it."""
    chosen = {"runOnly": {"type": "rule", "values": list(only)}} if only else {}
    if page.evaluate("window.axe === undefined"):
        page.evaluate(Axe().axe_script)
    found = page.evaluate(RUN, [within, {"resultTypes": ["violations"]} | chosen])
    return [
        f"{one['id']}: {one['help']} {[node['target'] for node in one['nodes']][:3]}"
        for one in found
        if one["impact"] in GRAVE
    ]


def faults_light_and_dark(page: Page, within: str = "") -> list[str]:
    """Return what axe finds in either scheme on a page as it stands, which keeps what is open on it.

    The other scheme differs in colours, so only they are looked at again.
    """
    # Colours that fade into each other are judged when they have.
    switch = """scheme => {
      document.documentElement.dataset.mantineColorScheme = scheme;
      for (const one of document.getAnimations()) if (one instanceof CSSTransition) one.finish();
    }"""
    before = page.evaluate("document.documentElement.dataset.mantineColorScheme")
    found = [f"{before}: {fault}" for fault in faults(page, within=within)]
    (other,) = set(SCHEMES) - {before}
    page.evaluate(switch, other)
    found += [f"{other}: {fault}" for fault in faults(page, only=OF_COLOURS, within=within)]
    page.evaluate(switch, before)
    return found
