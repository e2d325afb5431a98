"""Settings from the environment: SYNRL_* variables, one class."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal

import platformdirs
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


def _available_cores() -> int:
    """Cores this process may use: in a container that is fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Settings(BaseSettings):
    """How this server runs. Each field is the environment variable SYNRL_<FIELD>."""

    model_config = SettingsConfigDict(env_prefix="SYNRL_", extra="ignore", frozen=True)

    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: Annotated[int, Field(ge=0, le=65535)] = Field(default=8050, description="Port to listen on; 0: any free one.")
    data_dir: Path = Field(
        default_factory=lambda: platformdirs.user_data_path("synrl", appauthor=False),
        description="Folder of the database, its copies, and the weights of all runs.",
    )
    database_url: str | None = Field(
        default=None, description="SQLAlchemy URL of the database. Default: synrl.db, SQLite, in the data folder."
    )
    artifacts_url: str | None = Field(
        default=None, description="fsspec URL of the weights' place. Default: the folder artifacts in the data folder."
    )
    workers: Annotated[int, Field(ge=1, le=256)] = Field(
        default_factory=_available_cores, description="Worker processes: as many runs train at once."
    )
    threads_per_worker: Annotated[int, Field(ge=1, le=256)] = Field(
        default=1, description="BLAS threads of a worker. One, so that workers do not fight over cores."
    )
    max_running_per_owner: Annotated[int, Field(ge=1, le=256)] | None = Field(
        default=None, description="Runs of one owner that train at once. Default: as many as there are workers."
    )
    turn_seconds: Annotated[float, Field(ge=1, le=86_400)] = Field(
        default=60, description="How long a run trains before it makes room for a waiting run of another owner."
    )
    checkpoint_seconds: Annotated[float, Field(ge=0.1, le=3600)] = Field(
        default=5, description="Seconds of work between two checkpoints: what a killed worker loses at most."
    )
    max_sweep_runs: Annotated[int, Field(ge=1, le=10_000)] = Field(default=500, description="Runs of one sweep.")
    trash_minutes: Annotated[float, Field(ge=0, le=525_600)] = Field(
        default=30, description="How long a deleted run can be restored."
    )
    max_upload_bytes: Annotated[int, Field(ge=1)] = Field(
        default=2**30, description="Largest upload of data; more is refused while it comes in."
    )
    backlog_bytes: Annotated[int, Field(ge=0)] = Field(
        default=2**30,
        description="Room on the disk for what is measured while the database can't be written; beyond it, runs wait.",
    )
    log_level: str = Field(default="warning", pattern="^(debug|info|warning|error|critical)$")
    log_format: Literal["text", "json"] = Field(
        default="text", description="Lines for people, or with json an object a line, with the id of the run."
    )

    @property
    def runs_per_owner(self) -> int:
        """How many runs of one owner may train at once."""
        return self.max_running_per_owner or self.workers

    @property
    def resolved_database_url(self) -> str:
        """URL of the database in use."""
        return self.database_url or f"sqlite:///{self.data_dir / 'synrl.db'}"

    @property
    def resolved_artifacts_url(self) -> str:
        """URL of the place of the weights in use."""
        return self.artifacts_url or (self.data_dir / "artifacts").absolute().as_uri()
