"""Request as access control sees it: where it came from, what it asks for, and for whom it acts."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.datastructures import Headers
from starlette.types import Scope

from backend.api.access import rules
from backend.kit.access import Access
from backend.kit.identity import Person


@dataclass
class AccessRequest:
    """Request or WebSocket: the properties that access control checks, and the findings of its checks."""

    scope: Scope
    headers: Mapping[str, str] = field(init=False)
    access: Access = rules.UNKNOWN
    """What the route declares, once it is known."""
    person: Person | None = None
    cookie: str | None = None
    """The id in its cookie, if we signed it."""
    seat: str | None = None
    """The seat in an open class session that its cookie names."""
    set_cookie: str | None = None

    def __post_init__(self) -> None:
        self.headers = Headers(scope=self.scope)

    @property
    def is_websocket(self) -> bool:
        """True for a WebSocket."""
        return bool(self.scope["type"] == "websocket")

    @property
    def method(self) -> str:
        """Method as `backend.api.access.rules` names it."""
        return rules.WEBSOCKET if self.is_websocket else str(self.scope["method"])

    @property
    def path(self) -> str:
        """Path as routes declare it, without the prefix of a proxy."""
        return str(self.scope["path"])

    @property
    def address(self) -> str:
        """Client address; of IPv6 its /64 network, since one client has billions of addresses."""
        client = (self.scope.get("client") or ("",))[0]
        try:
            parsed = ipaddress.ip_address(client)
        except ValueError:
            return str(client)
        return client if parsed.version == 4 else str(ipaddress.ip_network((parsed, 64), strict=False).network_address)

    @property
    def is_secure(self) -> bool:
        """True if the client came by TLS."""
        return self.scope.get("scheme") in ("https", "wss")

    @property
    def changes_something(self) -> bool:
        """True unless the method is safe."""
        return self.is_websocket or self.method not in rules.SAFE_METHODS

    @property
    def accepts_html(self) -> bool:
        """True for a browser that opens a page."""
        return self.method == "GET" and "text/html" in self.headers.get("accept", "")

    @property
    def bearer(self) -> str | None:
        """Token of the Authorization header."""
        kind, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if kind.casefold() == "bearer" and token.strip() else None
