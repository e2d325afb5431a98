"""Authentication of one server: which credentials its settings require, and how people sign in."""

from __future__ import annotations

import functools
import logging
import threading
from datetime import timedelta
from typing import Final

from backend.db.store import Store
from backend.kit import secrets
from backend.kit.errors import NotFoundError, TooManyError, UnauthorizedError
from backend.kit.identity import SYSTEM, TEACHER, Person, acting
from backend.kit.rate_limiter import RateLimiter
from backend.kit.settings import Settings
from backend.kit.text import one_line
from backend.people import service as people
from backend.people import sign_ins, tokens
from backend.people.cookies import Cookies
from backend.people.hosts import Hosts
from backend.people.sign_in_limits import AddressFailures, FailedAttemptLimiter, FailureLog, Throttle

log = logging.getLogger("synrl.authentication")

#: Window of the limit on failed attempts, in seconds.
ATTEMPTS_SECONDS: Final = 600.0
#: Passwords that are checked at once: each takes 64 MiB for a moment.
_CHECKS_AT_ONCE: Final = 2
#: Wrong passwords and codes of one address above which the teacher's page lists the address.
_MANY_FAILURES: Final = 10
#: Throttling after too many failures: seconds between two checks from one address, and checks waiting at once.
_SLOW_SECONDS, _SLOW_WAITING = 1.0, 8


@functools.cache
def start_token() -> str:
    """Return the token in the address that the server prints at start; it differs at each start."""
    return secrets.token()


class Authentication:
    """Authenticates people by cookie, token or password. Without `requires_sign_in`, everybody is the teacher."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.requires_sign_in = settings.requires_sign_in
        self.accepts_password = settings.teacher_password is not None
        self.hosts = Hosts(settings.allowed_hosts)
        self.attempt_limiter = FailedAttemptLimiter(
            settings.sign_in_attempts, 10 * settings.sign_in_attempts, ATTEMPTS_SECONDS
        )
        self.failures = FailureLog(_MANY_FAILURES, ATTEMPTS_SECONDS)
        self._throttle = Throttle(_SLOW_SECONDS, _SLOW_WAITING)
        self.request_limiter = RateLimiter(settings.requests_per_minute, 60.0)
        self._store: Store | None = None
        self._cookies: Cookies | None = None
        self._password_hash = self._credential = ""
        self._checks = threading.BoundedSemaphore(_CHECKS_AT_ONCE)

    def open(self, store: Store) -> None:
        """Start with an open database: read or create the signing key, hash the password."""
        self._store = store
        if not self.requires_sign_in:
            return
        given = self.settings.secret.get_secret_value() if self.settings.secret else None
        key = secrets.signing_key(self.settings.data_dir, given)
        self._cookies = Cookies(key, timedelta(days=self.settings.session_days), self.settings.root_path)
        password = self.settings.teacher_password.get_secret_value() if self.settings.teacher_password else None
        if password is None:
            return
        self._credential = secrets.fingerprint(password, key)
        self._password_hash = password if secrets.is_password_hash(password) else secrets.hash_password(password)

    @property
    def store(self) -> Store:
        """The database; after `open`."""
        if self._store is None:
            raise RuntimeError("authentication is used before the server has started")
        return self._store

    @property
    def cookies(self) -> Cookies:
        """Writer and reader of cookies; after `open`, if the server requires sign-in."""
        if self._cookies is None:
            raise RuntimeError("nobody signs in on this server")
        return self._cookies

    # -- credentials of a request

    def authenticate_cookie(self, sign_in_id: str, *, may_renew: bool) -> tuple[Person, str | None] | None:
        """Return the person of a session cookie, and the renewed id if it is due and `may_renew`; None: no session."""
        with acting(SYSTEM):
            with self.store.read() as session:
                found = sign_ins.find(session, sign_in_id, credential=self._credential)
            if found is None:
                return None
            lifetime = self.cookies.lifetime
            if found.needs_renewal and may_renew:
                with self.store.write() as session:
                    renewed = sign_ins.renew(
                        session, sign_in_id, found.person, credential=self._credential, lifetime=lifetime
                    )
                return found.person, renewed
            if found.write_seen:
                with self.store.write() as session:
                    sign_ins.touch(session, sign_in_id, lifetime)
            return found.person, None

    def authenticate_token(self, token: str) -> Person | None:
        """Return the person whom a program's token acts for; None if it is invalid or revoked."""
        if self._is_start_token(token):
            return TEACHER
        with acting(SYSTEM):
            with self.store.read() as session:
                found = tokens.find(session, token)
            if found is None:
                return None
            if found.write_used:
                with self.store.write() as session:
                    tokens.use(session, found.token_id)
            return found.person

    # -- sign-in and sign-out: each sign-in returns the id for the cookie

    def sign_in(self, given: str, address: str) -> str:
        """Sign somebody in with the teacher's password, this start's token, or a personal code.

        Raises
        ------
        UnauthorizedError
            If the credential is none of these.
        TooManyError
            If too many passwords wait to be checked.
        """
        with acting(SYSTEM):
            # The cheap check first: a class that signs in at once must not wait for thirty slow hashes.
            with self.store.read() as session:
                person = people.find_by_code(session, given)
            if person is None and self._is_start_token(given):
                person = TEACHER
            if person is None and self.accepts_password:
                person = self._by_password(given, address)
            if person is not None:
                return self._begin(person)
        self._failed(address)
        raise UnauthorizedError("Wrong password, token or code. Check for a missing or extra letter, and try again.")

    def sign_in_with_token(self, token: str, address: str) -> str:
        """Sign the teacher in with the token of the printed address; errors as `sign_in`."""
        if self._is_start_token(token):
            with acting(SYSTEM):
                return self._begin(TEACHER)
        self._failed(address)
        raise UnauthorizedError(
            "The token in this address is invalid or expired: the server makes a new one at each start. "
            "The terminal in which the server runs shows the current one."
        )

    def join(self, code: str, name: str, address: str) -> tuple[str, people.JoinedPerson]:
        """Sign a new person in with a join link; also returns their personal code. Errors as `people.join`."""
        with acting(SYSTEM):
            try:
                with self.store.write() as session:
                    joined = people.join(session, code, name, self.settings.max_people)
            except NotFoundError:
                self._failed(address)
                raise
            return self._begin(joined.person), joined

    def check_link(self, code: str, address: str) -> None:
        """Refuse the code of a join link that is not open. Errors as `people.join`."""
        with acting(SYSTEM), self.store.read() as session:
            try:
                people.find_link(session, code)
            except NotFoundError:
                self._failed(address)
                raise

    def sign_out(self, sign_in_id: str) -> None:
        """End a sign-in session."""
        with acting(SYSTEM), self.store.write() as session:
            sign_ins.end(session, sign_in_id)

    def _begin(self, person: Person) -> str:
        with self.store.write() as session:
            return sign_ins.begin(session, person, credential=self._credential, lifetime=self.cookies.lifetime)

    def _by_password(self, given: str, address: str) -> Person | None:
        """Check a password: at once, or throttled after many failures; nobody of the same address is locked out."""
        key = self.attempt_limiter.throttle_key(address)
        wait = 0.0 if key is None else self._throttle.wait(key)
        if wait > 0:
            raise TooManyError("Too many passwords are being tried.", wait)
        with self._checks:
            if secrets.password_fits(self._password_hash, given):
                return TEACHER
        self.attempt_limiter.record_failure(address)
        return None

    def _is_start_token(self, given: str) -> bool:
        return not self.accepts_password and secrets.same(given, start_token())

    # -- failed attempts

    def addresses_with_failures(self) -> list[AddressFailures]:
        """Return the addresses with many recent wrong passwords and codes."""
        return self.failures.recent()

    def reset_limits(self, address: str) -> None:
        """Reset the limits of an address: full speed again, no failures counted."""
        self.failures.reset(address)
        self.attempt_limiter.reset(address)

    def _failed(self, address: str) -> None:
        self.failures.record(address)


def log_refusal(reason: str, *, address: str, method: str, path: str, person: Person | None = None) -> None:
    """Log a refused request in one line, whatever the request contained."""
    log.warning(
        "refused %s %s from %s (%s): %s",
        one_line(method, 10), one_line(path, 200) or "/", one_line(address, 60) or "?",
        one_line(person.name, 40) if person else "not signed in", one_line(reason, 300),
    )  # fmt: skip
