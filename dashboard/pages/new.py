"""The page of a new run: a form made from the settings, what the run would take, and what it would train on.

The form itself is drawn by web/new_run/page.js, out of what `form.fields` says; it lives in the address, so that a link
opens it as it was left.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import dash
from dash import Dash, html
from dash.development.base_component import Component

from backend.kit.errors import NotFoundError
from backend.kit.identity import Role, current_person
from backend.kit.late import LateModule
from dashboard import ids
from dashboard.components import form
from dashboard.components.attributes import attributes
from dashboard.components.mount import call_when_mounted
from dashboard.components.nothing import nothing
from dashboard.services import services_of

if TYPE_CHECKING:
    from backend.datasets import service as datasets
    from backend.datasets.schemas import DatasetRead
    from backend.policy_library import service as policy_library
    from backend.policy_library.schemas import LibraryPolicy
    from backend.runs import presets as shipped
    from backend.runs import service as runs
    from backend.runs.presets_schemas import Preset
    from backend.runs.schemas import RunRead
else:
    datasets = LateModule("backend.datasets.service")
    policy_library = LateModule("backend.policy_library.service")
    runs = LateModule("backend.runs.service")
    shipped = LateModule("backend.runs.presets")


def register(app: Dash) -> None:
    """Register the page; its script handles its actions."""

    def layout(**query: str) -> Component:
        if current_person().role is Role.VIEWER:
            return nothing(
                "New run",
                "Viewers look at runs and start none. To start your own, sign out on the page Settings and join with "
                "the code for students.",
            )
        base, problem = None, ""
        with services_of(app).store.read() as session:
            available, library = datasets.listing(session), policy_library.listing(session)
            if query.get("from"):
                try:
                    base = runs.get(session, query["from"])
                except NotFoundError as error:
                    problem = f"{error.detail} The form starts from the defaults instead."
        return new_page(available, shipped.presets(), base, problem, library)

    dash.register_page("new", path="/new", title="New run – SynRL", layout=layout, nav="New run", order=2)
    call_when_mounted(app, "mountNew", ids.NEW_MOUNTED)


def new_page(
    available: list[DatasetRead],
    offered: list[Preset],
    base: RunRead | None,
    problem: str = "",
    library: Sequence[LibraryPolicy] = (),
) -> Component:
    """Lay out the page.

    Parameters
    ----------
    available
        The data sets that can be chosen.
    base
        The run that this one starts from; None: the defaults.
    problem
        Why it does not start from the run that the address names.
    library
        The policies that can be chosen beside those that ship.
    """
    return html.Div(
        [
            html.Div(id=ids.NEW_MOUNTED, hidden=True),
            html.Div([html.H1("New run"), html.Span(_origin(base), className="now")], className="page-head"),
            html.P(problem, className="refusal", role="alert"),
            html.P(
                [
                    "Type several values into a field, separated by semicolons, to start one run for each: ",
                    html.Code("0.002; 0.004"),
                    " or, for whole numbers, ",
                    html.Code("0..4"),
                    ". The address of this page holds the form: send the link to share these settings.",
                ],
                className="caption",
            ),
            # Filled by the script alone.
            html.Div(id=ids.NEW_FORM, className="new-form"),
        ],
        id=ids.NEW_PAGE,
        className="page",
        **attributes(
            data_fields=json.dumps(form.fields(available, library)),
            data_groups=json.dumps(form.groups()),
            data_presets=json.dumps([_preset(one) for one in offered]),
            data_base=json.dumps(None if base is None else base.config.model_dump(mode="json", exclude_defaults=True)),
            data_from=base.id if base else "",
        ),
    )


def _origin(base: RunRead | None) -> str:
    return f"starts from {base.name}" if base else ""


def _preset(preset: Preset) -> dict[str, Any]:
    return {
        "title": preset.title,
        "description": preset.description,
        "config": preset.config.model_dump(mode="json", exclude_defaults=True),
    }
