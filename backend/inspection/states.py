"""States of hidden units over time: spikes and membranes, or hidden states, of one validation sample."""

from __future__ import annotations

from typing import Any

from backend.db.store import Store
from backend.inspection.judging import Judges, class_names
from backend.inspection.states_schemas import ClassChoice, StatesRead
from backend.kit.errors import ConflictError
from backend.runs import service as runs


def states(store: Store, judges: Judges, run_id: str, iteration: int | None, replicate: int, place: int) -> StatesRead:
    """Return the states of a run's hidden units; no session is held while they are computed.

    Parameters
    ----------
    place
        Of the sample among the validation samples, from 0.

    Raises
    ------
    NotFoundError
        When there is no such run, snapshot or replicate.
    ConflictError
        When the network is feedforward, names no classes, or has no such sample.
    BusyError
        As `Judges.answer`.
    """
    with store.read() as session:
        run = runs.get(session, run_id)
        if run.config.architecture == "feedforward":
            raise ConflictError(
                f"Run '{run.name}' has a feedforward network, whose units have no states over time. Recurrent and "
                "spiking networks have them."
            )
        case = judges.request(session, run, iteration, replicate)._replace(place=place)
        names = class_names(session, run)
    return _named(judges.answer(run, case), names)


def _named(found: dict[str, Any], names: list[str] | None) -> StatesRead:
    """Name the classes as people do now, where the data set is theirs."""
    called = names or found["class_names"]
    return StatesRead.model_validate(
        found
        | {
            "label_name": called[found["label"]],
            "named_name": called[found["named"]],
            "class_names": [called[label] for label in found["classes"]],
            "choices": [ClassChoice(name=called[label], place=place) for label, place in found["choices"]],
        }
    )
