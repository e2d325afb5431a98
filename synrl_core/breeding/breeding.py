"""Breed a policy: learn tables on small problems, cross the best, race them on unseen problems.

1. *Parents*: adaptive runs from blank tables on simulated two-dimensional boundaries, R replicates each. A table is
   frozen to its greedy actions and made symmetric: down and up are only names, so what a synapse does after
   (down, up) is the mirror of what it does after (up, down). If asked for, win-stay lose-shift is a parent too.
2. *Generations*: the better ones are crossed and mutated, and all are raced, each candidate a few replicates of one
   batch, on held-out tasks. A score is the mean over tasks of log(validation loss / that of win-stay lose-shift
   in the same race): 0 is as good, below 0 is better. A long history has many states and few good tables, so breeding
   can begin with a shorter one: its best tables, told to overlook what is older, begin the generations of the longer.
3. *Bowl*: the best greedy table is where stochastic ones begin, evolved on a simulated bowl (`bowl`).
4. *Final*: the best few and the evolved ones meet in longer races, and the winner is returned with its lineage.

The paper freezes one table learned on one boundary problem (section 3.1); crossing and racing are ours.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict, Field, model_validator

from synrl_core import datasets
from synrl_core.breeding.bowl import BowlConfig, evolve
from synrl_core.breeding.operators import Actions, cross, lifted, mutate
from synrl_core.breeding.racing import RaceTask, race
from synrl_core.breeding.steps import Arrays, Steps
from synrl_core.config import TrainingConfig
from synrl_core.learning.factory import make_trainer
from synrl_core.measuring.events import Evaluation
from synrl_core.policies.describe import symmetrised
from synrl_core.policies.policy import Policy, win_stay_lose_shift
from synrl_core.text_input import InputModel


class BreedingConfig(InputModel):
    """Settings of breeding."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(default="bred", min_length=1, max_length=200)
    seed: int = Field(default=0, ge=0, le=2**32 - 1)
    history: int = Field(default=2, ge=1, le=3)
    schools: tuple[str, ...] = Field(default=("teacher", "circles", "moons"), min_length=1)
    """Boundary problems on which parents learn."""
    parents: int = Field(default=6, ge=1, le=100, description="Tables learned on each boundary problem.")
    parent_iterations: int = Field(default=8000, ge=1)
    learning_rate: float = Field(default=1e-3, gt=0, le=1)
    discount: float = Field(default=0.5, ge=0, lt=1)
    exploration: float = Field(default=0.5, gt=0, le=1)
    step_size: float = Field(default=3e-3, gt=0, le=1)
    tasks: tuple[RaceTask, ...] = (
        RaceTask(dataset="digits"),
        RaceTask(dataset="digits", hidden_layers=(16,)),
        RaceTask(dataset="glyphs", step_size=3e-3),
    )
    generations: int = Field(default=8, ge=1)
    population: int = Field(default=16, ge=2)
    elite: int = Field(default=5, ge=1)
    first_history: int | None = Field(default=None, ge=1, le=3)
    """History of the parents and of the first generations; None: `history` from the start."""
    first_generations: int = Field(default=8, ge=1)
    hand_written_parent: bool = False
    """Whether win-stay lose-shift is among the parents."""
    bowl: BowlConfig = BowlConfig()
    """How stochastic tables are evolved for the final; 0 generations: there are none."""
    race_iterations: int = Field(default=1000, ge=1)
    race_seeds: int = Field(default=2, ge=1)
    final_iterations: int = Field(default=4000, ge=1)
    final_seeds: int = Field(default=4, ge=1)
    final_tasks: tuple[RaceTask, ...] = ()
    """Tasks of the final race; empty: `tasks`."""

    budget: int | None = Field(default=None, ge=1, description="Forward passes that breeding may take. Empty: all.")

    @model_validator(mode="after")
    def _fits_its_budget(self) -> BreedingConfig:
        if self.budget is not None and self.budget < least_forward_passes(self):
            raise ValueError(
                f"budget {self.budget:,} is too small: parents, one generation and the final take "
                f"{least_forward_passes(self):,} forward passes. Allow more, or fewer parents and iterations."
            )
        return self

    @model_validator(mode="after")
    def _histories_grow(self) -> BreedingConfig:
        if self.first_history is not None and self.first_history > self.history:
            raise ValueError(
                f"first_history {self.first_history} is longer than history {self.history}: a table can learn to look "
                "further back, not to forget. Choose a first_history of at most the history."
            )
        return self


@dataclass
class Candidate:
    """A candidate table with its name, parents and scores."""

    actions: Actions
    name: str
    parents: tuple[Candidate, ...] = ()
    scores: list[float] = field(default_factory=list)
    preferences: NDArray[np.float64] | None = None
    """Of a stochastic table: the Q table whose softmax it draws from; `actions` are then its likeliest ones."""

    @property
    def policy(self) -> Policy:
        """The table as a policy."""
        if self.preferences is None:
            return Policy.from_greedy("runner", self.actions)
        return Policy("runner", self.preferences, temperature=1.0)

    @property
    def estimate(self) -> float:
        """Mean score, with an allowance for luck that shrinks with every race."""
        return float(np.mean(self.scores) + 0.05 / np.sqrt(len(self.scores)))

    def pedigree(self) -> dict[str, list[str]]:
        """Name the parents of this candidate and of each of its ancestors, the youngest first."""
        found: dict[str, list[str]] = {}
        ahead = [self]
        while ahead:
            one = ahead.pop(0)
            if one.name not in found:
                found[one.name] = [parent.name for parent in one.parents]
                ahead += one.parents
        return found


def breed(
    config: BreedingConfig | None = None,
    *,
    commit: str | None = None,
    progress: Callable[[str], None] = lambda _: None,
    steps: Steps | None = None,
) -> Policy:
    """Breed a policy.

    Parameters
    ----------
    commit
        Version of the program, for the lineage.
    progress
        Called with a line now and then.
    steps
        Takes the measured steps; with those of an interrupted breeding the result is the same, bit for bit. None:
        nothing is recorded, and `progress` is called.

    Returns
    -------
    The winner, with configuration, commit, pedigree and scores in its lineage: greedy actions as a 0/1 table, or a
    stochastic table. The same configuration breeds the same policy on one machine.
    """
    config = config or BreedingConfig()
    return breed_all(config, commit, steps or Steps(progress=progress, budget=config.budget))[0]


def breed_all(config: BreedingConfig, commit: str | None, steps: Steps) -> list[Policy]:
    """Breed a policy as `breed` does, and return all finalists, the winner first."""
    rng = np.random.default_rng(config.seed)
    candidates = _parents(config, steps)
    seed = config.seed
    if config.first_history is not None and config.first_history < config.history:
        candidates = _evolve(config, candidates, config.first_generations, rng, seed, steps)
        candidates = [
            Candidate(lifted(one.actions, config.history), f"{one.name}, lifted to history {config.history}", (one,))
            for one in candidates[: config.elite]
        ]
        seed += config.first_generations
    candidates = _evolve(config, candidates, config.generations, rng, seed, steps)
    finalists = [Candidate(one.actions, one.name, one.parents) for one in candidates[: config.elite]]
    finalists += _evolved(config, candidates[0], steps)
    tasks = config.final_tasks or config.tasks
    final_seed = seed + config.generations
    _race("final", tasks, finalists, config.final_iterations, config.final_seeds, final_seed, steps)
    ranked = sorted(finalists, key=lambda one: one.scores[0])
    for one in ranked:
        steps.say(f"final: {one.scores[0]:+.3f} ({one.name})")
    steps.say(f"winner: {ranked[0].scores[0]:+.3f} against win-stay lose-shift ({ranked[0].name})")
    return [_as_policy(config, one, finalists, commit) for one in ranked]


def _evolved(config: BreedingConfig, best: Candidate, steps: Steps) -> list[Candidate]:
    """Evolve stochastic tables from the best greedy one, one a start."""
    found = []
    for start in range(config.bowl.starts if config.bowl.generations else 0):
        if not steps.affords(_bowl_passes(config) // config.bowl.starts + _final_passes(config)):
            steps.say("the budget leaves no room for another evolution on the bowl")
            break
        table, rate = evolve(best.actions, config.bowl, config.seed + start, steps)
        name = f"history {best.actions.ndim // 2}, evolved on the bowl, start {start + 1}"
        steps.say(f"{name}: progress rate {rate:.3f}")
        likeliest = np.argmax(table, axis=0).astype(np.int64)
        found.append(Candidate(likeliest, name, (best,), preferences=table))
    return found


def _parents(config: BreedingConfig, steps: Steps) -> list[Candidate]:
    """Learn tables on each boundary problem, frozen and symmetric; take the hand-written one if asked for."""
    history = config.first_history or config.history
    found = []
    if config.hand_written_parent:
        found.append(Candidate(win_stay_lose_shift(history).greedy().astype(np.int64), "win-stay lose-shift"))
    for school in config.schools:
        passes = config.parents * config.parent_iterations
        learned = steps.take(f"learn on {school}", passes, partial(_learned, config, school, history))
        tables = learned["tables"]
        found += [
            Candidate(np.argmax(symmetrised(q), axis=0), f"learned on {school}, replicate {r}")
            for r, q in enumerate(tables)
        ]
        steps.say(f"{school}: {len(tables)} tables, accuracy while learning {learned['accuracy'].mean():.3f}")
    return found


def _learned(config: BreedingConfig, school: str, history: int) -> Arrays:
    """Return the tables (R, 3, .., 3) that adaptive runs on a problem learn, and their last validation accuracies."""
    run = TrainingConfig(
        dataset=school,
        hidden_layers=(16,),
        policy="blank",
        history=history,
        adaptive=True,
        learning_rate=config.learning_rate,
        discount=config.discount,
        exploration=config.exploration,
        step_size=config.step_size,
        step_size_schedule="constant",
        iterations=config.parent_iterations,
        evaluate_every=config.parent_iterations,
        replicates=config.parents,
        seed=config.seed,
    )
    trainer = make_trainer(run, datasets.load(school))
    last = [event for event in trainer.events() if isinstance(event, Evaluation)][-1]
    tables = trainer.q_table()
    assert tables is not None  # noqa: S101 - a synaptic trainer has tables
    return {"tables": tables, "accuracy": last.validation_accuracy}


def _evolve(
    config: BreedingConfig,
    candidates: list[Candidate],
    generations: int,
    rng: np.random.Generator,
    seed: int,
    steps: Steps,
) -> list[Candidate]:
    """Cross, mutate and race for some generations: all that ever raced, the best first."""
    for generation in range(generations):
        if generation and not steps.affords(_generation_passes(config) + _final_passes(config)):
            steps.say(f"the budget leaves no room for generation {generation + 1}")
            break
        runners = _runners(config, candidates, rng, generation + 1)
        name = f"history {candidates[0].actions.ndim // 2}, generation {generation + 1}"
        _race(name, config.tasks, runners, config.race_iterations, config.race_seeds, seed + generation, steps)
        candidates = _survivors(candidates, runners)
        best = candidates[0]
        steps.scored(f"history {best.actions.ndim // 2}", generation + 1, best.estimate)
        steps.say(
            f"history {best.actions.ndim // 2}, generation {generation + 1}: {best.estimate:+.3f} over "
            f"{len(best.scores)} races ({best.name})"
        )
    return candidates


def _runners(
    config: BreedingConfig, candidates: list[Candidate], rng: np.random.Generator, generation: int
) -> list[Candidate]:
    """Choose the tables that race: at first all parents, later the elite and its children."""
    if not candidates[0].scores:
        return candidates
    elite = candidates[: config.elite]
    history = candidates[0].actions.ndim // 2
    most = max(2, 4 * (history - 1))  # a longer history has more states to change
    known = {one.actions.tobytes() for one in candidates}
    runners = list(elite)
    for _ in range(100 * config.population):  # a short history has fewer tables than some populations want
        if len(runners) >= config.population:
            break
        mother, father = (elite[i] for i in rng.integers(0, len(elite), 2))
        child = mutate(cross(mother.actions, father.actions, rng), rng, changes=int(rng.integers(0, most)))
        if child.tobytes() not in known:
            known.add(child.tobytes())
            name = f"history {history}, generation {generation}, child {len(runners) - len(elite) + 1}"
            runners.append(Candidate(child, name, (mother, father)))
    return runners


def _survivors(candidates: list[Candidate], runners: list[Candidate]) -> list[Candidate]:
    """All that ever raced, the best first."""
    together = {id(one): one for one in (*candidates, *runners)}
    return sorted(together.values(), key=lambda one: one.estimate)


def _race(
    name: str,
    tasks: tuple[RaceTask, ...],
    runners: list[Candidate],
    iterations: int,
    seeds: int,
    seed: int,
    steps: Steps,
) -> None:
    """Race all on all tasks and note each one's score."""
    reference = win_stay_lose_shift(runners[0].actions.ndim // 2)
    policies = [reference, *(one.policy for one in runners)]
    scores = []
    for place, task in enumerate(tasks):

        def compute(task: RaceTask = task) -> Arrays:
            return {"losses": race(policies, task, iterations, seeds, seed)}

        passes = _race_passes((task,), len(policies), iterations, seeds)
        losses = steps.take(f"{name}, task {place + 1} ({task.dataset})", passes, compute)["losses"]
        scores.append(np.log(losses / losses[0])[1:])
    for one, score in zip(runners, np.mean(scores, axis=0), strict=True):
        one.scores.append(float(score))


def forward_passes(config: BreedingConfig) -> int:
    """Estimate the forward passes of a breeding without a budget: of networks, and of walks down the bowl."""
    generations = config.generations + (config.first_generations if config.first_history is not None else 0)
    parents = len(config.schools) * config.parents * config.parent_iterations
    return parents + generations * _generation_passes(config) + _bowl_passes(config) + _final_passes(config)


def least_forward_passes(config: BreedingConfig) -> int:
    """Return the forward passes below which there is no breeding: the parents, one generation and the final."""
    parents = len(config.schools) * config.parents * config.parent_iterations
    return parents + _generation_passes(config) + _final_passes(config)


def _generation_passes(config: BreedingConfig) -> int:
    runners = 1 + max(config.population, len(config.schools) * config.parents + config.hand_written_parent)
    return _race_passes(config.tasks, runners, config.race_iterations, config.race_seeds)


def _bowl_passes(config: BreedingConfig) -> int:
    bowl = config.bowl
    each = (bowl.generations + 1) * bowl.population * (bowl.settling + bowl.iterations)
    return bowl.starts * each if bowl.generations else 0


def _final_passes(config: BreedingConfig) -> int:
    finalists = 1 + config.elite + (config.bowl.starts if config.bowl.generations else 0)
    return _race_passes(config.final_tasks or config.tasks, finalists, config.final_iterations, config.final_seeds)


def _race_passes(tasks: tuple[RaceTask, ...], policies: int, iterations: int, seeds: int) -> int:
    return sum(policies * seeds * iterations * max(1, len(task.step_sizes)) for task in tasks)


def _as_policy(config: BreedingConfig, winner: Candidate, finalists: list[Candidate], commit: str | None) -> Policy:
    lineage: dict[str, Any] = {
        "made": "bred by synrl_core.breeding.breeding",
        "config": config.model_dump(mode="json", exclude={"budget"} if config.budget is None else None),
        "commit": commit,
        "origin": winner.name,
        "pedigree": winner.pedigree(),
        "score": winner.scores[0],
        "score_means": "mean over tasks of log(validation loss / that of win-stay lose-shift); below 0 is better",
        "finalists": {one.name: one.scores[0] for one in finalists},
    }
    stochastic = winner.preferences is not None
    how = "then made stochastic on a simulated bowl, and" if stochastic else "and"
    return replace(
        winner.policy,
        name=config.name,
        title="Bred, stochastic" if stochastic else "Bred",
        description=f"Learned on simulated boundaries, crossed, {how} raced on data it had never seen."
        + (" It draws its actions, so it needs no exploration." if stochastic else ""),
        lineage=lineage,
    )
