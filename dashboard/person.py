"""Attributes of the page's body that state the person and role, for style sheet and scripts."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

from dash import Dash

from backend.kit.identity import current_person
from backend.kit.settings import Settings


def mark(app: Dash, settings: Settings) -> None:
    """Mark the body of every page with the person, their role, and the path prefix of the server."""
    interpolate: Callable[..., str] = app.interpolate_index

    closed = "true" if settings.requires_sign_in else "false"

    def marked(**parts: Any) -> str:
        person = current_person()
        attributes = (
            f'data-role="{person.role}" data-person="{escape(person.name)}" data-closed="{closed}" '
            f'data-root="{escape(settings.root_path)}" data-seat="{"true" if person.is_seat else "false"}"'
        )
        return interpolate(**parts).replace("<body>", f"<body {attributes}>", 1)

    app.interpolate_index = marked  # type: ignore[method-assign, assignment]  # Dash means it to be replaced
