"""``python -m benchmarks.sequence_states``: measure why networks of thresholds learn little from rows.

One random action of all synapses is taken forward and backward. How many units change their state, at the first row
and at the last? And is the loss lost one way what is gained the other way? Where it is not, the reward of a step tells
little about its direction. Results go into benchmarks/results/sequences.json and docs/results.md.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from benchmarks.sequences import TASKS, config_of, write
from synrl_core import datasets
from synrl_core.learning.factory import make_trainer
from synrl_core.learning.trainer import Trainer

_SIGN, _SPIKES = "digits by rows, Elman 48 sign", "digits by rows, recurrent LIF 48"
#: Networks by their task and what is changed in it.
NETWORKS: dict[str, tuple[str, dict[str, Any]]] = {
    "Elman 32 tanh": ("digits by rows, Elman 32 tanh", {}),
    "Elman 48 sign, recurrent weights x 0": (_SIGN, {"recurrent_scale": 0.0}),
    "Elman 48 sign, recurrent weights x 0.1": (_SIGN, {"recurrent_scale": 0.1}),
    "Elman 48 sign, recurrent weights x 1": (_SIGN, {"recurrent_scale": 1.0}),
    "Elman 48 sign, from 3 x the identity": ("digits by rows, Elman 48 sign from the identity", {}),
    "48 sign, feedforward": (_SIGN, {"architecture": "feedforward"}),
    "recurrent LIF 48, recurrent weights x 0.1": (_SPIKES, {"recurrent_scale": 0.1}),
    "recurrent LIF 48, recurrent weights x 1": (_SPIKES, {"recurrent_scale": 1.0}),
    "LIF 48 by rows, none recurrent": (_SPIKES, {"recurrent_weights": False}),
}
MOMENTS = (0, 2000)
ACTIONS = 200


class Measured(NamedTuple):
    """What a random action of all synapses does to a network."""

    changing: float
    """Share of hidden units whose state is not the same for all samples at all rows."""
    flips_first: float
    """Share of the states at the first row that an action changes by more than a tenth of their range."""
    flips_last: float
    """The same at the last row."""
    mirrored: float
    """Correlation of the loss gained by an action with the loss lost by its opposite: 1 where the loss is smooth."""


def measure(trainer: Trainer) -> Measured:
    """Take random actions back and forth at the present weights; the weights stay as they are."""
    flat, rng = trainer.flat_weights, np.random.default_rng(0)
    before, step = flat.copy(), trainer.config.step_size
    reach = np.ones_like(flat)
    for layer in trainer.network.layer_views(reach):
        layer[:, :, 0] = trainer.config.bias_step_factor
    start, loss = states(trainer), trainer.batch_loss()[0]
    gained: list[float] = []
    lost: list[float] = []
    flips: list[NDArray[np.floating]] = []
    for _ in range(ACTIONS):
        move = rng.integers(-1, 2, flat.size).astype(np.float32) * reach * np.float32(step)
        for sign, changes in ((1, gained), (-1, lost)):
            np.add(before, sign * move, out=flat)
            changes.append(sign * (trainer.batch_loss()[0] - loss))
        if len(flips) < 10:
            flips.append((np.abs(states(trainer) - start) > 0.1).mean(axis=(1, 2)))
    flat[...] = before
    changing = np.ptp(start, axis=(0, 2)) > 0
    first, *_, last = np.mean(flips, axis=0).tolist() * 2  # a feedforward network has one row
    return Measured(float(changing.mean()), first, last, float(np.corrcoef(gained, lost)[0, 1]))


def states(trainer: Trainer) -> NDArray[np.floating]:
    """Compute the states of the last hidden layer, (rows, units, samples)."""
    network, inputs = trainer.network, trainer.batch_inputs
    work = network.workspace(inputs.shape[-1])
    if trainer.config.architecture != "feedforward":
        work.keep_all_steps()
    network.forward(network.layer_views(trainer.flat_weights), inputs, work)
    if trainer.config.architecture == "feedforward":
        found: NDArray[np.floating] = work.units[-1][:, 1:].copy()
    else:
        found = np.stack([units[0, 1:] for units in work.units[-1]])
    return found


def main() -> None:
    """Measure all networks and write them down."""
    rows: list[dict[str, Any]] = []
    for name, (task, changes) in NETWORKS.items():
        config = config_of(TASKS[task][0] | changes, 0)
        trainer = make_trainer(config, datasets.load(config.dataset))
        for moment in MOMENTS:
            while trainer.iteration < moment:
                trainer.step()
            rows.append({"network": name, "iteration": moment} | measure(trainer)._asdict())
            print(rows[-1], flush=True)
    write("states", rows, table(rows))


def table(rows: list[dict[str, Any]]) -> str:
    """Write the rows as a table."""
    lines = [
        "| network | iteration | units that change | states changed by an action, first row | last row | mirrored |",
        "|---|---|---|---|---|---|",
    ]
    for one in rows:
        shares = " | ".join(f"{100 * one[key]:.1f} %" for key in ("changing", "flips_first", "flips_last"))
        lines.append(f"| {one['network']} | {one['iteration']:,} | {shares} | {one['mirrored']:.2f} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    with threadpool_limits(1):
        main()
