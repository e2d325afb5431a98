"""Attributes of HTML that Python can't name: ``aria-label``, ``data-run``."""

from __future__ import annotations

from typing import Any


def attributes(**named: str) -> dict[str, Any]:
    """Return ``aria_label="..."`` as ``{"aria-label": "..."}``, to be unpacked into a component."""
    return {name.replace("_", "-"): value for name, value in named.items()}
