"""Security headers: tell browsers what a page of ours never does."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from html.parser import HTMLParser

#: On every answer.
ALWAYS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"SAMEORIGIN"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
)
#: Where the connection is TLS: never without it again, for half a year.
OVER_TLS = (b"strict-transport-security", b"max-age=15768000")


def content_security_policy(inline_scripts: Iterable[str]) -> bytes:
    """Return the Content-Security-Policy: pages load from this server alone, and run only the given inline scripts.

    Styles may be inline: Mantine and Plotly set them on elements, and a style runs nothing.
    """
    hashes = " ".join(sorted({_hash(script) for script in inline_scripts}))
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' {hashes}".rstrip(),
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'self'",
        )
    ).encode()


def inline_scripts(page: str) -> list[str]:
    """Return the inline scripts of a page."""
    parser = _Scripts()
    parser.feed(page)
    return parser.found


class _Scripts(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        runs = given.get("type") in (None, "", "text/javascript", "module", "application/javascript")
        self._inside = tag == "script" and "src" not in given and runs

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.found.append(data)

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002
        self._inside = False


def _hash(script: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
