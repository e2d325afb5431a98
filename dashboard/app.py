"""The pages: Dash on the API's own FastAPI application."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from dash import Dash
from fastapi import FastAPI

from backend.kit.access import Access, Entry, declare
from backend.kit.settings import Settings
from dashboard import backend, person, theme
from dashboard.backend import SCRIPTS, PagesServer
from dashboard.components import shell
from dashboard.modules import ENTRY, FIRST_VISIT, PERSONAL_CODE, Modules
from dashboard.pages import (
    compare,
    datasets,
    learn,
    new,
    not_found,
    own_settings,
    paper,
    people,
    playground,
    policies,
    run,
    runs,
    sign_in,
    teach,
)
from dashboard.pages.session_documents import SessionDocuments
from dashboard.script_data import script_json
from dashboard.standalone import Standalone

_ASSETS = Path(__file__).parent / "assets"
_log = logging.getLogger(__name__)

#: Access to the routes whose endpoints are Dash's own; those of ours declare it themselves.
_OF_DASH = {
    "/assets": Access(Entry.STATIC),
    "/_favicon.ico": Access(Entry.STATIC),
    **dict.fromkeys(("/_dash-layout", "/_dash-dependencies", "/_reload-hash"), Access(seats=True)),
}

_INDEX = """<!DOCTYPE html>
<html lang="en">
<head>
{%metas%}
<meta name="color-scheme" content="light dark">
<title>{%title%}</title>
<link rel="icon" type="image/svg+xml" href="FAVICON">
<style>STYLE</style>
{%css%}
<script src="SCHEME"></script>
MODULES
<script type="application/json" id="synrl-theme">DATA</script>
</head>
<body>
{%app_entry%}
<footer>{%config%}{%scripts%}{%renderer%}</footer>
</body>
</html>"""


def create_pages(api: FastAPI, settings: Settings) -> Dash:
    """Add the pages to the API's application and return the Dash app.

    They reach the database through ``api.state.store``, which the API's lifespan provides, and fetch everything they
    need from this server.
    """
    backend.install()
    modules = Modules()
    modules.serve(api)
    Standalone().serve(api)
    app = Dash(
        "dashboard",
        server=api,  # type: ignore[arg-type]  # Dash names only Flask here
        backend="fastapi",
        requests_pathname_prefix=f"{settings.root_path}/",
        routes_pathname_prefix="/",
        use_pages=True,
        pages_folder="",
        assets_folder=str(_ASSETS),
        assets_ignore=r"scheme\.js",
        serve_locally=True,
        title="SynRL",
        update_title="",
        suppress_callback_exceptions=True,
        include_pages_meta=False,
        meta_tags=[
            {"name": "viewport", "content": "width=device-width, initial-scale=1"},
            {"name": "description", "content": "Train neural networks without gradients, and watch."},
        ],
        on_error=_log_error,
    )
    declare(api.state, _OF_DASH)
    # dashboard/web/main.js starts Dash, when all is defined that Dash may call.
    app.renderer = ""
    app.index_string = _index(app)
    server = cast("PagesServer", app.backend)
    server.scripts_of = lambda path: _scripts(app, modules, ENTRY, modules.of_page(path))
    server.first_scripts = _scripts(app, modules, FIRST_VISIT, sorted(modules.closure(FIRST_VISIT) - {FIRST_VISIT}))
    person.mark(app, settings)
    for page in (
        runs,
        run,
        new,
        compare,
        datasets,
        playground,
        teach,
        learn,
        policies,
        paper,
        people,
        own_settings,
        not_found,
    ):
        page.register(app)
    documents = SessionDocuments(app, settings, modules)
    documents.register()
    sign_in.register(app, documents, app.get_relative_path(f"/{modules.path(PERSONAL_CODE)}"))
    shell.register(app)
    app.layout = shell.shell(app)
    return app


def _index(app: Dash) -> str:
    return (
        _INDEX.replace("MODULES", SCRIPTS)
        .replace("FAVICON", app.get_asset_url("favicon.svg"))
        .replace("SCHEME", app.get_asset_url("scheme.js"))
        .replace("STYLE", theme.css())
        .replace("DATA", script_json())
    )


def _scripts(app: Dash, modules: Modules, entry: str, others: Sequence[str]) -> str:
    """Return the tags of an entry, and of all other modules: else a browser finds one when it has read its importer."""
    address = {name: app.get_relative_path(f"/{modules.path(name)}") for name in (entry, *others)}
    preloads = [f'<link rel="modulepreload" href="{address[name]}">' for name in others]
    return "\n".join([*preloads, f'<script type="module" src="{address[entry]}"></script>'])


def _log_error(error: Exception) -> Any:
    """Log the error of a callback: Dash would answer 500 and log nothing."""
    _log.error("A callback of the pages failed", exc_info=error)
    raise error
