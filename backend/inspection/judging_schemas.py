"""Schemas of the confusion matrix and of the worst mistakes."""

from __future__ import annotations

from pydantic import BaseModel, Field


class Mistake(BaseModel):
    """A misclassified validation sample."""

    sample: int = Field(description="Its place in the data set, from 0.")
    label: int
    named: int
    label_name: str = Field(description="The class that it has.")
    named_name: str = Field(description="The class that the network names.")
    certainty: float = Field(description="Probability that the network gives to the class it names, 0..1.")
    certainty_of_truth: float = Field(description="Probability that it gives to the true class, 0..1.")
    picture: str | None = Field(description="A PNG as a data URL; null where samples are no pictures.")
    values: list[float] | None = Field(description="As the network sees them, at most 64; null for pictures.")


class Confusion(BaseModel):
    """Confusion matrix over the validation samples, of one replicate at one iteration."""

    iteration: int
    replicate: int
    samples: int
    right: int
    classes: list[int] = Field(description="The classes shown, at most 30: those with most mistakes.")
    class_names: list[str]
    class_samples: list[int] = Field(description="How many samples each has.")
    counts: list[list[int]] = Field(description="A row for each true class, a column for each named one.")
    all_classes: int


class Mistakes(BaseModel):
    """Misclassified validation samples, least probable true class first."""

    iteration: int
    replicate: int
    samples: int
    right: int
    sample_shape: list[int] = Field(
        description="[height, width] of pictures, [steps, height, width] of sequences, else [inputs]."
    )
    feature_names: list[str] = Field(description="Names of the values, where they have names.")
    mistakes: list[Mistake]


class Judged(Confusion, Mistakes):
    """Confusion matrix and mistakes, computed together."""
