"""Presets: runs that are ready to start. benchmarks/defaults.py measures the accuracies that they state."""

from __future__ import annotations

from backend.runs.presets_schemas import Preset
from synrl_core.config import TrainingConfig


def presets() -> list[Preset]:
    """Return the presets in the order in which the page offers them."""
    return [
        Preset(
            id="digits",
            title="Digits",
            description="A network with one hidden layer learns handwritten digits, without a single gradient.",
            seconds=15,
            config=TrainingConfig(),
        ),
        Preset(
            id="letters",
            title="Letters",
            description="Letters A to J in hundreds of typefaces, every pixel joined straight to every letter: "
            "the paper's simplest network.",
            seconds=25,
            config=TrainingConfig(dataset="glyphs", hidden_layers=(), iterations=10_000),
        ),
        Preset(
            id="thresholds",
            title="Thresholds",
            description="Digits again, with hidden units that are only on or off. "
            "Gradient descent finds no direction through them; synapses that only ask «better or worse?» do.",
            seconds=15,
            config=TrainingConfig(activation="step", hidden_layers=(64,)),
        ),
    ]
