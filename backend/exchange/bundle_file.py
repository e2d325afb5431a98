"""The file of a bundle: written with a manifest of sizes and hashes, validated in full before it is read.

Layout: a zip of ``manifest.json`` and, for each run, ``runs/<id>/run.json``, ``runs/<id>/curve.npz`` (every evaluation,
every replicate) and ``runs/<id>/snapshots/<iteration>.npz``.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ValidationError

from backend.exchange.bundle_schemas import VERSION, BundledFile, BundledRun, Manifest
from backend.kit import field_errors
from backend.kit.errors import DomainError
from backend.kit.text import unpaired_surrogate
from backend.wire import snapshots as snapshot_format
from backend.wire.arrays import from_npz
from backend.wire.columns import METRICS, Columns
from synrl_core.datasets import DatasetError, ReaderLimits
from synrl_core.datasets.readers.archive import DAMAGE, opened_archive
from synrl_core.datasets.readers.source import Source, opened
from synrl_core.networks.architecture import make_network
from synrl_core.networks.blocks import plain_blocks
from synrl_core.policies.policy import CODES
from synrl_core.validation_messages import json_fault

Model = TypeVar("Model", bound=BaseModel)

MANIFEST = "manifest.json"
RUN, CURVE = "run.json", "curve.npz"
_PATH = re.compile(r"^runs/(?P<run>[0-9a-zA-Z_-]{1,32})/(?:run\.json|curve\.npz|snapshots/(?P<iteration>\d{12})\.npz)$")
#: Bytes of one file of a bundle, unpacked, and of the JSON ones.
_MOST_FILE_BYTES = 512 * 2**20
_MOST_JSON_BYTES = 16 * 2**20
_BLOCK = 2**20


class BundleError(DomainError):
    """A file is no valid bundle."""

    status = 422
    title = "This bundle can't be imported"


class Packer:
    """Writes files into an archive and collects their manifest entries."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self.files: dict[str, BundledFile] = {}

    def add(self, path: str, data: bytes, *, packed: bool = False) -> None:
        """Add a file; ``packed``: it is already compressed."""
        method = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
        self._archive.writestr(path, data, compress_type=method)
        self.files[path] = BundledFile(bytes=len(data), sha256=sha256(data).hexdigest())


@dataclass(frozen=True)
class CheckedRun:
    """A validated run of a bundle."""

    run: BundledRun
    snapshots: tuple[int, ...]


@contextmanager
def opened_bundle(path: Path, name: str, max_bytes: int) -> Iterator[Bundle]:
    """Open a file as a bundle.

    Parameters
    ----------
    name
        What its owner calls it.
    max_bytes
        Size of the largest file that is taken.

    Raises
    ------
    BundleError
        When it is too large, no zip, or one that no honest tool makes; what is wrong inside, `Bundle.check` tells.
    """
    limits = replace(ReaderLimits(), file_bytes=max_bytes, member_bytes=_MOST_FILE_BYTES)
    raw = io.FileIO(path)
    raw.name = name  # as messages show it
    with (
        _translated_errors(),
        io.BufferedReader(raw) as file,
        opened(file, limits) as source,
        opened_archive(source, limits) as (archive, members),
    ):
        yield Bundle(source, archive, [member.info for member in members], limits)


@contextmanager
def _translated_errors() -> Iterator[None]:
    """Translate errors of archive readers into errors of the service."""
    try:
        yield
    except DatasetError as error:
        raise BundleError(str(error), errors=[{"field": "files", "message": str(error)}]) from error


class Bundle:
    """An archive to be validated and read as a bundle."""

    def __init__(
        self, source: Source, archive: zipfile.ZipFile, infos: Sequence[zipfile.ZipInfo], limits: ReaderLimits
    ) -> None:
        self._source, self._archive, self._limits = source, archive, limits
        self._infos = {info.filename: info for info in infos}
        if len(self._infos) != len(infos):
            raise self._wrong("table of contents", "two files of one name", "each once")
        self.sha256 = _hash(source.file)

    def check(self) -> tuple[Manifest, list[CheckedRun]]:
        """Validate all files; nothing is stored."""
        manifest = self._manifest()
        self._check_names(manifest)
        for path, expected in manifest.files.items():
            self._check_file(path, expected)
        return manifest, [self._check_run(manifest, run_id) for run_id in manifest.runs]

    def size(self, path: str) -> int:
        """Return a file's bytes."""
        return self._infos[path].file_size

    def read(self, path: str) -> bytes:
        """Unpack a file."""
        info = self._infos[path]
        try:
            with self._archive.open(info) as member:
                data = member.read(info.file_size + 1)
        except DAMAGE as error:
            raise self._wrong(path, f"damaged ({error})", "a whole file") from error
        if len(data) != info.file_size:
            raise self._wrong(path, f"{len(data):,} bytes", f"the {info.file_size:,} that it says")
        return data

    def snapshot(self, run_id: str, iteration: int) -> str:
        """Return the path of a snapshot in the archive."""
        return f"runs/{run_id}/snapshots/{iteration:012d}.npz"

    def curve(self, run: BundledRun) -> Columns:
        """Return a run's points, checked."""
        path = f"runs/{run.id}/{CURVE}"
        arrays = self._arrays(path)
        if not arrays:
            return {"iteration": np.zeros(0, dtype=np.int64)}
        count, replicates = len(arrays.get("iteration", ())), run.config.replicates
        layers = _layers(run)
        expected = {
            "iteration": (np.int64, (count,)),
            "forward_passes": (np.int64, (count,)),
            "seconds": (np.float32 if _is_float32(arrays.get("seconds")) else np.float64, (count,)),
            "actions": (np.int64, (count, layers, 3)),
            **dict.fromkeys(METRICS, (np.float32, (count, replicates))),
        }
        self._check_arrays(path, arrays, expected)
        iterations = arrays["iteration"]
        if count and (iterations[0] < 0 or (np.diff(iterations) <= 0).any() or iterations[-1] > run.iterations):
            raise self._wrong(path, "iterations out of order or range", f"rising ones from 0 to {run.iterations:,}")
        return arrays

    # -- parts of the check

    def _manifest(self) -> Manifest:
        if MANIFEST not in self._infos:
            raise self._wrong(
                "table of contents", f"no {MANIFEST}", "a bundle that SynRL wrote: GET /api/v1/bundles?runs=..."
            )
        read = self._json(MANIFEST)
        if isinstance(read, dict) and isinstance(read.get("version"), int) and read["version"] > VERSION:
            raise self._wrong(
                MANIFEST,
                f"version {read['version']}, written by SynRL {str(read.get('synrl'))[:40]}",
                f"at most version {VERSION}. Update this SynRL, or export with the same one",
            )
        return self._validated(MANIFEST, Manifest, read)

    def _check_names(self, manifest: Manifest) -> None:
        listed, present = set(manifest.files), set(self._infos) - {MANIFEST}
        if len(set(manifest.runs)) != len(manifest.runs):
            raise self._wrong(MANIFEST, "a run twice", "each run once")
        for path in sorted(listed ^ present):
            what = "is listed and not there" if path in listed else "is there and not listed"
            raise self._wrong(MANIFEST, f"{path[:100]!r} {what}", "a list of exactly the files of the bundle")
        for path in listed:
            found = _PATH.match(path)
            if found is None or found["run"] not in manifest.runs:
                raise self._wrong(path[:100], "a file that bundles don't have", "run.json, curve.npz and snapshots")
        for run_id in manifest.runs:
            for name in (RUN, CURVE):
                if f"runs/{run_id}/{name}" not in listed:
                    raise self._wrong(f"runs/{run_id}", f"no {name}", f"{RUN} and {CURVE}")

    def _check_file(self, path: str, expected: BundledFile) -> None:
        info = self._infos[path]
        if info.file_size != expected.bytes or info.file_size > _MOST_FILE_BYTES:
            raise self._wrong(
                path, f"{info.file_size:,} bytes", f"{expected.bytes:,}, and at most {_MOST_FILE_BYTES:,}"
            )
        found = sha256(self.read(path)).hexdigest()
        if found != expected.sha256:
            raise self._wrong(path, f"SHA-256 {found[:16]}…", f"{expected.sha256[:16]}…: it was changed or damaged")

    def _check_run(self, manifest: Manifest, run_id: str) -> CheckedRun:
        path = f"runs/{run_id}/{RUN}"
        run = self._validated(path, BundledRun, self._json(path))
        if run.id != run_id:
            raise self._wrong(path, f"run {run.id}", run_id)
        if run.iterations != run.config.iterations or run.iteration > run.iterations:
            raise self._wrong(path, f"iteration {run.iteration:,} of {run.iterations:,}", "what its settings say")
        self.curve(run)
        snapshots = sorted(
            int(found["iteration"])
            for one in manifest.files
            if (found := _PATH.match(one)) and found["run"] == run_id and found["iteration"]
        )
        for iteration in snapshots:
            self._check_snapshot(run, iteration)
        return CheckedRun(run, tuple(snapshots))

    def _check_snapshot(self, run: BundledRun, iteration: int) -> None:
        path = self.snapshot(run.id, iteration)
        if iteration > run.iterations:
            raise self._wrong(path, f"iteration {iteration:,}", f"at most {run.iterations:,}")
        arrays = self._arrays(path)
        layers = make_network(run.config, tuple(run.sample_shape), _outputs(run, arrays)).layers
        expected: dict[str, tuple[Any, tuple[int, ...]]] = {
            f"weights_{index}": (np.float32, (run.config.replicates, *layer.shape))
            for index, layer in enumerate(layers)
        }
        blocks = tuple(block for layer in layers for block in layer.blocks)
        is_plain = blocks == plain_blocks([layer.shape for layer in layers])
        if "histories_0" in arrays:
            expected |= _behaviour(arrays, expected, run.config.replicates)
        elif "policy" in arrays:
            expected["policy"] = (np.float64, arrays["policy"].shape)  # of the first version of snapshots
        if not is_plain:
            expected["blocks"] = (np.uint8, arrays["blocks"].shape if "blocks" in arrays else (0,))
        self._check_arrays(path, arrays, expected)
        if (hot := arrays.get("temperature")) is not None and not (np.isfinite(hot) & (hot >= 0)).all():
            raise self._wrong(path, f"temperature {hot.tolist()}", "two numbers from 0 on")
        try:
            found = snapshot_format.unpack(self.read(path), iteration).blocks
        except (KeyError, ValueError, IndexError) as error:
            raise self._wrong(path, f"{error}", "weights and what moves them, as SynRL stores them") from error
        if found != blocks:
            raise self._wrong(path, f"blocks {', '.join(block.name for block in found)[:200]}", "those of its settings")

    def _arrays(self, path: str) -> dict[str, NDArray[Any]]:
        """Read an npz within bounds; an array of objects is refused."""
        data = self.read(path)
        inner = Source(io.BytesIO(data), path, len(data))
        try:
            with opened_archive(inner, self._limits) as (_, members):
                names = [member.info.filename for member in members]
        except DatasetError as error:
            raise self._wrong(path, f"{error.place}: {error.found}", error.expected) from error
        try:
            arrays = from_npz(data)
        except (*DAMAGE, KeyError, TypeError, MemoryError) as error:
            raise self._wrong(path, "something that can't be read", "plain arrays of numbers (npz)") from error
        if sorted(names) != sorted(f"{name}.npy" for name in arrays):
            raise self._wrong(path, "something else than arrays in it", "plain arrays of numbers (npz)")
        return arrays

    def _check_arrays(
        self, path: str, arrays: dict[str, NDArray[Any]], expected: Mapping[str, tuple[Any, tuple[int, ...]]]
    ) -> None:
        if arrays.keys() != expected.keys():
            raise self._wrong(path, f"arrays {', '.join(sorted(arrays))[:200]}", ", ".join(sorted(expected)))
        for name, (dtype, shape) in expected.items():
            array = arrays[name]
            if array.dtype != dtype or array.shape != shape:
                raise self._wrong(path, f"{name} {array.dtype} {array.shape}", f"{np.dtype(dtype)} {shape}")

    def _json(self, path: str) -> Any:
        if self._infos[path].file_size > _MOST_JSON_BYTES:
            raise self._wrong(path, f"{self._infos[path].file_size:,} bytes", f"at most {_MOST_JSON_BYTES:,}")
        try:
            read = json.loads(self.read(path))
        except (ValueError, RecursionError) as error:
            raise self._wrong(path, json_fault(error), "JSON") from error
        if unpaired_surrogate(read) is not None:
            raise self._wrong(path, "a text with half a character (an unpaired surrogate)", "JSON of whole characters")
        return read

    def _validated(self, path: str, model: type[Model], read: Any) -> Model:
        try:
            return model.model_validate(read)
        except ValidationError as error:
            first = field_errors.describe(error.errors()[0], model)
            raise self._wrong(
                path, field_errors.in_words(first)[:300], f"what bundles of version {VERSION} have"
            ) from error

    def _wrong(self, place: str, found: str, expected: str) -> BundleError:
        message = f"{self._source.name}, {place}: {found}. Expected {expected}. Nothing was imported."
        return BundleError(message, errors=[{"field": "files", "message": message}])


def _behaviour(
    arrays: Columns, weights: Mapping[str, tuple[Any, tuple[int, ...]]], replicates: int
) -> dict[str, tuple[Any, tuple[int, ...]]]:
    """Return which arrays hold the policy state (`synrl_core.measuring.events.Behaviour`)."""
    policy = arrays["policy"].shape if "policy" in arrays else ()
    cells = policy[1:] if set(policy[1:]) == {CODES} and len(policy) in (4, 6, 8) else (CODES,) * 5
    tables = (replicates if policy[:1] == (replicates,) else 1, *cells)
    optional: dict[str, tuple[Any, tuple[int, ...]]] = {
        "bias_policy": (np.float64, tables),
        "temperature": (np.float64, (2,)),
    }
    return {
        **{f"histories_{layer}": (np.uint8, shape) for layer, (_, shape) in enumerate(weights.values())},
        "policy": (np.float64, tables),
        **{name: described for name, described in optional.items() if name in arrays},
        "visits": (np.int64, (replicates, *cells)),
        "rewards": (np.int64, (replicates,)),
        "exploration": (np.float64, (2,)),
        "step_size": (np.float64, (1,)),
    }


def _layers(run: BundledRun) -> int:
    """Return the number of layers of synapses of a run's network, whatever the data."""
    return len(make_network(run.config, 1, 1).layers)


def _outputs(run: BundledRun, arrays: Columns) -> int:
    """Return the number of outputs of a snapshot's network; 0 when its last layer is missing or no matrix."""
    last = arrays.get(f"weights_{_layers(run) - 1}")
    return last.shape[-1] if last is not None and last.ndim == 3 else 0


def _is_float32(array: NDArray[Any] | None) -> bool:
    return array is not None and array.dtype == np.float32


def _hash(file: BinaryIO) -> str:
    digest = sha256()
    file.seek(0)
    for block in _blocks(file):
        digest.update(block)
    return digest.hexdigest()


def _blocks(file: BinaryIO) -> Iterable[bytes]:
    return iter(lambda: file.read(_BLOCK), b"")
