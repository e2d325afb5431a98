"""Services of the server that pages use: the one place where pages meet what the API's lifespan has opened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dash import Dash

from backend.db.store import Store
from backend.kit.settings import Settings

if TYPE_CHECKING:
    from backend.inspection.judging import Judges
    from backend.people.authentication import Authentication
    from backend.wire.artifacts import Artifacts


@dataclass(frozen=True, slots=True)
class Services:
    """Services of one server, for layouts and callbacks."""

    settings: Settings
    authentication: Authentication
    store: Store
    artifacts: Artifacts
    judges: Judges


def services_of(app: Dash) -> Services:
    """Return the services of the server that an app is part of, once its lifespan has begun.

    Raises
    ------
    AttributeError
        Before that: there is no database yet.
    """
    state: Any = app.server.state
    return Services(
        settings=state.settings,
        authentication=state.authentication,
        store=state.store,
        artifacts=state.artifacts,
        judges=state.judges,
    )
