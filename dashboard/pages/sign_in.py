"""Pages of authentication: sign in, join a class, sign out. Plain HTML forms; one button that copies is a script."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from html import escape
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from dash import Dash
from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from backend.classroom import codes
from backend.kit.access import public
from backend.kit.errors import DomainError, TooManyError
from backend.kit.forms import read_form
from backend.people.authentication import Authentication, log_refusal
from backend.people.service import LONGEST_NAME
from dashboard import ids
from dashboard.components.plain_document import plain_document
from dashboard.pages.session_documents import SessionDocuments
from dashboard.services import services_of

Value = TypeVar("Value")

#: Bytes and fields of a form; what people type here is short.
_MOST_FORM_BYTES, _MOST_FIELDS = 8192, 10

_BODY = """<main id="content">
<p class="brand"><span class="logo"></span><span>SynRL</span></p>
{body}
</main>"""


def register(app: Dash, documents: SessionDocuments, copying: str) -> None:
    """Add the pages. Where nobody signs in they lead to the runs, but for the way into a class session.

    Parameters
    ----------
    documents
        The pages of class sessions, which share the address of joining.
    copying
        Address of the module that adds the button which copies a personal code.
    """
    server: Any = app.server
    pages = _Pages(app, documents, app.get_asset_url(""), app.get_relative_path("/"), copying)
    for path, method, view in (
        ("/sign-in", "GET", pages.show_sign_in),
        ("/sign-in", "POST", pages.sign_in),
        ("/sign-out", "POST", pages.sign_out),
        ("/join", "GET", pages.find_link),
        ("/join/{code}", "GET", pages.show_join),
        ("/join/{code}", "POST", pages.join),
    ):
        server.add_api_route(path, view, methods=[method], include_in_schema=False, response_model=None)


class _Pages:
    """Routes of the authentication pages of one server."""

    def __init__(self, app: Dash, documents: SessionDocuments, assets: str, root: str, copying: str) -> None:
        self._app = app
        self._documents = documents
        self._copying = copying
        self._assets = assets
        self._root = root

    @property
    def _authentication(self) -> Authentication:
        return services_of(self._app).authentication

    @public()
    async def show_sign_in(self, request: Request) -> Response:
        """Show the sign-in form."""
        if not self._authentication.requires_sign_in:
            return RedirectResponse(self._root, 303)
        return self._page("Sign in", self._sign_in_form(request.query_params.get("next", "")))

    @public()
    async def sign_in(self, request: Request) -> Response:
        """Sign a person in with a password, a token or a personal code."""
        if not self._authentication.requires_sign_in:
            return RedirectResponse(self._root, 303)
        form = await _form(request)
        wanted = form.get("next", "")
        try:
            sign_in_id = await self._try(
                request, lambda: self._authentication.sign_in(form.get("given", ""), _address(request))
            )
        except DomainError as error:
            return self._page("Sign in", self._sign_in_form(wanted, error.detail), error)
        return self._entered(request, RedirectResponse(self._inside(wanted), 303), sign_in_id)

    @public()
    async def sign_out(self, request: Request) -> Response:
        """End the session of the browser."""
        if not self._authentication.requires_sign_in:
            return RedirectResponse(self._root, 303)
        sign_in_id = self._authentication.cookies.read(request.headers.get("cookie"))
        if sign_in_id is not None:
            await asyncio.to_thread(self._authentication.sign_out, sign_in_id)
        answer = RedirectResponse(f"{self._root}sign-in", 303)
        answer.headers["Set-Cookie"] = self._authentication.cookies.drop(secure=request.url.scheme == "https")
        return answer

    @public()
    async def find_link(self, request: Request) -> Response:
        """Redirect to the join page of a typed class code; without one, ask for that of a session."""
        code = request.query_params.get("code", "").strip()
        if not code:
            return self._documents.seat()
        return RedirectResponse(f"{self._root}join/{quote(code[:40], safe='')}", 303)

    @public()
    async def show_join(self, request: Request, code: str) -> Response:
        """Show the form that asks for a name: of a seat in a session, or of a person, by the code."""
        if len(codes.tidy(code)) <= codes.LENGTH:
            return self._documents.seat()
        if not self._authentication.requires_sign_in:
            return RedirectResponse(self._root, 303)
        try:
            await self._try(request, lambda: self._authentication.check_link(code, _address(request)))
        except DomainError as error:
            return self._page("Join", self._sign_in_form("", join_error=error.detail), error)
        return self._page("Join", self._join_form(code))

    @public()
    async def join(self, request: Request, code: str) -> Response:
        """Sign a person in for the first time and show their personal code."""
        if not self._authentication.requires_sign_in:
            return RedirectResponse(self._root, 303)
        form = await _form(request)
        name = form.get("name", "")
        try:
            sign_in_id, joined = await self._try(
                request, lambda: self._authentication.join(code, name, _address(request))
            )
        except DomainError as error:
            return self._page("Join", self._join_form(code, name, error.detail), error)
        shown = (
            f"<h1>Hello, {escape(joined.person.name)}</h1>"
            "<p>Write this code down. With it you come back to your runs on any computer; it is shown this once.</p>"
            f'<p class="code" id="{ids.PERSONAL_CODE}">{joined.code}</p>'
            f'<p><a class="button" href="{self._root}">Start</a></p>'
            f'<script type="module" src="{self._copying}"></script>'
        )
        return self._entered(request, self._page("Welcome", shown), sign_in_id)

    async def _try(self, request: Request, attempt: Callable[[], Value]) -> Value:
        """Call a function in a thread; log its refusal and raise it."""
        try:
            return await asyncio.to_thread(attempt)
        except DomainError as error:
            path = "/join/..." if request.url.path.startswith(f"{self._root}join/") else request.url.path
            log_refusal(error.detail, address=_address(request), method=request.method, path=path)
            raise

    def _entered(self, request: Request, answer: Response, sign_in_id: str) -> Response:
        answer.headers["Set-Cookie"] = self._authentication.cookies.write(
            sign_in_id, secure=request.url.scheme == "https"
        )
        return answer

    def _inside(self, wanted: str) -> str:
        """Return the address to open after sign-in: only paths of this server are accepted."""
        is_ours = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and wanted.isprintable()
        return self._root.rstrip("/") + wanted if is_ours else self._root

    def _page(self, title: str, body: str, error: DomainError | None = None) -> Response:
        page = plain_document(
            title,
            _BODY.format(body=body),
            name="sign-in",
            sheet="people.css",
            assets=self._assets,
            root=self._root.rstrip("/"),
        )
        answer = HTMLResponse(page, error.status if error else 200)
        if isinstance(error, TooManyError):
            answer.headers["Retry-After"] = str(error.seconds)
        return answer

    def _sign_in_form(self, wanted: str, error: str = "", join_error: str = "") -> str:
        accepted = "Password" if self._authentication.accepts_password else "Token"
        where = (
            "" if self._authentication.accepts_password else " The token stands in the address that the server printed."
        )
        query = f"?{urlencode({'next': wanted})}" if wanted else ""
        return (
            "<h1>Sign in</h1>"
            f'<form method="post" action="{self._root}sign-in{escape(query)}">'
            f'<input type="hidden" name="next" value="{escape(wanted)}">'
            f'<label for="given">{accepted} of the teacher, or your personal code</label>'
            '<input id="given" name="given" type="password" autocomplete="current-password" required autofocus '
            'maxlength="200" aria-describedby="given-help given-error">'
            f'<p class="caption" id="given-help">Your personal code was shown when you joined.{where}</p>'
            f"{_refusal('given-error', error)}"
            '<button class="button" type="submit">Sign in</button></form>'
            "<h2>New in the class?</h2>"
            f'<form method="get" action="{self._root}join">'
            '<label for="code">Class code</label>'
            '<input id="code" name="code" autocomplete="off" autocapitalize="characters" spellcheck="false" required '
            'maxlength="40" aria-describedby="code-error">'
            f"{_refusal('code-error', join_error)}"
            '<button class="button-plain" type="submit">Join</button></form>'
        )

    def _join_form(self, code: str, name: str = "", error: str = "") -> str:
        return (
            "<h1>Join the class</h1>"
            f'<form method="post" action="{self._root}join/{escape(quote(code, safe=""))}">'
            '<label for="name">Your name</label>'
            f'<input id="name" name="name" autocomplete="nickname" required autofocus maxlength="{LONGEST_NAME}" '
            f'value="{escape(name[:LONGEST_NAME])}" aria-describedby="name-help name-error">'
            '<p class="caption" id="name-help">The teacher sees it beside your runs. A first name will do.</p>'
            f"{_refusal('name-error', error)}"
            '<button class="button" type="submit">Join</button></form>'
            '<p class="caption">Been here before? '
            f'<a href="{self._root}sign-in">Come back with your personal code</a>.</p>'
        )


def _refusal(identifier: str, words: str) -> str:
    return f'<p class="refusal" role="alert" id="{identifier}">{escape(words)}</p>'


def _address(request: Request) -> str:
    """Return the client address for which attempts are counted, as the access middleware found it."""
    return str(request.scope["synrl.address"])


async def _form(request: Request) -> dict[str, str]:
    """Read a small form; return an empty one if it is too large or malformed."""
    try:
        fields = await read_form(request.stream(), _MOST_FORM_BYTES, _MOST_FIELDS)
    except ValueError:
        return {}
    return {name: values[0] for name, values in fields.items()}
