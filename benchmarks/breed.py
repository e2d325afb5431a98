"""Reproduce a shipped policy by breeding: ``OPENBLAS_NUM_THREADS=1 python -m benchmarks.breed NAME``.

Writes synrl_core/policies/NAME.json; its lineage names the commit, so a working copy with changes is refused
(``NAME trial FILE`` breeds anyway, without a commit, into another file).
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from synrl_core.breeding.bowl import BowlConfig
from synrl_core.breeding.breeding import BreedingConfig, breed
from synrl_core.breeding.racing import RaceTask
from synrl_core.policies import files

HERE = Path(__file__).parents[1]
SHIPPED = HERE / "synrl_core" / "policies"

#: Races have about twice as many iterations as a network has synapses: 784-10 in 15,000 passes has as many.
GREEDY = BreedingConfig(
    history=3,
    first_history=2,
    hand_written_parent=True,
    parents=3,
    parent_iterations=5000,
    tasks=(RaceTask(dataset="digits", step_size=1.5e-2, initial_scale=0.01, samples=700),),
    population=16,
    elite=5,
    first_generations=12,
    generations=50,
    race_iterations=1500,
    race_seeds=2,
    final_tasks=(
        RaceTask(dataset="digits", step_size=1.5e-2, initial_scale=0.01, samples=700),
        RaceTask(dataset="digits", hidden_layers=(12,), initial_scale=0.01, samples=700),
        RaceTask(dataset="glyphs", step_size=2e-3, initial_scale=0.01, samples=700),
    ),
    final_iterations=3000,
    final_seeds=2,
    bowl=BowlConfig(generations=0),
)
#: The paper's history; evolved on the bowl from the best greedy table. Stochastic tables take larger steps.
STOCHASTIC = BreedingConfig(
    name="bred_stochastic",
    history=2,
    hand_written_parent=True,
    parents=3,
    parent_iterations=5000,
    tasks=GREEDY.tasks,
    population=16,
    elite=3,
    generations=12,
    race_iterations=1500,
    bowl=BowlConfig(generations=600, starts=4, population=64),
    final_tasks=(
        RaceTask(dataset="digits", step_sizes=(8e-3, 1.6e-2, 3.2e-2), initial_scale=0.01, samples=700),
        RaceTask(
            dataset="digits", hidden_layers=(12,), step_sizes=(8e-3, 1.6e-2, 3.2e-2), initial_scale=0.01, samples=700
        ),
        RaceTask(dataset="glyphs", step_sizes=(1e-3, 2e-3, 4e-3), initial_scale=0.01, samples=700),
    ),
    final_iterations=3000,
    final_seeds=2,
)
CONFIGS = {config.name: config for config in (GREEDY, STOCHASTIC)}


def commit() -> str:
    """Name the version of the program, without which a lineage would not say how to breed this again."""
    changed = _git("status", "--porcelain", "--untracked-files=no")
    if changed:
        raise SystemExit(f"The working copy differs from its commit, so no lineage would be true:\n{changed}\nCommit.")
    return _git("rev-parse", "--short=12", "HEAD")


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=HERE, capture_output=True, text=True, check=True)  # noqa: S603, S607
    return done.stdout.strip()


def main() -> None:
    """Breed and write."""
    named = sys.argv[1] if len(sys.argv) > 1 else ""
    if named not in CONFIGS:
        raise SystemExit(f"Name the policy to breed: {' or '.join(CONFIGS)}.")
    trial = sys.argv[2:3] == ["trial"]
    target, version = (Path(sys.argv[3]), None) if trial else (SHIPPED / f"{named}.json", commit())
    started = time.monotonic()
    policy = breed(
        CONFIGS[named],
        commit=version,
        progress=lambda line: print(f"{time.monotonic() - started:7.1f} s  {line}", flush=True),
    )
    target.write_text(files.to_json(policy) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
