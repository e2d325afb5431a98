"""Race policies: train networks under each on one problem, and compare how low their validation losses come."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict, Field

from synrl_core import datasets
from synrl_core.config import TrainingConfig
from synrl_core.datasets import split
from synrl_core.learning.data import samples_of
from synrl_core.learning.synaptic import SynapticTrainer
from synrl_core.measuring.events import Evaluation
from synrl_core.networks.architecture import make_network
from synrl_core.policies.policy import Policy, blank
from synrl_core.text_input import InputModel


class RaceTask(InputModel):
    """A problem on which candidates race."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    dataset: str
    hidden_layers: tuple[int, ...] = ()
    step_size: float = Field(default=1e-2, gt=0, le=1)
    step_sizes: tuple[Annotated[float, Field(gt=0, le=1)], ...] = ()
    """Race under each of these and count each policy's best; empty: under `step_size` alone."""
    initial_scale: float = Field(default=0.1, gt=0, le=10)
    samples: int = Field(default=1000, ge=10, description="Training samples, to race quickly.")


def race(policies: list[Policy], task: RaceTask, iterations: int, seeds: int, seed: int) -> NDArray[np.float64]:
    """Train a network under each policy, all as one batch, the step size falling linearly to 3 %.

    Greedy ones explore (0.2); stochastic ones are a batch of their own and do not, as their table says how much.

    Parameters
    ----------
    seeds
        Replicates of each policy.

    Returns
    -------
    (policies,) mean validation loss at the end; of several step sizes each policy's best.
    """
    sizes = task.step_sizes or (task.step_size,)
    losses = [_losses(policies, task, step_size, iterations, seeds, seed) for step_size in sizes]
    best: NDArray[np.float64] = np.min(losses, axis=0)
    return best


def _losses(
    policies: list[Policy], task: RaceTask, step_size: float, iterations: int, seeds: int, seed: int
) -> NDArray[np.float64]:
    """(policies,) mean validation loss at the end of a race under one step size."""
    losses = np.zeros(len(policies))
    stochastic = np.array([policy.temperature > 0 for policy in policies])
    for group, exploration in ((~stochastic, 0.2), (stochastic, 0.0)):
        mine = [policies[place] for place in np.flatnonzero(group)]
        if mine:
            losses[group] = _trained(mine, task, step_size, exploration, iterations, seeds, seed)
    return losses


def _trained(
    policies: list[Policy],
    task: RaceTask,
    step_size: float,
    exploration: float,
    iterations: int,
    seeds: int,
    seed: int,
) -> NDArray[np.float64]:
    """(policies,) mean validation loss after training `seeds` networks under each, all as one batch."""
    dataset = datasets.load(task.dataset)
    config = TrainingConfig(
        hidden_layers=task.hidden_layers,
        step_size=step_size,
        step_size_schedule="linear",
        initial_scale=task.initial_scale,
        exploration=exploration,
        iterations=iterations,
        evaluate_every=iterations,
        replicates=len(policies) * seeds,
        seed=seed,
    )
    parts = split(dataset, config.validation_fraction, config.split_seed)
    some = np.random.default_rng(seed).permutation(parts.train)[: task.samples]
    network = make_network(config, dataset.sample_shape, dataset.classes)
    inputs = dataset.inputs(parts)
    train = samples_of(inputs, np.sort(some), network)
    validation = samples_of(inputs, parts.validation, network)
    trainer = SynapticTrainer(config, network, train, validation, blank(policies[0].history))
    trainer.give_tables([policy for policy in policies for _ in range(seeds)])
    last = [event for event in trainer.events() if isinstance(event, Evaluation)][-1]
    means: NDArray[np.float64] = last.validation_loss.reshape(-1, seeds).mean(axis=1)
    return means
