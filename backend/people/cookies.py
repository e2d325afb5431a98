"""Session cookie of a signed-in browser: a signed id of a session in the database."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from http.cookies import CookieError, SimpleCookie

from itsdangerous import BadSignature, URLSafeTimedSerializer


class Cookies:
    """Writes and reads the session cookie of one installation.

    Its name depends on the key: browsers keep cookies by host, not by port, and two servers on one machine shall not
    sign each other's people out.
    """

    def __init__(self, key: bytes, lifetime: timedelta, path: str) -> None:
        self.name = f"synrl_{hashlib.sha256(b'name' + key).hexdigest()[:8]}"
        self.lifetime = lifetime
        self._path = path or "/"
        self._serializer = URLSafeTimedSerializer(
            key, salt="synrl sign-in", signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256}
        )

    def read(self, header: str | None) -> str | None:
        """Return the id in a Cookie header; None if there is none, or one that we did not sign, or one too old."""
        try:
            morsel = SimpleCookie(header or "").get(self.name)
            if morsel is None:
                return None
            found = self._serializer.loads(morsel.value, max_age=int(self.lifetime.total_seconds()))
        except (CookieError, BadSignature):
            return None
        return found if isinstance(found, str) else None

    def write(self, sign_in_id: str, *, secure: bool) -> str:
        """Return a Set-Cookie header that signs in."""
        return self._header(str(self._serializer.dumps(sign_in_id)), int(self.lifetime.total_seconds()), secure)

    def drop(self, *, secure: bool) -> str:
        """Return a Set-Cookie header that signs out."""
        return self._header("", 0, secure)

    def _header(self, value: str, seconds: int, secure: bool) -> str:
        # Lax: a link in a mail leads in, a form on another site doesn't get the cookie sent.
        marks = "; HttpOnly; SameSite=Lax" + ("; Secure" if secure else "")
        return f"{self.name}={value}; Max-Age={seconds}; Path={self._path}{marks}"
