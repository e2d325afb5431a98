"""`synrl playground`: write a scene of the playground as one HTML file that needs no server."""

from __future__ import annotations

import base64
import pkgutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from pydantic import ValidationError

from backend.cli.common import WholeNumber, refuse_to_overwrite, write_whole
from backend.kit.field_errors import describe_all, in_words

if TYPE_CHECKING:  # the command line of the server doesn't wait for the science
    from synrl_core.tape import Scene

#: Named, not imported: the pages know the backend, not the other way round.
PAGE = "dashboard.standalone:page_with"


@click.group()
def playground() -> None:
    """Scenes of the playground."""


@playground.command()
@click.argument("address")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), default=Path("scene.html"), show_default=True,
    help="File to write.",
)  # fmt: skip
@click.option(
    "--iterations", type=WholeNumber(1), default=2000, show_default=True,
    help="Iterations of the tape, whole stretches of 256; at least as many as the address's moment (at=).",
)  # fmt: skip
@click.option("--no-details", is_flag=True, help="Leave out draws of chance and gradients: a much smaller file.")
@click.option("--force", is_flag=True, help="Replace the file if it is there.")
def export(address: str, output: Path, iterations: int, no_details: bool, force: bool) -> None:
    """Train the scene of a playground's ADDRESS and write it with its tape as one HTML file.

    ADDRESS is what the page's address bar shows, or its part after the question mark, quoted, such as
    "data=xor&hidden=8&at=500". The file plays, steps back and inspects without a server or a network. A second network
    (vs=) is in it too.
    """
    from threadpoolctl import threadpool_limits

    from synrl_core.tape import ITERATIONS, form
    from synrl_core.tape.address import read_address

    refuse_to_overwrite(output, force)
    with _refusals_in_words():
        found = read_address(address)
    with threadpool_limits(1):  # one thread, as the server: sums have one order
        wanted = min(max(iterations, found.at), ITERATIONS)
        tapes = [_tape(found.scene, wanted, details=not no_details)]
        if found.second is not None:
            # In lock step over forward passes, of which the first takes one more for each batch that it draws.
            passes = 1 + wanted + wanted // found.scene.batch_interval
            tapes.append(_tape(found.second, min(passes, ITERATIONS), details=False))
    stored = {"form": form(), "search": address.rpartition("?")[2], "tapes": tapes}
    page: Callable[[dict[str, Any]], str] = pkgutil.resolve_name(PAGE)
    data = page(stored).encode()
    write_whole(output, data)
    held = tapes[0]["header"]["iterations"]
    click.echo(f"Written: {output} (iterations 0 to {held:,}, {len(data) / 1e6:.1f} MB)")


@contextmanager
def _refusals_in_words() -> Iterator[None]:
    """Say what an address has wrong in a line that names its word."""
    from synrl_core.tape.address import word_of

    try:
        yield
    except ValidationError as error:
        told = [one | {"field": word_of(one["field"])} for one in describe_all(error.errors())]
        told = [{name: value for name, value in one.items() if one["field"] or name != "value"} for one in told]
        raise click.ClickException("; ".join(map(in_words, told))) from error
    except ValueError as error:
        raise click.ClickException(str(error)) from error


def _tape(scene: Scene, iterations: int, *, details: bool) -> dict[str, Any]:
    """Record a scene as the page stores it: header, chunks and details in base64, by their first iteration."""
    from synrl_core import tape

    recorder = tape.Recorder(scene)
    chunks, detailed = {}, {}
    state: bytes | None = None
    while recorder.iteration < iterations and not recorder.ended:
        start = recorder.iteration
        chunks[start] = _base64(recorder.record().to_bytes())
        if details and scene.method == "synaptic":
            detailed[start] = _base64(tape.details(scene, state).to_bytes())
        state = recorder.state_bytes()
    header = tape.header(scene) | {"iterations": recorder.iteration}
    return {"header": header, "chunks": chunks, "details": detailed}


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
