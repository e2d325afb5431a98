"""Components of Dash's libraries: the pages find those that they use, and no others are imported."""

from __future__ import annotations

import re
from pathlib import Path

import dash
import dash_mantine_components

import dashboard
from dashboard.thin import COMPONENTS

_ALIASES = {"dcc": "dash.dcc", "html": "dash.html", "dmc": "dash_mantine_components"}
#: What Dash's own page container is made of.
_OF_DASH = {("dash.dcc", "Location"), ("dash.dcc", "Store"), ("dash.html", "Div")}


def _used() -> set[tuple[str, str]]:
    sources = "\n".join(path.read_text() for path in Path(str(dashboard.__file__)).parent.rglob("*.py"))
    return {
        (_ALIASES[alias], name) for alias, name in re.findall(r"(?<![\w.])(dcc|html|dmc)\.([A-Z]\w*)", sources)
    } | _OF_DASH


def test_every_component_that_pages_use_is_listed_and_no_other() -> None:
    assert {(library, name) for library, names in COMPONENTS.items() for name in names} == _used()


def test_libraries_hold_what_is_listed() -> None:
    for library, module in (("dash.html", dash.html), ("dash_mantine_components", dash_mantine_components)):
        assert all(hasattr(module, name) for name in COMPONENTS[library])
        assert not hasattr(module, "Video")
        assert not hasattr(module, "DatePicker")
