"""Access control: ASGI middleware that authenticates and authorizes every request before a route sees it.

Its checks, in this order: Host header, cross-site requests, size of the body, authentication, rate limit, role.
A request that passes acts for its person (`backend.kit.identity.acting`).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any, Final
from urllib.parse import parse_qs, quote, urlencode

from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.api.access import headers as answer_headers
from backend.api.access import rules
from backend.api.access.request import AccessRequest
from backend.api.access.rules import RouteTable
from backend.api.stages import Stages
from backend.kit.access import Access, Entry
from backend.kit.errors import (
    DomainError,
    ForbiddenError,
    LengthRequiredError,
    MisdirectedError,
    TooLargeError,
    TooManyError,
    UnauthorizedError,
)
from backend.kit.identity import LOCAL_USER, SYSTEM, Person, Role, acting
from backend.people.authentication import Authentication, log_refusal
from backend.people.hosts import is_cross_site, is_from_a_browser

#: Key of the scope under which the server's own requests say for whom they are made; no client can set it.
INTERNAL: Final = "synrl.person"
#: Key of the scope that holds the client's address, by which failed attempts are counted.
ADDRESS: Final = "synrl.address"
#: Seconds after which the sign-in session of an open WebSocket is checked again.
REVALIDATE_SECONDS: Final = 10.0
#: Bytes of a form beside its files: field names, boundaries, class names.
_FORM_BYTES: Final = 4 * 2**20
_FORWARDED: Final = ("x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "forwarded")
_MORE: Final = ("websocket.send", "http.response.body")
#: Close code of a WebSocket whose sign-in has ended.
SIGNED_OUT: Final = 4401
#: Close code of a WebSocket that only sends, when its client sent something (RFC 6455: policy violation).
SENDS_ONLY: Final = 1008


class SignedOutError(OSError):
    """The sign-in session of an open answer has ended; servers and Starlette treat it as a disconnected client."""


class AccessMiddleware:
    """Wraps an application in access control; see the module's docstring for its checks."""

    def __init__(
        self,
        app: ASGIApp,
        auth: Authentication,
        routes: RouteTable,
        find_seat: Callable[[str | None], str | None],
        stages: Stages,
    ) -> None:
        """Wrap an application, whose parts come in stages."""
        self._app = app
        self._auth = auth
        self._routes = routes
        self._find_seat = find_seat
        self._stages = stages
        self.policy = answer_headers.content_security_policy([])
        """The pages set it once their inline scripts are known."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check a request or WebSocket, then pass it on or answer it."""
        if scope["type"] in ("http", "websocket") and INTERNAL not in scope:
            _strip_prefix(scope, self._auth.settings.root_path)
            if not self._stages.answers(scope["path"]):
                await self._stages.complete()
        try:
            await self._serve(scope, receive, send)
        finally:
            if scope["type"] == "http" and INTERNAL not in scope:
                self._stages.first_answer.set()

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        if INTERNAL in scope:
            with acting(scope[INTERNAL]):
                await self._app(scope, receive, send)
            return
        request = AccessRequest(scope)
        scope[ADDRESS] = request.address
        try:
            answer = await self._admit(request)
        except DomainError as error:
            answer = self._refuse(request, error)
        send = self._with_headers(request, send)
        if answer is not None:
            await _answer(answer, scope, receive, send)
            return
        receive, send = self._checked_input(request, receive, send), self._revalidated(request, send)
        person = request.person
        if person is None and request.access.as_system:
            person = SYSTEM
        # A request without a person (to a public page, such as sign-in) acts for nobody: the database is closed to it.
        with acting(person) if person else nullcontext():
            await self._app(scope, receive, send)

    # -- checks

    async def _admit(self, request: AccessRequest) -> Response | None:
        """Check a request; returns the answer if it is not to reach its route, raises the error if it is refused."""
        self._check_host(request)
        self._check_site(request)
        request.access = self._declared_access(request)
        self._check_body(request)
        entry = request.access.entry
        if not self._auth.requires_sign_in:
            request.person = LOCAL_USER
            return None
        if entry is Entry.STATIC:
            return None
        token = _token_in_address(request)
        if token is not None:
            return await self._sign_in_with_token(request, token)
        await self._identify(request)
        request.seat = self._find_seat(request.headers.get("cookie"))
        self._check_rate(request)
        if request.person is None and request.seat is not None and rules.opens_to_seats(request.access, request.path):
            request.person = seat_person(request.seat)
        if request.person is None:
            if entry is Entry.PUBLIC:
                return None
            return self._redirect_to_sign_in(request)
        why = rules.refusal(request.person.role, request.access.role)
        if why is not None:
            raise ForbiddenError(why)
        return None

    def _declared_access(self, request: AccessRequest) -> Access:
        access = self._routes.access(request.method, request.path)
        if access is None:
            raise ForbiddenError(
                f"{request.path[:100]} is closed: its route does not declare who may call it (backend.kit.access)."
            )
        return access

    def _check_host(self, request: AccessRequest) -> None:
        host = request.headers.get("host")
        if not self._auth.hosts.allows(host):
            raise MisdirectedError(
                f"This server is not called {(host or '')[:100]!r}. If it is, have SYNRL_ALLOWED_HOSTS name it."
            )
        if not self._auth.requires_sign_in and any(name in request.headers for name in _FORWARDED):
            raise ForbiddenError(
                "This request came through a proxy, and this server takes everybody for its teacher, since it "
                "was started for this computer alone. Start it with SYNRL_TRUSTED_PROXIES naming the proxy: then "
                "people sign in."
            )

    def _check_site(self, request: AccessRequest) -> None:
        if not request.changes_something:
            return
        why = is_cross_site(request.headers, str(request.scope.get("scheme", "http")))
        if why is not None:
            raise ForbiddenError(
                f"This came from a page of another site: {why}. If a proxy stands between, have "
                "SYNRL_TRUSTED_PROXIES name it, and have it pass Host and X-Forwarded-Proto on."
            )

    def _check_body(self, request: AccessRequest) -> None:
        if request.is_websocket:
            return
        settings = self._auth.settings
        is_files = request.access.takes_files
        limit = settings.max_upload_bytes + _FORM_BYTES if is_files else settings.max_body_bytes
        length = request.headers.get("content-length")
        if length is None:
            if "transfer-encoding" in request.headers and not is_files:
                raise LengthRequiredError("Say how long the body is, in the header Content-Length.")
        elif not length.isdecimal() or int(length) > limit:
            name = "SYNRL_MAX_UPLOAD_BYTES" if is_files else "SYNRL_MAX_BODY_BYTES"
            raise TooLargeError(f"The body has {length[:20]} bytes; this server takes {limit:,} here ({name}).")

    def _check_rate(self, request: AccessRequest) -> None:
        if not self._auth.requires_sign_in:
            return  # Only programs of this computer reach it: loops over the API are legitimate.
        # A class behind one router is one address: each seat counts for itself.
        key = request.person.id if request.person else request.seat or request.address
        if request.person is not None and request.person.is_teacher:
            # The teacher on one computer must not be limited by their own script on another.
            key = f"{key} {request.address}"
        wait = self._auth.request_limiter.acquire(key)
        if wait > 0:
            raise TooManyError(
                f"More than {self._auth.settings.requests_per_minute} requests a minute (SYNRL_REQUESTS_PER_MINUTE).",
                wait,
            )

    async def _identify(self, request: AccessRequest) -> None:
        bearer = request.bearer
        if bearer is not None:
            # Tokens have 256 random bits: guessing finds none, so failed attempts need not slow this down.
            request.person = await asyncio.to_thread(self._auth.authenticate_token, bearer)
            if request.person is None:
                self._check_rate(request)
                raise UnauthorizedError("This token is none of this server's, or was revoked.")
            return
        request.cookie = self._auth.cookies.read(request.headers.get("cookie"))
        if request.cookie is None:
            return
        found = await asyncio.to_thread(
            self._auth.authenticate_cookie, request.cookie, may_renew=not request.is_websocket
        )
        if found is None:
            return
        if request.changes_something and not is_from_a_browser(request.headers):
            raise ForbiddenError(
                "A request with a cookie that changes something must say where it comes from (Origin), as browsers "
                "do. Programs send a token instead: Authorization: Bearer ..."
            )
        request.person, renewed = found
        if renewed is not None:
            request.set_cookie = self._auth.cookies.write(renewed, secure=request.is_secure)

    async def _sign_in_with_token(self, request: AccessRequest, token: str) -> Response:
        """Exchange the token of the printed address for a cookie and redirect: addresses stay in browser histories."""
        sign_in_id = await asyncio.to_thread(self._auth.sign_in_with_token, token, request.address)
        request.set_cookie = self._auth.cookies.write(sign_in_id, secure=request.is_secure)
        return RedirectResponse(f"{self._auth.settings.root_path}{quote(request.path)}", 303)

    def _redirect_to_sign_in(self, request: AccessRequest) -> Response:
        if not request.accepts_html:
            raise UnauthorizedError(
                "Sign in, or send a token: Authorization: Bearer ... Tokens are made on the page Settings and by "
                "`synrl token create`."
            )
        query = str(request.scope.get("query_string", b""), "latin-1")
        wanted = request.path + (f"?{query}" if query else "")
        address = f"{self._auth.settings.root_path}/sign-in"
        return RedirectResponse(address if wanted == "/" else f"{address}?{urlencode({'next': wanted})}", 303)

    # -- answers

    def _refuse(self, request: AccessRequest, error: DomainError) -> Response:
        log_refusal(
            error.detail, address=request.address, method=request.method, path=request.path, person=request.person
        )
        more = {}
        if isinstance(error, UnauthorizedError):
            more["WWW-Authenticate"] = "Bearer"
        if isinstance(error, TooManyError):
            more["Retry-After"] = str(error.seconds)
        if isinstance(error, TooLargeError | LengthRequiredError):
            more["Connection"] = "close"  # the rest of the body shall not come in after all
        if request.accepts_html:
            return PlainTextResponse(f"{error.title}. {error.detail}", error.status, more)
        content = {
            "type": "about:blank", "title": error.title, "status": error.status, "detail": error.detail,
            "instance": request.path[:300],
        }  # fmt: skip
        return JSONResponse(content, error.status, more, media_type="application/problem+json")

    def _with_headers(self, request: AccessRequest, send: Send) -> Send:
        """Add the security headers to every answer."""

        async def dressed(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                message["headers"] = [*message.get("headers", ()), *self._headers(request, message)]
            await send(message)

        return dressed

    def _headers(self, request: AccessRequest, message: Message) -> list[tuple[bytes, bytes]]:
        given = {name.lower() for name, _ in message.get("headers", ())}
        ours = [*answer_headers.ALWAYS, (b"content-security-policy", self.policy)]
        if request.is_secure:
            ours.append(answer_headers.OVER_TLS)
        if self._auth.requires_sign_in and request.access.entry is not Entry.STATIC:
            ours.append((b"cache-control", b"no-store"))
        if request.set_cookie is not None:
            ours.append((b"set-cookie", request.set_cookie.encode("latin-1")))
        return [(name, value) for name, value in ours if name == b"set-cookie" or name not in given]

    def _checked_input(self, request: AccessRequest, receive: Receive, send: Send) -> Receive:
        """Close a WebSocket on a message of the client, unless its route declares that it receives."""
        if not request.is_websocket or request.access.receives:
            return receive

        async def checked() -> Message:
            message = await receive()
            if message["type"] != "websocket.receive":
                return message
            await send({"type": "websocket.close", "code": SENDS_ONLY})
            return {"type": "websocket.disconnect", "code": SENDS_ONLY}

        return checked

    def _revalidated(self, request: AccessRequest, send: Send) -> Send:
        """End a WebSocket or a stream soon after its sign-in session has ended or its person was removed."""
        asked = time.monotonic()

        async def checked(message: Message) -> None:
            nonlocal asked
            if (
                message["type"] in _MORE
                and request.person is not None
                and time.monotonic() - asked > REVALIDATE_SECONDS
            ):
                asked = time.monotonic()
                if not await self._is_still_signed_in(request):
                    if request.is_websocket:
                        await send({"type": "websocket.close", "code": SIGNED_OUT})
                    raise SignedOutError("the sign-in that this was sent to has ended")
            await send(message)

        return checked

    async def _is_still_signed_in(self, request: AccessRequest) -> bool:
        if not self._auth.requires_sign_in:
            return True
        if request.seat is not None and request.person == seat_person(request.seat):
            return self._find_seat(request.headers.get("cookie")) == request.seat
        if request.bearer is not None:
            return await asyncio.to_thread(self._auth.authenticate_token, request.bearer) == request.person
        if request.cookie is None:
            return False
        found = await asyncio.to_thread(self._auth.authenticate_cookie, request.cookie, may_renew=False)
        return found is not None and found[0] == request.person


def seat_person(seat: str) -> Person:
    """Return the person for whom a seat acts where that is enough: somebody who owns nothing and sees nobody's."""
    return Person(f"seat {seat}", f"seat {seat}", Role.STUDENT, is_seat=True)


async def _answer(answer: Response, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket" and "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": 1008})
        return
    await answer(scope, receive, send)


def _strip_prefix(scope: Scope, root_path: str) -> None:
    """Strip the path prefix of a proxy, if the proxy has not stripped it."""
    path = str(scope["path"])
    if root_path and (path == root_path or path.startswith(f"{root_path}/")):
        scope["path"] = path[len(root_path) :] or "/"
    # The pages know their prefix themselves; this one page asks for it.
    scope["root_path"] = root_path if scope["path"] == "/docs" else ""


def _token_in_address(request: AccessRequest) -> str | None:
    if request.method != "GET":
        return None
    query: dict[str, list[Any]] = parse_qs(str(request.scope.get("query_string", b""), "latin-1"))
    return query["token"][0] if "token" in query and not request.path.startswith("/api/") else None
