"""Schemas of a bundle: runs with their measurements, snapshots and checkpoints."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    StringConstraints,
    field_validator,
    model_serializer,
)

from backend.kit.status import RunStatus
from synrl_core.config import TrainingConfig
from synrl_core.policies import files

FORMAT: Literal["synrl-bundle"] = "synrl-bundle"
VERSION = 1
#: Runs in one bundle.
MOST_RUNS = 200

Id = Annotated[str, StringConstraints(pattern=r"^[0-9a-zA-Z_-]{1,32}$")]
Hash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=0, le=2**62)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class BundledFile(_Strict):
    """Manifest entry of a file: path, size and hash."""

    bytes: Count
    sha256: Hash


class BundledDataset(_Strict):
    """Reference to a run's data set by content hash; the data are not in the bundle."""

    id: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    name: Annotated[str, StringConstraints(max_length=200)]
    built_in: bool
    content_hash: Hash | None = Field(description="SHA-256 of the data as the worker saw them; null if none trained.")


class Manifest(_Strict):
    """manifest.json: the list of all other files of a bundle, with sizes and hashes."""

    format: Literal["synrl-bundle"]
    version: Annotated[int, Field(ge=1)]
    synrl: Annotated[str, StringConstraints(max_length=40)] = Field(description="Version of SynRL that wrote it.")
    created_at: datetime
    runs: Annotated[list[Id], Field(min_length=1, max_length=MOST_RUNS)]
    datasets: Annotated[list[BundledDataset], Field(max_length=MOST_RUNS)]
    files: Annotated[dict[str, BundledFile], Field(max_length=200_000)]


class BundledRun(_Strict):
    """run.json: the stored fields of a run."""

    id: Id
    name: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    owner: Annotated[str, StringConstraints(max_length=100)]
    status: RunStatus
    tags: Annotated[list[Annotated[str, StringConstraints(max_length=100)]], Field(max_length=100)]
    notes: Annotated[str, StringConstraints(max_length=100_000)]
    config: TrainingConfig
    dataset_name: Annotated[str, StringConstraints(max_length=200)]
    sample_shape: Annotated[list[Annotated[int, Field(ge=1, le=10**8)]], Field(min_length=1, max_length=3)]
    iteration: Count
    iterations: Count
    iterations_per_second: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None
    forward_passes: Count
    training_seconds: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    train_accuracy: Share | None
    validation_accuracy: Share | None
    best_validation_accuracy: Share | None
    best_iteration: Count | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    error: Annotated[str, StringConstraints(max_length=100_000)] | None
    dataset_hash: Hash | None
    provenance: dict[str, Any] | None
    policies: Annotated[dict[str, str], Field(max_length=2)] = Field(
        default_factory=dict, description="JSON of the policies that its configuration names and that don't ship."
    )

    @model_serializer(mode="wrap")
    def _without_empty_policies(self, serialise: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leave out empty policies, so that an older SynRL reads the bundle."""
        told: dict[str, Any] = serialise(self)
        return told if self.policies else {name: value for name, value in told.items() if name != "policies"}

    @field_validator("policies")
    @classmethod
    def _are_policies(cls, told: dict[str, str]) -> dict[str, str]:
        for text in told.values():
            files.from_json(text)
        return told


class ImportedRun(BaseModel):
    """An imported run."""

    id: str
    original_id: str = Field(description="Its id in the bundle; another if a run here has it already.")
    name: str


class BundleImported(BaseModel):
    """The result of an import."""

    runs: list[ImportedRun]
    missing_datasets: list[BundledDataset] = Field(
        description="Data that are not on this server: their runs can be looked at, not repeated."
    )
