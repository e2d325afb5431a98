"""Panels of a run in training: curves, actions, rewards."""

from __future__ import annotations

import dash
import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from backend.runs.schemas import RunRead
from dashboard import ids
from dashboard.components.attributes import attributes
from dashboard.components.panel import Words, graph, panel
from dashboard.components.save import Whole, save_menu
from dashboard.figures import actions, curves
from dashboard.words import layer_names

_ACCURACY = Words(
    "Accuracy",
    "Look for the gap: where training rises and validation does not, the network memorises instead of learning.",
    "accuracy",
    "Accuracy is the share of samples whose class the network names correctly. The strong line is measured on "
    "validation samples, which it never trains on; the pale line on those it does train on. With several replicates "
    "the line is their mean, and the band reaches one standard deviation to either side. Drag over a part to see it at "
    "full resolution, and double-click to come back.",
)
_LOSS = Words(
    "Loss",
    "It should fall, fast at first and ever more slowly: whether it fell is all that the synapses are told.",
    "the loss",
    "The loss measures how wrong the network is and how sure it was of it. After each iteration it is measured again "
    "on the current batch. If it fell, every synapse gets the reward +1; if not, −1.",
)
_ACTIONS = Words(
    "What the synapses do",
    "Blue and orange in balance: the weights search in both directions. If one takes over, all drift the same way.",
    "an action",
    "In each iteration every weight and bias moves one step down, stays, or moves one step up. What it does follows "
    "from its own last actions and the rewards that all got, looked up in a table that all share. With exploration a "
    "small share acts at random instead, to find out what else would work.",
)
_REWARD = Words(
    "Reward",
    "A filled lamp is +1, an empty one −1: so many of ten iterations made the loss fall.",
    "the reward",
    "The reward is one bit, the same for all synapses. It is +1 when the loss fell in this iteration, and −1 when it "
    "did not. The rate is the share of +1 since the measurement before.",
)


def measured(run: RunRead) -> Component:
    """Return the curves of accuracy and loss."""
    iterations, replicates = run.iterations, run.config.replicates
    return html.Div(
        [
            panel(
                ids.ACCURACY,
                _ACCURACY,
                [
                    graph(ids.ACCURACY, curves.accuracy(iterations=iterations, replicates=replicates), height=340),
                    html.P(id=ids.BASELINE_NOTE, className="caption", role="status"),
                ],
                controls=_overlays(run),
                saves=True,
                wholes=_all_measured(run),
            ),
            panel(
                ids.LOSS,
                _LOSS,
                [graph(ids.LOSS, curves.loss(iterations=iterations, replicates=replicates), height=220)],
                saves=True,
                wholes=_all_measured(run),
            ),
        ],
        className="main-column",
    )


def _all_measured(run: RunRead) -> list[Whole]:
    address = dash.get_relative_path(f"/api/v1/runs/{run.id}/export?format=csv")
    return [Whole("CSV, every evaluation and replicate", address)]


def behaviour(run: RunRead) -> Component | None:
    """Return the figures of actions and rewards; gradient descent has none."""
    if run.config.method != "synaptic":
        return None
    layers = layer_names(run.config)
    return html.Div(
        [
            html.Div(id=ids.ACTIONS_SINK, hidden=True),
            panel(
                ids.ACTIONS,
                _ACTIONS,
                [
                    html.Div([_action_legend(), *_layer_choice(layers)], className="legend-line"),
                    graph(ids.ACTIONS, actions.shares_over_time(iterations=run.iterations), height=220),
                    html.Div(
                        [html.H3("Now, by layer"), save_menu(ids.LAYERS, "Now, by layer")], className="legend-line"
                    ),
                    graph(ids.LAYERS, actions.now_by_layer(layers=layers), height=16 + 34 * len(layers)),
                ],
                saves=True,
            ),
            panel(ids.REWARD, _REWARD, [_lamps()]),
        ],
        className="side-column",
    )


def _overlays(run: RunRead) -> Component:
    """Return the controls of what is drawn over the curves on demand."""
    toggles = [_toggle(ids.SHOW_BASELINE, "Gradient descent")] if run.config.method == "synaptic" else []
    if run.config.replicates > 1:
        toggles.insert(0, _toggle(ids.SHOW_REPLICATES, "Each replicate"))
    return html.Div(toggles, className="choices")


def _toggle(name: str, words: str) -> Component:
    return html.Button(words, id=name, className="toggle", type="button", **attributes(aria_pressed="false"))


def _layer_choice(layers: list[str]) -> list[Component]:
    """Return the choice of the layer whose actions are drawn; empty with a single layer."""
    if len(layers) < 2:
        return []
    data = [{"value": "all", "label": "All"}, *({"value": str(i), "label": name} for i, name in enumerate(layers))]
    if len(layers) > 3:
        return [dmc.Select(id=ids.ACTIONS_LAYER, value="all", data=data, size="xs", allowDeselect=False, **_SHARES_OF)]
    return [dmc.SegmentedControl(id=ids.ACTIONS_LAYER, value="all", data=data, size="xs", **_SHARES_OF)]


_SHARES_OF = attributes(aria_label="Layer whose actions are shown")


def _action_legend() -> Component:
    return html.Ul(
        [html.Li(word, className=f"key key-{word}") for word in actions.ACTIONS],
        className="legend",
        **attributes(aria_label="Colours of the actions"),
    )


def _lamps() -> Component:
    return html.Div(
        [html.Span(className="lamp") for _ in range(10)],
        id="reward-lamps",
        className="lamps",
        **attributes(aria_hidden="true"),
    )
