"""Dash on FastAPI, with everything of ours that it calls moved off the event loop."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from contextvars import copy_context
from typing import Any

import dash.backends
from dash import Dash
from dash.backends import _fastapi
from dash.exceptions import DashException
from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool

#: Bytes below which compressing an answer gains nothing.
_LEAST_COMPRESSED = 1024


def compressed(request: Request, response: Response) -> Response:
    """Compress an answer for a browser that takes it so: the layout of a page is an eighth of its size then."""
    body = bytes(response.body)
    if "gzip" in request.headers.get("accept-encoding", "") and len(body) >= _LEAST_COMPRESSED:
        response.body = gzip.compress(body, 5)
        response.headers["content-encoding"] = "gzip"
        response.headers["content-length"] = str(len(response.body))
        response.headers.append("vary", "accept-encoding")
    return response


class PagesServer(_fastapi.FastAPIDashServer):
    """Dash's FastAPI backend, except that layouts and callbacks run in threads.

    Dash calls them on the event loop, unless they are coroutines; ours read the database. One slow layout would then
    hold the live feed of all viewers. What Dash keeps of a request in context variables goes into the thread along.
    """

    #: Dash would open a socket of its own in every tab, which nothing here uses; the live feed has its own.
    websocket_capability = False

    def serve_callback(self, dash_app: Dash) -> Callable[[Request], Any]:
        """Answer the callbacks of a Dash app, the layouts of its pages among them."""

        def answer() -> Response:
            body = self.request_adapter().get_json()
            context = dash_app._initialize_context(body)
            function = dash_app._prepare_callback(context, body)
            arguments = dash_app._inputs_to_vals(context.inputs_list + context.states_list)
            execute = dash_app._execute_callback(function, arguments, context.outputs_list, context)
            answered: Response = context.dash_response.set_response(data=copy_context().run(execute))
            return answered

        async def dispatch(request: Request) -> Response:
            return await run_in_threadpool(lambda: compressed(request, answer()))

        return dispatch

    def setup_index(self, dash_app: Dash) -> None:
        """Serve the page around all pages."""

        async def index(request: Request) -> Response:
            return compressed(request, Response(await run_in_threadpool(dash_app.index), media_type="text/html"))

        dash_app._add_url("", index, methods=["GET"])

    def setup_component_suites(self, dash_app: Dash) -> None:  # type: ignore[override]  # Dash says str, returns None
        """Serve the scripts of the component libraries, which are read from disk."""

        def serve(request: Request, package_name: str, fingerprinted_path: str) -> Response:
            try:
                script: Response = self.serve_component_suites(dash_app, package_name, fingerprinted_path, request)
            except (DashException, OSError):  # no such package, no such file in it
                return Response(status_code=404)
            return script

        dash_app._add_url("_dash-component-suites/{package_name}/{fingerprinted_path:path}", serve)

    def _setup_catchall(self) -> None:
        """Serve the same page under every address that nothing else answers."""
        dash_app = dash.get_app()

        async def page(request: Request) -> Response:
            token = _fastapi.set_current_request(request)
            try:
                return Response(await run_in_threadpool(dash_app.index), media_type="text/html")
            finally:
                _fastapi.reset_current_request(token)

        self.add_url_rule("{path:path}", page, methods=["GET"])


def install() -> None:
    """Have Dash use this backend for FastAPI. It takes only classes of its own, which it looks up by name."""
    dash.backends._backend_imports["fastapi"] = (__name__, PagesServer.__name__)
