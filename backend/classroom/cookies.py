"""Cookies of students' browsers: the seat, and a mark by which wrong codes are counted.

Both are signed, so that most forgeries cost no look into the database, and are apart from the sign-in's cookie: who
signs in keeps their seat, and a seat signs nobody in.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from backend.people.cookies import Cookies

#: Cookies outlive sessions; the seat itself ends with its session.
_LIFETIME = timedelta(days=2)


class SeatCookies:
    """Reads and writes the two cookies.

    Parameters
    ----------
    key
        Signing key of this installation.
    path
        Path under which a proxy shows the server.
    """

    def __init__(self, key: bytes, path: str) -> None:
        self._seat = Cookies(hashlib.sha256(b"class seat" + key).digest(), _LIFETIME, path)
        self._browser = Cookies(hashlib.sha256(b"class browser" + key).digest(), _LIFETIME, path)

    def seat_key(self, header: str | None) -> str | None:
        """Return the key of the seat that a Cookie header names; None if there is none that we signed."""
        return self._seat.read(header)

    def browser(self, header: str | None) -> str | None:
        """Return the mark of a browser; None if it has none that we signed."""
        return self._browser.read(header)

    def set_seat(self, key: str, *, secure: bool) -> str:
        """Return the Set-Cookie header of a seat."""
        return self._seat.write(key, secure=secure)

    def drop_seat(self, *, secure: bool) -> str:
        """Return the Set-Cookie header that deletes the seat's cookie."""
        return self._seat.drop(secure=secure)

    def set_browser(self, *, secure: bool) -> str:
        """Return the Set-Cookie header of a new mark."""
        return self._browser.write(secrets.token_urlsafe(12), secure=secure)
