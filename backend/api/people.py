"""/me, /tokens, and for the teacher /people and /join-links."""

from __future__ import annotations

from typing import Annotated, Any, cast

from fastapi import Depends, Path, Query, Response
from fastapi.requests import HTTPConnection

from backend.api.dependencies import ReadSession, WriteSession
from backend.api.routing import router_under
from backend.db.guard import limits_of, person_of
from backend.kit.access import requires
from backend.kit.identity import Role
from backend.kit.limits import OF_STUDENTS
from backend.people import service as people
from backend.people import tokens
from backend.people.authentication import Authentication
from backend.people.schemas import GuessingRead, JoinLinkCreate, JoinLinkRead, Me, PersonalCode, PersonRead
from backend.people.token_schemas import TokenCreate, TokenCreated, TokenRead

router = router_under(tags=["people"])

PersonId = Annotated[str, Path(min_length=1, max_length=32)]
TokenId = Annotated[str, Path(min_length=1, max_length=32)]
JoinRole = Annotated[Role, Path(description="student or viewer")]

JoinAddress = Annotated[
    str,
    Query(min_length=1, max_length=300, description="The address that the page shows; ends in /join/ and the code."),
]
_PICTURE: dict[int | str, dict[str, Any]] = {200: {"content": {"image/svg+xml": {}}, "description": "The QR code."}}


def _authentication(connection: HTTPConnection) -> Authentication:
    return cast("Authentication", connection.app.state.authentication)


AuthenticationDependency = Annotated[Authentication, Depends(_authentication)]


@router.get("/me")
@requires(Role.VIEWER)
def get_me(session: ReadSession, authentication: AuthenticationDependency) -> Me:
    """Return the person of the request and their limits."""
    person = person_of(session)
    limits = limits_of(session)
    allowed = None if person.is_teacher else {name: getattr(limits, name) for name in OF_STUDENTS}
    return Me(name=person.name, role=person.role, signed_in=authentication.requires_sign_in, limits=allowed)


@router.get("/tokens")
@requires(Role.VIEWER)
def list_tokens(session: ReadSession) -> list[TokenRead]:
    """Return the tokens of the person; for the teacher those of everybody."""
    return tokens.listing(session, person_of(session))


@router.post("/tokens", status_code=201)
@requires(Role.STUDENT)
def create_token(body: TokenCreate, session: WriteSession) -> TokenCreated:
    """Create a token for a program. Its text is in this answer and never again."""
    return tokens.create(session, person_of(session), body.name, body.role)


@router.delete("/tokens/{token_id}", status_code=204)
@requires(Role.STUDENT)
def revoke_token(token_id: TokenId, session: WriteSession) -> None:
    """Revoke a token at once."""
    tokens.revoke(session, person_of(session), token_id)


@router.get("/join-links")
@requires(Role.TEACHER)
def list_links(session: ReadSession) -> list[JoinLinkRead]:
    """Return the links that are open."""
    return people.links(session)


@router.post("/join-links", status_code=201)
@requires(Role.TEACHER)
def open_link(body: JoinLinkCreate, session: WriteSession) -> JoinLinkRead:
    """Open a join link for a class. The previous one of the same role closes."""
    return people.open_link(session, body.role, body.hours)


@router.delete("/join-links/{role}", status_code=204)
@requires(Role.TEACHER)
def close_link(role: JoinRole, session: WriteSession) -> None:
    """Close the join link of a role. People who joined with it stay."""
    people.close_link(session, role)


@router.get("/join-links/{role}/qr.svg", response_class=Response, responses=_PICTURE)
@requires(Role.TEACHER)
def show_qr_code(role: JoinRole, session: ReadSession, address: JoinAddress) -> Response:
    """Return the QR code of the open link's address, for a projector or a print."""
    picture = people.invitation(session, role, address)
    return Response(picture, media_type="image/svg+xml", headers={"Cache-Control": "no-store"})


@router.get("/guesses")
@requires(Role.TEACHER)
def list_guesses(authentication: AuthenticationDependency) -> list[GuessingRead]:
    """Return the addresses with many recent wrong passwords and codes."""
    return [GuessingRead.model_validate(one) for one in authentication.addresses_with_failures()]


@router.delete("/guesses/{address}", status_code=204)
@requires(Role.TEACHER)
def lift_guesses(
    address: Annotated[str, Path(min_length=1, max_length=64)], authentication: AuthenticationDependency
) -> None:
    """Reset the limits of an address: full speed again, and its failures counted from zero."""
    authentication.reset_limits(address)


@router.get("/people")
@requires(Role.TEACHER)
def list_people(session: ReadSession) -> list[PersonRead]:
    """Return all people who joined."""
    return people.listing(session)


@router.delete("/people/{person_id}", status_code=204)
@requires(Role.TEACHER)
def remove_person(person_id: PersonId, session: WriteSession) -> None:
    """Remove a person at once. Their runs stay."""
    people.remove(session, person_id)


@router.post("/people/{person_id}/code")
@requires(Role.TEACHER)
def renew_code(person_id: PersonId, session: WriteSession) -> PersonalCode:
    """Give a person a new personal code, which also readmits a removed one."""
    person, code = people.new_code(session, person_id)
    return PersonalCode(name=person.name, code=code)
