"""Which address asks for which role. What a route does with rows that are not one's own is the database's guard."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from backend.kit.identity import Role

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class Entry(StrEnum):
    """How an address is entered."""

    STATIC = "static"
    """Files of ours, the same for everybody."""
    OPEN = "open"
    """Without a sign-in: it is how one signs in, or whether the server lives."""
    SIGNED_IN = "signed in"


_STATIC = re.compile(r"/(assets|_dash-component-suites|static-offline-docs)/|/_favicon\.ico$|/favicon\.ico$")
_OPEN = re.compile(r"/(healthz|readyz|sign-in|sign-out|join)$|/join/[^/]*$")
_HEALTH = re.compile(r"/(healthz|readyz)$")
_TEACHERS = re.compile(r"/api/v1/(people|join-links)(/|$)")
#: What changes nothing although its method could: callbacks of the pages, whose writing the database's guard looks
#: at, scenes of the playground, which nobody stores, and signing out.
_FOR_VIEWERS = re.compile(r"/_dash-update-component$|/sign-out$|/api/v1/playground/scenes$")
#: Bodies here are files, and have a limit of their own.
_UPLOADS = re.compile(r"/api/v1/(datasets|datasets/preview|bundles)$")


def entry(path: str) -> Entry:
    """How an address is entered."""
    if _STATIC.match(path):
        return Entry.STATIC
    return Entry.OPEN if _OPEN.match(path) else Entry.SIGNED_IN


def is_about_the_server(path: str) -> bool:
    """Whether an address tells how the server is, and of nobody's runs."""
    return _HEALTH.match(path) is not None


def least_role(method: str, path: str) -> Role:
    """Return the role that is asked for, or a higher one."""
    if _TEACHERS.match(path):
        return Role.TEACHER
    return Role.VIEWER if method in SAFE_METHODS or _FOR_VIEWERS.match(path) else Role.STUDENT


def takes_files(path: str) -> bool:
    """Whether the body of a request is files."""
    return _UPLOADS.match(path) is not None


def refusal(role: Role, least: Role) -> str | None:
    """Return why a role is not enough, None if it is."""
    ranks = (Role.VIEWER, Role.STUDENT, Role.TEACHER)
    if ranks.index(role) >= ranks.index(least):
        return None
    if least is Role.TEACHER:
        return "Only the teacher can do this."
    return "You are here as a viewer: you can look at everything and change nothing."
