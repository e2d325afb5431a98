"""Routes that serve the page of the comparison with its views, as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from dash import Dash
from fastapi import Query, Request, Response
from plotly.io.json import to_json_plotly

from backend.kit.access import requires
from backend.kit.errors import DomainError, NotFoundError
from backend.kit.identity import Role
from backend.kit.late import LateModule
from dashboard.backend import compressed
from dashboard.comparison.address import options_of, read_address
from dashboard.comparison.view import comparison_view, confusions_view, networks_view
from dashboard.figures import side_by_side
from dashboard.services import Services, services_of
from dashboard.words import reads_pictures

if TYPE_CHECKING:
    from backend.comparison import service as comparison
    from backend.inspection import judging, weights
    from backend.runs import service as runs
else:
    comparison = LateModule("backend.comparison.service")
    judging, weights = LateModule("backend.inspection.judging"), LateModule("backend.inspection.weights")
    runs = LateModule("backend.runs.service")


#: Networks shown side by side.
MOST_NETWORKS = 8

RunIds = Annotated[list[str], Query(max_length=MOST_NETWORKS, description="Ids of runs.")]
Labels = Annotated[list[str], Query(max_length=MOST_NETWORKS, description="What each run is called.")]
Columns = Annotated[int, Query(ge=1, le=100, description="Networks that a row of the window has room for.")]
Layer = Annotated[int, Query(ge=0, le=1000)]


def register(app: Dash) -> None:
    """Add the routes to the server of an app."""
    server: Any = app.server
    routes = ComparisonRoutes(app)
    for path, endpoint in (
        ("/compare/view", routes.comparison),
        ("/compare/networks", routes.networks),
        ("/compare/confusions", routes.confusions),
    ):
        server.add_api_route(path, endpoint, methods=["GET"], include_in_schema=False, response_model=None)


class ComparisonRoutes:
    """Endpoints of the page. They run in threads, as they read the database."""

    def __init__(self, app: Dash) -> None:
        self._app = app

    @property
    def _services(self) -> Services:
        return services_of(self._app)

    @requires(Role.VIEWER)
    def comparison(self, request: Request) -> Response:
        """Return the view of what an address asks for; the query is that of the page."""
        with self._services.store.read() as session:
            state, problem = read_address(session, request.query_params)
            compared = comparison.compare(session, state["runs"], options_of(state))
        return as_json(request, comparison_view(compared, state, problem))

    @requires(Role.VIEWER)
    def networks(
        self, request: Request, run: RunIds, label: Labels, columns: Columns = side_by_side.COLUMNS, layer: Layer = 0
    ) -> Response:
        """Return one layer of the networks of some runs, each as last stored."""
        artifacts = self._services.artifacts
        networks, layers = [], 0
        with self._services.store.read() as session:
            for run_id, name in zip(run, label, strict=False):
                try:
                    found = runs.get(session, run_id)
                    stored = weights.read_weights(weights.load(artifacts, weights.find(session, run_id)), replicate=0)
                except NotFoundError:
                    continue
                if stored is None:
                    continue
                layers = max(layers, len(stored.layers))
                chosen = stored.layers[layer] if layer < len(stored.layers) else None
                pixels = layer == 0 and reads_pictures(found.config, found.sample_shape)
                shape = (found.sample_shape[0], found.sample_shape[1]) if pixels else None
                networks.append(side_by_side.Network(f"{name} at {stored.iteration:,}", chosen, shape))
        return as_json(request, networks_view(networks, layers=layers, layer=layer, columns=columns))

    @requires(Role.VIEWER)
    def confusions(
        self, request: Request, run: RunIds, label: Labels, columns: Columns = side_by_side.COLUMNS
    ) -> Response:
        """Judge the networks of some runs, each as last stored; return the reason for those that can't be judged."""
        services = self._services
        judged, problems = [], []
        for run_id, name in zip(run, label, strict=False):
            try:
                judged.append((name, judging.judged(services.store, services.judges, run_id, None, 0)))
            except DomainError as error:
                problems.append(error.detail)
        return as_json(request, confusions_view(judged, problems, columns=columns))


def as_json(request: Request, view: Any) -> Response:
    """Answer with a view as JSON, compressed."""
    # Plotly's encoder sends long columns of a figure as bytes, and NaN as null.
    return compressed(request, Response(to_json_plotly(view), media_type="application/json"))
