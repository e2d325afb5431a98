"""Access gate: ASGI middleware that authenticates and authorizes every request before a route sees it.

Its checks, in this order: the Host header, pages of other sites, the size of the body, how many requests, who it is,
and what her role may. What passes acts for that person (`backend.kit.identity.acting`).
"""

from __future__ import annotations

import asyncio
import ipaddress
import time
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs, quote, urlencode

from starlette.datastructures import Headers
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.api.access import headers as answer_headers
from backend.api.access import rules
from backend.api.access.rules import RouteTable
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
from backend.kit.identity import SYSTEM, WHOEVER, Person, acting
from backend.people.authentication import Door, log_refusal
from backend.people.hosts import is_cross_site, is_from_a_browser

#: Key of the scope under which the server's own requests say for whom they are made; no client can set it.
INTERNAL: Final = "synrl.person"
#: Key of the scope that holds the address for which attempts are counted.
ADDRESS: Final = "synrl.address"
#: Seconds after which an open WebSocket is asked again who it belongs to.
ASK_AGAIN: Final = 10.0
#: What comes with files: field names, boundaries, class names.
_FORM_BYTES: Final = 4 * 2**20
_FORWARDED: Final = ("x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "forwarded")
_MORE: Final = ("websocket.send", "http.response.body")
#: Close code of a WebSocket whose sign-in has ended.
SIGNED_OUT: Final = 4401
#: Close code of a WebSocket that only sends, when its client sent something (RFC 6455: policy violation).
SENDS_ONLY: Final = 1008


class SignedOutError(OSError):
    """What servers and Starlette take for a client that went away, since nothing more shall reach this one."""


@dataclass
class _Visit:
    """A request or WebSocket, as far as the gate looks at it."""

    scope: Scope
    headers: Mapping[str, str] = field(init=False)
    access: Access = rules.UNKNOWN
    """What the route declares, once it is known."""
    person: Person | None = None
    cookie: str | None = None
    """The id in its cookie, if we signed it."""
    set_cookie: str | None = None

    def __post_init__(self) -> None:
        self.headers = Headers(scope=self.scope)

    @property
    def is_websocket(self) -> bool:
        return bool(self.scope["type"] == "websocket")

    @property
    def method(self) -> str:
        return rules.WEBSOCKET if self.is_websocket else str(self.scope["method"])

    @property
    def path(self) -> str:
        """The address as routes name it, without the path under which a proxy shows us."""
        return str(self.scope["path"])

    @property
    def address(self) -> str:
        """The address it comes from; of IPv6 the network, since each of those can be had by the billion."""
        client = (self.scope.get("client") or ("",))[0]
        try:
            parsed = ipaddress.ip_address(client)
        except ValueError:
            return str(client)
        return client if parsed.version == 4 else str(ipaddress.ip_network((parsed, 64), strict=False).network_address)

    @property
    def is_secure(self) -> bool:
        return self.scope.get("scheme") in ("https", "wss")

    @property
    def changes_something(self) -> bool:
        return self.is_websocket or self.method not in rules.SAFE_METHODS

    @property
    def wants_a_page(self) -> bool:
        return self.method == "GET" and "text/html" in self.headers.get("accept", "")

    @property
    def bearer(self) -> str | None:
        kind, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if kind.casefold() == "bearer" and token.strip() else None


class Gate:
    """Wraps an application; see this module's first lines."""

    def __init__(self, app: ASGIApp, door: Door, routes: RouteTable) -> None:
        self._app = app
        self._door = door
        self._routes = routes
        self.policy = answer_headers.content_security_policy([])
        """The pages set it once their inline scripts are known."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check a request or WebSocket and pass it on, or answer it."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        if INTERNAL in scope:
            with acting(scope[INTERNAL]):
                await self._app(scope, receive, send)
            return
        _take_prefix_off(scope, self._door.settings.root_path)
        visit = _Visit(scope)
        scope[ADDRESS] = visit.address
        try:
            answer = await self._admit(visit)
        except DomainError as error:
            answer = self._refuse(visit, error)
        send = self._dressed(visit, send)
        if answer is not None:
            await _answer(answer, scope, receive, send)
            return
        receive, send = self._checked_input(visit, receive, send), self._asked_again(visit, send)
        person = visit.person
        if person is None and visit.access.as_system:
            person = SYSTEM
        # Whoever may be anybody (a page to sign in with) acts for nobody: the database is closed to her.
        with acting(person) if person else nullcontext():
            await self._app(scope, receive, send)

    # -- coming in

    async def _admit(self, visit: _Visit) -> Response | None:
        """Let a visit pass, or return what to answer instead; raises what it is refused with."""
        self._check_host(visit)
        self._check_site(visit)
        visit.access = self._declared_access(visit)
        self._check_body(visit)
        entry = visit.access.entry
        if not self._door.is_closed:
            visit.person = WHOEVER
            return None
        if entry is Entry.STATIC:
            return None
        token = _token_in_address(visit)
        if token is not None:
            return await self._enter_with_token(visit, token)
        await self._identify(visit)
        self._check_rate(visit)
        if visit.person is None:
            if entry is Entry.PUBLIC:
                return None
            return self._ask_to_sign_in(visit)
        why = rules.refusal(visit.person.role, visit.access.role)
        if why is not None:
            raise ForbiddenError(why)
        return None

    def _declared_access(self, visit: _Visit) -> Access:
        access = self._routes.access(visit.method, visit.path)
        if access is None:
            raise ForbiddenError(
                f"{visit.path[:100]} is closed: its route does not declare who may call it (backend.kit.access)."
            )
        return access

    def _check_host(self, visit: _Visit) -> None:
        host = visit.headers.get("host")
        if not self._door.hosts.allows(host):
            raise MisdirectedError(
                f"This server is not called {(host or '')[:100]!r}. If it is, have SYNRL_ALLOWED_HOSTS name it."
            )
        if not self._door.is_closed and any(name in visit.headers for name in _FORWARDED):
            raise ForbiddenError(
                "This request came through a proxy, and this server takes everybody for its teacher, since it "
                "was started for this computer alone. Start it with SYNRL_TRUSTED_PROXIES naming the proxy: then "
                "people sign in."
            )

    def _check_site(self, visit: _Visit) -> None:
        if not visit.changes_something:
            return
        why = is_cross_site(visit.headers, str(visit.scope.get("scheme", "http")))
        if why is not None:
            raise ForbiddenError(
                f"This came from a page of another site: {why}. If a proxy stands between, have "
                "SYNRL_TRUSTED_PROXIES name it, and have it pass Host and X-Forwarded-Proto on."
            )

    def _check_body(self, visit: _Visit) -> None:
        if visit.is_websocket:
            return
        settings = self._door.settings
        is_files = visit.access.takes_files
        limit = settings.max_upload_bytes + _FORM_BYTES if is_files else settings.max_body_bytes
        length = visit.headers.get("content-length")
        if length is None:
            if "transfer-encoding" in visit.headers and not is_files:
                raise LengthRequiredError("Say how long the body is, in the header Content-Length.")
        elif not length.isdecimal() or int(length) > limit:
            name = "SYNRL_MAX_UPLOAD_BYTES" if is_files else "SYNRL_MAX_BODY_BYTES"
            raise TooLargeError(f"The body has {length[:20]} bytes; this server takes {limit:,} here ({name}).")

    def _check_rate(self, visit: _Visit) -> None:
        if not self._door.is_closed:
            return  # Nobody but this computer's own programs: a loop over the API is how it is meant to be used.
        key = visit.person.id if visit.person else visit.address
        if visit.person is not None and visit.person.is_teacher:
            # One who is in several rooms at once shall not be held up by another's script.
            key = f"{key} {visit.address}"
        wait = self._door.requests.spend(key)
        if wait > 0:
            raise TooManyError(
                f"More than {self._door.settings.requests_per_minute} requests a minute (SYNRL_REQUESTS_PER_MINUTE).",
                wait,
            )

    async def _identify(self, visit: _Visit) -> None:
        bearer = visit.bearer
        if bearer is not None:
            # Tokens have 256 bits: no number of guesses finds one, so what others tried doesn't matter.
            visit.person = await asyncio.to_thread(self._door.by_token, bearer)
            if visit.person is None:
                self._check_rate(visit)
                raise UnauthorizedError("This token is none of this server's, or was revoked.")
            return
        visit.cookie = self._door.cookies.read(visit.headers.get("cookie"))
        if visit.cookie is None:
            return
        found = await asyncio.to_thread(self._door.by_cookie, visit.cookie, may_renew=not visit.is_websocket)
        if found is None:
            return
        if visit.changes_something and not is_from_a_browser(visit.headers):
            raise ForbiddenError(
                "A request with a cookie that changes something must say where it comes from (Origin), as browsers "
                "do. Programs send a token instead: Authorization: Bearer ..."
            )
        visit.person, renewed = found
        if renewed is not None:
            visit.set_cookie = self._door.cookies.write(renewed, secure=visit.is_secure)

    async def _enter_with_token(self, visit: _Visit, token: str) -> Response:
        """Turn the token of the printed address into a cookie, and let go of the address: it stays in histories."""
        sign_in_id = await asyncio.to_thread(self._door.sign_in_with_token, token, visit.address)
        visit.set_cookie = self._door.cookies.write(sign_in_id, secure=visit.is_secure)
        return RedirectResponse(f"{self._door.settings.root_path}{quote(visit.path)}", 303)

    def _ask_to_sign_in(self, visit: _Visit) -> Response:
        if not visit.wants_a_page:
            raise UnauthorizedError(
                "Sign in, or send a token: Authorization: Bearer ... Tokens are made on the page Settings and by "
                "`synrl token create`."
            )
        query = str(visit.scope.get("query_string", b""), "latin-1")
        wanted = visit.path + (f"?{query}" if query else "")
        address = f"{self._door.settings.root_path}/sign-in"
        return RedirectResponse(address if wanted == "/" else f"{address}?{urlencode({'next': wanted})}", 303)

    # -- answers

    def _refuse(self, visit: _Visit, error: DomainError) -> Response:
        log_refusal(error.detail, address=visit.address, method=visit.method, path=visit.path, person=visit.person)
        more = {}
        if isinstance(error, UnauthorizedError):
            more["WWW-Authenticate"] = "Bearer"
        if isinstance(error, TooManyError):
            more["Retry-After"] = str(error.seconds)
        if isinstance(error, TooLargeError | LengthRequiredError):
            more["Connection"] = "close"  # the rest of the body shall not come in after all
        if visit.wants_a_page:
            return PlainTextResponse(f"{error.title}. {error.detail}", error.status, more)
        content = {
            "type": "about:blank", "title": error.title, "status": error.status, "detail": error.detail,
            "instance": visit.path[:300],
        }  # fmt: skip
        return JSONResponse(content, error.status, more, media_type="application/problem+json")

    def _dressed(self, visit: _Visit, send: Send) -> Send:
        """Put the headers on whatever is answered."""

        async def dressed(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                message["headers"] = [*message.get("headers", ()), *self._headers(visit, message)]
            await send(message)

        return dressed

    def _headers(self, visit: _Visit, message: Message) -> list[tuple[bytes, bytes]]:
        given = {name.lower() for name, _ in message.get("headers", ())}
        ours = [*answer_headers.ALWAYS, (b"content-security-policy", self.policy)]
        if visit.is_secure:
            ours.append(answer_headers.OVER_TLS)
        if self._door.is_closed and visit.access.entry is not Entry.STATIC:
            ours.append((b"cache-control", b"no-store"))
        if visit.set_cookie is not None:
            ours.append((b"set-cookie", visit.set_cookie.encode("latin-1")))
        return [(name, value) for name, value in ours if name == b"set-cookie" or name not in given]

    def _checked_input(self, visit: _Visit, receive: Receive, send: Send) -> Receive:
        """Close a WebSocket on a message of the client, unless its route declares that it receives."""
        if not visit.is_websocket or visit.access.receives:
            return receive

        async def checked() -> Message:
            message = await receive()
            if message["type"] != "websocket.receive":
                return message
            await send({"type": "websocket.close", "code": SENDS_ONLY})
            return {"type": "websocket.disconnect", "code": SENDS_ONLY}

        return checked

    def _asked_again(self, visit: _Visit, send: Send) -> Send:
        """End a WebSocket, or another answer that goes on and on, soon after its person was sent out or signed out."""
        asked = time.monotonic()

        async def checked(message: Message) -> None:
            nonlocal asked
            if message["type"] in _MORE and visit.person is not None and time.monotonic() - asked > ASK_AGAIN:
                asked = time.monotonic()
                if not await self._is_still(visit):
                    if visit.is_websocket:
                        await send({"type": "websocket.close", "code": SIGNED_OUT})
                    raise SignedOutError("the sign-in that this was sent to has ended")
            await send(message)

        return checked

    async def _is_still(self, visit: _Visit) -> bool:
        if not self._door.is_closed:
            return True
        if visit.bearer is not None:
            return await asyncio.to_thread(self._door.by_token, visit.bearer) == visit.person
        if visit.cookie is None:
            return False
        found = await asyncio.to_thread(self._door.by_cookie, visit.cookie, may_renew=False)
        return found is not None and found[0] == visit.person


async def _answer(answer: Response, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket" and "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": 1008})
        return
    await answer(scope, receive, send)


def _take_prefix_off(scope: Scope, root_path: str) -> None:
    """Name addresses as routes do, whether or not the proxy took off the path under which it shows us."""
    path = str(scope["path"])
    if root_path and (path == root_path or path.startswith(f"{root_path}/")):
        scope["path"] = path[len(root_path) :] or "/"
    # The pages know their prefix themselves; this one page asks for it.
    scope["root_path"] = root_path if scope["path"] == "/docs" else ""


def _token_in_address(visit: _Visit) -> str | None:
    if visit.method != "GET":
        return None
    query: dict[str, list[Any]] = parse_qs(str(visit.scope.get("query_string", b""), "latin-1"))
    return query["token"][0] if "token" in query and not visit.path.startswith("/api/") else None
