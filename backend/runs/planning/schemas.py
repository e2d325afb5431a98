"""Schemas of planning: cost estimates before a start."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field, computed_field

from backend.kit.fields import Body
from synrl_core.config import Architecture


class PlanRequest(Body):
    """Settings as for POST /runs or POST /sweeps; invalid ones are reported, not refused."""

    config: dict[str, Any] = Field(default_factory=dict, description="Left-out settings take their defaults.")
    grid: dict[str, list[Any]] = Field(
        default_factory=dict, description="Settings of which several values are tried: each with each."
    )


class PlanProblem(BaseModel):
    """Problem of a setting, in the words of a refusal by POST /runs."""

    field: str = Field(description="The setting, as in `step_size` or `dataset_parameters.noise`; empty: the whole.")
    message: str
    value: Any = None


class PlanEstimate(BaseModel):
    """Cost estimate of the runs."""

    seconds: float = Field(description="Training time of the longest run.")
    total_seconds: float = Field(description="Until all runs are done, with as many at once as there are workers.")
    basis: Literal["runs_like_this", "runs_of_this_server", "model"] = Field(
        description="Measured on finished runs of the same size; a model corrected by what runs took on this server; "
        "or that model as it was measured elsewhere."
    )
    basis_runs: int = Field(description="How many finished runs that rests on.")
    memory_bytes: int = Field(description="Peak memory of the largest run.")
    memory_available: int = Field(description="Memory of the machine.")
    forward_passes: int = Field(description="Batch losses computed, all runs together.")
    workers: int = Field(description="Runs that train at once.")
    waiting: int = Field(description="Runs that are queued before these.")


class PlanNetwork(BaseModel):
    """A network that the runs would train."""

    sizes: list[int] = Field(description="Units of each layer, from the inputs to the outputs.")
    synapses: int = Field(description="Weights and biases: that many agents act.")
    samples: int = Field(description="Samples that train.")
    validation_samples: int = Field(description="Samples held back.")
    steps: int = Field(default=1, description="Steps in which a sample is read; 1: at once.")
    is_recurrent: bool = Field(default=False, description="Whether hidden units have weights from their own layer.")
    architecture: Architecture = "feedforward"


class Plan(BaseModel):
    """Estimate of a start: number of runs, problems, costs and networks."""

    runs: int = Field(description="How many runs; those that differ only in settings without meaning count once.")
    problems: list[PlanProblem]
    configs: list[dict[str, Any]] | None = Field(
        description="The configurations, where some of the grid's combinations are the same run; else null."
    )
    estimate: PlanEstimate | None = Field(description="Null while there are problems.")
    networks: list[PlanNetwork] = Field(
        description="The networks that differ, in the order of the runs, at most 6; none while there are problems."
    )

    @computed_field(description="The first of `networks`, for programs that know this field; null if there is none.")  # type: ignore[prop-decorator]
    @property
    def network(self) -> PlanNetwork | None:
        """The first network, None if there is none."""
        return self.networks[0] if self.networks else None
