"""Authentication of one server: which credentials its settings require, and how people sign in."""

from __future__ import annotations

import functools
import logging
import threading
from datetime import timedelta
from typing import Final

from backend.db.store import Store
from backend.kit import secrets
from backend.kit.allowance import Allowance
from backend.kit.errors import NotFoundError, TooManyError, UnauthorizedError
from backend.kit.identity import SYSTEM, TEACHER, Person, acting
from backend.kit.settings import Settings
from backend.kit.text import one_line
from backend.people import service as people
from backend.people import sign_ins, tokens
from backend.people.attempts import Attempts, Guesses, Guessing, Turns
from backend.people.cookies import Cookies
from backend.people.hosts import Hosts

log = logging.getLogger("synrl.door")

#: In how many seconds so many failed attempts are taken.
ATTEMPTS_SECONDS: Final = 600.0
#: Passwords that are checked at once: each takes 64 MiB for a moment.
_CHECKS_AT_ONCE: Final = 2
#: Wrong passwords and codes of one address that the teacher is told of.
_MANY_GUESSES: Final = 10
#: Where too many failed: seconds between two checks of a password from one address, and checks that wait at once.
_SLOW_SECONDS, _SLOW_WAITING = 1.0, 8


@functools.cache
def start_token() -> str:
    """Return the token of this start, which the printed address carries; another at each start."""
    return secrets.token()


class Door:
    """Knows who comes. Without `requires_sign_in`, everybody who can reach the server is the teacher."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.is_closed = settings.requires_sign_in
        self.takes_password = settings.teacher_password is not None
        self.hosts = Hosts(settings.allowed_hosts)
        self.attempts = Attempts(settings.sign_in_attempts, 10 * settings.sign_in_attempts, ATTEMPTS_SECONDS)
        self.guesses = Guesses(_MANY_GUESSES, ATTEMPTS_SECONDS)
        self._turns = Turns(_SLOW_SECONDS, _SLOW_WAITING)
        self.requests = Allowance(settings.requests_per_minute, 60.0)
        self._store: Store | None = None
        self._cookies: Cookies | None = None
        self._password_hash = self._credential = ""
        self._checks = threading.BoundedSemaphore(_CHECKS_AT_ONCE)

    def open(self, store: Store) -> None:
        """Begin: read or make the key, hash the password."""
        self._store = store
        if not self.is_closed:
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
            raise RuntimeError("the door is used before the server has started")
        return self._store

    @property
    def cookies(self) -> Cookies:
        """What writes and reads cookies; after `open`, where people sign in."""
        if self._cookies is None:
            raise RuntimeError("nobody signs in on this server")
        return self._cookies

    # -- who is it

    def by_cookie(self, sign_in_id: str, *, may_renew: bool) -> tuple[Person, str | None] | None:
        """Return who a signed-in browser belongs to, and a new id when it is time for one and it can be handed over."""
        with acting(SYSTEM):
            with self.store.read() as session:
                found = sign_ins.find(session, sign_in_id, credential=self._credential)
            if found is None:
                return None
            lifetime = self.cookies.lifetime
            if found.renew and may_renew:
                with self.store.write() as session:
                    renewed = sign_ins.renew(
                        session, sign_in_id, found.person, credential=self._credential, lifetime=lifetime
                    )
                return found.person, renewed
            if found.write_seen:
                with self.store.write() as session:
                    sign_ins.see(session, sign_in_id, lifetime)
            return found.person, None

    def by_token(self, token: str) -> Person | None:
        """Return whom a program acts for."""
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

    # -- coming in and going out: each returns the id for the cookie

    def sign_in(self, given: str, address: str) -> str:
        """Let somebody in with the teacher's password, this start's token, or her personal code.

        Raises
        ------
        UnauthorizedError
            When it is none of these.
        TooManyError
            When too many passwords wait to be checked.
        """
        with acting(SYSTEM):
            # The cheap question first: a class that comes in at once shall not wait for thirty slow hashes.
            with self.store.read() as session:
                person = people.come_back(session, given)
            if person is None and self._is_start_token(given):
                person = TEACHER
            if person is None and self.takes_password:
                person = self._by_password(given, address)
            if person is not None:
                return self._begin(person)
        self._failed(address)
        raise UnauthorizedError("This lets nobody in. Check for a letter too much or too few, and try again.")

    def sign_in_with_token(self, token: str, address: str) -> str:
        """Let the teacher in with the token of the printed address; errors as `sign_in`."""
        if self._is_start_token(token):
            with acting(SYSTEM):
                return self._begin(TEACHER)
        self._failed(address)
        raise UnauthorizedError(
            "The token in this address is not, or no longer, this server's: it has another at each start. "
            "The newest stands in the terminal in which the server runs."
        )

    def join(self, code: str, name: str, address: str) -> tuple[str, people.Joined]:
        """Let somebody in for the first time; returns her personal code too. Errors as `people.join`."""
        with acting(SYSTEM):
            try:
                with self.store.write() as session:
                    joined = people.join(session, code, name, self.settings.max_people)
            except NotFoundError:
                self._failed(address)
                raise
            return self._begin(joined.person), joined

    def check_link(self, code: str, address: str) -> None:
        """Refuse a link's code that lets nobody in. Errors as `people.join`."""
        with acting(SYSTEM), self.store.read() as session:
            try:
                people.find_link(session, code)
            except NotFoundError:
                self._failed(address)
                raise

    def sign_out(self, sign_in_id: str) -> None:
        """End a sign-in."""
        with acting(SYSTEM), self.store.write() as session:
            sign_ins.end(session, sign_in_id)

    def _begin(self, person: Person) -> str:
        with self.store.write() as session:
            return sign_ins.begin(session, person, credential=self._credential, lifetime=self.cookies.lifetime)

    def _by_password(self, given: str, address: str) -> Person | None:
        """Check a password: at once, or slowly where many have failed; the others of a class shall get in too."""
        key = self.attempts.slow_key(address)
        wait = 0.0 if key is None else self._turns.wait(key)
        if wait > 0:
            raise TooManyError("Too many passwords are being tried.", wait)
        with self._checks:
            if secrets.password_fits(self._password_hash, given):
                return TEACHER
        self.attempts.failed(address)
        return None

    def _is_start_token(self, given: str) -> bool:
        return not self.takes_password and secrets.same(given, start_token())

    # -- who guesses

    def guessing(self) -> list[Guessing]:
        """Return the addresses from which many wrong passwords and codes came lately."""
        return self.guesses.recent()

    def lift(self, address: str) -> None:
        """Check passwords of an address at full speed again, and count its failures anew."""
        self.guesses.forget(address)
        self.attempts.forget(address)

    def _failed(self, address: str) -> None:
        self.guesses.failed(address)


def log_refusal(reason: str, *, address: str, method: str, path: str, person: Person | None = None) -> None:
    """Log what was turned away, in one line whatever the request held."""
    log.warning(
        "refused %s %s from %s (%s): %s",
        one_line(method, 10), one_line(path, 200) or "/", one_line(address, 60) or "?",
        one_line(person.name, 40) if person else "not signed in", one_line(reason, 300),
    )  # fmt: skip
