"""Run Dash on FastAPI with layouts and callbacks in threads, off the event loop."""

from __future__ import annotations

import gzip
import re
import threading
from collections.abc import Callable
from contextvars import copy_context
from functools import partial
from typing import Any

import dash.backends
from dash import Dash
from dash.backends import _fastapi
from dash.exceptions import DashException
from dash.fingerprint import check_fingerprint
from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles

from backend.kit.access import requires, static
from backend.kit.errors import InvalidError
from backend.kit.field_errors import refuse_surrogates
from backend.kit.identity import Role
from dashboard.first_visit import VISITED, YEAR, in_two_steps, is_first

#: What Dash raises on a body that it can't take for a callback's.
_NOT_OF_A_CALLBACK = (AttributeError, KeyError, TypeError, ValueError)
#: Where the page around all pages names the modules of the page that is asked for.
SCRIPTS = "<!-- scripts -->"
#: Bytes below which compressing an answer gains nothing.
_LEAST_COMPRESSED = 1024


def _shrunk(body: bytes) -> bytes:
    return gzip.compress(body, 5)


def compressed(request: Request, response: Response, shrink: Callable[[bytes], bytes] = _shrunk) -> Response:
    """Compress an answer if the browser accepts it: the layout of a page is an eighth of its size then."""
    body = bytes(response.body)
    if "gzip" in request.headers.get("accept-encoding", "") and len(body) >= _LEAST_COMPRESSED:
        response.body = shrink(body)
        response.headers["content-encoding"] = "gzip"
        response.headers["content-length"] = str(len(response.body))
        response.headers.append("vary", "accept-encoding")
    return response


class _Scripts:
    """Cache of compressed scripts: they are megabytes, and a whole class loads them at once."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], bytes] = {}
        self._turn = threading.Lock()

    def shrunk(self, package: str, path: str, body: bytes) -> bytes:
        """Compress a script of a package, or wait for the thread that does so."""
        with self._turn:
            if (package, path) not in self._known:
                self._known[package, path] = _shrunk(body)
            return self._known[package, path]


def page_exists(path: str) -> bool:
    """Return whether a page is registered for an address and, if it can check that (``exists``), its object exists.

    The body is the same either way: the page around all pages, which shows what is missing.
    """
    bare = f"/{path.strip('/')}"
    for page in dash.page_registry.values():
        if not page["path_template"]:
            if page["path"] == bare and page["module"] != "not_found_404":
                return True
            continue
        template = re.sub(r"<(\w+)>", r"(?P<\1>[^/]+)", page["path_template"])
        found = re.fullmatch(template, bare)
        if found:
            exists = page.get("exists")
            return exists is None or bool(exists(**found.groupdict()))
    return False


class PagesServer(_fastapi.FastAPIDashServer):
    """Dash's FastAPI backend, except that layouts and callbacks run in threads.

    Dash calls them on the event loop, unless they are coroutines; ours read the database. One slow layout would then
    hold the live feed of all viewers. What Dash keeps of a request in context variables goes into the thread along.
    """

    #: Dash would open a socket of its own in every tab, which nothing here uses; the live feed has its own.
    websocket_capability = False

    #: Returns what stands for `SCRIPTS` in the page around all pages, by the path that is asked for.
    scripts_of: Callable[[str], str] = staticmethod(lambda _path: "")
    #: The same for the page of the runs in a browser that was never here.
    first_scripts = ""

    def _page(self, dash_app: Dash, path: str, *, is_first_visit: bool = False) -> str:
        """Return the page around all pages for a path. Takes long: Dash reads files."""
        page, scripts = str(dash_app.index()), self.scripts_of(path)
        if is_first_visit:
            return in_two_steps(page.replace(SCRIPTS, ""), self.first_scripts, scripts)
        return page.replace(SCRIPTS, scripts)

    def serve_callback(self, dash_app: Dash) -> Callable[[Request], Any]:
        """Answer the callbacks of a Dash app, the layouts of its pages among them."""

        def answer() -> Response:
            body = self.request_adapter().get_json()
            try:
                refuse_surrogates(body)
                context = dash_app._initialize_context(body)
                function = dash_app._prepare_callback(context, body)
                arguments = dash_app._inputs_to_vals(context.inputs_list + context.states_list)
            except (DashException, InvalidError, *_NOT_OF_A_CALLBACK):
                # Dash calls this outside of the API's handlers of errors.
                detail = "The body should be what the pages send to one of their callbacks. Reload the page."
                return JSONResponse({"status": 422, "detail": detail}, 422, media_type="application/problem+json")
            execute = dash_app._execute_callback(function, arguments, context.outputs_list, context)
            answered: Response = context.dash_response.set_response(data=copy_context().run(execute))
            return answered

        @requires(Role.VIEWER, seats=True)  # what a callback writes is checked by the database's guard
        async def dispatch(request: Request) -> Response:
            return await run_in_threadpool(lambda: compressed(request, answer()))

        return dispatch

    def setup_index(self, dash_app: Dash) -> None:
        """Serve the page around all pages."""

        @requires(Role.VIEWER, seats=True)
        async def index(request: Request) -> Response:
            is_first_visit = is_first(request.cookies)
            page = partial(self._page, dash_app, "/", is_first_visit=is_first_visit)
            answer = compressed(request, Response(await run_in_threadpool(page), media_type="text/html"))
            if is_first_visit:
                answer.set_cookie(
                    VISITED, "1", YEAR, path=dash_app.config.requests_pathname_prefix,
                    secure=request.url.scheme == "https", httponly=True, samesite="lax",
                )  # fmt: skip
            return answer

        dash_app._add_url("", index, methods=["GET"])

    def setup_component_suites(self, dash_app: Dash) -> None:  # type: ignore[override]  # Dash says str, returns None
        """Serve the scripts of the component libraries, which are read from disk."""
        scripts = _Scripts()

        @static
        def serve(request: Request, package_name: str, fingerprinted_path: str) -> Response:
            try:
                script: Response = self.serve_component_suites(dash_app, package_name, fingerprinted_path, request)
            except (DashException, OSError):  # no such package, no such file in it
                return Response(status_code=404)
            # Whatever fingerprint is asked for, the file is the same.
            path, _ = check_fingerprint(fingerprinted_path)
            return compressed(request, script, lambda body: scripts.shrunk(package_name, path, body))

        dash_app._add_url("_dash-component-suites/{package_name}/{fingerprinted_path:path}", serve)

    def register_assets_blueprint(self, blueprint_name: str, assets_url_path: str, assets_folder: str) -> None:
        """Serve our own scripts and styles."""
        # Each is small, and asked for once a browser.
        files = GZipMiddleware(StaticFiles(directory=assets_folder), _LEAST_COMPRESSED)
        self.server.mount(assets_url_path, files, name=blueprint_name)

    def _setup_catchall(self) -> None:
        """Serve the same page under every address that nothing else answers."""
        dash_app = dash.get_app()

        @requires(Role.VIEWER, seats=True)
        async def page(request: Request) -> Response:
            token = _fastapi.set_current_request(request)
            try:
                path = request.url.path
                status = 200 if await run_in_threadpool(page_exists, path) else 404
                return Response(await run_in_threadpool(self._page, dash_app, path), status, media_type="text/html")
            finally:
                _fastapi.reset_current_request(token)

        self.add_url_rule("{path:path}", page, methods=["GET"])


def install() -> None:
    """Register this backend as Dash's for FastAPI. Dash accepts only its own classes, which it looks up by name."""
    dash.backends._backend_imports["fastapi"] = (__name__, PagesServer.__name__)
