"""Panels of a network at one iteration: weights, single synapses, the table. The script chooses it."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from backend.runs.schemas import RunRead
from dashboard import ids
from dashboard.components.attributes import attributes
from dashboard.components.panel import Words, graph, panel
from dashboard.components.save import Whole
from dashboard.figures import weights
from dashboard.words import matrix_names, reads_pictures

_WEIGHTS = Words(
    "Weights",
    "Look for patterns growing out of the noise: stripes or shapes are inputs that a unit has learned to use.",
    "a weight",
    "Each cell is one weight, blue below zero and orange above. The scale ends where 99 % of the layer's weights lie "
    "within; larger ones take the colour of its end, and biases have a scale of their own. In the matrix a column "
    "is an input of the layer and a row the unit it feeds, with the units' biases apart on the right. Where the inputs "
    "are pixels, each unit's weights also make a picture: what it looks for, and what speaks against it. Click a cell, "
    "or focus the figure and use the arrow keys, to look at one synapse. What is drawn, and saved, is rounded to 127 "
    "steps from zero to the layer's largest weight; the API has the exact numbers.",
)
#: Where hidden units also get their own signals of one step before, such a matrix has no inputs as columns.
_LOOK_FOR_RECURRENT = (
    "In a matrix such as {name} a row is a unit, a column a unit of the same layer one step before: strong cells carry "
    "what the network remembers. In the others look for stripes: inputs that a unit has learned to use."
)
_SYNAPSE = Words(
    "One synapse",
    "It knows nothing of the network: its last actions, the last rewards, and the table are all it goes by.",
    "a synapse",
    "Every weight and every bias is a synapse that acts for itself. Its last actions and the last rewards name a place "
    "in the table, and there stands a value for each of the three actions. It takes the one with the highest value; "
    "if the policy draws, any of them, the more often the higher its value. When it explores, it takes any.",
)
_POLICY = Words(
    "Policy",
    "Each cell is what a synapse most likely does after these actions and rewards, and how often any was there.",
    "a policy",
    "The policy is one table that all synapses share. A row stands for a synapse's last actions, a column for the last "
    "rewards, the oldest first; its colour is the action that it takes there. Where a cell tells per cent, a synapse "
    "draws its action: they and the colour are of the likeliest, exploration included. In an adaptive run the values "
    "are learned while it trains, so cells can change; in a static one they never do.",
)


def inside(run: RunRead) -> Component:
    """Return the section; of gradient descent there are weights alone."""
    synaptic = run.config.method == "synaptic"
    side = [panel(ids.SYNAPSE, _SYNAPSE, [html.Div(id=ids.SYNAPSE, className="synapse")])]
    if synaptic:
        side.append(panel(ids.POLICY, _POLICY, [html.Div(id=ids.POLICY, className="policy")], saves=True))
    return html.Section(
        [
            html.Div(id=ids.WEIGHTS_SINK, hidden=True),
            html.Header([html.H2("Inside the network", id="inside-title"), html.Div(id=ids.TIME, className="time")]),
            html.Div([_weights(run), html.Div(side, className="side-column")], className="columns"),
        ],
        className="inside",
        **attributes(aria_labelledby="inside-title"),
    )


def learns_pictures(run: RunRead) -> bool:
    """Whether the inputs of a run's network are the pixels of a picture, all of them at once."""
    return reads_pictures(run.config, run.sample_shape)


def _weights_words(names: list[str], run: RunRead) -> Words:
    """Return the texts of the weights of a network, the recurrent ones included where it has them."""
    if len(names) == len(run.config.hidden_layers) + 1:
        return _WEIGHTS
    recurrent = names[1]  # it follows the weights from below of its layer
    return _WEIGHTS._replace(look_for=_LOOK_FOR_RECURRENT.format(name=recurrent))


def _weights(run: RunRead) -> Component:
    pictures = learns_pictures(run)
    names = matrix_names(run.config)
    return html.Div(
        panel(
            ids.WEIGHTS,
            _weights_words(names, run),
            [
                html.Div(
                    graph(ids.WEIGHTS, weights.heatmap(), height=640),
                    id=ids.WEIGHTS_CELLS,
                    tabIndex=0,
                    role="group",
                    **attributes(
                        aria_label="Weights. Arrow keys choose a synapse, Page up and Page down another unit.",
                        aria_describedby=ids.alternative(ids.WEIGHTS),
                    ),
                )
            ],
            controls=html.Div([_views(pictures), _layers(names), _measures()], className="choices"),
            saves=True,
            # Of the snapshot in view: web/run/inside.js knows which that is.
            wholes=[Whole("NPZ, exact", "", ids.WEIGHTS_EXACT)],
        ),
        className="main-column",
    )


def _views(pictures: bool) -> Component:
    control = dmc.SegmentedControl(
        id=ids.WEIGHTS_VIEW,
        value="pictures" if pictures else "matrix",
        data=[{"value": "pictures", "label": "Pictures"}, {"value": "matrix", "label": "Matrix"}],
        size="xs",
        **attributes(aria_label="How the weights are shown"),
    )
    return html.Div(control, hidden=not pictures, className="weights-view")


def _layers(names: list[str]) -> Component:
    data = [{"value": str(index), "label": name} for index, name in enumerate(names)]
    named = attributes(aria_label="Layer")
    if len(names) > 4:
        return dmc.Select(id=ids.WEIGHTS_LAYER, value="0", data=data, size="xs", allowDeselect=False, **named)
    return dmc.SegmentedControl(id=ids.WEIGHTS_LAYER, value="0", data=data, size="xs", **named)


def _measures() -> Component:
    return dmc.SegmentedControl(
        id=ids.WEIGHTS_MEASURE,
        value="weight",
        data=[{"value": "weight", "label": "Weight"}, {"value": "change", "label": "Change"}],
        size="xs",
        **attributes(aria_label="The weight, or its change since the start"),
    )
