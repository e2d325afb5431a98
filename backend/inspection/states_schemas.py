"""Schemas of the states of hidden units over the steps of a sequence."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field


class StepGrid(BaseModel):
    """Numbers of some signals at all steps, in a byte each: value = scale * int8 / 127."""

    name: str = Field(description="Group of units: inputs, hidden_1 and so on.")
    units: int = Field(description="How many units or inputs there are.")
    shown: int = Field(description="How many of them are sent, the first ones.")
    scale: float = Field(description="Largest absolute value.")
    data: str = Field(description="steps * shown int8, step by step, base64.")


class LayerStates(StepGrid):
    """States of one hidden layer: membranes in units of the threshold, or hidden states."""

    spikes: str | None = Field(description="steps * shown bytes, 1 where a unit fires, base64; null without spikes.")
    rates: list[float] | None = Field(description="Spikes a step of each shown unit, 0..1; null without spikes.")


class ClassChoice(BaseModel):
    """A class, and the first validation sample that has it."""

    name: str
    place: int


class StatesRead(BaseModel):
    """States of all hidden units while the network reads one validation sample."""

    iteration: int
    replicate: int
    architecture: Literal["recurrent", "spiking"]
    steps: int
    samples: int = Field(description="Validation samples that can be chosen.")
    place: int = Field(description="Which of them this is, from 0.")
    sample: int = Field(description="Its place in the data set, from 0.")
    label_name: str = Field(description="The class that it has.")
    named_name: str = Field(description="The class that the network predicts.")
    class_names: list[str] = Field(description="Of the probabilities.")
    probabilities: list[float] = Field(description="Of each class, 0..1; at most 30 classes, the likeliest first.")
    choices: list[ClassChoice] = Field(description="A sample of each class, of at most 12 classes.")
    inputs: StepGrid
    layers: list[LayerStates]
