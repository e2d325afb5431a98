"""Plan of a reproduction: the configuration of every trial of every arm, as data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from backend.reproduction.arms import ARMS, DATA, PARTS, TABLE, Arm, Part
from backend.reproduction.scales import Scale

#: Most trials of an arm: with all arms, fewer runs than a sweep may have by default.
MOST_TRIALS = 10
#: Measured points of a curve.
_POINTS = 50


@dataclass(frozen=True)
class Plan:
    """Runs of a reproduction.

    Attributes
    ----------
    scale
        As it was when the reproduction began: a later version may have other sizes.
    trials
        Of each arm; trial t holds back the samples of split seed t and trains from seed t.
    most_iterations
        Limit on the iterations of every run, for a rehearsal; None: those of the scale.
    dataset
        Id of the letters.
    table
        Name of the policy under which the synapses act as the paper's did.
    """

    scale: Scale
    trials: int
    dataset: str
    table: str
    parts: tuple[Part, ...] = PARTS
    most_iterations: int | None = None

    @property
    def arms(self) -> list[Arm]:
        """The arms of the chosen parts, in the order of the table."""
        return [arm for arm in ARMS.values() if arm.part in self.parts]

    def entries(self, trials: Sequence[int] | None = None) -> Iterator[tuple[Arm, int, dict[str, Any]]]:
        """Yield each run: arm, trial, and the settings that differ from the defaults.

        Trial by trial, so that every arm has a result before any has two.
        """
        scale = self.scale
        for trial in range(self.trials) if trials is None else trials:
            for arm in self.arms:
                yield arm, trial, self._settings(scale, arm, trial)

    def iterations(self, arm: Arm) -> int:
        """Return the iterations of an arm's runs."""
        wanted = self.scale.iterations[arm.length]
        return wanted if self.most_iterations is None else min(wanted, self.most_iterations)

    def _settings(self, scale: Scale, arm: Arm, trial: int) -> dict[str, Any]:
        iterations = self.iterations(arm)
        settings: dict[str, Any] = {name: self._known(value) for name, value in arm.settings.items()}
        settings |= {
            "iterations": iterations,
            "evaluate_every": max(1, iterations // _POINTS),
            # The first weights and the last tell how a network has learned; each copy of a large one costs space.
            "snapshot_every": max(1, iterations // 4),
            "seed": trial,
            "split_seed": trial,
        }
        if arm.length in ("claims", "sequences"):
            settings["replicates"] = scale.replicates
        if not arm.is_gradient:
            settings["step_size"] = scale.step_sizes[arm.length]
        if settings.get("step_size_schedule") == "switch":
            settings["step_size_switch_at"] = scale.switch_at
        if arm.as_in_paper and not arm.is_gradient and scale.give_up_after is not None:
            settings |= {"give_up_after": scale.give_up_after, "give_up_below": 0.2}
        return settings

    def _known(self, value: Any) -> Any:
        return {DATA: self.dataset, TABLE: self.table}.get(value, value) if isinstance(value, str) else value
