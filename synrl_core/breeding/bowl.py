"""Evolve stochastic tables on a simulated quadratic bowl, the simplest optimisation problem for many synapses.

The bowl is the loss |w|^2 of n synapses w. Each walk's step is a fixed share of its distance from the bottom, over n:
nothing about the walk then depends on where it is, and its mean fall of log |w| in an iteration, times n, is a
property of the table alone: the *normalised progress rate* of the theory of evolution strategies (Beyer, The Theory
of Evolution Strategies, 2001, section 3), here per forward pass. What a table earns here it earns wherever the loss is
smooth and the synapses are many, as the direction of the gradient then counts and nothing else.

A table is searched for by CMA-ES (Hansen 2016, arXiv 1604.00772): how likely each action is in each state, and the
share that a step is.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict, Field

from synrl_core.breeding.steps import Steps, generator_state, set_generator_state
from synrl_core.policies.policy import CODES, DOWN, STAY, UP, action_probabilities
from synrl_core.text_input import InputModel

#: Preferences (logarithms of probabilities, less that of another action) beyond this change nothing any more.
_LIMIT = 6.0
#: How likely the evolution's first table is to do what the table it starts from does.
_TRUST = 0.6
_SPREAD = 1.2
#: The distance from the bottom is set back to 1 this often, before float32 runs out of it.
_RESCALED = 50


class BowlConfig(InputModel):
    """Settings of the evolution of stochastic tables."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    generations: int = Field(default=300, ge=0, description="0: none; the policy stays greedy.")
    starts: int = Field(default=1, ge=1, description="Evolutions with seeds of their own; each gives a finalist.")
    population: int = Field(default=48, ge=4)
    synapses: int = Field(default=256, ge=2)
    iterations: int = Field(default=700, ge=2)
    settling: int = Field(default=100, ge=0, description="First iterations that don't count.")


class Genome:
    """Mapping between CMA-ES vectors and tables that are symmetric in down and up.

    The preference of staying is 0, those of down and up are free; a state that is its own mirror image has one number:
    its preference of staying, down and up being alike.
    """

    def __init__(self, history: int) -> None:
        self.history = history
        past: NDArray[np.intp] = np.indices((CODES,) * history).reshape(history, -1)
        codes = np.arange(past.shape[1])
        mirrored: NDArray[np.intp] = np.asarray(np.ravel_multi_index(tuple(UP - past), (CODES,) * history))
        self._own = int(codes[codes == mirrored][0])
        self._one = codes[codes < mirrored]
        self._other = mirrored[self._one]
        #: What a table does under rewards of which some aren't known yet: as if they had been won.
        self._seen: NDArray[np.intp] = np.asarray(
            np.ravel_multi_index(tuple((past != DOWN).astype(np.intp)), (2,) * history)
        )

    @property
    def size(self) -> int:
        """Numbers of a vector."""
        return int(2**self.history * (1 + 2 * len(self._one)))

    def preferences(self, vectors: NDArray[np.float64]) -> NDArray[np.float64]:
        """(K, size) vectors -> (K, 3, 3^h, 2^h): action, action history, rewards lost (0) or won (1)."""
        genes = vectors.reshape(len(vectors), 2**self.history, -1)
        q = np.zeros((len(vectors), CODES, CODES**self.history, 2**self.history))
        q[:, STAY, self._own] = genes[:, :, 0]
        down, up = genes[:, :, 1::2].transpose(0, 2, 1), genes[:, :, 2::2].transpose(0, 2, 1)
        q[:, DOWN, self._one], q[:, UP, self._one] = down, up
        q[:, UP, self._other], q[:, DOWN, self._other] = down, up
        return q

    def table(self, vector: NDArray[np.float64]) -> NDArray[np.float64]:
        """Make the Q table, (3,) * (2h + 1), that acts so at the temperature 1: rounded logarithms of probabilities."""
        shares = action_probabilities(self.preferences(vector[None])[0], 1.0)[..., self._seen]
        q = np.asarray(np.round(np.log(shares), 3), np.float64)
        return q.reshape((CODES,) * (2 * self.history + 1))

    def start(self, actions: NDArray[np.integer]) -> NDArray[np.float64]:
        """Make the vector of a table that mostly does what these greedy actions, (3,) * 2h, say."""
        greedy = np.asarray(actions).reshape(CODES**self.history, CODES**self.history)
        won = [int(np.flatnonzero(self._seen == rewards)[-1]) for rewards in range(2**self.history)]
        rest = (1 - _TRUST) / (CODES - 1)
        likely = np.log(np.where(np.arange(CODES)[:, None, None] == greedy[:, won], _TRUST, rest))  # (3, 3^h, 2^h)
        free = likely - likely[STAY]
        genes = np.zeros((2**self.history, 1 + 2 * len(self._one)))
        genes[:, 0] = likely[STAY, self._own] - likely[UP, self._own]
        genes[:, 1::2], genes[:, 2::2] = free[DOWN, self._one].T, free[UP, self._one].T
        return genes.ravel()


def progress_rates(
    preferences: NDArray[np.float64], shares: NDArray[np.float64], rng: np.random.Generator, config: BowlConfig
) -> NDArray[np.float64]:
    """Let K tables walk down the bowl.

    Parameters
    ----------
    preferences
        (K, 3, 3^h, 2^h), as `Genome.preferences` makes them.
    shares
        (K,) step size over distance from the bottom, times synapses.

    Returns
    -------
    (K,) normalised progress rates: mean fall of log |w| in an iteration, times synapses.
    """
    tables, states = len(shares), preferences.shape[2]
    up_to = np.cumsum(np.moveaxis(action_probabilities(np.moveaxis(preferences, 1, 0), 1.0), 0, 1), axis=1)[:, :-1]
    limits = np.ascontiguousarray(np.moveaxis(up_to, 3, 1), np.float32)  # (K, 2^h, 2, 3^h)
    n, every = config.synapses, np.arange(tables)
    w = rng.standard_normal((tables, n), np.float32)
    history = np.full((tables, n), states // 2)
    rewards = np.full(tables, preferences.shape[3] - 1)
    loss, fallen = np.einsum("kn,kn->k", w, w), np.zeros(tables)
    for iteration in range(config.settling + config.iterations):
        now = limits[every, rewards]
        place = history + (every * states)[:, None]
        drawn = rng.random((tables, n), np.float32)
        stays, rises = (drawn >= np.ascontiguousarray(now[:, limit]).ravel().take(place) for limit in (0, 1))
        action = stays.astype(np.int8) + rises
        history = (history * CODES + action) % states
        w += (shares * np.sqrt(loss) / n).astype(np.float32)[:, None] * (action - np.int8(1))
        before, loss = loss, np.einsum("kn,kn->k", w, w)
        rewards = (2 * rewards + (loss < before)) % preferences.shape[3]
        if iteration >= config.settling:
            fallen += np.log(before / loss) / 2
        if iteration % _RESCALED == _RESCALED - 1:
            w /= np.sqrt(loss)[:, None]
            loss = np.einsum("kn,kn->k", w, w)
    return fallen / config.iterations * n


def evolve(
    actions: NDArray[np.integer], config: BowlConfig, seed: int, steps: Steps | None = None
) -> tuple[NDArray[np.float64], float]:
    """Evolve a stochastic table from greedy actions, (3,) * 2h.

    Parameters
    ----------
    steps
        Takes the measured steps, one a generation; None: nothing is recorded.

    Returns
    -------
    The Q table, (3,) * (2h + 1), to act by at the temperature 1, and its normalised progress rate.
    """
    from cmaes import CMA  # only the evolution of stochastic tables needs it

    genome = Genome(np.asarray(actions).ndim // 2)
    mean = np.append(np.clip(genome.start(actions), 0.9 * -_LIMIT, 0.9 * _LIMIT), 0.0)  # the last: log of the share
    bounds = np.tile([-_LIMIT, _LIMIT], (mean.size, 1))
    search = CMA(mean=mean, sigma=_SPREAD, bounds=bounds, population_size=config.population, seed=seed)
    rng = np.random.default_rng(seed)
    steps = steps or Steps()
    for generation in range(config.generations):
        vectors = np.array([search.ask() for _ in range(search.population_size)])
        rates = _measured(f"bowl, start {seed}, generation {generation + 1}", genome, vectors, rng, config, steps)
        search.tell([(vector, -rate) for vector, rate in zip(vectors, rates.tolist(), strict=True)])
        steps.scored(f"bowl, start {seed}", generation + 1, float(rates.mean()))
        if generation % 50 == 49:
            steps.say(f"bowl, generation {generation + 1}: progress rate {rates.mean():.3f}, best {rates.max():.3f}")
    centres = np.repeat(search.mean[None], config.population, axis=0)
    rate = _measured(f"bowl, start {seed}, result", genome, centres, rng, config, steps).mean()
    return genome.table(search.mean[:-1]), float(rate)


def _measured(
    name: str,
    genome: Genome,
    vectors: NDArray[np.float64],
    rng: np.random.Generator,
    config: BowlConfig,
    steps: Steps,
) -> NDArray[np.float64]:
    """Progress rates of vectors as one step, which leaves the generator where the rates left it."""

    def compute() -> dict[str, NDArray[Any]]:
        rates = _rates(genome, vectors, rng, config)
        return {"rates": rates, "generator": generator_state(rng)}

    result = steps.take(name, len(vectors) * (config.settling + config.iterations), compute)
    set_generator_state(rng, result["generator"])
    return result["rates"]


def _rates(
    genome: Genome, vectors: NDArray[np.float64], rng: np.random.Generator, config: BowlConfig
) -> NDArray[np.float64]:
    """Progress rates of vectors (K, size + 1), the last number the logarithm of the share."""
    return progress_rates(genome.preferences(vectors[:, :-1]), np.exp(vectors[:, -1]), rng, config)
