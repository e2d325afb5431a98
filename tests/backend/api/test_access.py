"""Access to every route, listed: a new route, or one whose access changes, has to change this list too."""

from __future__ import annotations

import dash
import pytest

from backend.api.access.rules import DeclaredRoute, RouteTable
from backend.kit.access import Access, Entry
from backend.kit.settings import Settings
from dashboard.serve import assemble

#: Routes by who may call them: everybody, or people with this role or a higher one; and whose bodies are files.
EXPECTED = {
    "viewer": """
        GET,HEAD /openapi.json
        GET /docs
        GET /docs/oauth2-redirect
        WEBSOCKET /api/v1/runs/live
        WEBSOCKET /api/v1/runs/{run_id}/live
        GET /api/v1/runs/{run_id}/events
        GET /api/v1/runs/table
        GET /api/v1/runs/ids
        GET /api/v1/runs/facets
        GET /api/v1/runs
        GET /api/v1/runs/{run_id}
        GET /api/v1/runs/{run_id}/metrics
        GET /api/v1/runs/{run_id}/actions
        GET /api/v1/runs/{run_id}/snapshots
        GET /api/v1/runs/{run_id}/snapshots/{iteration}
        GET /api/v1/runs/{run_id}/policy
        GET /api/v1/runs/{run_id}/synapses/{layer}/{input}/{unit}
        GET /api/v1/runs/{run_id}/confusion
        GET /api/v1/runs/{run_id}/mistakes
        GET /api/v1/runs/{run_id}/states
        GET /api/v1/runs/{run_id}/log
        GET /api/v1/runs/{run_id}/baseline
        GET /api/v1/sweeps
        GET /api/v1/sweeps/{sweep_id}
        GET /api/v1/presets
        GET /api/v1/datasets
        GET /api/v1/datasets/{dataset_id}
        GET /api/v1/datasets/{dataset_id}/preview
        GET /api/v1/compare
        GET /api/v1/runs/{run_id}/export
        GET /api/v1/bundles
        GET /api/v1/playground/form
        POST /api/v1/playground/scenes
        GET /api/v1/playground/tapes/{tape}
        GET /api/v1/playground/tapes/{tape}/details
        GET /api/v1/lessons
        GET /api/v1/lessons/{lesson_id}
        GET /api/v1/lessons/{lesson_id}/answers
        GET /api/v1/policies
        GET /api/v1/races
        GET /api/v1/breedings
        GET /api/v1/breedings/{breeding_id}
        GET /api/v1/races/{race_id}
        GET /api/v1/reproductions
        GET /api/v1/reproductions/preparation
        GET /api/v1/reproductions/{reproduction_id}
        GET /api/v1/reproductions/{reproduction_id}/figures
        GET /api/v1/reproductions/{reproduction_id}/report
        GET /api/v1/policies/{policy_id}
        GET /api/v1/policies/{policy_id}/file
        GET /api/v1/policies/{policy_id}/races
        GET /api/v1/me
        GET /api/v1/tokens
        GET /metrics
        DELETE,GET,PATCH,POST,PUT /api/{path:path}
        GET /_dash-layout
        GET /_dash-dependencies
        POST /_dash-update-component
        GET /_reload-hash
        GET /compare/view
        GET /paper/figures/{reproduction_id}
        GET /people
        GET /compare/networks
        GET /compare/confusions
        GET /
        GET {path:path}
        GET /api/v1/board/{session_id}
        GET /api/v1/board/{session_id}/qr.svg
        WEBSOCKET /api/v1/board/{session_id}/live
    """,
    "static": """
        ANY /static-offline-docs
        GET /assets/standalone/playground.html
        GET,HEAD /assets/modules/{version}/{name:path}
        ANY /assets
        GET /_dash-component-suites/{package_name}/{fingerprinted_path:path}
        GET /_favicon.ico
    """,
    "student": """
        POST /api/v1/runs
        POST /api/v1/runs/actions
        PATCH /api/v1/runs/{run_id}
        DELETE /api/v1/runs/{run_id}
        POST /api/v1/runs/{run_id}/restore
        POST /api/v1/runs/{run_id}/pause
        POST /api/v1/runs/{run_id}/resume
        POST /api/v1/runs/{run_id}/stop
        POST /api/v1/runs/{run_id}/extend
        POST /api/v1/runs/{run_id}/rewind
        POST /api/v1/runs/{run_id}/clone
        POST /api/v1/runs/{run_id}/baseline
        POST /api/v1/sweeps
        POST /api/v1/sweeps/{sweep_id}/{action}
        DELETE /api/v1/sweeps/{sweep_id}
        DELETE /api/v1/datasets/uploads/{token}
        PATCH /api/v1/datasets/{dataset_id}
        DELETE /api/v1/datasets/{dataset_id}
        POST /api/v1/policies
        POST /api/v1/policies/derived
        POST /api/v1/races
        POST /api/v1/reproductions
        POST /api/v1/reproductions/{reproduction_id}/continue
        POST /api/v1/breedings
        POST /api/v1/breedings/{breeding_id}/{action}
        DELETE /api/v1/breedings/{breeding_id}
        PATCH /api/v1/policies/{policy_id}
        DELETE /api/v1/policies/{policy_id}
        POST /api/v1/runs/{run_id}/policy
        POST /api/v1/plans
        POST /api/v1/tokens
        DELETE /api/v1/tokens/{token_id}
    """,
    "student files": """
        POST /api/v1/datasets/preview
        POST /api/v1/datasets
        POST /api/v1/bundles
        POST /api/v1/policies/files
        POST /api/v1/reproductions/table
    """,
    "teacher": """
        GET /api/v1/join-links
        POST /api/v1/join-links
        DELETE /api/v1/join-links/{role}
        GET /api/v1/join-links/{role}/qr.svg
        GET /api/v1/guesses
        DELETE /api/v1/guesses/{address}
        GET /api/v1/people
        DELETE /api/v1/people/{person_id}
        POST /api/v1/people/{person_id}/code
        POST /api/v1/class-sessions
        GET /api/v1/class-sessions
        GET /api/v1/class-sessions/{session_id}
        PATCH /api/v1/class-sessions/{session_id}
        DELETE /api/v1/class-sessions/{session_id}
        POST /api/v1/class-sessions/{session_id}/gather
        POST /api/v1/class-sessions/{session_id}/close
        GET /api/v1/class-sessions/{session_id}/qr.svg
        PUT /api/v1/class-sessions/{session_id}/simulated
        PUT /api/v1/class-sessions/{session_id}/showing
        PATCH /api/v1/class-sessions/{session_id}/seats/{seat_id}
        DELETE /api/v1/class-sessions/{session_id}/seats/{seat_id}
        DELETE /api/v1/class-sessions/{session_id}/hands/{hand_id}
        POST /api/v1/class-sessions/{session_id}/activities
        POST /api/v1/class-sessions/{session_id}/activities/{activity_id}/actions
        POST /api/v1/class-sessions/{session_id}/activities/{activity_id}/policy
        POST /api/v1/class-sessions/{session_id}/activities/{activity_id}/runs
        GET /api/v1/class-sessions/{session_id}/export
        WEBSOCKET /api/v1/class-sessions/{session_id}/live
        GET /api/v1/class-locks
        DELETE /api/v1/class-locks/{key}
    """,
    "public": """
        GET /healthz
        GET /readyz
        GET /sign-in
        POST /sign-in
        POST /sign-out
        GET /join
        GET /join/{code}
        POST /join/{code}
        GET /board/{session_id}
        GET /api/v1/seat/preview/{code}
        POST /api/v1/seat
        GET /api/v1/seat
        DELETE /api/v1/seat
        POST /api/v1/seat/answers
        PUT /api/v1/seat/position
        PUT /api/v1/seat/hand
        DELETE /api/v1/seat/hand
        WEBSOCKET /api/v1/seat/live
    """,
}


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> RouteTable:
    app = assemble(Settings(data_dir=tmp_path_factory.mktemp("data")))
    # Dash adds the route of all other addresses when the server starts.
    dash.get_app().backend._setup_catchall()
    return RouteTable(app)


def kind(access: Access | None) -> str:
    if access is None:
        return "undeclared"
    who = access.role.value if access.entry is Entry.SIGNED_IN else access.entry.value
    return f"{who} files" if access.takes_files else who


def named(route: DeclaredRoute) -> str:
    return f"{','.join(sorted(route.methods)) or 'ANY'} {route.path}"


def test_every_route_declares_its_access(table: RouteTable) -> None:
    found: dict[str, set[str]] = {}
    for route in table.routes:
        found.setdefault(kind(route.access), set()).add(named(route))
    assert found == {who: {line.strip() for line in text.split("\n") if line.strip()} for who, text in EXPECTED.items()}


def test_no_websocket_receives_without_being_listed(table: RouteTable) -> None:
    receiving = {route.path for route in table.routes if route.access is not None and route.access.receives}
    assert receiving == set()


def test_what_changes_something_asks_for_a_student(table: RouteTable) -> None:
    #: Callbacks of the pages, whose writing the database's guard checks; scenes, which nobody stores; addresses that
    #: do not exist.
    exempt = {"/_dash-update-component", "/api/v1/playground/scenes", "/api/{path:path}"}
    for route in table.routes:
        if route.methods & {"POST", "PUT", "PATCH", "DELETE"} and route.path not in exempt:
            assert route.access is not None
            assert route.access.entry is Entry.PUBLIC or route.access.role.value != "viewer", route.path


def test_the_route_is_chosen_as_the_router_chooses_it(table: RouteTable) -> None:
    for method, path, expected in (
        ("GET", "/api/v1/runs/table", "viewer"),
        ("DELETE", "/api/v1/runs/table", "student"),  # a run of that id
        ("WEBSOCKET", "/api/v1/runs/live", "viewer"),
        ("POST", "/api/v1/datasets", "student files"),
        ("DELETE", "/healthz", "public"),  # refused by the router, not by access
        ("POST", "/api/v1/none", "viewer"),
        ("GET", "/assets/synrl.css", "static"),
        ("GET", "/runs/abc", "viewer"),
        ("PUT", "/runs/abc", "viewer"),
    ):
        assert kind(table.access(method, path)) == expected, (method, path)
