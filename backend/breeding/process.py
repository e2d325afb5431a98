"""Process that breeds: it sends each step's result to the server and goes on when that is stored."""

from __future__ import annotations

from importlib.metadata import version
from multiprocessing.connection import Connection
from typing import Any

from threadpoolctl import threadpool_limits

from backend.kit import helper_process
from backend.wire import arrays
from synrl_core.breeding.breeding import BreedingConfig, breed_all
from synrl_core.breeding.steps import Arrays, Steps
from synrl_core.policies import files


def main(connection: Connection, config: dict[str, Any], recorded: list[bytes]) -> None:
    """Breed from the recorded steps and send messages: ``(kind, ...)`` tuples of plain values.

    ``("line", text)``, ``("scored", of what, generation, score)``, ``("step", name, bytes, forward passes so far)``,
    which waits for an answer before breeding goes on, and at the end ``("done", [policy as JSON, ..])`` or
    ``("failed", text)``.
    """
    helper_process.prepare()

    def record(name: str, result: Arrays) -> None:
        connection.send(("step", name, arrays.to_npz(dict(result)), steps.forward_passes))
        connection.recv()

    checked = BreedingConfig.model_validate(config)
    steps = Steps(
        [arrays.from_npz(data) for data in recorded],
        record,
        progress=lambda line: connection.send(("line", line)),
        scored=lambda of, generation, score: connection.send(("scored", of, generation, score)),
        budget=checked.budget,
    )
    try:
        with threadpool_limits(1):  # its products are small, and sums have one order
            bred = breed_all(checked, f"synrl {version('synrl')}", steps)
    except Exception as error:
        connection.send(("failed", f"{type(error).__name__}: {error}"))
        return
    connection.send(("done", [files.to_json(policy) for policy in bred]))
