"""Results of a reproduction: the rows of its table from the runs that have ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from backend.comparison import statistics
from backend.kit.status import RunStatus
from backend.reproduction import rules
from backend.reproduction.arms import ARMS, LETTERS, Arm
from backend.reproduction.claims import ACCURACY, BASELINE
from backend.reproduction.plan import Plan
from backend.reproduction.queries import RunRow
from backend.reproduction.rules import Trials
from backend.reproduction.schemas import ArmDifference, ArmRead

#: What each run is for: arm and trial.
Entries = Mapping[str, tuple[str, int]]


class Results:
    """Runs of a reproduction by arm and trial, each counted once.

    Parameters
    ----------
    rows
        Runs of its sweep.
    entries
        What each of them is for; runs that somebody added to the sweep otherwise are none of its results.
    """

    def __init__(self, plan: Plan, rows: Sequence[RunRow], entries: Entries) -> None:
        self.plan = plan
        self.by_arm: dict[str, dict[int, RunRow]] = {arm.key: {} for arm in plan.arms}
        """Runs outside the trash, by arm and trial."""
        for row in rows:
            arm, trial = entries.get(row.id, ("", -1))
            if arm in self.by_arm and 0 <= trial < plan.trials and not row.in_trash:
                self.by_arm[arm][trial] = row

    @property
    def counted(self) -> list[RunRow]:
        """The runs, one for each arm and trial that has one."""
        return [row for by_trial in self.by_arm.values() for row in by_trial.values()]

    def trials(self) -> dict[str, Trials]:
        """Return the accuracy of each arm by trial."""
        return {key: self._accuracies(ARMS[key]) for key in self.by_arm}

    def is_done(self, arm: Arm, row: RunRow) -> bool:
        """Whether a run has ended for good: at its planned iterations, or failed in its training."""
        if row.status == RunStatus.FAILED:
            return not row.lost_workers
        return row.status == RunStatus.SUCCEEDED and row.iteration == self.plan.iterations(arm)

    def done(self) -> int:
        """Count the runs that have ended for good."""
        return sum(self.is_done(ARMS[key], row) for key, found in self.by_arm.items() for row in found.values())

    def arms(self) -> list[ArmRead]:
        """Return the rows of the table."""
        known = self.trials()
        return [self._arm(arm, known) for arm in self.plan.arms]

    def _accuracies(self, arm: Arm) -> Trials:
        return {
            trial: row.accuracy
            for trial, row in sorted(self.by_arm[arm.key].items())
            if row.accuracy is not None and self.is_done(arm, row) and _counts(arm, row)
        }

    def _arm(self, arm: Arm, known: Mapping[str, Trials]) -> ArmRead:
        rows, values = self.by_arm[arm.key], known[arm.key]
        ended = [rows[trial] for trial in values]
        numbers = list(values.values())
        interval = statistics.interval_of(numbers)
        return ArmRead(
            key=arm.key,
            part=arm.part,
            title=arm.title,
            paper=_paper(arm),
            iterations=self.plan.iterations(arm),
            step_size=None if arm.is_gradient else self.plan.scale.step_sizes[arm.length],
            trials=self.plan.trials,
            samples=len(values),
            failed=sum(row.status == RunStatus.FAILED for row in rows.values()),
            mean=float(np.mean(numbers)) if numbers else None,
            deviation=statistics.deviation_of(numbers),
            low=None if interval is None else interval[0],
            high=None if interval is None else interval[1],
            baseline=arm.baseline,
            difference=_difference(values, known.get(arm.baseline or "", {})),
            seconds=float(np.mean([row.seconds for row in ended])) if ended else None,
            forward_passes=float(np.mean([row.forward_passes for row in ended])) if ended else None,
            values=dict(values),
            failures={trial: row.error or "" for trial, row in sorted(rows.items()) if row.status == RunStatus.FAILED},
            run_ids={trial: row.id for trial, row in sorted(rows.items())},
        )


def _counts(arm: Arm, row: RunRow) -> bool:
    """Whether a run that has ended is a sample.

    The paper leaves out runs that it gave up. Elsewhere a network that fails to learn is what the claim is about.
    """
    return row.status == RunStatus.SUCCEEDED or arm.part not in LETTERS


def _paper(arm: Arm) -> float | None:
    network, _, kind = arm.key.partition(" ")
    return {"static": ACCURACY, "gradient-paper": BASELINE}.get(kind, {}).get(network)


def _difference(values: Trials, baseline: Trials) -> ArmDifference | None:
    found = rules.paired(values, baseline)
    if found.mean is None:
        return None
    return ArmDifference(mean=found.mean, low=found.low, high=found.high, samples=found.samples)
