"""Components of Dash's libraries: the pages find those that they use, and no others are imported."""

from __future__ import annotations

import re
from importlib.util import module_from_spec
from pathlib import Path

from dash.development.base_component import Component

import dashboard
from dashboard import thin
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


def test_the_list_of_a_library_holds_its_components_and_no_others() -> None:
    for library, names in COMPONENTS.items():
        spec = thin.Finder().find_spec(f"{library}._imports_")
        assert spec is not None
        assert spec.loader is not None
        listing = module_from_spec(spec)
        spec.loader.exec_module(listing)
        assert sorted(vars(listing)["__all__"]) == sorted(names)
        assert all(issubclass(getattr(listing, name), Component) for name in names)
