"""List the metrics that every evaluation of a run has: the one place where they are named and described."""

from __future__ import annotations

from typing import Literal, NamedTuple

#: Names of the metrics, in the order in which people choose among them.
MetricName = Literal["validation_accuracy", "train_accuracy", "validation_loss", "train_loss", "reward_rate"]


class Metric(NamedTuple):
    """A metric that is measured for each replicate at each evaluation.

    Attributes
    ----------
    name
        Field of `synrl_core.measuring.events.Evaluation`, and name of the column that is stored and exported.
    title
        Name for people, in lower case.
    unit
        ``share`` for a part of a whole, 0 to 1, shown in percent; empty where the number has no unit.
    better
        Whether higher or lower values are better.
    description
        Definition, in a sentence.
    """

    name: MetricName
    title: str
    unit: Literal["share", ""]
    better: Literal["higher", "lower"]
    description: str

    @property
    def is_share(self) -> bool:
        """True for a part of a whole, 0 to 1."""
        return self.unit == "share"


#: All metrics, in the order of the columns of stored curves: append new ones at the end.
METRICS = (
    Metric("train_loss", "training loss", "", "lower", "Mean loss on the whole training set."),
    Metric("train_accuracy", "training accuracy", "share", "higher", "Share of training samples named right."),
    Metric("validation_loss", "validation loss", "", "lower", "Mean loss on the samples that are held back."),
    Metric("validation_accuracy", "validation accuracy", "share", "higher", "Share of held back samples named right."),
    Metric(
        "reward_rate", "reward rate", "share", "higher", "Share of iterations since the last evaluation that lowered "
        "the loss of the mini-batch."
    ),
)  # fmt: skip
#: Names in the same order.
NAMES: tuple[MetricName, ...] = tuple(metric.name for metric in METRICS)
_BY_NAME: dict[str, Metric] = {metric.name: metric for metric in METRICS}


def get(name: str) -> Metric:
    """Return the metric of a name.

    Raises
    ------
    KeyError
        When there is none; the message lists the names.
    """
    if name not in _BY_NAME:
        raise KeyError(f"there is no metric '{name}'; choose one of {', '.join(NAMES)}")
    return _BY_NAME[name]
