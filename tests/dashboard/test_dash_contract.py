"""What of Dash's private interface the pages override or call: each is still there, with the parameters we rely on.

Dash is pinned to a minor version for this reason. When one of these fails after an upgrade, read what the method does
now before `dashboard/backend.py` is changed.
"""

from __future__ import annotations

import inspect
import tomllib
from pathlib import Path

import dash.backends
import pytest
from dash import Dash
from dash.backends import _fastapi

from dashboard.backend import PagesServer

OVERRIDDEN = {
    "serve_callback": ["self", "dash_app"],
    "setup_index": ["self", "dash_app"],
    "setup_component_suites": ["self", "dash_app"],
    "register_assets_blueprint": ["self", "blueprint_name", "assets_url_path", "assets_folder"],
    "_setup_catchall": ["self"],
}
CALLED = {
    "_initialize_context": ["self", "body"],
    "_prepare_callback": ["self", "g", "body"],
    "_inputs_to_vals": ["self", "inputs"],
    "_execute_callback": ["self", "func", "args", "outputs_list", "g"],
    "_add_url": ["self", "name", "view_func", "methods"],
}


def parameters(function: object) -> list[str]:
    assert callable(function)
    return list(inspect.signature(function).parameters)


@pytest.mark.parametrize("name", OVERRIDDEN)
def test_dash_still_calls_what_we_override(name: str) -> None:
    assert name in vars(PagesServer)
    assert parameters(getattr(_fastapi.FastAPIDashServer, name)) == OVERRIDDEN[name]
    assert parameters(getattr(PagesServer, name)) == OVERRIDDEN[name]


@pytest.mark.parametrize("name", CALLED)
def test_what_we_call_of_dash_takes_the_same_parameters(name: str) -> None:
    assert parameters(getattr(Dash, name)) == CALLED[name]


def test_every_method_of_the_backend_that_replaces_one_of_dash_is_listed() -> None:
    ours = {name for name in vars(PagesServer) if callable(getattr(PagesServer, name)) and not name.startswith("__")}
    replaced = {name for name in ours if hasattr(_fastapi.FastAPIDashServer, name)}
    assert replaced == set(OVERRIDDEN)


def test_our_backend_is_found_by_its_name() -> None:
    assert isinstance(dash.backends._backend_imports, dict)
    assert "fastapi" in dash.backends._backend_imports
    assert isinstance(_fastapi.FastAPIDashServer.websocket_capability, bool)


def test_dash_is_pinned_to_a_minor_version() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    assert "dash[fastapi]==4.4.*" in project["dependencies"]


#: What the scripts use of Dash's own (dashboard/web/types/globals.d.ts), and the files of its packages that know it.
IN_SCRIPTS = {
    "_dashprivate_pushstate": "dash/dcc/dash_core_components.js",
    "set_props": "dash/dash-renderer/build/dash_renderer.min.js",
    "DashRenderer": "dash/dash-renderer/build/dash_renderer.min.js",
    "dashAgGridFunctions": "dash_ag_grid",
    "dashAgGridComponentFunctions": "dash_ag_grid",
}


@pytest.mark.parametrize("name", IN_SCRIPTS)
def test_dash_still_has_what_the_scripts_use(name: str) -> None:
    packages = Path(dash.__file__).parent.parent
    place = packages / IN_SCRIPTS[name]
    files = list(place.glob("*.js")) if place.is_dir() else [place]
    assert any(name in file.read_text() for file in files)
