"""/playground: scenes, and the tapes of their training. Nothing here is stored in the database."""

from __future__ import annotations

import asyncio
import gzip
from typing import Annotated, Any, cast

from fastapi import Depends, Path, Query, Request, Response
from fastapi.requests import HTTPConnection
from pydantic import BeforeValidator, Field, ValidationError

from backend.api.routing import router_under
from backend.kit.access import requires
from backend.kit.errors import InvalidError
from backend.kit.field_errors import describe_all, in_words
from backend.kit.fields import FROM_TEXT, whole_characters
from backend.kit.identity import Role, current_person
from backend.playground.service import Playground
from synrl_core.tape import ITERATIONS, Scene, form

router = router_under("/playground", tags=["playground"])

#: A tape never changes under its name. Private: on most servers one signs in to see it.
FOR_EVER = "private, max-age=31536000, immutable"
#: Compression level: the chunks are small and are made while somebody waits.
_LEVEL = 5
_BINARY: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
}


def _playground(connection: HTTPConnection) -> Playground:
    return cast("Playground", connection.app.state.playground)


PlaygroundDependency = Annotated[Playground, Depends(_playground)]


@router.get("/form")
@requires(Role.VIEWER, seats=True)
def describe_settings() -> dict[str, Any]:
    """Return the settings of a scene with their ranges, choices and defaults, and the policies that ship."""
    return form()


@router.post("/scenes")
@requires(Role.VIEWER, seats=True)  # nothing is stored
async def describe_scene(
    scene: Annotated[Scene, BeforeValidator(whole_characters)], playground: PlaygroundDependency
) -> dict[str, Any]:
    """Describe a scene for its reader: the name of its tape, points, split, sizes, tables.

    The body holds the settings that differ from the defaults. The scene is cached for a while under the name of its
    tape; asking again for the same one costs nothing.
    """
    return await playground.describe(scene, current_person().id)


@router.get("/tapes/{tape}", responses=_BINARY, response_class=Response)
@requires(Role.VIEWER, seats=True)
async def get_tape(
    request: Request,
    tape: Annotated[str, Path(pattern="^[0-9a-f]{40}$", description="Name of the tape, from its description.")],
    playground: PlaygroundDependency,
    start: Annotated[int, Field(ge=0, lt=ITERATIONS), FROM_TEXT, Query(alias="from", description="Iteration.")] = 0,
    stop: Annotated[
        int, Field(gt=0, le=ITERATIONS), FROM_TEXT, Query(alias="to", description="Iteration; 4,096 later at most.")
    ] = 256,
    scene: Annotated[
        str | None,
        # ASCII, as a scene's JSON is: percent-encoded it stays below the 64 KiB that the server takes of an address.
        Query(max_length=16_000, pattern=r"^[\x20-\x7e]*$", description="The scene as JSON, where it was not posted."),
    ] = None,
) -> Response:
    """Return the chunks that hold these iterations, as `synrl_core.tape.split_chunks` reads them.

    Key frames stand at multiples of 256. Training happens when it is asked for, and the answer comes when it is done.
    """
    chunks = await playground.tape(tape, start, stop, current_person().id, None if scene is None else _parsed(scene))
    return await _compressed(request, chunks)


@router.get("/tapes/{tape}/details", responses=_BINARY, response_class=Response)
@requires(Role.VIEWER, seats=True)
async def get_details(
    request: Request,
    tape: Annotated[str, Path(pattern="^[0-9a-f]{40}$", description="Name of the tape, from its description.")],
    playground: PlaygroundDependency,
    start: Annotated[int, Query(alias="from", ge=0, lt=ITERATIONS, description="Iteration.")] = 0,
) -> Response:
    """Return draws of chance, batches and gradients of the chunk that holds an iteration: `synrl_core.tape.details`.

    They are trained again when they are asked for.
    """
    return await _compressed(request, await playground.details(tape, start, current_person().id))


async def _compressed(request: Request, data: bytes) -> Response:
    headers = {"Cache-Control": FOR_EVER, "Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        data = await asyncio.to_thread(gzip.compress, data, _LEVEL, mtime=0)
        headers["Content-Encoding"] = "gzip"
    return Response(data, media_type="application/octet-stream", headers=headers)


def _parsed(scene: str) -> Scene:
    try:
        return Scene.model_validate_json(scene)
    except ValidationError as error:
        errors = describe_all(error.errors(include_url=False), Scene)
        raise InvalidError("; ".join(in_words(one) for one in errors), errors=errors) from error
