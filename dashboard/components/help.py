"""The (?) that explains an idea in three sentences."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from dashboard.components.attributes import attributes


def explain(subject: str, sentences: str) -> Component:
    """Return a small button that opens an explanation; for the keyboard and the screen reader too."""
    button = dmc.ActionIcon(
        "?",
        className="explain",
        variant="default",
        size="sm",
        radius="xl",
        **attributes(aria_label=f"What is {subject}?"),
    )
    return dmc.Popover(
        [dmc.PopoverTarget(button), dmc.PopoverDropdown(html.P(sentences, className="explanation"))],
        width=340,
        position="bottom-end",
        shadow="md",
        withArrow=True,
        trapFocus=False,
        withRoles=True,
    )
