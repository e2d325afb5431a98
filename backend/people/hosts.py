"""Check the headers Host, Origin and Fetch metadata against DNS rebinding and cross-site requests."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

_DEFAULT_PORTS = {"http": 80, "ws": 80, "https": 443, "wss": 443}
#: A WebSocket is opened by a page: its origin is the page's.
_PAGE_SCHEMES = {"ws": "http", "wss": "https"}


class Hosts:
    """Host names that the server accepts.

    IP addresses are always among them: a page elsewhere can point a name of its own at this server (DNS rebinding),
    but no address.
    """

    def __init__(self, allowed: Iterable[str]) -> None:
        name = socket.gethostname().casefold()
        self._names = {"localhost", name, f"{name}.local", *(one.casefold().rstrip(".") for one in allowed)}

    def allows(self, host: str | None) -> bool:
        """Whether a Host header is one of ours, whatever its port."""
        name = _name(host)
        if name is None:
            return False
        if name in self._names or "*" in self._names:
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True


def _name(host: str | None) -> str | None:
    """Return the name in a Host header, without port and brackets; None if it is malformed."""
    if not host or any(letter in host for letter in "/\\@?# \t,"):
        return None
    try:
        parts = urlsplit(f"//{host}")
        _ = parts.port
    except ValueError:
        return None
    return (parts.hostname or "").rstrip(".") or None


def is_cross_site(headers: Mapping[str, str], scheme: str) -> str | None:
    """Return why a request comes from a page of another site, None if it does not.

    Browsers send Origin with whatever changes something and with WebSockets, and Sec-Fetch-Site with everything; no
    page can forge either. What is sent by no browser has neither.
    """
    origin = headers.get("origin")
    if origin is not None:
        own = f"{_PAGE_SCHEMES.get(scheme, scheme)}://{headers.get('host', '')}"
        if _origin(origin) is None or _origin(origin) != _origin(own):
            return f"Origin is {origin[:200]!r}, this server is {own[:200]!r}"
        return None
    site = headers.get("sec-fetch-site")
    return None if site in (None, "same-origin", "none") else f"Sec-Fetch-Site is {site[:40]!r}"


def is_from_a_browser(headers: Mapping[str, str]) -> bool:
    """Whether a request carries what only browsers send."""
    return "origin" in headers or "sec-fetch-site" in headers


def _origin(text: str) -> tuple[str, str, int] | None:
    """Return scheme, host and port of an origin; None if it has none, like 'null'."""
    try:
        parts = urlsplit(text)
        port = parts.port or _DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return None
    return (parts.scheme, parts.hostname, port) if parts.hostname and port else None
