"""`synrl train`: train in the terminal, without a server; the output folder is enough to resume.

config.json      the settings, and where the data came from
checkpoint.npz   the trainer's whole state: what --resume reads
curve.csv        every evaluation: mean, and with replicates their deviation and each one's value
weights.npz      the last weights and table; best.npz: those of the best evaluation
result.json      how it ended, in numbers
"""

from __future__ import annotations

import csv
import io
import json
import math
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from backend.cli.common import (
    WholeNumber,
    given_options,
    json_object,
    options_of,
    read_bytes,
    reporting_errors,
    write_whole,
)
from backend.cli.reading import reading_options
from backend.cli.startup import opened_storage
from backend.exchange import csv_cells
from synrl_core.config import TrainingConfig
from synrl_core.validation_messages import json_fault

if TYPE_CHECKING:  # the command line of the server doesn't wait for the science
    import numpy as np
    from numpy.typing import NDArray

    from synrl_core.datasets import Choices, Dataset
    from synrl_core.learning.factory import Trainer
    from synrl_core.measuring.events import Behaviour, Evaluation, Finished
    from synrl_core.policies.policy import Policy

CONFIG, CHECKPOINT, CURVE, RESULT = "config.json", "checkpoint.npz", "curve.csv", "result.json"
#: Seconds between two checkpoints: what a power cut may cost.
CHECKPOINT_INTERVAL = 20.0
#: Seconds between two lines of progress.
REPORT_INTERVAL = 2.0
#: Exit status after Ctrl-C, as shells have it.
INTERRUPTED = 130


@click.command()
@click.argument("folder", metavar="FOLDER", type=click.Path(path_type=Path, file_okay=False))
@click.option("--config", "config_file", metavar="FILE", type=click.Path(path_type=Path), help="JSON with settings.")
@click.option(
    "--data", "paths", metavar="PATH", multiple=True, type=click.Path(path_type=Path),
    help="Train on a file: NPZ, CSV, zip of folders of PNGs, or an IDX pair (name both, or one).",
)  # fmt: skip
@reading_options
@click.option("--resume", is_flag=True, help="Go on from the folder's checkpoint; --iterations makes the run longer.")
@click.option("--force", is_flag=True, help="Begin anew in a folder that holds a run.")
@click.option(
    "--threads", type=WholeNumber(1), default=1, show_default=True,
    help="Threads of linear algebra. More are quicker for large networks on a quiet machine only.",
)  # fmt: skip
@options_of(TrainingConfig)
def train(
    folder: Path,
    config_file: Path | None,
    paths: tuple[Path, ...],
    choices: Choices,
    resume: bool,
    force: bool,
    threads: int,
    **options: Any,
) -> None:
    """Train a run without a server and write curve, weights and checkpoint into FOLDER.

    Settings come from --config (the JSON that the API takes) and from options, which win. --dataset names one that
    ships or one that was brought (`synrl datasets list`); --policy names one that ships, a file, or one of the library
    (`synrl policy library`). Ctrl-C writes a checkpoint; `synrl train FOLDER --resume` goes on from it, to the bit. How
    a file of --data is read is guessed, and said where it is not as usual; options choose.
    """
    from threadpoolctl import threadpool_limits

    from synrl_core.datasets import Choices

    chosen = given_options(options)
    is_chosen = choices != Choices()
    if is_chosen and not paths and not resume:
        raise click.UsageError("how a file is read can be chosen only with --data, the file.")
    if resume:
        unused = config_file is not None or paths or is_chosen or force or chosen.keys() - {"iterations"}
        if unused:
            raise click.UsageError("--resume takes the settings of its folder; only --iterations may be given with it.")
        run = _resumed(folder, chosen.get("iterations"))
    else:
        run = _begun(folder, _settings(config_file, chosen), paths, choices, force)
    with threadpool_limits(threads):
        run.train()


@dataclass
class Run:
    """A run of the command line, and the folder of its files."""

    folder: Path
    trainer: Trainer
    dataset: Dataset
    rows: dict[int, dict[str, Any]] = field(default_factory=dict)
    """Lines of the curve by iteration."""
    _interrupted: bool = False

    def train(self) -> None:
        """Train to the end or to Ctrl-C, and keep what there is."""
        from synrl_core.measuring.events import Evaluation, Finished

        ended: Finished | None = None
        began = last_saved = last_said = time.monotonic()
        first = self.trainer.iteration
        with self._watching_for_ctrl_c():
            click.echo(self._beginning(), err=True)
            for event in self.trainer.events():
                if isinstance(event, Evaluation):
                    self.rows[event.iteration] = row_of(event)
                elif isinstance(event, Finished):
                    ended = event
                now = time.monotonic()
                if now - last_said >= REPORT_INTERVAL:
                    speed = (self.trainer.iteration - first) / (now - began)
                    click.echo(self._progress(speed), err=True)
                    last_said = now
                if now - last_saved >= CHECKPOINT_INTERVAL:
                    self.save()
                    last_saved = time.monotonic()
                if self._interrupted and ended is None:
                    break
            self.save()
        self._report_end(ended)

    def save(self) -> None:
        """Write curve, weights and checkpoint. The checkpoint is last: it refers to the other two."""
        write_whole(self.folder / CURVE, curve_of(self.rows).encode())
        write_whole(self.folder / "weights.npz", npz_of(self.trainer.weights(), self.trainer.snapshot().behaviour))
        write_whole(self.folder / "best.npz", npz_of(self.trainer.best_weights(), None))
        write_whole(self.folder / CHECKPOINT, self.trainer.state_bytes())

    def _report_end(self, ended: Finished | None) -> None:
        if ended is None:
            click.echo(
                f"Stopped at iteration {self.trainer.iteration:,}. Go on: synrl train {self.folder} --resume", err=True
            )
            raise click.exceptions.Exit(INTERRUPTED)
        last = self.rows[max(self.rows)]
        result = {
            "outcome": ended.outcome,
            "reason": ended.reason,
            "iterations": ended.iteration,
            "best_iteration": self.trainer.best_iteration,
            "last": _json_row(last),
            "best": _json_row(self.rows.get(self.trainer.best_iteration, {})),
            "data": {"name": self.dataset.info.name, "content_hash": self.dataset.content_hash},
        }
        write_whole(self.folder / RESULT, (json.dumps(result, indent=1, allow_nan=False) + "\n").encode())
        if ended.outcome == "failed":
            raise click.ClickException(f"the run failed: {ended.reason}")
        outcome = {"completed": "Finished", "target_reached": "Target accuracy reached"}[ended.outcome]
        click.echo(
            f"{outcome} at iteration {ended.iteration:,}: {_describe(last)}. In {self.folder}: {CURVE}, weights.npz"
        )

    def _beginning(self) -> str:
        sizes = "-".join(str(array.shape[2]) for array in self.trainer.weights())
        config = self.trainer.config
        data = f"{self.dataset.name} ({len(self.dataset.labels):,} samples of {self.dataset.features.shape[1]})"
        inputs = self.trainer.network.sizes[0]  # of one step, where samples are read in steps
        what = f"{inputs}-{sizes} on {data}"
        return (
            f"Training {what}: iteration {self.trainer.iteration:,} to {config.iterations:,}. Ctrl-C stops and keeps."
        )

    def _progress(self, speed: float) -> str:
        done, whole = self.trainer.iteration, self.trainer.config.iterations
        left = f"{(whole - done) / speed:,.0f} s left" if speed else ""
        measured = f"  {_describe(self.rows[max(self.rows)])}" if self.rows else ""
        return f"{100 * done / whole:3.0f} %  iteration {done:,}{measured}  {speed:,.0f} it/s  {left}"

    @contextmanager
    def _watching_for_ctrl_c(self) -> Iterator[None]:
        """Record the request to stop, so that the current iteration completes; a second Ctrl-C ends at once."""
        before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

        def note(number: int, _: object) -> None:
            self._interrupted = True
            signal.signal(number, before[signal.Signals(number)])

        for number in before:
            signal.signal(number, note)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _begun(folder: Path, settings: dict[str, Any], paths: tuple[Path, ...], choices: Choices, force: bool) -> Run:
    from synrl_core.errors import ConfigError
    from synrl_core.learning.factory import make_trainer

    if (folder / CONFIG).exists() and not force:
        raise click.ClickException(
            f"{folder} holds a run already. Go on with it: --resume; begin anew: --force; or name another folder."
        )
    if paths:
        if "dataset" in settings:
            raise click.UsageError("--data brings the data; --dataset names others. Give one of them.")
        settings["dataset"] = paths[0].stem[:200]
    source = {"paths": [str(path.resolve()) for path in paths], "choices": asdict(choices)}
    with reporting_errors(ConfigError, ValueError, LookupError, model=TrainingConfig):
        config = TrainingConfig.model_validate(settings)
        dataset = _data(config, source, say_remarks=True)
        trainer = make_trainer(config, dataset, find_policy=_policy)
    for name in (CHECKPOINT, CURVE, RESULT, "weights.npz", "best.npz") if force else ():
        (folder / name).unlink(missing_ok=True)
    about = {"config": config.model_dump(mode="json"), "source": source if paths else None}
    write_whole(folder / CONFIG, (json.dumps(about, indent=1) + "\n").encode())
    run = Run(folder, trainer, dataset)
    run.save()
    return run


def _resumed(folder: Path, iterations: str | None) -> Run:
    from synrl_core.errors import CheckpointError
    from synrl_core.learning import checkpoint
    from synrl_core.learning.factory import resume_trainer

    if not (folder / CHECKPOINT).exists():
        raise click.ClickException(f"{folder} holds no checkpoint. Begin a run in it: synrl train {folder}")
    about = json.loads(read_bytes(folder / CONFIG))
    with reporting_errors(CheckpointError, ValueError, LookupError):
        config = TrainingConfig.model_validate(about["config"])
        state = read_bytes(folder / CHECKPOINT)
        dataset = _data(config, about["source"], began_on=checkpoint.content_hash(state))
        longer = None if iterations is None else _longer(config, iterations)
        try:
            trainer = resume_trainer(state, dataset, iterations=longer)
        except CheckpointError:
            if about["source"] is None:
                raise
            dataset = _data(config, about["source"], legacy_scaling=True)
            trainer = resume_trainer(state, dataset, iterations=longer)
    if trainer.iteration >= trainer.config.iterations:
        raise click.ClickException(
            f"the run in {folder} has done its {trainer.iteration:,} iterations. Make it longer: --resume --iterations "
            f"{2 * trainer.iteration}"
        )
    if longer is not None:
        about["config"] = trainer.config.model_dump(mode="json")
        write_whole(folder / CONFIG, (json.dumps(about, indent=1) + "\n").encode())
    return Run(folder, trainer, dataset, rows_of((folder / CURVE).read_text(encoding="utf-8")))


def _settings(config_file: Path | None, chosen: dict[str, Any]) -> dict[str, Any]:
    """Merge the settings of a file with the options; the options win."""
    settings: dict[str, Any] = {}
    if config_file is not None:
        settings = json_object(config_file)
        if isinstance(settings.get("config"), dict):
            settings = settings["config"]  # as the API takes it, and as a run's folder has it
    if "dataset_parameters" in chosen:
        try:
            chosen["dataset_parameters"] = json.loads(chosen["dataset_parameters"])
        except ValueError as error:
            raise click.ClickException(
                f"--dataset-parameters should be JSON, for example '{{\"noise\": 0.2}}' (given: "
                f"{chosen['dataset_parameters']!r}); {json_fault(error)}."
            ) from error
    return settings | chosen


def _data(
    config: TrainingConfig,
    source: dict[str, Any] | None,
    *,
    legacy_scaling: bool = False,
    say_remarks: bool = False,
    began_on: str | None = None,
) -> Dataset:
    """Load a built-in or stored data set, or files.

    `legacy_scaling`: files scaled as older versions did; `began_on`: content hash of the data of a resumed run.
    """
    from synrl_core import datasets
    from synrl_core.datasets import DatasetInfo, legacy

    if source is not None and source["paths"]:
        from backend.datasets.uploads import read_paths
        from backend.kit.errors import DomainError

        with reporting_errors(DomainError):
            raw = read_paths([Path(path) for path in source["paths"]], _choices(source))
        for remark in raw.remarks if say_remarks else ():
            click.echo(f"{Path(source['paths'][0]).name}: {remark}", err=True)
        raw = legacy.with_legacy_scaling(raw) if legacy_scaling else raw
        return raw.dataset(DatasetInfo(config.dataset, config.dataset, "", "", source["paths"][0]))
    if config.dataset in datasets.names():
        return datasets.load(config.dataset, config.dataset_parameters, content_hash=began_on)
    return _stored_data(config.dataset)


def _choices(source: dict[str, Any]) -> Choices:
    """Return how the files of a run's folder are read; folders of older versions name the label column alone."""
    from synrl_core.datasets import Choices

    if "choices" not in source:
        return Choices(label_column=source["label_column"])
    chosen: dict[str, Any] = source["choices"]
    return Choices(**chosen | {"ignored_columns": tuple(chosen.get("ignored_columns", ()))})


def _stored_data(dataset_id: str) -> Dataset:
    """Load a stored data set by its id."""
    from backend.datasets import service
    from backend.worker import stored_data
    from synrl_core import datasets

    with opened_storage() as (store, artifacts):
        with store.read() as session:
            found = service.find_stored(session, dataset_id)
        if found is None or found.content_hash is None:
            raise datasets.UnknownDatasetError(dataset_id)
        return stored_data.load(found.content_hash, artifacts)


def _policy(name: str, history: int | None) -> Policy:
    """Find a policy among those that ship, or read it from a file, or find it in the library."""
    from backend.cli import policies

    return policies.load(name, history)


def npz_of(weights: Sequence[NDArray[np.float32]], behaviour: Behaviour | None) -> bytes:
    """Write weights as ``weights_0`` .. (replicates, fan_in + 1, fan_out), row 0 the biases, as npz.

    With what moves them: ``policy``, its table, and ``temperature`` (2,), of the weights' policy and the biases'.
    """
    import numpy as np

    from backend.wire.arrays import to_npz

    arrays: dict[str, NDArray[Any]] = {f"weights_{layer}": array for layer, array in enumerate(weights)}
    if behaviour is not None:
        arrays |= {"policy": behaviour.policy, "temperature": np.array(behaviour.temperature)}
    return to_npz(arrays)


def row_of(evaluation: Evaluation) -> dict[str, Any]:
    """Turn an evaluation into a line of the curve: means, and with replicates deviations and each one's values."""
    import numpy as np

    row: dict[str, Any] = {"iteration": evaluation.iteration, "forward_passes": evaluation.forward_passes}
    for name, measured in evaluation.metrics().items():
        values = np.asarray(measured, np.float64)
        row[name] = float(values.mean())
        if len(values) > 1:
            row[f"{name}_deviation"] = float(values.std(ddof=1))
            row |= {f"{name}_{replicate}": float(value) for replicate, value in enumerate(values)}
    return row


def curve_of(rows: dict[int, dict[str, Any]]) -> str:
    """Write the lines of a curve as CSV; what was not measured is empty."""
    ordered = [rows[iteration] for iteration in sorted(rows)]
    names = list(ordered[0]) if ordered else ["iteration"]
    return "".join(map(csv_cells.row, [names, *([row[name] for name in names] for row in ordered)]))


def rows_of(text: str) -> dict[int, dict[str, Any]]:
    """Read the lines that `curve_of` wrote."""
    whole = ("iteration", "forward_passes")
    return {
        int(line["iteration"]): {n: int(value) if n in whole else float(value or "nan") for n, value in line.items()}
        for line in csv.DictReader(io.StringIO(text))
    }


def _json_row(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value if math.isfinite(value) else None for name, value in row.items()}


def _describe(row: dict[str, Any]) -> str:
    accuracy, loss = row["validation_accuracy"], row["validation_loss"]
    if not math.isfinite(accuracy):
        return f"validation loss {loss:.4g}"
    spread = row.get("validation_accuracy_deviation")
    return f"validation {100 * accuracy:.1f} %" + (f" ± {100 * spread:.1f}" if spread is not None else "")


def _longer(config: TrainingConfig, iterations: str) -> int:
    """Parse a larger number of iterations; refusals are those of the setting."""
    with reporting_errors(model=TrainingConfig):
        return TrainingConfig.model_validate(config.model_dump() | {"iterations": iterations}).iterations
