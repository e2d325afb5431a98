"""Runs that are ready to start: what the empty page offers."""

from __future__ import annotations

from backend.schemas import Preset
from synrl_core.config import TrainingConfig


def presets() -> list[Preset]:
    """Return the presets in the order in which the page offers them."""
    return [
        Preset(
            id="digits",
            title="Digits",
            description="A network with one hidden layer learns handwritten digits, without a single gradient.",
            seconds=20,
            config=TrainingConfig(),
        ),
    ]
