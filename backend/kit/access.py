"""Access declarations of routes: who may call an endpoint, stated where the endpoint is defined.

Every route of the server declares its access, by one of the decorators `static`, `public` and `requires` on its
endpoint or, where the endpoint is another library's, by `declare`. `backend.api.access` enforces the declarations and
refuses every request to a route that has none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, TypeVar

from backend.kit.identity import Role

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])

_ATTRIBUTE: Final = "__synrl_access__"


class Entry(StrEnum):
    """Authentication that a route requires."""

    STATIC = "static"
    """Files of ours, the same for everybody and cacheable: no sign-in, no rate limit."""
    PUBLIC = "public"
    """Without a sign-in: pages to sign in with, and probes of the server's health."""
    SIGNED_IN = "signed in"


@dataclass(frozen=True, slots=True)
class Access:
    """Access declaration of one route."""

    entry: Entry = Entry.SIGNED_IN
    role: Role = Role.VIEWER
    """The least role that may call it, for an entry that asks for a sign-in."""
    takes_files: bool = False
    """Its body is files, and has the limit of uploads."""
    receives: bool = False
    """A WebSocket that acts on messages of the client; others are closed when the client sends one."""
    seats: bool = False
    """Who has a seat in an open class session may call it too: it tells of nobody's runs and changes nothing."""
    as_system: bool = False
    """It tells about the server and nobody's runs, so that without a sign-in it acts for the server itself."""


def requires(
    role: Role, *, takes_files: bool = False, receives: bool = False, seats: bool = False
) -> Callable[[Endpoint], Endpoint]:
    """Declare that an endpoint may be called by people with this role or a higher one.

    Parameters
    ----------
    role
        The least role. An endpoint that changes something requires at least `Role.STUDENT`: viewers change nothing.
    takes_files
        Whether the body is files, which have a limit of their own (``SYNRL_MAX_UPLOAD_BYTES``).
    receives
        Of a WebSocket: whether the client may send messages.
    seats
        Whether a seat in an open class session is enough, without a sign-in.
    """
    return _declared(Access(Entry.SIGNED_IN, role, takes_files=takes_files, receives=receives, seats=seats))


def public(*, as_system: bool = False) -> Callable[[Endpoint], Endpoint]:
    """Declare that an endpoint may be called without a sign-in.

    Parameters
    ----------
    as_system
        Whether it reads the database as the server itself; else it has no access to the database unless somebody is
        signed in.
    """
    return _declared(Access(Entry.PUBLIC, as_system=as_system))


def static(endpoint: Endpoint) -> Endpoint:
    """Declare that an endpoint serves files that are the same for everybody."""
    return _declared(Access(Entry.STATIC))(endpoint)


def _declared(access: Access) -> Callable[[Endpoint], Endpoint]:
    def mark(endpoint: Endpoint) -> Endpoint:
        setattr(endpoint, _ATTRIBUTE, access)
        return endpoint

    return mark


def access_of(endpoint: object) -> Access | None:
    """Return the access that an endpoint declares; None if it declares none."""
    # A bound method passes the attribute of its function on.
    found = getattr(endpoint, _ATTRIBUTE, None)
    return found if isinstance(found, Access) else None


def declare(state: Any, by_path: Mapping[str, Access]) -> None:
    """Declare access to routes whose endpoints are not ours, by their paths, on the state of an application."""
    declarations(state).update(by_path)


def declarations(state: Any) -> MutableMapping[str, Access]:
    """Return the access that is declared by path on an application's state."""
    if not hasattr(state, "declared_access"):
        state.declared_access = {}
    declared: MutableMapping[str, Access] = state.declared_access
    return declared
