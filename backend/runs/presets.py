"""Presets: runs that are ready to start. benchmarks/defaults.py measures the accuracies that they state."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend.runs.planning import service as planning
from backend.runs.presets_schemas import Preset
from synrl_core.config import TrainingConfig


def timed(session: Session) -> list[Preset]:
    """Return the presets with their estimated duration on this machine, from runs that have ended."""
    offered = presets()
    each = planning.seconds(session, [preset.config for preset in offered])
    return [preset.model_copy(update={"seconds": one}) for preset, one in zip(offered, each, strict=True)]


def presets() -> list[Preset]:
    """Return the presets in the order in which the page offers them."""
    return [
        Preset(
            id="digits",
            title="Digits",
            description="A network with one hidden layer learns handwritten digits, without a single gradient.",
            config=TrainingConfig(),
        ),
        Preset(
            id="letters",
            title="Letters",
            description="Letters A to J in hundreds of typefaces, every pixel joined straight to every letter: "
            "the paper's simplest network.",
            config=TrainingConfig(dataset="glyphs", hidden_layers=(), iterations=10_000),
        ),
        Preset(
            id="thresholds",
            title="Thresholds",
            description="Digits again, with hidden units that are only on or off. "
            "Gradient descent finds no direction through them; synapses that only ask “better or worse?” do.",
            config=TrainingConfig(activation="step", hidden_layers=(64,)),
        ),
        Preset(
            id="memory",
            title="A memory",
            description="Symbols one after another: which came at the start? A recurrent network learns to keep it, "
            "without going back through time.",
            seconds=10,
            config=TrainingConfig(
                architecture="recurrent",
                dataset="recall",
                hidden_layers=(16,),
                activation="tanh",
                initialisation="he_normal",
                step_size=6e-3,
                iterations=6000,
            ),
        ),
        Preset(
            id="spikes",
            title="Spikes",
            description="Digits, told apart by units that gather current and fire. A spike has no derivative; "
            "synapses need none.",
            seconds=15,
            config=TrainingConfig(
                architecture="spiking",
                hidden_layers=(64,),
                steps=16,
                initialisation="he_normal",
                step_size=1e-2,
                iterations=8000,
            ),
        ),
    ]
